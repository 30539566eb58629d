"""Product texts through FlagEmbedding: the BGE text model alone, without the picture side.

The text half of Visualized BGE was frozen in training, so that the vectors of the plain text
model lie in the same space. FlagEmbedding takes 8 to 14 seconds to import: it is imported when
an embedder is made, never on the way to a first answer. Not covered: pictures, and the sparse and
multi-vector outputs of bge-m3.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np

from tools.embedding.base import Embedder, FloatArray, Item
from tools.embedding.visualized_bge.model import VisualizedBGE, max_text_tokens
from tools.errors import ModelError
from tools.models.hub import HUB_ERRORS, Device, read_text_model, torch_device
from tools.models.weights import weights_digest

CHARACTERS_AT_ONCE = 32_768
"""Bound on rows x characters of one pass: bge-m3 takes texts of 8,192 tokens."""


class FlagTextEmbedder(Embedder):
    """Words alone, by FlagEmbedding's own inference; float32."""

    def __init__(self, text_model: str | Path, *, device: Device = "auto") -> None:
        """Load the text model, weights included, from a folder or a hub name.

        Raises ModelError when it is not there, or is neither BERT (bge-base) nor XLM-R (bge-m3).
        """
        parts = read_text_model(text_model)
        place = torch_device(device)
        from FlagEmbedding import BGEM3FlagModel, FlagModel

        m3 = parts.config.model_type == "xlm-roberta"
        kind = BGEM3FlagModel if m3 else FlagModel
        try:
            self._flag: Any = kind(str(text_model), use_fp16=False, devices=str(place))
        except HUB_ERRORS as error:
            raise ModelError(
                f"FlagEmbedding cannot load {text_model}: {str(error).splitlines()[0]} "
                "The folder must hold the text model's weights too: download it again."
            ) from error
        self._one_at_a_time = Lock()  # a tokenizer keeps its last settings: not to be shared
        self._max_text = max_text_tokens(parts.config)
        self.name = f"flag {Path(text_model).name}"
        self.dim = int(parts.config.hidden_size)
        # The wrapper of bge-m3 holds the text model beside two heads that are not used here.
        loaded: Any = self._flag.model
        weights = weights_digest(loaded.model if m3 else loaded)
        self.fingerprint = f"flag-text float32 {weights[:16]}"

    def _embed_batch(self, batch: Sequence[Item]) -> FloatArray:
        if any(item.photo is not None for item in batch):
            raise ValueError("the text embedder takes words alone")
        texts = [item.text for item in batch]
        rows = max(1, CHARACTERS_AT_ONCE // max(map(len, texts)))
        with self._one_at_a_time:
            parts = [self._encode(texts[i : i + rows]) for i in range(0, len(texts), rows)]
        return np.concatenate(parts)

    def _encode(self, texts: list[str]) -> FloatArray:
        # One more than there are texts: FlagEmbedding draws progress bars from batch_size on.
        found = self._flag.encode(texts, batch_size=len(texts) + 1, max_length=self._max_text)
        vectors = found["dense_vecs"] if isinstance(found, dict) else found
        return np.asarray(vectors, dtype=np.float32)


def save_text_model(model: VisualizedBGE, text_model: str | Path, folder: Path) -> None:
    """Write the text half of Visualized BGE as a folder of its own, with the tokenizer.

    For `FlagTextEmbedder` without another download: the published weights hold the whole text
    model. `text_model` is where the tokenizer comes from.
    """
    model.text.save_pretrained(folder)
    read_text_model(text_model).tokenizer.save_pretrained(folder)
