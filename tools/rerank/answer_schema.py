"""The answer that the vision model is asked for, as one shape for prompt, constraint and server.

{"ranking": [3, 1, 2], "reasons": {"3": "…", "1": "…", "2": "…"}, "confidence": 0.8}
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

ANSWER_START = '{"ranking": ['
"""Behind it comes a number, which is a single token of its own in Phi-3's tokenizer; behind a
space or at the start of an answer it would be two."""

MAX_CANDIDATES = 9
"""What one grid can rank: a label is a single digit."""

REASON_LENGTH = 90
"""Characters of a reason: what fits on a card in two lines."""


@dataclass(frozen=True, slots=True)
class RankingAnswer:
    """The shape of an answer about the candidates numbered 1 to `count`: a `Constraint`.

    The ranking names every number once. The first `reasons` of it have a reason each, of 1 to
    `REASON_LENGTH` characters without quotes. Confidence has one digit, 0.0 to 0.9. `ranked` is
    the whole order where it is known already; then only the rest is left to the model. Raises
    ValueError for counts that do not fit.
    """

    count: int
    reasons: int = 3
    ranked: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        if not 1 <= self.count <= MAX_CANDIDATES:
            raise ValueError(f"one grid ranks 1 to {MAX_CANDIDATES} candidates, not {self.count}")
        if self.ranked and sorted(self.ranked) != list(range(1, self.count + 1)):
            raise ValueError(f"{self.ranked} does not name 1 to {self.count} once each")
        if self.reasons < 0:
            raise ValueError("there cannot be fewer than no reasons")

    @property
    def start(self) -> str:
        """What the answer begins with."""
        if not self.ranked:
            return ANSWER_START
        return (
            ANSWER_START + ", ".join(map(str, self.ranked)) + self.text_after_ranking(self.ranked)
        )

    @property
    def max_tokens(self) -> int:
        """Enough for the longest answer and its stop token, whatever the tokenizer."""
        every = tuple(range(1, self.count + 1))
        given = RankingAnswer(self.count, self.reasons, every)
        tails = (self.text_after_reason(every, i + 1) for i in range(min(self.reasons, self.count)))
        longest = len(given.start) + sum(REASON_LENGTH + 1 + len(tail) for tail in tails) + 2
        return longest - len(self.start) + 1

    def text_after_ranking(self, ranked: tuple[int, ...]) -> str:
        """What the structure writes between the last number and the next choice."""
        if not self.reasons:
            return '], "confidence": 0.'
        return f'], "reasons": {{"{ranked[0]}": "'

    def text_after_reason(self, ranked: tuple[int, ...], given: int) -> str:
        """What it writes behind the quote that ends reason number `given`, from 1."""
        if given < min(self.reasons, len(ranked)):
            return f', "{ranked[given]}": "'
        return '}, "confidence": 0.'

    def json_schema(self) -> Mapping[str, object]:
        """The nearest JSON schema. It cannot say that a number comes once: `uniqueItems` is
        ignored or refused by the engines behind servers, so the answer is repaired afterwards."""
        numbers = list(range(1, self.count + 1))
        reason = {"type": "string", "minLength": 1, "maxLength": REASON_LENGTH}
        properties: dict[str, object] = {
            "ranking": {
                "type": "array",
                "items": {"type": "integer", "enum": numbers},
                "minItems": self.count,
                "maxItems": self.count,
            },
            "reasons": {
                "type": "object",
                "properties": {str(number): reason for number in numbers},
                "additionalProperties": False,
            },
            "confidence": {"type": "number", "minimum": 0, "maximum": 1},
        }
        if not self.reasons:
            del properties["reasons"]
        return {
            "type": "object",
            "properties": properties,
            "required": list(properties),
            "additionalProperties": False,
        }
