"""What a screen reader says of a search while nobody has moved to its cards."""

from __future__ import annotations

from assistant.events import Found, Understood


def spoken_search(understood: Understood) -> str:
    """Said when a search begins."""
    if understood.text:
        return f"Searching for {understood.text}."
    return "Searching by the picture." if understood.photo or understood.like else "Searching."


def spoken_result(found: Found) -> str:
    """Said when its cards stand."""
    count = len(found.matches)
    if not count:
        return "Nothing found."
    return f"{count} product{'s' if count != 1 else ''} found."
