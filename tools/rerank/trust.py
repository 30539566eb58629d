"""The learned trust in a vision model's order, stored by the names of model and catalogue.

A model that knows one shop's things may know nothing of another's.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from filelock import FileLock

from tools.errors import SetupError
from tools.files import PRIVATE, write_atomic

FILE = "trust.json"


def stored_trust(home: Path, model: str, catalogue: str) -> float | None:
    """The trust, 0 to 1, that was learned for this model on this catalogue; None when none was.

    Versions of before stored it for a model alone: that one holds where none is learned anew.
    Raises SetupError for a file that cannot be read.
    """
    rows = _read(home / FILE)
    row = rows.get(_key(model, catalogue), rows.get(model))
    if row is None:
        return None
    trust = row.get("trust") if isinstance(row, dict) else None
    if isinstance(trust, bool) or not isinstance(trust, int | float) or not 0 <= trust <= 1:
        raise _unusable(home / FILE, f"the trust of {model!r} is no number from 0 to 1")
    return float(trust)


def store_trust(
    home: Path, model: str, catalogue: str, value: float, figures: Mapping[str, object]
) -> None:
    """Stores a trust with the figures that support it, in place of an older one of the same two.

    The write is atomic, also when two processes write at a time. Raises ValueError for a trust
    outside 0 to 1 and SetupError for a home that cannot be written to.
    """
    if not (math.isfinite(value) and 0 <= value <= 1):
        raise ValueError(f"trust is between 0 and 1, not {value}")
    path = home / FILE
    try:
        home.mkdir(parents=True, exist_ok=True)
        with FileLock(path.with_suffix(".lock")):
            now = datetime.now(UTC).isoformat(timespec="seconds")
            rows = _read(path) | {
                _key(model, catalogue): {
                    "trust": value,
                    "learned_at": now,
                    "figures": dict(figures),
                }
            }
            write_atomic(path, json.dumps(rows, ensure_ascii=False, indent=1), mode=PRIVATE)
    except OSError as error:
        raise _unusable(path, error.strerror or str(error)) from error


def _key(model: str, catalogue: str) -> str:
    return f"{model} on {catalogue}"


def _read(path: Path) -> dict[str, Any]:
    try:
        rows = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise _unusable(path, error.strerror or str(error)) from error
    except ValueError as error:
        raise _unusable(path, str(error)) from error
    if not isinstance(rows, dict):
        raise _unusable(path, "it is no JSON object")
    return rows


def _unusable(path: Path, why: str) -> SetupError:
    return SetupError(
        f"{path} cannot be used ({why}). Let it be read and written, or move it away: it only "
        "holds what `pounce evaluate --learn-trust` learned."
    )
