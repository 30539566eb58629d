"""Pictures and words as the published inference of MagicLens prepares them.

`data_utils.process_img`: values divided by the picture's own largest one, squashed to a square with
an antialiased bilinear resize on floats, CLIP's mean and deviation. Words are cleaned as OpenAI's
tokenizer does, which transformers' leaves out.
"""

from __future__ import annotations

import html
import re
from typing import Literal

import ftfy
import numpy as np
import torch
from PIL import Image
from torch import Tensor
from torch.nn import functional as F  # noqa: N812 - the name that torch's own texts use

Fit = Literal["squash", "crop"]
"""How a picture becomes a square: as the published evaluations do it, or its centre alone."""

PREPROCESSING_VERSION = 1
"""Part of the embedder's fingerprint: raise it when any item would give other numbers."""

MEAN = (0.48145466, 0.4578275, 0.40821073)
STD = (0.26862954, 0.26130258, 0.27577711)
_DARKEST = 1e-12


def pixels(image: Image.Image, size: int = 224, fit: Fit = "squash") -> Tensor:
    """A picture as the tower sees it, (3, size, size) float32, normalised. Alpha is dropped.

    `squash` takes the whole picture, its brightest value as 1; `crop` is the way of the model's own
    code for a picture in 0 to 1, the largest centred square of it.
    """
    values = (whole if fit == "squash" else centre)(image, size)
    mean, std = torch.tensor(MEAN)[:, None, None], torch.tensor(STD)[:, None, None]
    return (values - mean) / std


def whole(image: Image.Image, size: int) -> Tensor:
    """The picture squashed, before mean and deviation: (3, size, size), 0 to 1."""
    values = _values(image)
    return _resized(values / (values.max() + _DARKEST), size)


def centre(image: Image.Image, size: int) -> Tensor:
    """The largest centred square, before mean and deviation: (3, size, size), 0 to 1."""
    values = _values(image) / 255
    _, height, width = values.shape
    side = min(height, width)
    top, left = (height - side) // 2, (width - side) // 2
    return _resized(values[:, top : top + side, left : left + side], size)


def _values(image: Image.Image) -> Tensor:
    return torch.from_numpy(np.array(image.convert("RGB"))).permute(2, 0, 1).float()


def _resized(values: Tensor, size: int) -> Tensor:
    out: Tensor = F.interpolate(
        values[None], (size, size), mode="bilinear", antialias=True, align_corners=False
    )
    return out[0]


def clean(text: str) -> str:
    """Words as OpenAI's tokenizer reads them: straight quotes, no entities, no mojibake."""
    text = html.unescape(html.unescape(ftfy.fix_text(text)))
    return re.sub(r"\s+", " ", text.strip()).strip().lower()
