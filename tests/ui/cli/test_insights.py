"""`pounce insights`: the counts as a table, JSON, a page and CSV, and no shopper's word in them."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from tests.support.command_line import run
from tests.support.turn_records import SECRET, generated_turns, write_turns


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with the records of 200 turns of 30 days."""
    home = tmp_path_factory.mktemp("insights") / "home"
    write_turns(generated_turns(200), home / "turns")
    return home


@pytest.fixture(autouse=True)
def _wide(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "400")


def outputs(home: Path, folder: Path) -> dict[str, str]:
    """Everything that the command writes, by form."""
    page, sheet = folder / "insights.html", folder / "insights.csv"
    table = run("insights", home=home)
    data = run("insights", "--json", "--html", str(page), "--csv", str(sheet), home=home)
    assert (table.returncode, data.returncode) == (0, 0), table.stderr + data.stderr
    return {
        "table": table.stdout + table.stderr,
        "json": data.stdout,
        "html": page.read_text("utf-8"),
        "csv": sheet.read_bytes().decode("utf-8"),
    }


def test_every_form_says_the_same_counts(home: Path, tmp_path: Path) -> None:
    found = outputs(home, tmp_path)
    counts = json.loads(found["json"])
    rows = list(csv.DictReader(found["csv"].splitlines()))
    kinds = {row["name"]: int(row["count"]) for row in rows if row["section"] == "Kinds"}
    assert kinds == counts["kinds"]
    assert {row["of"] for row in rows if row["section"] == "Kinds"} == {str(counts["searches"])}
    assert counts["turns"] == 200
    name, most = next(iter(counts["kinds"].items()))
    share = f"{most / counts['searches']:.1%}"
    assert f"<td>{most}</td><td>{share}</td>" in found["html"]
    line = next(line for line in found["table"].splitlines() if line.startswith(name))
    assert line.split()[-2:] == [str(most), share]
    assert "Women &gt; Dresses" in found["html"]  # escaped


def test_no_word_of_a_shopper_is_in_any_form(home: Path, tmp_path: Path) -> None:
    for form, text in outputs(home, tmp_path).items():
        assert SECRET not in text.casefold(), form


def test_words_are_shown_where_a_setting_allows_it(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("POUNCE_LOG_TEXTS", "true")
    for form, text in outputs(home, tmp_path).items():
        assert SECRET in text, form


def test_days_leave_older_turns_out(home: Path) -> None:
    turns = [
        json.loads(run("insights", "--json", *words, home=home).stdout)["turns"]
        for words in ((), ("--days", "15"), ("--days", "365"))
    ]
    assert turns[0] == turns[2] == 200
    assert 90 < turns[1] < 110


def test_files_are_for_their_owner_alone(home: Path, tmp_path: Path) -> None:
    outputs(home, tmp_path)
    assert {path.stat().st_mode & 0o077 for path in tmp_path.iterdir()} == {0}


def test_broken_record_is_counted_aloud(tmp_path: Path) -> None:
    turns = tmp_path / "home" / "turns"
    write_turns(generated_turns(3), turns)
    next(turns.glob("*/record.json")).write_text("{")
    told = run("insights", home=tmp_path / "home")
    assert told.returncode == 0
    assert "Turns: 2." in told.stdout
    assert "cannot be read and are left out: 1." in told.stdout


def test_empty_home_says_what_to_do_and_stays_empty(tmp_path: Path) -> None:
    home = tmp_path / "home"
    told = run("insights", home=home)
    assert told.returncode == 0
    assert "No turn is recorded yet. Ask for something first" in told.stdout
    recent = run("insights", "--days", "7", home=home)
    assert "No turn of the last 7 days is recorded." in recent.stdout
    assert json.loads(run("insights", "--json", home=home).stdout)["turns"] == 0
    page = tmp_path / "page.html"
    assert run("insights", "--html", str(page), home=home).returncode == 0
    assert "<p>none</p>" in page.read_text("utf-8")
    assert not home.exists()


@pytest.mark.parametrize("flag", ["--html", "--csv"])
def test_folder_that_is_not_there_is_named(flag: str, home: Path, tmp_path: Path) -> None:
    done = run("insights", flag, str(tmp_path / "none" / "file"), home=home)
    assert done.returncode == 1
    assert f"{flag} takes a file in a folder that is there" in done.stderr
    assert not done.stdout
