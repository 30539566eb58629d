"""Backpack, handbag, wallet, suitcase."""

from __future__ import annotations

from random import Random

import numpy as np

from tools.demo.drawing.outlines import box, ellipse, rounded, smooth
from tools.demo.drawing.part import Part, stroke


def backpack(rng: Random) -> tuple[Part, ...]:
    top, pocket = rng.uniform(0.15, 0.18), rng.uniform(0.55, 0.58)
    body = rounded([(0.27, top), (0.73, top), (0.78, 0.90), (0.22, 0.90)], [0.15, 0.15, 0.08, 0.08])
    handle = smooth([(0.43, top + 0.02), (0.44, top - 0.06), (0.56, top - 0.06),
                     (0.57, top + 0.02)], closed=False)  # fmt: skip
    straps = (
        smooth([(0.30, 0.30), (0.19, 0.42), (0.17, 0.62), (0.225, 0.82)], closed=False),
        smooth([(0.70, 0.30), (0.81, 0.42), (0.83, 0.62), (0.775, 0.82)], closed=False),
    )
    zip_line = smooth([(0.285, 0.43), (0.31, top + 0.10), (0.40, top + 0.045), (0.60, top + 0.045),
                       (0.69, top + 0.10), (0.715, 0.43)], closed=False)  # fmt: skip
    front = rounded([(0.295, pocket), (0.705, pocket), (0.715, 0.86), (0.285, 0.86)],
                    [0.05, 0.05, 0.06, 0.06])  # fmt: skip
    seam = np.array([(0.335, pocket + 0.055), (0.665, pocket + 0.055)])
    badge = box(0.452, 0.425, 0.548, 0.475, 0.012)
    return (
        Part(straps, fill="accent", width=0.05, tone=0.85),
        stroke(handle, 0.03, "accent"),
        Part((body,), form="soft", lift=0.6),
        stroke(zip_line, 0.010, "ink", lift=0.0),
        Part((badge,), fill="leather", form="plate", lift=0.3),
        Part((front,), form="soft", lift=0.9, tone=1.02, turn=0.01),
        stroke(seam, 0.011, "ink", lift=0.0),
        stroke(np.array([(0.64, pocket + 0.055), (0.64, pocket + 0.10)]), 0.013, "metal"),
    )


def handbag(rng: Random) -> tuple[Part, ...]:
    top, flare = rng.uniform(0.42, 0.45), rng.uniform(0.0, 0.03)
    body = rounded([(0.21 + flare, top), (0.79 - flare, top), (0.86, 0.86), (0.14, 0.86)],
                   [0.05, 0.05, 0.08, 0.08])  # fmt: skip
    arc = smooth([(0.32, top + 0.08), (0.325, 0.25), (0.41, 0.145), (0.5, 0.12), (0.59, 0.145),
                  (0.675, 0.25), (0.68, top + 0.08)], closed=False)  # fmt: skip
    behind = arc * np.array([0.92, 1.0]) + np.array([0.04, 0.025])
    trim = rounded([(0.205 + flare, top - 0.012), (0.795 - flare, top - 0.012),
                    (0.80 - flare, top + 0.05), (0.20 + flare, top + 0.05)], 0.02)  # fmt: skip
    flap = rounded([(0.425, top), (0.575, top), (0.565, top + 0.17), (0.5, top + 0.21),
                    (0.435, top + 0.17)], 0.025)  # fmt: skip
    rings = (ellipse(0.32, top + 0.085, 0.03, 0.03), ellipse(0.68, top + 0.085, 0.03, 0.03))
    holes = (ellipse(0.32, top + 0.085, 0.018, 0.018), ellipse(0.68, top + 0.085, 0.018, 0.018))
    return (
        stroke(behind, 0.032, "accent", tone=0.75),
        Part((body,), form="soft", lift=0.4),
        Part((trim,), fill="accent", form="soft", lift=0.3),
        Part((flap,), fill="accent", form="soft", lift=0.9),
        Part((ellipse(0.5, top + 0.15, 0.024, 0.024),), fill="gold", lift=0.4),
        Part(rings, fill="gold", holes=holes, lift=0.4),
        stroke(arc, 0.036, "accent", lift=0.6),
    )


def wallet(rng: Random) -> tuple[Part, ...]:
    drop = rng.uniform(-0.01, 0.02)
    back = box(0.135, 0.275 + drop, 0.865, 0.74, 0.045)
    front = box(0.125, 0.31 + drop, 0.855, 0.765, 0.045)
    card = box(0.24, 0.215 + drop, 0.66, 0.5, 0.02)
    note = box(0.18, 0.245 + drop, 0.80, 0.5, 0.008)
    tab = rounded([(0.70, 0.475), (0.91, 0.475), (0.91, 0.60), (0.70, 0.60)],
                  [0.06, 0.02, 0.02, 0.06])  # fmt: skip
    stitches = tuple(
        np.array([(x, y), (x + 0.014, y)])
        for y in (0.335 + drop, 0.738)
        for x in np.arange(0.155, 0.82, 0.026)
    )
    return (
        Part((back,), fill="accent", form="plate", tone=0.8),
        Part((card,), fill="blue", form="plate", lift=0.5),
        stroke(np.array([(0.25, 0.255 + drop), (0.65, 0.255 + drop)]), 0.02, "ink", lift=0),
        Part((note,), fill="green", form="plate", tone=1.2, lift=0.5),
        Part((front,), form="soft", depth=0.7, lift=0.9),
        Part(stitches, fill="rubber", width=0.005, lift=0),
        Part((tab,), fill="accent", form="soft", lift=0.8),
        Part((ellipse(0.765, 0.5375, 0.026, 0.026),), fill="gold", lift=0.4),
    )


def suitcase(rng: Random) -> tuple[Part, ...]:
    top = rng.uniform(0.25, 0.28)
    body = box(0.26, top, 0.74, 0.88, 0.07)
    bars = (
        np.array([(0.41, top + 0.02), (0.41, 0.09)]),
        np.array([(0.59, top + 0.02), (0.59, 0.09)]),
    )
    ribs = tuple(np.array([(x, top + 0.045), (x, 0.845)]) for x in (0.34, 0.42, 0.58, 0.66))
    wheels = (ellipse(0.325, 0.905, 0.032, 0.032), ellipse(0.675, 0.905, 0.032, 0.032))
    hubs = (ellipse(0.325, 0.905, 0.012, 0.012), ellipse(0.675, 0.905, 0.012, 0.012))
    grip = np.array([(0.395, 0.085), (0.605, 0.085)])
    handle = smooth(
        [(0.43, top), (0.44, top - 0.035), (0.56, top - 0.035), (0.57, top)], closed=False
    )
    corners = tuple(
        rounded([(x, y), (x + dx * 0.09, y), (x, y + dy * 0.09)], 0.03)
        for x, dx in ((0.255, 1), (0.745, -1))
        for y, dy in ((top - 0.005, 1), (0.885, -1))
    )
    return (
        Part(bars, fill="metal", width=0.016),
        stroke(grip, 0.036, "ink"),
        Part(wheels, fill="ink"),
        Part(hubs, fill="metal", lift=0),
        stroke(handle, 0.022, "accent"),
        Part((body,), form="soft", depth=0.85, lift=0.4),
        Part(ribs, fill="ink", width=0.004, lift=0.7, tone=0.9),
        Part(corners, fill="accent", form="plate", lift=0.2),
        Part((box(0.455, 0.53, 0.545, 0.57, 0.01),), fill="metal", form="plate", lift=0.3),
    )
