"""Reranking as a whole, with a model that goes by color: a red photo brings the red mug up."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from threading import Event

import pytest
from PIL import Image

from tests.support.color_vision import ColorVision
from tests.support.mugs import PHOTO, RED, mugs
from tools.errors import ModelError, PhotoError, SetupError
from tools.media.images import PRODUCT_PICTURE_MB, open_product_picture
from tools.product import Match
from tools.rerank.answer_schema import ANSWER_START
from tools.rerank.rerank import RerankResult, rerank
from tools.rerank.session import RankingMethod, RankingSession


@pytest.fixture
def found(tmp_path: Path) -> list[Match]:
    """Nine mugs, from the one that is least like red to the one that is."""
    return mugs(tmp_path, 9)


def names(result: RerankResult) -> str:
    return " ".join(match.product.id.removeprefix("mug-") for match in result.matches)


def test_red_photo_brings_the_red_mug_up(found: list[Match]) -> None:
    result = rerank(ColorVision(), PHOTO, "Something red.", found, "a mug like this", trust=1)
    assert names(result) == "9 8 7 6 5 4 3 2 1"
    assert result.order == result.model_order == (8, 7, 6, 5, 4, 3, 2, 1, 0)
    assert result.moved == (8, 6, 4, 2, 0, -2, -4, -6, -8)
    assert (result.outcome, result.why) == ("complete", "")
    assert result.confidence == 0.8


def test_reasons_are_about_the_list_that_is_shown(found: list[Match]) -> None:
    """Half trusted, the first three are not the model's first three; they are what is explained."""
    result = rerank(ColorVision(), PHOTO, "", found, "", trust=0.5)
    assert names(result).startswith("1 9 2")
    assert [match.reason for match in result.matches[:3]] == [
        f"Cell {number} is like it." for number in (1, 9, 2)
    ]
    assert not any(match.reason for match in result.matches[3:])


def test_written_answer_gives_the_same_order_and_reasons(found: list[Match]) -> None:
    one = rerank(ColorVision(), PHOTO, "", found, "", trust=1)
    written = rerank(ColorVision(), PHOTO, "", found, "", trust=1, method="generated")
    assert written.matches == one.matches
    assert written.calls[0].answer
    assert not written.calls[0].scores


def test_model_that_is_not_trusted_is_not_asked(found: list[Match]) -> None:
    vision = ColorVision(error=AssertionError("asked"))
    result = rerank(vision, PHOTO, "", found, "", trust=0)
    assert result.matches == tuple(found)
    assert result.outcome == "not asked"
    assert result.why
    assert not vision.asked


@pytest.mark.parametrize("count", [0, 1])
def test_nothing_to_put_in_order_is_not_asked_about(count: int, tmp_path: Path) -> None:
    vision = ColorVision(error=AssertionError("asked"))
    result = rerank(vision, PHOTO, "", mugs(tmp_path, count), "")
    assert (len(result.matches), result.outcome) == (count, "not asked")


@pytest.mark.parametrize("trust", [-0.1, 1.1, float("nan")])
def test_trust_outside_its_range_is_an_error(trust: float, found: list[Match]) -> None:
    with pytest.raises(ValueError, match="trust"):
        rerank(ColorVision(), PHOTO, "", found, "", trust=trust)


def test_more_trust_moves_the_red_mug_further_up(found: list[Match]) -> None:
    places = [
        rerank(ColorVision(), PHOTO, "", found, "", trust=trust, reasons=0).order.index(8)
        for trust in (0.0, 0.2, 0.4, 0.6, 1.0)
    ]
    assert places == sorted(places, reverse=True)
    assert (places[0], places[-1]) == (8, 0)


@pytest.mark.parametrize(
    "error",
    [
        ModelError("No memory."),
        SetupError("The server is gone."),
        TimeoutError(),
        ConnectionResetError("cut"),
    ],
)
@pytest.mark.parametrize("way", ["one pass", "generated"])
def test_model_that_fails_leaves_the_order_of_the_retriever(
    error: Exception, way: RankingMethod, found: list[Match]
) -> None:
    asked = rerank(ColorVision(error=error), PHOTO, "", found, "", method=way)
    assert asked.matches == tuple(found)
    assert asked.outcome == "fell back"
    assert asked.why == (str(error) or "The vision model failed.")
    assert asked.late == isinstance(error, TimeoutError)


@pytest.fixture
def stuck() -> Iterator[Event]:
    event = Event()
    yield event
    event.set()


def test_model_that_hangs_leaves_the_order_of_the_retriever_in_time(
    stuck: Event, found: list[Match]
) -> None:
    result = rerank(ColorVision(stuck=stuck), PHOTO, "", found, "", timeout_s=2)
    assert result.matches == tuple(found)
    assert (result.outcome, result.why) == (
        "fell back",
        "The vision model was not done within 2 s.",
    )
    assert result.timings_s["ranking"] > 0.1


def test_look_that_got_no_answer_is_kept_with_its_picture(stuck: Event, found: list[Match]) -> None:
    """Backwards it answered, forwards it hung: both looks are there, the second with the reason."""

    class Second(ColorVision):
        def _hear(self, picture: Image.Image | None, prompt: str, answer_start: str) -> None:
            super()._hear(picture, prompt, answer_start)
            if len(self.asked) == 2:
                stuck.wait()

    vision = Second()
    watched: list[RankingSession] = []
    result = rerank(
        vision, PHOTO, "", found, "", both_orders=True, timeout_s=3, on_session=watched.append
    )
    answered, hung = result.calls
    assert (answered.outcome, len(answered.scores)) == ("complete", 9)
    assert (hung.outcome, hung.scores) == ("failed", ())
    assert hung.why == result.why == "The vision model was not done within 3 s."
    assert (hung.picture, hung.prompt) == (vision.asked[1].picture, vision.asked[1].prompt)
    assert hung.order == hung.places == tuple(range(9))
    assert tuple(watched[0].calls) == result.calls


def test_bug_in_a_backend_keeps_its_traceback(found: list[Match]) -> None:
    with pytest.raises(ZeroDivisionError):
        rerank(ColorVision(error=ZeroDivisionError()), PHOTO, "", found, "")


@pytest.mark.parametrize("answer", ["", "I cannot rank people.", "[[[", '{"ranking": []}'])
def test_answer_without_a_ranking_leaves_the_order_of_the_retriever(
    answer: str, found: list[Match]
) -> None:
    result = rerank(ColorVision(answer=answer), PHOTO, "", found, "", trust=1, method="generated")
    assert result.matches == tuple(found)
    assert result.outcome == "fell back"
    assert result.calls[0].answer == answer


def test_eight_of_nine_are_repaired(found: list[Match]) -> None:
    answer = json.dumps({"ranking": [9, 8, 7, 6, 4, 3, 2, 1], "reasons": {"9": "Red."}})
    result = rerank(ColorVision(answer=answer), PHOTO, "", found, "", trust=1, method="generated")
    assert names(result) == "9 8 7 6 4 3 2 1 5"
    assert (result.outcome, result.why) == ("repaired", "About the answer: 5 is missing.")
    assert result.matches[0].reason == "Red."


def test_label_that_a_server_says_nothing_about_comes_last(found: list[Match]) -> None:
    result = rerank(ColorVision(deaf_to="93"), PHOTO, "", found, "", trust=1)
    assert names(result) == "8 7 6 5 4 2 1 3 9"
    assert result.outcome == "repaired"
    deaf = rerank(ColorVision(deaf_to="123456789"), PHOTO, "", found, "", trust=1)
    assert (deaf.matches, deaf.outcome) == (tuple(found), "fell back")


def test_scores_that_are_no_numbers_leave_the_order_of_the_retriever(found: list[Match]) -> None:
    result = rerank(ColorVision(likes_late=float("nan")), PHOTO, "", found, "")
    assert (result.matches, result.outcome) == (tuple(found), "fell back")
    assert "float32" in result.why


def test_reasons_that_fail_cost_no_order(found: list[Match]) -> None:
    for vision in (
        ColorVision(answer="Sorry."),
        ColorVision(error=TimeoutError("Too late."), error_from=2),
    ):
        result = rerank(vision, PHOTO, "", found, "", trust=1)
        assert names(result) == "9 8 7 6 5 4 3 2 1"
        assert result.outcome == "complete"
        assert not any(match.reason for match in result.matches)
    assert result.why == "There are no reasons: Too late."


def test_both_orders_cancel_a_liking_for_late_places(found: list[Match]) -> None:
    backwards = found[::-1]
    biased = ColorVision(likes_late=9)
    once = rerank(biased, PHOTO, "", backwards, "", trust=1)
    assert names(once) == "1 2 3 4 5 6 7 8 9"
    twice = rerank(biased, PHOTO, "", backwards, "", trust=1, both_orders=True)
    assert names(twice) == "9 8 7 6 5 4 3 2 1"
    assert [look.places[0] for look in twice.calls] == [8, 0]


def test_both_orders_of_written_answers_take_the_mean_rank(found: list[Match]) -> None:
    result = rerank(
        ColorVision(), PHOTO, "", found, "", trust=1, method="generated", both_orders=True
    )
    assert names(result) == "9 8 7 6 5 4 3 2 1"
    assert len(result.calls) == 2


def test_look_that_gave_no_order_has_no_say_in_the_mean(found: list[Match]) -> None:
    vision = ColorVision(answers=["I would rather not."])
    result = rerank(vision, PHOTO, "", found, "", trust=1, method="generated", both_orders=True)
    assert [look.outcome for look in result.calls] == ["fell back", "complete"]
    assert names(result) == "9 8 7 6 5 4 3 2 1"
    assert result.outcome == "repaired"


def test_missing_follow_in_the_order_of_the_retriever_also_backwards(found: list[Match]) -> None:
    """Backwards, number 1 is the ninth candidate."""
    vision = ColorVision(answer='{"ranking": [1]}')
    result = rerank(vision, PHOTO, "", found, "", method="generated", both_orders=True)
    assert [look.order[:3] for look in result.calls] == [(8, 0, 1), (0, 1, 2)]


@pytest.mark.parametrize("count", [2, 5, 10, 14, 24])
def test_more_than_nine_are_seen_in_windows_and_the_reddest_comes_first(
    count: int, tmp_path: Path
) -> None:
    found = mugs(tmp_path, count)
    result = rerank(ColorVision(), PHOTO, "", found, "", trust=1)
    assert sorted(result.order) == list(range(count))
    assert result.order[:2] == (count - 1, count - 2)
    assert [bool(match.reason) for match in result.matches[:3]] == [True] * min(3, count)
    assert all(len(look.places) <= 9 for look in result.calls)


def test_words_stand_for_a_photo(found: list[Match]) -> None:
    vision = ColorVision()
    rerank(vision, "a red mug", "", found, "a red mug", reasons=0)
    rerank(vision, "another mug", "", found, "a red mug", reasons=0)
    one, two = (asked.picture for asked in vision.asked)
    assert one is not None
    assert two is not None
    assert one.crop((0, 0, 96, 96)).tobytes() != two.crop((0, 0, 96, 96)).tobytes()
    assert one.crop((96, 0, 480, 192)).tobytes() == two.crop((96, 0, 480, 192)).tobytes()


def test_product_without_a_picture_is_ranked_all_the_same(found: list[Match]) -> None:
    Path(found[3].product.image).unlink()
    Path(found[4].product.image).write_bytes(b"not a picture")
    result = rerank(ColorVision(), PHOTO, "", found, "")
    assert sorted(result.order) == list(range(9))
    assert result.outcome == "complete"


def test_record_holds_what_the_model_saw_and_said(found: list[Match]) -> None:
    vision = ColorVision()
    result = rerank(vision, PHOTO, "Something red.", found, "like this")
    (look,) = result.calls
    ranking, reasons = vision.asked
    assert (look.picture, look.prompt) == (ranking.picture, ranking.prompt)
    assert ranking.answer_start == ANSWER_START
    # The same picture and prompt again, so that a backend can go on from what it has kept.
    assert (reasons.picture, reasons.prompt) == (ranking.picture, ranking.prompt)
    assert json.loads(look.answer)["reasons"]
    assert '"Something red."' in look.prompt
    assert len(look.scores) == 9
    assert set(result.timings_s) == {"pictures", "grid", "ranking", "reasons"}


def test_caption_is_one_line() -> None:
    assert ColorVision().caption(PHOTO) == "Something of one color."


def test_product_picture_of_more_than_ten_megabytes_is_looked_at(found: list[Match]) -> None:
    """It was ingested and is shown, but its cell used to be blank: the limit of uploads held."""
    path = Path(found[8].product.image).with_suffix(".bmp")
    Image.new("RGB", (2000, 1800), RED).save(path)
    assert path.stat().st_size > 10_000_000
    large = replace(found[8], product=replace(found[8].product, image=str(path)))
    result = rerank(ColorVision(), PHOTO, "", [*found[:8], large], "", trust=1)
    assert names(result) == "9 8 7 6 5 4 3 2 1"


def test_product_pictures_have_one_limit_everywhere(tmp_path: Path) -> None:
    """Ingest, search, cards and the reranker take the same files."""
    path = tmp_path / "large.jpg"
    Image.new("RGB", (40, 40), RED).save(path)
    with path.open("ab") as file:
        file.truncate(PRODUCT_PICTURE_MB * 1_000_000)
    assert open_product_picture(path).size == (40, 40)
    with path.open("ab") as file:
        file.truncate(PRODUCT_PICTURE_MB * 1_000_000 + 1)
    with pytest.raises(PhotoError, match="up to 100 MB"):
        open_product_picture(path)
