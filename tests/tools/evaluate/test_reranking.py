"""What a look adds to a search, and how a model's trust is learned and kept."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from random import Random

import pytest
from PIL.Image import Image

from tests.support.color_shop import ColorEmbedder, photo_of, write_color_catalogue
from tests.support.color_vision import ColorVision
from tools.errors import ModelError, RequestError, SetupError
from tools.evaluate.figures.rerank_figures import RerankedAnswer, rerank_figures
from tools.evaluate.inputs.labels import Answer, LabelledQuery
from tools.evaluate.runs.open_shop import OpenedShop, keep_lists, open_copy
from tools.evaluate.runs.reranking import learn_trust, with_wrong_first
from tools.evaluate.runs.shop_queries import RerankOptions, ShopMeasurement, measure_open_shop
from tools.rerank.trust import FILE, store_trust, stored_trust
from tools.rerank.vision_model import VisionModel
from tools.search.list_weights import BALANCED


def looked(count: int, *, model: str, retriever: str = "good") -> list[RerankedAnswer]:
    """Nine candidates each, the first of which fits best; both put them in some order.

    "good": near the best order. "random": any. "perfect": the best one.
    """

    def order(kind: str, rng: Random) -> list[int]:
        places = list(range(9))
        if kind == "random":
            rng.shuffle(places)
        elif kind == "good" and rng.random() < 0.5:
            other = rng.randrange(1, 4)
            places[0], places[other] = places[other], places[0]
        return places

    made = []
    for number in range(count):
        rng = Random(number)
        names = [f"p{place}" for place in order(retriever, rng)]
        grades = {"p0": 3.0, "p1": 1.0}
        query = LabelledQuery(f"q{number}", "photo", grades=grades, relevant=frozenset({"p0"}))
        best = [f"p{place}" for place in order(model, rng)]
        places = tuple(names.index(name) for name in best)
        made.append(RerankedAnswer(Answer(query, tuple(names)), places, "complete", 0.1))
    return made


def test_trust_of_a_model_that_shuffles_is_0() -> None:
    assert learn_trust(looked(300, model="random")).trust == 0


def test_trust_of_a_model_that_knows_is_above_0_and_holds_on_the_other_half() -> None:
    learned = learn_trust(looked(300, model="perfect"))
    assert learned.trust > 0.5
    figures = rerank_figures(learned.held_back, learned.trust)
    assert figures["rerank.n"] == len(learned.held_back) == 300 - learned.learned_on
    assert (figures["rerank.lift.ndcg@9.low"] or 0) >= 0
    assert figures["rerank.recall@1"] == 1


def test_trust_that_adds_nothing_is_0() -> None:
    """Of equal trusts the smallest is taken: a model that agrees with the search is not asked."""
    assert learn_trust(looked(100, model="perfect", retriever="perfect")).trust == 0


@pytest.mark.parametrize("model", ["random", "good", "perfect"])
@pytest.mark.parametrize("retriever", ["random", "good", "perfect"])
def test_learned_trust_is_never_worse_than_the_search(model: str, retriever: str) -> None:
    every = looked(200, model=model, retriever=retriever)
    learned = learn_trust(every)
    for some in (every, learned.held_back):
        assert (rerank_figures(some, learned.trust)["rerank.lift.ndcg@9"] or 0) >= 0


def test_halves_do_not_change_with_the_order_of_the_queries() -> None:
    every = looked(120, model="good")
    one, other = learn_trust(every), learn_trust(every[::-1])
    assert one.trust == other.trust
    assert {each.answer.query.qid for each in one.held_back} == {
        each.answer.query.qid for each in other.held_back
    }


def test_few_queries_teach_no_trust() -> None:
    with pytest.raises(RequestError, match="at least 20 queries"):
        learn_trust(looked(30, model="perfect"))


def test_figures_of_the_lift_by_hand() -> None:
    """Two lists: the model brings what fits from the second place to the first in one of them."""
    query = LabelledQuery("a", "photo", grades={"x": 1}, relevant=frozenset("x"))
    better = RerankedAnswer(Answer(query, ("y", "x")), (1, 0), "complete", 1.0)
    same = RerankedAnswer(Answer(query, ("x", "y")), (0, 1), "fell back", 3.0)
    figures = rerank_figures([better, same], 1)
    assert figures["rerank.recall@1"] == 1
    assert figures["rerank.lift.recall@1"] == figures["rerank.lift.mrr"] * 2 == 0.5  # type: ignore[operator]  # a number here
    assert figures["rerank.wrong_first.n"] == figures["rerank.wrong_first.recall@1"] == 1
    assert figures["rerank.complete"] == figures["rerank.fell_back"] == 0.5
    assert figures["rerank.seconds.p50"] == 2
    at_none = rerank_figures([better, same], 0)
    assert at_none["rerank.lift.recall@1"] == 0
    assert at_none["rerank.model.recall@1"] == 1


def test_hard_list_begins_with_a_near_neighbour_and_has_the_same_products() -> None:
    looks = looked(40, model="good", retriever="good")
    for before, after in zip(looks, with_wrong_first([each.answer for each in looks]), strict=True):
        assert after.ids[0] not in after.query.relevant
        assert sorted(after.ids) == sorted(before.answer.ids)
        moved = sum(a != b for a, b in zip(after.ids, before.answer.ids, strict=True))
        assert moved == (2 if before.answer.ids[0] == "p0" else 0)


def test_list_of_what_fits_alone_cannot_be_made_hard() -> None:
    query = LabelledQuery("a", "photo", relevant=frozenset("xy"))
    assert with_wrong_first([Answer(query, ("x", "y")), Answer(replace(query, qid="b"), ())]) == []


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenedShop]:
    """A shop that searches by words alone: it can't on_progress the colors of a photo."""
    folder = tmp_path_factory.mktemp("reranked")
    path = write_color_catalogue(folder)
    weights = keep_lists(BALANCED, ["bm25"])
    with open_copy(folder / "home", path, ColorEmbedder(), weights=weights) as copy:
        yield copy


def queries() -> list[LabelledQuery]:
    """A photo of a color with the name of a kind: the products that have both fit."""
    made = []
    for number in range(60):
        color = ("red", "blue", "green")[number % 3]
        kind = ("mug", "phone case")[number // 3 % 2]
        fits = [f"{color}-{kind.replace(' ', '-')}-{name}" for name in ("basic", "plus")]
        made.append(
            LabelledQuery(
                qid=f"query {number}",
                kind="photo+words",
                text=f"a {kind} like this",
                photo=partial(photo_of, color),
                grades=dict.fromkeys(fits, 1.0),
                relevant=frozenset(fits),
            )
        )
    return made


class Shuffling(ColorVision):
    """Looks at the picture and then ranks by anything but what it sees."""

    def _near(self, picture: Image, number: int) -> float:
        seen = f"{hashlib.sha256(picture.tobytes()).hexdigest()} {len(self.asked)} {number}"
        return hashlib.sha256(seen.encode()).digest()[0] / 255


def measure(opened: OpenedShop, vision: VisionModel, count: int = 60) -> ShopMeasurement:
    every = count == 60
    reranking = RerankOptions(vision, 0.5, learn=every, hard=not every)
    return measure_open_shop(opened, queries()[:count], "queries", reranking=reranking)


@pytest.fixture(scope="module")
def seen(opened: OpenedShop) -> tuple[ShopMeasurement, ColorVision]:
    vision = ColorVision()
    return measure(opened, vision), vision


def test_model_that_sees_colors_is_trusted_where_the_search_does_not_see_them(
    seen: tuple[ShopMeasurement, ColorVision],
) -> None:
    done, _ = seen
    figures = done.measurement.figures
    assert done.learned is not None
    assert done.learned.trust > 0
    assert (figures["rerank.lift.recall@1.low"] or 0) > 0
    assert figures["rerank.recall@1"] == figures["rerank.complete"] == 1


def test_figures_of_a_learned_trust_are_about_the_queries_it_was_not_learned_on(
    seen: tuple[ShopMeasurement, ColorVision],
) -> None:
    done, _ = seen
    assert done.learned is not None
    figures = done.measurement.figures
    assert figures["n"] == 60
    assert figures["rerank.n"] == len(done.learned.held_back) == len(done.measurement.reranked)
    assert figures["rerank.learned_on"] == 60 - len(done.learned.held_back)


def test_each_list_is_looked_at_once_whatever_is_tried_on_it(
    seen: tuple[ShopMeasurement, ColorVision],
) -> None:
    _, vision = seen
    # The order and the reasons are two questions about one look; a caption begins with nothing.
    assert len([asked for asked in vision.asked if asked.answer_start]) == 2 * 60


def test_model_that_shuffles_is_not_trusted(opened: OpenedShop) -> None:
    learned = measure(opened, Shuffling()).learned
    assert learned is not None
    assert learned.trust == 0


def test_model_that_fails_leaves_the_search_s_order_and_counts_as_such(opened: OpenedShop) -> None:
    done = measure(opened, ColorVision(error=ModelError("Broken.")), 4)
    assert done.hard is not None
    for figures in (done.measurement.figures, done.hard.figures):
        assert figures["rerank.fell_back"] == 1
        assert figures["rerank.lift.ndcg@9"] == 0


def test_model_that_sees_colors_mends_hard_lists(opened: OpenedShop) -> None:
    hard = measure(opened, ColorVision(), 6).hard
    assert hard is not None
    assert hard.figures["recall@1"] == 0
    assert (hard.figures["rerank.model.recall@1"], hard.figures["n"]) == (1, 6)


def test_words_alone_are_not_looked_at(opened: OpenedShop) -> None:
    words = [LabelledQuery("a", "words", text="red mug", relevant=frozenset({"red-mug-basic"}))]
    with pytest.raises(RequestError, match="No query here searches from a picture"):
        measure_open_shop(opened, words, "words", reranking=RerankOptions(ColorVision(), 0.5))


def test_trust_is_kept_by_the_names_of_model_and_catalogue(tmp_path: Path) -> None:
    home = tmp_path / "home"
    assert stored_trust(home, "one", "mugs") is None
    store_trust(home, "one", "mugs", 0.3, {"rerank.n": 5})
    store_trust(home, "two", "mugs", 0, {})
    store_trust(home, "one", "mugs", 0.4, {"rerank.n": 6})
    assert (stored_trust(home, "one", "mugs"), stored_trust(home, "two", "mugs")) == (0.4, 0)
    assert stored_trust(home, "one", "lamps") is None
    assert json.loads((home / FILE).read_text())["one on mugs"]["figures"] == {"rerank.n": 6}
    assert not list(home.glob(".trust-*"))


def test_trust_of_before_holds_on_every_catalogue_until_one_is_learned_there(
    tmp_path: Path,
) -> None:
    (tmp_path / FILE).write_text('{"one": {"trust": 0.3, "learned_at": "", "figures": {}}}')
    store_trust(tmp_path, "one", "mugs", 0.1, {})
    assert stored_trust(tmp_path, "one", "mugs") == 0.1
    assert stored_trust(tmp_path, "one", "lamps") == 0.3


@pytest.mark.parametrize("value", [-0.1, 1.1, float("nan")])
def test_trust_outside_its_range_is_not_kept(value: float, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="trust"):
        store_trust(tmp_path, "one", "mugs", value, {})


@pytest.mark.parametrize(
    "text", ["{", "[]", '{"one": {"trust": 2}}', '{"one": {"trust": true}}', '{"one": 0.5}']
)
def test_file_of_trusts_that_is_broken_is_an_error_that_names_it(text: str, tmp_path: Path) -> None:
    (tmp_path / FILE).write_text(text)
    with pytest.raises(SetupError, match=FILE):
        stored_trust(tmp_path, "one", "mugs")


def _orders(looks: Sequence[RerankedAnswer]) -> list[tuple[str, ...]]:
    return [each.ids(0) for each in looks]


def test_trust_0_is_the_search_s_own_order() -> None:
    looks = looked(5, model="random", retriever="random")
    assert _orders(looks) == [each.answer.ids for each in looks]
