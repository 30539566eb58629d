"""The versions of the protocol that are spoken, and the names of what is offered in them."""

from __future__ import annotations

from typing import Any, Literal, get_args

Version = Literal["2026-08-25", "2026-04-08"]
VERSIONS: tuple[Version, ...] = get_args(Version)
"""The newest first."""
NEWEST = VERSIONS[0]
SEARCH = "dev.ucp.shopping.catalog.search"
LOOKUP = "dev.ucp.shopping.catalog.lookup"

Operation = Literal["search", "lookup", "product"]
OPERATIONS: tuple[Operation, ...] = get_args(Operation)
CAPABILITIES: dict[Operation, str] = {"search": SEARCH, "lookup": LOOKUP, "product": LOOKUP}
"""What an operation belongs to."""

Document = dict[str, Any]
"""A JSON object of the protocol."""


def envelope(
    version: Version, capabilities: tuple[str, ...], status: Literal["success", "error"]
) -> Document:
    """The `ucp` member of an answer."""
    active = {name: [{"version": version}] for name in capabilities}
    return {"version": version, "status": status, "capabilities": active}
