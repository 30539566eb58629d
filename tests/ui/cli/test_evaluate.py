"""`pounce evaluate`: what it prints, what it leaves alone, how it ends."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.golden.phi3_vision import CHECKPOINT
from tests.support.command_line import run
from tests.support.shop_files import mug, write_csv, write_jsonl


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("evaluate")
    write_csv(path / "mugs.csv", [mug(n) for n in range(1, 13)])
    rows = [
        {"qid": "a", "text": "red mug", "relevant_ids": ["m4", "m8", "m12"]},
        {"qid": "b", "text": "mug", "filters": {"max_price": 3}, "relevant_ids": ["m1", "m2"]},
        {"qid": "c", "reference_id": "m1", "text": "same but in red", "target_ids": ["m4"]},
    ]
    write_jsonl(path / "queries.jsonl", rows)
    return path


@pytest.fixture(scope="module")
def measured(folder: Path) -> dict[str, object]:
    done = run(
        "evaluate", str(folder / "queries.jsonl"), "--catalogue", str(folder / "mugs.csv"),
        "--json", "--html", str(folder / "report.html"), home=folder / "home",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    figures: dict[str, object] = json.loads(done.stdout)
    return figures


def test_json_is_all_that_is_printed(measured: dict[str, object]) -> None:
    assert measured["n"] == 3
    assert measured["violations"] == 0
    assert measured["set_aside"] == 0
    assert set(measured["by_kind"]) == {"words", "reference+words"}  # type: ignore[call-overload]  # a dict here
    assert (measured["recall@9"], measured["latency.total.p50"]) > (0.9, 0)


def test_catalogue_that_is_measured_does_not_become_one_of_the_home(
    measured: dict[str, object], folder: Path
) -> None:
    assert not (folder / "home" / "catalogues.json").exists()


def test_ingested_catalogue_is_measured_without_its_titles(folder: Path, tmp_path: Path) -> None:
    """Its copy lies elsewhere than its pictures: every row was set aside."""
    assert run("ingest", str(folder / "mugs.csv"), home=tmp_path / "home").returncode == 0
    queries = ("evaluate", str(folder / "queries.jsonl"), "--hide-titles", "--json")
    done = run(*queries, home=tmp_path / "home")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["n"] == 3


def test_report_is_written(measured: dict[str, object], folder: Path) -> None:
    assert (folder / "report.html").read_text().startswith("<!doctype html>")


def test_row_that_cannot_be_used_is_said_and_ends_with_3(folder: Path) -> None:
    rows = [{"text": "red mug", "relevant_ids": ["m4"]}, {"photo": "red.png", "label": "Mug"}]
    write_jsonl(folder / "mixed.jsonl", rows)
    done = run(
        "evaluate", str(folder / "mixed.jsonl"), "--catalogue", str(folder / "mugs.csv"),
        home=folder / "home",
    )  # fmt: skip
    assert done.returncode == 3
    assert "line 2: a `label` alone" in done.stderr
    assert "recall@1" in done.stdout


def test_rerank_without_a_vision_model_ends_in_a_sentence(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("POUNCE_VISION_MODEL", "none")
    queries = str(folder / "queries.jsonl")
    done = run("evaluate", queries, "--rerank", "--json", home=folder / "home")
    assert done.returncode == 1
    assert "Name one with POUNCE_VISION_MODEL" in done.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "Nothing to measure"),
        (["gone.jsonl"], "There is no file gone.jsonl"),
        (["{queries}", "--lists", "titles"], "There is no list 'titles'"),
        (["{queries}", "--html", "/nowhere/at/all.html"], "--html takes a file"),
        (["{queries}", "--catalogue", "gone.csv"], "There is no file gone.csv"),
        (["{queries}", "--catalogue", "autumn"], "There is no catalogue 'autumn'"),
        (["--photos", "{folder}"], "There are no photos to measure on"),
    ],
)
def test_what_cannot_be_measured_ends_in_a_sentence(
    words: list[str], said: str, folder: Path
) -> None:
    given = [word.format(queries=folder / "queries.jsonl", folder=folder) for word in words]
    done = run("evaluate", *given, "--json", home=folder / "home")
    assert done.returncode == 1
    assert said in done.stderr
    assert done.stdout == ""


def test_built_in_shop_measures_itself(demo_home: Path) -> None:
    done = run("evaluate", "demo", "--sample", "2", "--json", home=demo_home)
    assert done.returncode == 0, done.stderr
    figures = json.loads(done.stdout)
    kinds = {"words", "other picture", "pattern+words", "reference+words"}
    assert kinds == figures["embedder"]["by_kind"].keys()
    assert kinds | {"scene+words", "words (trained on)"} <= figures["shop"]["by_kind"].keys()
    assert all(each["n"] == 2 for each in figures["shop"]["by_kind"].values())
    assert figures["shop"]["by_kind"]["words"]["recall@9"] > 0.5


def test_rerank_of_a_named_vision_model_is_measured_and_its_trust_can_be_given(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("POUNCE_VISION_MODEL", str(CHECKPOINT))
    done = run(
        "evaluate", str(folder / "queries.jsonl"), "--catalogue", str(folder / "mugs.csv"),
        "--rerank", "--trust", "0.3", "--json", home=folder / "home",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    figures = json.loads(done.stdout)
    assert (figures["n"], figures["rerank.n"], figures["rerank.trust"]) == (3, 1, 0.3)
    assert figures["rerank.complete"] == 1
    assert {"rerank.lift.ndcg@9.low", "rerank.seconds.p95"} <= figures.keys()
    assert not (folder / "home" / "trust.json").exists()
