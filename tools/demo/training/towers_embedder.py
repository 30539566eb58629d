"""Trains the towers embedder's network on frozen towers.

Everything is looked at and read once, before the first step; a killed run goes on where it was.
The network that stands best on kept-out real photos is written, not the last one.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from copy import deepcopy
from random import Random

import numpy as np
import torch
from torch.nn import functional as F  # noqa: N812 - the name that torch's own texts use

from tools.demo.training.holdout import measure
from tools.demo.training.kept import REAL, Kept
from tools.demo.training.lessons import SHARES, Lessons
from tools.demo.training.network_training import NetworkTrainer
from tools.demo.training.progress import say
from tools.demo.training.towers import pack_towers
from tools.demo.training.views import Pictures, ViewFeatures, gather, plan_views, see_views
from tools.demo.training.words_cache import WordsCache
from tools.demo.training.words_pool import WordsPool, make_pool
from tools.embedding.towers.embedder import load_towers
from tools.embedding.towers.files import (
    CARD,
    JOINT,
    WEIGHTS,
    open_picture_tower,
    open_words,
    read_class_names,
)
from tools.embedding.towers.network import SHAPE, WHITENED, JointNetwork
from tools.embedding.towers.storage import digest, save_half

SAVE_EVERY, MEASURE_EVERY, TELL_EVERY = 200, 100, 50
PATIENCE = 12
"""Measurements without a better one before training stops."""
SAMPLED = 3000
"""Pictures that means and principal directions are taken of."""


def train_towers(given: argparse.Namespace) -> None:
    """Packs the towers, looks, reads, trains, measures, and writes the model with its card."""
    start = time.monotonic()
    torch.manual_seed(given.seed)
    origins = pack_towers(given.towers, given.out)
    tower, names = open_picture_tower(given.out), read_class_names(given.out)
    pictures = gather(given.work, given.photos, given.seed, os.cpu_count() or 1)
    seen = see_views(pictures, plan_views(pictures, given.seed), tower, given.work)
    cache = WordsCache(open_words(given.out), given.work / "texts.safetensors")
    labels = sorted(set(pictures.photos.labels))
    pool = make_pool(pictures.drawings, labels, names, cache, given.seed)
    network = start_network(seen, cache, names, given.seed)
    trainer = NetworkTrainer(network, cache, given.steps)
    kept = Kept(pictures, seen, cache, names)
    say(f"{sum(w.numel() for w in network.parameters()) / 1e6:.1f} M weights, "
        f"{len(seen.views)} views, {time.monotonic() - start:.0f} s")  # fmt: skip
    curve, best = run(trainer, kept, pictures, seen, pool, given)
    network.load_state_dict(best)
    save_half(network.state_dict(), given.out / JOINT)
    card = {
        "sha256": {name: digest(given.out / name) for name in WEIGHTS},
        "towers": origins,
        "trained_on": "drawn products; alexeygrigorev/clothing-dataset (CC0-1.0); "
        "marcusklasson/GroceryStoreDataset (MIT, (c) 2019 Marcus Klasson)",
        "figures": measure(load_towers(given.out, tuned=False)) | kept.figures(network.float()),
        "steps": trainer.step,
        "batch": given.batch,
        "seed": given.seed,
        "shares": SHARES,
        "weights": sum(w.numel() for w in network.parameters()),
        "seconds": round(time.monotonic() - start),
        "curve": curve,
    }
    (given.out / CARD).write_text(json.dumps(card, indent=1), encoding="utf-8")


def start_network(
    seen: ViewFeatures, cache: WordsCache, class_names: list[str], seed: int
) -> JointNetwork:
    """The network before its first step: what is measured and not learnt is in it."""
    network = JointNetwork()
    network.class_vectors.copy_(cache.vectors(class_names))
    learnt = [n for n, view in enumerate(seen.views) if not view.source.startswith("kept")]
    found = seen[Random(seed).sample(learnt, min(SAMPLED, len(learnt)))]
    flat = found.cells.flatten(0, 1)
    network.cell_mean.copy_(flat.mean(0))
    network.cell_deviation.copy_(flat.std(0) + 1e-3)
    rooted = F.normalize(found.pooled.clamp(min=0).sqrt(), dim=-1)
    network.pooled_mean.copy_(rooted.mean(0))
    _, spread, directions = torch.linalg.svd(rooted - rooted.mean(0), full_matrices=False)
    count = min(SHAPE, len(spread))
    whitened = (spread[:count] / spread[0]).clamp(min=1e-3) ** WHITENED
    network.directions[:, :count] = directions[:count].T / whitened
    network.color_mean.copy_(F.normalize(found.colors, dim=-1).mean(0))
    return network


def run(
    trainer: NetworkTrainer,
    kept: Kept,
    pictures: Pictures,
    seen: ViewFeatures,
    pool: WordsPool,
    given: argparse.Namespace,
) -> tuple[list[dict[str, float]], dict[str, torch.Tensor]]:
    """The curve, and the best network's weights."""
    checkpoint = given.work / f"network-{given.steps}-{given.batch}-{given.seed}.pt"
    curve: list[dict[str, float]] = trainer.load(checkpoint) if checkpoint.exists() else []
    best_path = given.work / f"{checkpoint.stem}-best.pt"
    lessons: Lessons | None = None
    told: dict[str, list[float]] = {}
    while trainer.step < trainer.steps and not _worn(curve):
        if lessons is None or trainer.step % SAVE_EVERY == 0:
            # Chance starts anew where runs are saved, so that one that goes on sees the same.
            chance = given.seed + trainer.step
            torch.manual_seed(chance)
            lessons = Lessons(pictures, seen, pool, trainer.network.class_vectors, chance)
            rng = Random(chance)
        name = rng.choices(list(SHARES), list(SHARES.values()))[0]
        for part, loss in trainer.train_on(name, lessons.draw(name, given.batch)).items():
            told.setdefault(part, []).append(loss)
        if trainer.step % TELL_EVERY == 0:
            means = {part: round(float(np.mean(losses)), 3) for part, losses in told.items()}
            say(f"{trainer.step} {json.dumps(dict(sorted(means.items())))}")
            told = {}
        if trainer.step % MEASURE_EVERY == 0 or trainer.step == trainer.steps:
            figures = kept.figures(trainer.network)
            real = sum(figures[name] for name in REAL) / len(REAL)
            curve.append({"step": trainer.step, "real": round(real, 4), **figures})
            say(json.dumps(curve[-1]))
            if real >= max(row["real"] for row in curve):
                torch.save(deepcopy(trainer.network.state_dict()), best_path)
        if trainer.step % SAVE_EVERY == 0:
            trainer.save(checkpoint, curve)
    return curve, torch.load(best_path, weights_only=True)


def _worn(curve: list[dict[str, float]]) -> bool:
    """Whether the last measurements were all below an earlier one."""
    if len(curve) <= PATIENCE:
        return False
    best = max(range(len(curve)), key=lambda n: curve[n]["real"])
    return best < len(curve) - PATIENCE
