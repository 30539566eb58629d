"""Searches of two clients while the alias goes from one collection to the other and back.

Run as `python -m tests.bench.switching [SWITCHES]`; the last line is JSON. It ends with 1 for an
error, an answer that is not whole, or fewer than 200 searches a second. What is counted is one
request to the embedded Milvus for nine nearest vectors; a search of the chat makes three, deeper.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

from tests.support.switching import switch_under_load
from tools.index.local_server import ensure_server, stop_server
from tools.index.milvus import Address

LEAST_A_SECOND = 200.0


def main() -> None:
    """Measure and print."""
    switches = int(sys.argv[1]) if len(sys.argv) > 1 else 20
    with tempfile.TemporaryDirectory() as folder:
        address = Address(ensure_server(Path(folder) / "milvus", idle_s=30))
        seen = switch_under_load(address, switches, between_s=0.25)
        stop_server(Path(folder) / "milvus")
    found = {
        "switches": seen.switches,
        "searches": seen.searches,
        "a_second": round(seen.a_second),
        "not_whole": len(seen.not_whole),
        "errors": seen.errors,
    }
    sys.stdout.write(json.dumps({"switching": found, "least_a_second": LEAST_A_SECOND}) + "\n")
    if seen.errors or seen.not_whole or seen.a_second < LEAST_A_SECOND:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
