"""From the flags of a command to what it works with, and the exit codes that commands share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from assistant.factory import open_workspace
from assistant.settings import Settings, load_settings
from tools.errors import SetupError

if TYPE_CHECKING:
    from tools.workspace import Workspace

SET_ASIDE = 3
"""Exit code of a command that could not use every row."""


def settings_of(context: typer.Context, **flags: object) -> Settings:
    """The settings in force under the flags given before and behind the command."""
    return load_settings(**(context.obj or {}), **flags)


def workspace_of(context: typer.Context, **flags: object) -> Workspace:
    """The workspace that the flags and settings name."""
    return open_workspace(settings_of(context, **flags))


def field_mapping(text: str) -> tuple[str, str]:
    """What `--map FIELD=COLUMN` says. Raises SetupError for anything else."""
    field, separator, column = text.partition("=")
    if not separator or not field or not column:
        raise SetupError(f"--map takes FIELD=COLUMN, such as title=name, not {text!r}.")
    return field.strip(), column.strip()
