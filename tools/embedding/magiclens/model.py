"""MagicLens (arXiv 2403.19651): two CLIP towers and a fusion of their two vectors."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from transformers import CLIPConfig

from tools.embedding.magiclens.fusion import Fusion, FusionConfig, unit
from tools.models.clip import empty_clip, picture_features, text_features


@dataclass(frozen=True)
class TowerConfig:
    """Sizes of one CLIP tower."""

    width: int
    layers: int
    heads: int
    hidden: int


@dataclass(frozen=True)
class MagicLensConfig:
    """All sizes of the model."""

    image_size: int
    patch_size: int
    vision: TowerConfig
    text: TowerConfig
    vocabulary: int
    context: int
    """Tokens of a text, with the first and the last one."""
    fusion: FusionConfig

    @property
    def dim(self) -> int:
        """Numbers in a vector."""
        return self.fusion.dim

    def clip(self) -> CLIPConfig:
        """The same for transformers."""
        last = self.vocabulary - 1
        return CLIPConfig(
            projection_dim=self.dim,
            text_config={
                **_tower(self.text, self.dim),
                "vocab_size": self.vocabulary,
                "max_position_embeddings": self.context,
                "bos_token_id": last - 1,
                "eos_token_id": last,
                "pad_token_id": 0,
            },
            vision_config={
                **_tower(self.vision, self.dim),
                "image_size": self.image_size,
                "patch_size": self.patch_size,
            },
        )


def _tower(sizes: TowerConfig, dim: int) -> dict[str, object]:
    return {
        "hidden_size": sizes.width,
        "intermediate_size": sizes.hidden,
        "num_hidden_layers": sizes.layers,
        "num_attention_heads": sizes.heads,
        "hidden_act": "quick_gelu",
        "layer_norm_eps": 1e-5,
        "projection_dim": dim,
    }


class MagicLens(nn.Module):
    """Pictures and texts to tower outputs, (n, dim), not normalised; two of these to a vector."""

    def __init__(self, config: MagicLensConfig) -> None:
        """A model without memory, see `checkpoint.build`."""
        super().__init__()
        self.config = config
        self.clip = empty_clip(config.clip())
        with torch.device("meta"):
            self.fusion = Fusion(config.fusion)

    def see(self, pixels: Tensor) -> Tensor:
        """(n, 3, size, size) to (n, dim)."""
        return picture_features(self.clip, pixels)

    def read(self, ids: Tensor) -> Tensor:
        """(n, tokens), padded with 0, to (n, dim).

        Id 0 is a real token too. The reference looks at it nowhere, so neither does this.
        """
        return text_features(self.clip, ids, (ids > 0).long())

    def fuse(self, pictures: Tensor, texts: Tensor) -> Tensor:
        """Two tower outputs to a joint vector, (n, dim) float32 of length 1."""
        return unit(self.fusion(pictures, texts))
