"""Milvus Lite as a process of its own: `python -m tools.index.lite_process FOLDER IDLE_S`.

Listens on a free port of 127.0.0.1 and writes it into FOLDER/server.json. Ends by itself when
no client has been there for IDLE_S seconds: every client holds a lock on a file of its own, which
the kernel drops when the client ends, however it ends. Ends at once when FOLDER is removed.
"""

from __future__ import annotations

import importlib.util
import json
import os
import signal
import sys
import threading
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from types import ModuleType
from typing import Any

from filelock import FileLock, Timeout

from tools.files import write_atomic

_LARGEST_MESSAGE = 256 * 1024 * 1024
"""As Milvus standalone takes it."""
ALIVE, CLIENTS, START, STATE = "alive.lock", "clients", "start.lock", "server.json"


def main(folder: Path, idle_s: float) -> None:
    """Serves until idle or told to stop (SIGTERM, SIGINT). Exits at once if another one serves."""
    stop = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: stop.set())
    alive = FileLock(folder / ALIVE, blocking=False)
    start = FileLock(folder / START, blocking=False)
    try:
        alive.acquire()
    except Timeout:
        return
    with ExitStack() as held:
        held.callback(alive.release)
        server, database, port = _serve(folder / "data")
        write_atomic(folder / STATE, json.dumps({"pid": os.getpid(), "port": port}))
        last_seen = time.monotonic()
        while not stop.wait(1.0):
            if not folder.exists():
                # To close the data, or to take a lock, would make the folder anew.
                os._exit(0)
            if not _unused(folder):
                last_seen = time.monotonic()
            elif time.monotonic() - last_seen > idle_s:
                # A client that starts now holds the start lock; it must not find us leaving.
                try:
                    start.acquire()
                except Timeout:
                    continue
                if _unused(folder):
                    held.callback(start.release)
                    _remove_clients(folder)
                    break
                start.release()
        (folder / STATE).unlink(missing_ok=True)
        server.stop(grace=2).wait()
        database.close()


def _serve(data: Path) -> tuple[Any, Any, int]:
    """A running server, its database, and the port on 127.0.0.1 that it listens on.

    milvus-lite's own start hangs up on clients that have nothing to ask for a while: they ping
    every ten seconds, which gRPC takes for an attack unless it is told otherwise.
    """
    _import_messages_alone()
    import grpc
    from milvus_lite import MilvusLite
    from milvus_lite.adapter.grpc.server import DEFAULT_MAX_WORKERS
    from milvus_lite.adapter.grpc.servicer import MilvusServicer
    from milvus_lite.exceptions import MilvusLiteError
    from pymilvus.grpc_gen.milvus_pb2_grpc import add_MilvusServiceServicer_to_server

    class OneWriter(MilvusServicer):
        """Writes one at a time: the engine takes one writer a collection, and gRPC has threads."""

        writing = threading.Lock()

        def Search(self, request: Any, context: Any) -> Any:  # noqa: N802 - gRPC's own names
            said = (request.dsl, *(each.value for each in request.search_params))
            with _reading(request.output_fields, said):
                return super().Search(request, context)  # type: ignore[no-untyped-call]  # nor has it

        def Query(self, request: Any, context: Any) -> Any:  # noqa: N802
            with _reading(request.output_fields, [request.expr]):
                return super().Query(request, context)  # type: ignore[no-untyped-call]  # nor has it

        def Insert(self, request: Any, context: Any) -> Any:  # noqa: N802
            with self.writing:
                return super().Insert(request, context)  # type: ignore[no-untyped-call]  # nor has it

        def Upsert(self, request: Any, context: Any) -> Any:  # noqa: N802
            with self.writing:
                return super().Upsert(request, context)  # type: ignore[no-untyped-call]  # nor has it

        def Delete(self, request: Any, context: Any) -> Any:  # noqa: N802
            with self.writing:
                return super().Delete(request, context)  # type: ignore[no-untyped-call]  # nor has it

        def Flush(self, request: Any, context: Any) -> Any:  # noqa: N802
            """Answers when all is merged and indexed, which the engine leaves to a thread."""
            with self.writing:
                answer = super().Flush(request, context)  # type: ignore[no-untyped-call]  # nor has it
            for name in request.collection_names:
                with suppress(MilvusLiteError):  # it is gone
                    database.get_collection(name)._wait_for_bg()
            return answer

    _keep_one_segment()
    _read_what_is_asked_for()
    server = grpc.server(  # type: ignore[no-untyped-call]  # grpc has no types
        ThreadPoolExecutor(DEFAULT_MAX_WORKERS),
        options=[
            ("grpc.max_receive_message_length", _LARGEST_MESSAGE),
            ("grpc.max_send_message_length", _LARGEST_MESSAGE),
            ("grpc.keepalive_permit_without_calls", 1),
            ("grpc.http2.max_ping_strikes", 0),
        ],
    )
    database = MilvusLite(str(data))
    add_MilvusServiceServicer_to_server(OneWriter(database), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    return server, database, port


def _import_messages_alone() -> None:
    """Let the messages of pymilvus be imported without its client.

    The package imports pandas and more, which the server has no use for: half the processor time
    of its start (1.25 s against 0.6 s), and 45 MB.
    """
    found = importlib.util.find_spec("pymilvus")
    if found is not None and found.submodule_search_locations:
        package = ModuleType("pymilvus")
        package.__path__ = list(found.submodule_search_locations)
        sys.modules.setdefault("pymilvus", package)


def _keep_one_segment() -> None:
    """Merges at every flush all that a collection has, up to the engine's 100,000 rows.

    It scores full text by the words of each segment alone, so that of two segments the smaller
    one's products would stand too high or too low; and it searches each by itself.
    """
    from milvus_lite.engine import compaction

    compaction.COMPACTION_BUCKET_BOUNDARIES = []  # type: ignore[attr-defined]  # it imports them
    compaction.COMPACTION_MIN_FILES_PER_BUCKET = 2  # type: ignore[attr-defined]


class _Request(threading.local):
    """What the request of this thread reads."""

    fields: frozenset[str] = frozenset()
    """The fields that it asks for; none for all of them."""
    said = ""
    """Where the fields are named that it compares and filters by."""
    tables: dict[int, Any]
    """The tables without the columns that it does not need, by the identity of the whole ones."""


_request = _Request()


@contextmanager
def _reading(fields: Iterable[str], said: Iterable[str] = ()) -> Iterator[None]:
    """Reads these fields of what is found, all for none."""
    before = _request.fields, _request.said
    _request.fields, _request.said, _request.tables = frozenset(fields), "\n".join(said), {}
    try:
        yield
    finally:
        _request.fields, _request.said = before


def _read_what_is_asked_for() -> None:
    """Reads of each product only the columns that a request needs.

    The engine makes Python objects of every column of a hit, with its vectors some 1,700, and then
    keeps those that are asked for.
    """
    from milvus_lite.storage import segment as engine

    stored: Any = engine.Segment  # its types have no place for what follows
    slot, vector_data = stored.table, stored.vector_data

    def table(segment: Any) -> Any:
        whole, fields = slot.__get__(segment), _request.fields
        if not fields or "*" in fields:
            return whole
        if id(whole) not in _request.tables:
            names = whole.column_names
            needed = [n for n in names if n in fields or n[0] in "_$" or n in _request.said]
            _request.tables[id(whole)] = whole.select(needed)
        return _request.tables[id(whole)]

    def compared(segment: Any, field: str) -> Any:
        with _reading(()):
            return vector_data(segment, field)

    stored.table, stored.vector_data = property(table, slot.__set__), compared


def _unused(folder: Path) -> bool:
    """Whether no client holds its lock."""
    for client in (folder / CLIENTS).glob("*.lock"):
        try:
            with FileLock(client, blocking=False):
                continue
        except Timeout:
            return False
        except FileNotFoundError:
            continue
    return True


def _remove_clients(folder: Path) -> None:
    """Remove the locks of clients that have ended. Only while none can come: see `start`."""
    for client in (folder / CLIENTS).glob("*.lock"):
        with suppress(OSError):
            client.unlink()


if __name__ == "__main__":
    main(Path(sys.argv[1]), float(sys.argv[2]))
