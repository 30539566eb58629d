"""How much one turn may cost."""

from __future__ import annotations

from dataclasses import dataclass

FALLBACK_MODEL_CALLS = 5
"""Of the built-in chat model where it finishes a turn: two searches, a look at what they found, the
answer, and one to spare. They cost nothing, so they count apart."""
_MODELS_SHARE = 0.75


@dataclass(frozen=True, slots=True)
class TurnLimits:
    """A turn that reaches one of these is finished by the built-in chat model; with that one as
    the chat model it ends. What was found until then stays shown."""

    model_calls: int = 6
    """A plain search takes two."""
    tool_calls: int = 4
    """Past this the model is told to answer with what it has."""
    seconds: float = 60.0
    """From the moment the turn starts to run; waiting for an earlier turn does not count. Past it
    the turn fails, whoever finishes it."""
    model_seconds: float = 30.0
    """Of one call of the chat model."""
    tokens: int = 100_000
    """Of all calls of the chat model, read and written."""

    @property
    def model_deadline_s(self) -> float:
        """Seconds from the start of a turn after which the chat model is not waited for, so that
        the built-in one has time to finish."""
        return self.seconds * _MODELS_SHARE

    @property
    def reserved_tool_calls(self) -> int:
        """Tool calls that a chat model cannot use up before a search of its has found anything,
        so that the built-in one can still search."""
        return min(2, self.tool_calls // 2)

    def graph_steps(self) -> int:
        """LangGraph's own limit, whose default of 9,999 steps is none.

        A model call takes up to eight steps with its hooks and its tools; the first and last
        few are the hooks around the run.
        """
        return 8 * (self.model_calls + FALLBACK_MODEL_CALLS) + 10
