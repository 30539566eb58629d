"""The answer's shape as a constraint: for a model that decodes here, and for a server."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tools.rerank.answer_schema import RankingAnswer

if TYPE_CHECKING:
    from tools.rerank.answer_grammar import RankingRule
    from tools.rerank.token_vocabulary import TokenVocabulary


@dataclass(frozen=True, slots=True)
class RankingConstraint:
    """A `Constraint` that allows answers of one shape alone."""

    answer: RankingAnswer

    def rule(self, vocabulary: TokenVocabulary) -> RankingRule:
        """A fresh rule for one answer that begins with the shape's `start`."""
        from tools.rerank.answer_grammar import RankingRule

        return RankingRule(self.answer, vocabulary)

    def json_schema(self) -> Mapping[str, object]:
        """The nearest JSON schema, see `RankingAnswer.json_schema`."""
        return self.answer.json_schema()
