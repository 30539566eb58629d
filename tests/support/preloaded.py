"""Processes that begin with what the chat needs imported: forked from one that has done so.

Chainlit's libraries, LangChain, pymilvus and the modules of this project take seven seconds of
processor time to import, and the tests start some forty chats. Chainlit itself is imported by each
process: it reads its settings meanwhile. On other systems than Linux each process imports all.

Run as a module, it serves the socket whose file descriptor is its argument.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import runpy
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from functools import cache
from select import select
from typing import Any, Protocol

from tests.support.paths import ROOT

LIBRARIES = (
    "langchain.agents", "langgraph.checkpoint.sqlite.aio", "langchain_core.runnables", "literalai",
    "mcp.types", "mcp.server.lowlevel", "pymilvus", "fastapi", "uvicorn", "socketio", "aiosqlite",
    "pydantic_settings", "prometheus_client", "babel.numbers", "snowballstemmer", "PIL.Image",
    "pillow_heif", "jwt", "rapidfuzz", "uvicorn.protocols.http.h11_impl", "uvicorn.lifespan.on",
    "aiofiles", "asyncer", "dataclasses_json", "tomli",
    "assistant.conversation", "assistant.factory", "tools.ingest", "tools.search.shop",
    "tools.mcp_server.server", "tools.ucp.service", "ui.chat.server", "ui.chat.app",
)  # fmt: skip
_LONGEST = 1_000_000


class Process(Protocol):
    """What the tests use of a `subprocess.Popen`."""

    pid: int

    def send_signal(self, number: int, /) -> None:
        """Send a signal."""

    def terminate(self) -> None:
        """Send SIGTERM."""

    def kill(self) -> None:
        """Send SIGKILL."""

    def poll(self) -> int | None:
        """As `wait`, at once; None while it runs."""

    def wait(self, timeout: float | None = None) -> int:
        """The exit status, minus the number of a signal. Raises TimeoutExpired."""


class ForkedProcess:
    """A process that another one has forked, which says over a socket how it ended."""

    def __init__(self, pid: int, told: socket.socket) -> None:
        self.pid = pid
        self._told = told
        self._status: int | None = None

    def send_signal(self, number: int) -> None:
        """Send a signal; nothing happens when it has ended."""
        if self._status is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        """Send SIGTERM."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """Send SIGKILL."""
        self.send_signal(signal.SIGKILL)

    def poll(self) -> int | None:
        """As `wait`, at once; None while it runs."""
        try:
            return self.wait(0)
        except subprocess.TimeoutExpired:
            return None

    def wait(self, timeout: float | None = None) -> int:
        """The exit status, minus the number of a signal. Raises TimeoutExpired."""
        if self._status is None:
            self._told.settimeout(timeout)
            try:
                self._status = os.waitstatus_to_exitcode(int(self._told.recv(100)))
            except (TimeoutError, BlockingIOError) as error:
                raise subprocess.TimeoutExpired(str(self.pid), timeout or 0) from error
            self._told.close()
        return self._status


def start(
    module: str, arguments: Sequence[str], env: Mapping[str, str], stdout: int, stderr: int
) -> Process:
    """`python -m MODULE ARGUMENTS...` in the root of the repository, with these descriptors."""
    if sys.platform != "linux":
        command = [sys.executable, "-m", module, *arguments]
        return subprocess.Popen(command, cwd=ROOT, env=env, stdout=stdout, stderr=stderr)
    ours, theirs = socket.socketpair(type=socket.SOCK_SEQPACKET)
    asked = {"module": module, "arguments": list(arguments), "env": dict(env)}
    files = [stdout, stderr, theirs.fileno()]
    socket.send_fds(_server()[0], [json.dumps(asked).encode()], files)
    theirs.close()
    return ForkedProcess(int(ours.recv(100)), ours)


@cache
def _server() -> tuple[socket.socket, subprocess.Popen[bytes]]:
    """The process that has imported the libraries, and the line to it; it ends with this one."""
    ours, theirs = socket.socketpair(type=socket.SOCK_SEQPACKET)
    process = subprocess.Popen(
        [sys.executable, "-m", __name__, str(theirs.fileno())],
        cwd=ROOT,
        env={**os.environ, "PYTHONUNBUFFERED": "1", "OMP_NUM_THREADS": "1"},
        stdin=subprocess.DEVNULL,
        pass_fds=[theirs.fileno()],
    )
    theirs.close()
    return ours, process


def main() -> None:
    """Fork a process for each message, until the other end is closed."""
    line = socket.socket(fileno=int(sys.argv[1]))
    for name in LIBRARIES:
        importlib.import_module(name)
    assert threading.active_count() == 1, "a fork would lose the other threads"
    assert "chainlit" not in sys.modules, "it would have the settings of no chat"
    gc.collect()
    gc.freeze()
    ended, wake = os.pipe()
    os.set_blocking(wake, False)
    signal.set_wakeup_fd(wake)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    telling: dict[int, socket.socket] = {}
    while True:
        ready, _, _ = select([line.fileno(), ended], [], [])
        if ended in ready:
            os.read(ended, 1000)
            _tell_ends(telling)
        if line.fileno() in ready:
            message, descriptors, _, _ = socket.recv_fds(line, _LONGEST, 3)
            if not message:
                return
            pid = os.fork()
            if pid == 0:
                line.close()
                os.close(ended)
                break
            teller = socket.socket(fileno=descriptors.pop())
            telling[pid] = teller
            teller.send(str(pid).encode())
            for each in descriptors:
                os.close(each)
    signal.set_wakeup_fd(-1)
    os.close(wake)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    for teller in telling.values():
        teller.close()
    _run(json.loads(message), descriptors)


def _tell_ends(telling: dict[int, socket.socket]) -> None:
    """Say of each process that has ended how it did."""
    for pid in list(telling):
        ended, status = os.waitpid(pid, os.WNOHANG)
        if ended:
            with telling.pop(pid) as teller:
                try:
                    teller.send(str(status).encode())
                except BrokenPipeError:
                    continue  # nobody waits for it


def _run(asked: Mapping[str, Any], descriptors: Sequence[int]) -> None:
    """Become the process that was asked for."""
    stdout, stderr, told = descriptors
    os.dup2(stdout, 1)
    os.dup2(stderr, 2)
    for each in (stdout, stderr, told):
        os.close(each)
    os.environ.clear()
    os.environ.update(asked["env"])
    sys.argv = [asked["module"], *asked["arguments"]]
    runpy.run_module(asked["module"], run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
