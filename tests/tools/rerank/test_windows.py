from __future__ import annotations

import random
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.rerank.windows import merge_window, plan_windows


def ranked(order: tuple[int, ...], best_first: list[int], size: int = 9) -> tuple[int, ...]:
    """All windows, by a judge who knows the true order."""
    for window in plan_windows(len(order), size=size):
        seen = order[window.start : window.stop]
        order = merge_window(order, window, sorted(seen, key=best_first.index))
    return order


@given(st.integers(0, 60), st.integers(2, 9), st.integers(0, 8))
def test_windows_cover_everything_and_share_places(count: int, size: int, overlap: int) -> None:
    overlap = min(overlap, size - 1)
    windows = plan_windows(count, size, overlap)
    assert {place for window in windows for place in window} == set(range(count))
    assert all(len(window) == min(size, count) for window in windows)
    for behind, front in pairwise(windows):
        assert front.start < behind.start
        assert front.stop - behind.start >= overlap


def test_nine_are_one_window_and_ten_are_two() -> None:
    assert plan_windows(9) == (range(9),)
    assert plan_windows(10) == (range(1, 10), range(9))
    assert plan_windows(24) == (range(15, 24), range(10, 19), range(5, 14), range(9))
    assert plan_windows(0) == ()


def test_window_that_shares_all_of_itself_is_an_error() -> None:
    with pytest.raises(ValueError, match="cannot share"):
        plan_windows(20, 9, 9)


@given(st.integers(1, 40), st.randoms(use_true_random=False))
def test_best_four_come_first_wherever_they_stood(count: int, rng: random.Random) -> None:
    best_first = list(range(count))
    rng.shuffle(best_first)
    order = ranked(tuple(range(count)), best_first)
    assert sorted(order) == list(range(count))
    assert list(order[:4]) == best_first[:4]


def test_other_places_stay() -> None:
    assert merge_window((7, 8, 9, 6), range(1, 3), [9, 8]) == (7, 9, 8, 6)


@pytest.mark.parametrize("given", [[8], [8, 8], [8, 7], [8, 9, 6]])
def test_window_with_other_candidates_is_an_error(given: list[int]) -> None:
    with pytest.raises(ValueError, match="the window holds"):
        merge_window((7, 8, 9, 6), range(1, 3), given)
