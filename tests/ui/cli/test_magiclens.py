"""A shop on MagicLens from beginning to end, on a small random checkpoint; no quality claimed."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.golden.magiclens import CHECKPOINT, TOLERANCE, VOCABULARY, golden
from tests.support.command_line import run
from tests.support.shop_files import mug, write_csv, write_jsonl


@pytest.fixture(autouse=True)
def magiclens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POUNCE_EMBEDDER", "magiclens-base")
    monkeypatch.setenv("POUNCE_EMBEDDER_WEIGHTS", str(CHECKPOINT))
    monkeypatch.setenv("POUNCE_TEXT_MODEL", str(VOCABULARY))
    monkeypatch.setenv("POUNCE_DTYPE", "float32")


def printed(*words: str, home: Path) -> str:
    done = run(*words, home=home)
    assert done.returncode == 0, done.stderr
    return done.stdout


def ids(*words: str, home: Path) -> list[str]:
    found = json.loads(printed("search", *words, "--json", home=home))
    return [row["id"] for row in found["results"]]


def test_shop_is_ingested_searched_asked_and_evaluated(tmp_path: Path) -> None:
    """Words, a photo, both, a product; a turn of the chat; labelled queries."""
    home = tmp_path / "home"
    write_csv(tmp_path / "mugs.csv", [mug(n) for n in range(1, 13)])
    printed("ingest", str(tmp_path / "mugs.csv"), home=home)
    photo = str(tmp_path / "blue.png")
    assert ids("red mug", home=home)
    assert ids("--photo", photo, home=home)
    assert ids("in red", "--photo", photo, home=home)
    assert "m1" not in ids("same but in red", "--like", "m1", home=home)
    assert "mug" in printed("ask", "red mug", home=home).lower()
    rows = [
        {"qid": "a", "text": "red mug", "relevant_ids": ["m4", "m8", "m12"]},
        {"qid": "b", "reference_id": "m1", "text": "same but in red", "target_ids": ["m4"]},
    ]
    write_jsonl(tmp_path / "queries.jsonl", rows)
    figures = json.loads(printed("evaluate", str(tmp_path / "queries.jsonl"), "--json", home=home))
    assert figures["n"] == 2
    assert "magiclens.convert" in printed("doctor", "--models", home=home)


def test_list_without_a_place_for_words_alone_is_not_asked(tmp_path: Path) -> None:
    """Measuring the joint space alone leaves out queries in words, and says so."""
    home = tmp_path / "home"
    write_csv(tmp_path / "mugs.csv", [mug(n) for n in range(1, 5)])
    printed("ingest", str(tmp_path / "mugs.csv"), home=home)
    write_jsonl(tmp_path / "q.jsonl", [{"qid": "a", "text": "red mug", "relevant_ids": ["m4"]}])
    done = run("evaluate", str(tmp_path / "q.jsonl"), "--lists", "picture", home=home)
    assert done.returncode == 1
    assert "words" in done.stderr


def test_shop_of_pictures_alone_is_found_by_words_photos_and_both(tmp_path: Path) -> None:
    home, pictures = tmp_path / "home", tmp_path / "pictures"
    pictures.mkdir()
    for number in range(9):
        shade = (250 - 20 * number, 20 * number, 128)
        Image.new("RGB", (64, 48), shade).save(pictures / f"{number}.png")
    printed("ingest", str(pictures), "--name", "seen", home=home)
    photo = str(pictures / "3.png")
    assert ids("--photo", photo, home=home)[0] == "3.png"
    assert len(ids("in red", "--photo", photo, home=home)) == 9
    assert len(ids("a red dress", home=home)) == 9


def test_another_embedder_fills_a_collection_beside_the_old_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "home"
    write_csv(tmp_path / "mugs.csv", [mug(n) for n in range(1, 5)])
    printed("ingest", str(tmp_path / "mugs.csv"), home=home)
    for name in ("POUNCE_EMBEDDER", "POUNCE_EMBEDDER_WEIGHTS", "POUNCE_TEXT_MODEL"):
        monkeypatch.delenv(name)
    refused = run("search", "red mug", home=home)
    assert refused.returncode == 1
    assert "another model" in refused.stderr
    report = json.loads(printed("ingest", str(tmp_path / "mugs.csv"), "--json", home=home))
    assert (report["new"], report["total"]) == (4, 4)
    assert ids("red mug", home=home)


def test_embed_recognises_the_file_by_its_content(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every picture with every text: alpha is dropped, as the published code does."""
    for name in ("POUNCE_EMBEDDER", "POUNCE_EMBEDDER_WEIGHTS", "POUNCE_TEXT_MODEL"):
        monkeypatch.delenv(name)
    found = golden()
    rows = [
        {"text": text, "photo": str(path)} for path in found.picture_paths for text in found.texts
    ]
    write_jsonl(tmp_path / "rows.jsonl", rows)
    command = ("embed", str(tmp_path / "rows.jsonl"), "--weights", str(CHECKPOINT), "--out")
    out = tmp_path / "X.npz"
    for vocabulary in (VOCABULARY, VOCABULARY / "bpe_tiny.txt.gz"):
        printed(*command, str(out), "--text-model", str(vocabulary), home=tmp_path / "home")
        with np.load(out) as arrays:
            vectors = arrays["embeddings"].reshape(found.outputs["joint_norm"].shape)
        assert np.abs(vectors - found.outputs["joint_norm"]).max() <= TOLERANCE


def test_embed_says_which_line_has_no_place(tmp_path: Path) -> None:
    rows = [{"photo": str(golden().picture_paths[0])}, {"text": "a red dress"}]
    write_jsonl(tmp_path / "rows.jsonl", rows)
    command = ("embed", str(tmp_path / "rows.jsonl"), "--out", str(tmp_path / "X.npz"))
    done = run(*command, home=tmp_path / "home")
    assert done.returncode == 1
    assert "line 2: words alone have no place" in done.stderr
    assert not (tmp_path / "X.npz").exists()
