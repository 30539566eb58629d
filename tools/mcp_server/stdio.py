"""The server over standard input and output, where nothing but the protocol may be written."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TextIO

import anyio
from mcp.server.lowlevel import Server
from mcp.server.stdio import stdio_server


@contextmanager
def protocol_output() -> Iterator[TextIO]:
    """Standard output for the protocol alone.

    Inside the block, what anything else prints goes to standard error: print(), C libraries and
    processes that are started.
    """
    sys.stdout.flush()
    own = os.dup(1)
    with os.fdopen(own, "w", encoding="utf-8", newline="\n", closefd=False) as output:
        os.dup2(2, 1)
        try:
            yield output
        finally:
            sys.stdout.flush()
            os.dup2(own, 1)
    os.close(own)


def serve(server: Server[Any, Any], output: TextIO) -> None:
    """Answers until standard input ends."""
    anyio.run(_serve, server, output)


async def _serve(server: Server[Any, Any], output: TextIO) -> None:
    async with stdio_server(stdout=anyio.wrap_file(output)) as (read, write):
        await server.run(read, write, server.create_initialization_options())
