"""BGE-VL-base: plain CLIP, tuned so that a picture's and a text's features can be added.

After the model card of BAAI/BGE-VL-base: the features of both towers, not normalised, are added,
and the sum is made of length 1. Pictures are prepared as CLIP's own processor does it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812 - the name that torch's own texts use
from transformers import CLIPConfig, CLIPModel, CLIPTokenizer

from tools.embedding.base import Embedder, FloatArray, Item, Space
from tools.embedding.photo_memory import PhotoMemory
from tools.embedding.visualized_bge.preprocess import PREPROCESSING_VERSION, pixels
from tools.errors import ModelError
from tools.models.clip import empty_clip, picture_features, text_features, with_counters
from tools.models.clip_tokenizer import read_clip_tokenizer
from tools.models.hub import (
    HUB_ERRORS,
    Device,
    Dtype,
    torch_device,
    torch_dtype,
    weights_file,
)
from tools.models.int8 import Layer, linears
from tools.models.weights import read_weights, weights_digest
from tools.models.weights_check import check_fit

if TYPE_CHECKING:
    from PIL.Image import Image

WHERE_TO_GET_IT = "Get model.safetensors, config.json and the vocabulary of BAAI/BGE-VL-base."


def load_bge_vl(
    weights: str | Path,
    text_model: str | Path,
    *,
    device: Device = "auto",
    dtype: Dtype = "auto",
    name: str | None = None,
) -> BgeVlEmbedder:
    """The embedder with published (or own) weights, ready to use.

    `weights`: safetensors with the keys of transformers' `CLIPModel`. `text_model`: a folder or hub
    name with CLIP's configuration and vocabulary. Raises ModelError for whatever cannot be loaded.
    """
    path = weights_file(weights)
    place = torch_device(device)
    found = read_weights(path, advice=WHERE_TO_GET_IT)
    tokenizer = read_clip_tokenizer(text_model)
    clip = empty_clip(_config(text_model))
    shapes = {key: weight.shape for key, weight in clip.state_dict().items()}
    try:
        check_fit(
            found,
            shapes,
            unused=lambda key: key.endswith(".position_ids"),  # of transformers before 4.31
            parts="The weights and the model",
            advice=WHERE_TO_GET_IT,
            source=WHERE_TO_GET_IT,
        )
    except ModelError as error:
        raise ModelError(f"{path}: {error}") from error
    held = torch_dtype(dtype, place)
    try:
        state = {key: found[key].to(place, held, copy=True) for key in shapes}
    except torch.OutOfMemoryError as error:
        raise ModelError(
            f"{path.name} does not fit in the GPU's memory. Free some, or set the device to cpu."
        ) from error
    clip.load_state_dict(state, strict=True, assign=True)
    with_counters(clip, place).requires_grad_(False)
    return BgeVlEmbedder(clip, tokenizer, name=name or path.stem)


def _config(text_model: str | Path) -> CLIPConfig:
    folder = Path(text_model).is_dir()
    if folder and not (Path(text_model) / "config.json").is_file():
        # transformers would take the sizes of CLIP ViT-B/32 without a word.
        raise ModelError(f"{text_model} holds no config.json. {WHERE_TO_GET_IT}")
    try:
        return CLIPConfig.from_pretrained(str(text_model), local_files_only=folder)
    except (*HUB_ERRORS, KeyError) as error:
        raise ModelError(
            f"The configuration of {text_model} cannot be read ({type(error).__name__}). "
            f"{WHERE_TO_GET_IT}"
        ) from error


class BgeVlEmbedder(Embedder):
    """BGE-VL-base behind the seam. One batch is computed at a time; threads take turns."""

    def __init__(
        self, clip: CLIPModel, tokenizer: CLIPTokenizer, *, name: str = "bge-vl-base"
    ) -> None:
        self.clip = clip.train(mode=False)
        self.name = name
        self.dim = clip.visual_projection.out_features
        self._held = clip.logit_scale  # tells device and dtype
        self._tokenizer = tokenizer.backend_tokenizer
        self._tokenizer.no_padding()
        places = clip.text_model.embeddings.position_embedding.num_embeddings
        self._tokenizer.enable_truncation(places)
        self._one_at_a_time = Lock()  # the memory is not safe to share; a pass uses every core
        self._memory = PhotoMemory()
        parts = (
            weights_digest(clip),
            clip.config.to_json_string(),
            hashlib.sha256(self._tokenizer.to_str().encode()).hexdigest(),
            PREPROCESSING_VERSION,
        )
        dtype = str(self._held.dtype).removeprefix("torch.")
        self.fingerprint = f"bge-vl {dtype} {hashlib.sha256(repr(parts).encode()).hexdigest()[:16]}"

    @property
    def spaces(self) -> tuple[Space, ...]:
        """One space, twice: of the bare pictures, and of the texts."""
        return Space("picture", self.dim, "picture"), Space("words", self.dim, "text")

    def linear_layers(self) -> tuple[nn.Module, list[Layer]]:
        """Those of both towers."""
        return self.clip, linears(self.clip, "vision_model.encoder", "text_model.encoder")

    def forget(self) -> None:
        """Drops the remembered photos."""
        with self._one_at_a_time:
            self._memory.clear()

    def _embed_batch(self, batch: Sequence[Item]) -> FloatArray:
        photos = [item.photo for item in batch if item.photo is not None]
        out = torch.zeros((len(batch), self.dim), device=self._held.device)
        with self._one_at_a_time, torch.inference_mode():
            try:
                if photos:
                    out += self._memory.seen(photos, self._see).float()
                worded = [row for row, item in enumerate(batch) if item.text]
                if worded:
                    out[worded] += self._read([batch[row].text for row in worded]).float()
            except torch.OutOfMemoryError as error:
                raise ModelError(
                    "The GPU's memory is full. Free some, or set the device to cpu."
                ) from error
            vectors: FloatArray = F.normalize(out, dim=-1).cpu().numpy()
        return vectors

    def _see(self, photos: Sequence[Image]) -> Tensor:
        size = self.clip.config.vision_config.image_size
        values = torch.from_numpy(np.stack([pixels(photo, size) for photo in photos]))
        return picture_features(self.clip, values.to(self._held.device, self._held.dtype))

    def _read(self, texts: Sequence[str]) -> Tensor:
        found = [each.ids for each in self._tokenizer.encode_batch(list(texts))]
        longest = max(map(len, found))
        ids = torch.full((len(found), longest), self.clip.config.text_config.eos_token_id)
        mask = torch.zeros_like(ids)
        for row, each in enumerate(found):
            ids[row, : len(each)] = torch.tensor(each)
            mask[row, : len(each)] = 1
        return text_features(self.clip, ids.to(self._held.device), mask.to(self._held.device))
