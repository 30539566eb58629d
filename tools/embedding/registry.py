"""The embedders by their names: what each is loaded from, and how its lists count in a search."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from tools.errors import ModelError

if TYPE_CHECKING:
    from tools.embedding.base import Embedder
    from tools.models.hub import Device, Dtype

EmbedderName = Literal[
    "builtin",
    "visualized-bge-base",
    "visualized-bge-m3",
    "magiclens-base",
    "magiclens-large",
    "bge-vl-base",
]
EmbedderDtype = Literal["auto", "float32", "bfloat16", "int8"]

BUILTIN = Path(__file__).resolve().parents[1] / "demo" / "weights" / "towers"
"""The model that ships with Pounce: its two towers, its network, their card."""

_TEXT_WEIGHTS = ("model.safetensors", "model.safetensors.index.json", "pytorch_model.bin")


@dataclass(frozen=True, slots=True)
class EmbedderChoice:
    """Which embedder, with which files where they are not the published ones."""

    name: EmbedderName = "builtin"
    weights: str = ""
    text_model: str = ""
    device: Device = "auto"
    dtype: EmbedderDtype = "auto"
    calibration: str = ""
    """The file of int8's calibration, see `tools.embedding.int8`."""

    def __post_init__(self) -> None:
        # The built-in model is a folder; a file of weights is one in Visualized BGE's layout.
        if self.name == "builtin" and self.weights and not Path(self.weights).is_dir():
            object.__setattr__(self, "name", "visualized-bge-base")

    @property
    def float_dtype(self) -> Dtype:
        """The type that the weights are loaded in."""
        return "float32" if self.dtype == "int8" else self.dtype

    def files(self) -> tuple[str, str]:
        """Weights and text model: those given, else those that belong to the name."""
        entry = EMBEDDERS[self.name]
        return self.weights or entry.weights, self.text_model or entry.text_model


@dataclass(frozen=True, slots=True)
class Entry:
    """One embedder: everything that differs by its name."""

    open: Callable[[EmbedderChoice], Embedder]
    """Raises ModelError with what to do where it cannot be loaded."""
    weights: str
    """The published ones: a file, or one of the hub; "" where they are on no hub."""
    text_model: str
    lists: Literal["balanced", "towers", "joint"] = "balanced"
    """A name in `tools.search.list_weights`."""
    texts_by_flag: bool = False
    """Whether FlagEmbedding places products' texts, see `open_text_embedder`."""


def _open_visualized_bge(choice: EmbedderChoice) -> Embedder:
    from tools.embedding.visualized_bge.embedder import load_visualized_bge

    weights, text_model = choice.files()
    return load_visualized_bge(
        weights, text_model, device=choice.device, dtype=choice.float_dtype, name=choice.name
    )


def _open_builtin(choice: EmbedderChoice) -> Embedder:
    from tools.embedding.towers.embedder import load_towers

    return load_towers(Path(choice.files()[0]))


def _open_magiclens(choice: EmbedderChoice) -> Embedder:
    from tools.embedding.magiclens.embedder import load_magiclens
    from tools.embedding.magiclens.pickled_bytes import WHERE_TO_GET_IT

    weights, text_model = choice.files()
    if not weights:
        raise ModelError(
            f"The weights of MagicLens are on no hub. {WHERE_TO_GET_IT} Then set "
            "POUNCE_EMBEDDER_WEIGHTS to the file."
        )
    return load_magiclens(
        weights, text_model, device=choice.device, dtype=choice.float_dtype, name=choice.name
    )


def _open_bge_vl(choice: EmbedderChoice) -> Embedder:
    from tools.embedding.bge_vl.embedder import load_bge_vl

    weights, text_model = choice.files()
    return load_bge_vl(
        weights, text_model, device=choice.device, dtype=choice.float_dtype, name=choice.name
    )


EMBEDDERS: Mapping[EmbedderName, Entry] = {
    "builtin": Entry(_open_builtin, str(BUILTIN), str(BUILTIN), "towers"),
    "visualized-bge-base": Entry(
        _open_visualized_bge,
        "BAAI/bge-visualized:Visualized_base_en_v1.5.pth",
        "BAAI/bge-base-en-v1.5",
        texts_by_flag=True,
    ),
    "visualized-bge-m3": Entry(
        _open_visualized_bge,
        "BAAI/bge-visualized:Visualized_m3.pth",
        "BAAI/bge-m3",
        texts_by_flag=True,
    ),
    "magiclens-base": Entry(_open_magiclens, "", "openai/clip-vit-base-patch16", "joint"),
    "magiclens-large": Entry(_open_magiclens, "", "openai/clip-vit-large-patch14", "joint"),
    "bge-vl-base": Entry(_open_bge_vl, "BAAI/BGE-VL-base:model.safetensors", "BAAI/BGE-VL-base"),
}


def open_embedder(choice: EmbedderChoice) -> Embedder:
    """The embedder, loaded. Raises ModelError with what to do where it cannot be."""
    if choice.dtype != "int8":
        return EMBEDDERS[choice.name].open(choice)
    from tools.embedding.int8 import make_int8_from

    embedder = EMBEDDERS[choice.name].open(replace(choice, device="cpu"))
    make_int8_from(embedder, choice.calibration)
    return embedder


def open_text_embedder(choice: EmbedderChoice) -> Embedder | None:
    """What places products' texts: FlagEmbedding with the text model, weights included.

    None where the embedder itself does it: all but Visualized BGE, and that with weights of one's
    own whose text model's folder holds no weights (its space would not be known to be the same).
    FlagEmbedding's import takes 8 to 14 s, so it is for ingest alone.
    """
    folder = Path(choice.text_model)
    complete = choice.text_model and any((folder / name).is_file() for name in _TEXT_WEIGHTS)
    if not EMBEDDERS[choice.name].texts_by_flag or (choice.weights and not complete):
        return None
    from tools.embedding.flag_text import FlagTextEmbedder

    return FlagTextEmbedder(choice.files()[1], device=choice.device)
