"""The picture side of Visualized BGE: the EVA-02 tower, on plain torch.

EVA-02 (arXiv 2303.11331): a pre-norm transformer over picture patches with a learned position
table, 2D rotary embeddings, a LayerNorm before the attention's output projection, and SwiGLU.
The class and attribute names below are those of the published checkpoints, so that loading is
a change of prefix. Not covered: the final norm and the head, which Visualized BGE does not use.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812 - the name that torch's own texts use

LAYER_NORM_EPS = 1e-6
ROPE_THETA = 10_000.0
ROPE_PRETRAINING_GRID = 16
"""Positions of any grid are scaled to this one: 16 x 16 patches, as the tower was pretrained."""


@dataclass(frozen=True, slots=True)
class VisionConfig:
    """Sizes of the tower. The default is EVA02-CLIP-B-16, the tower of the base model."""

    image_size: int = 224
    """Side of the square picture, pixels."""
    patch_size: int = 16
    width: int = 768
    depth: int = 12
    head_dim: int = 64
    mlp_hidden: int = 2048

    def __post_init__(self) -> None:
        if self.image_size % self.patch_size:
            raise ValueError(f"{self.image_size} pixels do not divide into {self.patch_size}s")
        if self.width % self.head_dim or self.head_dim % 4:
            raise ValueError(f"width {self.width} does not divide into heads of {self.head_dim}")

    @property
    def grid(self) -> int:
        """Patches along one side."""
        return self.image_size // self.patch_size

    @property
    def patches(self) -> int:
        """Picture tokens, the tower's own class token not counted."""
        return self.grid**2


def rope_table(grid: int, head_dim: int) -> tuple[Tensor, Tensor]:
    """Cosines and sines of the 2D rotary embedding, each (grid * grid, head_dim) float16.

    The first half of a head turns by the patch's row, the second by its column; neighbours in a
    pair share an angle. Rounded to half as in the published files: the model was trained and is
    compared with those values, and the unrounded ones move a vector by 1e-4.
    """
    pairs = head_dim // 4
    frequencies = ROPE_THETA ** -(torch.arange(0, 2 * pairs, 2).float() / (2 * pairs))
    steps = torch.arange(grid).float() / grid * ROPE_PRETRAINING_GRID
    angles = torch.outer(steps, frequencies).repeat_interleave(2, dim=1)  # (grid, head_dim / 2)
    rows = angles[:, None].expand(grid, grid, -1)
    columns = angles[None].expand(grid, grid, -1)
    table = torch.cat((rows, columns), dim=-1).reshape(grid * grid, head_dim)
    return table.cos().half(), table.sin().half()


class Rope(nn.Module):
    """Turns queries and keys by where their patch lies."""

    freqs_cos: Tensor
    freqs_sin: Tensor

    def __init__(self, config: VisionConfig) -> None:
        super().__init__()
        cos, sin = rope_table(config.grid, config.head_dim)
        self.register_buffer("freqs_cos", cos)
        self.register_buffer("freqs_sin", sin)

    def forward(self, x: Tensor) -> Tensor:
        """(n, heads, 1 + patches, head_dim) turned, the class token in front left as it is."""
        patches = x[:, :, 1:].float()  # bfloat16 has too few digits for the angles
        even, odd = patches[..., 0::2], patches[..., 1::2]
        quarter_turn = torch.stack((-odd, even), dim=-1).flatten(-2)
        turned = patches * self.freqs_cos.float() + quarter_turn * self.freqs_sin.float()
        return torch.cat((x[:, :, :1], turned.to(x.dtype)), dim=2)


class Attention(nn.Module):
    """Self-attention over all tokens; the keys have no bias."""

    def __init__(self, config: VisionConfig) -> None:
        super().__init__()
        self.head_dim = config.head_dim
        self.q_proj = nn.Linear(config.width, config.width, bias=False)
        self.k_proj = nn.Linear(config.width, config.width, bias=False)
        self.v_proj = nn.Linear(config.width, config.width, bias=False)
        self.q_bias = nn.Parameter(torch.zeros(config.width))
        self.v_bias = nn.Parameter(torch.zeros(config.width))
        self.inner_attn_ln = nn.LayerNorm(config.width, eps=LAYER_NORM_EPS)
        self.proj = nn.Linear(config.width, config.width)

    def forward(self, x: Tensor, rope: Rope) -> Tensor:
        """(n, tokens, width) to the same shape."""
        q = self._heads(_biased(self.q_proj, x, self.q_bias))
        k = self._heads(self.k_proj(x))
        v = self._heads(_biased(self.v_proj, x, self.v_bias))
        mixed = F.scaled_dot_product_attention(rope(q), rope(k), v).transpose(1, 2).flatten(2)
        out: Tensor = self.proj(self.inner_attn_ln(mixed))
        return out

    def _heads(self, x: Tensor) -> Tensor:
        n, tokens, width = x.shape
        heads = x.view(n, tokens, width // self.head_dim, self.head_dim)
        return heads.transpose(1, 2)  # (n, heads, tokens, head_dim)


def _biased(layer: nn.Module, x: Tensor, bias: Tensor) -> Tensor:
    """A layer whose bias is a weight of its own; one in int8 holds it already."""
    if isinstance(layer, nn.Linear):
        return F.linear(x, layer.weight, bias)
    out: Tensor = layer(x)
    return out


class SwiGLU(nn.Module):
    """The feed-forward part: `w1` gates through SiLU what `w2` lets through."""

    def __init__(self, config: VisionConfig) -> None:
        super().__init__()
        self.w1 = nn.Linear(config.width, config.mlp_hidden)
        self.w2 = nn.Linear(config.width, config.mlp_hidden)
        self.ffn_ln = nn.LayerNorm(config.mlp_hidden, eps=LAYER_NORM_EPS)
        self.w3 = nn.Linear(config.mlp_hidden, config.width)

    def forward(self, x: Tensor) -> Tensor:
        """(n, tokens, width) to the same shape."""
        out: Tensor = self.w3(self.ffn_ln(F.silu(self.w1(x)) * self.w2(x)))
        return out


class Block(nn.Module):
    """One layer of the tower."""

    def __init__(self, config: VisionConfig) -> None:
        super().__init__()
        self.norm1 = nn.LayerNorm(config.width, eps=LAYER_NORM_EPS)
        self.attn = Attention(config)
        self.norm2 = nn.LayerNorm(config.width, eps=LAYER_NORM_EPS)
        self.mlp = SwiGLU(config)

    def forward(self, x: Tensor, rope: Rope) -> Tensor:
        """(n, tokens, width) to the same shape."""
        x = x + self.attn(self.norm1(x), rope)
        out: Tensor = x + self.mlp(self.norm2(x))
        return out


class PatchEmbed(nn.Module):
    """Cuts a picture into patches and places each in the tower's width."""

    def __init__(self, config: VisionConfig) -> None:
        super().__init__()
        self.proj = nn.Conv2d(3, config.width, config.patch_size, stride=config.patch_size)

    def forward(self, pixels: Tensor) -> Tensor:
        """(n, 3, size, size) to (n, patches, width), patches row by row."""
        out: Tensor = self.proj(pixels).flatten(2).transpose(1, 2)
        return out


class VisionTower(nn.Module):
    """Pixels to one vector a patch, with a class token in front; no final norm, no pooling."""

    def __init__(self, config: VisionConfig) -> None:
        super().__init__()
        self.cls_token = nn.Parameter(torch.zeros(1, 1, config.width))
        self.pos_embed = nn.Parameter(torch.zeros(1, 1 + config.patches, config.width))
        self.patch_embed = PatchEmbed(config)
        self.rope = Rope(config)
        self.blocks = nn.ModuleList(Block(config) for _ in range(config.depth))
        for name, weight in self.named_parameters():
            if weight.ndim == 2 or name in {"cls_token", "pos_embed"}:
                nn.init.trunc_normal_(weight, std=0.02)

    def forward(self, pixels: Tensor) -> Tensor:
        """(n, 3, size, size) normalised pixels to (n, 1 + patches, width)."""
        x: Tensor = self.patch_embed(pixels)
        x = torch.cat((self.cls_token.expand(len(x), -1, -1), x), dim=1) + self.pos_embed
        for block in self.blocks:
            x = block(x, self.rope)
        return x
