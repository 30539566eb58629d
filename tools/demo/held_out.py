"""What training never shows, so that it can be measured on: one look in ten, one photo in eight."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from random import Random

from tools.demo.drawing import COLORS, KINDS, PATTERNS, Look
from tools.demo.drawing.palette import FINISHES

SCENE_PATTERNS: dict[str, str] = {
    "leopard": "leopard",
    "leopard coat": "leopard",
    "zebra": "zebra",
    "zebra coat": "zebra",
    "tiger": "tiger",
    "tiger coat": "tiger",
    "giraffe": "giraffe",
    "cow hide": "cow",
    "sunflower field": "floral",
    "flowery curtain cloth": "floral",
    "wooden table": "wood grain",
    "marble slab": "marble",
    "camouflage jacket cloth": "camouflage",
    "polka dot wallpaper": "polka dots",
    "tartan cloth": "plaid",
    "blue sea waves": "waves",
    "starry night": "stars",
    "striped awning": "stripes",
    "checkered floor": "checkerboard",
    "zigzag floor": "chevron",
    "leafy wallpaper": "leaves",
    "heart balloons": "hearts",
}
"""The pattern that each scene shows."""


@dataclass(frozen=True, slots=True)
class Drawing:
    """One picture to draw: a product, a flat swatch, or a scene where one is named."""

    look: Look
    seed: int
    swatch: bool = False
    scene: str = ""


def held_out(look: Look) -> bool:
    """Whether this kind in this pattern and color is kept out of training: one in ten."""
    name = f"{look.kind}|{look.pattern}|{look.color}"
    return hashlib.sha256(name.encode()).digest()[0] % 10 == 0


def plan(seed: int, pictures: int = 2) -> list[Drawing]:
    """Every kind × pattern × color, each `pictures` times over, accent and material by chance."""
    rng = Random(seed)
    drawings = []
    for kind in KINDS:
        for pattern in PATTERNS:
            for color in COLORS:
                accent = rng.choice([name for name in COLORS if name != color])
                look = Look(kind, pattern, color, accent, rng.choice(list(FINISHES)))
                drawings += [Drawing(look, rng.randrange(1 << 30)) for _ in range(pictures)]
    return drawings


def held_out_photo(path: Path) -> bool:
    """Whether this photo is kept out of training, to measure on: by the hash of its id."""
    return hashlib.sha256(path.stem.encode()).digest()[0] % 8 == 0


def photos_of(folder: Path, name: str) -> list[Path]:
    """The photos of one set, in the order of their ids and labels; [] where there is none."""
    return sorted(folder.glob(f"{name}/*/*.jpg"), key=lambda path: (path.stem, path.parent.name))
