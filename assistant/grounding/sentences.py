"""A text as sentences, without the thoughts that some models write before they answer.

A thought stands between tags. Where a server's chat template has written the opening tag already,
only the closing one is in the text, and all before it is the thought.
"""

from __future__ import annotations

import re

_SENTENCE = re.compile(r"(?:\s*\d{1,2}[.)]\s+)?[^\n]*?(?:[.!?]+(?=\s|$)|(?=\n)|$)")
_ENDED = re.compile(r"[.!?…。！？؟][\"'”’»)\]*_]*\s*$")
_TAG = re.compile(
    r"[<\[◁]\s?(?P<end>/?)(?:seed:)?(?:thinking|think|thoughts?|reasoning|reflection)\s?[>\]▷]",
    re.IGNORECASE,
)
_TALKS_TO_ITSELF = re.compile(
    r"\b(?:the (?:user|customer|shopper)(?:'s|’s)?\b|users?\b|i(?: should| need to|'ll need| must"
    r" call| have to)|we (?:should|need to|have to|must)|let me (?:think|check|see|first)|let's"
    r" (?:see|think)|hmm|wait,|okay, so|so i\b|first, i|the (?:tool|function|search call)\b)",
    re.IGNORECASE,
)


def without_thoughts(text: str) -> str:
    """The text without the thoughts that have ended; one that is still open stays."""
    kept: list[str] = []
    start, opened = 0, -1
    for tag in _TAG.finditer(text):
        if not tag["end"]:
            if opened < 0:
                kept.append(text[start : tag.start()])
                opened = tag.start()
            continue
        if opened < 0:
            kept.clear()
        opened, start = -1, tag.end()
        while start < len(text) and text[start].isspace():
            start += 1
    kept.append(text[opened if opened >= 0 else start :])
    return "".join(kept)


def answer_of(text: str) -> str:
    """The text without any thought, ended or not."""
    text = without_thoughts(text)
    tag = _TAG.search(text)
    return text[: tag.start()] if tag else text


def has_open_thought(text: str) -> bool:
    """Whether a thought has begun that has not ended."""
    return _TAG.search(without_thoughts(text)) is not None


def has_bare_end(text: str) -> bool:
    """Whether a thought ends in the text that has not begun in it."""
    opened = False
    for tag in _TAG.finditer(text):
        if tag["end"] and not opened:
            return True
        opened = not tag["end"]
    return False


def sounds_like_thought(text: str) -> bool:
    """Whether a text reads as if its writer spoke to itself, as thoughts without a tag do."""
    return _TALKS_TO_ITSELF.search(text) is not None


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


def without_torn_end(text: str) -> str:
    """The text without a last sentence that has not ended, as in an answer that was cut off."""
    parts = sentences(text.rstrip())
    return text if not parts or _ENDED.search(parts[-1]) else "".join(parts[:-1])
