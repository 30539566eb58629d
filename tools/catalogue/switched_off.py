"""Whether the shop shows a product at all, as exports of every make say it."""

from __future__ import annotations

from collections.abc import Mapping

from tools.catalogue.cells import clean_text, first_of

_STATES = frozenset({
    "draft", "archived", "unlisted", "hidden", "inactive", "disabled", "private", "pending",
    "trash", "deleted", "unpublished", "rejected", "proposed", "not visible individually",
    "expired", "removed", "sold_out_hidden",
})  # fmt: skip
_NO = frozenset({"0", "0.0", "false", "no", "n", "off", "-1", "none", "nein", "non"})
_YES = frozenset({"1", "1.0", "true", "yes", "y", "on"})
_STATUS = ("status", "product_status", "state", "visibility", "visibility_in_catalog",
           "catalog_visibility")  # fmt: skip
_SHOWN = (
    "active", "active_0_1", "is_active", "enabled", "is_enabled", "published", "is_published",
    "published_on_online_store", "visible", "is_visible", "product_visible", "is_available_to_show",
    "is_eligible_search", "enable_search", "available_for_display", "show_in_shop",
)  # fmt: skip
_HIDDEN = ("hidden", "is_hidden", "disabled", "is_disabled", "archived", "is_archived", "deleted",
           "is_deleted", "is_draft", "draft")  # fmt: skip
TELLING = frozenset((*_STATUS, *_SHOWN, *_HIDDEN, "product_online"))
"""Folded names of the columns that say it."""


def why_switched_off(values: Mapping[str, object]) -> str:
    """Why the shop does not show a product, in two words; "" for one that it shows.

    `values` stand under folded names. A name that is not there says nothing.
    """
    if TELLING.isdisjoint(values):
        return ""
    for name in _STATUS:
        word = _word(values.get(name))
        if word in _STATES or (name in ("status", "product_status") and word in _NO - {"none"}):
            return word if word in _STATES else "switched off"
    if _word(values.get("visibility")) in ("none", "nowhere"):
        return "hidden"
    if _word(values.get("product_online")) in ("2", "0"):
        return "disabled"
    if any(_word(values.get(name)) in _NO for name in _SHOWN):
        return "not published"
    if any(_word(values.get(name)) in _YES for name in _HIDDEN):
        return "hidden"
    return ""


def _word(value: object) -> str:
    if isinstance(value, dict):
        return ""
    return clean_text(first_of(value)).lower() if value is not None else ""
