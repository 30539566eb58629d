"""What the published code computes on a small random checkpoint in the published layout.

Made by google-deepmind/magiclens and google-research/scenic (outputs only); `manifest.json` says
what each array means. `base.keys.txt` and `large.keys.txt` list keys and shapes of the published
checkpoints, `bad/` files that a reader must refuse.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

HERE = Path(__file__).parent
CHECKPOINT = HERE / "magic_lens_clip_tiny.pkl"
VOCABULARY = HERE / "vocab"
BAD = HERE / "bad"
TOLERANCE = 1e-5


@dataclass(frozen=True)
class Golden:
    """The pictures and texts, and what they must give."""

    manifest: dict[str, Any]

    @property
    def texts(self) -> list[str]:
        return [row["text"] for row in self.manifest["texts"]]

    @property
    def pictures(self) -> list[Image.Image]:
        """As they lie in their files: RGB, RGBA, grey and palette."""
        named = self.manifest["pictures"]
        return [Image.open(HERE / named[n]["file"]) for n in self.manifest["picture_order"]]

    @property
    def picture_paths(self) -> list[Path]:
        named = self.manifest["pictures"]
        return [HERE / named[name]["file"] for name in self.manifest["picture_order"]]

    @cached_property
    def outputs(self) -> dict[str, np.ndarray]:
        return _arrays("outputs")

    @cached_property
    def pixels(self) -> dict[str, np.ndarray]:
        return _arrays("pixels")

    @cached_property
    def intermediates(self) -> dict[str, np.ndarray]:
        return _arrays("intermediates")


def _arrays(name: str) -> dict[str, np.ndarray]:
    with np.load(HERE / f"{name}.npz") as arrays:
        return dict(arrays)


def golden() -> Golden:
    return Golden(json.loads((HERE / "manifest.json").read_text(encoding="utf-8")))


def published_shapes(size: str) -> dict[str, tuple[int, ...]]:
    """Keys and shapes of the checkpoint of that size: "tiny", "base" or "large"."""
    rows = (line.split("\t") for line in (HERE / f"{size}.keys.txt").read_text().splitlines())
    return {
        key: () if shape == "scalar" else tuple(map(int, shape.split("x")))
        for key, shape, _ in rows
    }
