"""Rows to vectors: by a model in this process, or by several processes with a model each."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, replace
from multiprocessing import connection, get_context, parent_process
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from tools.catalogue.cells import SetAside
from tools.catalogue.facts import searched_text
from tools.embedding.base import Embedder, FloatArray, Item
from tools.errors import ModelError
from tools.ingest.content import Ready, open_picture

if TYPE_CHECKING:
    from PIL.Image import Image

    from tools.embedding.registry import EmbedderChoice

Vectors = tuple[FloatArray, FloatArray]
"""Of a product's picture, with its title where the embedder wants it, and of its text."""


class Embedding(Protocol):
    """Where rows are embedded."""

    fingerprint: str
    dims: dict[str, int]
    """The sizes of the vectors, by the names of their spaces."""
    depth: int
    """Parts that are begun before the first is asked for."""
    opens_pictures: bool
    """Whether the rows need not bring their pictures decoded."""

    def begin(self, rows: Sequence[Ready]) -> Future[list[Vectors | SetAside]]:
        """The vectors of each row, or why its picture cannot be embedded. A row whose product has
        no picture is embedded by its words."""
        ...


class InProcess:
    """Embeds in this process: a part is finished when `begin` returns."""

    depth = 0
    opens_pictures = False

    def __init__(self, embedder: Embedder, text_embedder: Embedder | None = None) -> None:
        self.fingerprint, self.dims = embedder.fingerprint, embedder.dims
        self._embedder, self._text_embedder = embedder, text_embedder or embedder

    def begin(self, rows: Sequence[Ready]) -> Future[list[Vectors | SetAside]]:
        """See Embedding."""
        done: Future[list[Vectors | SetAside]] = Future()
        pictures = [row.picture for row in rows]
        done.set_result(embed_rows(rows, pictures, self._embedder, self._text_embedder))
        return done


def embed_rows(
    rows: Sequence[Ready],
    pictures: Sequence[Image | SetAside | None],
    embedder: Embedder,
    text_embedder: Embedder,
) -> list[Vectors | SetAside]:
    """The vectors of each row, in one pass for the pictures and one for the texts.

    The two run side by side where that is quicker with this embedder.

    A row without a picture has some vector in place of the picture's, which no search returns.
    """
    whole = [
        (ready.row, picture)
        for ready, picture in zip(rows, pictures, strict=True)
        if picture is not None and not isinstance(picture, SetAside)
    ]
    unseen = _by_words(rows, pictures, embedder, text_embedder)
    # A made-up title says nothing: where there are no words, the picture stands for them too.
    titles = [row.product.title if embedder.titled and row.worded else "" for row, _ in whole]
    texts = [searched_text(row.product) if row.worded else "" for row, _ in whole]
    pictured = [Item(title, picture) for title, (_, picture) in zip(titles, whole, strict=True)]
    words = np.empty((len(whole), embedder.dims["words"]), dtype=np.float32)
    reads = any(space.holds == "text" for space in embedder.spaces)
    worded = [n for n, text in enumerate(texts) if text and reads]
    bare = [n for n, text in enumerate(texts) if not (text and reads)]

    def read() -> FloatArray:
        return text_embedder.embed([Item(texts[n]) for n in worded], "words")

    with ThreadPoolExecutor(1) as beside:
        reading = beside.submit(read) if embedder.side_by_side else None
        seen = embedder.embed(pictured, "picture")
        words[worded] = reading.result() if reading else read()
    words[bare] = embedder.embed([pictured[n] for n in bare], "words")
    vectors = iter(zip(seen, words, strict=True))
    found: list[Vectors | SetAside] = []
    for picture in pictures:
        if picture is None:
            found.append(next(unseen))
        else:
            found.append(picture if isinstance(picture, SetAside) else next(vectors))
    return found


def _by_words(
    rows: Sequence[Ready],
    pictures: Sequence[Image | SetAside | None],
    embedder: Embedder,
    text_embedder: Embedder,
) -> Iterator[Vectors]:
    """The vectors of the rows without a picture, in their order."""
    texts = [
        Item(searched_text(ready.row.product))
        for ready, picture in zip(rows, pictures, strict=True)
        if picture is None
    ]
    if texts:
        nowhere = np.zeros(embedder.dims["picture"], dtype=np.float32)
        nowhere[0] = 1.0  # cosine needs a length
        for words in text_embedder.embed(texts, "words"):
            yield nowhere, words


class Processes:
    """A model in each of several processes, which open the pictures themselves."""

    opens_pictures = True

    def __init__(self, choice: EmbedderChoice, devices: Sequence[str], home: Path) -> None:
        """One process a device; a device may stand there more than once, see `devices_for`.

        Raises ModelError for a model that cannot be opened.
        """
        self.depth = len(devices)
        context = get_context("spawn")  # this process has threads
        places = context.Queue()
        for device in devices:
            places.put(device)
        self._pool = ProcessPoolExecutor(
            len(devices),
            mp_context=context,
            initializer=_open,
            initargs=(choice, places, len(devices), home),
        )
        try:
            self.fingerprint, self.dims = self._pool.submit(_about).result()
        except BaseException:
            self._pool.shutdown(cancel_futures=True)
            raise

    def begin(self, rows: Sequence[Ready]) -> Future[list[Vectors | SetAside]]:
        """See Embedding. The future raises ModelError when a process has died."""
        try:
            return self._pool.submit(_embed, list(rows))
        except BrokenProcessPool as error:
            raise _died() from error

    def __enter__(self) -> Processes:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._pool.shutdown(cancel_futures=True)
        if isinstance(error, BrokenProcessPool):
            raise _died() from error


def _died() -> ModelError:
    return ModelError(
        "A process of the embedder has died, most likely for want of memory. Use fewer with "
        "--workers; the same command goes on from where it was."
    )


def devices_for(workers: int, device: str) -> list[str]:
    """A device for each process: all GPUs in turn where any may be taken, else the one named."""
    if device not in ("auto", "cuda"):
        return [device] * workers
    import torch

    count = torch.cuda.device_count()
    if not count:
        return [device] * workers  # "cuda" is refused where the model is opened
    return [f"cuda:{n % count}" for n in range(workers)]


@dataclass(frozen=True, slots=True)
class _Opened:
    embedder: Embedder
    text_embedder: Embedder
    home: Path


_opened: list[_Opened | ModelError] = []
"""Of one process of several: its model, or why it has none."""


def _open(choice: EmbedderChoice, places: Any, count: int, home: Path) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent
    threading.Thread(target=_end_with_parent, daemon=True).start()
    import torch

    from tools.embedding.registry import open_embedder, open_text_embedder

    torch.set_num_threads(max(1, (os.cpu_count() or 1) // count))
    choice = replace(choice, device=places.get())
    try:
        embedder = open_embedder(choice)
        _opened.append(_Opened(embedder, open_text_embedder(choice) or embedder, home))
    except ModelError as error:
        _opened.append(error)


def _end_with_parent() -> None:
    """Ends this process with its parent, even when that is killed."""
    parent = parent_process()
    assert parent is not None
    connection.wait([parent.sentinel])
    os._exit(1)


def _model() -> _Opened:
    (opened,) = _opened
    if isinstance(opened, ModelError):
        raise opened
    return opened


def _about() -> tuple[str, dict[str, int]]:
    embedder = _model().embedder
    return embedder.fingerprint, embedder.dims


def _embed(rows: Sequence[Ready]) -> list[Vectors | SetAside]:
    opened = _model()
    pictures = [
        open_picture(ready.row, opened.home) if ready.row.product.image else None for ready in rows
    ]
    return embed_rows(rows, pictures, opened.embedder, opened.text_embedder)
