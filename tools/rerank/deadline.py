"""A time limit on calls of a model, whether or not the model keeps to it."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from threading import Thread
from time import monotonic
from typing import TypeVar

T = TypeVar("T")


class Deadline:
    """A point in time that several calls share."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._end = monotonic() + seconds

    def run(self, call: Callable[[float], T]) -> T:
        """The result of `call`, which receives the seconds that are left.

        Raises TimeoutError at the deadline, and what `call` raises before it. A call that hangs
        cannot be ended: it stays behind in a daemon thread, which does not keep the process alive.
        """
        left = self._end - monotonic()
        result: Future[T] = Future()

        def work() -> None:
            try:
                result.set_result(call(left))
            except BaseException as error:  # noqa: BLE001 - raised again where it is waited for
                result.set_exception(error)

        if left > 0:
            Thread(target=work, name="pounce-rerank", daemon=True).start()
            try:
                return result.result(left)
            except TimeoutError:
                if result.done():
                    raise
        raise TimeoutError(f"The vision model was not done within {self._seconds:g} s.")
