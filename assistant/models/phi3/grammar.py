"""Answers that fit a JSON schema by construction: llguidance bound to the model's tokens.

The engine says which tokens may come next and which must. It is an extra of the installation;
plain conversation does without it. Its helpers for numpy are used, because those for torch
compile code when they are first called.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING

import numpy as np

from assistant.models.phi3.answer_shape import Schema
from tools.errors import SetupError

if TYPE_CHECKING:
    from llguidance import LLMatcher
    from numpy.typing import NDArray
    from torch import Tensor

    from tools.phi3_vision.tokenizer import PromptTokenizer

MISSING = (
    "Tools and structured answers of Phi-3 Vision need the package llguidance. "
    'Install it with: .venv/bin/pip install ".[phi3-chat]"'
)
# As the model writes JSON by itself, and so that one value has one spelling.
_STYLE = {
    "whitespace_flexible": False,
    "item_separator": ", ",
    "key_separator": ": ",
    "json_allowed_escapes": '"\\n',
}
_LONGEST_END = 2_000
"""Tokens, past which a schema has no end: it contains itself without a way around."""
_MOST_KEPT = 64
"""Grammars kept ready; a turn of the assistant uses one or two."""


class Grammars:
    """Schemas bound to the tokens of one model. Safe to share between threads."""

    def __init__(self, tokenizer: PromptTokenizer, written: Sequence[bytes]) -> None:
        """`written` is what each token writes. Raises SetupError without llguidance."""
        try:
            from llguidance import LLTokenizer
        except ImportError as error:
            raise SetupError(MISSING) from error
        self.size = len(written)
        self.stop_ids = tokenizer.stop_ids
        self.tokens = LLTokenizer(
            tokenizer.tokenizer.to_str(), n_vocab=self.size, eos_token=list(tokenizer.stop_ids)
        )
        self.written = written
        self.ends = _Ends.of(written)
        self._compiled: dict[str, tuple[LLMatcher, tuple[int, ...]]] = {}
        self._compiling = Lock()

    def rule(self, schema: Schema) -> GrammarRule:
        """A fresh rule for one answer. Raises ValueError for a schema that no grammar can hold."""
        key = json.dumps(schema)
        with self._compiling:
            if key not in self._compiled:
                if len(self._compiled) >= _MOST_KEPT:
                    self._compiled.pop(next(iter(self._compiled)))
                matcher = self._compile(schema)
                end = GrammarRule(self, matcher.deep_copy()).end(())
                self._compiled[key] = matcher, tuple(end)
            matcher, shortest = self._compiled[key]
            return GrammarRule(self, matcher.deep_copy(), shortest)

    def _compile(self, schema: Schema) -> LLMatcher:
        from llguidance import LLMatcher

        # The space is how SentencePiece begins an answer; without it no first token is usual.
        value = json.dumps({**schema, "x-guidance": _STYLE})
        grammar = LLMatcher.grammar_from_lark(f'start: " " answer\nanswer: %json {value}')
        matcher = LLMatcher(self.tokens, grammar, log_level=0)
        if matcher.is_error():
            reason = " ".join(matcher.get_error().split())[:300]
            raise ValueError(f"This schema cannot be kept to while an answer is written: {reason}")
        return matcher


@dataclass(frozen=True, slots=True)
class _Ends:
    """How soon a token leads to the end of JSON: (size,) each, lower is sooner."""

    inside: NDArray[np.float32]
    """In a text: its quote, then what is long, for a text that has a shortest length."""
    outside: NDArray[np.float32]
    """Anywhere else: closing brackets, commas, short values, and what opens something last."""

    @classmethod
    def of(cls, written: Sequence[bytes]) -> _Ends:
        order = {bytes([byte]): place for place, byte in enumerate(b'}],n0123456789tf"-[{')}
        inside = np.full(len(written), 1_000, dtype=np.float32)
        outside = np.full(len(written), 1_000, dtype=np.float32)
        seen: set[bytes] = set()
        # From behind: a character's own token comes after the one for its byte.
        for token in reversed(range(len(written))):
            data = written[token]
            if not data:
                continue
            inside[token] = 500 - len(data)
            if data in order and data not in seen:
                outside[token] = order[data]
                inside[token] = 0 if data == b'"' else inside[token]
            seen.add(data)
        return cls(inside, outside)


class GrammarRule:
    """A `LogitsRule` for one answer: what may come next, what must, and the way to the end.

    For answers that only grow, token by token, as `Phi3Vision.generate` writes them.
    """

    def __init__(
        self, grammars: Grammars, matcher: LLMatcher, shortest: tuple[int, ...] = ()
    ) -> None:
        self._grammars, self._matcher = grammars, matcher
        self.shortest = shortest
        """A whole answer in few tokens: `end` of nothing."""
        self._read = 0
        self._mask = np.zeros((1, (grammars.size + 31) // 32), dtype=np.int32)

    def __call__(self, input_ids: Tensor, scores: Tensor) -> Tensor:
        """Scores of (1, vocabulary) on the CPU, written into: -inf for what may not come next."""
        from llguidance.numpy import apply_token_bitmask_inplace

        self._follow(input_ids[0].tolist())
        apply_token_bitmask_inplace(scores.numpy(), self._allowed(self._matcher))
        return scores

    def forced(self, generated: Sequence[int]) -> tuple[int, ...]:
        """The tokens that must come next, which cost no pass; () where there is a choice.

        After a complete answer it is a stop token.
        """
        self._follow(generated)
        if self._matcher.is_stopped():
            return self._grammars.stop_ids[:1]
        return tuple(self._matcher.compute_ff_tokens())

    def finished(self, generated: Sequence[int]) -> bool:
        """Whether the answer is whole and nothing can follow."""
        self._follow(generated)
        return self._matcher.is_stopped()

    def can_end_with(self, generated: Sequence[int], end: Sequence[int]) -> bool:
        """Whether these tokens would make the answer whole."""
        self._follow(generated)
        if not end and self._matcher.is_stopped():
            return True
        whole = [*end, self._grammars.stop_ids[0]]
        return self._matcher.validate_tokens(whole) == len(whole)

    def end(self, generated: Sequence[int]) -> list[int]:
        """A short sequence of tokens that completes the answer; empty when it is complete.

        It closes texts and lists, and gives required fields the first value that fits. Raises
        ValueError for a schema that has no end.
        """
        self._follow(generated)
        matcher = self._matcher.deep_copy()
        quoted = _Quoted()
        quoted.feed(self._bytes(generated))
        end: list[int] = []
        while not matcher.is_accepting():
            tokens = list(matcher.compute_ff_tokens())
            if not tokens:
                ends = self._grammars.ends
                order = ends.inside if quoted.inside else ends.outside
                allowed = np.unpackbits(self._allowed(matcher).view(np.uint8), bitorder="little")
                allowed = allowed[: self._grammars.size]
                tokens = [int(np.where(allowed == 1, order, np.inf).argmin())]
            if len(end) > _LONGEST_END or not matcher.consume_tokens(tokens):
                raise ValueError("This schema has no end: it needs itself inside itself.")
            end += tokens
            quoted.feed(self._bytes(tokens))
        return end

    def _allowed(self, matcher: LLMatcher) -> NDArray[np.int32]:
        """(1, words) bits, one a token, as numpy's helpers take it."""
        from llguidance.numpy import fill_next_token_bitmask

        fill_next_token_bitmask(matcher, self._mask)
        return self._mask

    def _follow(self, generated: Sequence[int]) -> None:
        new = list(generated[self._read :])
        if new and not self._matcher.consume_tokens(new):
            raise ValueError(f"tokens {new} came where they were not allowed")
        self._read += len(new)

    def _bytes(self, tokens: Sequence[int]) -> bytes:
        return b"".join(self._grammars.written[token] for token in tokens)


class _Quoted:
    """Whether JSON that is read piece by piece is inside a string."""

    def __init__(self) -> None:
        self.inside = False
        self._escaped = False

    def feed(self, data: bytes) -> None:
        for byte in data:
            if self._escaped:
                self._escaped = False
            elif self.inside and byte == 0x5C:
                self._escaped = True
            elif byte == 0x22:
                self.inside = not self.inside
