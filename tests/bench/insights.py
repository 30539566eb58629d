"""Seconds and memory of `pounce insights` over a generated month of turn records.

10,000 turns in 30 days, read in a process of its own. Run with `python -m tests.bench.insights`.
"""

# ruff: noqa: T201 - printing is what a benchmark is for

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.support.turn_records import generated_turns, write_turns

TURNS = 10_000
MOST_S = 5
MOST_MIB = 300


def main() -> None:
    """Print the seconds and the peak of the process; exits with 1 when either misses its bar."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        size = write_turns(generated_turns(TURNS), home / "turns")
        command = [sys.executable, "-m", "ui.cli", "--home", str(home), "insights", "--csv"]
        start = time.perf_counter()
        process = subprocess.Popen([*command, str(Path(folder) / "insights.csv")])
        _, status, usage = os.wait4(process.pid, 0)
        took, peak = time.perf_counter() - start, usage.ru_maxrss / 1024
    print(
        f"{TURNS:,} turns ({size / TURNS:,.0f} bytes each): {took:.2f} s from start to end, "
        f"{usage.ru_utime + usage.ru_stime:.2f} s of the processor (bar {MOST_S}), "
        f"peak {peak:.0f} MiB (bar {MOST_MIB})"
    )
    if status or took > MOST_S or peak > MOST_MIB:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
