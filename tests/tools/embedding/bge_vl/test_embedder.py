"""BGE-VL against a plain computation with transformers' own `CLIPModel`."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import load_file, save_file
from transformers import CLIPConfig, CLIPModel, CLIPTokenizer

from tests.golden.magiclens import VOCABULARY, golden
from tools.embedding.base import Item
from tools.embedding.bge_vl.embedder import BgeVlEmbedder, load_bge_vl
from tools.embedding.recognition import recognised
from tools.embedding.registry import EmbedderChoice, open_embedder
from tools.embedding.visualized_bge.preprocess import pixels
from tools.errors import ModelError

TEXTS = ["a red dress", "in blue", "a blue dress with short sleeves and a belt"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small random checkpoint as transformers saves it."""
    path = tmp_path_factory.mktemp("bge-vl")
    tower = {"hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2}
    vocabulary = json.loads((VOCABULARY / "vocab.json").read_text("utf-8"))
    config = CLIPConfig(
        projection_dim=32,
        text_config={**tower, "num_attention_heads": 4, "vocab_size": len(vocabulary),
                     "bos_token_id": 840, "eos_token_id": 841, "pad_token_id": 841},
        vision_config={**tower, "num_attention_heads": 2, "image_size": 64, "patch_size": 16},
    )  # fmt: skip
    torch.manual_seed(0)
    model = CLIPModel(config)
    for weight in model.parameters():
        torch.nn.init.normal_(weight, std=0.2)
    model.save_pretrained(path)
    for name in ("vocab.json", "merges.txt"):
        shutil.copy(VOCABULARY / name, path)
    return path


@pytest.fixture(scope="module")
def embedder(folder: Path) -> BgeVlEmbedder:
    return load_bge_vl(folder / "model.safetensors", folder, device="cpu", dtype="float32")


def plainly(folder: Path, text: str, picture: Image.Image | None) -> np.ndarray:
    """As the model card does it: features added, then normalised."""
    model = CLIPModel.from_pretrained(folder).train(mode=False)
    total = torch.zeros(model.config.projection_dim)
    with torch.inference_mode():
        if picture is not None:
            values = torch.from_numpy(pixels(picture, 64))[None]
            total += model.visual_projection(model.vision_model(values).pooler_output)[0]
        if text:
            merges = (folder / "merges.txt").read_text("utf-8").splitlines()[1:]
            tokenizer = CLIPTokenizer(
                vocab=json.loads((folder / "vocab.json").read_text("utf-8")),
                merges=[tuple(line.split(" ")) for line in merges],  # type: ignore[misc]  # pairs
            )
            ids = tokenizer([text], return_tensors="pt")
            total += model.text_projection(model.text_model(**ids).pooler_output)[0]
    unit: np.ndarray = (total / total.norm()).numpy()
    return unit


def items() -> list[tuple[str, Image.Image | None]]:
    pictures: list[Image.Image] = golden().pictures[:3]
    alone: list[tuple[str, Image.Image | None]] = [("", picture) for picture in pictures]
    return alone + [(text, None) for text in TEXTS] + list(zip(TEXTS, pictures, strict=True))


def test_vectors_are_those_of_a_plain_computation(folder: Path, embedder: BgeVlEmbedder) -> None:
    """Pictures, words, and both; batched and one by one."""
    wanted = np.stack([plainly(folder, *item) for item in items()])
    together = embedder.embed([Item(*item) for item in items()])
    alone = np.concatenate([embedder.embed([Item(*item)]) for item in items()])
    assert np.abs(together - wanted).max() <= 1e-5
    assert np.abs(alone - together).max() <= 1e-5


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
def test_cuda_gives_the_same_vectors(folder: Path, embedder: BgeVlEmbedder) -> None:
    there = load_bge_vl(folder / "model.safetensors", folder, device="cuda", dtype="float32")
    asked = [Item(*item) for item in items()]
    assert np.abs(there.embed(asked) - embedder.embed(asked)).max() <= 1e-4


def test_words_and_pictures_share_one_space(embedder: BgeVlEmbedder) -> None:
    assert [(s.holds, s.dim, s.words_alone) for s in embedder.spaces] == [
        ("picture", 32, True),
        ("text", 32, True),
    ]
    words = [Item(TEXTS[0])]
    assert np.array_equal(embedder.embed(words, "picture"), embedder.embed(words, "words"))


def test_long_words_are_cut(embedder: BgeVlEmbedder) -> None:
    assert np.isfinite(embedder.embed([Item("a red dress " * 500)])).all()


def test_layout_is_recognised_and_opened_by_its_entry(folder: Path) -> None:
    weights = folder / "model.safetensors"
    assert recognised(weights) == "bge-vl-base"
    choice = EmbedderChoice("bge-vl-base", str(weights), str(folder), "cpu", "float32")
    assert open_embedder(choice).dim == 32


def test_other_weights_are_refused_with_a_sentence(folder: Path, tmp_path: Path) -> None:
    weights = load_file(folder / "model.safetensors")
    weights.pop("logit_scale")
    save_file(weights, tmp_path / "other.safetensors")
    with pytest.raises(ModelError, match=r"logit_scale.*Get model\.safetensors"):
        load_bge_vl(tmp_path / "other.safetensors", folder, device="cpu", dtype="float32")


def test_folder_without_configuration_is_refused_with_a_sentence(folder: Path) -> None:
    with pytest.raises(ModelError, match=r"holds no config\.json"):
        load_bge_vl(folder / "model.safetensors", VOCABULARY, device="cpu", dtype="float32")
