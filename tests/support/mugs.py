"""A red photo, and mugs that are more and more like it."""

from __future__ import annotations

from pathlib import Path

from PIL import Image

from tools.product import Match, Product

RED = (220, 30, 30)
PHOTO = Image.new("RGB", (80, 60), RED)


def mugs(folder: Path, count: int) -> list[Match]:
    """Mugs from the one that is least like red to the one that is; their pictures in `folder`."""
    matches = []
    for number in range(1, count + 1):
        share = number / count
        color = tuple(round(part * share + 255 * (1 - share) * (part < 99)) for part in RED)
        path = folder / f"{number}.png"
        Image.new("RGB", (40, 40), color).save(path)
        product = Product(id=f"mug-{number}", title=f"Mug {number}", image=str(path))
        matches.append(Match(product, 1 - number / 100))
    return matches
