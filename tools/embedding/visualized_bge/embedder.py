"""Visualized BGE as an embedder: items in, vectors out, from any thread."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from threading import Lock

import numpy as np
import torch
from torch import Tensor, nn
from transformers import PreTrainedTokenizerBase

from tools.embedding.base import Embedder, FloatArray, Item
from tools.embedding.visualized_bge import checkpoint
from tools.embedding.visualized_bge.model import VisualizedBGE
from tools.embedding.visualized_bge.preprocess import PREPROCESSING_VERSION, Order, pixels
from tools.errors import ModelError
from tools.models.hub import (
    Device,
    Dtype,
    read_text_model,
    torch_device,
    torch_dtype,
    weights_file,
)
from tools.models.int8 import Layer, linears
from tools.models.weights import read_weights, weights_digest

TOKENS_AT_ONCE = 16_384
"""Bound on rows x tokens of one pass: m3 takes texts of 8,192 tokens, and 16 of these at once
would want more than 10 GB."""

REMEMBERED_PHOTOS = 32
"""Photos whose tokens are kept: 0.6 MB each in base and float32, 1 MB in m3."""


def load_visualized_bge(
    weights: str | Path,
    text_model: str | Path,
    *,
    device: Device = "auto",
    dtype: Dtype = "auto",
    order: Order = "rgb_first",
    name: str | None = None,
) -> VisualizedBGEEmbedder:
    """The embedder with published (or own) weights, ready to use.

    `weights`: a `.pth` or `.safetensors` file in the published layout, or a hub file as
    "BAAI/bge-visualized:Visualized_base_en_v1.5.pth". `text_model`: the folder or hub name of the
    text model; its configuration and tokenizer are read, never its weights. "auto" is bfloat16
    where the hardware has it: give a dtype where several machines share an index, because the
    dtype is part of the fingerprint. Raises ModelError for whatever cannot be loaded.
    """
    path = weights_file(weights)
    place = torch_device(device)
    tensors = read_weights(path, advice=checkpoint.WHERE_TO_GET_IT)
    parts = read_text_model(text_model)
    try:
        model = checkpoint.build(
            tensors, parts.config, parts.empty_text, device=place, dtype=torch_dtype(dtype, place)
        )
    except torch.OutOfMemoryError as error:
        raise ModelError(
            f"{path.name} does not fit in the GPU's memory. Free some, or set the device to cpu."
        ) from error
    except ModelError as error:
        raise ModelError(f"{path}: {error}") from error
    return VisualizedBGEEmbedder(model, parts.tokenizer, name=name or path.stem, order=order)


class VisualizedBGEEmbedder(Embedder):
    """Visualized BGE behind the seam. One batch is computed at a time; threads take turns.

    Words that are too long are cut: `model.config.max_text` tokens alone, `max_joint_text` beside a
    picture. Empty words beside a picture are the picture alone. The tokens of the last photos are
    kept, so that another turn about the same photo costs about half; the vectors are the same,
    bit for bit, because only photos that came alone are kept and looked up.
    """

    def __init__(
        self,
        model: VisualizedBGE,
        tokenizer: PreTrainedTokenizerBase,
        *,
        name: str = "visualized-bge",
        order: Order = "rgb_first",
    ) -> None:
        self.model = model.eval()
        self.name = name
        self.dim = model.config.dim
        self.tokenizer = tokenizer
        self._order = order
        self._held = next(model.parameters())  # tells device and dtype
        # A tokenizer keeps the length to cut at, so that threads would cut each other's words;
        # the memory below is not safe to share either, and one pass uses every core anyway.
        self._one_at_a_time = Lock()
        self._photo_tokens: OrderedDict[bytes, Tensor] = OrderedDict()
        self.fingerprint = self._fingerprint()

    def _fingerprint(self) -> str:
        """Weights as held (so the dtype too), sizes, tokenizer, preprocessing.

        The same weights in bfloat16 and float32 differ on purpose: their vectors agree to a cosine
        of 0.999 only, and an index must not hold some of each without anyone knowing.
        """
        text, backend = self.model.config.text, self.tokenizer.backend_tokenizer
        backend.no_truncation()  # what the last use left there is not the tokenizer's content
        backend.no_padding()
        parts = (
            weights_digest(self.model),
            (text.model_type, text.num_attention_heads, text.layer_norm_eps, text.hidden_act),
            sorted(asdict(self.model.config.vision).items()),
            hashlib.sha256(backend.to_str().encode()).hexdigest(),
            (PREPROCESSING_VERSION, self._order),
        )
        dtype = str(self._held.dtype).removeprefix("torch.")
        return f"visualized-bge {dtype} {hashlib.sha256(repr(parts).encode()).hexdigest()[:16]}"

    def linear_layers(self) -> tuple[nn.Module, list[Layer]]:
        """Those of the tower and of the text model."""
        layers = []
        for layer in linears(self.model, "vision.blocks", "text.encoder"):
            block, _, name = layer.name.rpartition(".")
            if name in ("q_proj", "v_proj"):  # their biases lie beside them
                bias = self.model.get_parameter(f"{block}.{name[0]}_bias")
                layer = Layer(layer.name, bias, f"{block}.k_proj")
            layers.append(layer)
        return self.model, layers

    def forget(self) -> None:
        """Drops the remembered photos."""
        with self._one_at_a_time:
            self._photo_tokens.clear()

    def _embed_batch(self, batch: Sequence[Item]) -> FloatArray:
        photos = [item.photo for item in batch]
        config = self.model.config
        size = config.vision.image_size
        pictures = [pixels(photo, size, self._order) for photo in photos if photo is not None]
        limit = config.max_joint_text if pictures else config.max_text
        out = np.empty((len(batch), self.dim), dtype=np.float32)
        with self._one_at_a_time, torch.inference_mode():
            ids = self.tokenizer(
                [item.text for item in batch],
                truncation=True,
                max_length=limit,
                return_attention_mask=False,
                return_token_type_ids=False,
            )["input_ids"]
            try:
                for rows in _groups(ids, config.vision.patches if pictures else 0):
                    words, mask = self._padded([ids[row] for row in rows])
                    if pictures:
                        tokens = self._image_tokens([pictures[row] for row in rows])
                        vectors = self.model.fuse(tokens, words, mask)
                    else:
                        vectors = self.model.encode_text(words, mask)
                    out[rows] = vectors.cpu().numpy()
            except torch.OutOfMemoryError as error:
                raise ModelError(
                    "The GPU's memory is full. Free some, or set the device to cpu."
                ) from error
        return out

    def _padded(self, ids: Sequence[Sequence[int]]) -> tuple[Tensor, Tensor]:
        """Token ids and mask, each (n, longest), padded on the right."""
        longest = max(map(len, ids))
        padding = self.model.config.text.pad_token_id or 0
        words = torch.full((len(ids), longest), padding)
        mask = torch.zeros((len(ids), longest), dtype=torch.long)
        for row, found in enumerate(ids):
            words[row, : len(found)] = torch.tensor(found)
            mask[row, : len(found)] = 1
        return words.to(self._held.device), mask.to(self._held.device)

    def _image_tokens(self, pictures: Sequence[FloatArray]) -> Tensor:
        """(n, patches, dim); each distinct picture goes through the tower once."""
        keys = [hashlib.sha256(picture.tobytes()).digest() for picture in pictures]
        distinct = dict(zip(keys, pictures, strict=True))
        alone = keys[0] if len(distinct) == 1 else None
        tokens = self._photo_tokens.get(alone) if alone is not None else None
        if tokens is None:
            values = torch.from_numpy(np.stack(list(distinct.values())))
            tokens = self.model.image_tokens(values.to(self._held.device, self._held.dtype))
        if alone is not None:
            self._photo_tokens[alone] = tokens
            self._photo_tokens.move_to_end(alone)
            while len(self._photo_tokens) > REMEMBERED_PHOTOS:
                self._photo_tokens.popitem(last=False)
        places = {key: place for place, key in enumerate(distinct)}
        return tokens[[places[key] for key in keys]]


def _groups(ids: Sequence[Sequence[int]], beside: int) -> Iterator[list[int]]:
    """Rows that share a pass: of like length, and not more tokens than memory has room for."""
    rows: list[int] = []
    for row in sorted(range(len(ids)), key=lambda row: len(ids[row])):
        if rows and (len(rows) + 1) * (beside + len(ids[row])) > TOKENS_AT_ONCE:
            yield rows
            rows = []
        rows.append(row)
    if rows:
        yield rows
