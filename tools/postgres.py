"""PostgreSQL for what several replicas share: addresses, connections, and errors without passwords.

All tables lie in a schema of their own, so that a database may be shared with other programs. Locks
belong to sessions: a pooler between Pounce and the server has to pool sessions, not transactions.
"""

from __future__ import annotations

import importlib.util
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING, Any

from tools.errors import SetupError

if TYPE_CHECKING:
    from psycopg import AsyncConnection, Connection
    from psycopg_pool import AsyncConnectionPool

SCHEMA = "pounce"
_SETUP_LOCK = 0x706F756E6365
"""Key of the advisory lock under which one replica at a time makes tables."""
_CONNECT_S = 10
_OPTIONS = (
    f"-c search_path={SCHEMA} "
    # The server ends the session of a machine that is gone in half a minute, and frees its locks.
    "-c tcp_keepalives_idle=10 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=3"
)


def connection_info(url: str) -> str:
    """What psycopg connects by, from an address such as postgresql://user:password@host:5432/name.

    Raises SetupError, without a part of the address, for one that cannot be read, and where the
    packages are missing.
    """
    if not importlib.util.find_spec("psycopg") or not importlib.util.find_spec("psycopg_pool"):
        raise SetupError(
            "POUNCE_DATABASE_URL names a PostgreSQL server, which needs packages more. Run: "
            "pip install 'pounce[postgres]', or pip install '.[postgres]' in its folder"
        )
    from psycopg import ProgrammingError
    from psycopg.conninfo import conninfo_to_dict, make_conninfo

    try:
        given = conninfo_to_dict(url)
    except ProgrammingError:
        raise SetupError(
            "POUNCE_DATABASE_URL cannot be read as an address. Write "
            "postgresql://USER:PASSWORD@HOST:5432/NAME, with % and a code for other characters "
            "than letters and digits in the password, such as %40 for @."
        ) from None  # its own words quote the address
    given.setdefault("connect_timeout", _CONNECT_S)
    given.setdefault("application_name", "pounce")
    given["options"] = f"{_OPTIONS} {given.get('options') or ''}".strip()
    return make_conninfo("", **given)


@contextmanager
def connection_errors() -> Iterator[None]:
    """Maps the errors of a server that is reached while Pounce starts to SetupError."""
    import psycopg

    try:
        yield
    except psycopg.Error as error:
        # libpq names host, port and user, never the password.
        said = " ".join(str(error).split()) or type(error).__name__
        raise SetupError(
            f"The PostgreSQL server of POUNCE_DATABASE_URL cannot be used: {said}. Check that it "
            "runs, that the address is right, and that the user may create a schema there."
        ) from error


@contextmanager
def running_errors() -> Iterator[None]:
    """Maps a lost or refused connection, while Pounce runs, to ConnectionError."""
    import psycopg

    try:
        yield
    except psycopg.OperationalError as error:
        raise ConnectionError(
            "the PostgreSQL server of POUNCE_DATABASE_URL does not answer"
        ) from error


async def connect(url: str, **options: Any) -> AsyncConnection[Any]:
    """A connection in autocommit mode. Raises what psycopg raises, and SetupError."""
    from psycopg import AsyncConnection

    return await AsyncConnection.connect(connection_info(url), autocommit=True, **options)


def connect_blocking(url: str) -> Connection[Any]:
    """As `connect`, for code that blocks."""
    import psycopg

    return psycopg.connect(connection_info(url), autocommit=True)


@asynccontextmanager
async def open_pool(
    url: str, size: int, **options: Any
) -> AsyncIterator[AsyncConnectionPool[AsyncConnection[Any]]]:
    """Up to `size` connections in autocommit mode; a lost one is replaced when it is next needed.

    Requests get a connection in the order in which they came. `options` are psycopg's. Raises
    SetupError where the server cannot be used.
    """
    from psycopg_pool import AsyncConnectionPool

    info = connection_info(url)
    with connection_errors():
        async with await connect(url):  # an error of the pool would not say why
            pass
    pool: AsyncConnectionPool[AsyncConnection[Any]] = AsyncConnectionPool(
        info,
        min_size=1,
        max_size=size,
        timeout=_CONNECT_S,
        kwargs={"autocommit": True, **options},
        check=AsyncConnectionPool.check_connection,
        open=False,
    )
    with connection_errors():
        await pool.open(wait=True, timeout=_CONNECT_S)
    try:
        yield pool
    finally:
        await pool.close()


def set_up(url: str, make: Callable[[Connection[Any]], object]) -> None:
    """Make tables by a connection; no other replica makes any meanwhile. Blocks.

    Raises SetupError where the server cannot be used.
    """
    with connection_errors(), connect_blocking(url) as connection:
        # Asked again and again: one that waits inside of the server would hold up an index that is
        # made concurrently, which waits for every statement that runs.
        taken = "SELECT pg_try_advisory_lock(%s)"
        while connection.execute(taken, (_SETUP_LOCK,)).fetchone() != (True,):
            time.sleep(0.05)
        # "IF NOT EXISTS" asks for the right to make one even where it is there.
        if connection.execute("SELECT to_regnamespace(%s)", (SCHEMA,)).fetchone() == (None,):
            connection.execute(f"CREATE SCHEMA {SCHEMA}")
        make(connection)


def storable(value: Any) -> Any:
    """A value of JSON without what PostgreSQL's text cannot hold: NUL and lone surrogates."""
    match value:
        case str():
            return value.replace("\0", "\ufffd").encode("utf-8", "replace").decode()
        case dict():
            return {storable(name): storable(each) for name, each in value.items()}
        case list() | tuple():
            return [storable(each) for each in value]
        case _:
            return value
