"""Tests as data: YAML files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

# libyaml where it is there: six times as fast, and each process of pytest reads all files.
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def read_yaml(path: Path) -> Any:
    """What a file holds."""
    return yaml.load(path.read_text(encoding="utf-8"), _LOADER)
