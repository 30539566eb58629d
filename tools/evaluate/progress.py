"""Callbacks that hear how far an evaluation is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tools.ingest import Progress
    from tools.workspace import Drawn

CountCallback = Callable[[int, int], None]
"""Receives (done, all)."""


@dataclass(frozen=True, slots=True)
class ProgressCallbacks:
    """One callback for each stage."""

    drawn: Drawn = lambda *_: None
    ingested: Progress = lambda _: None
    counting: Callable[[str], CountCallback] = lambda _: lambda *_: None
    """Gives the callback of a stage, by the stage's name."""


SILENT = ProgressCallbacks()
"""Reports nothing."""
