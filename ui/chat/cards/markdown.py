"""Escapes text for a page that renders Markdown."""

from __future__ import annotations

_ANYWHERE = frozenset("\\`*_[<~:&")
"""What opens code, emphasis, links, pictures, HTML, directives and entities."""

_AT_START = frozenset("#>-+=|")
"""What opens a heading, quote, list, rule or table, as the first character of a line."""

_JOINER = "\u2060"
"""A word joiner, which has no width. Chainlit's page looks for bare addresses again after escapes
are resolved (mdast-util-gfm-autolink-literal), and only this inside an address keeps it text."""


class PlainWords:
    """Makes Markdown that shows text as it is: a product's title is never markup.

    Whether a character is escaped depends on those before it on its line, so text may arrive in
    any pieces. Spaces at the start of a line are dropped: four of them would make code. Only what
    needs an escape gets one, since the page's copy button copies the Markdown.
    """

    def __init__(self) -> None:
        self._line = ""

    def add(self, words: str) -> str:
        """The Markdown of the next piece."""
        return "".join(map(self._one, words))

    def _one(self, letter: str) -> str:
        if letter in "\n\r":
            self._line = ""
            return letter
        before = self._line
        if not before and letter in " \t":
            return ""
        self._line += letter
        if letter in _ANYWHERE or (letter in _AT_START and not before):
            return f"\\{letter}"
        if letter == "@":
            return f"@{_JOINER}"
        if letter == "/" and before.endswith(":"):
            return f"{_JOINER}/"
        if letter == "." and before[-3:].lower() == "www":
            return f"{_JOINER}."
        if letter in ".)" and before.isdigit():
            return f"\\{letter}"
        return letter
