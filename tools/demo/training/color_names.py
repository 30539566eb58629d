"""Colors as shops name them beside the drawn shop's own: finishes, shades, metals.

The same picture in two tones is what "the same in blue" is learnt from, on things that nobody
drew for it: photos and made-up objects.
"""

from __future__ import annotations

from random import Random

import torch
from torch import Tensor

from tools.demo.drawing.palette import COLORS

RGB = tuple[int, int, int]

TONES: dict[str, RGB] = COLORS | {
    "matte black": (44, 44, 46),
    "jet black": (16, 16, 18),
    "charcoal": (62, 64, 70),
    "graphite": (78, 80, 86),
    "gunmetal": (88, 94, 102),
    "dark gray": (84, 86, 90),
    "light gray": (190, 192, 196),
    "silver": (192, 196, 202),
    "stainless steel": (172, 176, 180),
    "chrome": (206, 210, 216),
    "titanium": (150, 148, 144),
    "off white": (236, 232, 222),
    "cream": (240, 230, 204),
    "ivory": (246, 240, 222),
    "sand": (214, 192, 154),
    "khaki": (166, 152, 108),
    "gold": (206, 168, 88),
    "rose gold": (222, 170, 154),
    "copper": (184, 112, 72),
    "bronze": (140, 104, 64),
    "dark blue": (28, 44, 96),
    "light blue": (152, 192, 228),
    "sky blue": (126, 186, 232),
    "royal blue": (42, 72, 184),
    "turquoise": (58, 190, 186),
    "aqua": (108, 208, 214),
    "mint": (166, 220, 194),
    "dark green": (28, 78, 50),
    "light green": (158, 206, 130),
    "lime": (170, 212, 60),
    "forest green": (36, 92, 56),
    "burgundy": (110, 24, 44),
    "maroon": (104, 32, 36),
    "dark red": (136, 24, 30),
    "coral": (242, 124, 104),
    "peach": (248, 196, 160),
    "mustard": (206, 160, 44),
    "rust": (168, 80, 40),
    "chocolate": (78, 48, 34),
    "lavender": (186, 168, 220),
    "lilac": (200, 164, 210),
    "violet": (112, 62, 176),
    "magenta": (196, 44, 132),
    "hot pink": (236, 78, 150),
    "light pink": (248, 200, 212),
}

SPELLINGS: dict[str, tuple[str, ...]] = {
    "gray": ("gray", "grey"),
    "dark gray": ("dark gray", "dark grey", "anthracite"),
    "light gray": ("light gray", "light grey"),
    "stainless steel": ("stainless steel", "steel", "brushed steel"),
    "navy": ("navy", "navy blue"),
    "turquoise": ("turquoise", "turquoise blue"),
    "matte black": ("matte black", "matt black"),
    "off white": ("off white", "off-white"),
    "mint": ("mint", "mint green"),
    "tan": ("tan", "camel", "light brown"),
    "burgundy": ("burgundy", "wine red"),
    "olive": ("olive", "olive green"),
}


def spelled(tone: str, rng: Random) -> str:
    """One of the ways in which shops write the tone; "a|b" is two tones, a thing of both."""
    return " and ".join(rng.choice(SPELLINGS.get(part, (part,))) for part in tone.split("|", 1))


def pick_tones(count: int, rng: Random, *, two: bool = False) -> list[str]:
    """`count` tones that can be told apart, some of them two-colored where `two` is set."""
    picked: list[str] = []
    names = list(TONES)
    while len(picked) < count:
        tone = rng.choice(names)
        if two and rng.random() < 0.2:
            tone = f"{tone}|{rng.choice(names)}"
        if all(_apart(tone, other) for other in picked):
            picked.append(tone)
    return picked


def _apart(tone: str, other: str) -> bool:
    first, second = (TONES[name.split("|")[0]] for name in (tone, other))
    return sum((a - b) ** 2 for a, b in zip(first, second, strict=True)) > 45**2


def recolor(pixels: Tensor, masks: Tensor, tones: list[str]) -> Tensor:
    """The pictures with their fronts in these tones; (n, side, side, 3) uint8, as `pixels`.

    `masks` (n, side, side, 2) uint8. Light and shadow of a front stay: its brightness, relative
    to its mean, is laid over the tone. A tone of one color covers both parts.
    """
    x = pixels.float() / 255
    body, second = masks.float().div(255).chunk(2, dim=-1)  # (n, side, side, 1)
    light = x @ torch.tensor([0.299, 0.587, 0.114])  # (n, side, side)
    light = light.unsqueeze(-1)
    for part, place in ((body, 0), (second, 1)):
        weight = part.sum((1, 2), keepdim=True).clamp(min=1.0)
        mean = (light * part).sum((1, 2), keepdim=True) / weight
        shade = (light / mean.clamp(min=0.04)).clamp(0.3, 2.2).pow(0.75)
        rgb = torch.tensor([TONES[(tone.split("|") * 2)[place]] for tone in tones])
        flat = rgb.view(-1, 1, 1, 3) / 255
        shine = 0.12 * (shade - 1.25).clamp(min=0)  # dark things shine where light falls
        x = torch.lerp(x, (flat * shade + shine).clamp(0, 1), part)
    return x.mul(255).round().to(torch.uint8)
