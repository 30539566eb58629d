"""A long file of Amazon's item metadata streams through the reader in little memory.

How many rows a second that is measures `python -m tests.bench.ingest rows`.
"""

from __future__ import annotations

from pathlib import Path

from tests.support.item_metadata import MOST_MIB, read_apart, write_metadata
from tests.support.repeats import repeats

ROWS = repeats(8000)


def test_long_file_is_read_in_little_memory(tmp_path: Path) -> None:
    path = write_metadata(tmp_path / "meta_All_Beauty.jsonl.gz", ROWS)
    products, problems, _, mib = read_apart(path)
    assert (products, problems) == (ROWS, ROWS // 5)  # one price in five is none
    assert mib <= MOST_MIB
