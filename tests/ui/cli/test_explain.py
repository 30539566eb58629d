"""`pounce explain`: the records of turns as a person and a program read them."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from tests.golden.phi3_vision import CHECKPOINT
from tests.support.command_line import run
from tests.support.shop_files import mug, write_csv

WORDS = "a mug like this under $30"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with two turns: small talk, then a search from a photo that was looked at."""
    folder = tmp_path_factory.mktemp("explain")
    home = folder / "home"
    write_csv(folder / "mugs.csv", [mug(number) for number in range(1, 13)])
    assert run("ingest", str(folder / "mugs.csv"), home=home).returncode == 0
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COLUMNS", "400")
        assert run("ask", "hello\x1b[31m", home=home).returncode == 0
        patch.setenv("POUNCE_VISION_MODEL", str(CHECKPOINT))
        patch.setenv("POUNCE_RERANK_TIMEOUT_S", "60")
        done = run("ask", WORDS, "--photo", str(folder / "red.png"), home=home)
        assert "Reranked in" in done.stdout, done.stderr
    return home


@pytest.fixture(autouse=True)
def _wide(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "400")


def latest(home: Path) -> dict[str, Any]:
    done = run("explain", "latest", "--json", home=home)
    assert done.returncode == 0, done.stderr
    record: dict[str, Any] = json.loads(done.stdout)
    return record


def test_newest_turns_are_listed_with_how_they_ended(home: Path) -> None:
    done = run("explain", home=home)
    assert done.returncode == 0, done.stderr
    _, first, second = done.stdout.splitlines()
    assert first.split()[0] == latest(home)["id"]
    assert "done, reranked" in first
    assert f"{WORDS} +1 photo" in first
    assert re.search(r"20\d\d-\d\d-\d\d \d\d:\d\d:\d\d", first)
    assert "hello" in second
    assert "reranked" not in second
    assert "\x1b" not in done.stdout  # a shopper's words are nothing that a terminal obeys


def test_turns_are_listed_as_json_too(home: Path) -> None:
    rows = json.loads(run("explain", "--json", home=home).stdout)
    assert [row["text"] for row in rows] == [WORDS, "hello\x1b[31m"]
    assert list(rows[0]) == [
        "id", "started_at", "text", "photos", "outcome", "incident", "seconds"
    ]  # fmt: skip


def test_whole_record_is_printed(home: Path) -> None:
    record = latest(home)
    done = run("explain", record["id"], home=home)
    assert done.returncode == 0, done.stderr
    told = done.stdout
    (search,) = record["searches"]
    (ranking,) = search["rankings"]
    (look,) = ranking["looks"]
    parts = [
        record["id"], WORDS, "red.png", record["photos"][0]["ref"][:12], "mugs", "offline",
        "Call 1: multimodal_search", "Call 2: rerank", "max_price 30", "9 of 12",
        f"Look by {ranking['model']}", ranking["instruction"], ranking["fingerprint"],
        look["picture"], look["outcome"], "chat model ", "embed ", "caption ", "ranking ", "grid ",
    ]  # fmt: skip
    parts += [row["title"] for row in search["found"]]
    parts += [f"{row['score']:.4f}" for row in search["found"]]
    parts += [f"{score:.3f}" for score in look["scores"]]
    parts += look["prompt"].splitlines()
    parts += [place["reason"].split()[0] for place in ranking["final"] if place["reason"]]
    parts += [line.strip() for line in record["answer"].splitlines()]
    for part in parts:
        assert part in told, part
    assert told.index("Call 1") < told.index("Search 1") < told.index("Answer")


def test_json_has_the_same_fields_in_the_same_order_each_time(home: Path) -> None:
    done = run("explain", "latest", "--json", home=home)
    assert done.stdout == run("explain", "latest", "--json", home=home).stdout
    record = json.loads(done.stdout)
    (search,) = record["searches"]
    (ranking,) = search["rankings"]
    fields = {
        "turn": record, "call": record["calls"][0], "search": search, "found": search["found"][0],
        "ranking": ranking, "look": ranking["looks"][0], "place": ranking["final"][0],
    }  # fmt: skip
    assert {name: " ".join(each) for name, each in fields.items()} == {
        "turn": "id started_at thread text photos catalogue chat_model prompt_version outcome "
        "sentence incident calls searches answer seconds timings_s fell_back "
        "format",
        "call": "tool arguments seconds error",
        "search": "words photo like filters list_id searched found timings_s rankings second "
        "unmentioned",
        "found": "number id title category price currency color rating score brand facts",
        "ranking": "model fingerprint trust instruction words caption caption_why looks outcome "
        "why told late confidence model_order final seconds timings_s",
        "look": "picture products prompt answer scores order outcome why",
        "place": "number was id title reason",
    }


def test_picture_is_written_as_the_model_saw_it(home: Path, tmp_path: Path) -> None:
    record = latest(home)
    path = tmp_path / "grid.png"
    done = run("explain", "latest", "--picture", str(path), home=home)
    assert done.returncode == 0, done.stderr
    (kept,) = (home / "turns").glob(f"*-{record['id']}/1.png")
    assert path.read_bytes() == kept.read_bytes()
    picture = Image.open(path)
    assert picture.width / picture.height == 5 / 2
    # The query's cell has the photo, which is red.
    cell = picture.width // 5
    assert np.asarray(picture)[cell // 2, cell // 2].tolist()[0] > 180


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("explain", "nonsense"), "no record of a turn 'nonsense'"),
        (("explain", "../../etc"), "See the newest with: pounce explain"),
        (("explain", "--picture", "x.png"), "--picture needs a turn"),
    ],
)
def test_what_cannot_be_explained_is_said_in_a_sentence(
    home: Path, words: tuple[str, ...], sentence: str
) -> None:
    done = run(*words, home=home)
    assert done.returncode == 1
    assert sentence in " ".join(done.stderr.split())
    assert not done.stdout


def test_turn_without_a_look_has_no_picture(home: Path, tmp_path: Path) -> None:
    talk = json.loads(run("explain", "--json", home=home).stdout)[1]["id"]
    path = tmp_path / "grid.png"
    done = run("explain", talk, "--picture", str(path), home=home)
    assert done.returncode == 1
    assert "No vision model looked at anything" in done.stderr
    assert not path.exists()


def test_nothing_recorded_yet_says_what_to_do(tmp_path: Path) -> None:
    listed, opened = (run("explain", *words, home=tmp_path / "home") for words in ((), ("latest",)))
    assert listed.returncode == 0
    assert "No turn is recorded yet. Ask for something first" in listed.stdout
    assert opened.returncode == 1
    assert "No turn is recorded yet. Ask for something first" in opened.stderr
    assert not (tmp_path / "home").exists()


def test_no_records_are_kept_where_none_are_wanted(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = sorted((home / "turns").iterdir())
    for name in ("POUNCE_TURN_RECORDS", "POUNCE_TURN_RECORDS_MB"):
        with monkeypatch.context() as patch:
            patch.setenv(name, "0")
            assert run("ask", "a blue mug", home=home).returncode == 0
    assert sorted((home / "turns").iterdir()) == before


def test_record_that_cannot_be_read_is_named_and_the_next_one_shown(home: Path) -> None:
    spoilt = home / "turns" / "29990101T000000000000Z-aaaaaaaaaaaa"
    spoilt.mkdir()
    try:
        done = run("explain", "latest", "--json", home=home)
        named = run("explain", "aaaaaaaaaaaa", home=home)
    finally:
        spoilt.rmdir()
    assert json.loads(done.stdout)["text"] == WORDS
    assert f"The record {spoilt} cannot be read" in done.stderr
    assert named.returncode == 1
    assert "Remove that folder" in named.stderr


def test_words_that_a_search_left_out_are_printed(tmp_path: Path) -> None:
    # `explain` printed the other filters and was silent about these.
    home = tmp_path / "home"
    write_csv(tmp_path / "mugs.csv", [mug(number) for number in range(1, 5)])
    assert run("ingest", str(tmp_path / "mugs.csv"), home=home).returncode == 0
    assert run("ask", "a mug under $30, not leather", home=home).returncode == 0
    filters = latest(home)["searches"][0]["filters"]
    assert filters["exclude_words"] == ["leather"]
    told = run("explain", "latest", home=home).stdout
    assert "not leather" in re.sub(r"Words .*", "", told)
