"""Whose weights a file holds, told by its content."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from tools.embedding.registry import EmbedderName


def recognised(path: Path) -> EmbedderName | None:
    """The embedder of a published layout; None for a file that no name or key tells about.

    Nothing but the first bytes and, of safetensors, the names is read. A pickle is MagicLens', a
    file of `torch.save` Visualized BGE's.
    """
    from tools.embedding.magiclens.checkpoint import PICKLED
    from tools.embedding.magiclens.pickled_bytes import begins_like_pickle

    if not path.is_file():
        return None
    with path.open("rb") as file:
        head = file.read(16)
    if begins_like_pickle(head) or path.suffix == PICKLED:
        return "magiclens-base"
    if path.suffix == ".safetensors":
        return _by_keys(_names(path))
    return None


def _names(path: Path) -> list[str]:
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, framework="pt") as file:
            return list(file.keys())
    except (SafetensorError, OSError, ValueError):
        return []  # whoever reads the weights says what is wrong with them


def _by_keys(names: Iterable[str]) -> EmbedderName | None:
    begun = {name.partition(".")[0].partition("/")[0] for name in names}
    if "params" in begun:
        return "magiclens-base"
    return "bge-vl-base" if {"text_model", "vision_model"} <= begun else None
