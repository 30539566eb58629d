"""Labelled queries made from a catalogue's own products: nothing is labelled by hand.

A photo is a strong variation of a product's picture: the product has grade 3, others of its kind 1.
A kind is asked for by its name, with a color, and by a paraphrase where one is known. Not covered:
photos that a shopper took, and whether other products would please as well.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

from tools.evaluate.inputs.labels import LabelledQuery
from tools.evaluate.inputs.paraphrases import PARAPHRASES
from tools.evaluate.inputs.photo_augmentation import augment_photo
from tools.media.images import open_product_picture
from tools.product import Product
from tools.text import singular

if TYPE_CHECKING:
    from PIL.Image import Image

PHOTO, KIND, COLOR, PARAPHRASE = "photo", "kind", "color and kind", "paraphrase"
"""The kinds of query."""
_SAME, _SAME_KIND = 3.0, 1.0
_FEWEST = 2
"""Products that a kind must have to be asked for."""


def catalogue_queries(
    products: Mapping[str, Product], count: int, *, seed: int = 0
) -> list[LabelledQuery]:
    """At most `count` of each kind of query, the same for the same products and seed."""
    kinds: dict[str, list[Product]] = defaultdict(list)
    for product in products.values():
        if product.category:
            kinds[product.category[-1]].append(product)
    rng = Random(seed)
    made = (
        _photos(products.values(), kinds, seed),
        _names(kinds),
        _colors(kinds),
        _paraphrases(kinds),
    )
    queries: list[LabelledQuery] = []
    for some in made:
        queries += rng.sample(some, min(count, len(some)))
    return queries


def _photos(
    products: Iterable[Product], kinds: Mapping[str, Sequence[Product]], seed: int
) -> list[LabelledQuery]:
    found = []
    for number, product in enumerate(products):
        if not product.image:
            continue
        alike = kinds.get(product.category[-1], ()) if product.category else ()
        grades = {each.id: _SAME_KIND for each in alike} | {product.id: _SAME}
        found.append(
            LabelledQuery(
                qid=f"{PHOTO} {product.id}",
                kind=PHOTO,
                photo=_varied(Path(product.image), seed + number),
                grades=grades,
                relevant=frozenset((product.id,)),
            )
        )
    return found


def _varied(path: Path, seed: int) -> Callable[[], Image]:
    return partial(_vary, path, seed)


def _vary(path: Path, seed: int) -> Image:
    return augment_photo(open_product_picture(path), seed)


def _names(kinds: Mapping[str, Sequence[Product]]) -> list[LabelledQuery]:
    return [
        _words(KIND, name.lower(), fitting)
        for name, fitting in kinds.items()
        if len(fitting) >= _FEWEST
    ]


def _colors(kinds: Mapping[str, Sequence[Product]]) -> list[LabelledQuery]:
    by_color: dict[tuple[str, str], list[Product]] = defaultdict(list)
    for name, fitting in kinds.items():
        for product in fitting:
            if product.color:
                by_color[product.color.lower(), name.lower()].append(product)
    return [
        _words(COLOR, f"{color} {name}", fitting) for (color, name), fitting in by_color.items()
    ]


def _paraphrases(kinds: Mapping[str, Sequence[Product]]) -> list[LabelledQuery]:
    return [
        _words(PARAPHRASE, said, fitting)
        for name, fitting in kinds.items()
        for said in PARAPHRASES.get(singular(name.lower()), PARAPHRASES.get(name.lower(), ()))
    ]


def _words(kind: str, text: str, fitting: Sequence[Product]) -> LabelledQuery:
    ids = frozenset(product.id for product in fitting)
    return LabelledQuery(
        qid=f"{kind} {text}", kind=kind, text=text, grades=dict.fromkeys(ids, 1.0), relevant=ids
    )
