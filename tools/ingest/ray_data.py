"""Ingests a catalogue on the machines of a cluster, through Ray Data.

One process reads the catalogue into parts on a folder that all machines share; each worker has a
model of its own, fetches and opens the pictures of its parts, and writes to the Milvus server in
bulk. A worker asks the server first what it has, so that a run that was ended goes on. Comes with
`pip install .[ray]`. Not covered: starting a cluster, and pruning (the plain ingest does it).
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tools.catalogue.cells import SetAside
from tools.catalogue.facts import pack, unpack
from tools.catalogue.reader import Numbered
from tools.errors import SetupError
from tools.ingest.content import Ready, carry_over, prepare
from tools.ingest.embedding_workers import embed_rows
from tools.ingest.fetch_ahead import fetch_pictures
from tools.media.fetch import open_fetcher

if TYPE_CHECKING:
    from tools.embedding.registry import EmbedderChoice
    from tools.index.milvus import Address, ProductIndex
    from tools.index.schema import VectorIndex

PART = 2_000
"""Rows of a part that is handed to a worker as a whole: Ray's unit of work."""
BULK = 512
"""Products embedded and written at a time."""
PARTS = "ray"
"""The folder in a home of a catalogue's parts, while it is ingested."""

_STARTS = 3
"""Times that a cluster on this machine is started: Ray waits half a minute for its node."""


@dataclass(frozen=True, slots=True)
class Work:
    """What a worker needs besides its rows."""

    choice: EmbedderChoice
    address: Address
    alias: str
    vector_index: VectorIndex
    collection: str
    home: Path
    """On a folder that all machines share, as are pictures by path."""
    picture_hosts: tuple[str, ...] = ()


class Cluster:
    """Ray with workers that embed, as a context."""

    def __init__(
        self, choice: EmbedderChoice, workers: int, *, address: str = "", gpus: float = 0
    ) -> None:
        """`address` is that of a running cluster, "" for one that is started on this machine;
        `gpus` is what each worker takes. Raises SetupError without Ray, or when it does not
        answer, and ModelError for a model that a worker cannot open.
        """
        self._choice, self._workers, self._gpus = choice, workers, gpus
        try:
            import ray
            import ray.data
        except ImportError as error:
            raise SetupError("Ray is not installed. Install it: pip install '.[ray]'.") from error
        self._ray = ray
        for left in reversed(range(1 if address else _STARTS)):
            try:
                ray.init(
                    # Without an address Ray would take a cluster that runs on this machine, and
                    # refuse the number of processors.
                    address=address or "local",
                    num_cpus=None if address else workers + 1,
                    include_dashboard=None if address else False,
                    _node_ip_address=None if address else "127.0.0.1",
                    log_to_driver=False,
                )
                break
            except Exception as error:  # a node that is too slow to start raises it bare
                if left:
                    ray.shutdown()
                    continue
                reason = (str(error).strip() or type(error).__name__).splitlines()[0]
                raise SetupError(
                    f"Ray cannot be started or reached ({reason}). Check the address."
                ) from error
        try:
            if address:
                # The type that a model computes in is part of its fingerprint: a worker tells it.
                asked: Any = ray.remote(num_gpus=gpus)(_about)
                self.fingerprint, self.dims = ray.get(asked.remote(choice))
            else:
                self.fingerprint, self.dims = _about(choice)
        except BaseException:
            ray.shutdown()
            raise

    def __enter__(self) -> Cluster:
        return self

    def __exit__(self, *_: object) -> None:
        self._ray.shutdown()

    def ingest(
        self, folder: Path, index: ProductIndex, collection: str, home: Path, hosts: Sequence[str]
    ) -> Iterator[dict[str, Any]]:
        """Ingests the parts in `folder`; gives the outcome of each row, see `_outcome`."""
        from ray.data import ActorPoolStrategy

        self._ray.data.DataContext.get_current().enable_progress_bars = False
        work = Work(
            self._choice,
            index.address,
            index.alias,
            index.vector_index,
            collection,
            home.resolve(),
            tuple(hosts),
        )
        # Ray's own reader puts small files into one block, which one worker would do alone.
        parts = sorted(str(part) for part in folder.iterdir())
        listed = self._ray.data.from_items(parts, override_num_blocks=len(parts))
        done = listed.flat_map(_rows_of_part).map_batches(
            Worker,
            fn_constructor_args=(work,),
            batch_size=BULK,
            compute=ActorPoolStrategy(size=self._workers),
            num_gpus=self._gpus or None,
        )
        for batch in done.iter_batches(batch_size=None, batch_format="pyarrow"):
            yield from batch.to_pylist()


def _rows_of_part(part: dict[str, str]) -> list[dict[str, str]]:
    import pyarrow.parquet as pq

    rows: list[dict[str, str]] = pq.read_table(part["item"]).to_pylist()
    return rows


def _about(choice: EmbedderChoice) -> tuple[str, dict[str, int]]:
    from tools.embedding.registry import open_embedder

    embedder = open_embedder(choice)
    return embedder.fingerprint, embedder.dims


def write_parts(items: Iterable[Numbered | SetAside], folder: Path) -> Iterator[SetAside]:
    """Lays the rows of a catalogue out in `folder`; gives what cannot be used."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    rows: list[dict[str, str]] = []
    number = 0
    for item in items:
        if isinstance(item, SetAside):
            yield item
            continue
        row = {"line": item.line, "worded": item.worded, "product": pack(item.product)}
        rows.append({"row": json.dumps(row)})
        if len(rows) == PART:
            pq.write_table(pa.Table.from_pylist(rows), folder / f"{number:06}.parquet")
            rows, number = [], number + 1
    if rows:
        pq.write_table(pa.Table.from_pylist(rows), folder / f"{number:06}.parquet")


class Worker:
    """A model, a connection to Milvus and a fetcher, for the rows of many batches."""

    def __init__(self, work: Work) -> None:
        from tools.embedding.registry import open_embedder, open_text_embedder
        from tools.index.milvus import ProductIndex

        self._work = work
        self._embedder = open_embedder(work.choice)
        self._text_embedder = open_text_embedder(work.choice) or self._embedder
        self._index = ProductIndex(lambda: work.address, work.alias, work.vector_index)

    def __call__(self, batch: dict[str, Any]) -> dict[str, list[Any]]:
        """Ingests rows as `write_parts` wrote them; gives what became of each."""
        rows = [_row(text) for text in batch["row"]]
        there = self._index.content_hashes_of(
            self._work.collection, [row.product.id for row in rows]
        )
        outcomes, changed = [], []
        for row, problem in self._with_pictures(rows):
            prepared = prepare(row, problem, there, self._work.home, decode=True)
            ready = prepared.ready
            if ready is None:
                outcomes.append(_outcome(row, "set aside", prepared.problem))
            elif not ready.changed:
                outcomes.append(_outcome(ready.row, "unchanged", prepared.problem))
            else:
                changed.append(ready)
                became = "changed" if row.product.id in there else "new"
                outcomes.append(_outcome(ready.row, became, prepared.problem))
        self._write(changed)
        return {name: [each[name] for each in outcomes] for name in _OUTCOME}

    def _with_pictures(self, rows: list[Numbered]) -> Iterator[tuple[Numbered, SetAside | None]]:
        fetcher = open_fetcher(self._work.home, self._work.picture_hosts)
        for row, problem in fetch_pictures(rows, fetcher):
            assert isinstance(row, Numbered)  # what was set aside is no part
            yield row, problem

    def _write(self, rows: list[Ready]) -> None:
        carried, others = carry_over(rows, self._index, self._work.collection)
        pictures = [row.picture for row in others]
        embedded = embed_rows(others, pictures, self._embedder, self._text_embedder)
        whole = [
            (ready.row.product, *vectors, ready.hashes)
            for ready, vectors in zip(others, embedded, strict=True)
            if not isinstance(vectors, SetAside)
        ]
        self._index.upsert(self._work.collection, [*carried, *whole])


_OUTCOME = ("id", "line", "worded", "became", "pictured", "field", "reason", "todo")


def _outcome(row: Numbered, became: str, problem: SetAside | None = None) -> dict[str, Any]:
    """One of "new", "changed", "unchanged" and "set aside", and why."""
    why = problem or SetAside(row.line, "", "", "")
    return {
        "id": row.product.id, "line": row.line, "worded": row.worded, "became": became,
        "pictured": bool(row.product.image),
        "field": why.field, "reason": why.reason, "todo": why.todo,
    }  # fmt: skip


def _row(text: str) -> Numbered:
    row = json.loads(text)
    return Numbered(row["line"], unpack(row["product"]), row["worded"])


@contextmanager
def parts_folder(home: Path, alias: str) -> Iterator[Path]:
    """An empty folder for the parts of a catalogue, removed at the end."""
    folder = home / PARTS / alias
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
