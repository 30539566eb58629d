"""Phi-3 Vision's published weights: where they are, which is which, and into the model.

The model is built without memory and its weights are copied into it one at a time from mapped
files, shard by shard, so that they are never held twice. Not read: quantised weights, pickles.
"""

from __future__ import annotations

import re
from copy import deepcopy
from dataclasses import replace
from pathlib import Path

import torch
from torch import Tensor
from transformers import CLIPVisionConfig, Phi3Config

from tools.errors import ModelError
from tools.models.hub import HUB_ERRORS, HUB_MODEL
from tools.models.weights import read_weights
from tools.models.weights_check import check_fit, some
from tools.phi3_vision.config import WHERE_TO_GET_IT, Phi3VisionConfig, read_json
from tools.phi3_vision.model import Phi3VisionModel

PUBLISHED_PREFIXES = {
    "model.vision_embed_tokens.img_processor.vision_model.": "pictures.clip.",
    "model.vision_embed_tokens.img_projection.": "pictures.projection.",
    "model.vision_embed_tokens.glb_GN": "pictures.whole_follows",
    "model.vision_embed_tokens.sub_GN": "pictures.row_ends",
    "model.": "lm.model.",
    "lm_head.": "lm.lm_head.",
}
"""Prefixes in the files, and those of the same weights in `Phi3VisionModel`; the first fits."""

WORDS = "model.embed_tokens.weight"
WORDS_AGAIN = "model.vision_embed_tokens.wte.weight"
"""Under this key fine-tuned files hold the embeddings of words, instead or once more."""

UNUSED_KEYS = re.compile(r".*\.(position_ids|rotary_emb\.inv_freq)")
"""Keys that files may hold and that are computed here."""

INDEX = "model.safetensors.index.json"
SINGLE = "model.safetensors"
FILES = ("*.json", "*.safetensors")
"""All that is fetched of a name on the hub: no code."""


def model_folder(reference: str | Path) -> Path:
    """The folder of a model: a path, or a hub name as "microsoft/Phi-3.5-vision-instruct".

    What a name needs (8.3 GB) is fetched once, with progress bars, and kept in the hub's cache.
    Raises ModelError when there is no such folder or name.
    """
    path = Path(reference)
    if path.is_dir():
        return path
    if isinstance(reference, Path) or not HUB_MODEL.fullmatch(reference):
        raise ModelError(
            f"There is no folder {reference} with Phi-3 Vision. Check the path, or give a name of "
            'the hub as "microsoft/Phi-3.5-vision-instruct".'
        )
    from huggingface_hub import snapshot_download

    try:
        return Path(snapshot_download(reference, allow_patterns=list(FILES)))
    except HUB_ERRORS as error:
        reason = (str(error).strip() or type(error).__name__).splitlines()[0].rstrip(".")
        raise ModelError(
            f"{reference} could not be fetched: {reason}. Check the name, the network and the room "
            "on the disk, or download the model and give its folder."
        ) from error


def read_files(folder: Path) -> list[dict[str, Tensor]]:
    """The tensors of every file of weights in a folder by their published keys, mapped, not copied.

    Raises ModelError when the folder lacks a file, a file lacks a key that the index promises, or
    a file is no file of weights.
    """
    if not (folder / INDEX).is_file():
        if not (folder / SINGLE).is_file():
            raise ModelError(
                f"There are no weights in {folder}: neither {INDEX} nor {SINGLE}. {WHERE_TO_GET_IT}"
            )
        return [read_weights(folder / SINGLE, advice=WHERE_TO_GET_IT)]
    promised = read_json(folder / INDEX).get("weight_map")
    if not isinstance(promised, dict) or not promised:
        raise ModelError(f"{folder / INDEX} names no weights. {WHERE_TO_GET_IT}")
    odd = [n for n in promised.values() if not isinstance(n, str) or n != Path(n).name]
    if odd:
        raise ModelError(
            f"{folder / INDEX} names {odd[0]!r}, which is no file beside it. {WHERE_TO_GET_IT}"
        )
    names = sorted(set(promised.values()))
    missing = [name for name in names if not (folder / name).is_file()]
    if missing:
        raise ModelError(
            f"{folder} lacks {some(missing)}, which {INDEX} names. Download the folder again."
        )
    files = {name: read_weights(folder / name, advice=WHERE_TO_GET_IT) for name in names}
    lost = [key for key, name in promised.items() if key not in files[name]]
    if lost:
        raise ModelError(f"{folder} lacks {some(lost)}, which {INDEX} names. {WHERE_TO_GET_IT}")
    return list(files.values())


def build(
    files: list[dict[str, Tensor]],
    config: Phi3VisionConfig,
    *,
    device: torch.device,
    dtype: torch.dtype,
    attn_implementation: str = "sdpa",
) -> Phi3VisionModel:
    """The model with these weights, in evaluation mode, every weight copied to device and dtype.

    Empties `files`, one after another, so that each can be let go when it was copied. Raises
    ModelError naming the keys and shapes that do not fit, before anything is copied.
    """
    model = _without_memory(config, attn_implementation)
    wanted = published_keys(model)
    keys = {key for weights in files for key in weights}
    if WORDS not in keys and WORDS_AGAIN in keys:
        wanted[WORDS_AGAIN] = wanted.pop(WORDS)
    held = model.state_dict()
    check_fit(
        {key: weight for weights in files for key, weight in weights.items()},
        {key: held[name].shape for key, name in wanted.items()},
        unused=lambda key: key == WORDS_AGAIN or UNUSED_KEYS.fullmatch(key) is not None,
        parts="The weights and config.json",
        advice=WHERE_TO_GET_IT,
        source=WHERE_TO_GET_IT,
    )
    while files:
        weights = files.pop()
        state = {
            wanted[key]: weight.to(device, dtype, copy=True)
            for key, weight in weights.items()
            if key in wanted
        }
        model.load_state_dict(state, strict=False, assign=True)
    compute_tables(model, device)
    return model.requires_grad_(False).eval()


def published_keys(model: Phi3VisionModel) -> dict[str, str]:
    """Published key -> name in the model, for every weight that the model has."""
    keys = {}
    for name in model.state_dict():
        theirs, ours = next(p for p in PUBLISHED_PREFIXES.items() if name.startswith(p[1]))
        keys[theirs + name.removeprefix(ours)] = name
    return keys


def _without_memory(config: Phi3VisionConfig, attn_implementation: str) -> Phi3VisionModel:
    """A model on the meta device, whose parts compute attention as asked."""
    # Copied, because the blocks look there at every pass: another model may share the sizes.
    own = replace(config, text=deepcopy(config.text), clip=deepcopy(config.clip))
    parts: tuple[Phi3Config | CLIPVisionConfig, ...] = (own.text, own.clip)
    for part in parts:
        part._attn_implementation = attn_implementation
    try:
        with torch.device("meta"):
            return Phi3VisionModel(own)
    except (ImportError, ValueError) as error:
        reason = str(error).split(". ")[0].splitlines()[0]
        raise ModelError(
            f"attn_implementation {attn_implementation!r} cannot be used here: {reason}. "
            'Use "sdpa" or "eager".'
        ) from error


def compute_tables(model: Phi3VisionModel, device: torch.device) -> None:
    """Put what is in no file where it is still without memory. The rotary table stays float32."""
    rotary = type(model.lm.model.rotary_emb)(model.config.text)
    model.lm.model.rotary_emb = rotary.to(device)
    embeddings = model.pictures.clip.embeddings
    positions = torch.arange(embeddings.num_positions, device=device).expand(1, -1)
    embeddings.register_buffer("position_ids", positions, persistent=False)
