"""`pounce doctor`: what is configured, what answers, what to do next."""

from __future__ import annotations

import platform
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tools.errors import PounceError
from ui.cli.options import settings_of, workspace_of

if TYPE_CHECKING:
    from PIL.Image import Image

    from assistant.settings import Settings
    from tools.rerank.vision_model import VisionModel
    from tools.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Finding:
    """One line: what was looked at, what was found, and what to do where it is not well."""

    name: str
    found: str
    well: bool = True


def doctor(
    context: typer.Context,
    models: Annotated[
        bool, typer.Option("--models", help="Also load the models and try each.")
    ] = False,
) -> None:
    """Say what is configured, whether Milvus answers, and what to do next."""
    settings, home = settings_of(context), workspace_of(context)
    well = True
    for finding in _findings(settings, home, models=models):
        typer.echo(f"{'ok ' if finding.well else 'BAD'} {finding.name:<12} {finding.found}")
        well = well and finding.well
    if not well:
        raise typer.Exit(1)
    active = home.registry.active()
    typer.echo(
        "Next: pounce chat" if active else "Next: pounce chat, or your own: pounce ingest FILE"
    )


def _findings(settings: Settings, home: Workspace, *, models: bool) -> Iterator[Finding]:
    packages = ", ".join(
        f"{name} {version(name)}" for name in ("torch", "transformers", "pymilvus")
    )
    yield Finding("Python", f"{platform.python_version()}; {packages}")
    yield Finding("profile", settings.profile)
    yield Finding("home", str(home.path))
    yield _tried("Milvus", lambda: _milvus(home))
    if url := settings.database_url.get_secret_value():
        yield _tried("database", lambda: _database(url))
    yield _tried("catalogues", lambda: _catalogues(home))
    yield Finding("embedder", f"{settings.embedder}: {_files(home)}")
    yield Finding("chat model", settings.chat_model)
    yield Finding("vision model", _vision(settings))
    if models:
        yield _tried("embedder", lambda: _embed(home))
        yield _tried("chat model", lambda: _answer(settings))
        if settings.reranks:
            yield _tried("vision model", lambda: _look(settings, home))


def _tried(name: str, look: Callable[[], str]) -> Finding:
    start = time.perf_counter()
    try:
        found = look()
    except PounceError as error:
        return Finding(name, str(error), well=False)
    return Finding(name, f"{found} ({time.perf_counter() - start:.1f} s)")


def _milvus(home: Workspace) -> str:
    from tools.index.milvus import connect

    address = home.address()
    client = connect(address)
    kind = "server" if home.milvus_uri else "embedded"
    return f"{kind}, {client.get_server_version()} at {address.uri}"


def _database(url: str) -> str:
    from tools.postgres import connect_blocking, connection_errors

    with connection_errors(), connect_blocking(url) as connection:
        info = connection.info
        return (
            f"PostgreSQL {info.server_version // 10_000} at {info.host}:{info.port}/{info.dbname}"
        )


def _catalogues(home: Workspace) -> str:
    entries = home.registry.entries()
    active = home.registry.active()
    if active is None:
        return "none yet"
    count = home.index(active.name).count()
    return f"{len(entries)}; {active.name!r} is active and has {count:,} products"


def _files(home: Workspace) -> str:
    """The embedder's files, and of a pickle what is done with it."""
    weights, text_model = home.embedder_choice.files()
    said = " with ".join(filter(None, (weights or "no weights", text_model)))
    if weights.endswith(".pkl"):
        said += "; read without unpickling"
    return said


def _embed(home: Workspace) -> str:
    """Loads the embedder and checks that red is nearer to a darker red than to blue."""
    from PIL import Image

    from tools.embedding.base import Item
    from tools.errors import ModelError

    red, darker, blue = (Image.new("RGB", (64, 64), c) for c in ("#d02020", "#b01818", "#2030d0"))
    start = time.perf_counter()
    vectors = home.embedder.embed([Item("", picture) for picture in (red, darker, blue)])
    took = time.perf_counter() - start
    alike, other = float(vectors[0] @ vectors[1]), float(vectors[0] @ vectors[2])
    found = f"{home.embedder.dim} numbers; red to red {alike:.3f}, red to blue {other:.3f}"
    found += _kept_beside(home)
    if alike <= other:
        raise ModelError(f"{found}: it does not tell colors apart. Check the weights.")
    return f"{found}; three pictures in {took * 1000:.0f} ms"


def _kept_beside(home: Workspace) -> str:
    """What of a pickle's arrays lies beside it, or how to have them there; "" for other files."""
    weights = Path(home.embedder_choice.files()[0])
    if weights.suffix != ".pkl":
        return ""
    beside = weights.with_suffix(".safetensors")
    if beside.is_file():
        return f"; {beside.name} beside it is safetensors, and may be used instead"
    return (
        "; to keep the weights as safetensors beside it: "
        f"python -m tools.embedding.magiclens.convert {weights}"
    )


def _answer(settings: Settings) -> str:
    """Asks the chat model for a tool call, in a stream, and says how it answers."""
    from assistant.factory import open_chat
    from assistant.model_trial import try_chat_model
    from assistant.models.registry import OFFLINE
    from tools.catalogue.vocabulary import Vocabulary
    from tools.errors import ModelError, SetupError

    model = open_chat(settings, Vocabulary)
    if settings.chat_model == OFFLINE:
        return f"{OFFLINE} says: {model.invoke('Hello').text[:80]}"
    try:
        trial = try_chat_model(model)
    except Exception as error:  # each provider raises its own; all are shown
        raise SetupError(f"{settings.chat_model} does not answer: {error}") from error
    found = f"{settings.chat_model} {trial.sentence()}"
    if not trial.calls_tools:
        raise ModelError(
            f"{found} Without tool calls the built-in model answers in its place. Choose a model "
            "that has them, or start its server with them (vLLM: --enable-auto-tool-choice)."
        )
    return found


def _vision(settings: Settings) -> str:
    from tools.phi3_vision.builtin import BUILTIN, builtin_trust
    from tools.rerank.rerank import DEFAULT_TRUST

    if settings.vision_model in ("", "none"):
        return "none; products stand in the order of the search"
    named = settings.vision_model
    if settings.vision_url:
        named += f" at {settings.vision_url} ({settings.vision_server})"
    if not settings.reranks:
        return f"{named}: trust 0, so it is not used"
    if settings.rerank_trust is None:
        if settings.vision_model == BUILTIN:
            shipped = builtin_trust()
            here = f"{shipped:g} on the built-in shop and 0 on others" if shipped else "0"
            return f"{named}: trust as learned, {here} until it is"
        return f"{named}: trust as learned, {DEFAULT_TRUST:g} until it is"
    return f"{named}: trust {settings.rerank_trust:g}"


def _look(settings: Settings, home: Workspace) -> str:
    """Opens the vision model, has it say what a drawn red mug is, and a served one rank two."""
    from assistant.factory import open_vision_model, vision_trust
    from tools.demo.drawing import draw_product
    from tools.demo.drawing.look import Look
    from tools.errors import ModelError

    vision = open_vision_model(settings)
    assert vision is not None  # asked only where there is one
    red, blue = (
        draw_product(Look("mug", "plain", color, "white", "ceramic"), size=336, seed=1)
        for color in ("red", "blue")
    )
    start = time.perf_counter()
    try:
        said = vision.caption(red, timeout_s=settings.rerank_timeout_s)
        took = time.perf_counter() - start
        ranks = _ranks(settings, vision, red, blue)
    except TimeoutError as error:
        better = "look into the server's log" if settings.vision_url else "a GPU"
        raise ModelError(
            f"{vision.name} was not done in {settings.rerank_timeout_s:g} s. {error} "
            f"Give it longer with POUNCE_RERANK_TIMEOUT_S, or {better}."
        ) from error
    return (
        f"{vision.name} says of a drawn red mug: {(said[:80] or 'nothing')!r} in {took:.1f} s; "
        f"{ranks}trust {vision_trust(settings, vision.name, home.name_of('')):g}"
    )


def _ranks(settings: Settings, vision: VisionModel, red: Image, blue: Image) -> str:
    """How a served model comes to an order; "" where that needs no try."""
    if not settings.vision_url or settings.rerank_way != "one pass":
        return ""
    from tools.rerank.answer_schema import ANSWER_START
    from tools.rerank.grid import draw_grid
    from tools.rerank.prompt import ranking_prompt
    from tools.served_vision.backend import ServedVision

    assert isinstance(vision, ServedVision)  # it has an address
    grid, prompt = draw_grid(red, [blue, red]), ranking_prompt(["Mug", "Mug"], reasons=0)
    vision.label_scores(grid, prompt, ANSWER_START, "12", timeout_s=settings.rerank_timeout_s)
    if vision.one_pass:
        return "ranks in one pass; "
    return "tells no scores, so its orders are written out; "
