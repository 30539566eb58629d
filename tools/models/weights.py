"""Weights as files and in memory: read from `.pth` or safetensors, and told apart by a digest."""

from __future__ import annotations

import hashlib
import pickle
import zipfile
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor

from tools.errors import ModelError

DIGEST_VALUES_PER_WEIGHT = 2048


def read_weights(path: Path, *, advice: str = "Get the file again.") -> dict[str, Tensor]:
    """All tensors of a `.pth` or `.safetensors` file by their published keys, mapped, not copied.

    Raises ModelError for a file that is missing, cut short, or no file of weights; `advice` says
    where the right one is.
    """
    check_holds_weights(path)
    weights = (
        _read_safetensors(path) if path.suffix == ".safetensors" else _read_torch(path, advice)
    )
    if not isinstance(weights, dict) or not all(isinstance(w, Tensor) for w in weights.values()):
        raise ModelError(f"{path} holds something else than named weights. {advice}")
    return weights


def check_holds_weights(path: Path) -> bytes:
    """The first bytes of a file. Raises ModelError where it is missing, a web page or a pointer."""
    if not path.is_file():
        raise ModelError(f"There is no file of weights at {path}. Check the path.")
    with path.open("rb") as file:
        head = file.read(256)
    if head.lstrip()[:1] == b"<" or head.startswith(b"version https://git-lfs"):
        raise ModelError(
            f"{path} holds a web page or a pointer instead of weights. Download the file itself "
            "again."
        )
    return head


def _read_safetensors(path: Path) -> dict[str, Tensor]:
    try:
        with safe_open(path, framework="pt") as file:
            return {key: file.get_tensor(key) for key in file.keys()}  # noqa: SIM118 - no mapping
    except (SafetensorError, OSError, ValueError) as error:
        raise ModelError(
            f"{path} cannot be read as safetensors ({error}). It may be cut short: download or "
            "copy it again."
        ) from error


def _read_torch(path: Path, advice: str) -> object:
    try:
        # Files from before torch 1.6 are no archives and cannot be mapped.
        mapped = zipfile.is_zipfile(path)
        return torch.load(path, map_location="cpu", weights_only=True, mmap=mapped)
    except pickle.UnpicklingError as error:
        # torch's own message says how to run what is in the file; ours must not.
        raise ModelError(
            f"{path} is damaged, or holds more than plain weights; nothing in it was run. {advice}"
        ) from error
    except (RuntimeError, EOFError, OSError, ValueError) as error:
        reason = str(error).split(". ")[0] or "it ends too early"
        raise ModelError(
            f"{path} cannot be read as a file of weights ({reason}). It may be cut short: download "
            "or copy it again."
        ) from error


def weights_digest(model: torch.nn.Module) -> str:
    """A hash of the weights as they are held: names, shapes, and values sampled from every one.

    Evenly spaced samples, up to 4,095 of each weight, cost milliseconds where hashing all of them
    costs seconds; training changes practically every value. The same weights read from `.pth` and
    from safetensors give the same hash; rounded to another dtype, another one.
    """
    total = hashlib.sha256()
    for name, weight in sorted(model.state_dict().items()):
        step = max(1, weight.numel() // DIGEST_VALUES_PER_WEIGHT)
        values = weight.detach().reshape(-1)[::step].float().cpu().numpy()
        total.update(f"{name} {tuple(weight.shape)} ".encode() + values.tobytes())
    return total.hexdigest()
