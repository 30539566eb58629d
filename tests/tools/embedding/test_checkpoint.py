"""Checkpoints: published sizes fit exactly, ours come back the same, broken ones say what to do."""

from __future__ import annotations

import io
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from transformers import BertConfig, XLMRobertaConfig

from tests.golden.visualized_bge import Golden, golden
from tools.embedding.base import Item
from tools.embedding.visualized_bge.checkpoint import (
    UNUSED_KEYS,
    build,
    published_keys,
    save_weights,
)
from tools.embedding.visualized_bge.embedder import VisualizedBGEEmbedder, load_visualized_bge
from tools.embedding.visualized_bge.model import VisualizedBGE, VisualizedBGEConfig
from tools.embedding.visualized_bge.vision_tower import VisionConfig
from tools.errors import ModelError
from tools.models.hub import read_text_model, weights_file
from tools.models.weights import read_weights

BASE = VisualizedBGEConfig()
M3 = VisualizedBGEConfig(
    text=XLMRobertaConfig(
        vocab_size=250_002,
        hidden_size=1024,
        num_hidden_layers=24,
        num_attention_heads=16,
        intermediate_size=4096,
        max_position_embeddings=8194,
        type_vocab_size=1,
        layer_norm_eps=1e-5,
        pad_token_id=1,
    ),
    vision=VisionConfig(patch_size=14, width=1024, depth=24, mlp_hidden=2730),
    empty_text=(0, 2),
)


@pytest.fixture(scope="module")
def base() -> Golden:
    return golden("base")


def load(weights: str | Path, text_model: str | Path) -> VisualizedBGEEmbedder:
    return load_visualized_bge(weights, text_model, device="cpu", dtype="float32")


@pytest.mark.parametrize(("variant", "config"), [("base", BASE), ("m3", M3)])
def test_full_size_takes_exactly_the_published_keys_and_shapes(
    variant: str, config: VisualizedBGEConfig
) -> None:
    published = golden(variant).full_size_shapes()
    with torch.device("meta"):
        model = VisualizedBGE(config)
        weights = {key: torch.empty(shape) for key, shape in published.items()}
    held = {name: tuple(weight.shape) for name, weight in model.state_dict().items()}
    needed = {key: held[name] for key, name in published_keys(model).items()}
    used = {key: shape for key, shape in published.items() if not UNUSED_KEYS.fullmatch(key)}
    assert needed == used
    # And the loader itself takes them: sizes from the shapes, strictly.
    meta = torch.device("meta")
    built = build(weights, config.text, config.empty_text, device=meta, dtype=torch.float32)
    assert built.config.vision == config.vision


@pytest.mark.parametrize(
    ("config", "alone", "beside"), [(BASE, 512, 316), (M3, 8192, 7938)], ids=["base", "m3"]
)
def test_full_size_limits_of_words(config: VisualizedBGEConfig, alone: int, beside: int) -> None:
    assert (config.max_text, config.max_joint_text) == (alone, beside)


def test_safetensors_give_the_same_vectors_and_fingerprint(base: Golden, tmp_path: Path) -> None:
    first = load(base.weights, base.text_model)
    save_weights(first.model, tmp_path / "again.safetensors")
    second = load(tmp_path / "again.safetensors", base.text_model)
    items = [
        Item("red shoes", base.pictures()[0]),
        Item("red shoes"),
        Item(photo=base.pictures()[1]),
    ]
    assert np.array_equal(first.embed(items), second.embed(items))
    assert first.fingerprint == second.fingerprint


def test_position_ids_of_old_files_are_ignored(base: Golden, tmp_path: Path) -> None:
    weights = torch.load(base.weights, weights_only=True)
    weights["bge_embeddings.position_ids"] = torch.arange(512)[None]
    torch.save(weights, tmp_path / "old.pth")
    assert load(tmp_path / "old.pth", base.text_model).dim == 128


def test_files_from_before_torch_1_6_are_read(base: Golden, tmp_path: Path) -> None:
    weights = torch.load(base.weights, weights_only=True)
    torch.save(weights, tmp_path / "old.pth", _use_new_zipfile_serialization=False)
    assert load(tmp_path / "old.pth", base.text_model).dim == 128


def test_loaded_model_does_not_depend_on_its_file(base: Golden, tmp_path: Path) -> None:
    """A weight that stays mapped would change, or crash the process, when the file is replaced."""
    path = tmp_path / "mine.safetensors"
    save_weights(load(base.weights, base.text_model).model, path, torch.float32)
    embedder = load(path, base.text_model)
    before = embedder.embed([Item("red shoes")])
    with path.open("r+b") as file:
        file.write(b"\0" * path.stat().st_size)
    assert np.array_equal(embedder.embed([Item("red shoes")]), before)


def test_training_changes_the_fingerprint(base: Golden) -> None:
    embedder = load(base.weights, base.text_model)
    with torch.no_grad():
        embedder.model.visual_proj.weight.mul_(1.001)
    again = VisualizedBGEEmbedder(embedder.model, embedder.tokenizer)
    assert again.fingerprint != embedder.fingerprint


TINY = VisualizedBGEConfig(
    text=BertConfig(
        vocab_size=50,
        hidden_size=64,
        num_hidden_layers=1,
        num_attention_heads=1,
        intermediate_size=64,
        max_position_embeddings=80,
    ),
    vision=VisionConfig(
        image_size=112, patch_size=16, width=96, depth=2, head_dim=32, mlp_hidden=80
    ),
    empty_text=(2, 3),
)


def test_tiny_model_of_the_same_classes_trains() -> None:
    torch.manual_seed(0)
    tiny = VisualizedBGE(TINY).train()
    ids = torch.tensor([[2, 7, 9, 3], [2, 8, 3, 0]])
    mask = torch.tensor([[1, 1, 1, 1], [1, 1, 1, 0]])
    picture = torch.randn((2, 3, 112, 112))
    joint, text = tiny.encode_joint(picture, ids, mask), tiny.encode_text(ids, mask)
    assert joint.shape == (2, 64)
    torch.autograd.backward((tiny.encode_image(picture) * joint * text).sum())
    without = [name for name, weight in tiny.named_parameters() if weight.grad is None]
    assert without == []


def test_tiny_model_comes_back_from_its_file(tmp_path: Path) -> None:
    torch.manual_seed(0)
    tiny = VisualizedBGE(TINY).eval()
    save_weights(tiny, tmp_path / "tiny.safetensors", torch.float32)
    again = build(
        read_weights(tmp_path / "tiny.safetensors"),
        TINY.text,
        TINY.empty_text,
        device=torch.device("cpu"),
        dtype=torch.float32,
    )
    picture = torch.randn((2, 3, 112, 112))
    assert again.config == TINY
    assert torch.equal(again.encode_image(picture), tiny.encode_image(picture))


Break = Callable[[dict[str, torch.Tensor]], object]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda w: w.pop("visual_proj.bias"), "visual_proj.bias"),
        (lambda w: w.pop("model_visual.visual.pos_embed"), "pos_embed"),
        (lambda w: w.update({"model_visual.visual.gamma": torch.ones(3)}), "visual.gamma"),
        (lambda w: w.update({"visual_proj.bias": torch.ones(3)}), r"\(3,\) instead of \(128,\)"),
        (lambda w: w.update({"visual_proj.bias": torch.ones(128, dtype=torch.int8)}), "Quantised"),
        (lambda w: [w.pop(key) for key in list(w) if "bge_encoder" in key], "missing"),
        (lambda w: w.clear() or w.update({"model.layer.weight": torch.ones(3)}), "BAAI/bge-visual"),
        (lambda w: w.update({"epoch": 3}), "named weights"),
    ],
    ids=["bias", "positions", "unexpected", "shape", "int8", "no text", "other", "no tensor"],
)
def test_weights_that_do_not_fit_are_named(
    base: Golden, tmp_path: Path, change: Break, says: str
) -> None:
    weights = torch.load(base.weights, weights_only=True)
    change(weights)
    torch.save(weights, tmp_path / "changed.pth")
    with pytest.raises(ModelError, match=says):
        load(tmp_path / "changed.pth", base.text_model)


def _pickled() -> bytes:
    buffer = io.BytesIO()
    torch.save(Path("code that a file of weights must not run"), buffer)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("page.pth", b"<!DOCTYPE html><html>Sign in</html>", "web page"),
        ("page.safetensors", b"\n <html>404</html>", "web page"),
        ("pointer.pth", b"version https://git-lfs.github.com/spec/v1\noid sha256:0", "pointer"),
        ("empty.pth", b"", "cut short"),
        ("empty.safetensors", b"", "cut short"),
        ("noise.pth", bytes(range(256)) * 8, "damaged"),
        ("noise.safetensors", bytes(range(256)) * 8, "cannot be read"),
        ("objects.pth", _pickled(), "nothing in it was run"),
    ],
)
def test_files_that_are_no_weights_say_what_to_do(
    base: Golden, tmp_path: Path, name: str, content: bytes, says: str
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(ModelError, match=says):
        load(tmp_path / name, base.text_model)


@pytest.mark.parametrize("kept", [0.1, 0.5, 0.99])
@pytest.mark.parametrize("suffix", [".pth", ".safetensors"])
def test_files_cut_short_say_so(base: Golden, tmp_path: Path, suffix: str, kept: float) -> None:
    whole = base.weights
    if suffix == ".safetensors":
        whole = tmp_path / "whole.safetensors"
        save_file({"weight": torch.ones(1000)}, whole)
    content = whole.read_bytes()
    cut = tmp_path / f"cut{suffix}"
    cut.write_bytes(content[: int(len(content) * kept)])
    with pytest.raises(ModelError, match="cut short"):
        read_weights(cut)


def test_missing_files_and_folders_say_so(base: Golden, tmp_path: Path) -> None:
    for weights in (tmp_path / "none.pth", str(tmp_path / "none.pth"), "none.pth"):
        with pytest.raises(ModelError, match=r"no file of weights at .*none\.pth"):
            load(weights, base.text_model)
    for text_model in (tmp_path / "none", str(tmp_path / "none"), "none"):
        with pytest.raises(ModelError, match=r"no folder .*none"):
            load(base.weights, text_model)


def test_hub_that_cannot_be_asked_is_an_error_that_says_so(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path))
    with pytest.raises(ModelError, match=r"Visualized_m3\.pth of BAAI/bge-visualized could not"):
        weights_file("BAAI/bge-visualized:Visualized_m3.pth")
    with pytest.raises(ModelError, match="BAAI/none-such cannot be read"):
        read_text_model("BAAI/none-such")


def test_text_model_of_the_other_variant_is_an_error_that_names_the_right_one(
    base: Golden,
) -> None:
    with pytest.raises(ModelError, match=r"bge-base-en-v1\.5 for Visualized_base_en_v1\.5\.pth"):
        load(base.weights, golden("m3").text_model)


@pytest.mark.parametrize(
    ("file", "content", "says"),
    [
        ("config.json", None, "cannot be read"),
        ("config.json", "{", "cannot be read"),
        ("config.json", json.dumps({"model_type": "gpt2"}), "of the kind gpt2"),
        ("tokenizer.json", "{", "cannot be read"),
        ("tokenizer.json", '{"model": 1}', "cannot be read"),
    ],
)
def test_damaged_text_models_say_so(
    base: Golden, tmp_path: Path, file: str, content: str | None, says: str
) -> None:
    folder = tmp_path / "text"
    shutil.copytree(base.text_model, folder)
    (folder / file).unlink()
    if content is not None:
        (folder / file).write_text(content)
    with pytest.raises(ModelError, match=says):
        load(base.weights, folder)


def test_text_model_without_tokenizer_says_so(base: Golden, tmp_path: Path) -> None:
    """transformers 5 makes a tokenizer of five tokens of such a folder, without a word."""
    shutil.copy(base.text_model / "config.json", tmp_path)
    with pytest.raises(ModelError, match="no tokenizer"):
        load(base.weights, tmp_path)
