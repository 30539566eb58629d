"""How the chat is run: who may enter, how much each may ask, and where browsers find it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from tools.errors import SetupError
from ui.chat.auth.access import (
    AccessPolicy,
    check_access,
    oauth_is_wanted,
    parse_users,
    reaches_others,
)

if TYPE_CHECKING:
    from assistant.settings import Settings


@dataclass(frozen=True, slots=True)
class Deployment:
    """Plain values, read from the settings once."""

    access: AccessPolicy = field(default_factory=AccessPolicy)
    per_minute: int = 0
    """Messages of one user; 0 is no limit."""
    per_day: int = 0
    """In any 24 hours."""
    metrics: bool = True
    """Whether /metrics is there."""
    root: str = ""
    """The path that a proxy has the chat under, such as "/chat"; "" for a host of its own."""
    url: str = ""
    """All of its address behind a proxy, which a provider of OAuth sends browsers back to."""
    secure: bool = False
    """Whether browsers come by HTTPS, which a proxy may not say."""


def deployment_of(settings: Settings, address: str) -> Deployment:
    """How these settings want it run, for a chat that listens at an IP address.

    Raises SetupError where others could come in without a login, and for users that are none.
    """
    url = urlsplit(settings.public_url)
    access = AccessPolicy(
        users=parse_users(f"{settings.users}\n{_text(settings.users_file)}"),
        oauth=oauth_is_wanted(),
        guests=settings.guests,
    )
    reached = reaches_others(address, public_hosts_of(settings), settings.public_url)
    check_access(access, settings.public_url or address, reached=reached)
    return Deployment(
        access=access,
        per_minute=settings.messages_per_minute,
        per_day=settings.messages_per_day,
        metrics=not reached if settings.metrics is None else settings.metrics,
        root=url.path,
        url=settings.public_url,
        secure=url.scheme == "https",
    )


def public_hosts_of(settings: Settings) -> frozenset[str]:
    """What browsers may call the chat by, besides this machine's own names."""
    names = {name.strip().lower() for name in settings.allowed_hosts.split(",")}
    return frozenset(names | {urlsplit(settings.public_url).hostname or ""}) - {""}


def _text(file: str) -> str:
    if not file:
        return ""
    try:
        return Path(file).expanduser().read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SetupError(
            f"The users in {file} cannot be read ({error}). Check POUNCE_USERS_FILE."
        ) from error
