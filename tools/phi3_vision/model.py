"""Phi-3 Vision: pictures as tokens inside Phi-3.

The published architecture (arXiv 2404.14219, section 6; `modeling_phi3_v.py` of the model's page)
on transformers' own `CLIPVisionModel` and `Phi3ForCausalLM`. Patches of a CLIP tower are taken four
by four, the tiles of a picture are put together again, every row gets an end, and a projection
brings them to the width of the text model, where they stand in the place of words.
"""

from __future__ import annotations

import math
import time

import torch
from torch import Tensor, nn
from transformers import CLIPVisionModel, DynamicCache, Phi3ForCausalLM

from tools.phi3_vision.config import Phi3VisionConfig


class PictureEmbedding(nn.Module):
    """The tiles of a picture to its tokens."""

    def __init__(self, config: Phi3VisionConfig) -> None:
        super().__init__()
        self._layers, self._tile = config.clip_layers, config.tile
        joined, width = 4 * config.clip.hidden_size, config.text.hidden_size
        self.clip = CLIPVisionModel(config.clip)
        self.projection = nn.Sequential(
            nn.Linear(joined, width), nn.GELU(), nn.Linear(width, width)
        )
        self.whole_follows = nn.Parameter(torch.zeros(1, 1, joined))
        self.row_ends = nn.Parameter(torch.zeros(1, 1, 1, joined))

    def forward(self, tiles: Tensor, size: tuple[int, int]) -> Tensor:
        """One picture, (>= 1 + its tiles, 3, side, side), to (tokens, width of the text model).

        `size` is the padded height and width in pixels. Padding behind the tiles is not computed.
        """
        rows, columns = size[0] // self._tile.side, size[1] // self._tile.side
        return self.tokens(self.features(tiles[: 1 + rows * columns]), size)

    def features(self, tiles: Tensor) -> Tensor:
        """(n, 3, side, side) to (n, across, across, 4 width): each of two by two patches."""
        patches = self._patches(tiles)
        n, _, width = patches.shape
        across = self._tile.across
        blocks = patches.reshape(n, across, 2, across, 2, width)
        return blocks.permute(0, 1, 3, 2, 4, 5).reshape(n, across, across, 4 * width)

    def tokens(self, features: Tensor, size: tuple[int, int]) -> Tensor:
        """The `features` of one picture, first the whole and then its tiles, to its tokens."""
        rows, columns = size[0] // self._tile.side, size[1] // self._tile.side
        whole, parts = self._rows(features[:1], 1, 1), self._rows(features[1:], rows, columns)
        out: Tensor = self.projection(torch.cat((parts, self.whole_follows[0], whole)))
        return out

    def _patches(self, tiles: Tensor) -> Tensor:
        """(n, 3, side, side) to (n, patches, width): without the last layer and class token."""
        hidden = self.clip.pre_layrnorm(self.clip.embeddings(tiles))
        for layer in self.clip.encoder.layers[: self._layers]:
            hidden = layer(hidden, None)
        out: Tensor = hidden[:, 1:]
        return out

    def _rows(self, tiles: Tensor, rows: int, columns: int) -> Tensor:
        """Tiles, row by row, as one picture whose every row has an end: (tokens, 4 width)."""
        width, across = tiles.shape[-1], self._tile.across
        canvas = tiles.reshape(rows, columns, across, across, width).permute(0, 2, 1, 3, 4)
        canvas = canvas.reshape(rows * across, columns * across, width)
        ends = self.row_ends[0].expand(rows * across, 1, width)
        return torch.cat((canvas, ends), dim=1).reshape(-1, width)


class Phi3VisionModel(nn.Module):
    """Words and pictures to the logits of the next token. Built with weights by `checkpoint`."""

    def __init__(self, config: Phi3VisionConfig) -> None:
        super().__init__()
        self.config = config
        self.pictures = PictureEmbedding(config)
        self.lm = Phi3ForCausalLM(config.text)
        self.deadline = math.inf
        """On `time.monotonic()`; behind it, a pass stops between two layers with TimeoutError."""
        for layer in (*self.pictures.clip.encoder.layers, *self.lm.model.layers):
            layer.register_forward_pre_hook(self._check_deadline)

    def _check_deadline(self, _layer: nn.Module, _args: object) -> None:
        if time.monotonic() > self.deadline:
            raise TimeoutError("the vision model was not done in time")

    def picture_rows(self, tiles: Tensor, sizes: list[tuple[int, int]]) -> Tensor:
        """Pictures, (n, tiles, 3, side, side), to the tokens of all of them, one after another."""
        held = self.pictures.row_ends
        rows = [
            self.pictures(one.to(held.device, held.dtype), size)
            for one, size in zip(tiles, sizes, strict=True)
        ]
        return torch.cat(rows) if rows else held.new_empty((0, self.config.text.hidden_size))

    def forward(
        self,
        ids: Tensor,
        *,
        rows: Tensor | None = None,
        places: Tensor | None = None,
        mask: Tensor | None = None,
        cache: DynamicCache | None = None,
        last_only: bool = False,
    ) -> Tensor:
        """Logits of the next token at every place, (n, tokens, vocabulary) float32.

        `ids` are (n, tokens); `rows` replace the words where `places`, of the same shape, is true.
        `mask` is 0 for padding, which stands on the left, and is not for use with a cache. What is
        in `cache` comes before `ids`, and `ids` are added to it. `last_only`: (n, 1, vocabulary).
        """
        embeds = self.lm.model.embed_tokens(ids)
        if rows is not None and places is not None:
            embeds[places] = rows.to(embeds.dtype)
        positions = None
        if mask is not None:
            positions = (mask.long().cumsum(-1) - 1).masked_fill(mask == 0, 1)
        out = self.lm(
            inputs_embeds=embeds,
            attention_mask=mask,
            position_ids=positions,
            past_key_values=cache,
            use_cache=cache is not None,
            logits_to_keep=1 if last_only else 0,
        )
        logits: Tensor = out.logits.float()
        return logits
