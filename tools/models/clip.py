"""CLIP on transformers' own classes: built without memory, and its two towers called.

Both towers end in their projection and are not normalised: what is done with them differs from
embedder to embedder.
"""

from __future__ import annotations

import torch
from torch import Tensor
from transformers import CLIPConfig, CLIPModel


def empty_clip(config: CLIPConfig) -> CLIPModel:
    """The model without memory, for `load_state_dict(assign=True)` and then `with_counters`."""
    with torch.device("meta"):
        return CLIPModel(config)


def with_counters(clip: CLIPModel, device: torch.device) -> CLIPModel:
    """The model with its counters of positions, which are in no file and so had no memory yet."""
    for part in (clip.text_model.embeddings, clip.vision_model.embeddings):
        count = part.position_embedding.num_embeddings
        positions = torch.arange(count, device=device).expand(1, -1)
        part.register_buffer("position_ids", positions, persistent=False)
    return clip


def picture_features(clip: CLIPModel, pixels: Tensor) -> Tensor:
    """(n, 3, size, size) to (n, dim)."""
    out: Tensor = clip.visual_projection(clip.vision_model(pixels).pooler_output)
    return out


def text_features(clip: CLIPModel, ids: Tensor, mask: Tensor) -> Tensor:
    """(n, tokens) ids to (n, dim); `mask` is 0 where a token is not looked at."""
    read = clip.text_model(input_ids=ids, attention_mask=mask)
    out: Tensor = clip.text_projection(read.pooler_output)
    return out
