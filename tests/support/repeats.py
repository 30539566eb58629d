"""How often a test repeats what it draws by chance.

By default as often as one run of the whole suite has time for. POUNCE_TEST_REPEATS multiplies it:
`make thorough` draws eight times as much.
"""

from __future__ import annotations

import os

TIMES = float(os.environ.get("POUNCE_TEST_REPEATS", "1"))


def repeats(count: int) -> int:
    """`count`, times what was asked for; never less than one."""
    return max(1, round(count * TIMES))
