"""What strangers write is read in time linear in its length, whatever it repeats."""

from __future__ import annotations

import importlib
import pkgutil
import random
import re
import threading
import time
from collections.abc import Callable, Iterator
from itertools import pairwise
from re import _constants, _parser  # type: ignore[attr-defined]  # only they know a repeat's bound
from types import ModuleType
from typing import Any

import pytest

import assistant.models.rules.lexicon
import assistant.models.rules.parse
import tools.media.public_network
import tools.money
from assistant.conversation import LONGEST_TEXT
from assistant.models.rules.chat_model import OfflineChatModel
from assistant.models.rules.lexicon.bounded import bounded
from assistant.models.rules.lexicon.catalogue_names import Lexicon
from assistant.models.rules.parse.message import read_message
from assistant.models.rules.parse.small_talk import agrees
from tests.support.repeats import TIMES
from tools.catalogue.vocabulary import Vocabulary
from tools.money import parse_price

FRAGMENTS = (
    "w/", "1 ", "1", "$1 ", "1-", "a", " ", "| ", "no ", "not a or ", "not a, ", "with ", "a ",
    "between 1 and ", "5 stars and up ", "thanks a lot ", "very much ", "the same pattern ",
    "is a is b ", "under $1 or less ", "1,000", "1.5 ", "' ", "- ", "&", "twenty ", "one and ",
    "the first one ", "like the ", "number 1 ", "between better ", "put ", "any color ",
    "instead of a ", "red is fine ", "\n", "\U0001f600", "a'b.", "aB ", "red or blue ",
)  # fmt: skip
"""Of messages; each is repeated."""
LENGTH = LONGEST_TEXT if TIMES > 1 else LONGEST_TEXT // 4
"""A square or a cube shows at a quarter of the longest message already."""
TWICE = 3.0
"""Times that twice the length may take: 2 for linear, 4 for quadratic reading."""
NOISE_S = 0.03


def modules() -> Iterator[ModuleType]:
    yield from (tools.money, tools.media.public_network)
    for package in (assistant.models.rules.lexicon, assistant.models.rules.parse):
        for module in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
            yield importlib.import_module(module.name)


def compiled(value: object) -> Iterator[re.Pattern[str]]:
    """The patterns in a value, at any depth of tuples, lists and dicts."""
    if isinstance(value, re.Pattern):
        yield value
    elif isinstance(value, dict):
        for each in value.values():
            yield from compiled(each)
    elif isinstance(value, tuple | list):
        for each in value:
            yield from compiled(each)


PATTERNS = {
    f"{module.__name__.rpartition('.')[2]}.{name}-{place}": pattern
    for module in modules()
    for name, value in vars(module).items()
    for place, pattern in enumerate(compiled(value))
}


def repeats(parsed: Any) -> Iterator[int]:
    """The most times of every repeat in a parsed pattern."""
    for operation, argument in parsed:
        if operation in (_constants.MAX_REPEAT, _constants.MIN_REPEAT):
            yield int(argument[1])
        inner = argument if isinstance(argument, list | tuple) else [argument]
        for each in inner:
            if isinstance(each, _parser.SubPattern):
                yield from repeats(each)
            elif isinstance(each, list):
                for branch in each:
                    if isinstance(branch, _parser.SubPattern):
                        yield from repeats(branch)


def test_there_are_patterns() -> None:
    assert len(PATTERNS) > 80


@pytest.mark.parametrize("name", PATTERNS)
def test_pattern_has_no_repeat_without_a_bound(name: str) -> None:
    pattern = PATTERNS[name]
    assert max(repeats(_parser.parse(pattern.pattern, pattern.flags)), default=0) < 1000


def seconds(run: Callable[[], object]) -> float:
    """Processor time, the shortest of some runs: a busy machine makes it only longer."""
    times = []
    for _ in range(3):
        start = time.thread_time()
        run()
        times.append(time.thread_time() - start)
        if times[-1] < NOISE_S:
            break
    return min(times)


def grows_too_fast(read: Callable[[str], object], fragment: str, length: int = LENGTH) -> bool:
    half, whole = (fragment * length)[: length // 2], (fragment * length)[:length]
    for _ in range(3):
        after = seconds(lambda: read(whole))
        if after <= NOISE_S or after <= TWICE * seconds(lambda: read(half)):
            return False
    return True


@pytest.mark.parametrize("name", PATTERNS)
def test_pattern_takes_linear_time(name: str) -> None:
    pattern = PATTERNS[name]
    words = sorted(set(re.findall(r"[a-z']+(?: [a-z']+)*|[#$|,-]", pattern.pattern)))
    chosen = random.Random(name)
    chosen.shuffle(words)
    pairs = [f"{a} {b} " for a, b in pairwise(words)]
    fragments = [*(f"{word} " for word in words[:12]), *pairs[:12], *FRAGMENTS]
    slow = [
        each
        for each in fragments
        if grows_too_fast(lambda text: all(pattern.finditer(text)), each, LONGEST_TEXT // 4)
    ]
    assert not slow


@pytest.fixture(scope="module")
def lexicon() -> Lexicon:
    return Lexicon.of(Vocabulary(
        categories={"Mugs": 3, "Phone cases": 2, "Bags & purses": 1},
        brands={"Mossgate": 3, "Fern & Co": 3}, colors={"red": 3, "blue": 3},
    ))  # fmt: skip


@pytest.mark.parametrize("fragment", FRAGMENTS)
def test_message_is_read_in_linear_time(fragment: str, lexicon: Lexicon) -> None:
    def read(text: str) -> None:
        for message in (text, f"a red mug {text} under", f"not {text} 1"):
            read_message(message, lexicon, shown=9, photos=2)
            agrees(message)

    assert not grows_too_fast(read, fragment)


@pytest.mark.parametrize("fragment", ["1", "1 ", "1,000", "1.000", "a", "$ ", "1a", "-", "USD"])
def test_price_is_parsed_in_linear_time(fragment: str) -> None:
    def read(text: str) -> None:
        with pytest.raises(ValueError, match=r"is not a (?:single )?price"):
            parse_price(text, "USD")

    assert not grows_too_fast(read, fragment)


@pytest.mark.parametrize(
    ("pattern", "written"),
    [
        (r"a*b+c{2,}", r"a{0,64}b{1,64}c{2,64}"),
        (r"(?:ab )*\s+\d*", r"(?:ab ){0,16}\s{1,8}\d{0,24}"),
        (r"[]*+]+[^\]*]*", r"[]*+]{1,64}[^\]*]{0,64}"),
        (r"\*\+x?(?P<n>y)?.*?", r"\*\+x?(?P<n>y)?.{0,160}?"),
        (r"a{3}b{1,2}(?=x)", r"a{3}b{1,2}(?=x)"),
    ],
)
def test_bounds_are_written_for_repeats_alone(pattern: str, written: str) -> None:
    assert bounded(pattern).pattern == written


async def test_message_is_read_off_the_event_loop() -> None:
    threads = []

    def vocabulary() -> Vocabulary:
        threads.append(threading.current_thread())
        return Vocabulary()

    model = OfflineChatModel(vocabulary=vocabulary)
    await model.ainvoke("a red mug")
    async for _ in model.astream("a red mug"):
        pass
    assert threads
    assert threading.current_thread() not in threads
