"""The end of the program when Ctrl-C is pressed, whatever that came between."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

INTERRUPTED = 130
"""The exit code after Ctrl-C: 128 and SIGINT's number, as shells have it."""


def run_to_the_end(main: Callable[[], None], *, patience_s: int = 10) -> None:
    """Runs `main`, and sees to it that Ctrl-C ends this process.

    KeyboardInterrupt may come when a lock of gRPC's or of a queue's has been taken and its `with`
    not begun. Whoever waits for it then waits for ever: cleaning up, or at the interpreter's end,
    where gRPC also waits for answers that no thread is left to take. So cleaning up has
    `patience_s`, and what the interpreter does at its end is left out. What is written stays, as
    when a process is killed. Raises what `main` raises otherwise.
    """
    with _limited_cleaning_up(patience_s):
        try:
            main()
        except SystemExit as end:
            if end.code == INTERRUPTED:
                _leave()
            raise


@contextmanager
def _limited_cleaning_up(patience_s: int) -> Iterator[None]:
    if signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
        yield  # it is ignored, as behind `&`, or another's
        return

    def interrupt(*_: object) -> None:
        signal.signal(signal.SIGALRM, lambda *_: _leave())
        signal.alarm(patience_s)
        raise KeyboardInterrupt

    signal.signal(signal.SIGINT, interrupt)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGINT, signal.default_int_handler)


def _leave() -> None:
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError, RuntimeError):  # it is closed, or was being written to
            stream.flush()
    os._exit(INTERRUPTED)
