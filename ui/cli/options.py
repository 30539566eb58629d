"""From the flags of a command to what it works with."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from assistant.factory import open_workspace
from assistant.settings import Settings, load_settings

if TYPE_CHECKING:
    from tools.workspace import Workspace


def settings_of(context: typer.Context, **flags: object) -> Settings:
    """The settings in force under the flags given before and behind the command."""
    return load_settings(**(context.obj or {}), **flags)


def workspace_of(context: typer.Context, **flags: object) -> Workspace:
    """The home that the flags and settings name."""
    return open_workspace(settings_of(context, **flags))
