"""The vision model that ships with Pounce: small, of the same classes, trained for its own shop."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

BUILTIN = "builtin"
"""Its name in the settings, and what a learned trust is stored under."""
FOLDER = Path(__file__).resolve().parents[1] / "demo" / "weights" / "vision"


def builtin_trust() -> float:
    """How far its order counts against the search's, as learned on the built-in shop's queries."""
    card = json.loads((FOLDER / "training.json").read_text(encoding="utf-8"))
    return float(card["trust"])


def builtin_fingerprint(dtype: str) -> str:
    """Changes with any of its files, and with the type that its weights are computed in."""
    digest = hashlib.sha256()
    for file in sorted(FOLDER.iterdir()):
        digest.update(file.read_bytes())
    return f"phi3-vision {dtype} {digest.hexdigest()[:16]}"


def builtin_crop_side() -> int:
    """Pixels along one crop, read without the imports that opening the model takes."""
    config = json.loads((FOLDER / "config.json").read_text(encoding="utf-8"))
    return int(config["img_processor"]["clip_config"]["image_size"])
