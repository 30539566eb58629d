"""A server that misbehaves: whatever it does, nine results in time, and a word about it.

Time is that of a clock which the server turns while it hangs and the client while it pauses.
"""

from __future__ import annotations

import json
import logging
import re
import socket
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from tests.support.clock import Clock
from tests.support.mugs import PHOTO, mugs
from tests.support.vision_server import (
    Behave,
    ClockedServer,
    Request,
    completion,
    cuts,
    drips,
    drips_headers,
    hangs,
    hangs_in_body,
    looks,
    refuses,
    says,
    sends,
    served,
    speaks_no_http,
)
from tools.circuit_breaker import CircuitBreaker
from tools.errors import ModelError, PounceError, SetupError
from tools.product import Match
from tools.rerank.rerank import RerankResult, rerank
from tools.rerank.session import RankingMethod
from tools.served_vision.backend import ServedVision

TIMEOUT_S = 60.0
"""By the server's clock. Real time runs for the thread around a look as well: one that is not ended
by that clock ends by this one, with other words."""
LATE = r"did not answer within (5\d|60)\.\d s"
TINY = Image.new("RGB", (8, 8))
RETRIES = 4


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> list[Match]:
    return mugs(tmp_path_factory.mktemp("mugs"), 9)


def model(server: ClockedServer, **options: Any) -> ServedVision:
    options = {"backoff_s": 0.002, "new_loop": server.clock.new_loop, **options}
    return ServedVision(server.address, "phi", **options)


def in_a_minute() -> str:
    """As a date, which Retry-After may be as well."""
    return format_datetime(datetime.now(UTC) + timedelta(minutes=1), usegmt=True)


def looked(
    server: ClockedServer, found: list[Match], way: RankingMethod = "generated"
) -> RerankResult:
    """Reranked by this server; nine results, each once, in time."""
    start = server.clock.now
    result = rerank(
        model(server), PHOTO, "", found, "", trust=1, timeout_s=TIMEOUT_S, method=way, reasons=3
    )
    assert server.clock.now - start <= TIMEOUT_S
    assert sorted(match.product.id for match in result.matches) == [
        f"mug-{n}" for n in range(1, 10)
    ]
    assert sorted(result.order) == list(range(9))
    if result.outcome == "fell back":
        assert result.matches == tuple(found)
    return result


@pytest.mark.parametrize("way", ["one pass", "generated"])
@pytest.mark.parametrize("behave", [hangs, hangs_in_body, drips, drips_headers])
def test_server_that_takes_for_ever_costs_no_more_than_its_time(
    behave: Behave, way: RankingMethod, found: list[Match]
) -> None:
    with served(behave, waits_s=TIMEOUT_S) as server:
        result = looked(server, found, way)
    assert (result.outcome, result.late) == ("fell back", True)
    assert re.search(LATE, result.why)


@pytest.mark.parametrize("behave", [hangs, hangs_in_body, drips, drips_headers])
def test_late_server_is_hung_up_on(behave: Behave) -> None:
    """By the model itself, without anybody's deadline around it: its thread comes back."""
    with served(behave, waits_s=TIMEOUT_S) as server:
        start = server.clock.now
        with pytest.raises(TimeoutError, match=LATE):
            model(server).caption(TINY, timeout_s=TIMEOUT_S)
        assert server.clock.now - start <= TIMEOUT_S


@pytest.mark.parametrize(
    ("behave", "requests"),
    [
        (cuts, RETRIES),
        (speaks_no_http, RETRIES),
        (refuses(429), RETRIES),
        (refuses(500), RETRIES),
        (refuses(502), RETRIES),
        (refuses(503), RETRIES),
        (refuses(504), RETRIES),
        (refuses(400), 1),
        (refuses(401), 1),
        (refuses(404), 1),
        (refuses(302, location="/v1/chat/completions"), 1),
        (sends(b"<html>Bad gateway</html>", content_type="text/html"), 1),
        (sends(b"\xff\xfe\x00garbage"), 1),
        (sends(completion("x")[:-20]), 1),
        (sends(b""), 1),
        (sends(b"null"), 1),
        (sends(b"[]"), 1),
        (sends(b"{}"), 1),
        (sends(b'{"error": "no"}'), 1),
        (sends(b'{"choices": null}'), 1),
        (sends(b'{"choices": []}'), 1),
        (sends(b'{"choices": [1]}'), 1),
        (sends(b'{"choices": [{"message": null}]}'), 1),
        (sends(b"[" * 50_000), 1),
        (sends(completion("x"), content_encoding="gzip"), RETRIES),
    ],
)
def test_broken_server_leaves_the_order_of_the_retriever(
    behave: Behave, requests: int, found: list[Match]
) -> None:
    with served(behave) as server:
        result = looked(server, found, "one pass")
        assert len(server.heard) == requests
        assert f"The vision server at {server.address}/v1" in result.why
    assert (result.outcome, result.late) == ("fell back", False)
    assert re.search(r"\. (Check|Set|Try|Look|Start) [^.]*\.?", result.why)


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        ({"ranking": [9, 8, 7, 6, 4, 3, 2, 1], "confidence": 0.5}, "repaired"),
        ({"ranking": [9, 9, 9, 8, 8, 1, 1, 1, 1], "confidence": 0.5}, "repaired"),
        ({"ranking": ["9", "8.", 99, -1, None, 7]}, "repaired"),
        ('{"ranking": [9, 8, 7', "repaired"),
        ("Here you are: ```" + json.dumps({"ranking": [*range(9, 0, -1)]}) + "```", "complete"),
        ("I cannot help with that.", "fell back"),
        ("9 > 8 > 7", "fell back"),
        ("", "fell back"),
        (None, "fell back"),
    ],
)
@pytest.mark.parametrize("way", ["one pass", "generated"])
def test_answer_is_made_whole_and_labelled(
    answer: object, outcome: str, way: RankingMethod, found: list[Match]
) -> None:
    """No scores are told here, so that one pass writes the order as well."""
    said = json.dumps(answer) if isinstance(answer, dict) else answer
    with served(says(said)) as server:
        result = looked(server, found, way)
    assert result.outcome == outcome
    if outcome != "fell back":
        assert result.order[0] == 8


@pytest.mark.parametrize("content", [7, [], [1], {"a": 1}, True])
def test_content_that_is_no_text_is_survived(content: object, found: list[Match]) -> None:
    with served(says(content)) as server:
        assert looked(server, found).outcome == "fell back"


@pytest.mark.parametrize(
    "first",
    [refuses(429), refuses(500), refuses(503, retry_after="0"), cuts, speaks_no_http],
)
def test_server_that_recovers_is_asked_again(first: Behave, found: list[Match]) -> None:
    with served(first, first, looks) as server:
        result = looked(server, found)
        assert len(server.heard) == 3
    assert (result.outcome, result.order[0]) == ("complete", 8)


def test_reasons_that_the_server_fails_at_cost_no_order(found: list[Match]) -> None:
    with served(looks, refuses(400)) as server:
        result = looked(server, found, "one pass")
    assert (result.outcome, result.order[0]) == ("complete", 8)
    assert "no reasons" in result.why


def test_server_is_left_alone_for_as_long_as_it_asks(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    with served(refuses(429, retry_after="1"), looks) as server:
        start = server.clock.now
        assert model(server).caption(TINY, timeout_s=TIMEOUT_S)
        assert server.clock.now - start == 1
    assert "429, asked again in 1.0 s" in caplog.text


@pytest.mark.parametrize("written", [lambda: "60", in_a_minute])
def test_wait_that_outlasts_the_time_fails_at_once(written: Callable[[], str]) -> None:
    wait = written()
    with served(refuses(429, retry_after=wait)) as server:
        start = server.clock.now
        with pytest.raises(ModelError, match=r"takes nothing more for (5\d|60) s"):
            model(server).caption(TINY, timeout_s=30)
        assert server.clock.now == start
        assert len(server.heard) == 1


@pytest.mark.parametrize("wait", ["soon", "-1", "nan", "Thu, 01 Jan 1970 00:00:00 GMT", ""])
def test_wait_that_is_none_is_not_waited_for(wait: str) -> None:
    with served(refuses(429, retry_after=wait), looks) as server:
        assert model(server).caption(TINY, timeout_s=TIMEOUT_S)


def test_retries_end_with_the_time() -> None:
    with served(refuses(503)) as server:
        start = server.clock.now
        with pytest.raises((PounceError, TimeoutError)):
            model(server, attempts=1000, backoff_s=1).caption(TINY, timeout_s=TIMEOUT_S)
        assert TIMEOUT_S / 2 < server.clock.now - start <= TIMEOUT_S
        assert len(server.heard) < 10


def test_late_answer_says_what_came_before_it() -> None:
    with (
        served(refuses(503, "Loading the model."), hangs, waits_s=TIMEOUT_S) as server,
        pytest.raises(TimeoutError, match=f"{LATE}.*503: Loading the model"),
    ):
        model(server).caption(TINY, timeout_s=TIMEOUT_S)


def test_server_that_is_not_there_says_where_it_was_looked_for() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{free.getsockname()[1]}"
    vision = ServedVision(address, "phi", backoff_s=0.002)
    with pytest.raises(SetupError, match=rf"{address}/v1 cannot be reached.*POUNCE_VISION_URL"):
        vision.caption(TINY, timeout_s=TIMEOUT_S)


@pytest.mark.parametrize("timeout_s", [0, -1])
def test_no_time_left_is_no_request_and_no_failure(timeout_s: float) -> None:
    with served() as server:
        vision = model(server)
        for _ in range(5):
            with pytest.raises(TimeoutError):
                vision.caption(TINY, timeout_s=timeout_s)
        assert not server.heard
        assert vision.caption(TINY, timeout_s=TIMEOUT_S)


@pytest.mark.parametrize(
    ("status", "hint"),
    [
        (401, "POUNCE_VISION_KEY"),
        (403, "POUNCE_VISION_KEY"),
        (404, "POUNCE_VISION_MODEL"),
        (400, "POUNCE_VISION_SERVER=openai"),
        (422, "POUNCE_VISION_SERVER=openai"),
        (500, "log"),
    ],
)
def test_refusal_says_what_to_do(status: int, hint: str) -> None:
    with (
        served(refuses(status, "Because of the moon.")) as server,
        pytest.raises(SetupError, match=f"{status}") as caught,
    ):
        model(server).caption(TINY, timeout_s=TIMEOUT_S)
    assert hint in str(caught.value)
    assert ("moon" in str(caught.value)) == (status not in (401, 403))


def test_server_that_keeps_failing_is_left_alone_and_then_tried_once(found: list[Match]) -> None:
    clock = Clock()
    with served(refuses(500)) as server:
        vision = model(
            server, attempts=1, breaker=CircuitBreaker(failures=3, pause_s=30, clock=clock)
        )
        for _ in range(3):
            with pytest.raises(ModelError):
                vision.caption(TINY, timeout_s=TIMEOUT_S)
        assert len(server.heard) == 3
        start = server.clock.now
        result = rerank(vision, PHOTO, "", found, "", timeout_s=TIMEOUT_S)
        assert server.clock.now == start
        assert (result.matches, result.outcome) == (tuple(found), "fell back")
        assert "failed 3 times in a row and is left alone for 30 s more" in result.why
        assert len(server.heard) == 3
        clock.now += 31
        server.script = [looks]
        assert vision.caption(TINY, timeout_s=TIMEOUT_S)
        assert rerank(vision, PHOTO, "", found, "", timeout_s=TIMEOUT_S).outcome == "complete"


def test_server_that_is_late_again_and_again_is_left_alone() -> None:
    with served(hangs, waits_s=TIMEOUT_S) as server:
        vision = model(server, breaker=CircuitBreaker(clock=server.clock))
        for _ in range(3):
            with pytest.raises(TimeoutError):
                vision.caption(TINY, timeout_s=TIMEOUT_S)
        asked = len(server.heard)
        with pytest.raises(ModelError, match="left alone"):
            vision.caption(TINY, timeout_s=TIMEOUT_S)
        assert len(server.heard) == asked


@pytest.fixture(scope="module")
def babbler() -> Iterator[ClockedServer]:
    with served() as server:
        yield server


PIECES = st.sampled_from(['{"ranking": [', "1", "9", ", ", "]", "}", '"', "\\", "null", "\n", "é"])
ANSWERS = st.one_of(st.lists(PIECES).map("".join), st.text(max_size=60), st.none())
BODIES = st.one_of(
    st.binary(max_size=80),
    st.builds(completion, ANSWERS, ANSWERS),
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(max_size=5),
        lambda inner: (
            st.dictionaries(
                st.sampled_from(["choices", "message", "content", "logprobs", "role", "error"]),
                inner,
            )
            | st.lists(inner, max_size=2)
        ),
        max_leaves=8,
    ).map(lambda body: json.dumps(body).encode()),
)


@settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    replies=st.lists(st.tuples(BODIES, st.sampled_from([200, 200, 500])), min_size=1, max_size=3)
)
def test_whatever_comes_back_nine_go_out(
    replies: list[tuple[bytes, int]], babbler: ClockedServer, found: list[Match]
) -> None:
    def babble(reply: tuple[bytes, int]) -> Behave:
        def answer(request: Request) -> None:
            request.reply(*reply)

        return answer

    babbler.heard.clear()
    babbler.script = [babble(reply) for reply in replies]
    for way in ("one pass", "generated"):
        vision = model(babbler, backoff_s=0.0, attempts=2)
        result = rerank(vision, PHOTO, "", found[:3], "", timeout_s=TIMEOUT_S, method=way)
        assert sorted(result.order) == [0, 1, 2]
        assert result.outcome in ("complete", "repaired", "fell back")
        assert result.why or result.outcome == "complete"
