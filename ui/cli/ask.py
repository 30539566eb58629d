"""`pounce ask`: the conversation in the terminal."""

from __future__ import annotations

import asyncio
import sys
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tools.errors import RequestError
from ui.cli.options import settings_of, workspace_of
from ui.cli.output import progress_bars

if TYPE_CHECKING:
    from assistant.conversation import Assistant
    from assistant.events import Event, Photo
    from tools.product import Match


def ask(
    context: typer.Context,
    words: Annotated[str, typer.Argument(help="What to say; left out, a conversation.")] = "",
    photo: Annotated[list[Path] | None, typer.Option(help="May be given several times.")] = None,
) -> None:
    """Talk to the assistant in the terminal: one turn, or a conversation until Ctrl-D."""
    from assistant.factory import check_chat, open_assistant

    settings = settings_of(context)
    missing = [path for path in photo or () if not path.is_file()]
    if missing:
        raise RequestError(f"There is no picture {missing[0]}. Check the path.")
    check_chat(settings)
    with progress_bars() as bars:
        shop = workspace_of(context).open_shop(drawn=bars.drawing, progress=bars.ingesting)

    async def talk() -> bool:
        async with open_assistant(settings, shop) as assistant:
            thread = f"terminal-{uuid.uuid4().hex}"
            photos = [assistant.photos.add(p.read_bytes(), p.name) for p in photo or ()]
            if words or photos:
                return await _turn(assistant, thread, words, photos)
            typer.echo("What are you looking for? (Ctrl-D ends)", err=True)
            # Nothing else runs meanwhile; and a thread would keep Ctrl-C waiting for a line.
            while line := sys.stdin.readline():
                if line.strip():
                    await _turn(assistant, thread, line.strip(), [])
            return True

    if not asyncio.run(talk()):
        raise typer.Exit(1)


async def _turn(assistant: Assistant, thread: str, words: str, photos: list[Photo]) -> bool:
    """One turn on standard output; False when it failed."""
    from assistant.events import Failed, Message

    ended_well = True
    async for event in assistant.turn(thread, Message(words, tuple(photos))):
        ended_well = not isinstance(event, Failed)
        _print(event)
    return ended_well


def _print(event: Event) -> None:
    from assistant.events import (
        Compared,
        Done,
        Failed,
        Found,
        Ranked,
        Shortlisted,
        Understood,
        Words,
    )

    if isinstance(event, Understood) and event.instead:
        typer.echo("None of these is what was meant. In their place:")
    elif isinstance(event, Found | Shortlisted):
        _print_list(event.matches)
    elif isinstance(event, Ranked) and event.kept:
        typer.echo(f"The order of the search is kept. {event.why}".rstrip())
    elif isinstance(event, Ranked):
        typer.echo(f"Reranked in {event.seconds:.1f} s. {event.why}".rstrip())
        _print_list(event.matches)
    elif isinstance(event, Compared):
        typer.echo("\n".join(event.table.lines()))
    elif isinstance(event, Words):
        typer.echo(event.delta, nl=False)
    elif isinstance(event, Failed):
        incident = f" (incident {event.incident})" if event.incident else ""
        typer.echo(f"{event.sentence}{incident}", err=True)
    elif isinstance(event, Done):
        typer.echo("")


def _print_list(matches: Sequence[Match]) -> None:
    from tools.money import format_price

    for number, match in enumerate(matches, start=1):
        product = match.product
        price = product.price_minor
        cost = "price not given" if price is None else format_price(price, product.currency)
        reason = f"  {match.reason}" if match.reason else ""
        typer.echo(f"{number:>3}  {product.title}  {cost}  [{product.id}]{reason}")
