"""What a photo shows, in words, and what words mean to a shop."""

from __future__ import annotations

import pytest
import torch
from PIL import Image, ImageDraw

from tools.embedding.registry import BUILTIN
from tools.embedding.towers.colors import SHARES, color_shares
from tools.embedding.towers.features import pixels
from tools.embedding.towers.files import open_words, read_class_names
from tools.embedding.towers.minilm import Words
from tools.embedding.towers.photo_words import photo_words, plain_name
from tools.embedding.towers.vocabulary import ShopVocabulary, glosses_of

NAMES = read_class_names(BUILTIN)
KINDS = ("Sneakers", "Kettles", "Cushions", "Backpacks", "Jackets", "Mugs", "Curtains", "Watches")
COLORS = ("red", "navy", "forest green", "beige", "black", "white", "silver")


@pytest.fixture(scope="module")
def words() -> Words:
    return open_words(BUILTIN)


def likely(**logits: float) -> torch.Tensor:
    """(1000,) where only these classes are likely; underscores stand for blanks."""
    found = torch.zeros(len(NAMES))
    for name, value in logits.items():
        found[NAMES.index(name.replace("_", " "))] = value
    return found


def gray_disc() -> torch.Tensor:
    picture = Image.new("RGB", (96, 96), "white")
    ImageDraw.Draw(picture).ellipse((20, 20, 76, 76), fill="#86888c")
    return color_shares(pixels([picture]))[0]


def test_sure_name_and_color_are_said() -> None:
    found = photo_words(likely(sneaker=14.0), gray_disc(), NAMES)
    assert (found.name, found.color, str(found)) == ("sneaker", "gray", "sneaker, gray")


def test_unsure_name_is_not_said_and_the_color_is() -> None:
    found = photo_words(likely(sneaker=8.0, vase=8.0), gray_disc(), NAMES)
    assert (found.name, str(found)) == ("", "gray")
    assert 0 < found.likelihood < 0.5


def test_breeds_that_share_the_likelihood_are_one_dog() -> None:
    logits = torch.zeros(len(NAMES))
    logits[151:200] = 10.0
    assert photo_words(logits, torch.zeros(SHARES), NAMES).name == "dog"


def test_name_is_said_without_what_stands_in_brackets() -> None:
    assert plain_name("kite (bird of prey)") == "kite"
    assert plain_name("mug") == "mug"


@pytest.mark.parametrize(
    ("said", "word"),
    [("runners", "Sneakers"), ("something to boil water", "Kettles"), ("rucksack", "Backpacks"),
     ("a parka", "Jackets"), ("throw pillows", "Cushions"), ("drapes", "Curtains"),
     ("coffee cups", "Mugs"), ("timepiece", "Watches"), ("sneakers", "Sneakers")],
)  # fmt: skip
def test_shop_calls_it_by_another_word(words: Words, said: str, word: str) -> None:
    found = ShopVocabulary(words, KINDS).meant(said)
    assert found is not None
    assert found.word == word


@pytest.mark.parametrize("said", ["a rocket ship", "plane tickets", "a horse", "pizza", "", "  "])
def test_what_the_shop_has_not_is_taken_for_nothing(words: Words, said: str) -> None:
    assert ShopVocabulary(words, KINDS).meant(said) is None


def test_no_vocabulary_means_nothing(words: Words) -> None:
    assert ShopVocabulary(words, ()).meant("runners") is None


def test_glosses_are_found_in_singular_and_plural() -> None:
    assert glosses_of("rucksack") == glosses_of("rucksacks") != ()
    assert glosses_of("piano") == ()
