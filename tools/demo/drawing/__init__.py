"""Draws the shop: products, patterns and scenes, with Pillow and numpy, from names and a seed."""

from __future__ import annotations

from tools.demo.drawing.kinds import KINDS
from tools.demo.drawing.look import Look
from tools.demo.drawing.palette import COLORS
from tools.demo.drawing.patterns import PATTERNS, draw_pattern
from tools.demo.drawing.scenes import SCENES, draw_scene
from tools.demo.drawing.studio import draw_product

__all__ = [
    "COLORS",
    "KINDS",
    "PATTERNS",
    "SCENES",
    "Look",
    "draw_pattern",
    "draw_product",
    "draw_scene",
]
