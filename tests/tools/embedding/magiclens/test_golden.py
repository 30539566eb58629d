"""Every array of the reference, from token ids and pixels to the joint vectors."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from tests.golden.magiclens import CHECKPOINT, TOLERANCE, VOCABULARY, Golden, golden
from tools.embedding.base import FloatArray, Item
from tools.embedding.magiclens.embedder import MagicLensEmbedder, load_magiclens
from tools.embedding.magiclens.preprocess import Fit, pixels, whole

PIXELS = 2e-5


@pytest.fixture(scope="module")
def found() -> Golden:
    return golden()


def load(text_model: Path = VOCABULARY, fit: Fit = "squash") -> MagicLensEmbedder:
    return load_magiclens(CHECKPOINT, text_model, device="cpu", dtype="float32", fit=fit)


@pytest.fixture(scope="module")
def embedder() -> MagicLensEmbedder:
    return load()


def every_pair(found: Golden) -> list[Item]:
    return [Item(text, picture) for picture in found.pictures for text in found.texts]


def padded(ids: Tensor) -> Tensor:
    return nn.functional.pad(ids, (0, 77 - ids.shape[1]))


@pytest.mark.parametrize("vocabulary", [VOCABULARY, VOCABULARY / "bpe_tiny.txt.gz"])
def test_ids_are_equal_for_all_texts(found: Golden, vocabulary: Path) -> None:
    """With transformers' two files, and with the merges alone as OpenAI packs them."""
    embedder = load(vocabulary)
    together = padded(embedder.ids(found.texts)).numpy()
    assert np.array_equal(together, found.outputs["ids"])
    for text, wanted in zip(found.texts, found.outputs["ids"], strict=True):
        assert np.array_equal(padded(embedder.ids([text])).numpy()[0], wanted)


def of_all(found: Golden, make: Callable[[Any], Tensor]) -> FloatArray:
    """(pictures, size, size, 3)."""
    pictures = [make(picture).permute(1, 2, 0) for picture in found.pictures]
    values: FloatArray = torch.stack(pictures).numpy()
    return values


def test_pixels_are_those_of_the_published_recipe(found: Golden) -> None:
    values, wanted = of_all(found, pixels), found.pixels
    assert np.abs(values[:, ::7, ::7] - wanted["pixels_every7"]).max() <= PIXELS
    assert np.abs(values[2] - wanted["pixels_portrait_full"]).max() <= PIXELS
    about = np.stack([values.mean(axis=(1, 2)), values.std(axis=(1, 2))], axis=1)
    assert np.abs(about - wanted["pixels_mean_std"]).max() <= PIXELS
    squashed = of_all(found, lambda picture: whole(picture, 224))
    assert np.abs(squashed[:, ::7, ::7] - wanted["squash01_every7"]).max() <= PIXELS


def test_pixels_of_the_centre_are_those_of_the_model_alone(found: Golden) -> None:
    values, wanted = of_all(found, lambda picture: pixels(picture, 224, "crop")), found.pixels
    assert np.abs(values[:, ::7, ::7] - wanted["crop_pixels_every7"]).max() <= PIXELS
    about = np.stack([values.mean(axis=(1, 2)), values.std(axis=(1, 2))], axis=1)
    assert np.abs(about - wanted["crop_pixels_mean_std"]).max() <= PIXELS


def test_towers_are_those_of_the_reference(found: Golden, embedder: MagicLensEmbedder) -> None:
    model, wanted = embedder.model, found.outputs
    with torch.inference_mode():
        seen = model.see(torch.stack([pixels(picture) for picture in found.pictures])).numpy()
        read = model.read(embedder.ids(found.texts)).numpy()
    for values, name in ((seen, "image_tower"), (read, "text_tower")):
        assert np.abs(values - wanted[name]).max() <= 1e-5 * np.abs(wanted[name]).max()


def test_joint_vectors_are_those_of_the_reference(
    found: Golden, embedder: MagicLensEmbedder
) -> None:
    vectors = embedder.embed(every_pair(found)).reshape(found.outputs["joint_norm"].shape)
    assert np.abs(vectors - found.outputs["joint_norm"]).max() <= TOLERANCE
    index = embedder.embed([Item("", picture) for picture in found.pictures])
    assert np.abs(index - found.outputs["index"]).max() <= TOLERANCE
    assert np.abs(vectors @ index.T - found.outputs["scores"]).max() <= TOLERANCE


def test_joint_vectors_before_their_length_is_1(found: Golden, embedder: MagicLensEmbedder) -> None:
    model, (p, t, dim) = embedder.model, found.outputs["joint"].shape
    with torch.inference_mode():
        seen = model.see(torch.stack([pixels(picture) for picture in found.pictures]))
        read = model.read(embedder.ids(found.texts))
        values = model.fusion(seen.repeat_interleave(t, 0), read.repeat(p, 1))
    wanted = found.outputs["joint"]
    assert np.abs(values.numpy().reshape(p, t, dim) - wanted).max() <= 5e-5


def test_the_other_way_in_is_that_of_the_model_alone(found: Golden) -> None:
    vectors = load(fit="crop").embed(every_pair(found))
    wanted = found.outputs["crop_joint_norm"]
    assert np.abs(vectors.reshape(wanted.shape) - wanted).max() <= TOLERANCE


def test_blank_picture_is_that_of_the_reference(found: Golden, embedder: MagicLensEmbedder) -> None:
    black = found.pictures[8]
    vectors = embedder.embed([Item(text, black) for text in found.texts])
    assert np.abs(vectors - found.outputs["blank_joint_norm"]).max() <= TOLERANCE


def test_words_alone_and_pictures_lie_in_the_space_of_the_towers(
    found: Golden, embedder: MagicLensEmbedder
) -> None:
    pictures = embedder.embed([Item("", picture) for picture in found.pictures], "words")
    assert np.abs(pictures - found.outputs["image_tower_l2"]).max() <= TOLERANCE
    words = embedder.embed([Item(text) for text in found.texts if text], "words")
    assert np.abs(words - found.outputs["text_tower_l2"][1:]).max() <= TOLERANCE


class Taps:
    """What modules gave, by names of ours."""

    def __init__(self) -> None:
        self.outputs: dict[str, np.ndarray] = {}

    def on(self, module: nn.Module, name: str) -> None:
        def keep(_: nn.Module, __: Any, output: Any) -> None:
            first = output[0] if isinstance(output, tuple) else output
            self.outputs[name] = first.numpy()

        module.register_forward_hook(keep)


def test_intermediate_arrays_are_those_of_the_reference(found: Golden) -> None:
    """Each stage alone, so that a difference is found where it begins."""
    embedder, taps, wanted = load(), Taps(), found.intermediates
    model = embedder.model
    vision, text = model.clip.vision_model, model.clip.text_model
    taps.on(vision.pre_layrnorm, "vision/ln_pre_tokens0to3")
    taps.on(vision.post_layernorm, "vision/ln_post_cls")
    taps.on(model.clip.visual_projection, "vision/proj")
    taps.on(text.embeddings.token_embedding, "text/token_embedding_first8")
    taps.on(text.final_layer_norm, "text/ln_final_at_end")
    taps.on(model.clip.text_projection, "text/projection")
    for number in range(2):
        taps.on(vision.encoder.layers[number], f"vision/block{number}_tokens0to3")
        taps.on(text.encoder.layers[number], f"text/block{number}")
    for number, layer in enumerate(model.fusion.layers):
        assert isinstance(layer, nn.Module)
        taps.on(layer.attention_norm, f"fusion/layer{number}_layer_norm")  # type: ignore[arg-type]  # of a list of modules
        taps.on(layer.attention, f"fusion/layer{number}_attn_out")  # type: ignore[arg-type]  # the same
        taps.on(layer, f"fusion/layer{number}_out")
    taps.on(model.fusion.pool, "pooler/attn_out")
    taps.on(model.fusion.pool_norm, "pooler/out")
    pairs = wanted["pair_index"]
    pictures, texts = found.pictures, found.texts
    ids = padded(embedder.ids([texts[t] for _, t in pairs]))
    with torch.inference_mode():
        seen = model.see(torch.stack([pixels(pictures[p]) for p, _ in pairs]))
        model.fuse(seen, model.read(ids))
    got, rows = taps.outputs, np.arange(len(pairs))
    ends = ids.argmax(dim=1).numpy()
    for name in [name for name in got if name.startswith("vision") and name.endswith("0to3")]:
        got[name] = got[name][:, :4]
    got["text/token_embedding_first8"] = got["text/token_embedding_first8"][:, :8]
    got["text/ln_final_at_end"] = got["text/ln_final_at_end"][rows, ends]
    for number in range(2):
        block = got.pop(f"text/block{number}")
        got[f"text/block{number}_at_end"] = block[rows, ends]
        got[f"text/block{number}_first8"] = block[:, :8]
    for number in range(4):
        got[f"fusion/layer{number}_ff_out"] = got[f"fusion/layer{number}_out"]
    within = np.arange(8)[None] <= ends[:, None]  # padding carries no meaning
    compared = 0
    for name, values in got.items():
        expected = wanted[name]
        if name.startswith("text/block") and name.endswith("first8"):
            values, expected = values[within], expected[within]
        assert values.shape == expected.shape, name
        assert np.abs(values - expected).max() <= 2e-5 * np.abs(expected).max(), name
        compared += 1
    assert compared == len(wanted) - 2 - 5 - 1  # pair_index and ids; weights; the convolution
