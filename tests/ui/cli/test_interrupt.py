"""Ctrl-C ends the program, also when what it interrupted waits for ever."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Callable

import pytest

from tests.support.paths import ROOT
from ui.cli.interrupt import INTERRUPTED, run_to_the_end

_BEGIN = """
import atexit, signal, sys, threading, time
from ui.cli import interrupt as stopping

signal.signal(signal.SIGINT, signal.{handler})
def wait_for_ever():
    lock = threading.Lock()
    lock.acquire()
    lock.acquire()
def work():
    sys.stdout.write("begun\\n")
    sys.stdout.flush()
    threading.Event().wait()
"""
_ENDLESS_CLEANING = """
def main():
    try:
        work()
    finally:
        sys.stdout.write("cleaning up")
        wait_for_ever()
"""
_ENDLESS_EXIT = """
def main():
    atexit.register(wait_for_ever)
    try:
        work()
    except KeyboardInterrupt:
        sys.stdout.write("stopped")
        raise SystemExit(stopping.INTERRUPTED)
"""
_IGNORED = """
def main():
    signal.raise_signal(signal.SIGINT)
    sys.stdout.write("not heard")
    signal.signal(signal.SIGINT, signal.default_int_handler)
    work()
"""
_RUN = "stopping.run_to_the_end(main, patience_s=1)"


def interrupted(code: str, handler: str = "default_int_handler") -> tuple[int, str]:
    """The exit code after Ctrl-C, and what was printed."""
    program = _BEGIN.format(handler=handler) + code + _RUN
    with subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, cwd=ROOT, text=True
    ) as process:
        try:
            assert process.stdout is not None
            said = process.stdout.readline()
            process.send_signal(signal.SIGINT)
            said += process.communicate(timeout=60)[0]  # guards against a hang
        finally:
            process.kill()
    return process.returncode, said


@pytest.mark.parametrize(
    ("code", "said"),
    [(_ENDLESS_CLEANING, "begun\ncleaning up"), (_ENDLESS_EXIT, "begun\nstopped")],
    ids=["cleaning", "exit"],
)
def test_ctrl_c_ends_what_waits_for_ever(code: str, said: str) -> None:
    assert interrupted(code) == (INTERRUPTED, said)


def test_ctrl_c_that_is_ignored_stays_ignored() -> None:
    _, said = interrupted(_IGNORED, "SIG_IGN")
    assert said == "not heardbegun\n"


def _ends_with(code: int) -> Callable[[], None]:
    def main() -> None:
        raise SystemExit(code)

    return main


@pytest.mark.parametrize("code", [0, 1, 3])
def test_other_ends_stay_as_they_are(code: int) -> None:
    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(SystemExit) as end:
        run_to_the_end(_ends_with(code))
    assert end.value.code == code
    assert signal.getsignal(signal.SIGINT) is before
