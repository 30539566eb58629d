"""Keeps a published `.pkl` as safetensors beside it: `python -m tools.embedding.magiclens.convert`.

Not needed: the `.pkl` loads as fast. Other programs read safetensors without a pickle.
"""

# ruff: noqa: T201 - it is a command

from __future__ import annotations

import sys
from pathlib import Path

from tools.embedding.magiclens.checkpoint import fitted, keep_as_safetensors, read_checkpoint
from tools.errors import ModelError


def main(arguments: list[str]) -> int:
    """0, or 1 with a sentence."""
    if len(arguments) != 1:
        print("Usage: python -m tools.embedding.magiclens.convert FILE.pkl", file=sys.stderr)
        return 1
    path = Path(arguments[0])
    out = path.with_suffix(".safetensors")
    try:
        fitted(read_checkpoint(path))
        keep_as_safetensors(path, out)
    except (ModelError, OSError) as error:
        print(f"{path} is not converted: {error}", file=sys.stderr)
        return 1
    print(f"{out}: set POUNCE_EMBEDDER_WEIGHTS to it")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
