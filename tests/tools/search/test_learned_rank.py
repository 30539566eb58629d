"""The order of candidates by what was said as a whole."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import cast

import numpy as np
import pytest

from tools.embedding.base import Embedder, FloatArray
from tools.errors import ModelError
from tools.product import Filters, Product, Query, Spoken
from tools.search.learned_rank import (
    FEATURES,
    N_HIDDEN,
    N_INPUTS,
    SEGMENTS,
    Compared,
    RankWeights,
    about_turn,
    compare,
    load_weights,
    says_filters_alone,
    scores,
    texts_of,
)
from tools.search.token_store import TokenStore

GOODS = [
    Product("maker", "Coffee Machine", ("Kitchen", "Coffee Machines"), "Makes coffee.", 9900),
    Product("robot", "Robot Vacuum", ("Cleaning", "Vacuums"), "Cleans the floor alone.", 29900),
    Product("mop", "Flat Mop", ("Cleaning", "Mops"), "For tiles. 1 l tank.", 1900, color="blue"),
]
WORDS = ("clean", "floor", "coffee", "machin", "tile", "mop", "robot", "vacuum")


class BagOfWords:
    """A number for each of WORDS that a text says, and for each token the one that it is."""

    tokens_fingerprint, compares_tokens = "bag", True

    def token_vectors(self, texts: Sequence[str]) -> list[FloatArray]:
        return [self._of(text.lower()) for text in texts]

    def _of(self, text: str) -> FloatArray:
        tokens = [[0.1 + (word in token) for word in WORDS] for token in text.split()]
        rows = np.array(tokens, np.float32)
        return np.concatenate([rows.mean(0, keepdims=True), rows])


EMBEDDER = cast(Embedder, BagOfWords())


def vectors_of(query: Query) -> dict[str, FloatArray]:
    texts = [text for text in (*texts_of(query).values(), *query.spoken.shown[:1]) if text]
    return dict(zip(texts, EMBEDDER.token_vectors(texts), strict=True))


def compared(query: Query, listed: Sequence[str] = (), other_kind: float = 0.0) -> Compared:
    codes = TokenStore(EMBEDDER).read(GOODS)
    return compare(
        query, GOODS, codes, listed, vectors_of(query), kinds=["mop"], other_kind=other_kind
    )


def column(found: Compared, name: str) -> list[float]:
    return [round(float(x), 3) for x in found.features[:, FEATURES.index(name)]]


def plain(**named: float) -> RankWeights:
    """Weights of these features alone, and of the tokens where `tokens` says how much."""
    own = [[named.get(name.replace(" ", "_"), 0.0) for name in FEATURES]] * 2
    gain = np.full(2, named.get("tokens", 0.0), np.float32)
    zeros = np.zeros((2, len(SEGMENTS), len(WORDS)), np.float32)
    features = np.array(own, np.float32)
    hidden = np.zeros((N_HIDDEN, 1 + N_INPUTS), np.float32)
    output = np.zeros(N_HIDDEN, np.float32)
    return RankWeights(features, zeros, zeros[:, :, 0], gain, hidden, output)


def test_what_is_known_of_a_candidate_besides_its_words() -> None:
    filters = Filters(categories=("Cleaning",), colors=("Blue",))
    spoken = Spoken("a mop with 1 litre", "something for tiles", "Vacuums")
    found = compared(Query("mop 1 litre; tiles", filters=filters, spoken=spoken), ["mop", "robot"])
    assert found.ids == ("maker", "robot", "mop")
    assert column(found, "rank") == [0, 0.5, 1]
    assert column(found, "first") == [0, 0, 1]
    assert column(found, "listed") == [0, 1, 1]
    assert column(found, "kind") == [0, 1, 1]
    assert column(found, "color") == [0, 0, 1]
    assert column(found, "same kind") == [0, 1, 0]
    assert column(found, "called so") == [0, 0, 1]
    assert column(found, "amounts") == [0, 0, 1], "1 l is one litre"
    assert column(found, "older in text") == [0, 0, 1]
    assert found.follows


def test_what_is_shown_counts_less_where_another_kind_of_thing_is_likely() -> None:
    spoken = Spoken("one for tiles", "a vacuum", "Vacuums", ("Robot Vacuum",))
    query = Query("tiles; vacuum", spoken=spoken)
    stays, goes = compared(query, other_kind=0.1), compared(query, other_kind=0.9)
    assert column(stays, "kind kept") == [0, 0.9, 0]
    assert column(goes, "kind kept") == [0, 0.1, 0]
    like = np.array(column(stays, "like first shown"))
    assert np.allclose(column(goes, "like kept"), 0.1 * like, atol=1e-3)
    assert [about_turn(each)[-1] for each in (stays, goes)] == [0.1, 0.9]


@pytest.mark.parametrize("said", ["said in text", "said", "asked", "context"])
def test_words_and_meaning_put_what_fits_first(said: str) -> None:
    found = compared(Query("clean floor", spoken=Spoken("it cleans the floor")))
    likely = scores(found, plain(**{said.replace(" ", "_"): 1.0}))
    assert max(likely, key=lambda id_: likely[id_]) == "robot"
    assert not found.follows


def test_what_is_learned_of_several_things_at_once_counts_only_where_all_are_there() -> None:
    filters = Filters(categories=("Cleaning",), colors=("Blue",))
    query = Query("mop", filters=filters, spoken=Spoken("a blue mop"))
    found = compared(query, ["robot", "mop"])
    weights = plain()
    for name in ("kind", "color"):
        weights.hidden[0, 1 + FEATURES.index(name)] = 10.0
    weights.hidden[0, 0], weights.output[0] = -15.0, 1.0
    likely = scores(found, weights)
    assert likely["mop"] == pytest.approx(1, abs=0.01), "of the kind, and blue"
    assert likely["robot"] == pytest.approx(-1, abs=0.01)
    assert likely["maker"] == pytest.approx(-1, abs=0.01)


def test_what_a_text_says_that_it_lacks_is_told_from_what_it_has() -> None:
    goods = [
        Product("none", "Daypack", (), "22 litres. No rain cover."),
        Product("one", "Daypack", (), "30 litres, rain cover included."),
    ]
    codes = TokenStore(EMBEDDER).read(goods)
    query = Query("one with a rain cover")
    found = compare(query, goods, codes, (), vectors_of(query), other_kind=0.0)
    assert column(found, "denied")[0] > 0
    assert column(found, "denied")[1] == 0


@pytest.mark.parametrize(
    ("said", "child"),
    [("a helmet for my daughter", True), ("a helmet, he is 6 years old", True),
     ("a helmet for a grown man", False), ("a helmet for my girlfriend", False)],
)  # fmt: skip
def test_whom_a_thing_is_made_for_stands_beside_who_is_spoken_of(said: str, child: bool) -> None:
    goods = [Product("k", "Kids Helmet"), Product("m", "Road Helmet")]
    codes = TokenStore(EMBEDDER).read(goods)
    query = Query("helmet", spoken=Spoken(said))
    found = compare(query, goods, codes, (), vectors_of(query), other_kind=0.0)
    assert column(found, "for children") == [float(child), 0]
    assert column(found, "children's") == [float(not child), 0]


def test_tokens_of_the_message_are_looked_for_one_by_one() -> None:
    found = compared(Query("machine", spoken=Spoken("a machine, it should clean the floor")))
    likely = scores(found, plain(tokens=1.0))
    assert max(likely, key=lambda id_: likely[id_]) == "robot"


def test_message_of_a_limit_alone_leans_on_the_one_before() -> None:
    spoken = Spoken("under 60 dollars please", "it cleans the floor")
    found = compared(Query("clean floor", spoken=spoken))
    assert column(found, "said in text") == [0, 1, 0]


def test_what_the_newest_list_shows_is_known_again() -> None:
    listed = ("Robot Vacuum", "Flat Mop", "Broom")
    found = compared(Query("quieter", spoken=Spoken("quieter", "a robot", "Vacuums", listed)))
    assert column(found, "first shown") == [0, 1, 0]
    assert column(found, "shown") == [0, 1, 1]
    likeness = column(found, "like first shown")
    assert max(likeness) == likeness[1]
    nothing = compared(Query("robot", spoken=Spoken("a robot")))
    for name in ("first shown", "shown", "like first shown"):
        assert column(nothing, name) == [0, 0, 0]


@pytest.mark.parametrize(
    ("said", "unwanted", "compared_by"),
    [
        ("My sister doesn't like pink", ("pink",), "a robot for tiles"),
        ("no white, it shows. and a robot please", ("white",), "it shows. and a robot please"),
        ("a robot, but no mop", ("mop",), "a robot,"),
        ("very nice. I'd like to spend under 180 though", (), "a robot for tiles"),
        ("a robot for tiles without stripes", ("stripes",), "a robot for tiles"),
        ("a white one", (), "a white one"),
    ],
)
def test_what_is_not_wanted_is_not_compared(
    said: str, unwanted: tuple[str, ...], compared_by: str
) -> None:
    """ "My sister doesn't like pink" brought what is black before what was asked for."""
    spoken = Spoken(said, "a robot for tiles")
    query = Query("robot", filters=Filters(exclude_words=unwanted), spoken=spoken)
    assert texts_of(query)["said"] == compared_by


def test_search_without_a_conversation_leans_on_its_words() -> None:
    found = compared(Query("coffee machine"))
    assert column(found, "said in title") == [1, 0, 0]
    likely = scores(found, plain(said_in_title=1.0))
    assert max(likely, key=lambda id_: likely[id_]) == "maker"


def test_weights_that_ship_fit_what_is_compared(tmp_path: Path) -> None:
    weights = load_weights()
    assert weights.features.shape == (2, len(FEATURES))
    assert weights.tokens.shape[:2] == weights.bias.shape == (2, len(SEGMENTS))
    assert (weights.gain > 0).all()
    (tmp_path / "damaged.safetensors").write_bytes(b"none")
    for name in ("missing", "damaged"):
        with pytest.raises(ModelError, match="install Pounce again"):
            load_weights(tmp_path / f"{name}.safetensors")


@pytest.mark.parametrize(
    ("said", "text", "alone"),
    [
        ("a blue mop, please", "mop", True),
        ("mops under $40", "mop", True),
        ("a blue mop for tiles", "mop tiles", False),
        ("in blue", "mop tiles", False),  # what was said before still tells
        ("a blue 1 l mop", "mop", False),
        ("a navy swab", "swab", True),
        ("a blue swab with a robot", "swab", False),
        ("a robot swab", "robot swab", False),
    ],
)
def test_names_that_are_filtered_by_tell_no_product_from_another(
    said: str, text: str, alone: bool
) -> None:
    filters = Filters(categories=("Mops",), colors=("Blue",))
    assert says_filters_alone(Query(text, filters=filters, spoken=Spoken(said))) == alone
    assert not says_filters_alone(Query(text, spoken=Spoken(said)))
