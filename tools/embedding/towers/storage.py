"""Weights in small files: matrices as int8 with a scale a row, or everything as float16.

int8 costs MiniLM a cosine of 0.001 at most and halves its file; see the model card for figures.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor

from tools.errors import ModelError
from tools.files import atomic_file

_SCALE = ".scale"


def save_half(weights: Mapping[str, Tensor], path: Path) -> None:
    """Writes all weights as float16."""
    _save({name: weight.half() for name, weight in weights.items()}, path)


def save_int8(weights: Mapping[str, Tensor], path: Path) -> None:
    """Writes matrices as int8 with a float16 scale for each row, and vectors as float16."""
    stored: dict[str, Tensor] = {}
    for name, weight in weights.items():
        if weight.dim() < 2:
            stored[name] = weight.half()
            continue
        scale = (weight.float().abs().amax(1, keepdim=True) / 127).clamp(min=1e-7).half()
        stored[name] = (weight.float() / scale.float()).round().clamp(-127, 127).to(torch.int8)
        stored[name + _SCALE] = scale
    _save(stored, path)


def load(path: Path) -> dict[str, Tensor]:
    """All weights of a file, float32. Raises ModelError where it is missing or damaged."""
    try:
        stored = load_file(path)
    except (OSError, SafetensorError) as error:
        raise ModelError(
            f"The towers embedder's weights at {path} cannot be read ({error}). "
            "Install Pounce again."
        ) from error
    return {
        name: weight.float() * stored[name + _SCALE].float()
        if weight.dtype == torch.int8
        else weight.float()
        for name, weight in stored.items()
        if not name.endswith(_SCALE)
    }


def digest(path: Path) -> str:
    """SHA-256 of a file, as hexadecimal digits."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _save(weights: dict[str, Tensor], path: Path) -> None:
    with atomic_file(path) as unfinished:
        save_file({name: weight.contiguous() for name, weight in weights.items()}, unfinished)
        unfinished.chmod(0o644)  # safetensors makes it readable for its owner alone
