"""The assistant's words on their way into a page that reads Markdown."""

from __future__ import annotations

_ANYWHERE = frozenset("\\`*_[<~:&")
"""What opens code, emphasis, links, pictures, HTML, directives and entities."""

_AT_START = frozenset("#>-+=|")
"""What opens a heading, quote, list, rule or table, as the first character of a line."""

_JOINER = "\u2060"
"""Takes no room. Chainlit's page looks for bare addresses once more after the escapes are gone
(mdast-util-gfm-autolink-literal), and a word joiner inside one is all that keeps it text."""


class PlainWords:
    """Makes Markdown that shows words as they are: a title in them is never markup.

    A character is judged by those before it on its line, so words may be cut anywhere. Lines stay
    lines, without blanks at their start: four of them would make code. What needs no escape gets
    none, since the page's copy button copies the Markdown.
    """

    def __init__(self) -> None:
        self._line = ""

    def add(self, words: str) -> str:
        """The Markdown of the words that come next."""
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
