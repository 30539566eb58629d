"""The patterns by name, and the flat swatch."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from random import Random

from PIL import Image

from tools.demo.drawing.noise import dice
from tools.demo.drawing.palette import COLORS, ink
from tools.demo.drawing.patterns import fur, prints, surfaces, weaves
from tools.demo.drawing.patterns.fur import Layers

_MAKERS: dict[str, Callable[[Random, int, float], Layers]] = {
    "plain": lambda *_: (),
    "leopard": fur.leopard,
    "zebra": fur.zebra,
    "tiger": fur.tiger,
    "giraffe": fur.giraffe,
    "cow": fur.cow,
    "polka dots": prints.polka_dots,
    "stripes": weaves.stripes,
    "floral": prints.floral,
    "leaves": prints.leaves,
    "camouflage": surfaces.camouflage,
    "marble": surfaces.marble,
    "wood grain": surfaces.wood_grain,
    "plaid": weaves.plaid,
    "checkerboard": weaves.checkerboard,
    "chevron": weaves.chevron,
    "waves": weaves.waves,
    "stars": prints.stars,
    "hearts": prints.hearts,
}
PATTERNS: tuple[str, ...] = tuple(_MAKERS)


def _make(pattern: str, size: int, seed: int, scale: float) -> Layers:
    return _MAKERS[pattern](dice("pattern", pattern, seed), size, scale)


# Masks are kept: small ones by the thousand (16 KB each), large ones by the dozen.
_small_layers = lru_cache(maxsize=2048)(_make)
_large_layers = lru_cache(maxsize=64)(_make)
_SMALL = 160


def draw_pattern(
    pattern: str, color: str, accent: str, size: int, seed: int, *, scale: float = 1.0
) -> Image.Image:
    """The flat swatch of a pattern: (size, size) RGB, the ground in `color`, the ink in `accent`.

    The same arguments give the same bytes. `scale` is the motif's size against its usual one.
    Raises KeyError for a name outside of PATTERNS or COLORS.
    """
    ground, print_ = COLORS[color], COLORS[accent]
    keep = _small_layers if size <= _SMALL else _large_layers
    swatch = Image.new("RGB", (size, size), ground)
    for role, mask in keep(pattern, size, seed, scale):
        swatch.paste(ink(role, ground, print_), (0, 0), mask)
    return swatch
