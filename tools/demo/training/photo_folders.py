"""Real photos in folders: `FOLDER/<set>/<label>/<id>.jpg`, one in eight kept out of training."""

from __future__ import annotations

import hashlib
from pathlib import Path


def held_out_photo(path: Path) -> bool:
    """Whether this photo is kept out of training, to measure on: by the hash of its id."""
    return hashlib.sha256(path.stem.encode()).digest()[0] % 8 == 0


def photos_of(folder: Path, name: str) -> list[Path]:
    """The photos of one set, in the order of their ids and labels; [] where there is none."""
    return sorted(folder.glob(f"{name}/*/*.jpg"), key=lambda path: (path.stem, path.parent.name))
