"""Telling how far a training is."""

from __future__ import annotations


def say(text: str) -> None:
    """Progress, at once."""
    print(text, flush=True)  # noqa: T201
