"""What a shopper's word for a color means among the colors that a catalogue names.

"grey" meets "Heather Grey", "dark blue" meets "Navy", "multicoloured" meets "Multi". A shade
stands in for its color ("burgundy" for "red") only where the catalogue has no nearer name. Not
covered: colors that no table here knows; they are left as they are said.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

_SAME = (
    "navy, navy blue, dark blue, midnight blue, midnight",
    "light blue, sky blue, baby blue, pale blue, powder blue",
    "royal blue, cobalt, cobalt blue, bright blue",
    "turquoise, aqua, cyan, aquamarine",
    "teal, petrol, blue green",
    "dark grey, charcoal, graphite, anthracite, slate",
    "light grey, silver grey, ash grey, pale grey",
    "dark green, forest green, bottle green, hunter green",
    "light green, mint, mint green, pale green",
    "olive, olive green, khaki green, army green",
    "dark red, burgundy, maroon, wine, wine red, bordeaux, oxblood",
    "off white, ivory, cream, ecru, eggshell",
    "light pink, baby pink, pale pink, blush",
    "bright pink, hot pink, neon pink, fuchsia, magenta",
    "light purple, lilac, lavender",
    "dark purple, plum, aubergine, eggplant",
    "light brown, tan, camel",
    "dark brown, chocolate, chocolate brown",
    "gold, golden",
    "silver, silvery",
    "multi, multicolor, multicolored, multi color, multi colored, colorful, rainbow, assorted, "
    "mixed colors",
    "transparent, clear, see through",
)
_SHADES = {
    "blue": "navy midnight cobalt indigo azure sky denim sapphire cerulean royal",
    "grey": "charcoal graphite slate anthracite heather ash gunmetal steel",
    "red": "burgundy maroon crimson scarlet wine ruby cherry bordeaux oxblood brick",
    "green": "olive khaki forest sage emerald lime mint moss hunter jade pistachio",
    "brown": "tan chocolate coffee camel cognac chestnut walnut mocha caramel hazel",
    "beige": "sand cream ecru oatmeal taupe nude stone linen champagne tan",
    "white": "ivory cream off-white snow pearl eggshell ecru",
    "pink": "rose blush fuchsia magenta salmon coral",
    "purple": "violet lavender lilac plum mauve aubergine",
    "yellow": "mustard lemon ochre saffron amber",
    "orange": "rust terracotta peach apricot tangerine coral",
    "black": "jet onyx ebony",
    "turquoise": "teal aqua cyan",
}
_CALLED_AFTER = {
    "grey": "smoke pewter",
    "red": "tomato chili cranberry",
    "green": "eucalyptus pine fern",
    "brown": "tobacco whisky espresso",
    "orange": "amber pumpkin",
}
"""Shades that shops call after things. Whoever says "espresso" hardly means a brown."""
_TONES = (
    "dark light bright pale deep matte matt metallic hot neon pastel soft heather shiny glossy "
    "dusty warm cool vivid baby royal sky forest rich"
)
TONES = frozenset(_TONES.split())
"""Words before a color that may be let go of."""
_SPELLINGS = {
    "gray": "grey", "colour": "color", "colours": "colors", "coloured": "colored",
    "multicolour": "multicolor", "multicoloured": "multicolored", "colourful": "colorful",
    "golden": "gold",
}  # fmt: skip
_ALIKE: dict[str, tuple[str, ...]] = {
    name: tuple(group.split(", ")) for group in _SAME for name in group.split(", ")
}
BASE = frozenset(_SHADES)
"""Colors that shades are shades of."""


@lru_cache(maxsize=4096)
def plain_color(name: str) -> str:
    """A color for comparison: case, hyphens and the two spellings of grey do not matter."""
    words = re.findall(r"[^\W_]+", name.casefold())
    return " ".join(_SPELLINGS.get(word, word) for word in words)


def colors_meant(said: str, known: Iterable[str]) -> tuple[str, ...]:
    """The catalogue's names that a shopper's color stands for, the nearest way that finds any.

    The name itself and longer names that hold it; else names for the very same; else its shades;
    else its color without the tone ("bright red"). () when there is none.
    """
    names = {name: plain_color(name) for name in known}
    wanted = plain_color(said)
    for ways in (
        (wanted,),
        _ALIKE.get(wanted, ()),
        tuple(_SHADES.get(wanted, "").split()),
    ):
        found = _holding(ways, names)
        if found:
            return found
    tone, _, rest = wanted.partition(" ")
    return colors_meant(rest, names) if rest and tone in TONES else ()


def shades_besides(colors: Iterable[str], known: Iterable[str]) -> tuple[str, ...]:
    """The catalogue's names for shades of the colors that are named among these: "cherry" beside
    "red", "tomato red"."""
    asked = list(colors)
    words = {word for name in asked for word in plain_color(name).split()}
    shades = [
        shade
        for base in sorted(BASE & words)
        for shade in f"{_SHADES[base]} {_CALLED_AFTER.get(base, '')}".split()
    ]
    found = _holding(shades, {name: plain_color(name) for name in known})
    return tuple(name for name in found if name not in asked)


def same_color(said: str) -> tuple[str, ...]:
    """A color and the names for the very same, in their plain form."""
    plain = plain_color(said)
    return tuple(dict.fromkeys((plain, *map(plain_color, _ALIKE.get(plain, ())))))


def sayable() -> tuple[str, ...]:
    """Everything that this table knows a shopper to say, in its plain form."""
    shades = [word for group in _SHADES.values() for word in group.split()]
    return tuple(dict.fromkeys((*_SHADES, *_ALIKE, *map(plain_color, shades))))


def _holding(ways: Iterable[str], names: dict[str, str]) -> tuple[str, ...]:
    """Names that are one of these, then names that hold one as whole words."""
    wanted = [way for way in map(plain_color, ways) if way]
    exact = [name for name, plain in names.items() if plain in wanted]
    longer = [
        name
        for name, plain in names.items()
        if name not in exact and any(f" {way} " in f" {plain} " for way in wanted)
    ]
    return (*exact, *longer)
