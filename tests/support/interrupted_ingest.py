"""An ingest that notes what it embeds, in this process or in one that is killed.

Run as `python -m tests.support.interrupted_ingest HOME URI FILE`.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from tests.support.color_shop import ColorEmbedder
from tests.support.preloaded import start
from tools.catalogue.registry import Registry
from tools.embedding.base import FloatArray, Item
from tools.index.milvus import Address, ProductIndex
from tools.ingest import Report, ingest


class NotingEmbedder(ColorEmbedder):
    """Notes in a file each picture that it was given, so that a killed run's are known too."""

    def __init__(self, notes: Path) -> None:
        self._notes = notes

    def _embed_batch(self, batch: Sequence[Item]) -> FloatArray:
        with self._notes.open("a") as file:
            file.write("x" * sum(item.photo is not None for item in batch))
        return super()._embed_batch(batch)


def take_in(home: Path, uri: str, path: Path, **options: object) -> Report:
    return ingest(
        path,
        name="shop",
        home=home,
        registry=Registry(home),
        index=index_of(home, uri),
        embedder=NotingEmbedder(home / "embedded"),
        **options,  # type: ignore[arg-type]  # what ingest takes
    )


def index_of(home: Path, uri: str) -> ProductIndex:
    return ProductIndex(lambda: Address(uri), f"pounce_{home.name}")


def embedded(home: Path) -> int:
    notes = home / "embedded"
    return notes.stat().st_size if notes.exists() else 0


def killed_run(home: Path, uri: str, path: Path, after: int) -> bool:
    """Begins a run and kills it when it has embedded so many; False when it ended by itself."""
    arguments = [str(home), uri, str(path)]
    run = start(__name__, arguments, os.environ, 1, 2)
    enough = embedded(home) + after
    while embedded(home) < enough and run.poll() is None:
        time.sleep(0.005)
    run.kill()
    return run.wait() != 0


if __name__ == "__main__":
    take_in(Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3]))
