"""How shoppers ask for a drawn product, in sentences that no training sees.

Other templates than those that the built-in models learn from: measured is whether a model
understands a request, not whether it remembers a sentence.
"""

from __future__ import annotations

from random import Random

from tools.demo.drawing import Look

_PATTERNS = {
    "plain": "plain", "leopard": "leopard print", "zebra": "zebra print", "tiger": "tiger print",
    "giraffe": "giraffe print", "cow": "cow print", "polka dots": "polka dot",
    "stripes": "striped", "floral": "floral", "leaves": "leaf print",
    "camouflage": "camouflage", "marble": "marble", "wood grain": "wood grain",
    "plaid": "plaid", "checkerboard": "checkered", "chevron": "zigzag", "waves": "wavy",
    "stars": "star print", "hearts": "heart print",
}  # fmt: skip
"""What goes before the name of a thing."""

_PLURALS = ("socks", "headphones")

_WORDS = (
    "I'd like {a} {color} {kind}, {pattern}",
    "do you sell {a} {pattern} {kind} that is {color}?",
    "{a} {pattern} {kind} for my sister, in {color} please",
    "my next {kind} should be {color} and {pattern}",
    "{color} {kind}, must be {pattern}",
)
_WITH_THIS = (
    "have you got {a} {kind} with a design like this?",
    "{a} {kind} that has this on it",
    "I would love this as {a} {kind}",
    "find me {a} {kind} covered in this",
)
_RECOLORED = (
    "could I get it in {color}?",
    "exactly this one, only {color}",
    "I'd rather have it in {color}",
    "the {color} version of this, please",
)


def words_for(look: Look, rng: Random) -> str:
    """Words alone for kind, pattern and color."""
    return _filled(rng.choice(_WORDS), look.kind, _PATTERNS[look.pattern], look.color)


def with_this(kind: str, rng: Random) -> str:
    """Words that lean on a picture of a pattern."""
    return _filled(rng.choice(_WITH_THIS), kind)


def recolored(color: str, rng: Random) -> str:
    """Words that lean on a picture of the product in another color."""
    return rng.choice(_RECOLORED).format(color=color)


def _filled(template: str, kind: str, pattern: str = "", color: str = "") -> str:
    follows = template.partition("{a} ")[2].format(a="", kind=kind, pattern=pattern, color=color)
    article = "some" if kind in _PLURALS else "an" if follows[:1] in "aeiou" else "a"
    return template.format(a=article, kind=kind, pattern=pattern, color=color)
