"""Common English words, the commonest first: those of the built-in text model's tokenizer.

BERT's word pieces were learned by frequency, so a whole word among them is a common one, and its
place says roughly how common. Not covered: rare words, which are parts of several pieces.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path

_FILE = Path(__file__).parents[1] / "demo" / "weights" / "towers" / "tokenizer.json"


@cache
def common_words() -> Mapping[str, int]:
    """Words of three letters or more in small letters, each with its place."""
    pieces = json.loads(_FILE.read_text(encoding="utf-8"))["model"]["vocab"]
    words = (piece for piece in pieces if piece.isalpha() and piece.isascii() and len(piece) > 2)
    return {word: place for place, word in enumerate(words)}
