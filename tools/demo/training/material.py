"""All pictures that the vision model learns from, and the lessons of its tower."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from random import Random

import numpy as np
import torch

from tools.demo.held_out import Drawing, held_out, plan
from tools.demo.training.batches import label, unknown_labels
from tools.demo.training.color_names import pick_tones, recolor
from tools.demo.training.embedder import OBJECTS
from tools.demo.training.generated_objects import make_objects
from tools.demo.training.pictures import Pixels, draw_all, plan_scenes, plan_swatches
from tools.demo.training.progress import say
from tools.demo.training.sources import Sources, read_photos, training_photos
from tools.demo.training.tower import Lesson, TowerTrainer, embed_all
from tools.embedding.visualized_bge.model import VisualizedBGE
from tools.phi3_vision.model import Phi3VisionModel

TAUGHT_STEPS, NAMED_STEPS = 6000, 9000
"""Steps in which the tower alone is trained: by the embedder and names, then by names."""
MORE_PLANS = 6
"""How many times every look is drawn again beside the embedder's pictures, with other accents."""


@dataclass(frozen=True)
class Material:
    """All pictures to train on."""

    drawings: list[Drawing]
    pixels: Pixels
    prints: list[Drawing]
    print_pixels: Pixels
    rows: list[int]
    photos: Sources
    objects: Sources


def gather(work: Path, photos: Path | None, seed: int) -> Material:
    """Draws what is not drawn yet, and reads the photos."""
    workers = os.cpu_count() or 1
    again = [plan(seed + 100 + n, pictures=1) for n in range(MORE_PLANS)]
    drawings = [*plan(seed), *chain.from_iterable(again)]
    prints = plan_swatches(seed + 1) + plan_scenes(seed + 2)
    paths = [p for p in training_photos(photos) if p.parts[-3] == "clothing"] if photos else []
    return Material(
        drawings=drawings,
        pixels=draw_all(drawings, work / "products", workers=workers, label="products"),
        prints=prints,
        print_pixels=draw_all(prints, work / "prints", workers=workers, label="prints"),
        rows=[row for row, drawing in enumerate(drawings) if not held_out(drawing.look)],
        photos=read_photos(paths),
        objects=make_objects(OBJECTS, seed),
    )


def train_tower(model: Phi3VisionModel, material: Material, start: Path) -> None:
    """The first lessons: with the embedder of the folder `start` as a teacher, then by names alone.

    The teacher knows photos too; names of strongly varied pictures are what makes the tower see
    patterns and colors in combinations that it was not shown.
    """
    from tools.embedding.visualized_bge.embedder import load_visualized_bge

    embedder = load_visualized_bge(start / "model.safetensors", start, dtype="float32")
    rng = Random(3)
    tones = [pick_tones(1, rng)[0] for _ in range(len(material.objects))]
    things = [
        recolor(torch.from_numpy(material.objects.pixels[at : at + 100]),
                torch.from_numpy(material.objects.masks[at : at + 100]), tones[at : at + 100])
        for at in range(0, len(tones), 100)
    ]  # fmt: skip
    drawn = np.array([label(material.drawings[row].look) for row in material.rows])
    prints = np.array([label(drawing.look) for drawing in material.prints])
    pools = [
        Pool(material.pixels, material.rows, drawn),
        Pool(material.print_pixels, range(len(prints)), prints),
        Pool(
            material.photos.pixels,
            range(len(material.photos)),
            unknown_labels(len(material.photos)),
        ),
        Pool(torch.cat(things).numpy(), range(len(tones)), unknown_labels(len(tones))),
    ]
    unseen = Random(9).sample(sorted(set(range(len(material.drawings))) - set(material.rows)), 400)
    known = np.array([label(material.drawings[row].look) for row in unseen])
    parts = (
        (TAUGHT_STEPS, (46, 4, 8, 6), (0.35, 0.35), embedder.model),
        (NAMED_STEPS, (54, 10, 0, 0), (0.9, 0.45), None),
    )
    for steps, shares, strengths, teacher in parts:
        trainer = TowerTrainer(model.pictures, embedder.dim, steps, strengths=strengths)
        for step in range(steps):
            lesson = _lesson(pools, shares, teacher, rng)
            told = trainer.step(lesson)
            if step % 50 == 0:
                say(f"tower {step} {json.dumps(told)}")
            if step % 500 == 499:
                say(f"tower {step} held out {trainer.right(material.pixels[unseen], known)}")


@dataclass(frozen=True)
class Pool:
    """Some of the pictures, and what is known of each of those."""

    pixels: Pixels
    rows: Sequence[int]
    labels: np.ndarray
    """(rows, 3)."""


def _lesson(
    pools: Sequence[Pool], shares: Sequence[int], teacher: VisualizedBGE | None, rng: Random
) -> Lesson:
    """So many of each pool, in no order, with what the teacher sees in them."""
    picked = [
        (pool.pixels[pool.rows[at]], pool.labels[at])
        for pool, share in zip(pools, shares, strict=True)
        if len(pool.rows)
        for at in (rng.randrange(len(pool.rows)) for _ in range(share))
    ]
    rng.shuffle(picked)
    pixels = np.stack([pixels for pixels, _ in picked])
    seen = embed_all(teacher, pixels) if teacher is not None else None
    return Lesson(pixels, np.stack([labels for _, labels in picked]), seen)
