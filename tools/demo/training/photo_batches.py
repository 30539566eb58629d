"""Batches of what nobody drew for a shop: real photos and made-up objects.

Three lessons: a photo and another view of the same thing; a thing and the same thing in another
color, beside its siblings in wrong ones; and a photo, another photo of the same sort, and its name.
"""

from __future__ import annotations

import io
from collections import defaultdict
from random import Random

import numpy as np
import torch
from PIL import Image

from tools.demo.drawing import COLORS
from tools.demo.training import phrases
from tools.demo.training.batches import UNKNOWN, Batch, unknown_labels
from tools.demo.training.color_names import pick_tones, recolor, spelled
from tools.demo.training.pictures import Pixels
from tools.demo.training.sources import Sources

SIBLINGS = 4
"""Tones of one thing in a batch: whoever ignores the color is wrong three times in four."""


class UndrawnSampler:
    """Draws batches of one lesson each, from a seed."""

    def __init__(self, photos: Sources, clothes: int, objects: Sources, seed: int) -> None:
        """The first `clothes` of the photos show one thing each, which can be recolored."""
        self._photos, self._clothes, self._objects = photos, clothes, objects
        self._rng = Random(seed)
        self._labelled: dict[str, list[int]] = defaultdict(list)
        for row, label in enumerate(photos.labels):
            self._labelled[label].append(row)

    def views(self, size: int) -> Batch:
        """Photos and other views of them; half of the batches are of one label, or of few."""
        rng = self._rng
        rows = list(range(len(self._photos)))
        if rng.random() < 0.5:
            many = [row for row in rows if row < self._clothes]
            label = self._photos.labels[rng.choice(many)]
            rows = self._labelled[label]
            rows = rows if len(rows) >= size else many
        picked = rng.sample(rows, size)
        return Batch(
            products=self._photos.pixels[picked],
            titles=[""] * size,
            queries=self._rough(self._photos.pixels[picked]),
            leaning=[phrases.like_request(rng) for _ in picked],
            labels=unknown_labels(size),
            askew=True,
        )

    def recolored(self, size: int, *, made_up: bool) -> Batch:
        """Things in one tone asking for themselves in another."""
        rng = self._rng
        sources = self._objects if made_up else self._photos
        last = len(sources) if made_up else self._clothes
        things = [row for row in rng.sample(range(last), size // SIBLINGS) for _ in range(SIBLINGS)]
        wanted = [
            tone for _ in range(size // SIBLINGS) for tone in pick_tones(SIBLINGS, rng, two=made_up)
        ]
        shown = [
            wanted[place - place % SIBLINGS + rng.randrange(SIBLINGS)]
            for place in range(len(wanted))
        ]
        pixels, masks = torch.from_numpy(sources.pixels[things]), sources.masks[things]
        if not made_up:
            pixels = self._cut_out(pixels, torch.from_numpy(masks))
        queries = recolor(pixels, torch.from_numpy(masks), shown).numpy()
        if not made_up:  # photos are asked about as they are, too
            asis = np.array([rng.random() < 0.4 for _ in things])
            queries[asis] = pixels.numpy()[asis]
        words = [
            phrases.recolor_request(spelled(tone, rng), rng, sources.labels[thing])
            for tone, thing in zip(wanted, things, strict=True)
        ]
        colors = list(COLORS)
        labels = unknown_labels(len(things))
        labels[:, 2] = [colors.index(tone) if tone in COLORS else UNKNOWN for tone in wanted]
        return Batch(
            products=recolor(pixels, torch.from_numpy(masks), wanted).numpy(),
            titles=[""] * len(things),
            queries=self._rough(queries),
            leaning=words,
            labels=labels,
            askew=rng.random() < 0.3,
        )

    def labelled(self, size: int) -> Batch:
        """One photo each of different labels, asked for by another photo, and by name."""
        rng = self._rng
        labels = rng.sample(list(self._labelled), min(size, len(self._labelled)))
        pairs = [rng.choices(self._labelled[label], k=2) for label in labels]
        return Batch(
            products=self._photos.pixels[[first for first, _ in pairs]],
            titles=[""] * len(labels),
            queries=self._rough(self._photos.pixels[[second for _, second in pairs]]),
            leaning=["" if rng.random() < 0.8 else "like this" for _ in labels],
            labels=unknown_labels(len(labels)),
            requests=[phrases.label_request(label, rng) for label in labels],
            askew=rng.random() < 0.5,
        )

    def _rough(self, pixels: Pixels) -> Pixels:
        """Three in ten of the pictures as a careless JPEG."""
        out = np.array(pixels)
        for place in range(len(out)):
            if self._rng.random() < 0.3:
                file = io.BytesIO()
                quality = self._rng.randint(20, 70)
                Image.fromarray(out[place]).save(file, "JPEG", quality=quality)
                out[place] = np.asarray(Image.open(file))
        return out

    def _cut_out(self, pixels: torch.Tensor, masks: torch.Tensor) -> torch.Tensor:
        """Half of the things as shops show them: alone, on a light ground."""
        n = len(pixels)
        chosen = [self._rng.random() < 0.5 for _ in range(n // SIBLINGS) for _ in range(SIBLINGS)]
        grounds = [
            self._rng.randint(215, 255) for _ in range(n // SIBLINGS) for _ in range(SIBLINGS)
        ]
        ground = torch.tensor(grounds).view(n, 1, 1, 1).float()
        keep = masks[..., :1].float() / 255
        alone = (pixels.float() * keep + ground * (1 - keep)).to(torch.uint8)
        return torch.where(torch.tensor(chosen).view(n, 1, 1, 1), alone, pixels)
