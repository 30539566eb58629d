"""Who may enter: one person on this machine, users with passwords, OAuth users, or guests.

An identifier holds the kind of login as well as the name ("user:anna", "oauth:github:anna"), so
that the same name under another kind of login is another user.
"""

from __future__ import annotations

import os
import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import Literal
from urllib.parse import urlsplit

from tools.errors import SetupError
from ui.chat.auth.passwords import is_hash

LOCAL = "local:you"
"""The one person of a chat that only this machine reaches."""
GUEST = "guest:"
"""Begins the identifier of a guest."""

_NAME = re.compile(r"[^\s:=,#]{1,64}")
_GUEST = re.compile(r"guest:[0-9a-f-]{36}")


@dataclass(frozen=True, slots=True)
class Identity:
    """Somebody who has entered."""

    identifier: str
    display_name: str


@dataclass(frozen=True, slots=True)
class AccessPolicy:
    """Who may enter. Without users, OAuth and guests: one person, on this machine alone."""

    users: Mapping[str, str] = field(default_factory=dict)
    """Hashes of passwords by name."""
    oauth: bool = False
    """Whether users of an OAuth provider may enter; Chainlit's own settings name the provider."""
    guests: bool = False
    """Whether everybody may enter, each with a history of their own by a cookie."""

    @property
    def without_login(self) -> Literal["local", "guest", ""]:
        """The kind of user assigned to a browser that has not logged in; "" where it must."""
        if self.guests:
            return "guest"
        return "" if self.users or self.oauth else "local"

    def identity_without_login(self) -> Identity | None:
        """The user assigned to a browser that has not logged in; a new one for each guest.

        None where it has to log in.
        """
        if self.without_login == "local":
            return Identity(LOCAL, "You")
        if self.without_login == "guest":
            return Identity(f"{GUEST}{uuid.uuid4()}", "Guest")
        return None

    def admits(self, identifier: str) -> bool:
        """Whether somebody who once entered under this identifier still may."""
        way, _, name = identifier.partition(":")
        if way == "user":
            return name in self.users
        if self.without_login == "guest":
            return _GUEST.fullmatch(identifier) is not None
        if self.without_login == "local":
            return identifier == LOCAL
        return self.oauth and way == "oauth" and bool(name)


def is_name(text: str) -> bool:
    """Whether this may be the name of a user."""
    return _NAME.fullmatch(text) is not None


def parse_users(text: str) -> dict[str, str]:
    """The users in a setting: "name=hash", separated by commas or lines; "#" begins a comment.

    Raises SetupError for anything else. The message does not quote it: it may hold a password.
    """
    users: dict[str, str] = {}
    lines = (line.split("#", 1)[0] for line in text.splitlines())
    for number, part in enumerate(filter(None, map(str.strip, ",".join(lines).split(","))), 1):
        name, _, hashed = part.partition("=")
        if not is_name(name) or not is_hash(hashed):
            raise SetupError(
                f"POUNCE_USERS: user number {number} is not NAME=HASH. Make such a line with: "
                "pounce password NAME"
            )
        if name in users:
            raise SetupError(f"POUNCE_USERS names {name} twice. Remove one of the two.")
        users[name] = hashed
    return users


def oauth_is_wanted() -> bool:
    """Whether the environment has a setting for any OAuth provider, as Chainlit spells them."""
    # Whether a provider has all of its settings, Chainlit checks once it can be imported.
    return any(re.fullmatch("OAUTH_.+_CLIENT_ID", name) and os.environ[name] for name in os.environ)


def reaches_others(address: str, names: frozenset[str], public_url: str) -> bool:
    """Whether browsers of other machines can call a chat at this address, or behind a proxy."""
    outside = {urlsplit(public_url).hostname or ""} if public_url else set()
    local = {"localhost", "127.0.0.1", "::1"}
    return not ip_address(address).is_loopback or bool((names | outside) - local)


def check_access(access: AccessPolicy, address: str, *, reached: bool) -> None:
    """Raises SetupError where others could enter without a login and no setting allows it."""
    if access.guests and (access.users or access.oauth):
        raise SetupError(
            "POUNCE_GUESTS lets everybody in, and users or OAuth let some in. Unset one of them."
        )
    if reached and access.without_login == "local":
        raise SetupError(
            f"Others could reach the chat ({address}), and it has no login: they would see each "
            "other's conversations. Give it users (make a line for POUNCE_USERS with: pounce "
            "password NAME), or the settings of an OAuth provider (such as OAUTH_GITHUB_CLIENT_ID "
            "and OAUTH_GITHUB_CLIENT_SECRET), or POUNCE_GUESTS=true to let everybody in, each "
            "with a history of their own."
        )
