"""Folders that tests read from."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
"""The project's folder: where programs that tests start find the packages."""
DATA = ROOT / "tests" / "data"
