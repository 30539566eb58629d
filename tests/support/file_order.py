"""The order in which the files of tests start, where several processes take one file after another.

Files that mostly wait (for a browser, for Ray's nodes) start one by one between the others, from
the beginning: their waiting costs nothing while the other processes compute.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path

from tests.support.paths import ROOT

WAITING = (Path("tests/tools/ingest/test_processes.py"), Path("tests/browser"))
"""The longest file first."""
APART = 12
"""Other files between two that wait. They take together about as long as one of those."""


def in_start_order(files: Iterable[Path]) -> list[Path]:
    """The same files, once each: those that wait are spread over the others, which keep theirs."""
    others: list[Path] = []
    waiting: list[list[Path]] = [[] for _ in WAITING]
    for file in dict.fromkeys(files):
        place = next((n for n, each in enumerate(WAITING) if _within(file, ROOT / each)), None)
        (others if place is None else waiting[place]).append(file)
    return list(_spread([file for each in waiting for file in each], others))


def _within(file: Path, path: Path) -> bool:
    return file == path or path in file.parents


def _spread(waiting: Iterable[Path], others: Iterable[Path]) -> Iterator[Path]:
    rest = iter(others)
    for file in waiting:
        yield file
        yield from islice(rest, APART)
    yield from rest
