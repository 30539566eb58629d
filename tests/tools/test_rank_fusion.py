from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.rank_fusion import Hit, fuse


def hits(ids: str) -> list[Hit]:
    return [Hit(name, 1.0) for name in ids]


def test_one_list_keeps_its_order() -> None:
    assert list(fuse({"a": hits("xyz")}, {"a": 0.3})) == ["x", "y", "z"]


def test_first_in_every_list_has_one() -> None:
    scores = fuse({"a": hits("xy"), "b": hits("xz")}, {"a": 1, "b": 2})
    assert scores["x"] == pytest.approx(1)


def test_heavier_list_decides() -> None:
    assert next(iter(fuse({"a": hits("xy"), "b": hits("yx")}, {"a": 1, "b": 2}))) == "y"


def test_list_without_hits_takes_no_part() -> None:
    alone = fuse({"a": hits("xy")}, {"a": 1})
    assert fuse({"a": hits("xy"), "b": []}, {"a": 1, "b": 5}) == alone
    assert fuse({"a": [], "b": []}, {"a": 1, "b": 1}) == {}


def test_hit_counts_as_much_as_the_list_found_of_the_query_in_it() -> None:
    half = [Hit("x", 1.0, share=0.1), Hit("y", 1.0)]
    assert list(fuse({"a": half}, {"a": 1})) == ["y", "x"]


@given(st.permutations("abcdef"), st.permutations("abcdef"), st.floats(0.1, 5))
def test_fusing_loses_nothing_and_puts_the_best_first(one: str, two: str, weight: float) -> None:
    scores = fuse({"a": hits(one[:4]), "b": hits(two[:4])}, {"a": 1, "b": weight})
    assert set(scores) == set(one[:4]) | set(two[:4])
    assert list(scores.values()) == sorted(scores.values(), reverse=True)
    assert all(0 < score <= 1 + 1e-9 for score in scores.values())
