"""The sizes of a Phi-3 Vision checkpoint, from its published `config.json`.

The published file is that of model type `phi3_v`, which transformers does not know: the text model
is Phi-3, and the picture tower is named (CLIP ViT-L/14-336) instead of described.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from transformers import CLIPVisionConfig, Phi3Config

from tools.errors import ModelError


@dataclass(frozen=True, slots=True)
class Tile:
    """The square that the picture tower sees. The default is that of the published models."""

    side: int = 336
    """Pixels."""
    patch: int = 14
    """Pixels along a patch."""

    def __post_init__(self) -> None:
        if self.side < 1 or self.patch < 1 or self.side % (2 * self.patch):
            raise ValueError(f"{self.side} pixels are no even number of patches of {self.patch}.")

    @property
    def across(self) -> int:
        """Tokens along its side: two by two patches are one token."""
        return self.side // self.patch // 2

    @property
    def tokens(self) -> int:
        """Tokens of one tile, without the ends of its rows."""
        return self.across**2


PUBLISHED_TILE = Tile()

PUBLISHED_CLIP: Mapping[str, Any] = {
    "hidden_size": 1024,
    "intermediate_size": 4096,
    "num_hidden_layers": 24,
    "num_attention_heads": 16,
    "image_size": PUBLISHED_TILE.side,
    "patch_size": PUBLISHED_TILE.patch,
    "projection_dim": 768,
}
"""openai/clip-vit-large-patch14-336, which the published configuration only names."""

EMBEDDING = {
    "embedding_cls": "image",
    "hd_transform_order": "sub_glb",
    "projection_cls": "mlp",
    "use_hd_transform": True,
    "with_learnable_separator": True,
}
"""How pictures become tokens in both published models; nothing else is implemented here."""

TEXT_SIZES = (
    "vocab_size",
    "hidden_size",
    "intermediate_size",
    "num_hidden_layers",
    "num_attention_heads",
    "max_position_embeddings",
    "original_max_position_embeddings",
)
TEXT_EXTRAS = ("num_key_value_heads", "hidden_act", "rms_norm_eps", "initializer_range")

WHERE_TO_GET_IT = (
    "Download microsoft/Phi-3.5-vision-instruct or microsoft/Phi-3-vision-128k-instruct again."
)


@dataclass(frozen=True)
class Phi3VisionConfig:
    """All sizes of the model."""

    text: Phi3Config
    clip: CLIPVisionConfig
    clip_layers: int
    """Layers of the tower whose result is used: one less than there are, as published."""

    @property
    def tile(self) -> Tile:
        """What the picture tower sees at once."""
        return _tile(self.clip)

    @property
    def max_tokens(self) -> int:
        """Longest sequence, tokens of words and pictures together."""
        return int(self.text.max_position_embeddings)

    @property
    def short_tokens(self) -> int:
        """Longest sequence with the short rotary factors; every longer one has the long ones."""
        return int(self.text.original_max_position_embeddings)


def read_config(path: Path) -> Phi3VisionConfig:
    """The sizes in a `config.json`.

    Raises ModelError for a file that is missing, damaged, or of another kind of model.
    """
    values = read_json(path)
    kind = values.get("model_type")
    if kind != "phi3_v":
        raise ModelError(
            f"{path} describes a model of the kind {kind}, not Phi-3 Vision (phi3_v). "
            f"{WHERE_TO_GET_IT}"
        )
    try:
        return parse_config(values)
    except KeyError as error:
        raise ModelError(f"{path} lacks {error}. {WHERE_TO_GET_IT}") from error
    # A wrong type reaches transformers as any of these, from its own checks or from arithmetic.
    except (AttributeError, TypeError, ValueError, ZeroDivisionError) as error:
        reason = " ".join(str(error).split())
        raise ModelError(f"{path} cannot be used: {reason} {WHERE_TO_GET_IT}") from error


def parse_config(values: Mapping[str, Any]) -> Phi3VisionConfig:
    """The sizes in the published form. Raises KeyError for what lacks, ValueError for the rest."""
    embedding = values["embd_layer"]
    other = [key for key, value in EMBEDDING.items() if embedding.get(key) != value]
    if other:
        raise ValueError(f"embd_layer has another {', '.join(other)} than the published models.")
    tower = values["img_processor"]
    # A small checkpoint carries the sizes of its tower, those of a tile among them, under a key
    # that ends in clip_config.
    sizes = next((tower[key] for key in tower if key.endswith("clip_config")), PUBLISHED_CLIP)
    clip = CLIPVisionConfig(**sizes)
    tile = _tile(clip)
    if tower.get("num_img_tokens", tile.tokens) != tile.tokens:
        raise ValueError(f"num_img_tokens must be {tile.tokens}, as the tower sees.")
    if tower.get("image_dim_out", clip.hidden_size) != clip.hidden_size:
        raise ValueError("image_dim_out is not the width of the picture tower.")
    layer = tower.get("layer_idx", -2)
    layers = layer if layer >= 0 else clip.num_hidden_layers + 1 + layer
    if not 0 < layers <= clip.num_hidden_layers or tower.get("type_feature", "patch") != "patch":
        raise ValueError("img_processor asks for features that the picture tower does not have.")
    return Phi3VisionConfig(_text_config(values), clip, layers)


def _tile(clip: CLIPVisionConfig) -> Tile:
    side, patch = clip.image_size, clip.patch_size
    if not isinstance(side, int) or not isinstance(patch, int):
        raise TypeError("image_size and patch_size of the tower are numbers of pixels.")
    return Tile(side, patch)


def _text_config(values: Mapping[str, Any]) -> Phi3Config:
    scaling = values["rope_scaling"]
    if scaling["type"] not in ("su", "longrope"):
        raise ValueError(f"rope_scaling is of the type {scaling['type']}, not su or longrope.")
    # transformers renames "su" too late to find the length beside it, and stops with a KeyError.
    rope: dict[str, Any] = {
        "rope_type": "longrope",
        "short_factor": scaling["short_factor"],
        "long_factor": scaling["long_factor"],
        "original_max_position_embeddings": values["original_max_position_embeddings"],
        "factor": values["max_position_embeddings"] / values["original_max_position_embeddings"],
        "rope_theta": values.get("rope_theta", 10_000.0),
    }
    heads, half = values["num_attention_heads"], values["hidden_size"] // 2
    for name in ("short_factor", "long_factor"):
        if len(rope[name]) * heads != half:
            raise ValueError(f"rope_scaling has {len(rope[name])} in {name}, not {half // heads}.")
    if values.get("tie_word_embeddings"):
        raise ValueError("tie_word_embeddings is set; the published models are not tied.")
    # The sliding window is as long as the longest sequence, so that it never cuts anything.
    return Phi3Config(
        **{key: values[key] for key in TEXT_SIZES},
        **{key: values[key] for key in TEXT_EXTRAS if key in values},
        rope_parameters=rope,
        sliding_window=None,
        bos_token_id=None,
        eos_token_id=None,
        pad_token_id=None,
    )


def read_json(path: Path) -> dict[str, Any]:
    """An object of JSON in the folder of a model. Raises ModelError when it is none."""
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise ModelError(f"There is no {path.name} in {path.parent}. {WHERE_TO_GET_IT}") from error
    except (OSError, ValueError) as error:
        raise ModelError(f"{path} cannot be read ({error}). {WHERE_TO_GET_IT}") from error
    if not isinstance(values, dict):
        raise ModelError(f"{path} holds something else than an object. {WHERE_TO_GET_IT}")
    return values
