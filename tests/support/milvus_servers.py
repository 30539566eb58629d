"""The embedded Milvus servers that tests leave running.

A process that has opened a home keeps its server alive for as long as it lives itself; a worker of
the tests would end up with a hundred of them.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from tools.index.lite_process import STATE
from tools.index.local_server import stop_server


def stop_servers(folders: Iterable[Path]) -> None:
    """End the servers of all homes in these folders, at any depth."""
    for folder in folders:
        for state in folder.rglob(STATE):
            stop_server(state.parent)
