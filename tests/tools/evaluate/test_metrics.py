"""The measures of a ranked list, against values worked out by hand, and by what must hold."""

from __future__ import annotations

import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.repeats import repeats
from tools.evaluate.figures.bootstrap import mean_interval
from tools.evaluate.figures.metrics import average_precision, ndcg, recall, reciprocal_rank

SHOWN = ["a", "b", "c", "d", "e"]


@pytest.mark.parametrize(
    ("relevant", "k", "expected"),
    [({"a"}, 1, 1), ({"b"}, 1, 0), ({"b", "z"}, 5, 1), ({"z"}, 5, 0), ({"e"}, 4, 0), ({"e"}, 5, 1)],
)
def test_recall_is_whether_one_relevant_product_is_among_the_first(
    relevant: set[str], k: int, expected: float
) -> None:
    assert recall(SHOWN, relevant, k) == expected


def test_reciprocal_rank_is_that_of_the_first_relevant_product() -> None:
    assert reciprocal_rank(SHOWN, {"c", "e"}) == pytest.approx(1 / 3)
    assert reciprocal_rank(SHOWN, {"z"}) == 0


def test_ndcg_with_grades_by_hand() -> None:
    # Gains 2^g - 1: b has 7, d has 1, z (not shown) has 1. Discounts 1, 1/log2(3), 1/2, 1/log2(5).
    gained = 7 / math.log2(3) + 1 / math.log2(5)
    ideal = 7 + 1 / math.log2(3) + 1 / 2
    assert ndcg(SHOWN, {"b": 3, "d": 1, "z": 1}, 9) == pytest.approx(gained / ideal)


def test_ndcg_at_k_does_not_ask_for_more_than_k_products() -> None:
    assert ndcg(["a", "b"], {"a": 1, "b": 1, "c": 1}, 2) == 1


def test_average_precision_is_over_no_more_than_k_products() -> None:
    # Relevant at 1 and 3 of three: (1/1 + 2/3) / min(3, 9).
    assert average_precision(SHOWN, {"a", "c", "z"}, 9) == pytest.approx((1 + 2 / 3) / 3)
    # Of three relevant ones only two can be among the first two.
    assert average_precision(SHOWN, {"a", "b", "z"}, 2) == 1


def test_list_of_nothing_is_worth_nothing() -> None:
    assert recall([], {"a"}, 9) == reciprocal_rank([], {"a"}) == 0
    assert ndcg([], {"a": 1}, 9) == average_precision([], {"a"}, 9) == 0
    assert ndcg(SHOWN, {}, 9) == average_precision(SHOWN, set(), 9) == 0


ids = st.lists(st.sampled_from("abcdefghijkl"), unique=True, max_size=12)
graded = st.dictionaries(st.sampled_from("abcdefghijkl"), st.integers(1, 3), min_size=1)


@given(ranked=ids, grades=graded, k=st.integers(1, 12))
def test_measures_lie_between_0_and_1(ranked: list[str], grades: dict[str, int], k: int) -> None:
    relevant = grades.keys()
    for value in (
        recall(ranked, relevant, k),
        reciprocal_rank(ranked, relevant),
        ndcg(ranked, grades, k),
        average_precision(ranked, relevant, k),
    ):
        assert 0 <= value <= 1 + 1e-12


@given(grades=graded, others=ids, k=st.integers(1, 12))
def test_best_order_is_worth_1(grades: dict[str, int], others: list[str], k: int) -> None:
    best = sorted(grades, key=lambda identity: -grades[identity])
    ranked = best + [identity for identity in others if identity not in grades]
    assert recall(ranked, grades.keys(), k) == reciprocal_rank(ranked, grades.keys()) == 1
    assert ndcg(ranked, grades, k) == pytest.approx(1)
    assert average_precision(ranked, grades.keys(), k) == pytest.approx(1)


@given(ranked=st.permutations("abcdefghi"), grades=graded, place=st.integers(0, 7))
def test_moving_a_better_product_up_is_never_worse(
    ranked: list[str], grades: dict[str, int], place: int
) -> None:
    first, second = ranked[place : place + 2]
    if grades.get(first, 0) > grades.get(second, 0):
        ranked[place : place + 2] = [second, first]
    before = list(ranked)
    ranked[place : place + 2] = reversed(ranked[place : place + 2])
    relevant = grades.keys()
    assert ndcg(ranked, grades, 9) >= ndcg(before, grades, 9) - 1e-12
    assert reciprocal_rank(ranked, relevant) >= reciprocal_rank(before, relevant)
    assert average_precision(ranked, relevant, 9) >= average_precision(before, relevant, 9) - 1e-12
    assert all(recall(ranked, relevant, k) >= recall(before, relevant, k) for k in range(1, 10))


@given(ranked=st.permutations("abcdefghi"), grades=graded)
def test_order_of_what_does_not_fit_makes_no_difference(
    ranked: list[str], grades: dict[str, int]
) -> None:
    renamed = [identity if identity in grades else identity.upper() for identity in ranked]
    assert ndcg(ranked, grades, 9) == ndcg(renamed, grades, 9)
    assert average_precision(ranked, grades.keys(), 9) == average_precision(
        renamed, grades.keys(), 9
    )


def test_interval_covers_the_true_mean_about_nineteen_times_in_twenty() -> None:
    rng = random.Random(4)
    covered = 0
    for _ in range(repeats(150)):
        interval = mean_interval([rng.gauss(0.3, 1) for _ in range(60)], resamples=400)
        assert interval.low <= interval.mean <= interval.high
        covered += interval.low <= 0.3 <= interval.high
    assert 0.90 <= covered / repeats(150) <= 0.985


def test_interval_is_the_same_every_time_and_narrow_where_values_are_alike() -> None:
    values = [0.0, 1.0, 0.5] * 40
    assert mean_interval(values) == mean_interval(values)
    assert mean_interval(values).mean == pytest.approx(0.5)
    same = mean_interval([0.25] * 30)
    assert (same.low, same.mean, same.high) == (0.25, 0.25, 0.25)


def test_interval_of_many_values_is_drawn_in_parts() -> None:
    """In one piece, 10,000 resamples of 50,000 values would take 4 GB."""
    interval = mean_interval([0.0, 1.0] * 25_000, resamples=100)
    assert interval.low < 0.5 < interval.high


def test_interval_of_nothing_is_an_error() -> None:
    with pytest.raises(ValueError, match="no values"):
        mean_interval([])
