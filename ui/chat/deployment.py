"""How the chat is deployed: who may enter, rate limits, metrics, its address behind a proxy."""

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
    """Messages that one user may send; 0 is no limit."""
    per_day: int = 0
    """The same within 24 hours."""
    guests_per_address: int = 0
    """How many guests one IP address may send the messages of; 0 where addresses do not count."""
    trusted_proxies: str = ""
    """Addresses and networks, by commas, whose `X-Forwarded-For` names the browser's address."""
    metrics: bool = True
    """Whether /metrics answers."""
    root: str = ""
    """The path under which a proxy serves the chat, such as "/chat"; "" for a host of its own."""
    url: str = ""
    """The whole address behind a proxy, to which an OAuth provider redirects browsers."""
    embed_origins: tuple[str, ...] = ()
    """Origins whose pages may show the chat in a frame."""
    secure: bool = False
    """Whether browsers use HTTPS; a proxy may not forward that."""


def deployment_of(settings: Settings, address: str) -> Deployment:
    """The deployment that the settings describe, for a chat that listens at an IP address.

    Raises SetupError where others could enter without a login, for users that cannot be read, and
    for a chat in a frame that takes a login.
    """
    url = urlsplit(settings.public_url)
    access = AccessPolicy(
        users=parse_users(f"{settings.users}\n{_text(settings.users_file)}"),
        oauth=oauth_is_wanted(),
        guests=settings.guests,
    )
    reached = reaches_others(address, public_hosts_of(settings), settings.public_url)
    check_access(access, settings.public_url or address, reached=reached)
    if settings.embed_origins and not access.without_login:
        raise SetupError(
            "POUNCE_EMBED_ORIGINS shows the chat in a frame on the shop's pages, where nobody can "
            "log in. Unset it, or set POUNCE_GUESTS=true in place of users and OAuth."
        )
    return Deployment(
        access=access,
        per_minute=settings.messages_per_minute,
        per_day=settings.messages_per_day,
        # Behind a proxy that is not trusted, everybody has the proxy's address.
        guests_per_address=settings.guests_per_address
        if settings.trusted_proxies or not settings.public_url
        else 0,
        trusted_proxies=settings.trusted_proxies,
        metrics=not reached if settings.metrics is None else settings.metrics,
        root=url.path,
        url=settings.public_url,
        embed_origins=settings.embed_origins,
        secure=url.scheme == "https",
    )


def public_hosts_of(settings: Settings) -> frozenset[str]:
    """Host names under which browsers may reach the chat, besides this machine's own."""
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
