"""How light from the upper left falls on a part: a factor on its color, and a gleam on top."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageFilter

from tools.demo.drawing.noise import Field
from tools.demo.drawing.part import Part

LIGHT_X, LIGHT_Y, LIGHT_Z = -0.46, -0.56, 0.69


@dataclass(frozen=True, slots=True)
class Lit:
    """(h, w) float32 fields: `factor` multiplies the color, `gleam` (0 to 1) is added white."""

    factor: Field
    gleam: Field


def _relief(mask: Image.Image, radius: float) -> tuple[Field, Field]:
    # How far the normal leans right and down on a pad with the mask's outline.
    height = np.asarray(mask.filter(ImageFilter.GaussianBlur(radius)), dtype=np.float32)
    down, right = np.gradient(height * np.float32(-radius / 255.0))
    return right.astype(np.float32), down.astype(np.float32)


def _facing(lean_x: Field, lean_y: Field) -> Field:
    towards = lean_x * LIGHT_X + lean_y * LIGHT_Y + LIGHT_Z
    cosine: Field = towards / np.sqrt(lean_x**2 + lean_y**2 + 1.0)
    return cosine


def _spot(lean_x: Field, lean_y: Field, power: float) -> Field:
    # Blinn's half vector between the light and the camera.
    length = float(np.sqrt(LIGHT_X**2 + LIGHT_Y**2 + (LIGHT_Z + 1) ** 2))
    half = (lean_x * LIGHT_X + lean_y * LIGHT_Y + LIGHT_Z + 1) / length
    shine: Field = np.maximum(half / np.sqrt(lean_x**2 + lean_y**2 + 1.0), 0.0) ** power
    return shine


def _leaning(
    part: Part, mask: Image.Image, unit: float, small: float, u: Field, v: Field, shift: float
) -> tuple[Field, Field]:
    if part.form == "flat":
        return np.zeros_like(u), np.zeros_like(u)
    if part.form == "round":
        rim = np.clip(u, -0.97, 0.97)
        lean = 0.9 * rim / np.sqrt(1 - rim**2)
        return np.clip(lean, -1.6, 2.2).astype(np.float32), np.zeros_like(u)
    if part.form == "ball":
        reach = np.minimum(np.sqrt(u**2 + v**2), 0.96)
        rise = 0.8 / np.sqrt(1 - reach**2)
        return u * rise, v * rise
    radius = 0.008 * unit if part.form == "plate" else max(0.18 * small, 0.6)
    broad_x, broad_y = _relief(mask, radius)
    fine_x, fine_y = _relief(mask, max(radius / 3.5, 0.5))
    lean_x, lean_y = 1.5 * broad_x + 0.5 * fine_x, 1.5 * broad_y + 0.5 * fine_y
    if part.form == "folds":
        drape = np.float32(np.pi) * part.folds * u * (1 + 0.05 * np.sin(2 * v))
        wave = np.sin(drape + 6.28 * shift) + 0.4 * np.sin(2.3 * drape + 9 * shift)
        lean_x = lean_x + 0.42 * wave * np.clip(0.55 + 0.45 * v, 0.25, 1.0)
    return lean_x.astype(np.float32), lean_y


def light(part: Part, mask: Image.Image, unit: float, gloss: float, shift: float) -> Lit:
    """The light on a part whose outline is the L mask.

    `unit` is the picture's side in the mask's pixels; `shift` (0 to 1) places the folds.
    """
    left, top, right, bottom = mask.getbbox() or (0, 0, *mask.size)
    small = part.width * unit if part.width else float(min(right - left, bottom - top))
    x = (np.arange(mask.size[0], dtype=np.float32) + 0.5 - left) / max(right - left, 1) * 2 - 1
    y = (np.arange(mask.size[1], dtype=np.float32) + 0.5 - top) / max(bottom - top, 1) * 2 - 1
    u, v = np.meshgrid(x, y)
    lean_x, lean_y = _leaning(part, mask, unit, small, u, v, shift)
    factor = 1.0 + part.depth * (_facing(lean_x, lean_y) / LIGHT_Z - 1.0) * 0.85
    factor = factor * (1.03 - 0.05 * (u + v) * part.depth) * part.tone
    if part.form in ("flat", "plate"):
        sheen: Field = np.clip(1 - np.abs(u * 0.9 + v * 0.5 + 0.55) * 1.6, 0, 1) * 0.16
    elif part.form == "round":
        sheen = np.exp(-(((u + 0.5) / 0.11) ** 2)) * 0.5 * np.clip(1.2 - np.abs(v), 0, 1)
    else:
        sheen = _spot(lean_x, lean_y, 60.0) * 0.6
    return Lit(
        np.clip(factor, 0.18, 1.5).astype(np.float32),
        np.clip(gloss * part.gloss * sheen, 0.0, 1.0).astype(np.float32),
    )
