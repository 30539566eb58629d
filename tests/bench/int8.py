"""Pictures with words a second on a CPU: float32 and int8, base size, random weights.

`python -m tests.bench.int8` measures Visualized BGE. With `--reference CHECKOUT` it also runs the
reference implementation in the same process, one at a time in float32 as it does: CHECKOUT is
FlagOpen/FlagEmbedding's folder `research/visual_bge`, and needs the packages that this names.
Cosines of random weights say nothing about real ones: `pounce ingest` compares on the shop.
"""

# ruff: noqa: T201 - printing is what a benchmark is for

from __future__ import annotations

import argparse
import importlib
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image

from tests.golden.visualized_bge import golden
from tools.embedding.base import Item
from tools.embedding.int8 import calibrating, make_int8
from tools.embedding.visualized_bge.checkpoint import save_weights
from tools.embedding.visualized_bge.embedder import VisualizedBGEEmbedder
from tools.embedding.visualized_bge.model import VisualizedBGE, VisualizedBGEConfig
from tools.models.hub import read_text_model

ITEMS, ROUNDS = 8, 2
WORDS = "red running shoes for women with a white sole"


def main() -> None:
    """Print rates and ratios; some minutes on two cores."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--reference", type=Path)
    asked = parser.parse_args()
    torch.manual_seed(0)
    model = VisualizedBGE(VisualizedBGEConfig())
    tokenizer = read_text_model(golden("base").text_model).tokenizer
    embedder = VisualizedBGEEmbedder(model, tokenizer)
    embedder.batch_size = ITEMS
    rng = np.random.default_rng(0)

    def pairs() -> list[Item]:
        pictures = rng.integers(0, 256, (ITEMS, 320, 320, 3), dtype=np.uint8)
        return [Item(WORDS, Image.fromarray(picture)) for picture in pictures]

    print(f"Visualized BGE, base size, random weights, {torch.get_num_threads()} threads")
    first = 0.0

    def report(name: str, embed: Callable[[list[Item]], object]) -> None:
        nonlocal first
        found, spent = rate(pairs, embed)
        first = first or found
        print(f"{name}: {found:.2f} /s, {found / first:.2f} x; {spent:.2f} CPU s each", flush=True)

    if asked.reference is not None:
        report("reference, one at a time", reference(asked.reference, model))
    report("float32, one at a time", lambda items: [embedder.embed([item]) for item in items])
    report("float32, batched", embedder.embed)
    compared = pairs()
    exact = embedder.embed(compared)
    with calibrating(embedder) as ranges:
        embedder.embed(pairs())
    make_int8(embedder, ranges)
    report("int8, one at a time", lambda items: [embedder.embed([item]) for item in items])
    report("int8, batched", embedder.embed)
    lowest = float((embedder.embed(compared) * exact).sum(axis=1).min())
    print(f"int8 against float32: lowest cosine {lowest:.4f}, on random pictures and weights")


def rate(
    pairs: Callable[[], list[Item]], embed: Callable[[list[Item]], object]
) -> tuple[float, float]:
    """Items a second, and processor seconds of one; the best of some rounds and one to warm up."""
    took, spent = [], []
    for _ in range(ROUNDS + 1):
        items = pairs()
        start, busy = time.perf_counter(), time.process_time()
        embed(items)
        took.append(time.perf_counter() - start)
        spent.append(time.process_time() - busy)
    return ITEMS / min(took), min(spent) / ITEMS


def reference(checkout: Path, model: VisualizedBGE) -> Callable[[list[Item]], object]:
    """The reference's `encode` with the same weights, one picture with words at a time."""
    sys.path.insert(0, str(checkout))
    module: Any = importlib.import_module("visual_bge.modeling")
    folder = Path(tempfile.mkdtemp())
    save_weights(model, folder / "weights.safetensors", torch.float32)
    from safetensors.torch import load_file

    torch.save(load_file(folder / "weights.safetensors"), folder / "weights.pth")
    model.text.config.save_pretrained(folder)
    read_text_model(golden("base").text_model).tokenizer.save_pretrained(folder)
    theirs = module.Visualized_BGE(
        model_name_bge=str(folder), model_weight=str(folder / "weights.pth")
    ).eval()

    def run(items: list[Item]) -> object:
        with torch.no_grad():
            for number, item in enumerate(items):
                assert item.photo is not None
                item.photo.save(folder / f"{number}.png")
                theirs.encode(image=str(folder / f"{number}.png"), text=item.text)
        return None

    return run


if __name__ == "__main__":
    main()
