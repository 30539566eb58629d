"""The picture tower of the small Phi-3 Vision, taught before it learns to speak.

It sees pictures as the grid shows them (a numbered strip, a frame), and is to find the names of
what is drawn and the number: in the mean of its tokens, and in every one of them, so that whoever
reads a token knows which cell it belongs to and what is in it. In a first part it also is to find
what the embedder finds in the bare picture, photos among them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from PIL import Image
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812 - the name that torch's own texts use

from tools.demo.training.augment import augment
from tools.demo.training.batches import UNKNOWN
from tools.demo.training.embedder import Heads
from tools.demo.training.pictures import Pixels
from tools.demo.training.vision_parts import TILE, WIDTH, mixed_precision
from tools.embedding.visualized_bge.model import VisualizedBGE
from tools.embedding.visualized_bge.preprocess import MEAN, STD
from tools.phi3_vision.model import PictureEmbedding
from tools.rerank.grid import draw_grid

CELLS = 10
PEAK_RATE = 8e-4


@dataclass(frozen=True)
class Lesson:
    """Pictures to learn from."""

    pixels: Pixels
    """(n, side, side, 3) uint8."""
    labels: np.ndarray
    """(n, 3): kind, pattern and color, UNKNOWN where nobody drew them."""
    seen: Tensor | None = None
    """(n, dim): what the embedder sees, where it teaches."""


def embed_all(embedder: VisualizedBGE, pixels: Pixels) -> Tensor:
    """(n, dim): the embedder's vectors of these pictures."""
    size, found = embedder.config.vision.image_size, []
    generator = torch.Generator().manual_seed(0)
    with torch.inference_mode(), mixed_precision():
        for start in range(0, len(pixels), 128):
            part = torch.from_numpy(np.ascontiguousarray(pixels[start : start + 128]))
            found.append(embedder.encode_image(augment(part, size, 0.0, generator)))
    return torch.cat(found).clone()


def empty_cells() -> tuple[Tensor, tuple[int, int, int, int]]:
    """The cells of a grid of white pictures, (10, 3, side, side), 0 to 1, and the pictures' place.

    The place is left, top, right and bottom of a square picture.
    """
    white, black = (Image.new("RGB", (TILE, TILE), tone) for tone in ("white", "black"))
    cells = [_cells(draw_grid(tone, [tone] * (CELLS - 1), cell=TILE)) for tone in (white, black)]
    rows, columns = np.nonzero((cells[0] != cells[1]).any(axis=(0, 1)))
    place = (int(columns.min()), int(rows.min()), int(columns.max()) + 1, int(rows.max()) + 1)
    return torch.from_numpy(cells[0]).float() / 255, place


def _cells(grid: Image.Image) -> Pixels:
    values = np.asarray(grid).reshape(2, TILE, 5, TILE, 3)
    return values.transpose(0, 2, 4, 1, 3).reshape(CELLS, 3, TILE, TILE).copy()


class TowerTrainer:
    """Trains the tower of a picture embedding; `step` gives the parts of the loss."""

    def __init__(
        self, pictures: PictureEmbedding, dim: int, steps: int, *, strengths: tuple[float, float]
    ) -> None:
        """`dim` is that of the embedder; the halves of a batch are varied by `strengths`."""
        self._pictures, self._strengths = pictures, strengths
        joined = 4 * WIDTH
        self._to_seen, self._number = nn.Linear(joined, dim), nn.Linear(joined, CELLS)
        self._whole, self._each = Heads(joined), Heads(joined)
        parts = (pictures.clip, self._to_seen, self._number, self._whole, self._each)
        self._weights = [weight for part in parts for weight in part.parameters()]
        self._optimiser = torch.optim.AdamW(
            self._weights, lr=PEAK_RATE, weight_decay=0.05, fused=True
        )
        self._schedule = torch.optim.lr_scheduler.OneCycleLR(
            self._optimiser, PEAK_RATE, total_steps=steps + 1, pct_start=0.05
        )
        self._cells, self._place = empty_cells()
        self._generator = torch.Generator().manual_seed(5)

    def step(self, lesson: Lesson) -> dict[str, float]:
        """One step on one batch, in any order."""
        numbers = torch.randint(CELLS, (len(lesson.pixels),), generator=self._generator)
        # A photo to be captioned comes bare, without a number.
        numbers[torch.rand(len(numbers), generator=self._generator) < 0.3] = UNKNOWN
        half = len(numbers) // 2
        pixels, weak, strong = torch.from_numpy(lesson.pixels), *self._strengths
        tiles = torch.cat(
            [
                self._as_shown(pixels[:half], numbers[:half], weak),
                self._as_shown(pixels[half:], numbers[half:], strong),
            ]
        )
        labels = torch.from_numpy(lesson.labels)
        with mixed_precision():
            even = self._tokens(tiles)
            tokens = even.shape[1]
            each = even.flatten(0, 1)  # a picture's tokens one after another
            losses = {
                "whole": 2 * self._whole.loss(even.mean(1), labels),
                "each": 0.7 * self._each.loss(each, labels.repeat_interleave(tokens, 0)),
                "number": 0.3
                * F.cross_entropy(
                    self._number(each), numbers.repeat_interleave(tokens), ignore_index=UNKNOWN
                ),
            }
            if lesson.seen is not None:
                seen = F.normalize(self._to_seen(even).float(), dim=-1).mean(1)
                scores = F.normalize(seen, dim=-1) @ lesson.seen.T
                losses["seen"] = 1 - scores.diagonal().mean()
                losses["apart"] = 0.5 * F.cross_entropy(scores / 0.07, torch.arange(len(scores)))
        self._optimiser.zero_grad(set_to_none=True)
        torch.stack(list(losses.values())).sum().backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(self._weights, 1.0)
        self._optimiser.step()
        self._schedule.step()
        return {name: round(float(loss.detach()), 3) for name, loss in losses.items()}

    @torch.no_grad()
    def right(self, pixels: Pixels, labels: np.ndarray) -> list[float]:
        """Shares of these pictures whose kind, whose pattern and whose color are named right."""
        numbers = torch.arange(len(pixels)) % CELLS
        with mixed_precision():
            even = self._tokens(self._as_shown(torch.from_numpy(pixels), numbers, 0.0)).mean(1)
            named = self._whole.named(even)
        return [
            round(share, 3)
            for share in (named == torch.from_numpy(labels)).float().mean(0).tolist()
        ]

    def _tokens(self, tiles: Tensor) -> Tensor:
        """(n, tokens, 4 width), each of one size."""
        found = self._pictures.features(tiles).flatten(1, 2)
        return F.layer_norm(found.float(), found.shape[-1:])

    def _as_shown(self, pixels: Tensor, numbers: Tensor, strength: float) -> Tensor:
        """The pictures in cells of these numbers, (n, 3, side, side) normalised."""
        left, top, right, bottom = self._place
        side = min(right - left, bottom - top)
        # `augment` gives normalised values; the cell is laid around them in the same measure.
        inner = augment(pixels, side, strength, self._generator)
        mean, std = (torch.from_numpy(values).view(3, 1, 1) for values in (MEAN, STD))
        tiles = ((self._cells[numbers.clamp(min=0)] - mean) / std).clone()
        x, y = left + (right - left - side) // 2, top + (bottom - top - side) // 2
        tiles[:, :, y : y + side, x : x + side] = inner
        bare = numbers == UNKNOWN
        if bool(bare.any()):
            tiles[bare] = augment(pixels[bare], TILE, strength, self._generator)
        return tiles
