"""The built-in shop's own queries and the captions of its pictures: labels made from attributes."""

from __future__ import annotations

from random import Random

import pytest

from tests.support.color_vision import ColorVision
from tests.support.repeats import repeats
from tools.demo.drawing import COLORS, KINDS, PATTERNS, Look
from tools.demo.held_out import held_out
from tools.demo.shop.products import demo_products
from tools.demo.training import phrases
from tools.embedding.registry import EmbedderChoice, open_embedder
from tools.errors import ModelError
from tools.evaluate.figures.summary import by_kind, figures
from tools.evaluate.inputs import demo_queries as drawn
from tools.evaluate.inputs.demo_phrases import recolored, with_this, words_for
from tools.evaluate.inputs.labels import LabelledQuery
from tools.evaluate.runs.captions import caption_figures, named_attributes
from tools.evaluate.runs.embedder_alone import search_gallery

LOOKS = {product.id: product.look for product in demo_products()}


@pytest.fixture(scope="module")
def queries() -> list[LabelledQuery]:
    return drawn.shop_queries()


def test_queries_are_the_same_every_time_and_have_ids_of_their_own(
    queries: list[LabelledQuery],
) -> None:
    again = drawn.shop_queries()
    assert [(q.qid, q.text) for q in queries] == [(q.qid, q.text) for q in again]
    assert len({q.qid for q in queries}) == len(queries)


def test_grades_are_3_for_all_that_was_asked_for_and_1_for_two_of_three(
    queries: list[LabelledQuery],
) -> None:
    for query in queries[::37]:
        if query.kind.startswith(drawn.SCENE):
            continue
        (wanted,) = query.relevant
        look = LOOKS[wanted]
        assert query.grades[wanted] == 3
        for identity, grade in query.grades.items():
            other = LOOKS[identity]
            same = [getattr(look, n) == getattr(other, n) for n in ("kind", "pattern", "color")]
            assert grade == (3 if all(same) else 1)
            assert sum(same) >= 2
        assert query.reference not in query.grades


def test_kinds_keep_what_training_shows_apart(queries: list[LabelledQuery]) -> None:
    for query in queries:
        if not query.kind.startswith(drawn.SCENE):
            (wanted,) = query.relevant
            assert held_out(LOOKS[wanted]) != query.kind.endswith(drawn.TRAINED)


def test_no_query_leans_on_its_own_target(queries: list[LabelledQuery]) -> None:
    recolor = [query for query in queries if query.reference]
    assert recolor
    for query in recolor:
        (wanted,) = query.relevant
        target, reference = LOOKS[wanted], LOOKS[query.reference]
        assert (target.kind, target.pattern) == (reference.kind, reference.pattern)
        assert target.color != reference.color
        assert target.color in query.text


def test_scene_finds_its_pattern_in_any_color(queries: list[LabelledQuery]) -> None:
    scenes = [query for query in queries if query.kind == drawn.SCENE]
    assert len(scenes) > 300
    for query in scenes[::50]:
        found = {(LOOKS[i].kind, LOOKS[i].pattern) for i in query.relevant}
        assert len(found) == 1
        assert query.photo is not None
        assert query.photo().size == (drawn.SIDE, drawn.SIDE)


def test_sentences_are_none_of_those_that_training_says() -> None:
    """The same words in another order would do; the same sentence would be known by heart."""
    rng = Random(5)
    asked, trained = set[str](), set[str]()
    for kind in KINDS:
        for pattern in PATTERNS:
            for color in list(COLORS)[::5]:
                look = Look(kind, pattern, color, "white", "cotton")
                asked |= {words_for(look, rng), with_this(kind, rng), recolored(color, rng)}
                trained |= {phrases.request(look, rng), phrases.pattern_request(kind, rng)}
                trained |= {phrases.recolor_request(color, rng), phrases.title(look, rng)}
    assert not {text.lower().strip("?., ") for text in asked} & {
        text.lower().strip("?., ") for text in trained
    }
    assert "an umbrella" in " ".join(asked)
    assert not [text for text in asked if " a orange" in text or " a socks" in text]


def test_embedder_alone_finds_among_the_pictures_given() -> None:
    every, asked = drawn.gallery_queries()
    looks = dict(list(every.items())[:40])
    some = [query for query in asked if query.relevant <= looks.keys()][: repeats(60)]
    answers = search_gallery(open_embedder(EmbedderChoice()), looks, some)
    assert len(answers) == len(some) > 50
    words = figures(by_kind(answers)[drawn.WORDS])
    assert (words["recall@9"] or 0) > 0.9


LEOPARD = Look("phone case", "leopard", "tan", "black", "silicone")


@pytest.mark.parametrize(
    ("said", "right"),
    [
        ("A tan phone case with leopard print.", (True, True, True)),
        ("Leopard spotted case for my phone in light brown and black", (True, True, True)),
        ("A brown leopard phone case", (True, True, False)),
        ("A black and tan leopard phone case", (True, True, False)),
        ("A tan mug with leopard print", (False, True, True)),
        ("A tan phone case with zebra stripes, like a leopard", (True, False, True)),
        ("", (False, False, False)),
    ],
)
def test_caption_names_what_it_names_first(said: str, right: tuple[bool, bool, bool]) -> None:
    assert named_attributes(said, LEOPARD) == right


def test_plain_thing_is_named_by_no_pattern() -> None:
    plain = Look("mug", "plain", "red", "white", "ceramic")
    assert (
        named_attributes("a red mug", plain)
        == named_attributes("a plain red mug", plain)
        == (True, True, True)
    )
    assert named_attributes("a red striped mug", plain) == (True, False, True)


def test_captions_are_counted_and_a_model_that_fails_names_nothing() -> None:
    looks = {"a": LEOPARD, "b": Look("mug", "plain", "red", "white", "ceramic")}
    said = caption_figures(ColorVision(answer="A red leopard mug"), looks)
    assert said == {
        "caption.n": 2, "caption.kind": 0.5, "caption.pattern": 0.5, "caption.color": 0.5,
    }  # fmt: skip
    assert caption_figures(ColorVision(error=ModelError("No.")), looks)["caption.kind"] == 0
    assert caption_figures(ColorVision(answer="A mug"), looks, count=1)["caption.n"] == 1
