"""A shop's file into the index: only what changed is embedded, and a rerun goes on."""

from __future__ import annotations

import csv
import fcntl
import hashlib
import json
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from tools.catalogue.fields import SetAside, short
from tools.catalogue.reader import Numbered, Wanted, read_products
from tools.catalogue.registry import Entry, Registry
from tools.catalogue.vocabulary import count_vocabulary
from tools.embedding.base import Item
from tools.errors import CatalogueError, PhotoError
from tools.photos import open_photo
from tools.pictures.archive import is_archive, unpack
from tools.pictures.bring import bring
from tools.product import Product

if TYPE_CHECKING:
    from PIL.Image import Image

    from tools.embedding.base import Embedder
    from tools.index.milvus import ProductIndex
    from tools.pictures.fetch import PictureFetcher

BATCH = 64
"""Products embedded and written at a time; what a killed run does again at most."""

TEXT_VERSION = 1
"""Raised when what is embedded of a product changes, so that all are embedded again."""

FETCHED = "pictures"
"""The folder in a home of pictures by address."""
UNPACKED = "unpacked"
"""The folder in a home of what archives hold."""
MAX_PICTURE_MB = 100
_LARGEST_SIDE = 1024


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
    problems: list[SetAside] = field(default_factory=list)
    report_path: Path | None = None

    @property
    def unparsed(self) -> int:
        """Rows that could not be told apart; any product may stand in them."""
        return sum(problem.field == "row" for problem in self.problems)

    def counts(self) -> dict[str, int]:
        """The numbers alone."""
        return {k: v for k, v in asdict(self).items() if isinstance(v, int)}


@dataclass(frozen=True, slots=True)
class _Hashed:
    line: int
    product: Product
    worded: bool
    digest: str


Progress = Callable[[Report], None]


def ingest(
    path: Path,
    *,
    name: str,
    home: Path,
    registry: Registry,
    index: ProductIndex,
    embedder: Embedder,
    text_embedder: Embedder | None = None,
    wanted: Wanted | None = None,
    fetcher: PictureFetcher | None = None,
    prune: bool = False,
    activate: bool = True,
    seen_as: Callable[[Product], Product] = lambda product: product,
    progress: Progress = lambda _: None,
) -> Report:
    """Reads a catalogue into the index and makes it the active one.

    Products are upserted by id, as `seen_as` gives them; `text_embedder` places their texts where
    it is given (same space, text alone), else `embedder` does. Pictures by address come through
    `fetcher`, by default into `home`. Rows that cannot be used are listed in a CSV in `home`.
    Nothing is pruned while a row cannot be parsed: its products only seem to be missing; and
    nothing counts as missing where only a part of the file is wanted.
    Raises CatalogueError when the file cannot be read, none of its rows can be used, or
    another ingest of this catalogue is running.
    """
    wanted = wanted or Wanted()
    if prune and wanted.part:
        raise CatalogueError(
            "Products can only be pruned by the whole file. Leave out the limit and the category, "
            "or the pruning."
        )
    with _only_one(home, index.alias):
        report = Report()
        collection = index.collection_for(embedder.fingerprint, embedder.dim)
        there = index.content_hashes(collection)
        seen: set[str] = set()
        broken: set[str] = set()
        source, wanted = _laid_out(path, wanted, home)
        fetcher = fetcher or open_fetcher(home)
        with (
            # Closed at once when the run is ended, so that nothing is fetched for nobody.
            closing(_products(source, wanted, fetcher, seen_as, report, broken)) as products,
            ThreadPoolExecutor(max_workers=4, thread_name_prefix="decode") as pool,
        ):
            for batch in _batches(products, BATCH):
                fresh = _fresh(batch, there, report)
                ready = []
                for row, picture in zip(
                    fresh, pool.map(partial(_picture, home=home), fresh), strict=True
                ):
                    if isinstance(picture, SetAside):
                        _set_aside(picture, report)
                        broken.add(row.product.id)
                    else:
                        report.changed += row.product.id in there
                        report.new += row.product.id not in there
                        ready.append((row, picture))
                seen.update(row.product.id for row in batch)
                _write(ready, collection, index, embedder, text_embedder or embedder)
                progress(report)
        seen.update(broken)
        report.report_path = _write_report(home, index.alias, report.problems)
        # A product whose new picture broke keeps its place with the old one.
        if not (seen - broken) | (broken & there.keys()):
            raise CatalogueError(
                f"None of the {report.read} rows of {path} can be used. What is wrong with each "
                f"is in {report.report_path}."
            )
        gone = [] if wanted.part else [identity for identity in there if identity not in seen]
        report.missing = len(gone)
        if prune and not report.unparsed:
            index.delete(collection, gone)
            report.removed = len(gone)
        report.total = index.count(collection)
        vocabulary = count_vocabulary(index.all_products(collection), worded=report.worded > 0)
        index.publish(collection)
        now = datetime.now(UTC).isoformat(timespec="seconds")
        registry.put(
            Entry(name, str(path.resolve()), now, report.total, vocabulary), activate=activate
        )
        return report


def _laid_out(path: Path, wanted: Wanted, home: Path) -> tuple[Path, Wanted]:
    """The catalogue, and where its pictures are, with archives unpacked into the home."""
    pictures = wanted.pictures
    if pictures is not None and is_archive(pictures):
        wanted = replace(wanted, pictures=unpack(pictures, home / UNPACKED))
    return (unpack(path, home / UNPACKED) if is_archive(path) else path), wanted


def _products(
    path: Path,
    wanted: Wanted,
    fetcher: PictureFetcher,
    seen_as: Callable[[Product], Product],
    report: Report,
    broken: set[str],
) -> Generator[Numbered, None, None]:
    """Products as they are read, their pictures fetched; what is set aside goes into the report.

    The ids of products whose pictures could not be fetched go into `broken`.
    """
    for item, unfetched in bring(read_products(path, wanted), fetcher):
        if isinstance(item, SetAside):
            report.read += not item.used
            _set_aside(item, report)
        else:
            report.read += 1
            if unfetched is not None:
                _set_aside(unfetched, report)
                broken.add(item.product.id)
                continue
            report.worded += item.worded
            yield replace(item, product=seen_as(item.product))


def _set_aside(item: SetAside, report: Report) -> None:
    report.problems.append(item)
    if item.used:
        report.mended += 1
    else:
        report.set_aside += 1


def _fresh(batch: Iterable[_Hashed], there: Mapping[str, str], report: Report) -> list[_Hashed]:
    fresh = []
    for row in batch:
        if there.get(row.product.id) == row.digest:
            report.unchanged += 1
        else:
            fresh.append(row)
    return fresh


def _batches(rows: Iterable[Numbered], size: int) -> Iterator[list[_Hashed]]:
    remaining = iter(rows)
    while batch := list(islice(remaining, size)):
        yield [_Hashed(row.line, row.product, row.worded, _digest(row.product)) for row in batch]


def _digest(product: Product) -> str:
    try:
        return content_hash(product)
    except OSError:
        return ""  # equals no digest, so that `_picture` opens it and says what is wrong


def content_hash(product: Product) -> str:
    """Changes whenever the facts or the bytes of the picture do: 64 hexadecimal digits."""
    known = asdict(product)
    # As it was before products could have several pictures, so that no shop is embedded again.
    if not product.more_images:
        del known["more_images"]
    facts = json.dumps([TEXT_VERSION, known], ensure_ascii=False, sort_keys=True)
    digest = hashlib.sha256(facts.encode())
    with Path(product.image).open("rb") as file:
        digest.update(hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()


def open_fetcher(home: Path, allowed_hosts: Iterable[str] = ()) -> PictureFetcher:
    """Fetches pictures into a home; see PictureFetcher for `allowed_hosts`."""
    from tools.pictures.fetch import PictureFetcher

    return PictureFetcher(home / FETCHED, allowed_hosts=allowed_hosts)


def _picture(row: _Hashed, home: Path) -> Image | SetAside:
    path = Path(row.product.image)
    try:
        image = open_photo(path, max_mb=MAX_PICTURE_MB)
    except PhotoError as error:
        if path.is_relative_to(home / FETCHED):
            path.unlink(missing_ok=True)  # it may be whole the next time
        reason = f"{short(row.product.id)}: {error}"
        return SetAside(row.line, "image", reason, "Replace the picture.")
    except OSError as error:
        reason = f"{short(row.product.id)}: the picture cannot be read ({error.strerror or error})"
        return SetAside(row.line, "image", reason, "Replace it, or let it be read.")
    # No model here sees more than this, and a batch of camera pictures would fill the memory.
    image.thumbnail((_LARGEST_SIDE, _LARGEST_SIDE))
    return image


def _write(
    ready: list[tuple[_Hashed, Image]],
    collection: str,
    index: ProductIndex,
    embedder: Embedder,
    text_embedder: Embedder,
) -> None:
    pictures = embedder.embed(
        [Item(row.product.title if row.worded else "", picture) for row, picture in ready]
    )
    # A made-up title says nothing: where there are no words, the picture stands for them too.
    words = pictures.copy()
    worded = [n for n, (row, _) in enumerate(ready) if row.worded and row.product.text()]
    if worded:
        words[worded] = text_embedder.embed([Item(ready[n][0].product.text()) for n in worded])
    index.upsert(
        collection,
        [(r.product, pictures[i], words[i], r.digest) for i, (r, _) in enumerate(ready)],
    )


def _write_report(home: Path, alias: str, problems: list[SetAside]) -> Path | None:
    path = home / "reports" / f"{alias}.csv"
    path.unlink(missing_ok=True)
    if not problems:
        return None
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["line", "field", "reason", "what to do", "product used without it"])
        for problem in problems:
            used = "yes" if problem.used else "no"
            writer.writerow([problem.line, problem.field, problem.reason, problem.todo, used])
    return path


@contextmanager
def _only_one(home: Path, alias: str) -> Iterator[None]:
    """Milvus Lite takes one writer a collection; two runs would also undo each other's work."""
    home.mkdir(parents=True, exist_ok=True)
    with (home / f"{alias}.ingest.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise CatalogueError(
                "Another ingest of this catalogue is running. Wait until it has ended."
            ) from error
        yield
