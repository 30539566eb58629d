"""The embedder of a name: the built-in one, or Visualized BGE with its published weights."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from tools.embedding.base import Embedder
    from tools.models.hub import Device, Dtype

EmbedderName = Literal["builtin", "visualized-bge-base", "visualized-bge-m3"]

BUILTIN = Path(__file__).resolve().parents[1] / "demo" / "weights" / "towers"
"""The model that ships with Pounce: its two towers, its network, their card."""

PUBLISHED: dict[str, tuple[str, str]] = {
    "visualized-bge-base": (
        "BAAI/bge-visualized:Visualized_base_en_v1.5.pth",
        "BAAI/bge-base-en-v1.5",
    ),
    "visualized-bge-m3": ("BAAI/bge-visualized:Visualized_m3.pth", "BAAI/bge-m3"),
}
"""Weights and text model, by the names of the hub."""

_TEXT_WEIGHTS = ("model.safetensors", "model.safetensors.index.json", "pytorch_model.bin")


@dataclass(frozen=True, slots=True)
class EmbedderChoice:
    """Which embedder, with which files where they are not the published ones."""

    name: EmbedderName = "builtin"
    weights: str = ""
    text_model: str = ""
    device: Device = "auto"
    dtype: Dtype = "auto"

    def files(self) -> tuple[str, str]:
        """Weights and text model: those given, else those that belong to the name.

        The built-in model is one folder, which holds both.
        """
        default = PUBLISHED.get(self.name, (str(BUILTIN), str(BUILTIN)))
        return self.weights or default[0], self.text_model or default[1]


def open_embedder(choice: EmbedderChoice) -> Embedder:
    """The embedder, loaded. Raises ModelError with what to do where it cannot be."""
    if choice.name == "builtin":
        from tools.embedding.towers.embedder import load_towers

        return load_towers(Path(choice.files()[0]))
    from tools.embedding.visualized_bge.embedder import load_visualized_bge

    weights, text_model = choice.files()
    return load_visualized_bge(
        weights, text_model, device=choice.device, dtype=choice.dtype, name=choice.name
    )


def open_text_embedder(choice: EmbedderChoice) -> Embedder | None:
    """What places products' texts: FlagEmbedding with the text model, weights included.

    None where the embedder itself does it: the built-in one, and weights of one's own whose text
    model's folder holds no weights (its space would not be known to be the same). FlagEmbedding's
    import takes 8 to 14 s, so it is for ingest alone.
    """
    folder = Path(choice.text_model)
    complete = choice.text_model and any((folder / name).is_file() for name in _TEXT_WEIGHTS)
    if choice.name == "builtin" or (choice.weights and not complete):
        return None
    from tools.embedding.flag_text import FlagTextEmbedder

    return FlagTextEmbedder(choice.files()[1], device=choice.device)
