"""The labelled queries of the built-in shop, made from its attributes; nothing is labelled by hand.

Combinations of kind, pattern and color that no training shows are kept apart in the figures.
A product has grade 3 when kind, pattern and color are those asked for, 1 when two of the three
are, and counts as found only with all three. Words are asked as words: the chat would make
filters of those that the catalogue knows, which is easier.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from itertools import islice
from random import Random
from typing import TYPE_CHECKING

from tools.demo.drawing import COLORS, Look, draw_pattern, draw_product, draw_scene
from tools.demo.drawing.noise import dice
from tools.demo.held_out import SCENE_PATTERNS, held_out, plan
from tools.demo.shop.products import demo_products
from tools.evaluate.inputs.demo_phrases import recolored, with_this, words_for
from tools.evaluate.inputs.labels import LabelledQuery
from tools.evaluate.inputs.photo_augmentation import augment_photo

if TYPE_CHECKING:
    from PIL.Image import Image


SEED = 771
SIDE = 160
"""Pixels of a drawn picture; more than any built-in model sees."""
TRAINED = " (trained on)"
"""Suffix of the kind of a query whose combination training shows."""

WORDS, OTHER, PATTERN, SCENE, RECOLOR = (
    "words", "other picture", "pattern+words", "scene+words", "reference+words",
)  # fmt: skip

_FULL, _PARTLY = 3.0, 1.0
_AREAS = (0.65, 0.95)
"""Visible share of another picture of a product, which always shows most of the product."""
_TIMES, _ONE_IN = 3, 4


def shop_queries() -> list[LabelledQuery]:
    """Queries over the 900 products: by words, by another picture, by the pattern, by the product
    in another color, and by every scene for the kinds that come in its pattern.

    A product whose combination no training shows is asked for three times, in different words and
    pictures; of the other products one in four is asked for once.
    """
    looks = {product.id: product.look for product in demo_products()}
    queries: list[LabelledQuery] = []
    for place, (identity, look) in enumerate(looks.items()):
        times = _TIMES if held_out(look) else int(place % _ONE_IN == 0)
        for turn in range(times):
            queries += _queries(identity, look, looks, in_shop=True, turn=turn)
    queries += _scene_queries(looks)
    return queries


def gallery_queries() -> tuple[dict[str, Look], list[LabelledQuery]]:
    """One look of each combination that no training shows, by a made-up id, and queries for them.

    For an embedder that sees pictures alone: there is no title, no text and no filter.
    """
    looks = {
        f"{look.color} {look.pattern} {look.kind}": look
        for look in (drawing.look for drawing in plan(SEED, pictures=1))
        if held_out(look)
    }
    queries: list[LabelledQuery] = []
    for identity, look in looks.items():
        queries += _queries(identity, look, looks, in_shop=False)
    return looks, queries


def part_of_gallery(
    looks: Mapping[str, Look], queries: Sequence[LabelledQuery], most: int
) -> dict[str, Look]:
    """What these queries look for, and others of the gallery up to `most` in all."""
    wanted = {identity for query in queries for identity in query.relevant}
    others = (identity for identity in looks if identity not in wanted)
    kept = {*wanted, *islice(others, max(0, most - len(wanted)))}
    return {identity: look for identity, look in looks.items() if identity in kept}


def _queries(
    identity: str, look: Look, looks: Mapping[str, Look], *, in_shop: bool, turn: int = 0
) -> Iterator[LabelledQuery]:
    """All queries for one product. In a shop, recoloring starts from another product there."""
    rng = dice("asked", SEED, identity, turn)
    seed = rng.randrange(1 << 30)
    grades = _grades(look, looks)
    sort = "" if held_out(look) else TRAINED

    def asked(kind: str, text: str, photo: Callable[[], Image] | None = None) -> LabelledQuery:
        return LabelledQuery(
            qid=f"{kind} {identity}" + (f" {turn + 1}" if turn else ""),
            kind=kind + sort,
            text=text,
            photo=photo,
            grades=grades,
            relevant=frozenset(i for i, grade in grades.items() if grade == _FULL),
        )

    yield asked(WORDS, words_for(look, rng))
    yield asked(OTHER, "", partial(_other_picture, look, seed))
    if look.pattern != "plain":
        yield asked(PATTERN, with_this(look.kind, rng), partial(_swatch, look, seed))
    words = recolored(look.color, rng)
    if not in_shop:
        yield asked(RECOLOR, words, partial(_in_another_color, look, seed))
        return
    same = (look.kind, look.pattern)
    others = [i for i, each in looks.items() if (each.kind, each.pattern) == same and i != identity]
    if others:
        reference = rng.choice(others)
        fits = {i: grade for i, grade in grades.items() if i != reference}
        yield replace(asked(RECOLOR, words), reference=reference, grades=fits)


def _scene_queries(looks: Mapping[str, Look]) -> Iterator[LabelledQuery]:
    """A scene shows its pattern in a color of its own: any color of the kind counts as found."""
    made: dict[tuple[str, str], list[str]] = {}
    for identity, look in looks.items():
        made.setdefault((look.kind, look.pattern), []).append(identity)
    for scene, pattern in SCENE_PATTERNS.items():
        for kind in dict.fromkeys(look.kind for look in looks.values()):
            fits = frozenset(made.get((kind, pattern), ()))
            rng = dice("asked", SEED, scene, kind)
            seed = rng.randrange(1 << 30)
            if fits:
                yield LabelledQuery(
                    qid=f"{SCENE} {scene} {kind}",
                    kind=SCENE,
                    text=with_this(kind, rng),
                    photo=partial(draw_scene, scene, size=SIDE, seed=seed),
                    grades=dict.fromkeys(fits, _FULL),
                    relevant=fits,
                )


def _grades(wanted: Look, looks: Mapping[str, Look]) -> dict[str, float]:
    """3 for kind, pattern and color, 1 for two of the three."""
    found = {}
    for identity, look in looks.items():
        same = sum(
            (look.kind == wanted.kind, look.pattern == wanted.pattern, look.color == wanted.color)
        )
        if same >= 2:
            found[identity] = _FULL if same == 3 else _PARTLY
    return found


def _other_picture(look: Look, seed: int) -> Image:
    """The same look drawn anew, as another camera would have taken it."""
    return augment_photo(draw_product(look, size=SIDE, seed=seed), seed, areas=_AREAS)


def _swatch(look: Look, seed: int) -> Image:
    return draw_pattern(look.pattern, look.color, look.accent, SIDE, seed)


def _in_another_color(look: Look, seed: int) -> Image:
    """The product in a color that training shows, so that the picture is not in the gallery."""
    rng = Random(seed)
    others = [replace(look, color=color) for color in COLORS if color != look.color]
    shown = [other for other in others if not held_out(other)]
    source = rng.choice(shown or others)
    if source.accent == source.color:
        source = replace(source, accent=look.color)
    return draw_product(source, size=SIDE, seed=seed)


def gallery_picture(look: Look, identity: str) -> Image:
    """The picture of a look that stands in the gallery."""
    return draw_product(look, size=SIDE, seed=dice("shown", SEED, identity).randrange(1 << 30))
