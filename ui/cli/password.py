"""`pounce password`: what a user's line in the settings is made with."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from tools.errors import RequestError

_SHORTEST = 8


def password(
    name: Annotated[str, typer.Argument(help="Of the user, as they will type it.")],
) -> None:
    """Ask for a password and print the user's line for POUNCE_USERS: NAME=HASH.

    Reads one line of standard input where that is no terminal.
    """
    from ui.chat.auth.access import is_name
    from ui.chat.auth.passwords import hash_password

    if not is_name(name):
        raise RequestError("A name has no blanks and none of : = , # in it. Choose another one.")
    if sys.stdin.isatty():
        secret = typer.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
    else:
        secret = sys.stdin.readline().rstrip("\r\n")
    if len(secret) < _SHORTEST:
        raise RequestError(f"A password has at least {_SHORTEST} letters. Choose a longer one.")
    typer.echo(f"{name}={hash_password(secret)}")
