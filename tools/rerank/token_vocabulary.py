"""A model's tokens as the text they write: what a constraint on text needs to bind tokens."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tools.errors import ModelError

if TYPE_CHECKING:
    from tokenizers import Tokenizer

_SPACE = "▁"
"""How SentencePiece writes a space."""


@dataclass(frozen=True, slots=True)
class StringTokens:
    """The tokens that may stand inside a JSON string, and those that end one."""

    lengths: NDArray[np.int32]
    """(size,), characters of a token that may stand inside; 0 for one that may not."""
    blank: NDArray[np.bool_]
    """(size,), whether it begins with a space."""
    closing: tuple[tuple[int, str, str], ...]
    """Tokens with one quote: the token, what it writes inside, what it writes behind."""


class TokenVocabulary:
    """The tokens of a SentencePiece-like tokenizer (Llama, Phi-3), in texts.

    `size` is the width of the model's scores, which may be larger than the tokenizer. `stop` ends
    an answer. Keep one a model: the first look-ups take some milliseconds.
    """

    def __init__(self, tokenizer: Tokenizer, *, size: int, stop: Sequence[int]) -> None:
        self._tokenizer = tokenizer
        self.size = size
        self.stop = tuple(stop)
        self._encoded: dict[tuple[str, str], tuple[int, ...]] = {}

    @cached_property
    def texts(self) -> dict[int, str]:
        """The text of every token that writes some by itself.

        Special and added tokens are left out, and so are the single bytes of a character that has
        no token of its own.
        """
        added = self._tokenizer.get_added_tokens_decoder()
        texts = {}
        for piece, token in self._tokenizer.get_vocab().items():
            byte = len(piece) == 6 and piece.startswith("<0x") and piece.endswith(">")
            if token not in added and not byte and token < self.size:
                texts[token] = piece.replace(_SPACE, " ")
        return texts

    @cached_property
    def by_text(self) -> dict[str, int]:
        """The token that writes exactly this text."""
        return {text: token for token, text in sorted(self.texts.items(), reverse=True)}

    @cached_property
    def longest(self) -> int:
        """Characters of the longest token."""
        return max(map(len, self.texts.values()), default=0)

    @cached_property
    def string_tokens(self) -> StringTokens:
        """What may be written inside a JSON string without an escape: printable text."""
        lengths = np.zeros(self.size, dtype=np.int32)
        blank = np.zeros(self.size, dtype=np.bool_)
        closing = []
        for token, text in sorted(self.texts.items()):
            inside, quote, behind = text.partition('"')
            if not inside.isprintable() or "\\" in inside:
                continue
            if quote:
                closing.append((token, inside, behind))
            elif text:
                lengths[token], blank[token] = len(text), text[0] == " "
        return StringTokens(lengths, blank, tuple(closing))

    def label_token(self, text: str) -> int:
        """The one token that writes a label. Raises ModelError when it takes several."""
        token = self.by_text.get(text)
        if token is None:
            raise ModelError(
                f'This tokenizer has no single token for "{text}", so its model cannot name '
                "candidates by number. Use another vision model."
            )
        return token

    def encode(self, text: str, behind: str = "") -> tuple[int, ...]:
        """The tokens that write `text` behind other text, as the tokenizer itself would.

        Where it would join the two in one token, which is too late for what is already written,
        the longest tokens from the left are taken. Raises ModelError for text that it cannot
        write.
        """
        key = (text, behind)
        if key not in self._encoded:
            self._encoded[key] = self._as_tokenized(text, behind) or self._longest_first(text)
        return self._encoded[key]

    def _as_tokenized(self, text: str, behind: str) -> tuple[int, ...]:
        before, whole = self._token_ids(behind), self._token_ids(behind + text)
        rest = whole[len(before) :]
        joined = whole[: len(before)] != before
        if joined or "".join(self.texts.get(token, "\0") for token in rest) != text:
            return ()
        return tuple(rest)

    def _token_ids(self, text: str) -> list[int]:
        ids: list[int] = self._tokenizer.encode(text, add_special_tokens=False).ids
        return ids

    def _longest_first(self, text: str) -> tuple[int, ...]:
        tokens, start = [], 0
        while start < len(text):
            stop = min(len(text), start + self.longest)
            while stop > start and text[start:stop] not in self.by_text:
                stop -= 1
            if stop == start:
                raise ModelError(
                    f'This tokenizer has no token for "{text[start]}", so its model cannot write '
                    "JSON. Use another vision model."
                )
            tokens.append(self.by_text[text[start:stop]])
            start = stop
        return tuple(tokens)
