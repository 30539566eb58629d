"""Regular expressions that read a text in time linear in its length.

Python's engine tries a pattern at every place of a text, and a repeat without a bound may run to
the end of the text from each: quadratic at best. With every repeat bounded, a place costs a
constant. Not covered: repeats nested in repeats, whose constants multiply; the tests measure them.
"""

from __future__ import annotations

import re

_GROUPS = 16
"""Times that a group, mostly a word of several, is repeated."""
_CHARACTERS = {"s": 8, "d": 24, ".": 160}
_OTHERS = 64
"""Times that a class of characters is repeated: longer than any word."""


def bounded(pattern: str, flags: int = 0) -> re.Pattern[str]:
    """The pattern compiled, with bounds for "*", "+" and "{n,}"."""
    written: list[str] = []
    atom = ""
    place = 0
    while place < len(pattern):
        char = pattern[place]
        end = place + 1
        part = ""
        if char == "\\":
            end += 1
            atom = pattern[place + 1]
        elif char == "[":
            end = _class_end(pattern, place)
            atom = "["
        elif char in "*+" and atom != "quantifier":
            part = f"{{{int(char == '+')},{_most(atom)}}}"
            atom = "quantifier"
        elif char == "{" and (open_end := re.match(r"\{(\d+),\}", pattern[place:])):
            end = place + open_end.end()
            part = f"{{{open_end[1]},{_most(atom)}}}"
            atom = "quantifier"
        else:
            atom = "quantifier" if char in "?}" and atom else char
        written.append(part or pattern[place:end])
        place = end
    return re.compile("".join(written), flags)


def _most(atom: str) -> int:
    return _GROUPS if atom == ")" else _CHARACTERS.get(atom, _OTHERS)


def _class_end(pattern: str, start: int) -> int:
    """Where the class that begins at `start` has ended."""
    place = start + 1
    if pattern[place] == "^":
        place += 1
    place += 1  # a "]" that comes first is a character of the class
    while pattern[place - 1] == "\\" or pattern[place] != "]":
        place += 2 if pattern[place] == "\\" else 1
    return place + 1
