"""The one picture that the model sees: every cell one crop, nothing squeezed, nothing covered."""

from __future__ import annotations

from functools import lru_cache
from math import ceil

import numpy as np
import pytest
from PIL import Image

from tools.demo.drawing import draw_product
from tools.demo.drawing.look import Look
from tools.rerank.grid import draw_grid, layout
from tools.rerank.vision_model import PICTURE_CROPS

RED, BLUE = (220, 30, 30), (30, 60, 220)


@lru_cache
def mug(size: int = 128) -> Image.Image:
    return draw_product(Look("mug", "plain", "red", "white", "ceramic"), size=size, seed=1)


def cell_of(grid: Image.Image, place: int, side: int = 336) -> Image.Image:
    columns = grid.width // side
    x, y = place % columns * side, place // columns * side
    return grid.crop((x, y, x + side, y + side))


def picture_in(cell: Image.Image, color: tuple[int, int, int]) -> tuple[int, int]:
    """Width and height of the part of a cell that has a color."""
    same = np.abs(np.asarray(cell, dtype=int) - color).max(axis=2) < 12
    rows, columns = np.flatnonzero(same.any(axis=1)), np.flatnonzero(same.any(axis=0))
    return int(np.ptp(columns)) + 1, int(np.ptp(rows)) + 1


def test_nine_candidates_make_the_picture_of_ten_crops() -> None:
    assert draw_grid(mug(), [mug()] * 9).size == (1680, 672)


@pytest.mark.parametrize("candidates", range(1, 10))
def test_every_cell_is_exactly_one_crop(candidates: int) -> None:
    """By the rule of Phi-3 Vision's picture processor: the largest width in crops that fits."""
    columns, rows = layout(candidates)
    assert columns * rows > candidates
    ratio = columns / rows
    scale = max(s for s in range(1, 99) if s * ceil(s / ratio) <= PICTURE_CROPS)
    assert (scale, int(336 * scale / ratio)) == (columns, 336 * rows)


@pytest.mark.parametrize("candidates", [0, 10])
def test_other_numbers_of_candidates_are_an_error(candidates: int) -> None:
    with pytest.raises(ValueError, match="1 to 9"):
        draw_grid("red mug", [None] * candidates)


@pytest.mark.parametrize("side", [56, 112, 168, 336])
def test_small_models_have_small_cells(side: int) -> None:
    assert draw_grid(mug(), [mug()] * 6, cell=side).size == (4 * side, 2 * side)


@pytest.mark.parametrize("size", [(300, 100), (100, 300), (20, 10), (2000, 1500)])
def test_pictures_keep_their_shape_and_stay_in_their_cell(size: tuple[int, int]) -> None:
    grid = draw_grid(mug(), [Image.new("RGB", size, BLUE)] * 2)
    for place in (1, 2):
        wide, high = picture_in(cell_of(grid, place), BLUE)
        assert wide / high == pytest.approx(size[0] / size[1], rel=0.02)
        assert max(wide, high) > 250
    assert not (np.asarray(cell_of(grid, 3)) == BLUE).all(axis=2).any()


@pytest.mark.parametrize("size", [(1, 1), (4000, 1), (1, 4000)])
def test_pictures_of_any_shape_are_drawn(size: tuple[int, int]) -> None:
    draw_grid(Image.new("RGB", size, RED), [Image.new("RGB", size, RED)])


def test_cell_shows_its_own_candidate_and_differs_by_its_number() -> None:
    colors = [(20 * n, 255 - 20 * n, 90) for n in range(1, 10)]
    grid = draw_grid(mug(), [Image.new("RGB", (64, 64), color) for color in colors])
    for number, color in enumerate(colors, start=1):
        assert cell_of(grid, number).getpixel((168, 190)) == color
    same = draw_grid(mug(), [mug()] * 9)
    strips = {cell_of(same, place).crop((0, 0, 336, 42)).tobytes() for place in range(10)}
    bodies = {cell_of(same, place).crop((8, 43, 328, 328)).tobytes() for place in range(1, 10)}
    assert len(strips) == 10
    assert len(bodies) == 1


def test_query_alone_is_framed() -> None:
    grid = draw_grid(mug(), [mug()] * 9)
    edges = [cell_of(grid, place).getpixel((0, 200)) for place in range(10)]
    assert edges[0] not in edges[1:]
    assert len(set(edges[1:])) == 1


def test_leftover_cells_are_blank() -> None:
    grid = draw_grid(mug(), [mug()] * 2)
    assert cell_of(grid, 4).getextrema() == ((255, 255),) * 3


@pytest.mark.parametrize(
    "words", ["red mug", "a warm scarf " * 30, "x" * 4_000, "日本語の帽子", ""]
)
@pytest.mark.parametrize("side", [56, 336])
def test_words_stand_in_the_query_cell_and_stay_in_it(words: str, side: int) -> None:
    grid = draw_grid(words, [None], cell=side)
    plain = draw_grid("", [None], cell=side)
    changed = np.argwhere((np.asarray(grid) != np.asarray(plain)).any(axis=2))
    assert (len(changed) > 0) == bool(words)
    if words:
        assert changed.min() > side // 48
        assert changed.max() < side - side // 48


def test_transparency_lies_on_white() -> None:
    glass = Image.new("RGBA", (64, 64), (255, 0, 0, 0))
    assert cell_of(draw_grid("red", [glass]), 1).getpixel((168, 190)) == (255, 255, 255)


def test_same_arguments_give_the_same_pixels() -> None:
    assert draw_grid(mug(), [mug()] * 3).tobytes() == draw_grid(mug(), [mug()] * 3).tobytes()
