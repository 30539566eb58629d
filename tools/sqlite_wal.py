"""The write-ahead log of an SQLite file, emptied after a deletion.

A deleted row stays in the log until the log is overwritten or truncated.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from aiosqlite import Connection

logger = logging.getLogger(__name__)


async def truncate_wal(connection: Connection) -> bool:
    """Copy the log into the file and truncate it to nothing. False where it is in use.

    Waits as long as the connection's busy timeout for the readers of other connections. The
    connection itself may have no statement that is still being read, and no open transaction.
    """
    ((busy, *_),) = await connection.execute_fetchall("PRAGMA wal_checkpoint(TRUNCATE)")
    if busy:
        logger.warning("a log of writes is in use and keeps what was deleted until the next time")
    return not busy
