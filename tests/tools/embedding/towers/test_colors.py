"""Colors of pictures and of words."""

from __future__ import annotations

import pytest
import torch
from PIL import Image, ImageDraw

from tools.embedding.towers.colors import PALETTE, SHARES, TONES, color_shares, lab, shares_of
from tools.embedding.towers.features import pixels
from tools.embedding.towers.named_colors import (
    BASIC,
    SHADES,
    color_meant,
    color_name,
    colors_named,
    named_shares,
)


def disc(color: str, ground: str = "white") -> torch.Tensor:
    """(SHARES,) of a disc on a ground."""
    picture = Image.new("RGB", (96, 96), ground)
    ImageDraw.Draw(picture).ellipse((20, 20, 76, 76), fill=color)
    return color_shares(pixels([picture]))[0]


def test_lab_of_white_gray_and_red_is_as_published() -> None:
    rgb = torch.tensor([[1.0, 1, 1], [0.5, 0.5, 0.5], [1, 0, 0]])
    expected = torch.tensor([[100.0, 0, 0], [53.39, 0, 0], [53.24, 80.09, 67.20]])
    assert torch.allclose(lab(rgb), expected, atol=0.3)


def test_shares_of_pixels_add_up_to_one() -> None:
    shares = disc("green") ** 2
    assert shares.shape == (SHARES,)
    assert float(shares[:TONES].sum()) == pytest.approx(1, abs=1e-3)
    assert float(shares[TONES:].sum()) == pytest.approx(1, abs=1e-3)
    assert PALETTE.shape == (TONES, 3)


@pytest.mark.parametrize(
    ("color", "name"),
    [("#1c1c1e", "black"), ("#c8202a", "red"), ("#2c62c4", "blue"), ("#348c42", "green"),
     ("#f8d032", "yellow"), ("#86888c", "gray"), ("#f096b6", "pink")],
)  # fmt: skip
def test_thing_in_front_is_called_by_its_color(color: str, name: str) -> None:
    assert color_name(disc(color)) == name


def test_colorful_thing_has_no_name() -> None:
    noise = Image.effect_noise((96, 96), 200).convert("L")
    layers = [noise.rotate(turn) for turn in (0, 90, 180)]
    assert color_name(color_shares(pixels([Image.merge("RGB", layers)]))[0], 0.9) == ""


@pytest.mark.parametrize(
    ("text", "names"),
    [("same but in Rose-Gold, please", ["rose gold"]), ("blue and white", ["blue", "white"]),
     ("grey", ["gray"]), ("the dark blue one", ["dark blue"]), ("a mug with this", []),
     ("matt black or black", ["matte black", "black"]), ("reddish", []), ("", [])],
)  # fmt: skip
def test_colors_are_found_in_words(text: str, names: list[str]) -> None:
    assert colors_named(text) == names


def test_named_color_is_nearest_to_the_thing_of_that_color() -> None:
    things = torch.stack([disc(color) for color in ("red", "navy", "#f8f8f0", "#305030")])
    scores = things @ torch.stack([named_shares(t) for t in ("red", "navy", "white")]).T
    assert scores[:3].argmax(0).tolist() == [0, 1, 2]


def test_two_named_colors_are_asked_for_in_equal_parts() -> None:
    both = shares_of([(200, 0, 0), (0, 0, 200)])[TONES:] ** 2
    red, blue = (shares_of([tone])[TONES:] ** 2 for tone in ((200, 0, 0), (0, 0, 200)))
    assert torch.allclose(both, (red + blue) / 2, atol=1e-4)
    assert not named_shares("no color here").any()


@pytest.mark.parametrize(
    ("said", "known", "meant"),
    [("burgundy", ("Red", "Blue", "Green"), "Red"),
     ("navy", ("Blue", "Dark Blue", "Red"), "Dark Blue"),
     ("charcoal", ("Black", "Grey", "Pink"), "Grey"), ("yellow", ("Blue", "Black"), ""),
     ("leopard", ("Blue",), ""), ("red", (), "")],
)  # fmt: skip
def test_color_that_the_shop_lacks_means_its_nearest(
    said: str, known: tuple[str, ...], meant: str
) -> None:
    assert color_meant(said, known) == meant


def test_every_color_has_a_family() -> None:
    for name in BASIC | SHADES:
        assert color_meant(name, BASIC), name
