"""MagicLens behind the seam: its two spaces, batches, threads, dtypes, words and memory."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from tests.golden.magiclens import CHECKPOINT, VOCABULARY, Golden, golden
from tools.embedding.base import Item
from tools.embedding.magiclens.embedder import MagicLensEmbedder, load_magiclens
from tools.embedding.magiclens.preprocess import clean
from tools.embedding.registry import EmbedderChoice, open_embedder, open_text_embedder
from tools.errors import ModelError


@pytest.fixture(scope="module")
def found() -> Golden:
    return golden()


@pytest.fixture
def embedder() -> MagicLensEmbedder:
    return load_magiclens(CHECKPOINT, VOCABULARY, device="cpu", dtype="float32")


def mixed(found: Golden) -> list[Item]:
    pictures = found.pictures
    items = [Item("", picture) for picture in pictures]
    items += [Item(text, pictures[n % 9]) for n, text in enumerate(found.texts * 2)]
    return [items[i] for i in np.random.default_rng(0).permutation(len(items))]


def test_spaces_say_that_words_alone_have_no_place_in_the_joint_one(
    embedder: MagicLensEmbedder,
) -> None:
    assert [(s.name, s.holds, s.words_alone) for s in embedder.spaces] == [
        ("picture", "picture", False),
        ("words", "picture", True),
    ]
    with pytest.raises(ValueError, match="no place in the space picture"):
        embedder.embed([Item("a red mug")])
    assert embedder.embed([Item("a red mug")], "words").shape == (1, 64)


@pytest.mark.parametrize("space", ["picture", "words"])
def test_batched_equals_one_by_one(found: Golden, embedder: MagicLensEmbedder, space: str) -> None:
    items = mixed(found)
    if space == "words":
        items += [Item(text) for text in found.texts if text]
    together = embedder.embed(items, space)
    alone = np.concatenate([embedder.embed([item], space) for item in items])
    assert np.abs(together - alone).max() <= 1e-5


def test_same_items_give_the_same_bits_whatever_came_before(
    found: Golden, embedder: MagicLensEmbedder
) -> None:
    items = mixed(found)
    fresh = load_magiclens(CHECKPOINT, VOCABULARY, device="cpu", dtype="float32")
    first = embedder.embed(items)
    embedder.embed([items[3]])
    assert np.array_equal(embedder.embed(items), first)
    assert np.array_equal(embedder.embed([items[5]]), fresh.embed([items[5]]))


def test_photo_is_seen_once_for_all_that_is_said_about_it(
    found: Golden, embedder: MagicLensEmbedder
) -> None:
    passes = 0

    def count(*_: object) -> None:
        nonlocal passes
        passes += 1

    embedder.model.clip.vision_model.register_forward_hook(count)
    photo = found.pictures[0]
    embedder.embed([Item("in red", photo)])
    embedder.embed([Item("and blue", photo.copy())])
    embedder.embed([Item("", photo)], "words")
    assert passes == 1
    embedder.embed([Item("", photo.rotate(90))])
    assert passes == 2


def test_no_words_are_read_once_for_all_pictures(
    found: Golden, embedder: MagicLensEmbedder
) -> None:
    passes = 0

    def count(*_: object) -> None:
        nonlocal passes
        passes += 1

    embedder.model.clip.text_model.register_forward_hook(count)
    embedder.embed([Item("", picture) for picture in found.pictures])
    assert passes == 0


def test_any_thread_gets_its_own_vectors(found: Golden, embedder: MagicLensEmbedder) -> None:
    items = mixed(found)
    alone = [embedder.embed([item]) for item in items]
    with ThreadPoolExecutor(8) as pool:
        threaded = list(pool.map(lambda item: embedder.embed([item]), items))
    assert all(np.abs(a - b).max() <= 1e-6 for a, b in zip(alone, threaded, strict=True))


def test_bfloat16_is_near_and_has_another_fingerprint(
    found: Golden, embedder: MagicLensEmbedder
) -> None:
    rounded = load_magiclens(CHECKPOINT, VOCABULARY, device="cpu", dtype="bfloat16")
    assert rounded.fingerprint != embedder.fingerprint
    items = mixed(found)
    cosines = (rounded.embed(items) * embedder.embed(items)).sum(axis=1)
    assert cosines.min() >= 0.98


def test_another_fit_has_another_fingerprint(embedder: MagicLensEmbedder) -> None:
    other = load_magiclens(CHECKPOINT, VOCABULARY, device="cpu", dtype="float32", fit="crop")
    assert other.fingerprint != embedder.fingerprint


def test_words_that_are_too_long_are_cut(found: Golden, embedder: MagicLensEmbedder) -> None:
    words = "a blue dress with short sleeves " * 400
    assert embedder.ids([words]).shape == (1, 77)
    assert np.isfinite(embedder.embed([Item(words, found.pictures[0])])).all()


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("don’t want “vintage”", 'don\'t want "vintage"'),
        ("black &amp;amp; white", "black & white"),
        ("cafÃ©", "café"),
        ("ﬁne ＡＢＣ", "fine abc"),
        (" A\n\tB ", "a b"),
    ],
)
def test_words_are_cleaned_as_openai_does(written: str, read: str) -> None:
    assert clean(written) == read


def test_odd_pictures_are_embedded(embedder: MagicLensEmbedder) -> None:
    odd = [Image.new("RGB", (1, 1)), Image.new("RGBA", (3, 400)), Image.new("L", (2000, 1))]
    assert np.isfinite(embedder.embed([Item("", picture) for picture in odd])).all()


def test_vocabulary_of_another_model_is_refused(tmp_path: Path) -> None:
    lines = (VOCABULARY / "merges.txt").read_text("utf-8").splitlines()
    (tmp_path / "merges.txt").write_text("\n".join(lines[:100]), "utf-8")
    with pytest.raises(ModelError, match=r"has 613 words, the weights in .* 842"):
        load_magiclens(CHECKPOINT, tmp_path / "merges.txt", device="cpu", dtype="float32")


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("merges.txt", "#version\nonlyone", "line 2 is not a pair"),
        ("bpe.txt.gz", "\x1f", "line 2|613|has 514 words"),
        ("nothing", None, "no vocabulary of CLIP"),
    ],
)
def test_damaged_vocabulary_says_what_to_give(
    tmp_path: Path, name: str, content: str | None, says: str
) -> None:
    if content is not None:
        (tmp_path / name).write_text(content, "utf-8")
    with pytest.raises(ModelError, match=says):
        load_magiclens(CHECKPOINT, tmp_path / name, device="cpu", dtype="float32")


def test_entry_opens_it_and_asks_for_weights_where_none_are_given() -> None:
    choice = EmbedderChoice("magiclens-base", str(CHECKPOINT), str(VOCABULARY), "cpu", "float32")
    assert open_embedder(choice).name == "magiclens-base"
    assert open_text_embedder(choice) is None
    with pytest.raises(ModelError, match="POUNCE_EMBEDDER_WEIGHTS"):
        open_embedder(EmbedderChoice("magiclens-large"))


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
def test_cuda_gives_the_same_vectors(found: Golden, embedder: MagicLensEmbedder) -> None:
    there = load_magiclens(CHECKPOINT, VOCABULARY, device="cuda", dtype="float32")
    items = mixed(found)
    assert np.abs(there.embed(items) - embedder.embed(items)).max() <= 1e-4
