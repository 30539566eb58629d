"""Objects of a JSON file, however it lays them out: a line each, in one list, in a wrapper.

RFC 8259 for the text of one object. What stands between objects is followed by its braces alone,
so that one broken object costs itself and not what stands behind it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal, TextIO

from tools.catalogue.source import DAMAGED

CUT_OFF = "the file is cut off or damaged here; nothing behind can be read"
LONGEST = 64 * 1024 * 1024
"""Characters of a line, cell or object; more is a broken export and would fill the memory."""
_CHUNK = 1 << 13
"""Characters read at once; what breaks off within them is lost with the break."""
_START = 1 << 20
"""Characters in which the list of a wrapper begins."""

Layout = Literal["lines", "list", "one after another", "wrapped"]

_TOKEN = re.compile(r'"(?:[^"\\\n]|\\[^\n])*+("|\\?\n|\\?$)|[{}\[\]]')
"""A brace, or a text. No text goes over a line end: one that does was never closed."""
_PLAIN = r'"(?:[^"\\\n]|\\.)*+"'
_VALUE = rf"(?:{_PLAIN}|[-+.\w]++|\[[^\[\]{{}}]*+\]|\{{[^{{}}]*+\}})"
_WRAPPERS = (
    "products|items|data|results|result|catalog|catalogue|records|rows|entries|hits|nodes|"
    "listings|articles|offers|feed|channel|content|objects|docs|response|body|inventory"
)
_WRAPPER = re.compile(
    rf'\s*\{{(?:\s*{_PLAIN}\s*:\s*{_VALUE}\s*,)*?\s*"(?:{_WRAPPERS})"\s*:\s*(?=[\[{{])',
    re.IGNORECASE,
)
"""From a brace to the list or object under a name that exports and shops' servers wrap it in."""
_OPENED = re.compile(r"\{\s*\n")


@dataclass(frozen=True, slots=True)
class Found:
    """The text of one object, and the line it begins on (from 1); or what is wrong there."""

    line: int
    text: str = ""
    problem: str = ""


def layout_of(start: str) -> Layout | None:
    """How a text that begins like this holds its objects; None where it is no JSON."""
    if start.startswith("["):
        return "list" if re.match(r"\[\s*(?:[\[{\]]|$)", start) else None
    if not start.startswith("{"):
        return None
    lines = start.splitlines()
    if _list_in_wrapper(start) is not None and (len(lines) == 1 or _object_in(lines[0]) is None):
        return "wrapped"
    if _OPENED.match(start) and not any(_object_in(line) is not None for line in lines):
        return "one after another"
    return "lines"


def objects_at_start(start: str, layout: Layout) -> list[dict[str, Any]]:
    """The objects that stand whole in the first characters of a file."""
    if layout == "lines":
        texts = start.splitlines()
    else:
        scan = _Scan(layout)
        texts = [found.text for found in scan.feed(start)]
    return [values for text in texts if (values := _object_in(text)) is not None]


def find_objects(file: TextIO, layout: Layout) -> Iterator[Found]:
    """The objects of a file that is not laid out in lines, in their order, never all at once."""
    scan = _Scan(layout)
    damaged = False
    while not scan.over:
        try:
            more = file.read(max(_CHUNK, scan.waiting))
        except DAMAGED:
            more, damaged = "", True
        yield from scan.feed(more) if more else scan.end(damaged=damaged)


def _object_in(text: str) -> dict[str, Any] | None:
    try:
        values = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return values if isinstance(values, dict) else None


def _list_in_wrapper(start: str) -> int | None:
    """Where the list of objects in a wrapper begins, or None."""
    place = 0
    while wrapper := _WRAPPER.match(start, place):
        place = wrapper.end()
        if start[place] == "[":
            return place if re.match(r"\[\s*(?:\{|$)", start[place : place + 10_000]) else None
    return None


class _Scan:
    """Follows braces through a text that comes in parts."""

    def __init__(self, layout: Layout) -> None:
        self.over = False
        self._layout = layout
        self._text = ""
        self._line = 1
        """Of the first character of the text that is kept."""
        self._next = 0
        """Where in it the next token is looked for."""
        self._between = 0
        """Where what stands before that token begins."""
        self._lists = 0
        """Lists that are open around the objects."""
        self._open: list[str] = []
        """Braces of the object that is being read."""
        self._begun = 0
        self._begun_line = 1
        self._too_long = False
        self._entered = layout != "wrapped"

    @property
    def waiting(self) -> int:
        """Characters that are kept until what they belong to is whole."""
        return len(self._text)

    def feed(self, more: str) -> Iterator[Found]:
        """The objects that become whole by this, and what is wrong between them."""
        self._text += more
        if not self._entered:
            place = _list_in_wrapper(self._text)
            self._entered = place is not None
            self._next = self._between = place or 0
            if place is None and len(self._text) < 2 * _START:
                return
        while not self.over and (token := _TOKEN.search(self._text, self._next)):
            if token[1] in ("", "\\"):
                break  # the text may go on in the next part
            yield from self._take(token[0][0], token.start())
            self._next = self._between = token.end()
        self._forget()
        if len(self._text) > LONGEST:
            yield from self._give_up()

    def end(self, *, damaged: bool = False) -> Iterator[Found]:
        """What is wrong at the end of the file, or where it can be read no further."""
        self.over = True
        line = self._line + self._text.count("\n")
        if self._open and not self._too_long:
            line = self._begun_line
        if damaged or self._open or self._lists or not self._entered:
            yield Found(line, problem=CUT_OFF)

    def _give_up(self) -> Iterator[Found]:
        if not self._too_long:
            line = self._begun_line if self._open else self._line
            yield Found(line, problem=f"longer than {LONGEST:,} characters")
        self._too_long = True
        self._forget()
        if len(self._text) > LONGEST:
            # All of it stands before a token, or is one that does not end: how it ends is enough.
            unfinished = '"' if _TOKEN.search(self._text, self._next) else ""
            self._line += self._text.count("\n", 0, -2)
            self._text = unfinished + self._text[-2:]
            self._next = self._between = 0

    def _take(self, mark: str, place: int) -> Iterator[Found]:
        if self._open:
            yield from self._within(mark, place)
            return
        if odd := self._text[self._between : place].strip(" \t\r\n,\ufeff"):
            yield Found(self._line_at(place), problem=f"{odd[:60]!r} is not a JSON object")
        if mark == "{":
            self._begin(place)
        elif mark == "[":
            self._lists += 1
        elif mark == "]":
            self._close_list()
        elif mark == '"':
            yield Found(self._line_at(place), problem="not a JSON object")

    def _within(self, mark: str, place: int) -> Iterator[Found]:
        if mark == '"':
            return
        if mark in "{[":
            before = self._text[self._between : place].rstrip()[-1:]
            if mark == "{" and self._open[-1] == "{" and before != ":":
                # No object stands there: the one before was never closed.
                yield from self._broken()
                self._begin(place)
            else:
                self._open.append(mark)
        elif (mark == "}") == (self._open[-1] == "{"):
            self._open.pop()
            if not self._open and not self._too_long:
                yield Found(self._begun_line, self._text[self._begun : place + 1])
        elif mark == "]" and len(self._open) == 1 and self._lists:
            yield from self._broken()
            self._close_list()
        elif mark == "}":  # a list within was never closed
            while self._open and self._open.pop() != "{":
                pass
            if not self._open:
                yield from self._broken()

    def _close_list(self) -> None:
        self._lists = max(0, self._lists - 1)
        self.over = not self._lists and self._layout != "one after another"

    def _begin(self, place: int) -> None:
        self._open, self._too_long = ["{"], False
        self._begun, self._begun_line = place, self._line_at(place)

    def _broken(self) -> Iterator[Found]:
        self._open = []
        if not self._too_long:
            yield Found(self._begun_line, problem="not valid JSON: a bracket is missing")

    def _line_at(self, place: int) -> int:
        return self._line + self._text.count("\n", 0, place)

    def _forget(self) -> None:
        """Lets go of what belongs to no object that is still open."""
        keep = self._begun if self._open and not self._too_long else self._between
        self._line += self._text.count("\n", 0, keep)
        self._text = self._text[keep:]
        self._next, self._between = self._next - keep, self._between - keep
        self._begun -= keep
