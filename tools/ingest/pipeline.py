"""Reads a catalogue's file row by row into a collection, and puts that in force at once.

Reading, fetching and decoding run ahead of the model in threads of their own, writing behind it;
`tools.ingest.stages` bounds each. A killed run has embedded at most BATCH products a model that are
not written.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import Future
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from filelock import FileLock, Timeout

from tools.catalogue.archive import is_archive, is_packed_folder, unpack
from tools.catalogue.cells import SetAside
from tools.catalogue.detection import find_source
from tools.catalogue.reader import Numbered, Reading, Wanted, mapping_of, read_products
from tools.catalogue.registry import Entry, Registry
from tools.catalogue.source import Source, open_download
from tools.catalogue.understanding import understand
from tools.catalogue.vocabulary import count_vocabulary
from tools.embedding.base import Embedder, FloatArray
from tools.errors import CatalogueError
from tools.index.schema import Hashes
from tools.ingest.content import Prepared, Ready, carry_over, prepare, unopened
from tools.ingest.embedding_workers import Embedding, InProcess, Vectors
from tools.ingest.fetch_ahead import Fetched, fetch_pictures
from tools.ingest.pending import Pending, PendingNotes
from tools.ingest.ray_data import Cluster, parts_folder, write_parts
from tools.ingest.report import ProblemList, Report, problem_list
from tools.ingest.stages import WriteBehind, parallel, read_ahead
from tools.media.fetch import PictureFetcher, open_fetcher
from tools.product import Product

if TYPE_CHECKING:
    from tools.index.milvus import ProductIndex

BATCH = 64
"""Products that a killed run embeds again at most, for each model."""
_PART = BATCH // 2
"""Embedded at a time, while those before are written."""
_DECODERS = 4
_READ_AHEAD = 32
"""Decoded pictures that wait for the model: up to 3 MB each."""
_TELL_EVERY = 200
"""Rows between two reports of progress where nothing is embedded."""

UNPACKED = "unpacked"
"""The folder in a home of what archives hold."""
DOWNLOADS = "downloads"
"""The folder in a home of catalogues by address, while they are read."""

Progress = Callable[[Report], None]
ReadTexts = Callable[[Sequence[Product]], None]


def ingest(
    path: Path | str,
    *,
    name: str,
    home: Path,
    registry: Registry,
    index: ProductIndex,
    embedder: Embedder | Embedding | Cluster,
    text_embedder: Embedder | None = None,
    wanted: Wanted | None = None,
    fetcher: PictureFetcher | None = None,
    prune: bool = False,
    activate: bool = True,
    seen_as: Callable[[Product], Product] = lambda product: product,
    read_texts: ReadTexts | None = None,
    progress: Progress = lambda _: None,
) -> Report:
    """Reads a catalogue into the index and makes it the active one. `path` may be an address.

    Products are upserted by id, as `seen_as` gives them; `text_embedder` places their texts where
    it is given (same space, text alone), else `embedder` does. `read_texts` gets the products that
    were embedded as soon as they are written, in the thread that writes; a cluster never calls it.
    Pictures by address come through `fetcher`, by default into `home`. Rows that cannot be used are
    listed in a CSV in `home`. Nothing is pruned while a row cannot be parsed: its products only
    seem to be missing; and nothing counts as missing where only a part of the file is wanted. What
    is written stays when this is ended by an exception, KeyboardInterrupt too, and the next call
    goes on from there. Raises CatalogueError when the file cannot be read, none of its rows can be
    used, or another ingest of this catalogue is running.
    """
    wanted = wanted or Wanted()
    if prune and wanted.part:
        raise CatalogueError(
            "Products can only be pruned by the whole file. Leave out the limit and the category, "
            "or the pruning."
        )
    if isinstance(embedder, Cluster) and prune:
        raise CatalogueError(
            "A cluster does not prune. Leave the pruning out here, and run the same again without "
            "the cluster: nothing is embedded twice."
        )
    fetcher = fetcher or open_fetcher(home)
    where = path if isinstance(path, str) else str(path.resolve())
    pending = PendingNotes(home).noted(index.alias, Pending(name, where, wanted, prune))
    with closing(fetcher), _only_one(home, index.alias), pending:
        with (
            opened_catalogue(path, wanted, home, fetcher) as (source, wanted, named),
            problem_list(home / "reports", index.alias, named) as problems,
        ):
            run: _Run | _ClusterRun
            if isinstance(embedder, Cluster):
                run = _ClusterRun(embedder, index, home, problems, progress)
            else:
                model = _model(embedder, text_embedder)
                run = _Run(model, index, home, problems, progress, read_texts)
            source = replace(source, pictures=wanted.pictures)
            run.report.understood = understand(source, mapping_of(source, wanted))
            reading = Reading()
            run.ingest(source, wanted, fetcher, seen_as, reading)
            report = run.report
            report.off_reasons = reading.switched_off
            report.switched_off = sum(reading.switched_off.values())
            report.currency_missing = reading.currency_missing
            report.variants = reading.variants
            if not run.usable:
                raise CatalogueError(
                    f"None of the {report.read} rows of {path} can be used. What is wrong with "
                    f"each is in {report.report_path}."
                )
            gone = [] if wanted.part else list(run.there)
            report.missing = len(gone)
            if prune and not report.unparsed:
                index.delete(run.collection, gone)
                report.removed = len(gone)
            left = _left_behind(index, run.collection)
            lost = set(left).difference(gone)  # by another model: these could not be kept
            report.missing += len(lost)
            report.removed += len(lost)
        index.settle(run.collection)
        report.total = index.count(run.collection)
        products = index.all_products(run.collection)
        vocabulary = count_vocabulary(products, worded=report.worded > 0)
        old = index.in_force
        index.publish(run.collection)
        if old is not None and left:
            index.delete(old, left)  # where a chat that runs still reads it
            index.settle(old)
        now = datetime.now(UTC).isoformat(timespec="seconds")
        registry.put(Entry(name, where, now, report.total, vocabulary), activate=activate)
        report.done = 1.0
        progress(report)
        return report


def _model(embedder: Embedder | Embedding, text_embedder: Embedder | None) -> Embedding:
    return InProcess(embedder, text_embedder) if isinstance(embedder, Embedder) else embedder


def _left_behind(index: ProductIndex, collection: str) -> list[str]:
    """Ids in force that are not in the collection that takes its place."""
    old = index.in_force
    if old in (None, collection):
        return []
    return list(index.content_hashes(index.alias).keys() - index.content_hashes(collection).keys())


class _Run:
    """One pass over a catalogue."""

    def __init__(
        self,
        embedding: Embedding,
        index: ProductIndex,
        home: Path,
        problems: ProblemList,
        progress: Progress,
        read_texts: ReadTexts | None,
    ) -> None:
        self.report = Report()
        self.collection = index.collection_for(embedding.fingerprint, embedding.dims)
        self.there = index.content_hashes(self.collection)
        """What the index held and the file has not named yet: id → hashes."""
        self.usable = False
        """Whether any row can be used, now or as the index has it."""
        self._embedding, self._index, self._home = embedding, index, home
        self._problems, self._progress, self._read_texts = problems, progress, read_texts
        self._begun: deque[tuple[list[Ready], Future[list[Vectors | SetAside]]]] = deque()

    def ingest(
        self,
        source: Source,
        wanted: Wanted,
        fetcher: PictureFetcher,
        seen_as: Callable[[Product], Product],
        reading: Reading,
    ) -> None:
        """Writes every row of the catalogue that can be used and that changed."""
        lines = source.lines_about()
        part: list[Ready] = []
        since = 0
        with WriteBehind() as writing:
            for item in self._prepared(source, wanted, fetcher, seen_as, reading):
                self._count(item)
                if wanted.limit or lines:
                    place = self.report.read if wanted.limit else item.line
                    self.report.done = min(1.0, place / (wanted.limit or lines))
                if item.ready is not None and item.ready.changed:
                    part.append(item.ready)
                since += 1
                if len(part) == _PART:
                    self._write(part, writing)
                    part, since = [], 0
                elif since == _TELL_EVERY:
                    self._progress(self.report)
                    since = 0
            if part:
                self._write(part, writing)
            while self._begun:
                self._write_first(writing)
        self._progress(self.report)

    def _prepared(
        self,
        source: Source,
        wanted: Wanted,
        fetcher: PictureFetcher,
        seen_as: Callable[[Product], Product],
        reading: Reading,
    ) -> Iterator[Prepared]:
        """Rows ready for the model and what was set aside, in the file's order."""
        there, decode = dict(self.there), not self._embedding.opens_pictures

        def make(fetched: Fetched) -> Prepared:
            row, problem = fetched
            if isinstance(row, SetAside):
                return Prepared(row, None, row)
            return prepare(row, problem, there, self._home, decode=decode)

        fetched = _fetched(source, wanted, fetcher, seen_as, reading)
        made = parallel(fetched, make, workers=_DECODERS, depth=_READ_AHEAD)
        items = read_ahead(made, depth=_DECODERS)
        try:
            yield from items
        finally:
            fetcher.close()  # first, so that nobody waits for what nobody takes
            items.close()

    def _count(self, item: Prepared) -> None:
        report = self.report
        report.read += not (isinstance(item.row, SetAside) and item.row.used)
        if item.problem is not None:
            self._problems.add(item.problem, report)
        if isinstance(item.row, Numbered) and item.ready is None:
            self._stays(item.row.product)
        elif item.ready is not None:
            report.worded += item.ready.row.worded
            report.without_picture += not item.ready.row.product.image
            if not item.ready.changed:
                report.unchanged += 1
                self._is_there(item.ready.row.product)

    def _is_there(self, product: Product) -> None:
        self.there.pop(product.id, None)
        self.usable = True

    def _stays(self, product: Product) -> None:
        """One whose new picture broke keeps its place with the old one, if it had any."""
        self.usable |= self.there.pop(product.id, None) is not None

    def _write(self, part: list[Ready], writing: WriteBehind) -> None:
        """Begins to embed what is to be embedded of a part; writes the facts of the others."""
        carried, part = carry_over(part, self._index, self.collection)
        if carried:
            self.report.changed += len(carried)
            for product, *_ in carried:
                self._is_there(product)
            writing.do(partial(self._index.upsert, self.collection, carried))
            self._progress(self.report)
        if part:
            self._begun.append((part, self._embedding.begin(part)))
        if len(self._begun) > self._embedding.depth:
            self._write_first(writing)

    def _write_first(self, writing: WriteBehind) -> None:
        part, embedded = self._begun.popleft()
        rows = []
        for ready, vectors in zip(part, embedded.result(), strict=True):
            product = ready.row.product
            if isinstance(vectors, SetAside):
                self._without_picture(ready, vectors)
                continue
            self.report.changed += product.id in self.there
            self.report.new += product.id not in self.there
            self._is_there(product)
            rows.append((product, *vectors, ready.hashes))
        writing.do(partial(self._write_rows, rows))
        self._progress(self.report)

    def _write_rows(self, rows: list[tuple[Product, FloatArray, FloatArray, Hashes]]) -> None:
        self._index.upsert(self.collection, rows)
        if self._read_texts is not None:
            self._read_texts([product for product, *_ in rows])

    def _without_picture(self, ready: Ready, problem: SetAside) -> None:
        """Embeds a product whose picture cannot be opened by its words, where that is to be."""
        item = unopened(ready, problem, self.there)
        assert item.problem is not None
        self._problems.add(item.problem, self.report)
        if item.ready is None:
            self._stays(ready.row.product)
        else:
            self.report.without_picture += 1
            if item.ready.changed:
                self._begun.append(([item.ready], self._embedding.begin([item.ready])))
            else:
                self.report.unchanged += 1
                self._is_there(item.ready.row.product)


class _ClusterRun:
    """The same on the machines of a cluster, which look up themselves what the index has."""

    def __init__(
        self,
        cluster: Cluster,
        index: ProductIndex,
        home: Path,
        problems: ProblemList,
        progress: Progress,
    ) -> None:
        self.report = Report()
        self.collection = index.collection_for(cluster.fingerprint, cluster.dims)
        self.there: dict[str, Hashes] = {}
        self.usable = False
        self._cluster, self._index, self._home = cluster, index, home
        self._problems, self._progress = problems, progress

    def ingest(
        self,
        source: Source,
        wanted: Wanted,
        fetcher: PictureFetcher,
        seen_as: Callable[[Product], Product],
        reading: Reading,
    ) -> None:
        """See _Run."""
        report = self.report
        with parts_folder(self._home, self._index.alias) as folder:
            rows = 0

            def items() -> Iterator[Numbered | SetAside]:
                nonlocal rows
                for item in read_products(source, wanted, reading):
                    rows += isinstance(item, Numbered)
                    yield (
                        item
                        if isinstance(item, SetAside)
                        else replace(item, product=seen_as(item.product))
                    )

            for problem in write_parts(items(), folder):
                report.read += not problem.used
                self._problems.add(problem, report)
            if not rows:
                return
            hosts = fetcher.allowed_hosts
            for outcome in self._cluster.ingest(
                folder, self._index, self.collection, self._home, hosts
            ):
                self._count(outcome)
                report.done = (report.read - report.set_aside) / rows
                if report.read % _TELL_EVERY == 0:
                    self._progress(report)

    def _count(self, outcome: dict[str, Any]) -> None:
        report, became = self.report, outcome["became"]
        report.read += 1
        if became == "set aside":
            why = SetAside(outcome["line"], outcome["field"], outcome["reason"], outcome["todo"])
            self._problems.add(why, report)
            return
        if outcome["reason"]:
            why = SetAside(
                outcome["line"], outcome["field"], outcome["reason"], outcome["todo"], used=True
            )
            self._problems.add(why, report)
        self.usable = True
        report.without_picture += not outcome["pictured"]
        report.worded += outcome["worded"]
        report.new += became == "new"
        report.changed += became == "changed"
        report.unchanged += became == "unchanged"


def _fetched(
    source: Source,
    wanted: Wanted,
    fetcher: PictureFetcher,
    seen_as: Callable[[Product], Product],
    reading: Reading,
) -> Generator[Fetched, None, None]:
    """What the file holds, pictures fetched; products as they are to be seen."""
    for item, unfetched in fetch_pictures(read_products(source, wanted, reading), fetcher):
        if isinstance(item, Numbered) and unfetched is None:
            yield replace(item, product=seen_as(item.product)), None
        else:
            yield item, unfetched


@contextmanager
def opened_catalogue(
    path: Path | str, wanted: Wanted, home: Path, fetcher: PictureFetcher
) -> Iterator[tuple[Source, Wanted, str]]:
    """The catalogue, its pictures' place in what is wanted, and what its lines are lines of.

    Archives are unpacked into the home; what is at an address comes while it is read.
    """
    wanted = replace(wanted, home=home)
    pictures = wanted.pictures
    if pictures is not None and is_archive(pictures):
        wanted = replace(wanted, pictures=unpack(pictures, home / UNPACKED))
    if isinstance(path, str):
        from tools.media.download import Download

        with Download(path, home / DOWNLOADS, allowed_hosts=fetcher.allowed_hosts) as download:
            source = open_download(download)
            if is_packed_folder(source):
                raise CatalogueError(
                    f"{path} is an archive. Download it, and ingest the file that it is in."
                )
            yield source, wanted, path
    elif is_archive(path):
        folder = unpack(path, home / UNPACKED)
        source = find_source(folder)
        inside = "" if source.is_folder else f": {source.path.relative_to(folder)}"
        yield source, wanted, f"{path}{inside}"
    else:
        source = find_source(path)
        yield source, wanted, str(source.path)


@contextmanager
def _only_one(home: Path, alias: str) -> Iterator[None]:
    """Milvus Lite takes one writer a collection; two runs would also undo each other's work."""
    home.mkdir(parents=True, exist_ok=True)
    lock = FileLock(home / f"{alias}.ingest.lock", blocking=False)
    try:
        lock.acquire()
    except Timeout as error:
        raise CatalogueError(
            "Another ingest of this catalogue is running. Wait until it has ended."
        ) from error
    try:
        yield
    finally:
        lock.release()
