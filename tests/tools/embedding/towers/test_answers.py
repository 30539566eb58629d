"""Which clause answers a question, and which message asks one, by the shipped weights."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from tools.embedding.registry import BUILTIN
from tools.embedding.towers.embedder import TowersEmbedder, load_towers
from tools.embedding.towers.files import ANSWERS, KIND, TOKENS
from tools.errors import ModelError

TEXTS = (
    "Kettle of brushed steel",
    "holds 1.7 litres",
    "switches itself off when the water boils",
    "comes with a spare lid",
    "for mains of 230 V",
)


@pytest.fixture(scope="module")
def embedder() -> TowersEmbedder:
    return load_towers(BUILTIN)


@pytest.mark.parametrize(
    ("asked", "answer"),
    [
        ("what is it made of?", 0),
        ("how much water goes in?", 1),
        ("do I have to turn it off myself?", 2),
        ("is there another lid with it", 3),
    ],
)
def test_clause_that_answers_is_likelier_than_the_others_and_than_nothing(
    embedder: TowersEmbedder, asked: str, answer: int
) -> None:
    odds = embedder.answering(asked, TEXTS)
    assert int(np.argmax(odds)) == answer
    assert odds[answer] > 0


@pytest.mark.parametrize("asked", ["how long is the cable?", "which country is it from?"])
def test_question_that_no_clause_answers_has_no_likely_answer(
    embedder: TowersEmbedder, asked: str
) -> None:
    whole = sum(math.exp(each) for each in embedder.answering(asked, TEXTS))
    assert whole / (1 + whole) < 0.5


def test_texts_are_compared_each_for_itself(embedder: TowersEmbedder) -> None:
    """In batches that pad, and from what was read before."""
    many = [f"{text}, number {n}" for n in range(9) for text in TEXTS]
    asked = "how much water goes in?"
    together = embedder.answering(asked, many)
    fresh = load_towers(BUILTIN)
    for each in (fresh, embedder):
        alone = [each.answering(asked, [text])[0] for text in reversed(many)]
        np.testing.assert_allclose(together, alone[::-1], atol=1e-3)
    assert embedder.answering(asked, []) == []


@pytest.mark.parametrize(
    ("said", "asks"),
    [
        ("does it come with a lid?", True),
        ("how heavy is it", True),
        ("can I put this one in the dishwasher?", True),
        ("rather one in steel", False),
        ("it should hold two litres at least", False),
        ("and something to drink the tea from", False),
        ("is there a lid with it?", True),
        ("do you have any with a lid?", False),
    ],
)
def test_questions_about_what_is_shown_are_told_from_wishes(
    embedder: TowersEmbedder, said: str, asks: bool
) -> None:
    acts = embedder.acts_in(said)
    assert acts is not None
    assert (acts.asks_of_shown > 0.5) == asks


@pytest.mark.parametrize(
    ("said", "lifts"),
    [
        ("I got a raise, so show me the best there is", True),
        ("whatever it costs, but it has to be oak", True),
        ("same budget, in oak", False),
        ("that is more than I wanted to spend", False),
        ("whatever color you have", False),
    ],
)
def test_messages_that_take_a_limit_of_price_back_are_told(
    embedder: TowersEmbedder, said: str, lifts: bool
) -> None:
    acts = embedder.acts_in(said)
    assert acts is not None
    assert (acts.lifts_price > 0.5) == lifts


@pytest.mark.parametrize(
    ("said", "other"),
    [
        ("and something to keep my hands warm with it", True),
        ("good. now a pump for the tires", True),
        ("scrap that, I need a lamp for the hall", True),
        ("in dark green if you have it", False),
        ("it has to stand next to the microwave", False),
        ("that would cost me half a month's rent", False),
    ],
)
def test_messages_that_go_over_to_another_kind_of_thing_are_told(
    embedder: TowersEmbedder, said: str, other: bool
) -> None:
    acts = embedder.acts_in(said)
    assert acts is not None
    assert (acts.other_kind > 0.5) == other


def test_adapted_layers_leave_the_vector_of_the_text_as_it_was(
    embedder: TowersEmbedder,
) -> None:
    plain = load_towers(BUILTIN, tuned=False)
    text = "a kettle that switches itself off"
    (ours,), (bare,) = embedder.token_vectors([text]), plain.token_vectors([text])
    np.testing.assert_allclose(ours[0], bare[0], atol=1e-5)
    assert not np.allclose(ours[1:], bare[1:], atol=0.1)
    assert embedder.fingerprint == plain.fingerprint, "products keep their vectors"
    assert embedder.tokens_fingerprint != plain.tokens_fingerprint
    assert (plain.compares_tokens, embedder.compares_tokens) == (False, True)
    assert (plain.answering(text, TEXTS), plain.acts_in(text)) == ([], None)


@pytest.mark.parametrize("missing", [TOKENS, ANSWERS, KIND])
def test_missing_weights_are_named(tmp_path: Path, missing: str) -> None:
    for file in BUILTIN.iterdir():
        if file.name != missing:
            (tmp_path / file.name).symlink_to(file)
    with pytest.raises(ModelError, match=rf"{missing} cannot be read.*Install Pounce again"):
        load_towers(tmp_path)
