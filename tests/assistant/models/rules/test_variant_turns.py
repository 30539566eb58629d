"""A hundred and fifty turns about facts and variants, read by the built-in chat model.

Half of them are there to learn from. The other half was written before the reader of options was,
and says how much of what nobody foresaw is understood.
"""

from __future__ import annotations

import pytest

from tests.support.variant_turns import VariantTurn, variant_turns, wrong

DEVELOPMENT = list(variant_turns("development.yaml"))
KEPT_APART = list(variant_turns("kept_apart.yaml"))


@pytest.mark.parametrize("turn", DEVELOPMENT, ids=lambda turn: f"{turn.at}: {turn.say}")
def test_turn_asks_for_what_its_shopper_means(turn: VariantTurn) -> None:
    assert wrong(turn) == ""


def test_more_than_nine_in_ten_turns_that_were_kept_apart_are_understood() -> None:
    right = sum(not wrong(turn) for turn in KEPT_APART)
    assert right / len(KEPT_APART) >= 0.92


def test_halves_share_no_sentence() -> None:
    said = [[turn.say.casefold() for turn in half] for half in (DEVELOPMENT, KEPT_APART)]
    assert min(map(len, said)) >= 75
    assert not set(said[0]) & set(said[1])
