"""The vision model that ships with Pounce: small, of the same classes, trained for its own shop."""

from __future__ import annotations

import json
from pathlib import Path

BUILTIN = "builtin"
"""Its name in the settings, and what a learned trust is stored under."""
FOLDER = Path(__file__).resolve().parents[1] / "demo" / "weights" / "vision"


def builtin_trust() -> float:
    """How far its order counts against the search's, as learned on the built-in shop's queries."""
    card = json.loads((FOLDER / "training.json").read_text(encoding="utf-8"))
    return float(card["trust"])
