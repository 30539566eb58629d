"""all-MiniLM-L6-v2 in plain torch: words to unit vectors, the mean over the tokens.

BERT's encoder (Devlin et al. 2018) with the layers' published key names. Written here, since
importing transformers takes longer than everything else that the towers embedder needs.
Source: https://huggingface.co/sentence-transformers/all-MiniLM-L6-v2, Apache-2.0.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple, Protocol

import torch
from tokenizers import Tokenizer
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812 - the name that torch's own texts use

DIM, LAYERS, HEADS, INNER = 384, 6, 12, 1536
VOCABULARY, POSITIONS = 30_522, 512
LONGEST = 128
"""Tokens of a text that are read; what it was trained with."""
SHARED = 4
"""Layers from below that MiniLM itself and what answers questions share, see `UpperLayers`."""
_EPSILON = 1e-12


class Layer(nn.Module):
    """Self-attention and a feed-forward part, each with a residual and a norm behind it."""

    query: nn.Module
    key: nn.Module
    value: nn.Module
    mixed: nn.Module
    wide: nn.Module
    narrow: nn.Module

    def __init__(self) -> None:
        super().__init__()
        self.query, self.key, self.value = (nn.Linear(DIM, DIM) for _ in range(3))
        self.mixed, self.mixed_norm = nn.Linear(DIM, DIM), nn.LayerNorm(DIM, eps=_EPSILON)
        self.wide, self.narrow = nn.Linear(DIM, INNER), nn.Linear(INNER, DIM)
        self.norm = nn.LayerNorm(DIM, eps=_EPSILON)

    def forward(self, x: Tensor, there: Tensor) -> Tensor:
        """(n, tokens, DIM); `there` (n, 1, 1, tokens) is False for padding."""
        n, length, _ = x.shape
        query, key, value = (
            part(x).view(n, length, HEADS, DIM // HEADS).transpose(1, 2)
            for part in (self.query, self.key, self.value)
        )
        mixed = F.scaled_dot_product_attention(query, key, value, attn_mask=there)
        x = self.mixed_norm(x + self.mixed(mixed.transpose(1, 2).reshape(n, length, DIM)))
        out: Tensor = self.norm(x + self.narrow(F.gelu(self.wide(x))))
        return out


class MiniLM(nn.Module):
    """The encoder with random weights; load what `rename` makes."""

    def __init__(self) -> None:
        super().__init__()
        self.words = nn.Embedding(VOCABULARY, DIM)
        self.places = nn.Embedding(POSITIONS, DIM)
        self.sort = nn.Parameter(torch.zeros(DIM))
        """The vector of the first segment: there is no second one."""
        self.norm = nn.LayerNorm(DIM, eps=_EPSILON)
        self.layers = nn.ModuleList(Layer() for _ in range(LAYERS))

    def forward(self, ids: Tensor, mask: Tensor) -> Tensor:
        """Token ids and mask, (n, tokens) each, to (n, DIM) unit vectors."""
        return self.whole(self.tokens(ids, mask), mask)

    def tokens(self, ids: Tensor, mask: Tensor) -> Tensor:
        """The same to (n, tokens, DIM): a vector of each token in its text."""
        return self.upper(self.shared(ids, mask), mask)

    def upper(self, shared: Tensor, mask: Tensor) -> Tensor:
        """What `tokens` gives, of what `shared` gave."""
        return through(self.layers[SHARED:], shared, mask)

    def shared(self, ids: Tensor, mask: Tensor) -> Tensor:
        """The same behind the first SHARED layers."""
        return through(self.layers[:SHARED], self.embedded(ids), mask)

    def embedded(self, ids: Tensor) -> Tensor:
        """The same before the first layer."""
        out: Tensor = self.norm(self.words(ids) + self.places.weight[: ids.shape[1]] + self.sort)
        return out

    @staticmethod
    def whole(tokens: Tensor, mask: Tensor) -> Tensor:
        """(n, tokens, DIM) to (n, DIM): the unit vector of each text's mean, without padding."""
        inside = mask[..., None].to(tokens.dtype)
        return F.normalize((tokens * inside).sum(1) / inside.sum(1), dim=-1)


def through(layers: Iterable[nn.Module], x: Tensor, mask: Tensor) -> Tensor:
    """(n, tokens, DIM) through layers; `mask` (n, tokens) is 0 for padding."""
    there = mask.bool()[:, None, None]
    for layer in layers:
        x = layer(x, there)
    return x


class UpperLayers(nn.Module):
    """What stands above the shared layers, with weights of its own for a task of its own."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.ModuleList(Layer() for _ in range(LAYERS - SHARED))

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        """(n, tokens, DIM) behind the shared layers to the same above these."""
        return through(self.layers, x, mask)

    def begin_as(self, model: MiniLM) -> None:
        """Takes the weights that MiniLM has there, to learn from."""
        self.layers.load_state_dict(model.layers[SHARED:].state_dict())


class ReadText(NamedTuple):
    """What was read of one text."""

    vectors: Tensor
    """(1 + tokens, DIM) float32: its unit vector, then the vectors of its tokens, not normalised,
    without those of the beginning and the end."""
    acts: Tensor
    """(2,): the log odds of each of `adapted.ACTS`; (0,) of MiniLM's own layers."""


class ReadsMessages(Protocol):
    """`adapted.MessageLayers`, which are made of this module's layers."""

    def __call__(self, x: Tensor, mask: Tensor, /) -> Tensor:
        """(n, tokens, DIM) of `MiniLM.embedded` to the same above the layers."""

    def acts(self, above: Tensor, /) -> Tensor:
        """What that gave to (n, 2) log odds."""


class Words:
    """MiniLM with its tokenizer."""

    def __init__(
        self, model: MiniLM, tokenizer: Path, adapted: ReadsMessages | None = None
    ) -> None:
        """`adapted` gives the vectors of tokens, and acts; MiniLM's own layers where it is None."""
        self.model, self._adapted = model.eval(), adapted
        self._tokenizer = Tokenizer.from_file(str(tokenizer))
        self._tokenizer.enable_padding()
        self._tokenizer.enable_truncation(LONGEST)

    @torch.inference_mode()
    def __call__(self, texts: Sequence[str]) -> Tensor:
        """(n, DIM) unit vectors, float32, in the order given; texts of like length are quickest."""
        if not texts:
            return torch.zeros(0, DIM)
        vectors: Tensor = self.model(*self.encoded(texts))
        return vectors

    def encoded(self, texts: Sequence[str]) -> tuple[Tensor, Tensor]:
        """Token ids and mask, (n, tokens) each."""
        found = self._tokenizer.encode_batch(list(texts))
        ids = torch.tensor([each.ids for each in found])
        return ids, torch.tensor([each.attention_mask for each in found])

    @torch.inference_mode()
    def probability(self, network: nn.Module, text: str) -> float:
        """The sigmoid, 0 to 1, of the log odds that a network gives for one text."""
        return float(network(*self.encoded([text])).sigmoid())

    @torch.inference_mode()
    def read(self, texts: Sequence[str]) -> list[ReadText]:
        """Each text with its tokens, in the order given."""
        if not texts:
            return []
        ids, mask = self.encoded(texts)
        vectors = self.model.tokens(ids, mask)
        wholes, acts = self.model.whole(vectors, mask), torch.zeros(len(texts), 0)
        if self._adapted is not None:
            vectors = self._adapted(self.model.embedded(ids), mask)
            acts = self._adapted.acts(vectors)
        return [
            ReadText(torch.cat([whole[None], own[1 : int(there.sum()) - 1]]), act)
            for whole, own, act, there in zip(wholes, vectors, acts, mask, strict=True)
        ]


_LAYER_NAMES = {
    "query": "attention.self.query",
    "key": "attention.self.key",
    "value": "attention.self.value",
    "mixed": "attention.output.dense",
    "mixed_norm": "attention.output.LayerNorm",
    "wide": "intermediate.dense",
    "narrow": "output.dense",
    "norm": "output.LayerNorm",
}


def rename(published: dict[str, Tensor]) -> dict[str, Tensor]:
    """The weights of MiniLM from those of BERT in sentence-transformers; KeyError if one lacks."""
    front = "embeddings"
    weights = {
        "words.weight": published[f"{front}.word_embeddings.weight"],
        "places.weight": published[f"{front}.position_embeddings.weight"],
        "sort": published[f"{front}.token_type_embeddings.weight"][0],
        "norm.weight": published[f"{front}.LayerNorm.weight"],
        "norm.bias": published[f"{front}.LayerNorm.bias"],
    }
    for number in range(LAYERS):
        for ours, theirs in _LAYER_NAMES.items():
            for part in ("weight", "bias"):
                key = f"encoder.layer.{number}.{theirs}.{part}"
                weights[f"layers.{number}.{ours}.{part}"] = published[key]
    return weights
