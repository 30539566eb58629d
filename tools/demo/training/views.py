"""Features of every picture that the towers embedder learns from, computed once and kept.

The towers are frozen, so a picture is looked at once in each of a few variations and training
works on what was seen. A killed run goes on where it stopped. Kept-out photos are seen too, as
`kept`: training stops where these are found best, and learns nothing from them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Literal

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from tools.demo.held_out import Drawing, held_out, held_out_photo, plan
from tools.demo.training.augment import augment, vary
from tools.demo.training.color_names import pick_tones, recolor
from tools.demo.training.generated_objects import make_objects
from tools.demo.training.pictures import Pixels, draw_all, plan_scenes, plan_swatches
from tools.demo.training.progress import say
from tools.demo.training.sources import Sources, front, read_photos
from tools.embedding.towers.efficientnet import EfficientNetLite0
from tools.embedding.towers.features import CELL, CELLS, SIZE, Features, see
from tools.embedding.visualized_bge.preprocess import MEAN, STD

Source = Literal["product", "print", "photo", "tone", "object", "kept", "kept tone"]
Strength = Literal["none", "soft", "strong", "askew"]
BATCH = 32
PRODUCTS, STRONG_PRODUCTS = 4000, 1200
PHOTOS, ASKEW_PHOTOS = 4200, 1500
TONED, OBJECTS, KEPT_TONED = 400, 250, 100
"""Clothes and made-up things that are seen in several colors."""
TONES_EACH = 3
SHAPES = {"cells": (CELLS, CELL), "pooled": (1280,), "logits": (1000,), "colors": (170,)}


@dataclass(frozen=True, slots=True)
class View:
    """One look at one picture."""

    source: Source
    row: int
    """Of the pictures of the source."""
    strength: Strength
    tone: str = ""
    """The color that its front was given; "" for its own."""


@dataclass(frozen=True)
class Pictures:
    """All pictures that views are of."""

    drawings: list[Drawing]
    products: Pixels
    prints: list[Drawing]
    print_pixels: Pixels
    photos: Sources
    kept: Sources
    objects: Sources
    clothes: int
    """The first so many photos show one garment each, which can be recolored."""
    kept_clothes: int


def gather(work: Path, photos: Path, seed: int, workers: int) -> Pictures:
    """Draws what is not drawn yet, and reads the photos; clothes come first."""
    drawings = [d for d in plan(seed, pictures=1) if not held_out(d.look)]
    prints = plan_swatches(seed + 1, each=2) + plan_scenes(seed + 2, each=24)
    paths = sorted(photos.glob("*/*/*.jpg"), key=lambda p: (p.parts[-3] != "clothing", p.stem))
    learnt = [path for path in paths if not held_out_photo(path)]
    kept = [path for path in paths if held_out_photo(path)]
    return Pictures(
        drawings=drawings,
        products=draw_all(drawings, work / "products", workers=workers, label="products"),
        prints=prints,
        print_pixels=draw_all(prints, work / "prints", workers=workers, label="prints"),
        photos=read_photos(learnt, fronts=False),
        kept=read_photos(kept, fronts=False),
        objects=make_objects(OBJECTS, seed),
        clothes=sum(path.parts[-3] == "clothing" for path in learnt),
        kept_clothes=sum(path.parts[-3] == "clothing" for path in kept),
    )


def plan_views(pictures: Pictures, seed: int) -> list[View]:
    """Every look, in an order that is shuffled, so that a first part holds some of everything."""
    rng = Random(seed)
    products = rng.sample(range(len(pictures.drawings)), len(pictures.drawings))
    photos = rng.sample(range(len(pictures.photos)), len(pictures.photos))
    views = [View("product", row, "soft") for row in products[:PRODUCTS]]
    views += [View("product", row, "strong") for row in products[:STRONG_PRODUCTS]]
    views += [View("print", row, "strong") for row in range(len(pictures.prints))]
    views += [View("photo", row, "soft") for row in photos[:PHOTOS]]
    views += [View("photo", row, "askew") for row in photos[:ASKEW_PHOTOS]]
    views += [View("kept", row, "none") for row in range(len(pictures.kept))]
    views += [View("kept", row, "askew") for row in range(0, len(pictures.kept), 2)]
    toned: tuple[tuple[Source, int, int, bool], ...] = (
        ("tone", pictures.clothes, TONED, False),
        ("object", len(pictures.objects), OBJECTS, True),
        ("kept tone", pictures.kept_clothes, KEPT_TONED, False),
    )
    for source, among, count, two in toned:
        for row in rng.sample(range(among), min(among, count)):
            tones = pick_tones(TONES_EACH, rng, two=two)
            views += [View(source, row, "soft", tone) for tone in tones]
    rng.shuffle(views)
    return views


class ViewFeatures:
    """The features of all views, memory-mapped, float16."""

    def __init__(self, views: Sequence[View], folder: Path, arrays: dict[str, np.ndarray]) -> None:
        self.views, self.folder, self._arrays = list(views), folder, arrays

    def __getitem__(self, rows: Sequence[int]) -> Features:
        """Features of these views, float32."""
        at = list(rows)
        parts = {k: torch.from_numpy(v[at].astype(np.float32)) for k, v in self._arrays.items()}
        return Features(**parts)


def see_views(
    pictures: Pictures,
    views: Sequence[View],
    tower: EfficientNetLite0,
    work: Path,
    share: float = 0.0,
) -> ViewFeatures:
    """Looks at every view that was not looked at before; kept under the plan's hash in `work`.

    Several processes may do it together: each begins at another `share`, from 0 to 1, of the way.
    """
    key = hashlib.sha256(repr((SIZE, views)).encode()).hexdigest()[:16]
    folder = work / f"views-{key}"
    folder.mkdir(parents=True, exist_ok=True)
    batches = _batches(views)
    arrays = {
        name: _open(folder / name, (len(views), *shape), np.float16)
        for name, shape in SHAPES.items()
    }
    done = _open(folder / "done", (len(batches),), np.uint8)
    first = int(share * len(batches))
    for turn, number in enumerate((*range(first, len(batches)), *range(first))):
        if done[number]:
            continue
        rows = batches[number]
        generator = torch.Generator().manual_seed(number)
        strength = views[rows[0]].strength
        found = see(tower, _varied(pictures, [views[row] for row in rows], strength, generator))
        for name, values in found.parts().items():
            arrays[name][rows] = values.numpy()
            arrays[name].flush()
        done[number] = 1
        if turn % 20 == 19:
            say(f"looked at {int(done.sum())} of {len(batches)} batches of views")
    return ViewFeatures(views, folder, dict(arrays))


def _batches(views: Sequence[View]) -> list[list[int]]:
    """Rows of one strength each, in the order in which their first view comes."""
    waiting: dict[Strength, list[int]] = {}
    found: list[list[int]] = []
    for row, view in enumerate(views):
        waiting.setdefault(view.strength, []).append(row)
        if len(waiting[view.strength]) == BATCH:
            found.append(waiting.pop(view.strength))
    return found + list(waiting.values())


def _open(path: Path, shape: tuple[int, ...], dtype: type[np.generic]) -> np.memmap:
    """The array of that file, zeros where it is new."""
    file = path.with_suffix(".npy")
    mode: Literal["r+", "w+"] = "r+" if file.exists() else "w+"
    return np.lib.format.open_memmap(file, mode=mode, dtype=dtype, shape=shape)


def _varied(
    pictures: Pictures, views: Sequence[View], strength: Strength, generator: torch.Generator
) -> Tensor:
    """(n, 3, SIZE, SIZE) RGB from 0 to 1."""
    stored = torch.from_numpy(np.stack([_pixels(pictures, view) for view in views]))
    if strength == "askew":
        x = vary(stored, SIZE, generator)
    else:
        x = augment(stored, SIZE, {"none": 0.0, "soft": 0.35, "strong": 1.0}[strength], generator)
    mean, std = (torch.from_numpy(each).view(3, 1, 1) for each in (MEAN, STD))
    return (x * std + mean).clamp(0, 1)


def _pixels(pictures: Pictures, view: View) -> Pixels:
    row = view.row
    stored: dict[str, Callable[[], Pixels]] = {
        "product": lambda: pictures.products[row],
        "print": lambda: pictures.print_pixels[row],
        "photo": lambda: pictures.photos.pixels[row],
        "kept": lambda: pictures.kept.pixels[row],
        "tone": lambda: _toned(pictures.photos, view),
        "kept tone": lambda: _toned(pictures.kept, view),
        "object": lambda: _toned(pictures.objects, view),
    }
    return stored[view.source]()


def _toned(source: Sources, view: View) -> Pixels:
    """In its tone; every second garment stands alone on a light ground, as shops show them."""
    pixels = torch.from_numpy(source.pixels[view.row : view.row + 1])
    masks = torch.from_numpy(source.masks[view.row : view.row + 1].copy())
    if view.source != "object":
        masks[0, ..., 0] = torch.from_numpy(front(Image.fromarray(source.pixels[view.row])).copy())
    if view.source != "object" and view.row % 2:
        keep = masks[..., :1].float() / 255
        ground = 215 + view.row % 40
        pixels = (pixels.float() * keep + ground * (1 - keep)).to(torch.uint8)
    toned: Pixels = recolor(pixels, masks, [view.tone])[0].numpy()
    return toned
