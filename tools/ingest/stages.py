"""Bounded stages between threads: read ahead, work in parallel, write behind.

Each holds a fixed number of items, so that memory is flat however long the catalogue is, and each
ends its threads when the one that takes from it stops.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, suppress
from dataclasses import dataclass
from queue import Empty, Queue
from threading import Event, Thread
from types import TracebackType
from typing import Generic, TypeVar

T = TypeVar("T")
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class _Item(Generic[T]):
    value: T


@dataclass(frozen=True, slots=True)
class _End:
    error: BaseException | None = None


def read_ahead(items: Generator[T, None, None], *, depth: int) -> Generator[T, None, None]:
    """The items, made by a thread of their own that is at most `depth` of them ahead.

    What making them raises is raised here. When this is closed, `items` is closed too, behind the
    item that is being made.
    """
    ready: Queue[_Item[T] | _End] = Queue(depth)
    ended = Event()

    def make() -> None:
        end = _End()
        try:
            with closing(items):
                for item in items:
                    ready.put(_Item(item))
                    if ended.is_set():
                        return
        except BaseException as error:  # noqa: BLE001 - raised again where items are taken
            end = _End(error)
        ready.put(end)

    thread = Thread(target=make, name="read-ahead", daemon=True)
    thread.start()
    try:
        while isinstance(item := ready.get(), _Item):
            yield item.value
        if item.error is not None:
            raise item.error
    finally:
        ended.set()
        while thread.is_alive():  # it may wait for room
            with suppress(Empty):
                ready.get(timeout=0.02)
        thread.join()


def parallel(
    items: Generator[T, None, None], work: Callable[[T], R], *, workers: int, depth: int
) -> Generator[R, None, None]:
    """What `work` makes of each item, in their order, `depth` of them begun ahead."""
    begun: deque[Future[R]] = deque()
    pool = ThreadPoolExecutor(workers, thread_name_prefix="prepare")
    try:
        with closing(items):
            for item in items:
                begun.append(pool.submit(work, item))
                if len(begun) > depth:
                    yield begun.popleft().result()
        while begun:
            yield begun.popleft().result()
    finally:
        pool.shutdown(cancel_futures=True)


class WriteBehind:
    """Runs one task at a time in a thread of its own, while the caller continues.

    As a context it waits at the end for what was begun, also when it is left by an error.
    """

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="write")
        self._begun: Future[None] | None = None

    def do(self, work: Callable[[], None]) -> None:
        """Begins this when what was begun before is done. Raises what that raised."""
        self.wait()
        self._begun = self._pool.submit(work)

    def wait(self) -> None:
        """Returns when all is done. Raises what it raised."""
        begun, self._begun = self._begun, None
        if begun is not None:
            begun.result()

    def __enter__(self) -> WriteBehind:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._pool.shutdown()
        if error is None:
            self.wait()
