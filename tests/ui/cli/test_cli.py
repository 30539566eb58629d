"""The command line: what it prints, how it ends."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from subprocess import CompletedProcess

import numpy as np
import pytest

from tests.golden.phi3_vision import CHECKPOINT
from tests.golden.visualized_bge import golden
from tests.support.command_line import run
from tests.support.openai_server import answers, serving
from tests.support.paths import ROOT
from tests.support.picture_host import picture_host
from tests.support.repeats import TIMES
from tests.support.shop_files import mug, write_csv, write_jsonl
from tools.catalogue.facts import searched_text
from tools.embedding.base import Item
from tools.embedding.flag_text import save_text_model
from tools.embedding.visualized_bge.embedder import load_visualized_bge
from tools.index.local_server import ensure_server
from tools.index.milvus import Address, ProductIndex
from tools.product import Filters

ENVIRONMENT = {k: v for k, v in os.environ.items() if not k.startswith("POUNCE_")}
HEARD = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)"
LISTENING = [sys.executable, "-c", f"{HEARD}; from ui.cli import main; main()"]
"""Whatever began these tests may have them ignore Ctrl-C, and a process inherits that."""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("cli")
    write_csv(folder / "mugs.csv", [mug(n) for n in range(1, 13)])
    done = run("ingest", str(folder / "mugs.csv"), "--json", home=folder / "home")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    columns = {fact: told["columns"][fact] for fact in ("title", "image")}
    assert columns == {
        "title": {"column": "title", "guessed": False},
        "image": {"column": "image", "guessed": False},
    }
    assert told | {"columns": {}} == {
        "read": 12, "worded": 12, "new": 12, "changed": 0, "unchanged": 0, "set_aside": 0,
        "mended": 0, "missing": 0, "removed": 0, "total": 12, "variants": 0, "without_picture": 0,
        "switched_off": 0, "kind": "a table", "columns": {}, "left": [],
    }  # fmt: skip
    return folder / "home"


def found(done: CompletedProcess[str]) -> list[dict[str, object]]:
    assert done.returncode == 0, done.stderr
    results: list[dict[str, object]] = json.loads(done.stdout)["results"]
    return results


def test_help_comes_without_loading_anything_heavy() -> None:
    code = (
        "import sys; from ui.cli import app; print({'torch', 'transformers', 'pymilvus', "
        "'chainlit', 'langchain', 'langchain_core', 'PIL', 'numpy'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_folder_of_pictures_is_taken_in_and_searched_by_photo(tmp_path: Path) -> None:
    write_csv(tmp_path / "x.csv", [mug(1)])
    (tmp_path / "x.csv").unlink()
    (tmp_path / "broken.jpg").write_text("no picture")
    done = run("ingest", str(tmp_path), "--name", "seen", "--json", home=tmp_path / ".home")
    counts = json.loads(done.stdout)
    assert (done.returncode, counts["new"], counts["without_picture"]) == (0, 5, 1)
    report = (tmp_path / ".home" / "reports").glob("*.csv")
    assert "broken.jpg" in next(report).read_text()
    photo = str(tmp_path / "blue.png")
    results = found(run("search", "--photo", photo, "--json", home=tmp_path / ".home"))
    assert results[0]["id"] == "blue.png"


def test_part_of_a_file_and_a_private_host_are_asked_for_by_flags(tmp_path: Path) -> None:
    with picture_host() as host:
        rows = [mug(n, image=host.url(f"good/{n}.png"), category="A") for n in range(4)]
        path = write_jsonl(tmp_path / "s.jsonl", [mug(9, category="B"), *rows])
        words = ("ingest", str(path), "--category", "a", "--limit", "2", "--json")
        refused = run(*words, home=tmp_path / "home")
        assert (json.loads(refused.stdout)["without_picture"], host.asked.total()) == (2, 0)
        done = run(*words, "--allow-host", host.name, home=tmp_path / "home")
        counts = json.loads(done.stdout)
        assert (counts["changed"], counts["without_picture"]) == (2, 0)


def test_search_prints_one_json_object(home: Path) -> None:
    done = run("search", "red mug", "--max-price", "8.50", "--limit", "3", "--json", home=home)
    results = found(done)
    assert [row["number"] for row in results] == list(range(1, len(results) + 1))
    keys = {"number", "id", "title", "price", "currency", "category", "color", "rating", "image",
            "score", "reason"}  # fmt: skip
    for row in results:
        assert keys <= row.keys()
        assert isinstance(row["price"], float)
        assert row["price"] <= 8.5
    whole = json.loads(done.stdout)
    assert whole["filters"] == {"max_price": 8.5}
    assert whole["timings_ms"]["total"] > 0


def test_search_takes_a_photo_a_product_and_filters(home: Path) -> None:
    picture = str(home.parent / "red.png")
    options = ("--color", "red", "--category", "kitchen", "--json")
    rows = found(run("search", "--photo", picture, *options, home=home))
    assert {row["color"] for row in rows} == {"red"}
    rows = found(run("search", "--like", "m4", "--json", home=home))
    assert rows
    assert all(row["id"] != "m4" for row in rows)


def test_table_names_titles_and_prices(home: Path) -> None:
    done = run("search", "red mug", home=home)
    assert done.returncode == 0
    assert "mug" in done.stdout
    assert "$" in done.stdout


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("search",), "Nothing to search for"),
        (("search", "x", "--photo", "none.jpg"), "no picture none.jpg"),
        (("search", "x", "--max-price", "cheap"), "--max-price takes an amount"),
        (("search", "x", "--min-price", "9", "--max-price", "3"), "swap the two"),
        (("search", "x", "--color", "gren"), "no color 'gren'. The nearest are: green"),
        (("search", "x", "--category", "Mgs"), "Mugs"),
        (("search", "--like", "nothing"), "no longer in the shop"),
        (("search", "x", "--catalogue", "other"), "no catalogue 'other'"),
        (("ingest", "none.csv"), "Check the path"),
        (("ingest", "none.csv", "--name", "a/b"), "cannot name a catalogue"),
        (("ingest", "demo.csv"), "'demo' is the name of the built-in shop"),
        (("ingest", "none.csv", "--map", "title"), "FIELD=COLUMN"),
        (("use", "nothing"), "no catalogue 'nothing'"),
        (("embed", "none.jsonl", "--out", "x.npz"), "none.jsonl"),
        (("embed", "x", "--out", "x.npz", "--weights", "w.pth"), "--text-model"),
        (("ask", "hi", "--photo", "none.jpg"), "no picture none.jpg"),
        (("chat", "--port", "99999"), "POUNCE_PORT=99999"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_sentence(
    home: Path, words: tuple[str, ...], sentence: str
) -> None:
    done = run(*words, home=home)
    assert done.returncode == 1
    assert sentence in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr


def test_dry_run_shows_how_a_file_is_understood_and_takes_nothing_in(tmp_path: Path) -> None:
    rows = [
        {"Article No": n, "Product": f"Lamp {n}", "Price (EUR)": f"{n}.50", "Picture": "red.png",
         "Shelf": "A1", "status": "active" if n < 3 else "draft"}
        for n in (1, 2, 3)
    ]  # fmt: skip
    path, home = write_csv(tmp_path / "shop.csv", rows), tmp_path / "home"
    done = run("ingest", str(path), "--dry-run", "--json", home=home)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert (told["kind"], told["switched_off"]) == ("a table", 1)
    assert told["columns"]["title"] == {"column": "Product", "guessed": True}
    assert told["columns"]["image"] == {"column": "Picture", "guessed": False}
    assert "Shelf" in told["left"]
    assert [(each["title"], each["price"]) for each in told["products"]] == [
        ("Lamp 1", 1.5), ("Lamp 2", 2.5)
    ]  # fmt: skip
    shown = run("ingest", str(path), "--dry-run", home=home).stdout
    assert "Read as a table" in shown
    assert "Guessed by their names" in shown
    assert json.loads(run("catalogues", "--json", home=home).stdout) == []


def test_ingest_ends_with_three_when_something_was_set_aside(tmp_path: Path) -> None:
    path = write_jsonl(tmp_path / "shop.jsonl", [mug(1), mug(2, title="")])
    done = run("ingest", str(path), "--name", "My shop", home=tmp_path / "home")
    assert done.returncode == 3
    assert "1 rows could not be used" in done.stdout
    listed = json.loads(run("catalogues", "--json", home=tmp_path / "home").stdout)
    assert [(row["name"], row["active"], row["total"]) for row in listed] == [("My shop", True, 1)]


def test_ingest_says_why_nothing_was_pruned(tmp_path: Path) -> None:
    path, home = write_csv(tmp_path / "shop.csv", [mug(1), mug(2), mug(3)]), tmp_path / "home"
    assert run("ingest", str(path), home=home).returncode == 0
    path.write_text(path.read_text().replace("Blue mug 2", '"Blue mug 2'))
    done = run("ingest", str(path), "--prune", home=home)
    assert done.returncode == 3
    assert "2 products of the catalogue were not found" in done.stdout
    assert "None is removed while rows cannot be read" in done.stdout


def test_interrupted_ingest_says_that_it_goes_on(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "many.csv", [mug(n) for n in range(4000)])
    home = tmp_path / "home"
    command = [*LISTENING, "--home", str(home), "ingest", str(path)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, env=ENVIRONMENT, text=True) as running:
        until = time.monotonic() + 180
        while not (home / "pounce_many.ingest.lock").exists() and time.monotonic() < until:
            time.sleep(0.05)
        running.send_signal(signal.SIGINT)
        try:
            _, said = running.communicate(timeout=180)
        finally:
            running.kill()
    assert running.returncode == 130
    assert "What is in is kept; the same command goes on" in said


def test_ctrl_c_where_words_are_awaited_ends_at_once(home: Path) -> None:
    # What does not end by itself is still there when the wait below is over.
    program = (
        f"{HEARD}; from ui.cli import run; from ui.cli.interrupt import run_to_the_end; "
        "run_to_the_end(run, patience_s=600)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program, "--home", str(home), "ask"],
        stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env={**ENVIRONMENT, "POUNCE_VISION_MODEL": "none"},
    ) as talking:  # fmt: skip
        try:
            assert talking.stderr is not None
            assert any("What are you looking for?" in line for line in talking.stderr)
            time.sleep(0.5)  # the line is awaited
            talking.send_signal(signal.SIGINT)
            assert talking.wait(timeout=180) == 130
        finally:
            talking.kill()


def test_chat_model_that_names_nothing_is_said_before_anything_is_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("POUNCE_CHAT_MODEL", "nonsense")
    for command in (("chat", "--port", "8123"), ("ask", "hello")):
        done = run(*command, home=tmp_path / "home")
        assert done.returncode == 1
        assert done.stderr.splitlines()[-1].startswith("pounce: The chat model 'nonsense'")
        assert not (tmp_path / "home").exists()


@pytest.mark.parametrize("words", [("catalogues",), ("search", "mug")])
def test_home_that_cannot_be_used_is_said(words: tuple[str, ...], tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    done = run(*words, home=tmp_path / "file")
    assert done.returncode == 1
    assert "cannot be used (" in " ".join(done.stderr.split())
    assert "POUNCE_HOME" in done.stderr


def test_catalogue_in_a_place_that_cannot_be_read_is_said(tmp_path: Path) -> None:
    done = run("ingest", "/proc/self/mem", home=tmp_path / "home")
    assert done.returncode == 1
    assert "/proc/self/mem cannot be read" in done.stderr


def test_search_takes_broken_bytes_and_empty_names(home: Path) -> None:
    assert found(run("search", "mug\udcff", "--color", "", "--brand", " ", "--json", home=home))


def test_newest_catalogue_is_active_until_another_is_used(home: Path, tmp_path: Path) -> None:
    other = write_csv(tmp_path / "other.csv", [mug(50, title="Teapot")])
    assert run("ingest", str(other), home=home).returncode == 0
    assert [row["title"] for row in found(run("search", "mug", "--json", home=home))] == ["Teapot"]
    assert run("use", "mugs", home=home).returncode == 0
    assert len(found(run("search", "mug", "--json", home=home))) == 9
    named = run("search", "mug", "--catalogue", "other", "--json", home=home)
    assert [row["title"] for row in found(named)] == ["Teapot"]


def test_ask_answers_with_products(home: Path) -> None:
    done = run("ask", "a red mug under $6", home=home)
    assert done.returncode == 0, done.stderr
    assert "[m4]" in done.stdout


def test_ask_keeps_a_conversation(home: Path) -> None:
    done = run("ask", home=home, stdin="a red mug\nin blue\n")
    assert done.returncode == 0, done.stderr
    assert done.stdout.index("Red mug") < done.stdout.rindex("Blue mug")


def test_doctor_says_what_is_there_and_tries_the_models(home: Path) -> None:
    done = run("doctor", "--models", home=home)
    assert done.returncode == 0, done.stdout + done.stderr
    for words in ("milvus_lite", "'mugs' is active and has 12 products", "offline", "numbers;"):
        assert words in done.stdout
    assert "BAD" not in done.stdout


TRIED = {
    "calls tools; streams.": answers("", ("multimodal_search", {"words": "red mugs"})),
    "calls no tool (it says 'Sure, red mugs.'); streams.": answers("Sure, red mugs."),
    "without an opening tag": answers("Mugs.</think>", ("multimodal_search", {"words": "mugs"})),
}


@pytest.mark.parametrize("found", TRIED)
def test_doctor_tries_a_tool_call_and_a_stream_and_says_what_a_chat_model_cannot_do(
    home: Path, monkeypatch: pytest.MonkeyPatch, found: str
) -> None:
    monkeypatch.setenv("POUNCE_CHAT_MODEL", "openai:tested")
    monkeypatch.setenv("POUNCE_VISION_MODEL", "none")
    with serving(TRIED[found]) as server:
        monkeypatch.setenv("POUNCE_CHAT_URL", f"{server.address}/v1")
        done = run("doctor", "--models", home=home)
        (asked,) = server.heard
    assert asked.body["stream"] is True
    assert [tool["function"]["name"] for tool in asked.body["tools"]] == ["multimodal_search"]
    assert found in done.stdout
    calls = "no tool" not in found
    assert done.returncode == (0 if calls else 1)
    assert ("--enable-auto-tool-choice" in done.stdout) == (not calls)


def test_vision_model_is_tried_by_doctor_and_ask_prints_its_order(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "builtin: trust as learned, 0 until it is" in run("doctor", home=home).stdout
    monkeypatch.setenv("POUNCE_VISION_MODEL", "none")
    assert "none; products stand in the order of the search" in run("doctor", home=home).stdout
    monkeypatch.setenv("POUNCE_VISION_MODEL", str(CHECKPOINT))
    monkeypatch.setenv("POUNCE_RERANK_TIMEOUT_S", "60")
    done = run("doctor", "--models", home=home)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "says of a drawn red mug" in done.stdout
    assert "trust 0.5" in done.stdout
    done = run("ask", "a mug like this", "--photo", str(home.parent / "red.png"), home=home)
    assert done.returncode == 0, done.stderr
    first, final = done.stdout.split("Reranked in")
    assert first.count("[m") == final.count("[m") > 1


def test_doctor_names_what_is_wrong(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POUNCE_MILVUS_URI", "http://127.0.0.1:9")
    monkeypatch.setenv("POUNCE_MILVUS_TIMEOUT_S", "2")
    done = run("doctor", home=home)
    assert done.returncode == 1
    assert "BAD Milvus" in done.stdout
    assert "POUNCE_MILVUS_URI" in done.stdout


@pytest.mark.parametrize("variant", ["base", "m3"])
def test_embed_gives_the_golden_vectors(home: Path, tmp_path: Path, variant: str) -> None:
    gold = golden(variant)
    text = gold.texts[0]
    rows = write_jsonl(tmp_path / "rows.jsonl", [{"text": text}])
    out = tmp_path / "out.npz"
    files = ("--weights", str(gold.weights), "--text-model", str(gold.text_model))
    done = run("embed", str(rows), "--out", str(out), *files, home=home)
    assert done.returncode == 0, done.stderr
    difference = np.load(out)["embeddings"][0] - gold.expected["text"][0]
    assert np.abs(difference).max() <= 5e-6


def test_milvus_is_reached_by_its_address(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POUNCE_MILVUS_URI", ensure_server(tmp_path / "elsewhere", idle_s=5))
    path = write_csv(tmp_path / "mugs.csv", [mug(1), mug(2)])
    home = tmp_path / "home"
    assert run("ingest", str(path), home=home).returncode == 0
    assert len(found(run("search", "mug", "--json", home=home))) == 2
    assert not (home / "milvus").exists()


def test_texts_go_through_flag_embedding_where_the_text_model_has_weights(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gold = golden("base")
    embedder = load_visualized_bge(gold.weights, gold.text_model, dtype="float32")
    save_text_model(embedder.model, gold.text_model, tmp_path / "bge")
    monkeypatch.setenv("POUNCE_EMBEDDER", "visualized-bge-base")
    monkeypatch.setenv("POUNCE_EMBEDDER_WEIGHTS", str(gold.weights))
    monkeypatch.setenv("POUNCE_TEXT_MODEL", str(tmp_path / "bge"))
    monkeypatch.setenv("POUNCE_DTYPE", "float32")
    path = write_csv(tmp_path / "mugs.csv", [mug(1), mug(2)])
    home = tmp_path / "home"
    done = run("ingest", str(path), home=home)
    assert done.returncode == 0, done.stderr
    assert "FlagEmbedding" in sys.modules
    index = ProductIndex(lambda: Address(ensure_server(home / "milvus")), "pounce_mugs")
    product = index.products(["m1"])["m1"]
    (nearest,) = index.nearest(
        "words", embedder.embed([Item(searched_text(product))])[0], Filters(), 1
    )
    assert nearest.id == "m1"
    assert nearest.score == pytest.approx(1, abs=1e-5)


def test_searches_at_once_all_answer(home: Path) -> None:
    running = [
        subprocess.Popen(
            [sys.executable, "-m", "ui.cli", "--home", str(home), "search", "mug", "--json"],
            stdout=subprocess.PIPE, text=True, env=ENVIRONMENT, cwd=ROOT,
        )
        for _ in range(2 if TIMES <= 1 else 3)
    ]  # fmt: skip
    answers = [json.loads(process.communicate(timeout=180)[0])["results"] for process in running]
    assert all(answer == answers[0] for answer in answers)
