"""MagicLens as an embedder: items in, vectors out, from any thread.

`picture` is its joint space: a picture with words, or a picture alone, which is a picture with no
words. Words alone have no place there. `words` is the plain CLIP space of its two towers, where
words find pictures.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812 - the name that torch's own texts use
from transformers import CLIPTokenizer

from tools.embedding.base import Embedder, FloatArray, Item, Space
from tools.embedding.magiclens.checkpoint import build, read_checkpoint
from tools.embedding.magiclens.model import MagicLens
from tools.embedding.magiclens.preprocess import PREPROCESSING_VERSION, Fit, clean, pixels
from tools.embedding.photo_memory import PhotoMemory
from tools.errors import ModelError
from tools.models.clip_tokenizer import read_clip_tokenizer
from tools.models.hub import Device, Dtype, torch_device, torch_dtype, weights_file
from tools.models.int8 import Layer, linears
from tools.models.weights import weights_digest

if TYPE_CHECKING:
    from PIL.Image import Image

PICTURE, WORDS = "picture", "words"


def load_magiclens(
    weights: str | Path,
    text_model: str | Path,
    *,
    device: Device = "auto",
    dtype: Dtype = "auto",
    fit: Fit = "squash",
    name: str | None = None,
) -> MagicLensEmbedder:
    """The embedder with published (or own) weights, ready to use.

    `weights`: a `.pkl` as published, read without unpickling, or safetensors with its keys.
    `text_model`: CLIP's vocabulary, see `read_clip_tokenizer`. Raises ModelError for whatever
    cannot be loaded.
    """
    path = weights_file(weights)
    place = torch_device(device)
    arrays = read_checkpoint(path)
    tokenizer = read_clip_tokenizer(text_model)
    try:
        model = build(arrays, device=place, dtype=torch_dtype(dtype, place))
    except torch.OutOfMemoryError as error:
        raise ModelError(
            f"{path.name} does not fit in the GPU's memory. Free some, or set the device to cpu."
        ) from error
    except ModelError as error:
        raise ModelError(f"{path}: {error}") from error
    if len(tokenizer) != model.config.vocabulary:
        raise ModelError(
            f"The vocabulary of {text_model} has {len(tokenizer)} words, the weights in {path} "
            f"{model.config.vocabulary}. Give the vocabulary that the weights were trained with."
        )
    return MagicLensEmbedder(model, tokenizer, name=name or path.stem, fit=fit)


class MagicLensEmbedder(Embedder):
    """MagicLens behind the seam. One batch is computed at a time; threads take turns.

    Words over the text tower's 77 tokens are cut. What the picture tower saw in the last photos is
    kept, so that another turn about the same photo costs the text tower and the fusion alone.
    """

    transparency = "dropped"

    def __init__(
        self,
        model: MagicLens,
        tokenizer: CLIPTokenizer,
        *,
        name: str = "magiclens",
        fit: Fit = "squash",
    ) -> None:
        self.model = model.eval()
        self.name = name
        self.dim = model.config.dim
        self._fit: Fit = fit
        self._device = model.clip.logit_scale.device
        self._dtype = model.clip.logit_scale.dtype
        self._tokenizer = tokenizer.backend_tokenizer
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(model.config.context)
        self._one_at_a_time = Lock()  # the memory is not safe to share; a pass uses every core
        self._memory = PhotoMemory()
        self.fingerprint = self._fingerprint()
        self.forget()

    @property
    def spaces(self) -> tuple[Space, ...]:
        """The joint space of bare pictures, and CLIP's, which holds them again for words alone."""
        return (
            Space(PICTURE, self.dim, "picture", words_alone=False),
            Space(WORDS, self.dim, "picture"),
        )

    def linear_layers(self) -> tuple[nn.Module, list[Layer]]:
        """Those of both towers; the fusion stays in float32."""
        return self.model, linears(
            self.model, "clip.vision_model.encoder", "clip.text_model.encoder"
        )

    def forget(self) -> None:
        """Drops the remembered photos, and reads the empty text again."""
        with self._one_at_a_time, torch.inference_mode():
            self._memory.clear()
            self._no_words = self.model.read(self.ids([""]))  # the same for every picture

    def _fingerprint(self) -> str:
        """Weights as held (so the dtype too), sizes, vocabulary, preprocessing."""
        parts = (
            weights_digest(self.model),
            sorted(asdict(self.model.config).items()),
            hashlib.sha256(self._tokenizer.to_str().encode()).hexdigest(),
            (PREPROCESSING_VERSION, self._fit),
        )
        dtype = str(self._dtype).removeprefix("torch.")
        return f"magiclens {dtype} {hashlib.sha256(repr(parts).encode()).hexdigest()[:16]}"

    def ids(self, texts: Sequence[str]) -> Tensor:
        """(n, longest) token ids, padded with 0 on the right."""
        found = [each.ids for each in self._tokenizer.encode_batch([clean(t) for t in texts])]
        ids = torch.zeros((len(found), max(map(len, found))), dtype=torch.long)
        for row, each in enumerate(found):
            ids[row, : len(each)] = torch.tensor(each)
        return ids.to(self._device)

    def _embed_batch(self, batch: Sequence[Item]) -> FloatArray:
        return self._embed_in(batch, PICTURE)

    def _embed_in(self, batch: Sequence[Item], space: str) -> FloatArray:
        photos = [item.photo for item in batch if item.photo is not None]
        texts = [item.text for item in batch]
        with self._one_at_a_time, torch.inference_mode():
            try:
                if not photos:
                    return self._on_host(F.normalize(self._read(texts).float(), dim=-1))
                seen = self._memory.seen(photos, self._see)
                vectors = (
                    self.model.fuse(seen, self._read(texts))
                    if space == PICTURE
                    else self._composed(seen, texts)
                )
                return self._on_host(vectors)
            except torch.OutOfMemoryError as error:
                raise ModelError(
                    "The GPU's memory is full. Free some, or set the device to cpu."
                ) from error

    @staticmethod
    def _on_host(vectors: Tensor) -> FloatArray:
        found: FloatArray = vectors.cpu().numpy()
        return found

    def _see(self, photos: Sequence[Image]) -> Tensor:
        size = self.model.config.image_size
        values = torch.stack([pixels(photo, size, self._fit) for photo in photos])
        return self.model.see(values.to(self._device, self._dtype))

    def _read(self, texts: Sequence[str]) -> Tensor:
        """(n, dim); each distinct text goes through the tower once, no words not at all."""
        distinct = list(dict.fromkeys(text for text in texts if text))
        outputs = self._no_words
        if distinct:
            outputs = torch.cat((outputs, self.model.read(self.ids(distinct))))
        rows = {text: row for row, text in enumerate(distinct, start=1)} | {"": 0}
        return outputs[[rows[text] for text in texts]]

    def _composed(self, seen: Tensor, texts: Sequence[str]) -> Tensor:
        """Pictures in CLIP's space; one with words lies halfway to them."""
        vectors = F.normalize(seen.float(), dim=-1)
        worded = [row for row, text in enumerate(texts) if text]
        if worded:
            words = self._read([texts[row] for row in worded]).float()
            vectors[worded] = F.normalize(vectors[worded] + F.normalize(words, dim=-1), dim=-1)
        return vectors
