"""Settings of every test run."""

from __future__ import annotations

import os

# Before torch is imported. The models of the tests are small: with several threads they wait for
# each other, and on busy cores take five times as long (measured: 140 s against 31 s).
os.environ.setdefault("OMP_NUM_THREADS", "1")
