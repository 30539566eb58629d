"""Colors, inks and finishes: every tone in a picture is named or mixed here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

RGB: TypeAlias = tuple[int, int, int]
Role = Literal["accent", "shade", "light", "leaf", "blend", "pale", "deep", "heart", "umber"]
"""What an ink of a pattern stands for; `ink` mixes it from the color and the accent."""

COLORS: dict[str, RGB] = {
    "black": (38, 37, 40),
    "white": (244, 242, 236),
    "gray": (142, 146, 152),
    "red": (202, 42, 48),
    "orange": (233, 124, 40),
    "yellow": (246, 204, 70),
    "green": (62, 138, 78),
    "olive": (116, 118, 66),
    "teal": (28, 142, 142),
    "blue": (62, 124, 206),
    "navy": (34, 52, 98),
    "purple": (122, 76, 168),
    "pink": (240, 152, 182),
    "brown": (122, 78, 48),
    "tan": (206, 158, 100),
    "beige": (226, 208, 176),
}

FIXED: dict[str, RGB] = {
    "metal": (196, 198, 204),
    "gold": (214, 176, 96),
    "glass": (26, 30, 40),
    "ink": (44, 44, 50),
    "rubber": (250, 248, 242),
    "paper": (250, 245, 230),
    "timber": (168, 116, 72),
    "leather": (134, 84, 52),
}
"""Tones of parts that keep their color whatever the product's: zips, soles, pages, legs."""

BACKDROPS: tuple[RGB, ...] = (
    (233, 230, 225),
    (226, 232, 236),
    (238, 228, 222),
    (226, 232, 224),
    (232, 228, 238),
    (238, 233, 220),
    (222, 230, 232),
    (236, 226, 230),
)


@dataclass(frozen=True, slots=True)
class Finish:
    """How a material takes light: `gloss` and `grain` from 0 to 1."""

    gloss: float
    grain: float


FINISHES: dict[str, Finish] = {
    "aluminum": Finish(0.75, 0.05),
    "bamboo": Finish(0.25, 0.15),
    "bone china": Finish(0.95, 0.0),
    "canvas": Finish(0.0, 0.8),
    "ceramic": Finish(0.85, 0.0),
    "cotton": Finish(0.0, 0.45),
    "denim": Finish(0.0, 0.9),
    "fleece": Finish(0.0, 0.6),
    "glass": Finish(1.0, 0.0),
    "cardboard": Finish(0.2, 0.2),
    "jute": Finish(0.0, 1.0),
    "leather": Finish(0.45, 0.25),
    "linen": Finish(0.0, 0.75),
    "nylon": Finish(0.2, 0.25),
    "plastic": Finish(0.6, 0.0),
    "polycarbonate": Finish(0.7, 0.0),
    "polyester": Finish(0.12, 0.25),
    "porcelain": Finish(0.9, 0.0),
    "satin": Finish(0.5, 0.05),
    "silicone": Finish(0.3, 0.0),
    "silk": Finish(0.5, 0.05),
    "stainless steel": Finish(0.85, 0.05),
    "stoneware": Finish(0.4, 0.35),
    "straw": Finish(0.0, 1.0),
    "suede": Finish(0.0, 0.6),
    "velvet": Finish(0.15, 0.3),
    "viscose": Finish(0.2, 0.15),
    "wood": Finish(0.3, 0.3),
    "wool": Finish(0.0, 0.9),
}
PLAIN_FINISH = Finish(0.15, 0.2)


def mix(a: RGB, b: RGB, share: float) -> RGB:
    """The color that holds `share` (0 to 1) of b and the rest of a."""
    return (
        round(a[0] + (b[0] - a[0]) * share),
        round(a[1] + (b[1] - a[1]) * share),
        round(a[2] + (b[2] - a[2]) * share),
    )


def luma(color: RGB) -> float:
    """Brightness from 0 to 255."""
    return 0.299 * color[0] + 0.587 * color[1] + 0.114 * color[2]


def tone(name: str) -> RGB:
    """The color of a name in COLORS or FIXED. Raises KeyError for any other."""
    return COLORS[name] if name in COLORS else FIXED[name]


def ink(role: Role, color: RGB, accent: RGB) -> RGB:
    """The tone that a pattern's layer is printed in."""
    match role:
        case "accent":
            return accent
        case "blend":
            return mix(color, accent, 0.42)
        case "shade":
            return mix(color, (40, 26, 20), 0.24)
        case "deep":
            return mix(color, (24, 20, 24), 0.55)
        case "light":
            return mix(color, (255, 250, 240), 0.45)
        case "pale":
            return mix(accent, (255, 252, 246), 0.45)
        case "umber":
            return (round(color[0] * 0.78), round(color[1] * 0.66), round(color[2] * 0.56))
        case "leaf":
            green: RGB = (84, 140, 84)
            return green if abs(luma(green) - luma(color)) > 40 else (46, 84, 58)
        case "heart":
            return (250, 208, 84) if luma(accent) < 190 else (226, 140, 50)
