"""Phone case, notebook, headphones."""

from __future__ import annotations

from random import Random

import numpy as np

from tools.demo.drawing.outlines import box, ellipse, flipped, smooth
from tools.demo.drawing.part import Part, stroke


def phone_case(rng: Random) -> tuple[Part, ...]:
    radius, lenses = rng.uniform(0.055, 0.08), rng.choice((2, 3))
    left, right = 0.285, 0.715
    spots = [(0.375, 0.175), (0.375, 0.265), (0.455, 0.22)][:lenses]
    if lenses == 2:
        island = box(0.325, 0.125, 0.425, 0.315, 0.045)
        flash = ellipse(0.455, 0.15, 0.010, 0.010)
    else:
        island = box(0.32, 0.12, 0.51, 0.32, 0.045)
        flash = ellipse(0.462, 0.155, 0.010, 0.010)
    buttons = (
        np.array([(right + 0.004, 0.33), (right + 0.004, 0.41)]),
        np.array([(left - 0.004, 0.27), (left - 0.004, 0.33)]),
        np.array([(left - 0.004, 0.36), (left - 0.004, 0.42)]),
    )
    return (
        Part(buttons, fill="accent", width=0.014),
        Part((box(left, 0.06, right, 0.94, radius + 0.01),), fill="color", form="plate", tone=0.72),
        Part((box(left + 0.010, 0.068, right - 0.010, 0.932, radius),), form="plate", lift=0),
        Part((island,), fill="ink", form="plate", lift=0.5),
        Part(tuple(ellipse(x, y, 0.037, 0.037) for x, y in spots), fill="metal", lift=0.3),
        Part(tuple(ellipse(x, y, 0.030, 0.030) for x, y in spots), fill="glass", lift=0),
        Part(tuple(ellipse(x - 0.009, y - 0.010, 0.008, 0.008) for x, y in spots), fill="blue",
             form="flat", tone=1.3, lift=0),
        Part((flash,), fill="paper", form="flat", lift=0),
    )  # fmt: skip


def notebook(rng: Random) -> tuple[Part, ...]:
    band = rng.uniform(0.70, 0.74)
    label = rng.random() < 0.6
    pages = tuple(np.array([(0.25, y), (0.806, y)]) for y in (0.899, 0.908, 0.917))
    parts = [
        Part((box(0.215, 0.095, 0.815, 0.935, 0.03),), fill="color", form="plate", tone=0.6),
        Part((box(0.23, 0.10, 0.808, 0.922, 0.015),), fill="paper", form="flat", lift=0),
        Part(pages, fill="gray", width=0.0025, lift=0),
        Part((box(0.195, 0.07, 0.795, 0.895, 0.03),), form="plate", lift=0.6),
        Part(
            (box(0.195, 0.07, 0.27, 0.895, 0.03),), fill="accent", form="soft", depth=0.6, lift=0.2
        ),
        stroke(np.array([(0.60, 0.89), (0.60, 0.97)]), 0.012, "accent"),
        stroke(np.array([(band, 0.072), (band, 0.893)]), 0.020, "accent", lift=0.7),
    ]
    if label:
        parts.append(
            Part((box(0.36, 0.22, 0.63, 0.35, 0.012),), fill="paper", form="plate", lift=0.3)
        )
        lines = tuple(np.array([(0.395, y), (0.595, y)]) for y in (0.265, 0.305))
        parts.append(Part(lines, fill="gray", width=0.005, lift=0))
    return tuple(parts)


def headphones(rng: Random) -> tuple[Part, ...]:
    top, cup = rng.uniform(0.10, 0.13), rng.uniform(0.165, 0.18)
    half = [(0.5, top), (0.66, top + 0.035), (0.775, 0.25), (0.81, 0.43)]
    arc = smooth([(1 - x, y) for x, y in half[:0:-1]] + half, closed=False)
    inner = (arc - 0.5) * np.array([0.90, 0.88]) + np.array([0.5, 0.505])
    fork = smooth([(0.81, 0.40), (0.835, 0.50), (0.80, 0.60)], closed=False)
    pad = ellipse(0.715, 0.645, 0.065, cup * 1.04, turn=-6)
    shell = ellipse(0.79, 0.64, 0.098, cup, turn=-6)
    ring = ellipse(0.80, 0.64, 0.058, cup * 0.62, turn=-6)
    return (
        stroke(inner, 0.05, "ink", tone=0.9),
        stroke(arc, 0.062, "pattern", lift=0.4),
        stroke(fork, 0.030, "metal"),
        stroke(flipped(fork), 0.030, "metal"),
        Part((pad,), fill="ink", form="soft"),
        Part((flipped(pad),), fill="ink", form="soft"),
        Part((shell,), form="soft", lift=0.7),
        Part((flipped(shell),), form="soft", lift=0.7),
        Part((ring, flipped(ring)), fill="accent", form="soft", depth=0.8, lift=0.3),
    )
