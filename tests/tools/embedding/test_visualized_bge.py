"""Visualized BGE gives the numbers of the published code, array by array."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pytest
import torch
from PIL import Image

from tests.golden.visualized_bge import TOLERANCE, Golden, golden
from tools.embedding.base import Item
from tools.embedding.visualized_bge.embedder import VisualizedBGEEmbedder, load_visualized_bge
from tools.embedding.visualized_bge.model import VisualizedBGE
from tools.embedding.visualized_bge.preprocess import pixels
from tools.embedding.visualized_bge.vision_tower import rope_table


@dataclass(frozen=True)
class Case:
    golden: Golden
    reference: VisualizedBGEEmbedder
    """Converts pictures in the reference's order."""
    shop: VisualizedBGEEmbedder
    """Converts to RGB first, as the product does."""

    @property
    def model(self) -> VisualizedBGE:
        return self.reference.model


@pytest.fixture(scope="module", params=["base", "m3"])
def case(request: pytest.FixtureRequest) -> Case:
    found = golden(request.param)
    reference, shop = (
        load_visualized_bge(
            found.weights, found.text_model, device="cpu", dtype="float32", order=order
        )
        for order in ("reference", "rgb_first")
    )
    return Case(found, reference, shop)


@pytest.fixture(autouse=True)
def _no_gradients() -> Iterator[None]:
    with torch.inference_mode():
        yield


def assert_close(found: np.ndarray | torch.Tensor, expected: np.ndarray) -> None:
    found = np.asarray(found)
    assert found.shape == expected.shape
    assert float(np.abs(found - expected).max()) <= TOLERANCE


def opaque(picture: Image.Image) -> Image.Image:
    """The goldens of RGB-first drop the alpha; the product lays it on white (tested elsewhere)."""
    return picture.convert("RGB") if picture.mode == "RGBA" else picture


def padded(rows: list[list[int]], padding: int | None) -> tuple[torch.Tensor, torch.Tensor]:
    ids = torch.nn.utils.rnn.pad_sequence(
        [torch.tensor(row) for row in rows], batch_first=True, padding_value=padding or 0
    )
    mask = torch.nn.utils.rnn.pad_sequence(
        [torch.ones(len(row), dtype=torch.long) for row in rows], batch_first=True
    )
    return ids, mask


def test_pixels_are_those_of_the_reference_bit_for_bit(case: Case) -> None:
    found = np.stack([pixels(p, order="reference") for p in case.golden.pictures()])
    assert np.array_equal(found, case.golden.expected["pixels"])


def test_pixels_with_rgb_first_are_those_of_the_reference_bit_for_bit(case: Case) -> None:
    found = np.stack([pixels(opaque(p)) for p in case.golden.pictures()])
    assert np.array_equal(found, case.golden.expected["pixels_rgb_first"])


def test_tokenizer_gives_the_ids_of_the_reference(case: Case) -> None:
    assert case.reference.tokenizer(case.golden.texts)["input_ids"] == case.golden.text_ids


def test_recomputed_rotary_table_is_that_of_the_file_bit_for_bit(case: Case) -> None:
    rope = case.model.vision.rope
    cos, sin = rope_table(case.model.config.vision.grid, case.model.config.vision.head_dim)
    assert torch.equal(rope.freqs_cos, cos)
    assert torch.equal(rope.freqs_sin, sin)


def test_texts_one_by_one(case: Case) -> None:
    """With the empty text, which the embedder does not take on its own."""
    ids = [torch.tensor([row]) for row in case.golden.text_ids]
    found = torch.cat([case.model.encode_text(row, torch.ones_like(row)) for row in ids])
    assert_close(found, case.golden.expected["text"])


def test_texts_in_one_padded_batch(case: Case) -> None:
    ids, mask = padded(case.golden.text_ids, case.model.config.text.pad_token_id)
    found = case.model.encode_text(ids, mask)
    assert_close(found, case.golden.expected["text_batched"])


def test_embedder_places_texts_where_the_reference_does(case: Case) -> None:
    keep = [i for i, text in enumerate(case.golden.texts) if text]
    found = case.reference.embed([Item(case.golden.texts[i]) for i in keep])
    assert_close(found, case.golden.expected["text"][keep])


def test_all_pictures_alone(case: Case) -> None:
    items = [Item(photo=picture) for picture in case.golden.pictures()]
    assert_close(case.reference.embed(items), case.golden.expected["image"])
    one_by_one = np.concatenate([case.reference.embed([item]) for item in items])
    assert_close(one_by_one, case.golden.expected["image"])


def test_all_pictures_alone_with_rgb_first(case: Case) -> None:
    items = [Item(photo=opaque(picture)) for picture in case.golden.pictures()]
    assert_close(case.shop.embed(items), case.golden.expected["image_rgb_first"])


def test_every_picture_with_every_text(case: Case) -> None:
    """30 pairs in padded batches, the empty text among them."""
    items = [Item(text, p) for p in case.golden.pictures() for text in case.golden.texts]
    found = case.reference.embed(items)
    assert_close(found, case.golden.expected["mm"].reshape(found.shape))


def test_every_picture_with_every_text_one_by_one(case: Case) -> None:
    items = [Item(text, p) for p in case.golden.pictures() for text in case.golden.texts]
    found = np.concatenate([case.reference.embed([item]) for item in items])
    assert_close(found, case.golden.expected["mm"].reshape(found.shape))


def test_pairs_in_one_padded_batch(case: Case) -> None:
    ids, mask = padded(case.golden.text_ids[:5], case.model.config.text.pad_token_id)
    found = case.model.encode_joint(torch.from_numpy(case.golden.expected["pixels"]), ids, mask)
    assert_close(found, case.golden.expected["mm_batched"])


def test_longest_legal_pair(case: Case) -> None:
    ids = torch.from_numpy(case.golden.expected["long_input_ids"])
    assert ids.shape[1] == case.model.config.max_joint_text
    picture = torch.from_numpy(case.golden.expected["pixels"][:1])
    found = case.model.encode_joint(picture, ids, torch.ones_like(ids))
    assert_close(found, case.golden.expected["mm_long"])


def test_what_lies_between_is_that_of_the_reference(case: Case) -> None:
    """The tower's tokens, their projection, and the first hidden state before it is normalised."""
    expected = case.golden.expected
    picture = torch.from_numpy(expected["pixels"][:1])
    assert_inner(case.model.vision(picture), expected["visual_tokens_image0"])
    assert_inner(case.model.image_tokens(picture), expected["projected_tokens_image0"])
    seen: list[torch.Tensor] = []
    hook = case.model.text.register_forward_hook(
        lambda _module, _args, out: seen.append(out.last_hidden_state[:, 0])
    )
    ids = torch.tensor([case.golden.text_ids[0]])
    case.model.encode_joint(picture, ids, torch.ones_like(ids))
    hook.remove()
    assert_inner(seen[0], expected["image0_text0_unnormalised"])


def assert_inner(found: torch.Tensor, expected: np.ndarray) -> None:
    """Not of length 1: the tolerance is relative to the largest number."""
    assert found.shape == expected.shape
    assert float(np.abs(found.numpy() - expected).max()) <= TOLERANCE * np.abs(expected).max()
