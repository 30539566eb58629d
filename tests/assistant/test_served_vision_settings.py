"""A served vision model from the settings to the chat's list and the doctor's words."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from assistant.events import Message, Ranked
from assistant.factory import (
    has_small_models_alone,
    open_assistant,
    open_vision_model,
    open_workspace,
    reranks_on,
    vision_trust,
)
from assistant.settings import load_settings
from tests.support.command_line import run
from tests.support.paths import ROOT
from tests.support.shop_files import mug, write_csv
from tests.support.vision_server import VisionServer, refuses, says, served
from tools.errors import SetupError
from tools.phi3_vision.builtin import builtin_trust
from tools.rerank.trust import store_trust
from tools.served_vision.backend import ServedVision

MODEL = "microsoft/Phi-3.5-vision-instruct"


@pytest.fixture(autouse=True)
def _nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("POUNCE_HOME", str(tmp_path / "home"))


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[VisionServer]:
    """A server that the settings name."""
    with served() as server:
        monkeypatch.setenv("POUNCE_VISION_URL", f"{server.address}/v1")
        monkeypatch.setenv("POUNCE_VISION_MODEL", MODEL)
        # For a busy machine.
        monkeypatch.setenv("POUNCE_RERANK_TIMEOUT_S", "60")
        monkeypatch.setenv("POUNCE_TURN_SECONDS", "120")
        yield server


@pytest.mark.parametrize("profile", ["demo", "local", "server"])
@pytest.mark.parametrize(
    ("variables", "reranks"),
    [
        ({"VISION_MODEL": "none"}, False),
        ({"VISION_MODEL": "none", "RERANK_TRUST": "1"}, False),
        ({"VISION_MODEL": MODEL}, True),
        ({"VISION_MODEL": MODEL, "RERANK_TRUST": "0.3"}, True),
        ({"VISION_MODEL": MODEL, "RERANK_TRUST": "0"}, False),
        ({"VISION_MODEL": MODEL, "VISION_URL": "http://gpu:8000"}, True),
        ({"VISION_MODEL": MODEL, "VISION_URL": "http://gpu:8000", "RERANK_TRUST": "0"}, False),
        ({"VISION_MODEL": "builtin"}, True),
    ],
)
def test_every_profile_reranks_with_a_model_that_is_trusted(
    profile: str, variables: dict[str, str], reranks: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in ({"MILVUS_URI": "http://milvus:19530"} | variables).items():
        monkeypatch.setenv(f"POUNCE_{name}", value)
    assert load_settings(profile=profile).reranks is reranks


def test_demo_alone_reranks_unless_another_model_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POUNCE_MILVUS_URI", "http://milvus:19530")
    reranking = [p for p in ("demo", "local", "server") if load_settings(profile=p).reranks]
    assert reranking == ["demo"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("VISION_URL", "gpu:8000"),
        ("VISION_URL", "ftp://gpu"),
        ("VISION_URL", "http://"),
        ("VISION_SERVER", "ollama"),
        ("VISION_STRUCTURE", "guided_json"),
        ("RERANK_TRUST", "1.5"),
        ("RERANK_WAY", "two-pass"),
        ("RERANK_REASONS", "10"),
        ("RERANK_BOTH_ORDERS", "perhaps"),
    ],
)
def test_offending_value_is_in_the_error(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(f"POUNCE_{name}", value)
    with pytest.raises(SetupError, match=f"POUNCE_{name}={value}"):
        load_settings(vision_model=MODEL)


def test_address_without_a_model_asks_for_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POUNCE_VISION_URL", "http://gpu:8000/v1")
    with pytest.raises(SetupError, match="POUNCE_VISION_MODEL"):
        load_settings()


def test_secrets_are_not_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POUNCE_VISION_KEY", "sk-secret")
    assert "sk-secret" not in repr(load_settings())
    monkeypatch.setenv("POUNCE_VISION_URL", "http://me:pass-secret@gpu:8000/v1")
    with pytest.raises(SetupError, match="without a password") as caught:
        load_settings(vision_model=MODEL)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("spelt", ["one-pass", "one pass", "generated"])
def test_way_is_spelt_with_a_hyphen_or_without(spelt: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POUNCE_RERANK_WAY", spelt)
    assert load_settings().rerank_way == spelt.replace("-", " ")


def test_key_goes_to_the_server(server: VisionServer) -> None:
    vision = open_vision_model(load_settings(vision_key="sk-1"))
    assert isinstance(vision, ServedVision)
    assert not server.heard
    assert vision.generate(None, "Hello.", "", max_tokens=3)
    assert server.heard[0].headers["authorization"] == "Bearer sk-1"
    assert server.heard[0].body["model"] == MODEL


def test_trust_is_the_one_that_was_set_else_learned_else_one_half(tmp_path: Path) -> None:
    settings = load_settings(vision_url="http://gpu:8000", vision_model=MODEL)
    vision = open_vision_model(settings)
    assert vision is not None
    assert vision_trust(settings, vision.name, "mugs") == 0.5
    store_trust(tmp_path / "home", vision.name, "mugs", 0.0, {})
    assert vision_trust(settings, vision.name, "mugs") == 0.0
    assert vision_trust(settings, vision.name, "lamps") == 0.5
    given = settings.model_copy(update={"rerank_trust": 0.7})
    assert vision_trust(given, vision.name, "mugs") == 0.7


def test_built_in_model_reranks_where_it_was_learned_to_help_alone(tmp_path: Path) -> None:
    settings = load_settings()
    assert vision_trust(settings, "builtin", "demo") == builtin_trust() == 0
    assert vision_trust(settings, "builtin", "mugs") == 0
    for catalogue, trust in (("demo", 0.2), ("mugs", 0.1)):
        assert not reranks_on(settings, catalogue)
        store_trust(tmp_path / "home", "builtin", catalogue, trust, {})
        assert vision_trust(settings, "builtin", catalogue) == trust
        assert reranks_on(settings, catalogue)


@pytest.mark.parametrize("named", [MODEL, "/models/phi3", "phi3"])
@pytest.mark.parametrize("url", ["", "http://gpu:8000"])
def test_whether_a_model_reranks_is_known_before_it_is_opened(
    named: str, url: str, tmp_path: Path
) -> None:
    settings = load_settings(vision_model=named, vision_url=url)
    assert reranks_on(settings, "mugs")
    store_trust(tmp_path / "home", named.rsplit("/", 1)[-1], "mugs", 0.0, {})
    assert not reranks_on(settings, "mugs")
    assert reranks_on(settings, "lamps")


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with twelve mugs, and a photo of a red one beside it."""
    folder = tmp_path_factory.mktemp("served")
    path = write_csv(folder / "mugs.csv", [mug(number) for number in range(1, 13)])
    open_workspace(load_settings(home=folder / "home")).ingest(path)
    return folder


@pytest.fixture(scope="module")
def opened(shop: Path) -> dict[str, object]:
    """What a process of its own is like with that shop open, where torch may use four threads."""
    code = (
        "import asyncio, json, sys, threading; from contextvars import copy_context\n"
        "from pathlib import Path\n"
        "from assistant.factory import open_assistant\n"
        "from assistant.settings import load_settings\n"
        "async def main():\n"
        "    async with open_assistant(load_settings(home=Path(sys.argv[1]))):\n"
        "        slow = sorted({'transformers', 'FlagEmbedding'} & set(sys.modules))\n"
        "        import torch\n"
        "        threads = await asyncio.to_thread(torch.get_num_threads)\n"
        "        from langsmith._internal._aiter import aio_to_thread\n"
        "        traced = await aio_to_thread(copy_context(), threading.get_ident)\n"
        "        here = traced == threading.get_ident()\n"
        "        print(json.dumps({'slow': slow, 'threads': threads, 'traced here': here}))\n"
        "asyncio.run(main())\n"
    )
    program = [sys.executable, "-c", code, str(shop / "home")]
    environment = {**os.environ, "OMP_NUM_THREADS": "4"}
    done = subprocess.run(
        program, cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    found: dict[str, object] = json.loads(done.stdout)
    return found


def test_shop_of_ones_own_is_opened_without_importing_transformers(
    opened: dict[str, object],
) -> None:
    """The built-in vision model is not trusted there, and nothing else needs it. A shop of mugs
    waited for that import at every start."""
    assert opened["slow"] == []


def test_small_models_compute_in_one_thread(opened: dict[str, object]) -> None:
    """On a busy machine two threads took 0.4 to 1.5 s for a few words, one 0.03 s."""
    assert opened["threads"] == 1


def test_calls_that_are_not_traced_stay_in_their_thread(opened: dict[str, object]) -> None:
    """Around each middleware LangSmith went to another thread and back, some 45 times a turn."""
    assert opened["traced here"] is True


@pytest.mark.parametrize(
    "flags",
    [
        {"embedder": "visualized-bge-base"},
        {"vision_model": MODEL},
        {"chat_model": "phi3-vision"},
    ],
    ids=lambda flags: next(iter(flags)),
)
def test_large_models_keep_all_threads(
    flags: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("POUNCE_VISION_URL", raising=False)
    assert not has_small_models_alone(load_settings(**flags))
    assert has_small_models_alone(load_settings())


async def ranked(shop: Path, **flags: object) -> list[Ranked]:
    async with open_assistant(load_settings(home=shop / "home", **flags)) as assistant:
        photo = assistant.photos.add((shop / "red.png").read_bytes(), "red.png")
        turn = assistant.turn("t", Message("a mug like this", (photo,)))
        return [event async for event in turn if isinstance(event, Ranked)]


async def test_served_model_puts_a_list_in_order_the_whole_way(
    server: VisionServer, shop: Path
) -> None:
    (event,) = await ranked(shop, rerank_trust=1, rerank_reasons=2)
    assert event.outcome == "complete"
    assert [match.product.color for match in event.matches[:2]] == ["red", "red"]
    assert [bool(match.reason) for match in event.matches[:3]] == [True, True, False]
    assert sum(request.wants_scores for request in server.heard) == 1


async def test_way_both_orders_and_reasons_of_the_settings_are_followed(
    server: VisionServer, shop: Path
) -> None:
    (event,) = await ranked(shop, rerank_way="generated", rerank_both_orders=True, rerank_reasons=0)
    assert event.outcome == "complete"
    shaped = [request for request in server.heard if request.shaped]
    assert len(shaped) == 2
    assert not any(request.wants_scores for request in server.heard)
    assert not any("reasons" in json.dumps(request.body["response_format"]) for request in shaped)


async def test_model_that_was_learned_to_be_no_good_is_not_asked_and_nothing_is_said_of_it(
    server: VisionServer, shop: Path
) -> None:
    store_trust(shop / "home", "Phi-3.5-vision-instruct", "mugs", 0.0, {})
    assert await ranked(shop) == []
    assert not server.heard


def test_doctor_tries_the_served_model(server: VisionServer, shop: Path) -> None:
    done = run("doctor", home=shop / "home")
    assert f"{MODEL} at {server.address}/v1 (vllm): trust as learned" in done.stdout
    assert not server.heard
    done = run("doctor", "--models", home=shop / "home")
    assert done.returncode == 0, done.stdout
    assert "says of a drawn red mug: 'Something of one color.'" in done.stdout
    assert "ranks in one pass; trust 0" in done.stdout


def test_doctor_says_that_a_server_tells_no_scores(server: VisionServer, shop: Path) -> None:
    server.script = [says('{"ranking": [2, 1]}')]
    done = run("doctor", "--models", home=shop / "home")
    assert "tells no scores, so its orders are written out" in done.stdout


def test_doctor_says_what_to_do_about_a_server(
    server: VisionServer, shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.script = [refuses(401)]
    done = run("doctor", "--models", home=shop / "home")
    assert done.returncode == 1
    assert "BAD vision model" in done.stdout
    assert "POUNCE_VISION_KEY" in done.stdout
    monkeypatch.setenv("POUNCE_VISION_URL", "http://127.0.0.1:9/v1")
    monkeypatch.setenv("POUNCE_RERANK_TIMEOUT_S", "1")
    assert (
        "http://127.0.0.1:9/v1 cannot be reached"
        in run("doctor", "--models", home=shop / "home").stdout
    )
