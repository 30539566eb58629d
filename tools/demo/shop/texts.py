"""Titles and descriptions of the demo shop, made from a look."""

from __future__ import annotations

from random import Random

from tools.demo.drawing import Look
from tools.demo.shop.kind_facts import KindFacts

_PRINTS: dict[str, tuple[str, ...]] = {
    "leopard": ("Leopard Print", "Leopard", "Leopard-Spotted"),
    "zebra": ("Zebra Print", "Zebra", "Zebra-Striped"),
    "tiger": ("Tiger Print", "Tiger", "Tiger-Striped"),
    "giraffe": ("Giraffe Print", "Giraffe"),
    "cow": ("Cow Print", "Cow-Spotted"),
    "polka dots": ("Polka Dot", "Polka-Dotted"),
    "stripes": ("Striped",),
    "floral": ("Floral", "Flower Print"),
    "leaves": ("Leaf Print", "Botanical"),
    "camouflage": ("Camouflage", "Camo"),
    "marble": ("Marble", "Marble-Look"),
    "wood grain": ("Wood Grain", "Wood-Look"),
    "plaid": ("Plaid", "Tartan"),
    "checkerboard": ("Checkerboard", "Checkered"),
    "chevron": ("Chevron", "Zigzag"),
    "waves": ("Wave Print", "Wavy"),
    "stars": ("Star Print", "Starry"),
    "hearts": ("Heart Print", "Heart"),
}
"""What a title calls each pattern."""

_PHRASES: dict[str, tuple[str, ...]] = {
    "plain": ("in plain {color}", "in one even {color}", "in solid {color} with {accent} details"),
    "leopard": ("with a leopard print of dark rosettes on {color}",
                "spotted like a leopard in {color} and {accent}"),
    "zebra": ("with zebra stripes in {color} and {accent}",
              "striped like a zebra, {accent} on {color}"),
    "tiger": ("with bold tiger stripes in {accent} on {color}",
              "in a tiger print of {color} and {accent}"),
    "giraffe": ("with the patches of a giraffe in {accent} on {color}",
                "in a giraffe print of {color} and {accent}"),
    "cow": ("with large cow spots in {accent} on {color}",
            "in a cow print of {color} and {accent}"),
    "polka dots": ("with {accent} polka dots on {color}", "dotted all over in {accent} on {color}"),
    "stripes": ("with even stripes of {color} and {accent}", "striped in {color} and {accent}"),
    "floral": ("with {accent} flowers on {color}",
               "in a floral print of {accent} blossoms on {color}"),
    "leaves": ("with {accent} leaves on {color}",
               "in a botanical print of {accent} sprigs on {color}"),
    "camouflage": ("in camouflage of {color} and {accent}",
                   "with a camo pattern around {color} and {accent}"),
    "marble": ("with fine {accent} veins like {color} marble",
               "in a marble look of {color} and {accent}"),
    "wood grain": ("with the grain of {color} wood",
                   "in a wood look with {accent} grain on {color}"),
    "plaid": ("in a {color} and {accent} plaid", "with a tartan check of {color} and {accent}"),
    "checkerboard": ("checkered in {color} and {accent}",
                     "with a checkerboard of {color} and {accent}"),
    "chevron": ("with a zigzag of {color} and {accent}", "in a {color} and {accent} chevron"),
    "waves": ("with {accent} waves on {color}", "in a wavy pattern of {color} and {accent}"),
    "stars": ("with {accent} stars on {color}", "strewn with {accent} stars on {color}"),
    "hearts": ("with {accent} hearts on {color}", "covered in {accent} hearts on {color}"),
}  # fmt: skip

_OPENINGS: tuple[str, ...] = (
    "{A} {style} {kind} made of {material}, {phrase}.",
    "{A} {material} {kind} {phrase}.",
    "This {kind} is made of {material} and comes {phrase}.",
    "{A} {style} {kind} in {material}, {phrase}.",
)
_PLURAL_OPENINGS: tuple[str, ...] = (
    "{Style} {kind} made of {material}, {phrase}.",
    "{Material} {kind} {phrase}.",
    "These {kind} are made of {material} and come {phrase}.",
    "{Style} {kind} in {material}, {phrase}.",
)
PLURALS = ("socks", "headphones")
"""Kinds whose word is a plural already."""

_TITLES: tuple[str, ...] = (
    "{print} {kind}",
    "{style} {print} {kind}",
    "{color} {print} {kind}",
    "{color} {print} {material} {kind}",
    "{style} {color} {print} {kind}",
    "{print} {material} {kind} in {color}",
    "{style} {print} {kind} in {color}",
)
_USUAL: dict[str, str] = {
    "leopard": "tan", "zebra": "white", "tiger": "orange", "giraffe": "beige", "cow": "white",
    "camouflage": "olive", "wood grain": "tan",
}  # fmt: skip


def _capital(words: str) -> str:
    return " ".join("-".join(bit.capitalize() for bit in word.split("-")) for word in words.split())


def title(look: Look, facts: KindFacts, rng: Random) -> str:
    """A shop's title. It names the color unless the pattern comes in its usual one."""
    usual = _USUAL.get(look.pattern) == look.color
    template = rng.choice(_TITLES if usual else _TITLES[2:])
    words = template.format(
        print=rng.choice(_PRINTS[look.pattern]) if look.pattern in _PRINTS else "",
        kind="T-Shirt" if look.kind == "t-shirt" else _capital(look.kind),
        style=rng.choice(facts.styles),
        color=_capital(look.color),
        material=_capital(look.material),
    )
    return " ".join(words.split())


def description(look: Look, facts: KindFacts, rng: Random) -> str:
    """Two sentences: material, pattern and colors first, then what it is for."""
    style = rng.choice(facts.styles)
    spoken = style if style == "A5" else style.lower()
    plural = look.kind in PLURALS
    template = rng.choice(_PLURAL_OPENINGS if plural else _OPENINGS)
    first = spoken if "{style}" in template else look.material
    kind = "T-shirt" if look.kind == "t-shirt" else look.kind
    opening = template.format(
        A="An" if first[0] in "aeiouA" else "A",
        style=spoken,
        Style=style.capitalize() if style != "A5" else style,
        kind=kind,
        material=look.material,
        Material=look.material.capitalize(),
        phrase=rng.choice(_PHRASES[look.pattern]).format(color=look.color, accent=look.accent),
    )
    return f"{opening} {rng.choice(facts.uses)}"
