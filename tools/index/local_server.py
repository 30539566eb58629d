"""The embedded Milvus of a home: started by whoever comes first, found by the others."""

from __future__ import annotations

import importlib.util
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

from filelock import FileLock, Timeout

from tools.errors import SearchIndexError
from tools.index.lite_process import ALIVE, CLIENTS, START, STATE

LOG = "server.log"
_NOT_UP = (
    "The embedded Milvus did not start. Its last words are in {log}. Another program may hold "
    "{data}: end it and try again. Or set POUNCE_MILVUS_URI to the address of a Milvus server."
)
_NOT_HERE = (
    "The embedded Milvus is not installed, as on systems that it has no package for. "
    "Set POUNCE_MILVUS_URI to the address of a Milvus server, or try: pip install milvus-lite"
)

_held: dict[Path, FileLock] = {}
"""The locks that tell a server we are still here; held for the life of this process."""


def ensure_server(folder: Path, *, timeout_s: float = 60, idle_s: float = 120) -> str:
    """The address of the Milvus Lite server of a folder, started if none is running.

    The server outlives this call and this process, and ends `idle_s` seconds after its last
    client. Raises SearchIndexError when it does not come up in time.
    """
    try:
        folder = folder.resolve()
        folder.mkdir(parents=True, exist_ok=True)
        return _ensure(folder, timeout_s, idle_s)
    except OSError as error:
        raise SearchIndexError(
            f"The folder {folder} cannot be used ({error.strerror}). Set POUNCE_HOME to another."
        ) from error


def stop_server(folder: Path, *, timeout_s: float = 10) -> None:
    """Ends the server of a folder that is about to go; returns when it has let go of its data.

    For a folder that nobody else uses. Nothing happens where none is running.
    """
    folder = folder.resolve()
    deadline = time.monotonic() + timeout_s
    with suppress(FileNotFoundError):
        server = int(json.loads((folder / STATE).read_text(encoding="utf-8"))["pid"])
        # A process of that number is ours only as long as the server holds its lock.
        if _held_by_server(folder):
            with suppress(ProcessLookupError):
                os.kill(server, signal.SIGTERM)
        while _held_by_server(folder) and time.monotonic() < deadline:
            time.sleep(0.05)
    if folder in _held:
        _held.pop(folder).release()


def _ensure(folder: Path, timeout_s: float, idle_s: float) -> str:
    with FileLock(folder / START):
        if folder not in _held:
            _held[folder] = _client_lock(folder)
        deadline = time.monotonic() + timeout_s
        while _held_by_server(folder):
            port = _listening(folder)
            if port is not None:
                return f"http://127.0.0.1:{port}"
            # It is coming up, or was killed and has not let go yet.
            if time.monotonic() > deadline:
                raise SearchIndexError(_NOT_UP.format(log=folder / LOG, data=folder / "data"))
            time.sleep(0.05)
        _start(folder, idle_s, timeout_s)
        return f"http://127.0.0.1:{_listening(folder)}"


def _client_lock(folder: Path) -> FileLock:
    """A lock of this process alone, held: the kernel drops it when the process ends."""
    clients = folder / CLIENTS
    clients.mkdir(exist_ok=True)
    # Of no thread: whoever ends the server releases it.
    lock = FileLock(clients / f"{os.getpid()}-{secrets.token_hex(4)}.lock", thread_local=False)
    lock.acquire()
    return lock


def _held_by_server(folder: Path) -> bool:
    try:
        with FileLock(folder / ALIVE, blocking=False):
            return False
    except Timeout:
        return True


def _listening(folder: Path) -> int | None:
    """The port that the folder's server said it listens on, if something does."""
    try:
        port = int(json.loads((folder / STATE).read_text(encoding="utf-8"))["port"])
        with socket.create_connection(("127.0.0.1", port), timeout=5):
            return port
    except OSError:
        return None


def _start(folder: Path, idle_s: float, timeout_s: float) -> None:
    if importlib.util.find_spec("milvus_lite") is None:
        raise SearchIndexError(_NOT_HERE)
    (folder / STATE).unlink(missing_ok=True)
    root = str(Path(__file__).resolve().parents[2])
    with (folder / LOG).open("wb") as log:
        process = subprocess.Popen(
            # -P keeps the working folder off the import path: it may hold another `tools`.
            [sys.executable, "-P", "-m", "tools.index.lite_process", str(folder), str(idle_s)],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            # Ctrl-C at a terminal ends us and not the server, which others may use.
            start_new_session=True,
            creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
            env={**os.environ, "PYTHONPATH": root},
        )
    deadline = time.monotonic() + timeout_s
    while not (folder / STATE).exists():
        if process.poll() is not None or time.monotonic() > deadline:
            with suppress(ProcessLookupError):
                process.kill()
            raise SearchIndexError(_NOT_UP.format(log=folder / LOG, data=folder / "data"))
        time.sleep(0.05)
