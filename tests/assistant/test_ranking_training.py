"""How the ranking's weights are learned, on candidates of two features and two kinds of tokens."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from assistant.ranking_training import Example, fit, share_right
from tests.support.paths import ROOT
from tools.search.learned_rank import FEATURES, Compared, scores

CONVERSATIONS = ROOT / "tests" / "data" / "conversations"


def example(rng: np.random.Generator) -> Example:
    """A thing whose second token is meant and whose first is chatter; the search knows nothing."""
    right = int(rng.integers(5))
    own = np.array([[1.0, 0.0], [0.0, 1.0]], np.float32)
    near = rng.random((2, 5)).astype(np.float32)
    near[1] = np.arange(5) == right
    near[0] *= 3
    compared = Compared(
        tuple("abcde"), np.zeros((5, len(FEATURES)), np.float32), {"said": (own, near)}, False, 0.0
    )
    return Example("shop", compared, tuple(place == right for place in range(5)), False)


def test_tokens_that_tell_the_right_product_learn_to_count() -> None:
    rng = np.random.default_rng(1)
    lessons, kept = [[example(rng) for _ in range(n)] for n in (80, 40)]
    untaught = fit(lessons, epochs=0)
    taught = fit(lessons, epochs=40)
    assert share_right(kept, untaught) < 0.7
    assert share_right(kept, taught) > share_right(kept, untaught) + 0.2
    lean = taught.tokens[0, 0]
    assert lean[1] > lean[0]


def test_what_is_learned_is_what_the_search_computes() -> None:
    """`fit` computes in torch, `scores` in numpy."""
    one = example(np.random.default_rng(2))
    weights = fit([one], epochs=30)
    found = scores(one.compared, weights)
    assert one.right["abcde".index(max(found, key=lambda id_: found[id_]))]


@pytest.mark.parametrize(
    "folder",
    sorted(each.parent for each in CONVERSATIONS.glob("*/products.csv")),
    ids=lambda path: path.name,
)
def test_right_products_of_the_conversations_are_in_their_shops(folder: Path) -> None:
    ids = {line.partition(",")[0] for line in (folder / "products.csv").read_text().splitlines()}
    lines = (folder / "dialogues.jsonl").read_text(encoding="utf-8").splitlines()
    turns = [turn for line in lines for turn in json.loads(line)["turns"]]
    assert len(turns) >= 60
    assert all(turn["say"] and turn["right"] and ids.issuperset(turn["right"]) for turn in turns)
