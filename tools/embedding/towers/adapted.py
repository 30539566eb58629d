"""MiniLM adapted to what shoppers say: tokens to compare with a product's, and what a message does.

Every layer keeps MiniLM's weights and has a narrow product beside each linear map: LoRA (Hu et al.
2021, https://arxiv.org/abs/2106.09685). Learned of conversations over made-up shops, see
token_training.py and kind_training.py in tools/demo/training.
"""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import Tensor, nn

from tools.embedding.towers.minilm import DIM, Layer, MiniLM, through

RANK, KIND_RANK = 64, 8
"""Columns of the narrow products: for tokens, and for whether another kind of thing is wanted."""
ACTS = ("asks of what is shown", "lifts the limit of price")
"""What a message may do, in the order of the odds."""


class _AdaptedLinear(nn.Module):
    """A linear map that stays as it is, with what is learned beside it."""

    def __init__(self, given: nn.Module, rank: int) -> None:
        super().__init__()
        assert isinstance(given, nn.Linear)
        self._given = (given,)  # in a tuple it is no part of these weights
        self.down = nn.Parameter(torch.empty(rank, given.in_features))
        self.up = nn.Parameter(torch.zeros(given.out_features, rank))
        nn.init.normal_(self.down, std=given.in_features**-0.5)

    def forward(self, x: Tensor) -> Tensor:
        """(..., in) to (..., out)."""
        out: Tensor = self._given[0](x) + (x @ self.down.T) @ self.up.T
        return out


class _AdaptedLayer(Layer):
    """A layer of MiniLM with adapted maps and norms of its own."""

    def __init__(self, layer: Layer, rank: int) -> None:
        nn.Module.__init__(self)
        for name in ("query", "key", "value", "mixed", "wide", "narrow"):
            setattr(self, name, _AdaptedLinear(getattr(layer, name), rank))
        for name in ("mixed_norm", "norm"):
            norm = nn.LayerNorm(DIM, eps=layer.norm.eps)
            norm.load_state_dict(getattr(layer, name).state_dict())
            setattr(self, name, norm)


class MessageLayers(nn.Module):
    """All layers of a model, adapted, and what tells from the beginning of a message what it does.
    They begin as the model's, whose weights they go on to use."""

    def __init__(self, layers: Iterable[nn.Module]) -> None:
        super().__init__()
        self.layers = _adapted(layers, RANK)
        self.told = nn.Linear(DIM, len(ACTS))

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        """(n, tokens, DIM) before the layers to the same above them; `mask` (n, tokens) is 0 for
        padding."""
        return through(self.layers, x, mask)

    def acts(self, above: Tensor) -> Tensor:
        """(n, tokens, DIM) above the layers to (n, ACTS) log odds."""
        odds: Tensor = self.told(above[:, 0])
        return odds


class KindLayers(nn.Module):
    """All layers of a model, adapted apart, and what tells from the mean of their tokens whether a
    message goes over to another kind of thing than the one before."""

    def __init__(self, model: MiniLM) -> None:
        super().__init__()
        self._model = (model,)
        self.layers = _adapted(model.layers, KIND_RANK)
        self.told = nn.Linear(DIM, 1)

    def forward(self, ids: Tensor, mask: Tensor) -> Tensor:
        """Token ids (n, tokens) and their mask to (n,) log odds."""
        above = through(self.layers, self._model[0].embedded(ids), mask)
        inside = mask.unsqueeze(-1).float()
        odds: Tensor = self.told((above * inside).sum(1) / inside.sum(1))
        return odds.squeeze(1)


def _adapted(layers: Iterable[nn.Module], rank: int) -> nn.ModuleList:
    return nn.ModuleList(_AdaptedLayer(layer, rank) for layer in layers if isinstance(layer, Layer))
