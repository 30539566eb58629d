"""A small Visualized BGE that was trained, on drawn products: what random weights cannot show.

It was the built-in embedder once; `python -m tools.demo.train embedder` makes such a one.
"""

from __future__ import annotations

from tests.support.paths import DATA
from tools.embedding.registry import EmbedderChoice

_FOLDER = DATA / "trained_visualized_bge"
TRAINED = EmbedderChoice(
    "visualized-bge-base",
    weights=str(_FOLDER / "weights.safetensors"),
    text_model=str(_FOLDER),
    device="cpu",
    dtype="float32",
)
SETTINGS = {
    "POUNCE_EMBEDDER": TRAINED.name,
    "POUNCE_EMBEDDER_WEIGHTS": TRAINED.weights,
    "POUNCE_TEXT_MODEL": TRAINED.text_model,
}
"""The same in the environment."""
