"""A PostgreSQL server for tests: a cluster in a temporary folder, on a free port of 127.0.0.1.

It is started once in a process of pytest, by the newest binaries that are installed, and as an
unprivileged user where the tests run as root. It writes nothing safely, to be fast.
"""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

from tests.support.paths import ROOT

PASSWORD = "hunter2 of/the@tests"
_ENCODED = "hunter2%20of%2Fthe%40tests"
_NOT_TO_BE_HAD = ROOT / ".venv" / ".no-postgres"
"""Written by `.ci/postgres` where the server could not be installed."""


@dataclass(frozen=True)
class PostgresServer:
    """A running server; its only user is "pounce"."""

    port: int
    process: subprocess.Popen[bytes]

    def url(self, database: str = "postgres") -> str:
        """The address of a database."""
        return f"postgresql://pounce:{_ENCODED}@127.0.0.1:{self.port}/{database}"

    def new_database(self) -> str:
        """The address of a new, empty database."""
        name = f"t{uuid.uuid4().hex[:12]}"
        with psycopg.connect(self.url(), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}".encode())
        return self.url(name)

    def end_sessions(self, url: str) -> None:
        """End every session of a database, as a server that is restarted does."""
        with psycopg.connect(self.url(), autocommit=True) as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s",
                (url.rpartition("/")[2],),
            )

    @contextmanager
    def refusing(self, url: str) -> Iterator[None]:
        """Ends every session of a database and takes no new one until the block ends."""
        name = url.rpartition("/")[2]
        with psycopg.connect(self.url(), autocommit=True) as connection:
            connection.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false".encode())
            try:
                self.end_sessions(url)
                yield
            finally:
                connection.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true".encode())


def binaries() -> Path | None:
    """The folder of the newest `initdb` that is installed; None where there is none."""
    there = sorted(
        Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3])
    )
    if there:
        return there[-1].parent
    found = shutil.which("initdb")
    return Path(found).resolve().parent if found else None


def why_none() -> str:
    """Why there is no server: "" where there is one."""
    return "" if binaries() else "PostgreSQL is not installed: apt-get install postgresql"


def absence_fails() -> bool:
    """Whether a missing server is a failure: in CI, unless it could not be installed there."""
    return bool(os.environ.get("CI")) and not _NOT_TO_BE_HAD.exists()


@contextmanager
def running_postgres() -> Iterator[PostgresServer]:
    """A server until the block ends. `binaries` must be there."""
    programs = binaries()
    assert programs is not None, why_none()
    user = _unprivileged_user()
    folder = Path(tempfile.mkdtemp(prefix="pounce-postgres-"))
    try:
        if user:
            shutil.chown(folder, user)
        password = folder / "password"
        password.write_text(PASSWORD)
        password.chmod(0o644)
        _run(
            [programs / "initdb", "--pgdata", folder / "data", "--username", "pounce",
             "--auth", "scram-sha-256", "--pwfile", password, "--encoding", "UTF8",
             "--locale", "C.UTF-8", "--no-sync"], user, folder,
        )  # fmt: skip
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        options = {"listen_addresses": "127.0.0.1", "port": port, "unix_socket_directories": "",
                   "fsync": "off", "synchronous_commit": "off", "full_page_writes": "off",
                   "max_connections": 100}  # fmt: skip
        flags = [word for name, value in options.items() for word in ("-c", f"{name}={value}")]
        with (folder / "log").open("wb") as log:
            process = subprocess.Popen(
                [programs / "postgres", "-D", folder / "data", *flags],
                cwd=folder, stdout=log, stderr=log, user=user,
            )  # fmt: skip
        server = PostgresServer(port, process)
        try:
            _wait_for(server, folder / "log")
            yield server
        finally:
            process.terminate()
            process.wait(timeout=30)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _unprivileged_user() -> str | None:
    """The user to run the server as where this is root; initdb refuses root."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in known else "nobody"


def _run(command: list[str | Path], user: str | None, folder: Path) -> None:
    done = subprocess.run(command, cwd=folder, user=user, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def _wait_for(server: PostgresServer, log: Path) -> None:
    for _ in range(600):
        try:
            psycopg.connect(server.url(), connect_timeout=2).close()
            return
        except psycopg.OperationalError:
            assert server.process.poll() is None, log.read_text()
            time.sleep(0.05)
    raise AssertionError(log.read_text())
