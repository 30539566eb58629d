"""How much one turn may cost."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TurnLimits:
    """A turn that reaches one of these ends; what was found until then stays shown."""

    model_calls: int = 6
    """Past this the turn fails with a sentence. A plain search takes two."""
    tool_calls: int = 4
    """Past this the model is told to answer with what it has."""
    seconds: float = 60.0
    """From the moment the turn starts to run; waiting for an earlier turn does not count."""

    def graph_steps(self) -> int:
        """LangGraph's own limit, whose default of 9,999 steps is none.

        A model call takes up to eight steps with its hooks and its tools; the first and last
        few are the hooks around the run.
        """
        return 8 * self.model_calls + 10
