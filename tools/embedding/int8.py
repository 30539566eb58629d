"""An embedder in 8-bit integers: calibrated once in a home, and told apart by its fingerprint."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from torch import Tensor

from tools.embedding.base import Embedder
from tools.errors import ModelError
from tools.models.int8 import INT8_VERSION, Ranges, load_ranges, quantise, recorded

if TYPE_CHECKING:
    from torch import nn

    from tools.models.int8 import Layer


def layers_of(embedder: Embedder) -> tuple[nn.Module, list[Layer]]:
    """The model and its layers that can be quantised. Raises ModelError where none can."""
    found = embedder.linear_layers()
    if found is None:
        raise ModelError(
            f"POUNCE_DTYPE=int8 is not for the embedder {embedder.name}. Set it to float32."
        )
    return found


@contextmanager
def calibrating(embedder: Embedder) -> Iterator[dict[str, Tensor]]:
    """The ranges of whatever is embedded while this is open."""
    with recorded(*layers_of(embedder)) as ranges:
        yield ranges


def make_int8(embedder: Embedder, ranges: Ranges) -> None:
    """Turns an embedder that was loaded in float32 into its quantised self, fingerprint included.

    Raises ModelError without ONNX Runtime.
    """
    model, layers = layers_of(embedder)
    digest = hashlib.sha256(f"{INT8_VERSION} {embedder.fingerprint}".encode())
    for name, each in sorted(ranges.items()):
        digest.update(name.encode() + each.numpy().tobytes())
    quantise(model, layers, ranges)
    kind = embedder.fingerprint.partition(" ")[0]
    embedder.fingerprint = f"{kind} int8 {digest.hexdigest()[:16]}"
    embedder.forget()


def make_int8_from(embedder: Embedder, calibration: str) -> None:
    """The same with the calibration in a file. Raises ModelError where there is none for it."""
    ranges = load_ranges(Path(calibration), embedder.fingerprint) if calibration else None
    if ranges is None:
        raise ModelError(
            "POUNCE_DTYPE=int8 is calibrated on a shop's own pictures when they are ingested, and "
            f"this home has no calibration of {embedder.name} yet. Ingest: pounce ingest FILE."
        )
    make_int8(embedder, ranges)
