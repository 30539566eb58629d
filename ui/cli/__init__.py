"""The command line `pounce`. Nothing heavy is imported before a command needs it."""

from __future__ import annotations

import gc
import os
import sys
from pathlib import Path
from typing import Annotated, Literal

import typer

from tools.errors import PounceError
from tools.files import keep_private
from ui.cli.ask import ask
from ui.cli.catalogues import catalogues
from ui.cli.chat import chat
from ui.cli.doctor import doctor
from ui.cli.embed import embed
from ui.cli.evaluate import evaluate
from ui.cli.explain import explain
from ui.cli.feedback import feedback
from ui.cli.ingest import ingest
from ui.cli.insights import insights
from ui.cli.interrupt import run_to_the_end
from ui.cli.key import key
from ui.cli.mcp import mcp
from ui.cli.password import password
from ui.cli.search import search
from ui.cli.use import use

# Before torch is imported. Threads of OpenMP that have nothing to do spin for others, and where the
# cores are busy they take the time of those who have: a query of words took 600 ms and takes 30.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

_NEW_OBJECTS = 50_000
"""New objects between two collections of garbage, in place of 700: importing makes a million that
stay, and looking through them again and again was a sixth of the imports of the chat."""

app = typer.Typer(
    name="pounce",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="A shopping assistant that sees: photos and words in, the shop's own products out.",
)


@app.callback()
def _settings(
    context: typer.Context,
    home: Annotated[
        Path | None, typer.Option(help="The folder of all that Pounce keeps (POUNCE_HOME).")
    ] = None,
    profile: Annotated[
        Literal["demo", "local", "server"] | None,
        typer.Option(help="Which models and Milvus are used (POUNCE_PROFILE)."),
    ] = None,
) -> None:
    context.obj = {"home": home, "profile": profile}


_COMMANDS = (
    chat, ask, search, explain, feedback, insights, ingest, catalogues, use, embed, doctor,
    evaluate, password, key, mcp,
)  # fmt: skip
for _command in _COMMANDS:
    app.command()(_command)


def main() -> None:
    """The program `pounce`."""
    keep_private()
    gc.set_threshold(_NEW_OBJECTS)
    run_to_the_end(run)


def run() -> None:
    """Runs the command line; what a person can mend ends as a sentence and exit code 1."""
    try:
        app()
    except PounceError as error:
        typer.echo(f"pounce: {error}", err=True)
        raise SystemExit(1) from error
    except BrokenPipeError:  # `pounce search … | head`
        sys.stderr.close()
        raise SystemExit(1) from None
    except OSError as error:
        if error.filename is None:
            raise
        typer.echo(
            f"pounce: {error.filename} cannot be used ({error.strerror}). Check that it is there "
            "and may be read and written; what Pounce keeps goes where POUNCE_HOME says.",
            err=True,
        )
        raise SystemExit(1) from error
