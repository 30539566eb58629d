"""The tokens of an answer: text is passed on at once, a tool call when it is complete."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from langchain_core.messages import AIMessageChunk, ToolCall
from langchain_core.messages.ai import InputTokenDetails, UsageMetadata
from langchain_core.messages.tool import tool_call_chunk

if TYPE_CHECKING:
    from assistant.models.phi3.grammar import GrammarRule
    from tools.phi3_vision.inference import Phi3Vision
    from tools.phi3_vision.kv_cache import CachedPrompt
    from tools.phi3_vision.sampling import Sampling

_SAY = '{"say": "'
_ESCAPES = {"n": "\n", '"': '"', "\\": "\\"}
"""Behind a backslash; the grammar allows no others."""


@dataclass(slots=True)
class Writing:
    """Generates an answer after a prompt, within a number of tokens."""

    model: Phi3Vision
    reading: CachedPrompt
    max_tokens: int
    rule: GrammarRule | None = None
    sampling: Sampling | None = None
    deadline: float = float("inf")
    tokens: list[int] = field(default_factory=list)
    """What was written so far."""
    cut: bool = False
    """Whether it had to end before the model wanted."""

    def __iter__(self) -> Iterator[int]:
        """The tokens as they come. Raises ValueError when no whole answer has room."""
        if self.rule is None:
            for token in self._generated():
                self.tokens.append(token)
                yield token
            self.cut = len(self.tokens) == self.max_tokens
            return
        end = list(self.rule.shortest)
        if len(end) > self.max_tokens:
            raise ValueError(
                f"max_tokens is {self.max_tokens}, but the shortest answer of this shape that is "
                f"known takes {len(end)}. Allow more."
            )
        for token in self._generated():
            grown = [*self.tokens, token]
            ahead = end[1:] if end[:1] == [token] else end
            if ahead is end and not self.rule.can_end_with(grown, end):
                ahead = self.rule.end(grown)
            if len(grown) + len(ahead) > self.max_tokens:
                self.cut = True  # the end that fitted before this token still does
                break
            self.tokens, end = grown, ahead
            yield token
        if self.cut:
            for token in end:
                self.tokens.append(token)
                yield token

    def _generated(self) -> Iterator[int]:
        return self.model.generate(
            self.reading,
            max_tokens=self.max_tokens,
            processors=[self.rule] if self.rule is not None else [],
            forced=self.rule.forced if self.rule is not None else None,
            sampling=self.sampling,
            deadline=self.deadline,
        )


class ToolAnswer:
    """`{"say": "…"}` or `{"tool": …, "arguments": …}` as its text comes."""

    def __init__(self) -> None:
        self._text = ""
        self._read = len(_SAY)
        self._whole = False

    def feed(self, text: str) -> str:
        """The next words of what is said; "" for all else."""
        self._text += text
        if self._whole or not self._text.startswith(_SAY):
            return ""
        words = []
        while self._read < len(self._text):
            letter = self._text[self._read]
            if letter == '"':
                self._whole = True
                break
            if letter == "\\":
                if self._read + 1 == len(self._text):
                    break
                letter = _ESCAPES[self._text[self._read + 1]]
                self._read += 1
            words.append(letter)
            self._read += 1
        return "".join(words)

    def call(self) -> ToolCall | None:
        """The call that the whole answer is; None when it is words."""
        if self._text.startswith(_SAY):
            return None
        answer: dict[str, Any] = json.loads(self._text)
        return ToolCall(
            name=answer["tool"],
            args=answer["arguments"],
            id=f"call_{uuid.uuid4().hex[:16]}",
            type="tool_call",
        )


def last_piece(
    words: str,
    call: ToolCall | None,
    *,
    read: int,
    known: int,
    wrote: int,
    metadata: dict[str, Any],
) -> AIMessageChunk:
    """The end of a streamed answer: its last words, its call, and what it cost.

    `read` and `wrote` are tokens of the prompt and the answer; `known` of the prompt's were kept.
    """
    calls = []
    if call is not None:
        arguments = json.dumps(call["args"], ensure_ascii=False)
        calls = [tool_call_chunk(name=call["name"], args=arguments, id=call["id"], index=0)]
    return AIMessageChunk(
        content=words,
        tool_call_chunks=calls,
        usage_metadata=UsageMetadata(
            input_tokens=read,
            output_tokens=wrote,
            total_tokens=read + wrote,
            input_token_details=InputTokenDetails(cache_read=known),
        ),
        response_metadata=metadata,
        chunk_position="last",
    )
