"""Reading MagicLens' weights: the published `.pkl` without unpickling, or safetensors of its keys.

Weights are mapped from the file and copied one at a time into a model built without memory, so they
are never held twice.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import torch
from safetensors.torch import save_file
from torch import Tensor

from tools.embedding.magiclens.flax_msgpack import DocumentError, read_arrays
from tools.embedding.magiclens.layout import Place, config_of, places
from tools.embedding.magiclens.model import MagicLens, MagicLensConfig
from tools.embedding.magiclens.pickled_bytes import (
    WHERE_TO_GET_IT,
    begins_like_pickle,
    bytes_of_pickle,
)
from tools.errors import ModelError
from tools.files import atomic_file
from tools.models.clip import with_counters
from tools.models.weights import check_holds_weights, read_weights
from tools.models.weights_check import check_fit

PICKLED = ".pkl"


def read_checkpoint(path: Path) -> dict[str, Tensor]:
    """All arrays by their published paths, mapped, not copied, of any layout of the two.

    Raises ModelError for a file that is missing, cut short, or something else.
    """
    head = check_holds_weights(path)
    if not begins_like_pickle(head) and path.suffix != PICKLED:
        return read_weights(path, advice=WHERE_TO_GET_IT)
    try:
        return read_arrays(bytes_of_pickle(path))
    except DocumentError as error:
        raise ModelError(
            f"{path} does not hold the arrays of MagicLens: {error}. Nothing in it was run. "
            f"{WHERE_TO_GET_IT}"
        ) from error


def fitted(weights: Mapping[str, Tensor]) -> tuple[MagicLensConfig, list[Place]]:
    """The sizes of the model with these weights, and where each belongs.

    Raises ModelError naming the keys and shapes that do not fit.
    """
    try:
        config = config_of(weights)
        wanted = list(places(config))
        check_fit(
            weights,
            {place.key: torch.Size(place.shape) for place in wanted},
            unused=lambda _: False,
            parts="The arrays and the model",
            advice=WHERE_TO_GET_IT,
            source=WHERE_TO_GET_IT,
        )
    except (KeyError, ValueError) as error:
        raise ModelError(
            f"These are not the weights of MagicLens: {error} is not there as expected. "
            f"{WHERE_TO_GET_IT}"
        ) from error
    return config, wanted


def build(weights: Mapping[str, Tensor], *, device: torch.device, dtype: torch.dtype) -> MagicLens:
    """The model with these weights, in evaluation mode, every weight copied to the device.

    The towers are held in `dtype`, the fusion in float32: it costs nothing beside them. Raises
    what `fitted` raises.
    """
    config, wanted = fitted(weights)
    model = MagicLens(config)
    state = {}
    for place in wanted:
        held = torch.float32 if place.name.startswith("fusion.") else dtype
        found = place.converted(weights[place.key])
        copied = torch.empty(found.shape, device=device, dtype=held)
        state[place.name] = copied.copy_(found)
    model.load_state_dict(state, strict=True, assign=True)
    with_counters(model.clip, device)
    return model.requires_grad_(False).eval()


def keep_as_safetensors(path: Path, out: Path) -> None:
    """Write the same arrays with the same keys as safetensors; the file appears when complete."""
    weights = {key: array.clone() for key, array in read_checkpoint(path).items()}
    with atomic_file(out) as unfinished:
        save_file(weights, unfinished, metadata={"format": "pt"})
