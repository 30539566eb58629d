"""MagicLens' fusion: a picture's one vector and a text's one vector to a joint vector.

A transformer over exactly two tokens without positions, and a pooler with one learned query, after
`layers.py` of google-deepmind/magiclens. Its own kind of layer norm multiplies by 1 + scale, and
its attention caps the logits, which neither `nn.MultiheadAttention` nor SDPA can do.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812 - the name that torch's own texts use

LOGIT_CAP = 50.0
_LOG2_E = 1.442695041
_NORM_EPS = 1e-6
_UNIT_EPS = 1e-12


@dataclass(frozen=True)
class FusionConfig:
    """Sizes of the fusion."""

    dim: int
    layers: int
    heads: int
    head_dim: int
    hidden: int
    pool_heads: int
    pool_head_dim: int


class OffsetNorm(nn.Module):
    """Layer norm whose stored scale is an offset from 1."""

    def __init__(self, dim: int) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.zeros(dim))
        self.bias = nn.Parameter(torch.zeros(dim))

    def forward(self, x: Tensor) -> Tensor:
        """Any shape that ends in dim."""
        return F.layer_norm(x, self.scale.shape, 1 + self.scale, self.bias, _NORM_EPS)


class CappedAttention(nn.Module):
    """Attention of `asking` over `held`, logits capped at ±50."""

    def __init__(self, dim: int, heads: int, head_dim: int) -> None:
        super().__init__()
        self.heads, self.head_dim = heads, head_dim
        self.query, self.key, self.value = (nn.Linear(dim, heads * head_dim) for _ in range(3))
        self.post = nn.Linear(heads * head_dim, dim)

    def forward(self, asking: Tensor, held: Tensor, scale: Tensor | float) -> Tensor:
        """(n, t, dim) over (n, s, dim) to (n, t, dim); `scale` multiplies the queries."""
        q = self._split(self.query(asking)) * scale
        k, v = self._split(self.key(held)), self._split(self.value(held))
        logits = torch.einsum("bthd,bshd->bhts", q, k)
        weights = (LOGIT_CAP * torch.tanh(logits / LOGIT_CAP)).softmax(dim=-1)
        out: Tensor = self.post(torch.einsum("bhts,bshd->bthd", weights, v).flatten(2))
        return out

    def _split(self, x: Tensor) -> Tensor:
        return x.reshape(*x.shape[:-1], self.heads, self.head_dim)


class FusionLayer(nn.Module):
    """Pre-norm attention and feed-forward with ReLU."""

    def __init__(self, config: FusionConfig) -> None:
        super().__init__()
        self.attention_norm = OffsetNorm(config.dim)
        self.attention = CappedAttention(config.dim, config.heads, config.head_dim)
        self.hidden_norm = OffsetNorm(config.dim)
        self.hidden = nn.Linear(config.dim, config.hidden)
        self.out = nn.Linear(config.hidden, config.dim)

    def forward(self, x: Tensor) -> Tensor:
        """(n, 2, dim) to the same shape."""
        h = self.attention_norm(x)
        x = x + self.attention(h, h, self.attention.head_dim**-0.5)
        wide = F.relu(self.hidden(self.hidden_norm(x)))
        out: Tensor = x + self.out(wide)
        return out


class Fusion(nn.Module):
    """Layers and pooler, computed in float32 whatever the towers are held in."""

    def __init__(self, config: FusionConfig) -> None:
        super().__init__()
        self.config = config
        self.layers = nn.ModuleList(FusionLayer(config) for _ in range(config.layers))
        self.pool_query = nn.Parameter(torch.zeros(1, config.dim))
        self.pool = CappedAttention(config.dim, config.pool_heads, config.pool_head_dim)
        self.pool_scale = nn.Parameter(torch.zeros(config.pool_head_dim))
        self.pool_norm = OffsetNorm(config.dim)

    def forward(self, pictures: Tensor, texts: Tensor) -> Tensor:
        """(n, dim) and (n, dim), not normalised, to (n, dim) float32, not normalised."""
        x = torch.stack((pictures.float(), texts.float()), dim=1)  # (n, 2, dim)
        for layer in self.layers:
            x = layer(x)
        scale = F.softplus(self.pool_scale) * (_LOG2_E * self.config.pool_head_dim**-0.5)
        pooled = self.pool(self.pool_query.expand(len(x), 1, -1), x, scale)
        out: Tensor = self.pool_norm(pooled)[:, 0]
        return out


def unit(x: Tensor) -> Tensor:
    """Rows of length 1, with the reference's guard against rows of zeros."""
    x = x.float()
    return x * torch.rsqrt((x * x).sum(-1, keepdim=True) + _UNIT_EPS)
