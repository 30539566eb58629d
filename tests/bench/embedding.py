"""Speed of Visualized BGE at the published sizes, as ratios within one run.

Random weights: the time does not depend on them. Run with `make bench`, or
`python -m tests.bench.embedding`, with `m3` behind it for the larger one. Where there is a CUDA
device it is measured there, else on the CPU. Seconds differ between machines and with what else
they do; the ratios are what to compare.
"""

# ruff: noqa: T201 - printing is what a benchmark is for

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from transformers import BertConfig, XLMRobertaConfig

from tests.golden.visualized_bge import golden
from tools.embedding.base import FloatArray, Item
from tools.embedding.visualized_bge.checkpoint import vision_config
from tools.embedding.visualized_bge.embedder import VisualizedBGEEmbedder
from tools.embedding.visualized_bge.model import VisualizedBGE, VisualizedBGEConfig
from tools.models.hub import read_text_model, torch_device, torch_dtype

ITEMS = {"cpu": 8, "cuda": 64}
ROUNDS = 3
WORDS = "red running shoes for women with a white sole"


def main() -> None:
    """Print the table; about a minute and a half on two CPU cores for the base model."""
    parser = argparse.ArgumentParser(description="Speed of Visualized BGE with random weights.")
    parser.add_argument("size", nargs="?", default="base", choices=("base", "m3"))
    size: str = parser.parse_args().size
    device = torch_device("auto")
    dtypes = [torch.float32]
    if torch_dtype("auto", device) is torch.bfloat16:
        dtypes.append(torch.bfloat16)
    else:
        print("bfloat16 is not native here: float32 only")
    torch.manual_seed(0)
    with device:
        model = VisualizedBGE(published_config(size))
    weights = sum(weight.numel() for weight in model.parameters()) / 1e6
    print(f"Visualized BGE, {size} ({weights:,.0f} M random weights), {device}, "
          f"{torch.get_num_threads()} threads")  # fmt: skip
    vectors, seconds = {}, {}
    for dtype in dtypes:
        for weight in model.parameters():
            weight.data = weight.data.to(dtype)
        vectors[dtype], seconds[dtype] = measure(
            model, golden(size).text_model, str(dtype).removeprefix("torch.")
        )
    if len(dtypes) == 2:
        cosine = (vectors[torch.float32] * vectors[torch.bfloat16]).sum(axis=1).min()
        ratio = seconds[torch.float32] / seconds[torch.bfloat16]
        print(f"bfloat16 against float32, batched: {ratio:.2f} x as fast, cosine >= {cosine:.5f}")


def published_config(size: str) -> VisualizedBGEConfig:
    """The sizes of the published checkpoint, as its keys and those of its text model have them."""
    shapes = golden(size).full_size_shapes()
    vision = vision_config(
        {key: torch.empty(shape, device="meta") for key, shape in shapes.items()}
    )
    if size == "base":
        return VisualizedBGEConfig(BertConfig(), vision)
    text = XLMRobertaConfig(
        vocab_size=250_002,
        hidden_size=1024,
        num_hidden_layers=24,
        num_attention_heads=16,
        intermediate_size=4096,
        max_position_embeddings=8194,
        type_vocab_size=1,
    )
    return VisualizedBGEConfig(text, vision, empty_text=(0, 2))


def measure(model: VisualizedBGE, text_model: Path, dtype: str) -> tuple[FloatArray, float]:
    """Vectors of the batch, and seconds for it; prints the ratios of this dtype."""
    embedder = VisualizedBGEEmbedder(model, read_text_model(text_model).tokenizer)
    count = ITEMS[next(model.parameters()).device.type]
    embedder.batch_size = count
    # New pictures every time, so that no photo is remembered.
    rng = np.random.default_rng(0)

    def pairs() -> list[Item]:
        pictures = rng.integers(0, 256, (count, 320, 320, 3), dtype=np.uint8)
        return [Item(WORDS, Image.fromarray(picture)) for picture in pictures]

    first = pairs()
    vectors = embedder.embed(first)  # also the warm-up
    together, single, follow_up, words = [], [], [], []
    for _ in range(ROUNDS):
        fresh = pairs()
        together.append(timed(embedder, [fresh]))
        fresh = pairs()
        single.append(timed(embedder, [[item] for item in fresh]) / count)
        follow_up.append(timed(embedder, [[Item("in blue", fresh[-1].photo)]]))
        words.append(timed(embedder, [[Item(WORDS)]]))
    batch, one, again, text = (min(times) for times in (together, single, follow_up, words))
    print(
        f"{dtype}: batch of {count} {count / batch:.1f} /s, one at a time {1 / one:.1f} /s: "
        f"{one * count / batch:.2f} x as fast batched\n"
        f"{dtype}: another turn about the same photo {again * 1e3:.0f} ms, "
        f"{again / one:.2f} of the first ({one * 1e3:.0f} ms); words alone {text * 1e3:.0f} ms"
    )
    return vectors, batch


def timed(embedder: VisualizedBGEEmbedder, calls: Sequence[Sequence[Item]]) -> float:
    """Seconds for embedding these, one call after the other."""
    start = time.perf_counter()
    for items in calls:
        embedder.embed(items)
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
