"""The published tree of MagicLens: sizes from its shapes, and where each array belongs."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, assert_never

import torch
from torch import Tensor

from tools.embedding.magiclens.fusion import FusionConfig
from tools.embedding.magiclens.model import MagicLensConfig, TowerConfig

Change = Literal["none", "transpose", "convolution", "heads in", "heads out", "flat", "post"]
"""From flax's layout to torch's: (in, out) kernels are transposed, and heads made one axis."""

VISUAL, TEXT = "params/clip/visual", "params/clip/text"
LAYERS, POOLER = "params/multimodal_encoder", "params/contrastive_multimodal_pooler"


@dataclass(frozen=True, slots=True)
class Place:
    """One array of the file, and the weight that it becomes."""

    key: str
    shape: tuple[int, ...]
    """In the file."""
    name: str
    """In `MagicLens`."""
    change: Change = "none"

    def converted(self, array: Tensor) -> Tensor:
        """The weight as a view of the array."""
        match self.change:
            case "none":
                return array
            case "transpose":
                return array.T
            case "convolution":  # (height, width, in, out) to (out, in, height, width)
                return array.permute(3, 2, 0, 1)
            case "heads in":  # (dim, heads, head dim) to (heads x head dim, dim)
                return array.flatten(1).T
            case "heads out":  # (heads, head dim, dim) to (dim, heads x head dim)
                return array.flatten(0, 1).T
            case "flat":
                return array.flatten()
            case "post":  # (dim, heads, head dim): no transpose, unlike CLIP's
                return array.flatten(1)
            case _:
                assert_never(self.change)


def config_of(weights: Mapping[str, Tensor]) -> MagicLensConfig:
    """All sizes, from the shapes. Raises KeyError or ValueError for another tree."""
    height, patch, _, width = _shape(weights, f"{VISUAL}/conv1/kernel", 4)
    tokens, _ = _shape(weights, f"{VISUAL}/positional_embedding", 2)
    vocabulary, _ = _shape(weights, f"{TEXT}/token_embedding/embedding", 2)
    context, text_width = _shape(weights, f"{TEXT}/positional_embedding", 2)
    _, dim = _shape(weights, f"{TEXT}/text_projection/kernel", 2)
    side = math.isqrt(tokens - 1)
    if height != patch or side * side != tokens - 1 or not side or vocabulary < 3 or context < 2:
        raise ValueError(f"patches of {height} x {patch}, {tokens} places, {vocabulary} words")
    _, heads, head_dim = _shape(weights, f"{LAYERS}/x_layers_0/self_attention/query/w", 3)
    _, hidden = _shape(weights, f"{LAYERS}/x_layers_0/ff_layer/ffn_layer1/linear/w", 2)
    _, pool_heads, pool_head_dim = _shape(weights, f"{POOLER}/pool_attn/query/w", 3)
    layers = _count(weights, f"{LAYERS}/x_layers_")
    return MagicLensConfig(
        image_size=side * patch,
        patch_size=patch,
        vision=_tower_config(weights, VISUAL, width),
        text=_tower_config(weights, TEXT, text_width),
        vocabulary=vocabulary,
        context=context,
        fusion=FusionConfig(dim, layers, heads, head_dim, hidden, pool_heads, pool_head_dim),
    )


def _tower_config(weights: Mapping[str, Tensor], tower: str, width: int) -> TowerConfig:
    blocks = f"{tower}/transformer/resblocks_"
    _, heads, head_dim = _shape(weights, f"{blocks}0/attn/query/kernel", 3)
    _, hidden = _shape(weights, f"{blocks}0/mlp/c_fc/kernel", 2)
    if heads * head_dim != width:
        raise ValueError(f"{heads} heads of {head_dim} in a width of {width}")
    return TowerConfig(width, _count(weights, blocks), heads, hidden)


def _shape(weights: Mapping[str, Tensor], key: str, dimensions: int) -> torch.Size:
    shape = weights[key].shape
    if len(shape) != dimensions:
        raise ValueError(f"{key} has {len(shape)} dimensions instead of {dimensions}")
    return shape


def _count(weights: Mapping[str, Tensor], prefix: str) -> int:
    return len({key[len(prefix) :].split("/")[0] for key in weights if key.startswith(prefix)})


def places(config: MagicLensConfig) -> Iterator[Place]:
    """Every array of the file with these sizes."""
    yield Place("params/clip/logit_scale", (), "clip.logit_scale")
    yield from _vision(config)
    yield from _text(config)
    yield from _fusion(config.fusion)


def _vision(config: MagicLensConfig) -> Iterator[Place]:
    width, patch = config.vision.width, config.patch_size
    there, here = VISUAL, "clip.vision_model"
    count = (config.image_size // patch) ** 2 + 1
    embeddings = f"{here}.embeddings"
    kernel = (patch, patch, 3, width)
    yield Place(f"{there}/class_embedding", (width,), f"{embeddings}.class_embedding")
    yield Place(
        f"{there}/conv1/kernel", kernel, f"{embeddings}.patch_embedding.weight", "convolution"
    )
    yield Place(
        f"{there}/positional_embedding", (count, width), f"{embeddings}.position_embedding.weight"
    )
    yield from _norm(f"{there}/ln_pre", f"{here}.pre_layrnorm", width)
    yield from _norm(f"{there}/ln_post", f"{here}.post_layernorm", width)
    yield Place(
        f"{there}/proj/kernel", (width, config.dim), "clip.visual_projection.weight", "transpose"
    )
    yield from _blocks(there, here, config.vision)


def _text(config: MagicLensConfig) -> Iterator[Place]:
    width = config.text.width
    there, here = TEXT, "clip.text_model"
    embeddings = f"{here}.embeddings"
    yield Place(
        f"{there}/token_embedding/embedding",
        (config.vocabulary, width),
        f"{embeddings}.token_embedding.weight",
    )
    yield Place(
        f"{there}/positional_embedding",
        (config.context, width),
        f"{embeddings}.position_embedding.weight",
    )
    yield from _norm(f"{there}/ln_final", f"{here}.final_layer_norm", width)
    yield Place(
        f"{there}/text_projection/kernel",
        (width, config.dim),
        "clip.text_projection.weight",
        "transpose",
    )
    yield from _blocks(there, here, config.text)


def _blocks(there: str, here: str, sizes: TowerConfig) -> Iterator[Place]:
    width, split = sizes.width, (sizes.heads, sizes.width // sizes.heads)
    for number in range(sizes.layers):
        block, layer = f"{there}/transformer/resblocks_{number}", f"{here}.encoder.layers.{number}"
        yield from _norm(f"{block}/ln_1", f"{layer}.layer_norm1", width)
        yield from _norm(f"{block}/ln_2", f"{layer}.layer_norm2", width)
        for name in ("query", "key", "value"):
            kernel, linear = f"{block}/attn/{name}", f"{layer}.self_attn.{name[0]}_proj"
            yield Place(f"{kernel}/kernel", (width, *split), f"{linear}.weight", "heads in")
            yield Place(f"{kernel}/bias", split, f"{linear}.bias", "flat")
        out = f"{layer}.self_attn.out_proj"
        yield Place(f"{block}/attn/out/kernel", (*split, width), f"{out}.weight", "heads out")
        yield Place(f"{block}/attn/out/bias", (width,), f"{out}.bias")
        for name, linear, ends in (
            ("c_fc", f"{layer}.mlp.fc1", (width, sizes.hidden)),
            ("c_proj", f"{layer}.mlp.fc2", (sizes.hidden, width)),
        ):
            yield Place(f"{block}/mlp/{name}/kernel", ends, f"{linear}.weight", "transpose")
            yield Place(f"{block}/mlp/{name}/bias", ends[1:], f"{linear}.bias")


def _norm(there: str, here: str, width: int, weight: str = "weight") -> Iterator[Place]:
    yield Place(f"{there}/scale", (width,), f"{here}.{weight}")
    yield Place(f"{there}/bias", (width,), f"{here}.bias")


def _fusion(sizes: FusionConfig) -> Iterator[Place]:
    dim, hidden = sizes.dim, sizes.hidden
    for number in range(sizes.layers):
        there, here = f"{LAYERS}/x_layers_{number}", f"fusion.layers.{number}"
        yield from _norm(f"{there}/layer_norm", f"{here}.attention_norm", dim, "scale")
        yield from _attention(
            f"{there}/self_attention", f"{here}.attention", dim, (sizes.heads, sizes.head_dim)
        )
        forward = f"{there}/ff_layer"
        yield from _norm(f"{forward}/layer_norm", f"{here}.hidden_norm", dim, "scale")
        for name, linear, ends in (
            ("ffn_layer1", f"{here}.hidden", (dim, hidden)),
            ("ffn_layer2", f"{here}.out", (hidden, dim)),
        ):
            yield Place(f"{forward}/{name}/linear/w", ends, f"{linear}.weight", "transpose")
            yield Place(f"{forward}/{name}/bias/b", ends[1:], f"{linear}.bias")
    heads = (sizes.pool_heads, sizes.pool_head_dim)
    yield Place(f"{POOLER}/pooling_attn_query", (1, dim), "fusion.pool_query")
    yield from _attention(f"{POOLER}/pool_attn", "fusion.pool", dim, heads)
    yield Place(f"{POOLER}/pool_attn/per_dim_scale/per_dim_scale", heads[1:], "fusion.pool_scale")
    yield from _norm(f"{POOLER}/pool_attn_ln", "fusion.pool_norm", dim, "scale")


def _attention(there: str, here: str, dim: int, heads: tuple[int, int]) -> Iterator[Place]:
    for name in ("query", "key", "value"):
        yield Place(f"{there}/{name}/w", (dim, *heads), f"{here}.{name}.weight", "heads in")
        yield Place(f"{there}/{name}/b", heads, f"{here}.{name}.bias", "flat")
    yield Place(f"{there}/post/w", (dim, *heads), f"{here}.post.weight", "post")
    yield Place(f"{there}/post/b", (dim,), f"{here}.post.bias")
