"""The published file, read without unpickling: right, or refused with a sentence."""

from __future__ import annotations

import tracemalloc
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from tests.golden.magiclens import BAD, CHECKPOINT, VOCABULARY, golden, published_shapes
from tests.support.repeats import repeats
from tools.embedding.base import Item
from tools.embedding.magiclens.checkpoint import (
    build,
    fitted,
    keep_as_safetensors,
    read_checkpoint,
)
from tools.embedding.magiclens.convert import main as convert
from tools.embedding.magiclens.embedder import load_magiclens
from tools.embedding.magiclens.layout import config_of, places
from tools.embedding.recognition import recognised
from tools.errors import ModelError

META, CPU = torch.device("meta"), torch.device("cpu")
MUTATIONS = repeats(150)
CODE_RAN = "UNPICKLED-SO-CODE-RAN"


def test_tree_has_the_published_keys_and_shapes() -> None:
    shapes = {key: tuple(array.shape) for key, array in read_checkpoint(CHECKPOINT).items()}
    assert shapes == published_shapes("tiny")


@pytest.mark.parametrize("size", ["base", "large"])
def test_full_size_takes_exactly_the_listed_keys_and_shapes(size: str) -> None:
    listed = published_shapes(size)
    with META:
        arrays = {key: torch.empty(shape) for key, shape in listed.items()}
    config = config_of(arrays)
    assert {place.key: place.shape for place in places(config)} == listed
    model = build(arrays, device=META, dtype=torch.float32)
    assert (
        sum(weight.numel() for weight in model.parameters())
        == {
            "base": 166_433_025,
            "large": 465_417_665,
        }[size]
    )
    assert config.image_size == 224


@pytest.mark.parametrize("change", ["missing", "unknown", "shape"])
def test_tree_of_other_keys_or_shapes_is_refused(change: str) -> None:
    with META:
        arrays = {key: torch.empty(shape) for key, shape in published_shapes("base").items()}
        key = "params/clip/text/transformer/resblocks_3/ln_1/scale"
        if change == "unknown":
            arrays[f"{key}s"] = torch.empty(4)
        elif change == "missing":
            del arrays[key]
        else:
            arrays[key] = torch.empty(513)
    with pytest.raises(ModelError, match=r"resblocks_3/ln_1/scale.*Get magic_lens_clip_base"):
        build(arrays, device=META, dtype=torch.float32)


@pytest.mark.parametrize("path", sorted(BAD.glob("*.pkl")), ids=lambda path: path.stem)
def test_bad_file_is_refused_and_runs_nothing(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The message names the file and what to do."""
    monkeypatch.chdir(tmp_path)
    assert recognised(path) == "magiclens-base"
    with pytest.raises(ModelError) as refused:
        load_magiclens(path, VOCABULARY, device="cpu", dtype="float32")
    assert str(path) in str(refused.value)
    assert "Get magic_lens_clip_base.pkl" in str(refused.value)
    assert not (tmp_path / CODE_RAN).exists()


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "is empty"),
        (b"<!doctype html><title>Sign in", "a web page"),
        (b"version https://git-lfs.github.com/spec/v1\n", "a pointer"),
        (b"\x80\x04", "cut short"),
        (b"\x80\x02U\x01a.", "protocol 2"),
        (b"\x80\x04C\x01\x80.more", "something else"),
        (b"\x80\x04C\x01\x80C\x01\x80.", "second bytes"),
        (b"\x80\x04" + b"\x94" * 100, "more than one"),
        (b"\x80\x04\x8e" + b"\xff" * 8, "announced"),
    ],
)
def test_other_files_are_refused(content: bytes, says: str, tmp_path: Path) -> None:
    path = tmp_path / "weights.pkl"
    path.write_bytes(content)
    with pytest.raises(ModelError, match=says):
        read_checkpoint(path)


def test_missing_file_says_so(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="no file of weights"):
        read_checkpoint(tmp_path / "none.pkl")


def mutated(good: bytes, rng: np.random.Generator, structure: np.ndarray) -> tuple[bytes, int]:
    """A damaged copy, and in how many bytes it differs in place; -1 where bytes moved."""
    place = int(rng.choice(structure) if rng.random() < 0.8 else rng.integers(len(good)))
    match rng.integers(6):
        case 0 | 1:
            changed = bytes([rng.integers(256)])
            return good[:place] + changed + good[place + 1 :], int(changed[0] != good[place])
        case 2:
            return good[: int(rng.integers(len(good)))], -1
        case 3:
            return good[:place] + rng.bytes(int(rng.integers(1, 9))) + good[place:], -1
        case 4:
            return good[:place] + good[place + int(rng.integers(1, 9)) :], -1
        case _:
            code = (BAD / "runs_code.pkl").read_bytes()
            return good[:place] + code + good[place + len(code) :], len(code)


def structure_of(good: bytes) -> np.ndarray:
    """Places in a file that are not raw numbers: the pickle's own, names, shapes and lengths."""
    marks = np.zeros(len(good), dtype=bool)
    marks[:16] = marks[-8:] = True
    place = good.find(b"float32")
    while place >= 0:
        marks[max(0, place - 48) : place + 14] = True
        place = good.find(b"float32", place + 1)
    return np.flatnonzero(marks)


def attempt(path: Path) -> dict[str, torch.Tensor] | str:
    """The arrays that a model can be made of, or the sentence that says why there are none."""
    try:
        arrays = read_checkpoint(path)
        fitted(arrays)
    except ModelError as error:
        return str(error)
    return arrays


def test_mutated_files_give_an_error_or_the_right_weights(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever was damaged: no code runs, no memory is reserved on its word."""
    monkeypatch.chdir(tmp_path)
    good = CHECKPOINT.read_bytes()
    right = {key: array.numpy().tobytes() for key, array in read_checkpoint(CHECKPOINT).items()}
    rng, structure, path = np.random.default_rng(0), structure_of(good), tmp_path / "m.pkl"
    refused = taken = 0
    tracemalloc.start()
    try:
        for _ in range(MUTATIONS):
            content, changed = mutated(good, rng, structure)
            path.write_bytes(content)
            tracemalloc.reset_peak()
            before = tracemalloc.get_traced_memory()[0]
            arrays = attempt(path)
            if isinstance(arrays, str):
                assert "Get magic_lens_clip_base.pkl" in arrays
                refused += 1
            else:
                assert arrays.keys() == right.keys()
                different = sum(
                    sum(a != b for a, b in zip(array.numpy().tobytes(), right[key], strict=True))
                    for key, array in arrays.items()
                    if array.numpy().tobytes() != right[key]
                )
                assert different <= max(changed, 0)
                taken += 1
            assert tracemalloc.get_traced_memory()[1] - before <= 3 * len(good)
    finally:
        tracemalloc.stop()
    assert refused > MUTATIONS // 2
    assert taken > MUTATIONS // 50
    assert not (tmp_path / CODE_RAN).exists()


def test_weights_kept_as_safetensors_give_the_same_vectors(tmp_path: Path) -> None:
    keep_as_safetensors(CHECKPOINT, tmp_path / "kept.safetensors")
    assert recognised(tmp_path / "kept.safetensors") == "magiclens-base"
    assert load_file(tmp_path / "kept.safetensors").keys() == published_shapes("tiny").keys()
    pickled, kept = (
        load_magiclens(path, VOCABULARY, device="cpu", dtype="float32")
        for path in (CHECKPOINT, tmp_path / "kept.safetensors")
    )
    assert kept.fingerprint == pickled.fingerprint
    items = [Item("in red", golden().pictures[0])]
    assert np.array_equal(kept.embed(items), pickled.embed(items))


def test_convert_writes_beside_the_pickle_and_refuses_a_bad_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "w.pkl").write_bytes(CHECKPOINT.read_bytes())
    assert convert([str(tmp_path / "w.pkl")]) == 0
    assert (tmp_path / "w.safetensors").is_file()
    (tmp_path / "bad.pkl").write_bytes((BAD / "runs_code.pkl").read_bytes())
    assert convert([str(tmp_path / "bad.pkl")]) == 1
    assert not (tmp_path / "bad.safetensors").exists()
    assert "nothing in it was run" in capsys.readouterr().err


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_fusion_is_held_in_float32(dtype: torch.dtype) -> None:
    model = build(read_checkpoint(CHECKPOINT), device=CPU, dtype=dtype)
    assert {weight.dtype for weight in model.clip.parameters()} == {dtype}
    assert {weight.dtype for weight in model.fusion.parameters()} == {torch.float32}
