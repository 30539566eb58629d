"""`pounce key`: what an agent's line in the settings is made with."""

from __future__ import annotations

from typing import Annotated

import typer

from tools.errors import RequestError


def key(
    name: Annotated[str, typer.Argument(help="Of the agent, for the settings and the log.")],
) -> None:
    """Make a key for another agent and print its line for POUNCE_AGENT_KEYS: NAME=HASH.

    The key itself goes to standard error, this once: the settings hold its hash alone.
    """
    from ui.chat.agent_api.keys import hash_key, new_key
    from ui.chat.auth.access import is_name

    if not is_name(name):
        raise RequestError("A name has no blanks and none of : = , # in it. Choose another one.")
    made = new_key()
    typer.echo(f"The key of {name}, shown this once: {made}", err=True)
    typer.echo(f"{name}={hash_key(made)}")
