"""A text as sentences, without the thoughts that some models write before they answer."""

from __future__ import annotations

import re

_SENTENCE = re.compile(r"(?:\s*\d{1,2}[.)]\s+)?[^\n]*?(?:[.!?]+(?=\s|$)|(?=\n)|$)")
_THOUGHT = re.compile(r"<(think|thinking|reasoning)>.*?</\1>\s*", re.DOTALL | re.IGNORECASE)
OPEN_THOUGHT = re.compile(r"<(?:think|thinking|reasoning)>", re.IGNORECASE)
"""Where a thought begins that has not ended."""


def without_thoughts(text: str) -> str:
    """The text without the thoughts that have ended."""
    return _THOUGHT.sub("", text)


def sentences(text: str) -> list[str]:
    """The sentences of a text, which together are the text; "$9.99" ends none."""
    found, place = [], 0
    for match in _SENTENCE.finditer(text):
        if match.end() <= place:
            continue
        end = match.end() + len(text[match.end() :]) - len(text[match.end() :].lstrip(" "))
        found.append(text[place:end])
        place = end
    return found if place == len(text) else [*found, text[place:]]
