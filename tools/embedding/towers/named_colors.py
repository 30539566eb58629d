"""Colors by name: the tones that words ask for, and the name of what a picture shows."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache

import torch
from torch import Tensor

from tools.embedding.towers.colors import SHARES, TONES, lab, shares_of

RGB = tuple[int, int, int]

BASIC: dict[str, RGB] = {
    "black": (24, 24, 26), "white": (246, 246, 244), "gray": (134, 136, 140),
    "red": (196, 32, 40), "orange": (238, 124, 34), "yellow": (248, 208, 50),
    "green": (52, 140, 66), "blue": (44, 98, 196), "navy": (26, 38, 84),
    "purple": (116, 62, 160), "pink": (240, 150, 182), "brown": (110, 70, 42),
    "beige": (222, 204, 172), "teal": (26, 134, 136), "olive": (110, 112, 60),
    "turquoise": (64, 196, 190),
}  # fmt: skip
"""What a photo's color is called; shades have their own tones when words ask for them."""

SHADES: dict[str, RGB] = {
    "matte black": (44, 44, 46), "jet black": (16, 16, 18), "charcoal": (62, 64, 70),
    "anthracite": (58, 60, 66), "graphite": (78, 80, 86), "gunmetal": (88, 94, 102),
    "dark gray": (84, 86, 90), "light gray": (190, 192, 196), "slate": (98, 106, 116),
    "silver": (192, 196, 202), "stainless steel": (172, 176, 180), "steel": (172, 176, 180),
    "chrome": (206, 210, 216), "titanium": (150, 148, 144), "aluminum": (190, 192, 196),
    "off white": (236, 232, 222), "cream": (240, 230, 204), "ivory": (246, 240, 222),
    "sand": (214, 192, 154), "khaki": (166, 152, 108), "tan": (206, 158, 100),
    "camel": (196, 150, 100), "taupe": (150, 134, 118), "gold": (206, 168, 88),
    "golden": (206, 168, 88), "rose gold": (222, 170, 154), "copper": (184, 112, 72),
    "bronze": (140, 104, 64), "dark blue": (28, 44, 96), "navy blue": (26, 38, 84),
    "light blue": (152, 192, 228), "sky blue": (126, 186, 232), "royal blue": (42, 72, 184),
    "cobalt": (30, 70, 170), "indigo": (62, 48, 130), "denim": (70, 100, 150),
    "aqua": (108, 208, 214), "cyan": (60, 200, 220), "mint": (166, 220, 194),
    "dark green": (28, 78, 50), "light green": (158, 206, 130), "lime": (170, 212, 60),
    "forest green": (36, 92, 56), "emerald": (30, 140, 96), "sage": (156, 172, 140),
    "olive green": (110, 112, 60), "burgundy": (110, 24, 44), "maroon": (104, 32, 36),
    "wine red": (110, 24, 44), "crimson": (176, 20, 50), "scarlet": (214, 36, 30),
    "dark red": (136, 24, 30), "coral": (242, 124, 104), "salmon": (246, 150, 128),
    "peach": (248, 196, 160), "mustard": (206, 160, 44), "rust": (168, 80, 40),
    "terracotta": (190, 100, 70), "chocolate": (78, 48, 34), "dark brown": (74, 46, 30),
    "light brown": (176, 132, 90), "lavender": (186, 168, 220), "lilac": (200, 164, 210),
    "violet": (112, 62, 176), "plum": (110, 50, 90), "magenta": (196, 44, 132),
    "fuchsia": (214, 50, 140), "hot pink": (236, 78, 150), "light pink": (248, 200, 212),
}  # fmt: skip
_FAMILIES = {
    "black": "matte black, jet black",
    "white": "off white, cream, ivory",
    "gray": "charcoal, anthracite, graphite, gunmetal, dark gray, light gray, slate, silver, "
    "stainless steel, steel, chrome, titanium, aluminum",
    "red": "burgundy, maroon, wine red, crimson, scarlet, dark red",
    "orange": "coral, salmon, peach, rust, terracotta, copper",
    "yellow": "gold, golden, mustard",
    "green": "olive, olive green, mint, dark green, light green, lime, forest green, emerald, sage",
    "blue": "navy, navy blue, dark blue, light blue, sky blue, royal blue, cobalt, indigo, denim",
    "turquoise": "teal, aqua, cyan",
    "purple": "lavender, lilac, violet, plum",
    "pink": "rose gold, magenta, fuchsia, hot pink, light pink",
    "brown": "tan, camel, taupe, bronze, chocolate, dark brown, light brown",
    "beige": "sand, khaki",
}
_FAMILY = {name: base for base, names in _FAMILIES.items() for name in (base, *names.split(", "))}
_SPELLINGS = {"grey": "gray", "matt": "matte", "golden": "gold"}
_NAMED = BASIC | SHADES
_LONGEST_FIRST = sorted(_NAMED, key=lambda name: (-len(name), name))
_PATTERN = re.compile(r"\b(" + "|".join(map(re.escape, _LONGEST_FIRST)) + r")\b")


def colors_named(text: str) -> list[str]:
    """Names of colors in these words, in their order: "grey and rose gold" has gray, rose gold."""
    words = re.sub(r"[^\w']+", " ", text.casefold())
    plain = " ".join(_SPELLINGS.get(word, word) for word in words.split())
    return list(dict.fromkeys(_PATTERN.findall(plain)))


def named_shares(text: str) -> Tensor:
    """(SHARES,) of a thing in the colors that these words name, zeros where they name none."""
    return _shares_of_names(tuple(colors_named(text)))


@cache
def _shares_of_names(names: tuple[str, ...]) -> Tensor:
    return shares_of([_NAMED[name] for name in names]) if names else torch.zeros(SHARES)


_BASIC_SHARES = torch.stack([shares_of([tone])[TONES:] for tone in BASIC.values()])


def color_name(shares: Tensor, at_least: float = 0.55) -> str:
    """What the thing in front is called: "gray", "white and blue"; "" where no name is near.

    `shares` (SHARES,) of one picture. A name's nearness is the Bhattacharyya coefficient of its
    tones and the picture's, from 0 to 1.
    """
    near = _BASIC_SHARES @ shares[TONES:]  # (names,)
    best, place = near.max(0)
    return list(BASIC)[int(place)] if float(best) >= at_least else ""


def color_meant(said: str, known: Iterable[str]) -> str:
    """The catalogue's color that is meant by one that was said: "red" for "burgundy".

    Of the names of the same family the nearest in CIE Lab; "" where there is none, or where what
    was said names no color that is known here.
    """
    wanted = colors_named(said)
    if not wanted:
        return ""
    apart = {
        name: float((_tone(names[0]) - _tone(wanted[0])).norm())
        for name in known
        if len(names := colors_named(name)) == 1 and _FAMILY[names[0]] == _FAMILY[wanted[0]]
    }
    return min(apart, key=lambda name: apart[name], default="")


def _tone(name: str) -> Tensor:
    return lab(torch.tensor(_NAMED[name]).float() / 255)
