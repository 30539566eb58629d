"""What the published code computes on small random checkpoints in the published layout.

Made by FlagOpen/FlagEmbedding, research/visual_bge (outputs only); `manifest.json` says what each
array means. `full_size.keys.txt.gz` lists keys and shapes of the published checkpoints.
"""

from __future__ import annotations

import gzip
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

HERE = Path(__file__).parent
TOLERANCE = 5e-6


@dataclass(frozen=True)
class Golden:
    """One variant: its checkpoint, its text model, and what it must give."""

    variant: str
    weights: Path
    text_model: Path
    texts: list[str]
    text_ids: list[list[int]]
    expected: dict[str, np.ndarray]

    def pictures(self) -> list[Image.Image]:
        """Landscape RGB, portrait RGB, RGBA, grey, palette."""
        names = ("landscape_rgb", "portrait_rgb", "square_rgba", "gray_l", "palette_p")
        return [Image.open(HERE / "images" / f"{name}.png") for name in names]

    def full_size_shapes(self) -> dict[str, tuple[int, ...]]:
        """Keys and shapes of the published checkpoint."""
        lines = gzip.decompress((HERE / self.variant / "full_size.keys.txt.gz").read_bytes())
        rows = (line.split("\t") for line in lines.decode().splitlines())
        return {key: tuple(json.loads(_as_list(shape))) for key, shape, _ in rows}


def _as_list(shape: str) -> str:
    return "[" + shape.strip("()").rstrip(",") + "]"


def golden(variant: str) -> Golden:
    folder = HERE / variant
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    with np.load(folder / "expected.npz") as arrays:
        expected = dict(arrays)
    return Golden(
        variant=variant,
        weights=folder / manifest["checkpoint"],
        text_model=folder / manifest["text_model_dir"],
        texts=manifest["texts"],
        text_ids=manifest["text_input_ids"],
        expected=expected,
    )
