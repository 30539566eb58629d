"""Reading and writing Visualized BGE's weights in the published layout.

Reads `Visualized_base_en_v1.5.pth`, `Visualized_m3.pth` and files of the same keys, as `.pth` or
`.safetensors`, at any size: the tower's sizes come from the shapes in the file, the text model's
from its own configuration. Weights are mapped from the file and copied one at a time into a model
built without memory, so they are never held twice. Writes safetensors with the same keys.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from pathlib import Path

import torch
from safetensors.torch import save_file
from torch import Tensor
from transformers import BertConfig, XLMRobertaConfig

from tools.embedding.visualized_bge.model import VisualizedBGE, VisualizedBGEConfig
from tools.embedding.visualized_bge.vision_tower import VisionConfig
from tools.errors import ModelError
from tools.files import atomic_file
from tools.models.weights_check import check_fit

PUBLISHED_PREFIXES = {
    "bge_encoder.": "text.encoder.",
    "bge_embeddings.": "text.embeddings.",
    "model_visual.visual.": "vision.",
    "visual_proj.": "visual_proj.",
}
"""Prefixes in the file, and those of the same weights in `VisualizedBGE`."""

UNUSED_KEYS = re.compile(
    r"bge_pooler\.dense\.(weight|bias)"
    r"|model_visual\.logit_scale"
    r"|model_visual\.visual\.(norm|head)\.(weight|bias)"
    r"|model_visual\.visual\.blocks\.\d+\.attn\.rope\.freqs_(cos|sin)"  # aliases of visual.rope
    r"|.*\.position_ids"  # written by transformers before 4.31
)
"""Keys that published files may hold and that no vector depends on."""

WHERE_TO_GET_IT = "Get Visualized_base_en_v1.5.pth or Visualized_m3.pth of BAAI/bge-visualized."
WHICH_TEXT_MODEL = (
    "Give the text model that the weights were trained with: bge-base-en-v1.5 for "
    "Visualized_base_en_v1.5.pth, bge-m3 for Visualized_m3.pth."
)


def vision_config(weights: Mapping[str, Tensor]) -> VisionConfig:
    """The tower's sizes, from the shapes of published keys. Raises ModelError where they differ."""
    prefix = "model_visual.visual."
    try:
        patch = weights[prefix + "patch_embed.proj.weight"].shape  # (width, 3, patch, patch)
        patches = weights[prefix + "pos_embed"].shape[1] - 1
        head_dim = weights[prefix + "rope.freqs_cos"].shape[1]
        mlp_hidden = weights[prefix + "blocks.0.mlp.w1.weight"].shape[0]
        return VisionConfig(
            image_size=math.isqrt(patches) * patch[3],
            patch_size=patch[3],
            width=patch[0],
            depth=len({k.split(".")[3] for k in weights if k.startswith(prefix + "blocks.")}),
            head_dim=head_dim,
            mlp_hidden=mlp_hidden,
        )
    except (KeyError, IndexError, ValueError) as error:
        raise ModelError(
            f"These are not the weights of Visualized BGE: its picture side is not there as "
            f"expected ({error}). {WHERE_TO_GET_IT}"
        ) from error


def build(
    weights: Mapping[str, Tensor],
    text: BertConfig | XLMRobertaConfig,
    empty_text: tuple[int, int],
    *,
    device: torch.device,
    dtype: torch.dtype,
) -> VisualizedBGE:
    """The model with these weights, in evaluation mode, every weight copied to device and dtype.

    Raises ModelError naming the keys and shapes that do not fit.
    """
    try:
        config = VisualizedBGEConfig(text, vision_config(weights), empty_text)
    except ValueError as error:
        raise ModelError(f"These weights do not fit their text model: {error}.") from error
    with torch.device("meta"):
        model = VisualizedBGE(config)
    wanted = published_keys(model)
    shapes = {name: held.shape for name, held in model.state_dict().items()}
    check_fit(
        weights,
        {key: shapes[name] for key, name in wanted.items()},
        unused=lambda key: UNUSED_KEYS.fullmatch(key) is not None,
        parts="The weights and the model",
        advice=WHICH_TEXT_MODEL,
        source=WHERE_TO_GET_IT,
    )
    state = {}
    for key, name in wanted.items():
        # The rotary tables stay in half, as published, whatever the weights are turned into.
        kept = torch.float16 if ".rope." in name else dtype
        state[name] = weights[key].to(device, kept, copy=True)
    model.load_state_dict(state, strict=True, assign=True)
    positions = torch.arange(text.max_position_embeddings, device=device).expand(1, -1)
    counters = {"position_ids": positions, "token_type_ids": torch.zeros_like(positions)}
    for name, values in counters.items():  # in no file, so still without memory
        model.text.embeddings.register_buffer(name, values, persistent=False)
    return model.eval()


def published_keys(model: VisualizedBGE) -> dict[str, str]:
    """Published key -> name in the model, for every weight and table that the model needs."""
    keys = {}
    for name in model.state_dict():
        theirs, ours = next(p for p in PUBLISHED_PREFIXES.items() if name.startswith(p[1]))
        keys[theirs + name.removeprefix(ours)] = name
    return keys


def save_weights(model: VisualizedBGE, path: Path, dtype: torch.dtype = torch.float16) -> None:
    """Write the weights with their published keys as safetensors; in half precision by default.

    What no vector depends on (BERT's pooler, the tower's head) is not written; `read_weights` and
    `build` take the file back. The file appears when it is complete.
    """
    state = model.state_dict()
    weights = {
        key: state[name].to("cpu", torch.float16 if ".rope." in name else dtype).contiguous()
        for key, name in published_keys(model).items()
    }
    with atomic_file(path) as unfinished:
        save_file(weights, unfinished, metadata={"format": "pt"})
