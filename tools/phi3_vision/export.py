"""Writes a model in the published files of Phi-3 Vision: for small ones that are trained here."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, cast

import torch
from safetensors.torch import save_file
from tokenizers import Tokenizer

from tools.files import atomic_file
from tools.phi3_vision.checkpoint import SINGLE, published_keys
from tools.phi3_vision.config import EMBEDDING, TEXT_EXTRAS, TEXT_SIZES, Phi3VisionConfig
from tools.phi3_vision.image_processor import MEAN, STD
from tools.phi3_vision.model import Phi3VisionModel

_TOWER_SIZES = (
    "hidden_size",
    "intermediate_size",
    "num_hidden_layers",
    "num_attention_heads",
    "image_size",
    "patch_size",
    "projection_dim",
    "hidden_act",
)


def write_checkpoint(
    folder: Path,
    model: Phi3VisionModel,
    tokenizer: Tokenizer,
    *,
    num_crops: int,
    dtype: torch.dtype = torch.float16,
) -> None:
    """Weights, sizes, tokenizer and picture sizes under their published names and keys.

    `load_phi3_vision` takes the folder back. The weights come last: a folder that has them is
    whole.
    """
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer.save(str(folder / "tokenizer.json"))
    pictures = {
        "image_processor_type": "Phi3VImageProcessor",
        "num_crops": num_crops,
        "num_img_tokens": model.config.tile.tokens,
        "image_mean": MEAN,
        "image_std": STD,
    }
    files = {"config.json": published_config(model.config), "preprocessor_config.json": pictures}
    for name, values in files.items():
        (folder / name).write_text(json.dumps(values, indent=1) + "\n", encoding="utf-8")
    state = model.state_dict()
    weights = {
        key: state[name].to("cpu", dtype).contiguous()
        for key, name in published_keys(model).items()
    }
    with atomic_file(folder / SINGLE) as unfinished:
        save_file(weights, unfinished, metadata={"format": "pt"})


def published_config(config: Phi3VisionConfig) -> dict[str, Any]:
    """The sizes as `config.parse_config` reads them; those of the tower are written out."""
    text, clip = config.text, config.clip
    rope = cast("dict[str, Any]", text.rope_parameters)
    return {
        "architectures": ["Phi3VForCausalLM"],
        "model_type": "phi3_v",
        **{name: getattr(text, name) for name in TEXT_SIZES if hasattr(text, name)},
        **{name: getattr(text, name) for name in TEXT_EXTRAS},
        "original_max_position_embeddings": config.short_tokens,
        "rope_scaling": {
            "type": "su",
            "short_factor": rope["short_factor"],
            "long_factor": rope["long_factor"],
        },
        "rope_theta": rope["rope_theta"],
        "tie_word_embeddings": False,
        "embd_layer": EMBEDDING,
        "img_processor": {
            "name": "clip_vision_model",
            "image_dim_out": clip.hidden_size,
            "num_img_tokens": config.tile.tokens,
            "layer_idx": config.clip_layers,
            "clip_config": {name: getattr(clip, name) for name in _TOWER_SIZES},
        },
    }
