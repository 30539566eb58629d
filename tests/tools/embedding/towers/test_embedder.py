"""The towers embedder behind the seam: its spaces, its queries, and that chance has no part."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tools.demo.drawing import Look, draw_product, draw_scene
from tools.embedding.base import Item
from tools.embedding.registry import BUILTIN
from tools.embedding.towers.colors import SHARES
from tools.embedding.towers.embedder import TowersEmbedder, load_towers
from tools.embedding.towers.files import JOINT, WEIGHTS
from tools.embedding.towers.minilm import DIM
from tools.embedding.towers.network import SHAPE, WHOLE
from tools.errors import ModelError

RED_MUG = draw_product(Look("mug", "plain", "red", "white", "ceramic"), size=160, seed=1)
BLUE_MUG = draw_product(Look("mug", "plain", "blue", "white", "ceramic"), size=160, seed=2)
LAMP = draw_product(Look("lamp", "plain", "red", "white", "linen"), size=160, seed=3)
LEOPARD_MUG = draw_product(Look("mug", "leopard", "tan", "black", "ceramic"), size=160, seed=4)
SHOWN = (RED_MUG, BLUE_MUG, LAMP, LEOPARD_MUG)


@pytest.fixture(scope="module")
def embedder() -> TowersEmbedder:
    return load_towers(BUILTIN)


def best(embedder: TowersEmbedder, query: Item, space: str = "picture") -> int:
    """The place in SHOWN of what is nearest."""
    products = embedder.embed([Item("", picture) for picture in SHOWN], space)
    return int((products @ embedder.embed([query], space)[0]).argmax())


def test_spaces_are_bare_pictures_and_texts(embedder: TowersEmbedder) -> None:
    assert {space.name: (space.dim, space.holds) for space in embedder.spaces} == {
        "picture": (WHOLE, "picture"),
        "words": (384, "text"),
    }


def test_pictures_are_stored_without_their_titles(embedder: TowersEmbedder) -> None:
    assert not embedder.titled


def test_bare_photo_is_found_where_it_was_stored(embedder: TowersEmbedder) -> None:
    for place, picture in enumerate(SHOWN):
        assert best(embedder, Item("", picture.crop((8, 8, 152, 152)))) == place


def test_words_find_pictures_without_any_text(embedder: TowersEmbedder) -> None:
    assert best(embedder, Item("a blue mug")) == 1
    assert best(embedder, Item("a lamp")) == 2


def test_same_in_another_color_is_found(embedder: TowersEmbedder) -> None:
    assert best(embedder, Item("same but in blue", RED_MUG)) == 1
    assert best(embedder, Item("in red please", BLUE_MUG)) == 0


def test_pattern_of_a_scene_is_found_on_the_thing_asked_for(embedder: TowersEmbedder) -> None:
    assert best(embedder, Item("a mug with this", draw_scene("leopard", seed=0))) == 3


def test_misread_photo_has_shape_and_colors_and_no_names(embedder: TowersEmbedder) -> None:
    """Its names are those of ImageNet's classes, behind the shape and the colors."""
    asked = [Item("", LAMP), Item("", LAMP, misread=True), Item("in blue", LAMP, misread=True)]
    read, misread, with_words = embedder.embed(asked)
    names = slice(SHAPE + SHARES, SHAPE + SHARES + DIM)
    assert read[names].any()
    assert not misread[names].any()
    assert with_words[names].any(), "of the words alone"
    part = slice(0, SHAPE)
    np.testing.assert_allclose(_unit(misread[part]), _unit(read[part]), atol=1e-5)
    assert best(embedder, asked[1]) == 2


def _unit(vector: np.ndarray) -> np.ndarray:
    return np.asarray(vector / np.linalg.norm(vector))


def test_product_without_words_is_found_by_words_all_the_same(embedder: TowersEmbedder) -> None:
    stored = embedder.embed([Item("", LAMP), Item("A red mug")], "words")
    assert np.allclose(np.linalg.norm(stored, axis=1), 1, atol=1e-5)
    assert int((stored @ embedder.embed([Item("a lamp")], "words")[0]).argmax()) == 0


def test_batch_is_the_same_as_one_by_one(embedder: TowersEmbedder) -> None:
    items = [
        Item("", RED_MUG),
        Item("a mug with this", LEOPARD_MUG),
        Item("a long red scarf"),
        Item("x"),
        Item("same but in blue", LAMP),
        Item("", RED_MUG.resize((70, 200))),
    ]
    for space in ("picture", "words"):
        together = embedder.embed(items, space)
        alone = np.concatenate([embedder.embed([item], space) for item in items])
        assert np.allclose(together, alone, atol=1e-4), space


def test_words_that_are_read_ahead_get_the_same_vectors(embedder: TowersEmbedder) -> None:
    said, longer = "a red mug", "something red to drink tea from in the morning"
    ahead = load_towers(BUILTIN)
    ahead.read_ahead(said, [longer, said])
    for space in ("picture", "words"):
        plain = embedder.embed([Item(said)], space)
        np.testing.assert_allclose(ahead.embed([Item(said)], space), plain, atol=1e-5)
    pairs = zip(*(each.token_vectors([said, longer]) for each in (ahead, embedder)), strict=True)
    for read, plain in pairs:
        np.testing.assert_allclose(read, plain, atol=1e-4)


def test_two_loads_give_the_same_vectors_and_fingerprint(embedder: TowersEmbedder) -> None:
    again = load_towers(BUILTIN)
    assert again.fingerprint == embedder.fingerprint
    query = Item("a mug with this", LEOPARD_MUG)
    assert np.allclose(again.embed([query]), embedder.embed([query]), atol=1e-6)


def test_fingerprint_changes_with_the_weights(embedder: TowersEmbedder, tmp_path: Path) -> None:
    from tools.embedding.towers.storage import load, save_half

    for file in BUILTIN.iterdir():
        shutil.copyfile(file, tmp_path / file.name)
    weights = load(tmp_path / JOINT)
    weights["out.bias"] += 0.1
    save_half(weights, tmp_path / JOINT)
    assert load_towers(tmp_path).fingerprint != embedder.fingerprint


@pytest.mark.parametrize("name", WEIGHTS)
def test_missing_file_says_what_to_do(name: str, tmp_path: Path) -> None:
    for file in BUILTIN.iterdir():
        if file.name != name:
            (tmp_path / file.name).symlink_to(file)
    with pytest.raises(ModelError, match="Install Pounce again"):
        load_towers(tmp_path)


def test_odd_pictures_are_embedded(embedder: TowersEmbedder) -> None:
    odd = [Image.new("RGB", (1, 1)), Image.new("RGBA", (3, 400)), Image.new("I;16", (20, 20))]
    vectors = embedder.embed([Item("", picture) for picture in odd])
    assert np.isfinite(vectors).all()
