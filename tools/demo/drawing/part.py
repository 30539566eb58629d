"""A product as a stack of parts, back to front; each is an outline, a fill and a form."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Literal, TypeAlias

from tools.demo.drawing.outlines import Points

Form = Literal["flat", "plate", "soft", "round", "ball", "folds"]
"""How light sees a part: even; beveled at its edge; padded; a standing cylinder; a ball; cloth
that hangs in folds."""


@dataclass(frozen=True, slots=True)
class Part:
    """One piece of one material.

    `fill` is "pattern", "color", "accent", or a name in COLORS or FIXED. With a `width` the
    outlines are center lines of strokes. `tone` brightens or darkens the fill, `depth` scales
    the shading, `lift` is how strong a shadow it throws on what lies below it.
    """

    outlines: tuple[Points, ...]
    fill: str = "pattern"
    form: Form = "soft"
    holes: tuple[Points, ...] = ()
    width: float = 0.0
    tone: float = 1.0
    depth: float = 1.0
    lift: float = 0.5
    turn: float = 0.0
    folds: int = 6
    gloss: float = 1.0


Sketch: TypeAlias = Callable[[Random], tuple[Part, ...]]
"""Gives a kind's parts, unposed; the generator varies small details of the shape."""


@dataclass(frozen=True, slots=True)
class Kind:
    """How a kind of product is drawn, and how it is placed before the camera.

    `ground` is the height of the floor (0 to 1) for what stands; None for what is photographed
    from above. `sway` is the largest turn in degrees, `grain` the size of its pattern.
    """

    sketch: Sketch
    ground: float | None = None
    sway: float = 4.0
    mirrors: bool = False
    grain: float = 1.0


def stroke(line: Points, width: float, fill: str = "color", **more: float) -> Part:
    """A cord, strap or seam along a line."""
    return Part((line,), fill=fill, width=width, **more)  # type: ignore[arg-type]  # numbers only
