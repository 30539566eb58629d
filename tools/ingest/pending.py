"""Notes of ingests that run, kept in the workspace, so that an interrupted one can be resumed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from tools.catalogue.reader import Wanted
from tools.errors import CatalogueError
from tools.files import write_atomic


@dataclass(frozen=True, slots=True)
class Pending:
    """How an ingest was called."""

    name: str
    source: str
    """An absolute path, or an address."""
    wanted: Wanted
    prune: bool
    begun_at: str = ""
    """ISO 8601, UTC."""

    @property
    def path(self) -> Path | str:
        """As `ingest` takes it."""
        return Path(self.source) if Path(self.source).is_absolute() else self.source


class PendingNotes:
    """The notes of a workspace, a file each."""

    def __init__(self, home: Path) -> None:
        self._folder = home / "pending"

    @contextmanager
    def noted(self, alias: str, pending: Pending) -> Iterator[None]:
        """Keeps a note while an ingest runs. An interruption leaves it there.

        A CatalogueError leaves none: the same call would fail again.
        """
        self._folder.mkdir(parents=True, exist_ok=True)
        place = self._folder / f"{alias}.json"
        facts = asdict(pending) | {"begun_at": datetime.now(UTC).isoformat(timespec="seconds")}
        write_atomic(place, json.dumps(facts, default=str))  # paths as texts
        try:
            yield
        except CatalogueError:
            place.unlink(missing_ok=True)
            raise
        place.unlink(missing_ok=True)

    def all(self) -> dict[str, Pending]:
        """The notes by the names of their catalogues."""
        found = {}
        for place in sorted(self._folder.glob("*.json")):
            try:
                facts = json.loads(place.read_text(encoding="utf-8"))
                wanted = facts.pop("wanted")
                folder = wanted.pop("pictures")
                wanted = Wanted(**wanted, pictures=Path(folder) if folder else None)
                pending = Pending(**facts, wanted=wanted)
            except (OSError, ValueError, KeyError, TypeError):
                place.unlink(missing_ok=True)  # cut off by a full disk
                continue
            found[pending.name] = pending
        return found

    def forget(self, alias: str) -> None:
        """Removes a note."""
        (self._folder / f"{alias}.json").unlink(missing_ok=True)
