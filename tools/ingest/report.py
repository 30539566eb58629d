"""What an ingest did: counts, and a list of all that could not be used, written as it is found."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TextIO

from tools.catalogue.cells import SetAside
from tools.catalogue.understanding import Understood

COLUMNS = ("file", "line", "field", "reason", "what to do", "product used without it")
_COUNTS = (
    "read", "new", "changed", "unchanged", "set_aside", "mended", "missing", "removed", "worded",
    "total", "variants", "without_picture", "switched_off",
)  # fmt: skip
_KEPT = 1_000
"""Problems that are kept in memory besides the file; a catalogue may have millions."""
_EXAMPLES = 3


@dataclass(slots=True)
class Report:
    """What an ingest did, in products; `missing` are those of the index that the file lacks."""

    read: int = 0
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    set_aside: int = 0
    mended: int = 0
    """Fields that could not be used, of products that were."""
    missing: int = 0
    removed: int = 0
    worded: int = 0
    """Products that the shop has words for."""
    total: int = 0
    variants: int = 0
    """Of all products that were read."""
    without_picture: int = 0
    """Products that are found by words alone."""
    switched_off: int = 0
    """Products that the shop does not show; no faults."""
    off_reasons: dict[str, int] = field(default_factory=dict)
    unreachable: dict[str, int] = field(default_factory=dict)
    """Hosts that gave no picture: name → pictures that were wanted of it."""
    currency_missing: bool = False
    """Whether there were prices of which nobody says the currency."""
    understood: Understood | None = None
    unparsed: int = 0
    """Rows that could not be told apart; any product may stand in them."""
    done: float | None = None
    """How much of the catalogue is ingested, 0 to 1; None where that cannot be known."""
    problems: list[SetAside] = field(default_factory=list)
    """The first ones."""
    report_path: Path | None = None

    def counts(self) -> dict[str, int]:
        """The numbers alone."""
        return {name: getattr(self, name) for name in _COUNTS}


class ProblemList:
    """The report of one catalogue: a CSV with a line a problem, and beside it a summary to read."""

    def __init__(self, path: Path, source: str) -> None:
        """`path` is the CSV's; `source` is what its lines are lines of."""
        self._path, self._source = path, source
        self._file: TextIO | None = None
        self._groups: dict[tuple[bool, str, str], list[str]] = {}
        self._sizes: dict[tuple[bool, str, str], int] = {}

    def add(self, problem: SetAside, report: Report) -> None:
        """Writes a problem down and counts it."""
        if self._file is None:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._file = self._path.open("w", encoding="utf-8", errors="replace", newline="")
            csv.writer(self._file).writerow(COLUMNS)
            report.report_path = self._path
        used = "yes" if problem.used else "no"
        csv.writer(self._file).writerow(
            (self._source, problem.line, problem.field, problem.reason, problem.todo, used)
        )
        if len(report.problems) < _KEPT:
            report.problems.append(problem)
        if problem.host:
            report.unreachable[problem.host] = report.unreachable.get(problem.host, 0) + 1
        report.mended += problem.used
        report.set_aside += not problem.used
        report.unparsed += problem.field == "row" and not problem.used
        group = (problem.used, problem.field, problem.todo)
        self._sizes[group] = self._sizes.get(group, 0) + 1
        examples = self._groups.setdefault(group, [])
        if len(examples) < _EXAMPLES:
            examples.append(f"line {problem.line}: {problem.reason}")

    def close(self) -> None:
        """Ends the CSV and writes the summary beside it, where there was a problem."""
        if self._file is None:
            return
        self._file.close()
        self._path.with_suffix(".txt").write_text(
            "\n".join(self._summary()) + "\n", encoding="utf-8", errors="replace"
        )

    def _summary(self) -> Iterator[str]:
        yield f"What could not be used of {self._source}"
        for used, heading in ((False, "Rows set aside"), (True, "Products used without a field")):
            groups = [group for group in self._groups if group[0] == used]
            if not groups:
                continue
            yield ""
            yield f"{heading}: {sum(self._sizes[group] for group in groups):,}"
            for group in sorted(groups, key=lambda group: -self._sizes[group]):
                _, name, todo = group
                yield f"- {name}, {self._sizes[group]:,} times. {todo}"
                yield from (f"    {example}" for example in self._groups[group])
                if self._sizes[group] > _EXAMPLES:
                    yield f"    and {self._sizes[group] - _EXAMPLES:,} more, see {self._path.name}"


@contextmanager
def problem_list(folder: Path, alias: str, source: str) -> Iterator[ProblemList]:
    """The report of a catalogue, in place of the one of its last ingest."""
    path = folder / f"{alias}.csv"
    for old in (path, path.with_suffix(".txt")):
        old.unlink(missing_ok=True)
    problems = ProblemList(path, source)
    try:
        yield problems
    finally:
        problems.close()
