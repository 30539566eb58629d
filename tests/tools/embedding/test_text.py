"""FlagEmbedding's text embedder and ours place words in the same space."""

from __future__ import annotations

import numpy as np
import pytest

from tests.golden.visualized_bge import Golden, golden
from tools.embedding.base import Item
from tools.embedding.flag_text import FlagTextEmbedder, save_text_model
from tools.embedding.visualized_bge.embedder import VisualizedBGEEmbedder, load_visualized_bge
from tools.errors import ModelError


@pytest.fixture(scope="module", params=["base", "m3"])
def found(request: pytest.FixtureRequest) -> Golden:
    return golden(request.param)


@pytest.fixture(scope="module")
def ours(found: Golden) -> VisualizedBGEEmbedder:
    return load_visualized_bge(found.weights, found.text_model, device="cpu", dtype="float32")


@pytest.fixture(scope="module")
def flag(
    found: Golden, ours: VisualizedBGEEmbedder, tmp_path_factory: pytest.TempPathFactory
) -> FlagTextEmbedder:
    folder = tmp_path_factory.mktemp("text")
    save_text_model(ours.model, found.text_model, folder)
    return FlagTextEmbedder(folder, device="cpu")


def test_flag_embedding_gives_our_text_vectors(
    found: Golden, ours: VisualizedBGEEmbedder, flag: FlagTextEmbedder
) -> None:
    items = [Item(text) for text in (*found.texts, "red shoes with white sole " * 800) if text]
    assert flag.dim == ours.dim
    assert np.abs(flag.embed(items) - ours.embed(items)).max() <= 1e-5
    one_by_one = np.concatenate([flag.embed([item]) for item in items])
    assert np.abs(one_by_one - ours.embed(items)).max() <= 1e-5


def test_text_embedder_refuses_a_photo(found: Golden, flag: FlagTextEmbedder) -> None:
    with pytest.raises(ValueError, match="words alone"):
        flag.embed([Item("red", found.pictures()[0])])


def test_folder_without_weights_says_so(found: Golden) -> None:
    with pytest.raises(ModelError, match="must hold the text model's weights"):
        FlagTextEmbedder(found.text_model, device="cpu")
