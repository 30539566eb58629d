"""Whatever a model says, every candidate comes out once.

Generated answers: values, texts, rankings that are given read and as text, and some that are cut
or damaged further and further.
"""

from __future__ import annotations

import json
import random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.repeats import repeats
from tools.rerank.answer_repair import REASON_LIMIT, RepairedRanking, repair_ranking

NINE = range(1, 10)

thorough = settings(
    max_examples=repeats(100), deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
counts = st.integers(0, 12)
scalars = (
    st.none()
    | st.booleans()
    | st.integers(-3, 14)
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(["3", " 4 ", "no. 5", "6.0", "7)", "½", "٣", "1e3", "NaN", "9" * 6_000])
)
values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=12) | st.dictionaries(st.text(max_size=6), inner, max_size=4)
    ),
    max_leaves=20,
)
answers = st.fixed_dictionaries(
    {"ranking": st.lists(scalars, max_size=15) | values},
    optional={
        "reasons": st.dictionaries(st.integers(-1, 12).map(str) | st.text(max_size=4), scalars)
        | values,
        "confidence": scalars | values,
    },
)


def check(settled: RepairedRanking, numbers: list[int]) -> None:
    """What holds of every result, whatever was said."""
    assert sorted(settled.order) == sorted(numbers)
    assert settled.outcome in ("complete", "repaired", "fell back")
    assert (settled.outcome == "complete") == (settled.why == "")
    if settled.outcome == "fell back":
        assert list(settled.order) == numbers
        assert not settled.reasons
    assert set(settled.reasons) <= set(numbers)
    for reason in settled.reasons.values():
        assert 0 < len(reason) <= REASON_LIMIT
        assert reason.isprintable()
    assert settled.confidence is None or 0 <= settled.confidence <= 1


@thorough
@given(values, counts)
def test_any_value_gives_a_permutation(answer: object, count: int) -> None:
    numbers = list(range(1, count + 1))
    check(repair_ranking(answer, numbers), numbers)


@thorough
@given(st.text(max_size=200) | st.text('{}[]":,rankigeso123456789 \n\\', max_size=200), counts)
def test_any_text_gives_a_permutation(answer: str, count: int) -> None:
    numbers = list(range(1, count + 1))
    check(repair_ranking(answer, numbers), numbers)


@thorough
@given(answers, counts, st.randoms(use_true_random=False))
def test_any_ranking_gives_a_permutation(
    answer: dict[str, object], count: int, rng: random.Random
) -> None:
    numbers = list(range(1, count + 1))
    rng.shuffle(numbers)
    check(repair_ranking(answer, numbers), numbers)
    check(repair_ranking(json.dumps(answer), numbers), numbers)


@thorough
@given(answers, counts, st.lists(st.floats(0, 1), min_size=4, max_size=4))
def test_any_cut_through_an_answer_gives_a_permutation(
    answer: dict[str, object], count: int, cuts: list[float]
) -> None:
    numbers, text = list(range(1, count + 1)), json.dumps(answer)
    for cut in cuts:
        check(repair_ranking(text[: int(len(text) * cut)], numbers), numbers)


@thorough
@given(answers, counts, st.text(max_size=30), st.text(max_size=30), st.data())
def test_any_damage_to_an_answer_gives_a_permutation(
    answer: dict[str, object], count: int, before: str, after: str, data: st.DataObject
) -> None:
    text = list(before + json.dumps(answer) + after)
    numbers = list(range(1, count + 1))
    for letter in data.draw(st.text('"{}[],:0 \n', min_size=4, max_size=4)):
        text[data.draw(st.integers(0, len(text) - 1))] = letter
        check(repair_ranking("".join(text), numbers), numbers)


@given(st.permutations(list(NINE)), st.integers(1, 9))
def test_ranked_come_first_in_their_order_and_the_rest_follow_as_they_were(
    ranking: list[int], cut: int
) -> None:
    settled = repair_ranking(json.dumps({"ranking": ranking[:cut]}), NINE)
    assert list(settled.order) == ranking[:cut] + sorted(ranking[cut:])
    assert settled.outcome == ("complete" if cut == 9 else "repaired")


def test_whole_answer_is_complete() -> None:
    answer = '{"ranking": [2, 3, 1], "reasons": {"2": "Same cloth."}, "confidence": 0.7}'
    settled = repair_ranking(answer, [1, 2, 3])
    assert settled == RepairedRanking((2, 3, 1), "complete", "", {2: "Same cloth."}, 0.7)


def test_notebook_answer_with_eight_of_nine_keeps_the_ninth() -> None:
    """The notebook that Pounce starts from asked for nine and got eight."""
    settled = repair_ranking('{"ranking": [4, 1, 9, 7, 2, 3, 8, 5]}', NINE)
    assert settled.order == (4, 1, 9, 7, 2, 3, 8, 5, 6)
    assert (settled.outcome, settled.why) == ("repaired", "About the answer: 6 is missing.")


def test_missing_follow_in_the_order_of_the_retriever() -> None:
    assert repair_ranking({"ranking": [2]}, [5, 4, 3, 2, 1]).order == (2, 5, 4, 3, 1)


@pytest.mark.parametrize(
    ("answer", "order", "outcome"),
    [
        ('Sure! ```json\n{"ranking": [3, 1, 2]}\n``` Enjoy.', (3, 1, 2), "complete"),
        ("[3, 1, 2]", (3, 1, 2), "complete"),
        ('{"note": {"ranking": 1}} {"ranking": [3, 1, 2]}', (3, 1, 2), "complete"),
        ('{"ranking": [3.0, 1, 2]}', (3, 1, 2), "complete"),
        ('{"ranking": ["3", "no. 1", "2)"]}', (3, 1, 2), "repaired"),
        ('{"ranking": [3, 3, 1, 3, 2]}', (3, 1, 2), "repaired"),
        ('{"ranking": [0, 3, 99, -1, 1, 2]}', (3, 1, 2), "repaired"),
        ('{"ranking": [true, 3, null, 1, 2]}', (3, 1, 2), "repaired"),
        ('{"ranking": [3, 1', (3, 1, 2), "repaired"),
        ('{"ranking": [3, 1, 2], "reasons": {"3": "Sam', (3, 1, 2), "repaired"),
        ('{"ranking": ["-3", 1]}', (1, 2, 3), "repaired"),
        ('{"ranking": ["3 of 9", 2]}', (2, 1, 3), "repaired"),
        ('{"ranking": []}', (1, 2, 3), "fell back"),
        ('{"ranking": "3, 1, 2"}', (1, 2, 3), "fell back"),
        ("I cannot help with that.", (1, 2, 3), "fell back"),
        ("The best [3] beats [1, 2].", (1, 2, 3), "fell back"),
        ("[3] is better than [1, 2].", (1, 2, 3), "fell back"),
        ('{"ranking": ["3", "1", ', (3, 1, 2), "repaired"),
        ("", (1, 2, 3), "fell back"),
        (None, (1, 2, 3), "fell back"),
        (b"\xff", (1, 2, 3), "fell back"),
        ("[" * 100_000, (1, 2, 3), "fell back"),
        ('{"ranking": ' * 1_000, (1, 2, 3), "fell back"),
    ],
)
def test_known_answers(answer: object, order: tuple[int, ...], outcome: str) -> None:
    settled = repair_ranking(answer, [1, 2, 3])
    assert (settled.order, settled.outcome) == (order, outcome)


def test_what_was_wrong_is_said() -> None:
    for answer, why in (
        (
            '{"ranking": ["2", 2, 5]}',
            "1 written as text; 1 named again; 1 not a candidate; 1 and 3 are missing",
        ),
        ('{"ranking": [2, 3, ', "it is not whole JSON; 1 is missing"),
    ):
        assert repair_ranking(answer, [1, 2, 3]).why == f"About the answer: {why}."


def test_reasons_of_a_cut_answer_are_those_that_were_finished() -> None:
    answer = '{"ranking": [2, 1], "reasons": {"2": "The \\"same\\" blue.", "1": "Nearly th'
    assert repair_ranking(answer, [1, 2]).reasons == {2: 'The "same" blue.'}


def test_reasons_are_one_line_of_a_candidate() -> None:
    reasons = {"1": " Two\nlines\u202e \x1b[31m", "2": "", "3": 5, "7": "Nobody's.", "x": "y"}
    assert repair_ranking({"ranking": [1, 2, 3], "reasons": reasons}, [1, 2, 3]).reasons == {
        1: "Two lines [31m"
    }


@pytest.mark.parametrize("confidence", [7, -0.1, "0.5", True, None, float("nan"), 10**400])
def test_confidence_that_is_none_is_not_made_up(confidence: object) -> None:
    assert repair_ranking({"ranking": [1], "confidence": confidence}, [1]).confidence is None


def test_candidates_none_are_none() -> None:
    assert repair_ranking({"ranking": [1]}, []).order == ()
