"""How much one turn may cost."""

from __future__ import annotations

from dataclasses import dataclass

FALLBACK_MODEL_CALLS = 5
"""Calls of the built-in chat model where it finishes a turn: two searches, a reranking, the answer,
and one to spare. They cost nothing, so they are counted apart."""
_MODEL_SHARE = 0.75


@dataclass(frozen=True, slots=True)
class TurnLimits:
    """When a turn reaches one of these, the built-in chat model finishes it. Where the built-in
    model is the chat model itself, the turn ends. What was found until then stays shown."""

    model_calls: int = 6
    """A plain search takes two."""
    tool_calls: int = 8
    """Past this the model is told to answer with what it has."""
    seconds: float = 60.0
    """From the start of the turn, without the wait for an earlier turn. Past it the turn fails."""
    model_seconds: float = 30.0
    """Seconds for one call of the chat model."""
    tokens: int = 100_000
    """Tokens of all calls of the chat model, read and written."""

    @property
    def model_deadline_s(self) -> float:
        """Seconds from the start of a turn until the chat model must have answered, so that the
        built-in one has time to finish."""
        return self.seconds * _MODEL_SHARE

    @property
    def reserved_tool_calls(self) -> int:
        """Tool calls left to the built-in model until a search of the chat model has found
        something."""
        return min(2, self.tool_calls // 2)

    def graph_steps(self) -> int:
        """LangGraph's own limit, whose default of 9,999 steps is none.

        A model call takes up to eight steps with its hooks and its tools; the first and last
        few are the hooks around the run.
        """
        return 8 * (self.model_calls + FALLBACK_MODEL_CALLS) + 10
