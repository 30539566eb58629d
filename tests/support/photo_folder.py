"""A folder of drawn photos, as the training reads real ones."""

from __future__ import annotations

from pathlib import Path
from random import Random

from PIL import Image, ImageDraw


def photo_folder(folder: Path, count: int) -> Path:
    """Discs of many colors on white, as `<set>/<label>/<id>.jpg`."""
    rng = Random(1)
    for number in range(count):
        picture = Image.new("RGB", (90, 120), "white")
        tone = tuple(rng.randrange(200) for _ in range(3))
        ImageDraw.Draw(picture).ellipse((20, 35, 70, 85), fill=tone)
        path = folder / "clothing" / f"sort-{number % 3}" / f"{number}.jpg"
        path.parent.mkdir(parents=True, exist_ok=True)
        picture.save(path)
    return folder
