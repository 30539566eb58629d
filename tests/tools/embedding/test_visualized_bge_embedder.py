"""Visualized BGE behind the seam: batches, limits, threads, dtypes, and how pictures are taken."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from tests.golden.visualized_bge import Golden, golden
from tools.embedding.base import Item
from tools.embedding.visualized_bge.embedder import (
    REMEMBERED_PHOTOS,
    VisualizedBGEEmbedder,
    load_visualized_bge,
)
from tools.embedding.visualized_bge.preprocess import pixels
from tools.errors import ModelError
from tools.models.hub import torch_device, torch_dtype

LONG = "red running shoes for women with white sole " * 1200


@pytest.fixture(scope="module", params=["base", "m3"])
def found(request: pytest.FixtureRequest) -> Golden:
    return golden(request.param)


@pytest.fixture
def embedder(found: Golden) -> VisualizedBGEEmbedder:
    return load_visualized_bge(found.weights, found.text_model, device="cpu", dtype="float32")


def mixed(found: Golden) -> list[Item]:
    """Words, pictures and pairs, of all lengths, mixed up."""
    pictures = found.pictures()
    items = [Item(text) for text in found.texts if text]
    items += [Item(photo=picture) for picture in pictures]
    items += [Item(text, pictures[i % 5]) for i, text in enumerate(found.texts * 2)]
    return [items[i] for i in np.random.default_rng(0).permutation(len(items))]


def test_batched_equals_one_by_one(found: Golden, embedder: VisualizedBGEEmbedder) -> None:
    items = mixed(found)
    batched = embedder.embed(items)
    one_by_one = np.concatenate([embedder.embed([item]) for item in items])
    assert np.abs(batched - one_by_one).max() <= 1e-5
    assert np.allclose(np.linalg.norm(batched, axis=1), 1, atol=1e-6)


def test_same_items_give_the_same_bits(found: Golden, embedder: VisualizedBGEEmbedder) -> None:
    items = mixed(found)
    assert np.array_equal(embedder.embed(items), embedder.embed(items))


def test_nothing_gives_nothing(embedder: VisualizedBGEEmbedder) -> None:
    assert embedder.embed([]).shape == (0, embedder.dim)


def test_long_words_are_cut_and_never_overflow(
    found: Golden, embedder: VisualizedBGEEmbedder
) -> None:
    """Words beyond the limit change nothing; the last word within it still counts."""
    config, picture = embedder.model.config, found.pictures()[0]
    words = embedder.tokenizer(LONG, add_special_tokens=False)["input_ids"]
    for limit, photo in ((config.max_text, None), (config.max_joint_text, picture)):
        first, last = config.empty_text
        ids = torch.tensor([[first, *words[: limit - 2], last]])
        assert ids.shape[1] == limit
        with torch.inference_mode():
            mask = torch.ones_like(ids)
            if photo is None:
                cut = embedder.model.encode_text(ids, mask)
            else:
                cut = embedder.model.encode_joint(torch.from_numpy(pixels(photo))[None], ids, mask)
        assert np.abs(embedder.embed([Item(LONG, photo)]) - cut.numpy()).max() <= 1e-6


def test_empty_words_beside_a_picture_are_the_picture_alone(
    found: Golden, embedder: VisualizedBGEEmbedder
) -> None:
    picture = found.pictures()[0]
    alone = embedder.model.encode_image(torch.from_numpy(pixels(picture))[None])
    for words in ("", "  \n"):
        vector = embedder.embed([Item(words, picture)])
        assert np.abs(vector - alone.detach().numpy()).max() <= 1e-6


def test_threads_give_what_one_thread_gives(found: Golden, embedder: VisualizedBGEEmbedder) -> None:
    """Seen without the lock: one thread's words cut at the length that another thread had set."""
    items = [*mixed(found), *[Item(LONG), Item(LONG, found.pictures()[0])] * 12]
    serial = [embedder.embed([item]) for item in items[:-22]]
    serial += serial[-2:] * 11
    with ThreadPoolExecutor(8) as pool:
        threaded = list(pool.map(lambda item: embedder.embed([item]), items))
    assert np.abs(np.concatenate(threaded) - np.concatenate(serial)).max() <= 1e-6


def test_another_turn_about_the_same_photo_skips_the_tower_and_gives_the_same_bits(
    found: Golden, embedder: VisualizedBGEEmbedder
) -> None:
    fresh = load_visualized_bge(found.weights, found.text_model, device="cpu", dtype="float32")
    runs: list[int] = []
    embedder.model.vision.register_forward_hook(lambda *_: runs.append(1))
    picture = found.pictures()[0]
    embedder.embed([Item("red shoes", picture)])
    again = embedder.embed([Item("a blue denim jacket", picture.copy())])
    assert len(runs) == 1
    assert np.array_equal(again, fresh.embed([Item("a blue denim jacket", picture)]))


def test_photos_of_a_batch_do_not_push_out_the_current_one(
    found: Golden, embedder: VisualizedBGEEmbedder
) -> None:
    runs: list[int] = []
    embedder.model.vision.register_forward_hook(lambda *_: runs.append(1))
    current, *others = found.pictures()
    embedder.embed([Item("red", current)])
    embedder.embed([Item(photo=other) for other in others])
    embedder.embed([Item("blue", current)])
    assert len(runs) == 2


def test_remembered_photos_are_bounded(found: Golden, embedder: VisualizedBGEEmbedder) -> None:
    """The oldest makes room; one that was asked for again counts as new."""
    runs: list[int] = []
    embedder.model.vision.register_forward_hook(lambda *_: runs.append(1))

    def ask(shade: int) -> None:
        embedder.embed([Item(photo=Image.new("RGB", (32, 32), (shade, 0, 0)))])

    for shade in (*range(REMEMBERED_PHOTOS), 0, REMEMBERED_PHOTOS):
        ask(shade)
    assert len(runs) == REMEMBERED_PHOTOS + 1
    ask(0)
    assert len(runs) == REMEMBERED_PHOTOS + 1
    ask(1)
    assert len(runs) == REMEMBERED_PHOTOS + 2


def test_bfloat16_stays_close_and_is_told_apart(
    found: Golden, embedder: VisualizedBGEEmbedder
) -> None:
    half = load_visualized_bge(found.weights, found.text_model, device="cpu", dtype="bfloat16")
    items = mixed(found)
    cosines = (half.embed(items) * embedder.embed(items)).sum(axis=1)
    assert cosines.min() >= 0.999
    assert half.embed(items).dtype == np.float32
    assert half.fingerprint != embedder.fingerprint
    assert "bfloat16" in half.fingerprint


def test_order_of_conversion_is_part_of_the_fingerprint(
    found: Golden, embedder: VisualizedBGEEmbedder
) -> None:
    other = load_visualized_bge(
        found.weights, found.text_model, device="cpu", dtype="float32", order="reference"
    )
    assert other.fingerprint != embedder.fingerprint


def test_use_does_not_change_the_fingerprint(
    found: Golden, embedder: VisualizedBGEEmbedder
) -> None:
    embedder.embed([Item("red shoes")])
    again = VisualizedBGEEmbedder(embedder.model, embedder.tokenizer)
    assert again.fingerprint == embedder.fingerprint


def test_damaged_numbers_are_an_error_not_a_vector(embedder: VisualizedBGEEmbedder) -> None:
    with torch.no_grad():
        embedder.model.text.embeddings.LayerNorm.weight[0] = torch.nan
    with pytest.raises(ModelError, match="not finite"):
        embedder.embed([Item("red shoes")])


def test_transparency_lies_on_white() -> None:
    glass = Image.new("RGBA", (224, 224), (255, 0, 0, 0))
    white = Image.new("RGB", (224, 224), "white")
    assert np.array_equal(pixels(glass), pixels(white))
    assert not np.array_equal(pixels(glass, order="reference"), pixels(white))


def test_photo_is_turned_as_its_camera_says() -> None:
    upright = Image.new("RGB", (224, 300), "white")
    upright.paste("red", (0, 0, 224, 150))
    lying = upright.transpose(Image.Transpose.ROTATE_90)
    lying.getexif()[0x0112] = 6  # to be turned by 90 degrees clockwise
    assert np.array_equal(pixels(lying), pixels(upright))


@pytest.mark.parametrize("size", [(1, 1), (4000, 1), (1, 4000), (3, 2), (225, 224)])
def test_pictures_of_any_shape_give_the_square(size: tuple[int, int]) -> None:
    """4000 x 1 resized as it is would be 896,000 pixels wide."""
    assert pixels(Image.new("RGB", size, "red"), 112).shape == (3, 112, 112)


def test_auto_is_bfloat16_only_where_it_is_native() -> None:
    cpu = torch.device("cpu")
    assert torch_dtype("float32", cpu) is torch.float32
    assert torch_dtype("bfloat16", cpu) is torch.bfloat16
    assert torch_dtype("auto", cpu) in {torch.float32, torch.bfloat16}


@pytest.mark.skipif(not Path("/proc/cpuinfo").is_file(), reason="needs the flags of the processor")
def test_bfloat16_is_never_taken_where_the_processor_has_it_not() -> None:
    """Emulated it took 2.7 times as long as float32."""
    flags = Path("/proc/cpuinfo").read_text().split()
    native = bool({"avx512_bf16", "amx_bf16", "bf16"} & set(flags))
    assert (torch_dtype("auto", torch.device("cpu")) is torch.bfloat16) <= native


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
def test_cuda_gives_the_same_vectors(found: Golden, embedder: VisualizedBGEEmbedder) -> None:
    there = load_visualized_bge(found.weights, found.text_model, device="cuda", dtype="float32")
    items = mixed(found)
    assert np.abs(there.embed(items) - embedder.embed(items)).max() <= 1e-4


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU here")
def test_missing_gpu_says_what_to_set() -> None:
    assert torch_device("auto").type == "cpu"
    with pytest.raises(ModelError, match='Set the device to "cpu"'):
        torch_device("cuda")
