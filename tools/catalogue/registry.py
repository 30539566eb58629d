"""Which catalogues this home holds, and which one is active: one small JSON file."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from filelock import FileLock

from tools.catalogue.vocabulary import Vocabulary
from tools.errors import CatalogueError
from tools.files import PRIVATE, write_atomic


@dataclass(frozen=True, slots=True)
class Entry:
    """One catalogue: where it came from, how many products it has, its own words."""

    name: str
    source: str
    ingested_at: str
    """ISO 8601, UTC."""
    total: int
    vocabulary: Vocabulary

    @property
    def collection(self) -> str:
        """The alias of its collection in Milvus."""
        return collection_alias(self.name)


class Registry:
    """Reads and writes `catalogues.json` in a home. Every write is whole or not there."""

    def __init__(self, home: Path) -> None:
        self._path = home / "catalogues.json"
        self._known: tuple[tuple[int, int, int], str, dict[str, Entry]] | None = None

    def entries(self) -> tuple[Entry, ...]:
        """All catalogues, by name."""
        _, entries = self._read()
        return tuple(entries[name] for name in sorted(entries))

    def active(self) -> Entry | None:
        """The catalogue that searches go to; None when none was ever ingested."""
        active, entries = self._read()
        return entries.get(active)

    def get(self, name: str) -> Entry:
        """The catalogue of that name. Raises CatalogueError naming those there are."""
        _, entries = self._read()
        if name not in entries:
            known = ", ".join(sorted(entries)) or "none yet"
            raise CatalogueError(
                f"There is no catalogue {name!r} (there are: {known}). "
                "Add one with: pounce ingest FILE --name NAME."
            )
        return entries[name]

    def put(self, entry: Entry, *, activate: bool) -> None:
        """Adds a catalogue or replaces the one of that name."""
        with self._locked():
            active, entries = self._read()
            entries[entry.name] = entry
            self._write(entry.name if activate or not active else active, entries)

    def use(self, name: str) -> Entry:
        """Makes a catalogue the active one. Raises CatalogueError when there is none."""
        with self._locked():
            entry = self.get(name)
            _, entries = self._read()
            self._write(name, entries)
        return entry

    def _read(self) -> tuple[str, dict[str, Entry]]:
        """The active name and all entries; parsed again only when the file is another one.

        A turn of the chat asks for the vocabulary several times.
        """
        try:
            about = self._path.stat()
            version = (about.st_ino, about.st_mtime_ns, about.st_size)
            known = self._known
            if known is not None and known[0] == version:
                return known[1], dict(known[2])
            data = json.loads(self._path.read_text(encoding="utf-8"))
            entries = {
                name: Entry(**{**row, "vocabulary": Vocabulary(**row["vocabulary"])})
                for name, row in data["catalogues"].items()
            }
        except FileNotFoundError:
            return "", {}
        except OSError as error:
            raise _unusable(self._path, error) from error
        except (ValueError, KeyError, TypeError) as error:
            raise CatalogueError(
                f"{self._path} cannot be read ({error}). Move it away and ingest again."
            ) from error
        # A file that was replaced in between has another version, so it is parsed next time.
        self._known = (version, data["active"], entries)
        return data["active"], dict(entries)

    def _write(self, active: str, entries: dict[str, Entry]) -> None:
        data = {"active": active, "catalogues": {name: asdict(e) for name, e in entries.items()}}
        write_atomic(self._path, json.dumps(data, ensure_ascii=False, indent=1), mode=PRIVATE)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            lock = FileLock(self._path.with_suffix(".lock"))
            lock.acquire()
        except OSError as error:
            raise _unusable(self._path.parent, error) from error
        try:
            yield
        finally:
            lock.release()


def _unusable(path: Path, error: OSError) -> CatalogueError:
    return CatalogueError(
        f"{path} cannot be used ({error.strerror}). Let it be read and written, or set "
        "POUNCE_HOME to another folder."
    )


def check_name(name: str) -> str:
    """The name of a catalogue, if it can be one. Raises CatalogueError otherwise."""
    if not re.fullmatch(r"[^\W_][\w .-]{0,63}", name):
        raise CatalogueError(
            f"{name!r} cannot name a catalogue. Use up to 64 letters, digits, blanks, '.', '_' "
            "or '-', the first a letter or digit."
        )
    return name


def collection_alias(name: str) -> str:
    """A name that Milvus takes (letters, digits, underscores), different for different names."""
    plain = re.sub(r"[^A-Za-z0-9_]", "_", name)
    if plain != name:
        plain = f"{plain}_{hashlib.sha256(name.encode()).hexdigest()[:8]}"
    return f"pounce_{plain}"
