"""Linear layers in 8-bit integers on ONNX Runtime, calibrated on what a model is really given.

The weights of a layer are held in 7 bits a channel and its inputs in 8 bits a tensor, both scaled
so that channels with large inputs lose less (SmoothQuant, arXiv 2211.10438, alpha 0.5). With 7 bits
no sum of two products overflows 16 bits, so that processors without VNNI compute the same numbers.
Everything between the layers stays float32. CPU alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor, nn

from tools.errors import ModelError
from tools.files import atomic_file

if TYPE_CHECKING:
    import onnxruntime

INT8_VERSION = 1
"""Part of a fingerprint: raise it when the same calibration would give other numbers."""
WEIGHT_LEVELS = 63
_ALPHA = 0.5
_LEAST = 1e-5
_OPSET, _IR = 17, 9

Ranges = Mapping[str, Tensor]
"""Of a layer's inputs, by its name: (2, channels), the lowest and the highest value of each."""


@dataclass(frozen=True, slots=True)
class Layer:
    """A linear layer of a model."""

    name: str
    """Its path in the model, as `get_submodule` takes it."""
    bias: Tensor | None
    seen_at: str = ""
    """The path of another layer with the same input, where this one is not called as a module."""


def linears(model: nn.Module, *roots: str) -> list[Layer]:
    """All `nn.Linear` below these paths."""
    found = []
    for root in roots:
        for name, module in model.get_submodule(root).named_modules():
            if isinstance(module, nn.Linear):
                found.append(Layer(f"{root}.{name}", module.bias))
    return found


@contextmanager
def recorded(model: nn.Module, layers: Sequence[Layer]) -> Iterator[dict[str, Tensor]]:
    """The ranges of whatever goes through the layers while this is open; none for the others."""
    ranges: dict[str, Tensor] = {}

    def record(name: str, inputs: tuple[Tensor, ...]) -> None:
        rows = inputs[0].detach().float().flatten(0, -2)
        seen = torch.stack((rows.amin(0), rows.amax(0))).cpu()
        if (held := ranges.get(name)) is not None:
            seen = torch.stack((torch.minimum(held[0], seen[0]), torch.maximum(held[1], seen[1])))
        ranges[name] = seen

    handles = []
    for layer in layers:
        module = model.get_submodule(layer.seen_at or layer.name)
        name = layer.name
        handles.append(
            module.register_forward_pre_hook(lambda _, inputs, name=name: record(name, inputs))
        )
    try:
        yield ranges
    finally:
        for handle in handles:
            handle.remove()


def quantise(model: nn.Module, layers: Sequence[Layer], ranges: Ranges) -> None:
    """Puts an `Int8Linear` in the place of each layer that was calibrated; the others stay.

    Raises ModelError without ONNX Runtime.
    """
    for layer in layers:
        if layer.name not in ranges:
            continue
        parent, _, name = layer.name.rpartition(".")
        held = model.get_submodule(layer.name)
        assert isinstance(held, nn.Linear)
        setattr(model.get_submodule(parent), name, Int8Linear(held, layer.bias, ranges[layer.name]))


class Int8Linear(nn.Module):
    """A linear layer with its bias, from float32 to float32."""

    def __init__(self, linear: nn.Linear, bias: Tensor | None, range_: Tensor) -> None:
        super().__init__()
        self.in_features, self.out_features = linear.in_features, linear.out_features
        self._session = _session(linear.weight.detach().float(), bias, range_.float())

    def forward(self, x: Tensor) -> Tensor:
        """(..., in) to (..., out)."""
        rows = x.detach().reshape(-1, self.in_features).contiguous().numpy()
        (out,) = self._session.run(None, {"x": rows})
        return torch.from_numpy(out).reshape(*x.shape[:-1], self.out_features)


def _session(weight: Tensor, bias: Tensor | None, range_: Tensor) -> onnxruntime.InferenceSession:
    """`weight` (out, in), `range_` (2, in)."""
    largest = range_.abs().amax(0).clamp(min=_LEAST)
    heaviest = weight.abs().amax(0).clamp(min=_LEAST)
    smooth = (largest**_ALPHA / heaviest ** (1 - _ALPHA)).clamp(min=_LEAST)  # (in,)
    weight = weight * smooth
    low, high = (range_ / smooth).min().clamp(max=0), (range_ / smooth).max().clamp(min=0)
    step = float((high - low).clamp(min=_LEAST)) / 255
    zero = round(-float(low) / step)
    steps = weight.abs().amax(1).clamp(min=_LEAST) / WEIGHT_LEVELS  # (out,)
    levels = (weight / steps[:, None]).round().to(torch.int8)
    constants = {
        "smooth": (1 / smooth).numpy(),
        "step": np.array(step, dtype=np.float32),
        "zero": np.array(zero, dtype=np.uint8),
        "weight": levels.T.contiguous().numpy(),
        "steps": steps.numpy(),
        "zeros": np.zeros(len(steps), dtype=np.int8),
        "bias": np.zeros(len(steps), np.float32) if bias is None else bias.detach().float().numpy(),
    }
    ort, onnx = _runtime()
    node, value = onnx.helper.make_node, onnx.helper.make_tensor_value_info
    inputs = ["levels", "weight", "step", "steps", "zero", "zeros", "bias"]
    graph = onnx.helper.make_graph(
        [
            node("Mul", ["x", "smooth"], ["smoothed"]),
            node("QuantizeLinear", ["smoothed", "step", "zero"], ["levels"]),
            node("MatMulIntegerToFloat", inputs, ["y"], domain="com.microsoft"),
        ],
        "linear",
        [value("x", onnx.TensorProto.FLOAT, ["rows", weight.shape[1]])],
        [value("y", onnx.TensorProto.FLOAT, ["rows", weight.shape[0]])],
        [onnx.numpy_helper.from_array(array, name) for name, array in constants.items()],
    )
    opsets = [("", _OPSET), ("com.microsoft", 1)]
    model = onnx.helper.make_model(
        graph,
        opset_imports=[onnx.helper.make_opsetid(*opset) for opset in opsets],
        ir_version=_IR,
    )
    options = ort.SessionOptions()
    options.use_per_session_threads = False
    options.enable_cpu_mem_arena = False  # an arena of each layer would never shrink
    return ort.InferenceSession(
        model.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )


@cache
def _runtime() -> tuple[Any, Any]:
    """ONNX Runtime with one pool of threads for all layers, and onnx."""
    try:
        import onnx
        import onnxruntime
    except ImportError as error:
        raise ModelError(
            "POUNCE_DTYPE=int8 needs ONNX Runtime. Install it: pip install '.[int8]'."
        ) from error
    onnxruntime.set_global_thread_pool_sizes(torch.get_num_threads(), 1)
    return onnxruntime, onnx


def save_ranges(ranges: Ranges, path: Path, fingerprint: str) -> None:
    """Write a calibration of the model with this fingerprint in float32."""
    path.parent.mkdir(parents=True, exist_ok=True)
    tensors = {name: each.contiguous() for name, each in ranges.items()}
    with atomic_file(path) as unfinished:
        save_file(tensors, unfinished, metadata={"fingerprint": fingerprint})


def load_ranges(path: Path, fingerprint: str) -> dict[str, Tensor] | None:
    """The calibration in a file; None where there is none, or one of another model."""
    if not path.is_file():
        return None
    try:
        with safe_open(path, framework="pt") as file:
            if (file.metadata() or {}).get("fingerprint") != fingerprint:
                return None
            return {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - no mapping
    except (SafetensorError, OSError, ValueError) as error:
        raise ModelError(f"{path} cannot be read ({error}). Remove it and ingest again.") from error
