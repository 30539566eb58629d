"""The files of the towers embedder, and what is in them opened."""

from __future__ import annotations

import json
from pathlib import Path

from tools.embedding.towers.adapted import KindLayers, MessageLayers
from tools.embedding.towers.answers import AnswerNetwork
from tools.embedding.towers.efficientnet import EfficientNetLite0
from tools.embedding.towers.minilm import MiniLM, Words
from tools.embedding.towers.storage import load

PICTURE_TOWER, TEXT_TOWER = "efficientnet_lite0.safetensors", "minilm.safetensors"
TOKENIZER, CLASS_NAMES = "tokenizer.json", "class_names.json"
JOINT, CARD = "model.safetensors", "training.json"
TOKENS, ANSWERS, KIND = "tokens.safetensors", "answers.safetensors", "other_kind.safetensors"
"""What adapts MiniLM to shoppers' words, its upper layers for telling what answers a question, and
what adapts it to tell that another kind of thing is wanted."""
WEIGHTS = (PICTURE_TOWER, TEXT_TOWER, JOINT)
"""What the vectors of products come from."""


def open_picture_tower(folder: Path) -> EfficientNetLite0:
    """EfficientNet-Lite0 with its weights, float32. Raises ModelError without them."""
    tower = EfficientNetLite0()
    tower.load_state_dict(load(folder / PICTURE_TOWER), assign=True)
    tower.requires_grad_(False).eval()
    return tower


def open_words(folder: Path, *, tuned: bool = False) -> Words:
    """MiniLM with its weights and tokenizer, float32; where it is `tuned`, its tokens are those of
    the layers that were adapted to shoppers' words. Raises ModelError without them."""
    model = MiniLM()
    model.load_state_dict(load(folder / TEXT_TOWER), assign=True)
    model.requires_grad_(False)
    if not tuned:
        return Words(model, folder / TOKENIZER)
    adapted = MessageLayers(model.layers)
    adapted.load_state_dict(load(folder / TOKENS), assign=True)
    return Words(model, folder / TOKENIZER, adapted.requires_grad_(False).eval())


def open_answers(folder: Path) -> AnswerNetwork:
    """The network that tells what answers a question, float32. Raises ModelError without it."""
    network = AnswerNetwork()
    network.load_state_dict(load(folder / ANSWERS), assign=True)
    return network.requires_grad_(False).eval()


def open_kind(folder: Path, model: MiniLM) -> KindLayers:
    """What tells that another kind of thing is wanted, float32. Raises ModelError without it."""
    layers = KindLayers(model)
    layers.load_state_dict(load(folder / KIND), assign=True)
    return layers.requires_grad_(False).eval()


def read_class_names(folder: Path) -> list[str]:
    """The names of ImageNet's 1,000 classes, in the order of the logits."""
    names: list[str] = json.loads((folder / CLASS_NAMES).read_text(encoding="utf-8"))
    return names
