"""Options as filters state them: "NAME=VALUE"."""

from __future__ import annotations

from tools.catalogue.variants import option_key
from tools.product import Filters


def option_named(stated: str) -> tuple[str, str]:
    """Key and value of "NAME=VALUE"."""
    name, _, value = stated.partition("=")
    return option_key(name.strip()), value.strip()


def options_by_key(filters: Filters) -> dict[str, list[str]]:
    """Key → the values of which any will do."""
    found: dict[str, list[str]] = {}
    for stated in filters.options:
        key, value = option_named(stated)
        found.setdefault(key, []).append(value)
    return found
