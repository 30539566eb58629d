"""Embedders in 8-bit integers: near float32, told apart from it, and only where offered."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from tests.golden.magiclens import CHECKPOINT, VOCABULARY, golden
from tests.golden.visualized_bge import golden as visualized_bge_golden
from tests.support.trained_embedder import TRAINED
from tools.demo.drawing import COLORS, PATTERNS, Look, draw_product
from tools.embedding.base import Embedder, Item
from tools.embedding.int8 import calibrating, make_int8, make_int8_from
from tools.embedding.magiclens.embedder import load_magiclens
from tools.embedding.registry import EmbedderChoice, open_embedder
from tools.embedding.visualized_bge.embedder import load_visualized_bge
from tools.errors import ModelError
from tools.models.int8 import (
    Int8Linear,
    linears,
    load_ranges,
    quantise,
    recorded,
    save_ranges,
)

pytest.importorskip("onnxruntime")


def drawn(count: int, seed: int) -> list[Item]:
    rng = random.Random(seed)
    colors, patterns = list(COLORS), list(PATTERNS)
    looks = [
        Look("mug", rng.choice(patterns), rng.choice(colors), rng.choice(colors), "ceramic")
        for _ in range(count)
    ]
    return [
        Item(f"{look.color} mug", draw_product(look, size=112, seed=number))
        for number, look in enumerate(looks)
    ]


def calibrated(embedder: Embedder, items: list[Item]) -> dict[str, torch.Tensor]:
    with calibrating(embedder) as ranges:
        embedder.embed(items)
        embedder.embed([Item(item.text) for item in items if item.text], "words")
    return ranges


def lowest_cosine(embedder: Embedder, items: list[Item], ranges: dict[str, torch.Tensor]) -> float:
    before = embedder.embed(items)
    make_int8(embedder, ranges)
    return float((before * embedder.embed(items)).sum(axis=1).min())


def test_trained_model_stays_near_itself() -> None:
    """On drawn products that it was not calibrated on."""
    embedder = open_embedder(TRAINED)
    ranges = calibrated(embedder, drawn(24, seed=1))
    assert lowest_cosine(embedder, drawn(16, seed=2), ranges) >= 0.99


@pytest.mark.parametrize("variant", ["base", "m3"])
def test_visualized_bge_of_both_sizes_is_quantised_whole(variant: str) -> None:
    """The biases that lie beside their layers included: random weights have them all."""
    found = visualized_bge_golden(variant)
    embedder = load_visualized_bge(found.weights, found.text_model, device="cpu", dtype="float32")
    items = [Item(text, picture) for text in found.texts for picture in found.pictures()]
    ranges = calibrated(embedder, items)
    _, layers = embedder.linear_layers()
    assert ranges.keys() == {layer.name for layer in layers}
    assert lowest_cosine(embedder, items, ranges) >= 0.98


def test_magiclens_is_quantised_in_both_towers() -> None:
    embedder = load_magiclens(CHECKPOINT, VOCABULARY, device="cpu", dtype="float32")
    found = golden()
    items = [Item(text, picture) for text in found.texts for picture in found.pictures[:8]]
    ranges = calibrated(embedder, items)
    float32 = embedder.fingerprint
    before = embedder.embed(items, "words")
    make_int8(embedder, ranges)
    # The towers: a fusion of random weights makes any rounding larger, bfloat16's too.
    assert (before * embedder.embed(items, "words")).sum(axis=1).min() >= 0.97
    assert embedder.fingerprint != float32
    assert sum(isinstance(m, Int8Linear) for m in embedder.model.modules()) == len(ranges)


def test_batched_is_the_same_as_one_by_one() -> None:
    embedder = open_embedder(TRAINED)
    items = drawn(6, seed=3)
    make_int8(embedder, calibrated(embedder, items))
    together = embedder.embed(items)
    alone = np.concatenate([embedder.embed([item]) for item in items])
    assert (together * alone).sum(axis=1).min() >= 0.999


def test_layer_that_nothing_went_through_stays_in_float32() -> None:
    """A shop of pictures alone has no words to calibrate the text tower on."""
    embedder = load_magiclens(CHECKPOINT, VOCABULARY, device="cpu", dtype="float32")
    words = embedder.embed([Item("a red dress")], "words")
    with calibrating(embedder) as ranges:
        embedder.embed([Item("", picture) for picture in golden().pictures])
    make_int8(embedder, ranges)
    assert all(name.startswith("clip.vision_model") for name in ranges)
    assert np.array_equal(embedder.embed([Item("a red dress")], "words"), words)


def test_fingerprint_is_that_of_weights_and_calibration() -> None:
    first, second, other = (open_embedder(TRAINED) for _ in range(3))
    ranges = calibrated(first, drawn(4, seed=1))
    make_int8(first, ranges)
    make_int8(second, ranges)
    make_int8(other, ranges | {next(iter(ranges)): 2 * next(iter(ranges.values()))})
    assert first.fingerprint == second.fingerprint
    assert first.fingerprint != other.fingerprint
    assert first.fingerprint.startswith("visualized-bge int8 ")


def test_channel_with_large_inputs_does_not_cost_the_others() -> None:
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(64, 32))
    rows = torch.randn(200, 64)
    rows[:, 7] *= 100
    layers = linears(nn.ModuleDict({"one": model}), "one")
    whole = nn.ModuleDict({"one": model})
    with torch.inference_mode():
        wanted = model(rows)
        with recorded(whole, layers) as ranges:
            model(rows)
        quantise(whole, layers, ranges)
        found = model(rows.reshape(10, 20, 64)).reshape(200, 32)
    assert (found - wanted).norm() <= 0.03 * wanted.norm()


def test_calibration_is_read_back_for_its_own_weights_alone(tmp_path: Path) -> None:
    embedder = open_embedder(TRAINED)
    ranges, named = calibrated(embedder, drawn(4, seed=1)), embedder.fingerprint
    save_ranges(ranges, tmp_path / "c.safetensors", named)
    found = load_ranges(tmp_path / "c.safetensors", named)
    assert found is not None
    assert all(torch.equal(found[name], each) for name, each in ranges.items())
    assert load_ranges(tmp_path / "c.safetensors", "another") is None
    (tmp_path / "broken.safetensors").write_bytes(b"none")
    with pytest.raises(ModelError, match="ingest again"):
        load_ranges(tmp_path / "broken.safetensors", named)


def test_what_cannot_be_int8_says_what_to_do() -> None:
    with pytest.raises(ModelError, match="pounce ingest FILE"):
        open_embedder(replace(TRAINED, dtype="int8"))
    built_in = open_embedder(EmbedderChoice())
    with pytest.raises(ModelError, match="Set it to float32"), calibrating(built_in):
        pass
    with pytest.raises(ModelError, match="no calibration"):
        make_int8_from(open_embedder(TRAINED), "")
