"""The files of the towers embedder, and its two towers opened."""

from __future__ import annotations

import json
from pathlib import Path

from tools.embedding.towers.efficientnet import EfficientNetLite0
from tools.embedding.towers.minilm import MiniLM, Words
from tools.embedding.towers.storage import load

PICTURE_TOWER, TEXT_TOWER = "efficientnet_lite0.safetensors", "minilm.safetensors"
TOKENIZER, CLASS_NAMES = "tokenizer.json", "class_names.json"
JOINT, CARD = "model.safetensors", "training.json"
WEIGHTS = (PICTURE_TOWER, TEXT_TOWER, JOINT)


def open_picture_tower(folder: Path) -> EfficientNetLite0:
    """EfficientNet-Lite0 with its weights, float32. Raises ModelError without them."""
    tower = EfficientNetLite0()
    tower.load_state_dict(load(folder / PICTURE_TOWER), assign=True)
    tower.requires_grad_(False).eval()
    return tower


def open_words(folder: Path) -> Words:
    """MiniLM with its weights and tokenizer, float32. Raises ModelError without them."""
    model = MiniLM()
    model.load_state_dict(load(folder / TEXT_TOWER), assign=True)
    return Words(model.requires_grad_(False), folder / TOKENIZER)


def read_class_names(folder: Path) -> list[str]:
    """The names of ImageNet's 1,000 classes, in the order of the logits."""
    names: list[str] = json.loads((folder / CLASS_NAMES).read_text(encoding="utf-8"))
    return names
