"""What shops and shoppers say about a look: titles, texts and requests, from templates."""

from __future__ import annotations

from random import Random

from tools.demo.attribute_words import COLOR_WORDS, KIND_WORDS, PATTERN_WORDS
from tools.demo.drawing import Look

_REQUESTS = (
    "{c} {p} {k}", "a {c} {p} {k}", "{p} {k}", "{k} in {c}", "{k} with {p}", "i want a {c} {k}",
    "looking for a {p} {k} in {c}", "{c} {k}", "{p} {k} in {c}", "show me {k} {p} {c}",
    "{m} {k} {p}", "a {k}, {c}, {p}",
)  # fmt: skip
_TITLES = (
    "{P} {K}", "{C} {P} {K}", "{P} {M} {K}", "{C} {P} {M} {K}", "{M} {K}, {C} {P}",
    "Classic {P} {K} in {C}", "Slim {C} {K} with {P}", "{K} {P} {C}",
)  # fmt: skip
_PATTERN_REQUESTS = (
    "a {k} with this", "a {k} with this pattern", "{k} like this", "{k} with this print",
    "{k} in this pattern", "{k}", "this on a {k}", "a {k} that looks like this",
)  # fmt: skip
_RECOLOR_REQUESTS = (
    "same but in {c}", "in {c}", "this in {c}", "the same in {c} please", "{c}", "but {c}",
    "do you have this in {c}", "like this but {c}", "show me this in {c}", "same one but {c}",
    "is this available in {c}", "{c} instead", "can i get this in {c}", "make it {c}",
    "the {c} one", "i want it in {c} instead", "{c} version", "i like it but in {c}",
    "other color: {c}", "change it to {c}", "one in {c}?", "this {k} in {c}",
    "the same {k} but {c}", "show this {k} in {c} instead", "{k} in {c}", "a {c} one of these",
)  # fmt: skip
_LIKE_REQUESTS = ("", "", "", "like this", "this", "something like this", "more like this")


def request(look: Look, rng: Random) -> str:
    """What a shopper types who wants this look."""
    return _clean(rng.choice(_REQUESTS), look, rng)


def title(look: Look, rng: Random) -> str:
    """What a shop calls it."""
    return _clean(rng.choice(_TITLES), look, rng)


def text(look: Look, rng: Random) -> str:
    """Title, category, color and a description, as the catalogue's text is put together."""
    more = _clean("{M} {k} with a {p} look in {c}", look, rng)
    return f"{title(look, rng)}\n{look.kind}s\n{look.color}\n{more}"


def pattern_request(kind: str, rng: Random) -> str:
    """Words that lean on a picture of the pattern: "a mug with this"."""
    return rng.choice(_PATTERN_REQUESTS).format(k=_word(KIND_WORDS, kind, rng))


def recolor_request(color: str, rng: Random, kind: str = "") -> str:
    """Words that lean on a picture of the product: "same but in blue"."""
    words = {"c": _word(COLOR_WORDS, color, rng), "k": _word(KIND_WORDS, kind or "one", rng)}
    return rng.choice(_RECOLOR_REQUESTS).format(**words)


LABEL_WORDS: dict[str, tuple[str, ...]] = {
    "longsleeve": ("long sleeve shirt", "longsleeve", "long sleeved top"),
    "outwear": ("jacket", "coat", "outerwear"),
    "undershirt": ("undershirt", "tank top", "vest"),
    "body": ("baby bodysuit", "bodysuit", "romper"),
    "t-shirt": ("t-shirt", "tee", "tshirt"),
    "pants": ("pants", "trousers", "jeans"),
    "shoes": ("shoes", "a pair of shoes", "sneakers"),
    "hoodie": ("hoodie", "hooded sweatshirt", "sweatshirt"),
    "blazer": ("blazer", "suit jacket"),
    "hat": ("hat", "cap", "beanie"),
}
"""What people call what the photos show, where the label is not what they would say."""


def label_request(label: str, rng: Random) -> str:
    """What a shopper types who wants a thing of this label."""
    frame = rng.choice(("{}", "{}", "a {}", "i am looking for {}", "show me {}", "some {}"))
    return frame.format(_word(LABEL_WORDS, label, rng))


def like_request(rng: Random) -> str:
    """Words beside a picture of the product itself; often none."""
    return rng.choice(_LIKE_REQUESTS)


def _clean(template: str, look: Look, rng: Random) -> str:
    words = {
        "k": _word(KIND_WORDS, look.kind, rng),
        "p": rng.choice(PATTERN_WORDS[look.pattern]),
        "c": _word(COLOR_WORDS, look.color, rng),
        "m": look.material,
    }
    words |= {key.upper(): value.title() for key, value in words.items()}
    return " ".join(template.format(**words).split())


def _word(words: dict[str, tuple[str, ...]], name: str, rng: Random) -> str:
    return rng.choice(words.get(name, (name,)))
