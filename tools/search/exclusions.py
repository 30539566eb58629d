"""Whether a product has what a shopper does not want.

A color is the product's own and no word of its description. Anything else it has where a title, a
fact or a sentence says so without denying it: "nut-free", "Canvas, no leather" and "not wireless"
deny it. Not covered: what the shop does not write.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cache, lru_cache

from tools.catalogue.colors import BASE, colors_meant, plain_color, sayable
from tools.catalogue.facts import full_text
from tools.catalogue.variants import listed, option_key, option_values
from tools.index.stemming import search_terms
from tools.product import Product
from tools.text import singular

_OTHER_NAMES = {
    "nut": "peanut almond hazelnut walnut cashew pecan pistachio macadamia praline",
    "dairy": "milk cheese butter cream whey yoghurt yogurt lactose",
    "milk": "dairy whey lactose",
    "lactos": "milk dairy cream butter whey yoghurt yogurt cheese",
    "gluten": "wheat barley rye",
    "meat": "beef pork chicken ham turkey",
    "leather": "suede nubuck nappa cowhide",
    "wool": "merino cashmere lambswool mohair",
    "synthetic": "polyester nylon acrylic elastane polyamide",
    "metal": "steel aluminium aluminum iron brass",
    "plastic": "polypropylene acrylic pvc polycarbonate",
    "cable": "wired corded", "wire": "wired", "cord": "corded wired",
    "wireless": "bluetooth cordless",
    "sleeve": "sleeved",
    "dot": "dotted polka",
    "stripe": "striped",
    "flower": "floral flowery",
}  # fmt: skip
"""Kinds of a thing that say it in another word."""
_LACKING = {
    term: frozenset(search_terms(words).split())
    for term, words in {
        "caffein": "decaf decaffeinated",
        "gelatin": "vegan vegetarian",
        "meat": "vegan vegetarian",
        "milk": "vegan",
        "dairi": "vegan",
        "egg": "vegan",
        "sugar": "unsweetened",
        "cabl": "cordless wireless",
        "cord": "cordless wireless",
        "wire": "cordless wireless",
        "sleev": "sleeveless",
    }.items()
}
"""Stems of what is unwanted, and words that say that it is not there."""
_DENIED_BEFORE = re.compile(
    r"(?:\b(?:no|not|non|without|never|nor|zero|lacks?|contains? no|free (?:of|from)|(?:instead|"
    r"in place) of|rather than|"
    r"replac(?:es|ing)|"
    r"isn't|aren't|doesn't|don't|faux|vegan|imitation|artificial|synthetic|mock)\b|\b0 ?%)"
    r"(?:[\s-]+(?!but\b|only\b|just\b)[\w'%]+){0,3}[\s-]*(?:(?:,|\bor|\band)\s*)?$",
    re.IGNORECASE,
)
_PREVENTED_BEFORE = re.compile(
    r"(?:\banti[\s-]?|\b(?:prevents?|preventing|reduc(?:es|ing)|resists?|minimi[sz](?:es|ing)) "
    r"(?:[\w'%]+ ){0,2})$",
    re.IGNORECASE,
)
_DENIED_BEHIND = re.compile(
    r"^s?[\s-]*free\b|^-?less\b|^-?(?:proof|resistant|repellent)\b(?! to\b)", re.IGNORECASE
)
_AHEAD = 80
"""Characters before a word that may deny it."""
_SEVERAL = re.compile(r"[/&,]| and ")
_CLAUSE = re.compile(r"[.!?;:\n|]+\s*|\s+(?:but|with)\s+", re.IGNORECASE)


def has(product: Product, unwanted: str) -> bool:
    """Whether the product has, or is, what the words name. One that comes in several colors has
    not the color that is unwanted, but for where it comes in no other."""
    color = plain_color(unwanted)
    own = _each_color(product)
    # A shelf of several things says nothing of one: "Ski/boarding" holds skis.
    shelves = [name for name in product.category if not _SEVERAL.search(name)]
    text = f"{product.title}\n{full_text(replace(product, category=tuple(shelves)))}"
    if color in sayable() and (meant := colors_meant(color, own)):
        denied = not (stated_colors(product) or any(says(text, each) for each in meant))
        return len(meant) == len(own) and not denied
    if color in BASE:
        return False  # "linen" and "rose" are things too, "red" is not
    names = (unwanted, *_OTHER_NAMES.get(search_terms(unwanted), "").split())
    return any(says(text, name) for name in names)


def denies(product: Product, unwanted: str) -> bool:
    """Whether the shop says that a product lacks what the words name: "caffeine-free", "decaf"."""
    term = search_terms(unwanted)
    wider = (name for name, others in _OTHER_NAMES.items() if term in search_terms(others).split())
    names = (unwanted, *wider)
    text = f"{product.title}\n{full_text(product)}"
    said = search_terms(text).split()
    if any(word in said for word in _LACKING.get(term, ())):
        return True
    mentioned = [name for name in names if search_terms(name) in said]
    return bool(mentioned) and not any(says(text, name) for name in mentioned)


def denying(words: str, wanted: str) -> frozenset[str]:
    """Those of some words, in the singular, that say that a thing lacks what others want: "decaf"
    beside "caffeine", "sleeveless" beside "sleeves"."""
    terms = search_terms(wanted).split()
    lacking = {word for term in terms for word in _LACKING.get(term, ())}
    said = re.findall(r"[^\s;]+", words)
    return frozenset(
        singular(word)
        for word in said
        if search_terms(word) in lacking
        or (word.endswith("less") and search_terms(word.removesuffix("less")) in terms)
    )


def may_be_lacked(word: str) -> bool:
    """Whether shops have a word of its own for what lacks this: caffeine, sugar."""
    return search_terms(word) in _LACKING


def has_besides(product: Product, unwanted: str) -> bool:
    """Whether an unwanted color is one of several that the product is stated to have: it may come
    in each of them, or be of all."""
    color = plain_color(unwanted)
    meant = color in sayable() and colors_meant(color, _each_color(product))
    return bool(meant) and not denies(product, unwanted)


def _each_color(product: Product) -> tuple[str, ...]:
    """The colors of a product, each of a cell that lists several by itself."""
    return tuple(name for stated in own_colors(product) for name in listed(stated))


def says(text: str, name: str) -> bool:
    """Whether a text says a name, in any form, without denying it."""
    return any(_affirmed(clause, name) for clause in _CLAUSE.split(text))


def own_colors(product: Product) -> tuple[str, ...]:
    """The colors of a product: as the shop states them, else as its title, else its description."""
    return stated_colors(product) or colors_in(product.title) or colors_in(product.description)


def stated_colors(product: Product) -> tuple[str, ...]:
    """The colors that the shop states, of the product and its variants."""
    named = option_values(product.variants).items()
    values = [value for name, of in named if option_key(name) == "color" for value in of]
    return tuple(dict.fromkeys(filter(None, (product.color, *values))))


@cache
def _colors() -> re.Pattern[str]:
    longest = sorted(sayable(), key=lambda name: (-len(name), name))
    return re.compile(r"\b(" + "|".join(map(re.escape, longest)) + r")\b")


def colors_in(text: str) -> tuple[str, ...]:
    """The colors that a text names, in its order."""
    return tuple(dict.fromkeys(_colors().findall(plain_color(text))))


def _affirmed(clause: str, name: str) -> bool:
    """Whether a clause says a name and does not deny it."""
    return any(
        not _is_denied(clause[max(0, start - _AHEAD) : start], clause[end:])
        for start, end in _said(clause, search_terms(name).split())
    )


def _is_denied(before: str, behind: str) -> bool:
    return bool(
        _DENIED_BEFORE.search(before)
        or _PREVENTED_BEFORE.search(before)
        or _DENIED_BEHIND.match(behind)
    )


_term = lru_cache(maxsize=8192)(search_terms)
"""Of a single word: texts share most of theirs."""


def _said(clause: str, terms: list[str]) -> Iterator[tuple[int, int]]:
    words = list(re.finditer(r"[^\W_]+", clause))
    for place in range(len(words) - len(terms) + 1 if terms else 0):
        said = words[place : place + len(terms)]
        if all(_term(word[0]) == term for word, term in zip(said, terms, strict=True)):
            yield said[0].start(), said[-1].end()
