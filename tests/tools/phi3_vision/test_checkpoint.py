"""Published files: full size fits exactly, shards come back the same, broken folders say so."""

from __future__ import annotations

import json
import math
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

from tests.golden.phi3_vision import (
    CHECKPOINT,
    PUBLISHED_CONFIG,
    TOLERANCE,
    case,
    published_shapes,
)
from tools.errors import ModelError
from tools.phi3_vision.checkpoint import build, published_keys, read_files
from tools.phi3_vision.config import parse_config
from tools.phi3_vision.inference import Phi3Vision, load_phi3_vision
from tools.phi3_vision.model import Phi3VisionModel

META = torch.device("meta")
WORDS = "model.embed_tokens.weight"
TOWER = "model.vision_embed_tokens.img_processor.vision_model"
INDEX = "model.safetensors.index.json"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the small checkpoint, to be broken."""
    shutil.copytree(CHECKPOINT, tmp_path / "phi3")
    return tmp_path / "phi3"


def load(folder: str | Path) -> Phi3Vision:
    return load_phi3_vision(folder, device="cpu", dtype="float32")


def test_full_size_takes_exactly_the_published_keys_and_bytes() -> None:
    published = published_shapes()
    assert len(published) == 592
    config = parse_config(PUBLISHED_CONFIG)
    with META:
        weights = {k: torch.empty(s, dtype=torch.bfloat16) for k, s in published.items()}
    halves = [dict(list(weights.items())[:300]), dict(list(weights.items())[300:])]
    model = build(halves, config, device=META, dtype=torch.bfloat16)
    held = model.state_dict()
    assert {k: tuple(held[name].shape) for k, name in published_keys(model).items()} == published
    assert sum(weight.nbytes for weight in held.values()) == 8_293_242_880
    assert sum(math.prod(shape) for shape in published.values()) == 4_146_621_440
    assert (config.clip_layers, config.short_tokens, config.max_tokens) == (23, 4096, 131_072)


def test_one_key_less_or_more_than_published_is_an_error() -> None:
    config = parse_config(PUBLISHED_CONFIG)
    with META:
        weights = {k: torch.empty(s) for k, s in published_shapes().items()}
    without = {k: w for k, w in weights.items() if k != f"{TOWER}.post_layernorm.bias"}
    beside = weights | {"model.layers.32.mlp.down_proj.weight": torch.empty(1, device=META)}
    for files, says in ((without, "post_layernorm.bias"), (beside, "layers.32")):
        with pytest.raises(ModelError, match=says):
            build([files], config, device=META, dtype=torch.bfloat16)


def split(folder: Path, parts: int = 3) -> None:
    """The weights of a folder as shards with an index, as the published ones."""
    weights = load_file(folder / "model.safetensors")
    (folder / "model.safetensors").unlink()
    keys = sorted(weights)
    index: dict[str, str] = {}
    for part in range(parts):
        name = f"model-{part + 1:05}-of-{parts:05}.safetensors"
        save_file({key: weights[key] for key in keys[part::parts]}, folder / name)
        index |= dict.fromkeys(keys[part::parts], name)
    (folder / INDEX).write_text(json.dumps({"metadata": {}, "weight_map": index}))


def assert_loads_the_same(folder: Path) -> None:
    found = case("gray1")
    model = load(folder)
    logits = model.logits(model.encode(found.prompt, found.pictures, num_crops=1))
    expected = torch.from_numpy(found.arrays["logits"])
    assert float((logits[found.arrays["logit_pos"]] - expected).abs().max()) <= TOLERANCE


def test_shards_load_as_one_file_does(folder: Path) -> None:
    split(folder)
    assert_loads_the_same(folder)
    assert load(folder).fingerprint == load(CHECKPOINT).fingerprint


def test_a_single_file_needs_no_index(folder: Path) -> None:
    (folder / INDEX).unlink()
    assert_loads_the_same(folder)
    assert_loads_the_same(Path(str(folder)))


def test_embeddings_of_words_under_their_other_key(folder: Path) -> None:
    """Fine-tuned files hold them there, instead or once more."""
    (folder / INDEX).unlink()
    weights = load_file(folder / "model.safetensors")
    weights["model.vision_embed_tokens.wte.weight"] = weights[WORDS].clone()
    weights[f"{TOWER}.embeddings.position_ids"] = torch.arange(577)[None]  # of old files
    save_file(weights, folder / "model.safetensors")
    assert_loads_the_same(folder)
    del weights[WORDS]
    save_file(weights, folder / "model.safetensors")
    assert_loads_the_same(folder)


def test_loaded_model_does_not_depend_on_its_files(folder: Path) -> None:
    """A weight that stays mapped would change, or crash the process, when a file is replaced."""
    model = load(folder)
    encoded = model.encode("red shoes")
    before = model.logits(encoded)
    path = folder / "model.safetensors"
    with path.open("r+b") as file:
        file.write(b"\0" * path.stat().st_size)
    assert torch.equal(model.logits(encoded), before)


def test_files_are_let_go_one_by_one(folder: Path) -> None:
    split(folder)
    files = read_files(folder)
    assert len(files) == 3
    config = load(folder).model.config
    model = build(files, config, device=torch.device("cpu"), dtype=torch.float32)
    assert files == []
    assert not any(weight.is_meta for weight in model.state_dict().values())
    assert not any(table.is_meta for table in model.buffers())


def test_a_model_of_the_same_classes_trains() -> None:
    """All of it but what the published model does not use: the tower's last layer and norm."""
    torch.manual_seed(0)
    values = json.loads((CHECKPOINT / "config.json").read_text())
    model = Phi3VisionModel(parse_config(values)).train()
    rows = model.picture_rows(torch.randn((1, 3, 3, 336, 336)), [(336, 672)])
    ids = torch.full((1, len(rows) + 3), 5)
    places = torch.zeros_like(ids, dtype=torch.bool)
    places[0, 1:-2] = True
    torch.autograd.backward(model(ids, rows=rows, places=places).square().mean())
    without = {name for name, weight in model.named_parameters() if weight.grad is None}
    unused = ("pictures.clip.encoder.layers.3.", "pictures.clip.post_layernorm.")
    assert {name for name in without if not name.startswith(unused)} == set()
    assert len(without) == 18


def test_training_changes_the_fingerprint() -> None:
    model = load(CHECKPOINT)
    before = model.fingerprint
    model.model.pictures.row_ends.mul_(1.001)
    assert model.fingerprint != before


@pytest.mark.parametrize(
    ("file", "says"),
    [
        ("config.json", "no config.json in .*phi3"),
        ("tokenizer.json", "no tokenizer.json in .*phi3"),
        ("preprocessor_config.json", "no preprocessor_config.json in .*phi3"),
        ("model.safetensors", r"lacks 1 \(model.safetensors\), which .*index.json names"),
    ],
)
def test_a_folder_that_lacks_a_file_says_which(folder: Path, file: str, says: str) -> None:
    (folder / file).unlink()
    with pytest.raises(ModelError, match=says):
        load(folder)


def test_a_folder_without_weights_says_so(folder: Path) -> None:
    (folder / INDEX).unlink()
    (folder / "model.safetensors").unlink()
    with pytest.raises(ModelError, match=r"no weights in .*neither .*index\.json nor model"):
        load(folder)


@pytest.mark.parametrize(
    ("file", "content", "says"),
    [
        ("config.json", "{", "config.json cannot be read"),
        ("config.json", "[]", "something else than an object"),
        ("config.json", '{"model_type": "llava"}', "of the kind llava, not Phi-3 Vision"),
        ("config.json", '{"model_type": "phi3_v"}', "lacks 'embd_layer'"),
        ("tokenizer.json", "{", "tokenizer.json cannot be used"),
        ("tokenizer.json", '{"model": 1}', "tokenizer.json cannot be used"),
        ("preprocessor_config.json", "", "preprocessor_config.json cannot be read"),
        ("preprocessor_config.json", "{}", "num_crops"),
        ("preprocessor_config.json", '{"num_crops": 0}', "num_crops must be from 1"),
        ("preprocessor_config.json", '{"num_crops": 4, "image_mean": [1]}', "cannot be used"),
        (INDEX, "{", "cannot be read"),
        (INDEX, '{"weight_map": {}}', "names no weights"),
        (INDEX, '{"weight_map": {"a": "../../etc/passwd"}}', "no file beside it"),
        (INDEX, '{"weight_map": {"b": "model.safetensors"}}', r"lacks 1 \(b\)"),
        ("model.safetensors", "<!DOCTYPE html>", "web page"),
        ("model.safetensors", "version https://git-lfs.github.com/spec/v1", "pointer"),
        ("model.safetensors", "", "cut short"),
    ],
)
def test_damaged_files_say_what_is_wrong(folder: Path, file: str, content: str, says: str) -> None:
    (folder / file).write_text(content)
    with pytest.raises(ModelError, match=says):
        load(folder)


Change = Callable[[dict[str, Any]], object]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda c: c.pop("hidden_size"), "lacks 'hidden_size'"),
        (lambda c: c.pop("rope_scaling"), "lacks 'rope_scaling'"),
        (lambda c: c.update(hidden_size="wide"), "cannot be used"),
        (lambda c: c.update(rope_scaling=None), "cannot be used"),
        (lambda c: c["rope_scaling"].update(type="yarn"), "of the type yarn"),
        (lambda c: c["rope_scaling"]["long_factor"].pop(), "7 in long_factor, not 8"),
        (lambda c: c["embd_layer"].update(hd_transform_order="glb_sub"), "hd_transform_order"),
        (lambda c: c.update(tie_word_embeddings=True), "tie_word_embeddings"),
        (lambda c: c["img_processor"].update(layer_idx=9), "does not have"),
        (lambda c: c["img_processor"].update(image_dim_out=9), "image_dim_out"),
        (
            lambda c: c["img_processor"]["golden_clip_config"].update(patch_size=32),
            "no even number",
        ),
        (lambda c: c["img_processor"].pop("golden_clip_config"), "image_dim_out"),
        (lambda c: c.update(vocab_size=600), "knows 685 tokens, config.json 600"),
        (lambda c: c.update(vocab_size=800), r"\(704, 64\) instead of \(800, 64\)"),
        (lambda c: c.update(num_hidden_layers=4), "missing"),
        (lambda c: c.update(num_hidden_layers=2), "unexpected"),
    ],
)
def test_configurations_that_do_not_fit_are_named(folder: Path, change: Change, says: str) -> None:
    config = json.loads((folder / "config.json").read_text())
    change(config)
    (folder / "config.json").write_text(json.dumps(config))
    with pytest.raises(ModelError, match=says):
        load(folder)


Break = Callable[[dict[str, Tensor]], object]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda w: w.pop("lm_head.weight"), r"lm_head\.weight\) missing"),
        (lambda w: w.pop(WORDS), r"embed_tokens\.weight\) missing"),
        (lambda w: w.pop("model.vision_embed_tokens.sub_GN"), "sub_GN"),
        (lambda w: w.update({"model.gamma": torch.ones(3)}), r"\(model\.gamma\) unexpected"),
        (lambda w: w.update({"model.norm.weight": torch.ones(3)}), r"\(3,\) instead of \(64,\)"),
        (lambda w: w.update({"model.norm.weight": torch.ones(64).char()}), "Quantised"),
        (lambda w: w.clear() or w.update({"bert.weight": torch.ones(3)}), "bert.weight"),
    ],
    ids=["head", "words", "row ends", "unexpected", "shape", "int8", "other"],
)
def test_weights_that_do_not_fit_are_named(folder: Path, change: Break, says: str) -> None:
    (folder / INDEX).unlink()
    weights = load_file(folder / "model.safetensors")
    change(weights)
    save_file(weights, folder / "model.safetensors")
    with pytest.raises(ModelError, match=says):
        load(folder)


@pytest.mark.parametrize("kept", [0.01, 0.5, 0.99])
def test_shards_cut_short_say_so(folder: Path, kept: float) -> None:
    split(folder)
    shard = folder / "model-00002-of-00003.safetensors"
    content = shard.read_bytes()
    shard.write_bytes(content[: int(len(content) * kept)])
    with pytest.raises(ModelError, match=r"model-00002-of-00003\.safetensors .*cut short"):
        load(folder)


def test_a_missing_shard_is_named(folder: Path) -> None:
    split(folder)
    (folder / "model-00003-of-00003.safetensors").unlink()
    with pytest.raises(ModelError, match=r"lacks 1 \(model-00003-of-00003\.safetensors\)"):
        load(folder)


def test_a_tokenizer_of_another_model_says_so(folder: Path) -> None:
    words = (folder / "tokenizer.json").read_text()
    (folder / "tokenizer.json").write_text(words.replace("<|end|>", "<|fin|>"))
    with pytest.raises(ModelError, match=r"it lacks <\|end\|>"):
        load(folder)


def test_a_tokenizer_without_its_first_token_says_so(folder: Path) -> None:
    """As some re-saved ones are; every prompt would get other ids without a word."""
    values = json.loads((folder / "tokenizer.json").read_text())
    values["post_processor"] = None
    (folder / "tokenizer.json").write_text(json.dumps(values))
    with pytest.raises(ModelError, match="does not put <s> in front"):
        load(folder)


def test_names_that_are_nothing_say_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path))
    for reference in (tmp_path / "none", str(tmp_path / "none"), "none"):
        with pytest.raises(ModelError, match=r"no folder .*none"):
            load(reference)
    with pytest.raises(ModelError, match="microsoft/none could not be fetched"):
        load("microsoft/none")


def test_a_name_that_was_fetched_once_needs_no_network(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path))
    kept = tmp_path / "models--microsoft--tiny-vision"
    shutil.copytree(CHECKPOINT, kept / "snapshots" / ("0" * 40))
    (kept / "refs").mkdir()
    (kept / "refs" / "main").write_text("0" * 40)
    assert load("microsoft/tiny-vision").name == "tiny-vision"


def test_attention_that_is_not_there_says_so() -> None:
    with pytest.raises(ModelError, match="attn_implementation 'fast' cannot be used here"):
        load_phi3_vision(CHECKPOINT, device="cpu", attn_implementation="fast")


def test_loading_the_weights_runs_no_code_of_the_folder(folder: Path) -> None:
    """The published configuration names classes of its own; they are not looked for."""
    (folder / "modeling_phi3_v.py").write_text("raise SystemExit('was run')")
    (folder / "configuration_phi3_v.py").write_text("raise SystemExit('was run')")
    assert load(folder).name == "phi3"
