"""`POUNCE_DTYPE=int8`: calibrated by the first ingest, guarded by each, measured beside float32."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from safetensors.torch import load_file, save_file

from tests.support.command_line import run
from tests.support.shop_files import mug, write_csv, write_jsonl
from tests.support.trained_embedder import SETTINGS

pytest.importorskip("onnxruntime")


@pytest.fixture(autouse=True)
def int8(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {**SETTINGS, "POUNCE_DTYPE": "int8"}.items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_csv(tmp_path / "mugs.csv", [mug(n) for n in range(1, 13)])
    return tmp_path


def calibration(folder: Path) -> Path:
    return folder / "home" / "int8" / "visualized-bge-base.safetensors"


def ingest(folder: Path) -> dict[str, int]:
    done = run("ingest", str(folder / "mugs.csv"), "--json", home=folder / "home")
    assert done.returncode == 0, done.stderr
    counts: dict[str, int] = json.loads(done.stdout)
    return counts


def test_shop_is_ingested_searched_and_measured_beside_float32(folder: Path) -> None:
    refused = run("embed", str(folder / "none.jsonl"), "--dtype", "int8", "--out",
                  str(folder / "X.npz"), home=folder / "home")  # fmt: skip
    assert refused.returncode == 1
    assert ingest(folder)["new"] == 12
    assert calibration(folder).is_file()
    assert ingest(folder)["unchanged"] == 12
    done = run("search", "red mug", "--json", home=folder / "home")
    assert json.loads(done.stdout)["results"], done.stderr
    write_jsonl(folder / "q.jsonl", [{"qid": "a", "text": "red mug", "relevant_ids": ["m4"]}])
    done = run("evaluate", str(folder / "q.jsonl"), "--json", home=folder / "home")
    assert done.returncode == 0, done.stderr
    figures = json.loads(done.stdout)
    assert {"recall@1", "recall@9", "float32.recall@1", "float32.recall@9"} <= figures.keys()


def test_ingest_is_refused_where_vectors_are_too_far_from_float32(folder: Path) -> None:
    """A calibration that cuts off most of what a layer is given."""
    ingest(folder)
    from safetensors import safe_open

    with safe_open(calibration(folder), framework="pt") as file:
        named = file.metadata()
    narrow = {name: each / 50 for name, each in load_file(calibration(folder)).items()}
    save_file(narrow, calibration(folder), metadata=named)
    write_csv(folder / "mugs.csv", [mug(n) for n in range(1, 15)])
    done = run("ingest", str(folder / "mugs.csv"), home=folder / "home")
    assert done.returncode == 1
    assert "Set POUNCE_DTYPE to float32" in done.stderr
    assert str(calibration(folder)) in done.stderr


def test_embedder_that_is_not_offered_in_int8_is_refused(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in SETTINGS:
        monkeypatch.delenv(name)
    done = run("ingest", str(folder / "mugs.csv"), home=folder / "home")
    assert done.returncode == 1
    assert "is not for the embedder builtin" in done.stderr
