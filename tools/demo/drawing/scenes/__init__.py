"""Query pictures that are no products: each named pattern as it is met in the world."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from random import Random

from PIL import Image

from tools.demo.drawing.noise import dice
from tools.demo.drawing.scenes import animals, coats, places

_MAKERS: dict[str, Callable[[Random, int], Image.Image]] = {
    "leopard": animals.leopard,
    "leopard coat": partial(coats.fur, pattern="leopard", color="tan", accent="black", scale=1.35),
    "zebra": animals.zebra,
    "zebra coat": partial(coats.fur, pattern="zebra", color="white", accent="black", scale=1.5),
    "tiger": animals.tiger,
    "tiger coat": partial(coats.fur, pattern="tiger", color="orange", accent="black", scale=1.5),
    "giraffe": animals.giraffe,
    "cow hide": partial(coats.fur, pattern="cow", color="white", accent="black", scale=1.6),
    "sunflower field": places.sunflower_field,
    "flowery curtain cloth": partial(
        coats.cloth, pattern="floral", color="beige", accent="pink", scale=1.3
    ),
    "wooden table": places.wooden_table,
    "marble slab": partial(coats.stone, pattern="marble", color="white", accent="gray", scale=1.0),
    "camouflage jacket cloth": partial(
        coats.cloth, pattern="camouflage", color="olive", accent="brown", scale=1.3
    ),
    "polka dot wallpaper": partial(
        coats.wallpaper, pattern="polka dots", color="teal", accent="white", scale=0.8
    ),
    "tartan cloth": partial(coats.cloth, pattern="plaid", color="red", accent="navy", scale=1.2),
    "blue sea waves": places.sea,
    "starry night": places.starry_night,
    "striped awning": places.awning,
    "checkered floor": partial(
        places.tiled_floor, pattern="checkerboard", color="white", accent="black"
    ),
    "zigzag floor": partial(places.tiled_floor, pattern="chevron", color="beige", accent="navy"),
    "leafy wallpaper": partial(
        coats.wallpaper, pattern="leaves", color="beige", accent="green", scale=0.9
    ),
    "heart balloons": places.heart_balloons,
}
SCENES: tuple[str, ...] = tuple(_MAKERS)


def draw_scene(name: str, *, size: int = 512, seed: int = 0) -> Image.Image:
    """A picture of something in the world: RGB, size x size, the same bytes for the same call.

    Raises KeyError for a name outside of SCENES.
    """
    return _MAKERS[name](dice("scene", name, seed), size)
