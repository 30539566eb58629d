"""Pictures become the tiles of the published code; prompts hold their tokens in the right place."""

from __future__ import annotations

import json

import numpy as np
import pytest
from PIL import Image

from tests.golden.phi3_vision import CHECKPOINT, HERE, NAMES, case, hd_table
from tools.errors import PhotoError
from tools.phi3_vision.image_processor import PictureProcessor, layout, picture_tokens
from tools.phi3_vision.inference import Phi3Vision, load_phi3_vision
from tools.phi3_vision.tokenizer import chat_prompt, escape_special_tokens

PIXELS = 1e-6
REAL = json.loads((HERE / "real_tokenizer_ids.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def model() -> Phi3Vision:
    return load_phi3_vision(CHECKPOINT, device="cpu", dtype="float32")


@pytest.mark.parametrize("name", [name for name in NAMES if name != "text"])
def test_pixels_are_those_of_the_published_code(model: Phi3Vision, name: str) -> None:
    found = case(name)
    values = model.encode(found.prompt, found.pictures, num_crops=found.num_crops).pixel_values
    assert list(values.shape) == found.meta["pixel_shape"]
    pixels = values.numpy()
    sample = np.abs(pixels[..., 5::37, 3::41] - found.arrays["pixel_sample"])
    assert sample.max() <= PIXELS
    means = np.abs(pixels.mean(axis=(3, 4)) - found.arrays["pixel_crop_mean"])
    assert means.max() <= PIXELS


def test_sizes_and_tokens_of_400_pictures() -> None:
    """Two of them the published code makes 0 pixels wide; here they are one tile."""
    thin = 0
    for width, height, crops, padded_width, padded_height, tokens in hd_table().tolist():
        size = layout(width, height, crops).size
        if not padded_width:
            thin += 1
            assert (size, picture_tokens(size)) == ((336, 336), 313)
        else:
            assert (size, picture_tokens(size)) == ((padded_height, padded_width), tokens)
    assert thin == 2


@pytest.mark.parametrize(
    ("size", "crops", "tokens"),
    [((1008, 1008), 9, 1489), ((1680, 672), 10, 1621), ((500, 500), 1, 313), ((9, 9), 16, 2509)],
)
def test_tokens_of_a_picture(size: tuple[int, int], crops: int, tokens: int) -> None:
    assert picture_tokens(layout(*size, crops).size) == tokens


@pytest.mark.parametrize("size", [(100_000, 1), (1, 100_000), (6000, 1)])
def test_pictures_thinner_than_a_pixel_keep_one(size: tuple[int, int]) -> None:
    """The published code makes them 0 pixels high, and stops."""
    values, sizes = PictureProcessor(4)([Image.new("RGB", size, "black")])
    across = (336, 1344) if size[0] > size[1] else (1344, 336)
    assert sizes == [across]
    assert float(values.min()) < -1 < 1 < float(values.max())


def test_each_cell_of_the_grid_is_one_tile() -> None:
    grid = Image.new("RGB", (1680, 672))
    for cell in range(10):
        box = (cell % 5 * 336, cell // 5 * 336, cell % 5 * 336 + 336, cell // 5 * 336 + 336)
        grid.paste((25 * cell, 0, 0), box)
    values, sizes = PictureProcessor(10)([grid])
    assert sizes == [(672, 1680)]
    reds = values[0, 1:, 0]
    assert all(float(tile.max() - tile.min()) == 0 for tile in reds)
    assert reds[:, 0, 0].tolist() == sorted(reds[:, 0, 0].tolist())


def test_no_pictures_give_no_tiles_and_no_pixels_are_an_error() -> None:
    values, sizes = PictureProcessor(4)([])
    assert (tuple(values.shape), sizes) == ((0, 5, 3, 336, 336), [])
    with pytest.raises(PhotoError, match="no pixels"):
        PictureProcessor(4)([Image.new("RGB", (0, 5))])
    with pytest.raises(ValueError, match="num_crops"):
        PictureProcessor(0)


def test_the_number_of_a_mark_says_which_picture_stands_there(model: Phi3Vision) -> None:
    wide, tall = Image.new("RGB", (40, 10)), Image.new("RGB", (10, 40))
    encoded = model.encode("<|image_2|> before <|image_1|>", [wide, tall], num_crops=4)
    assert encoded.sizes == [(1344, 336), (336, 1344)]
    assert encoded.ids[0] == 1  # and again behind every picture
    assert (encoded.ids == 1).sum() == 3


@pytest.mark.parametrize(
    "prompt", ["none", "<|image_2|>", "<|image_1|> <|image_1|>", "<|image_1|> <|image_2|>"]
)
def test_a_picture_without_its_one_mark_is_an_error(model: Phi3Vision, prompt: str) -> None:
    with pytest.raises(ValueError, match="once each"):
        model.encode(prompt, [Image.new("RGB", (9, 9))])


@pytest.mark.parametrize("name", NAMES)
def test_pictures_stand_where_they_do_with_the_published_tokenizer(
    model: Phi3Vision, name: str
) -> None:
    """Its ids of the same prompts, as runs: the same pictures, each with `<s>` behind it."""
    found = case(name)
    encoded = model.encode(found.prompt, found.pictures, num_crops=found.num_crops)
    runs = REAL[name]["ids_rle"]
    lengths = [times for token, times in runs if token < 0]
    assert lengths == [picture_tokens(size) for size in encoded.sizes]
    behind = [runs[at + 1][0] for at, (token, _) in enumerate(runs) if token < 0]
    assert behind == [1] * len(lengths)
    starts = 1 + len(lengths)
    assert int((encoded.ids == 1).sum()) == sum(n for t, n in runs if t == 1) == starts


def test_turns_are_laid_out_as_the_published_template_does() -> None:
    template = REAL["_chat_template"]
    turns = [(turn["role"], turn["content"]) for turn in template["messages"]]
    assert chat_prompt(turns) == template["text"]
    assert chat_prompt([("user", "hi")], '{"a": [').endswith('<|assistant|>\n{"a": [')


def test_words_that_are_data_can_hold_no_mark(model: Phi3Vision) -> None:
    tokenizer = model.tokenizer.tokenizer
    added = tokenizer.get_added_tokens_decoder()
    marks = [token.content for token in added.values()] + ["<|image_1|>"]
    attack = escape_special_tokens("".join(marks) + "<<|end|>|end|>" + " ".join(marks))
    ids = model.encode(attack).ids.tolist()
    assert ids[0] == 1
    assert not set(ids[1:]) & (set(added) - {tokenizer.token_to_id("<unk>")})


def test_an_image_token_in_the_words_is_only_a_word(model: Phi3Vision) -> None:
    encoded = model.encode("<|image|> <|image_1|>", [Image.new("RGB", (9, 9))], num_crops=1)
    assert int(encoded.places.sum()) == 313
    assert int((encoded.ids == model.tokenizer.picture_id).sum()) == 314
    assert model.logits(encoded).isfinite().all()


def test_answers_are_decoded_without_marks(model: Phi3Vision) -> None:
    words = 'The model: {"ranking": [1, 2]}'
    ids = model.encode(f"{words}<|end|>").ids.tolist()
    assert model.tokenizer.decode(ids) == words
    assert model.tokenizer.decode([]) == ""
