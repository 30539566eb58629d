"""An answer's tokens as text, piece by piece, and the words that end it.

Byte by byte, because a character that has no token of its own comes as several tokens, none of
which is text. Pieces joined are the whole answer's text, however they were cut.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tokenizers import Tokenizer

_BYTE = re.compile(r"<0x([0-9A-F]{2})>")
_SPACE = "▁"
"""How SentencePiece writes a space."""


def token_bytes(tokenizer: Tokenizer, size: int) -> tuple[bytes, ...]:
    """What each of `size` tokens writes; b"" for marks and for what the tokenizer does not know."""
    marks = tokenizer.get_added_tokens_decoder()
    written = [b""] * size
    for piece, token in tokenizer.get_vocab().items():
        if token in marks or token >= size:
            continue
        byte = _BYTE.fullmatch(piece)
        written[token] = (
            bytes.fromhex(byte[1]) if byte else piece.replace(_SPACE, " ").encode("utf-8")
        )
    return tuple(written)


class AnswerText:
    """The text of one answer as its tokens come, whole characters only.

    Bytes that are no UTF-8 become U+FFFD. The space that begins SentencePiece's first word is
    left out, as its own decoder does.
    """

    def __init__(self, written: Sequence[bytes]) -> None:
        self._written = written
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._begun = False

    def feed(self, token: int) -> str:
        """The characters that are whole now; "" in the middle of one."""
        data = self._written[token]
        if data and not self._begun:
            self._begun = True
            data = data.removeprefix(b" ")
        return self._decoder.decode(data)

    def end(self) -> str:
        """The remaining bytes of an incomplete character."""
        return self._decoder.decode(b"", final=True)


class StopWords:
    """Text up to the first stop word; a possible beginning of one is held back."""

    def __init__(self, words: Sequence[str]) -> None:
        """Raises ValueError for a word that is empty."""
        if not all(words):
            raise ValueError("a stop word must not be empty")
        self._words = words
        self._held = ""
        self.found = False
        """Whether one has come; nothing is given from there on."""

    def feed(self, text: str) -> str:
        """The text that cannot belong to a stop word."""
        if self.found:
            return ""
        text = self._held + text
        places = [place for word in self._words if (place := text.find(word)) >= 0]
        if places:
            self.found, self._held = True, ""
            return text[: min(places)]
        held = max((self._begun(text, word) for word in self._words), default=0)
        self._held = text[len(text) - held :]
        return text[: len(text) - held]

    def end(self) -> str:
        """The text that was held back, when the answer has ended."""
        held, self._held = self._held, ""
        return held

    @staticmethod
    def _begun(text: str, word: str) -> int:
        """Characters at the end of the text that are a beginning of the word."""
        most = min(len(word) - 1, len(text))
        return next((n for n in range(most, 0, -1) if text.endswith(word[:n])), 0)
