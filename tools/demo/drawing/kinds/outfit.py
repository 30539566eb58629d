"""Sneaker, hat, socks, umbrella, watch."""

from __future__ import annotations

import math
from random import Random

import numpy as np

from tools.demo.drawing.outlines import box, ellipse, rounded, smooth, tub
from tools.demo.drawing.part import Part, stroke


def sneaker(rng: Random) -> tuple[Part, ...]:
    high = rng.uniform(0.27, 0.33)
    upper = smooth(
        [(0.10, 0.62), (0.105, 0.46), (0.13, high + 0.05), (0.17, high), (0.26, high + 0.055),
         (0.36, high + 0.035), (0.42, high + 0.02), (0.52, 0.455), (0.68, 0.53), (0.83, 0.565),
         (0.885, 0.62), (0.885, 0.70), (0.5, 0.72), (0.12, 0.70)]
    )  # fmt: skip
    collar = smooth([(0.165, high + 0.012), (0.26, high + 0.06), (0.40, high + 0.035),
                     (0.36, high + 0.125), (0.24, high + 0.13)])  # fmt: skip
    tongue = smooth(
        [(0.34, high - 0.02), (0.41, high - 0.05), (0.46, high), (0.50, 0.45), (0.40, 0.47)]
    )
    sole = rounded([(0.075, 0.655), (0.93, 0.655), (0.925, 0.76), (0.09, 0.76)],
                   [0.03, 0.05, 0.06, 0.04])  # fmt: skip
    toe = smooth([(0.745, 0.66), (0.765, 0.585), (0.83, 0.562), (0.905, 0.62), (0.92, 0.67)])
    heel = smooth([(0.10, 0.66), (0.105, 0.48), (0.135, high + 0.07), (0.20, 0.50), (0.215, 0.66)])
    line = np.array([(0.085, 0.695), (0.92, 0.695)])
    laces = tuple(
        np.array(
            [(0.405 + 0.06 * i, high + 0.055 + 0.048 * i), (0.335 + 0.062 * i, 0.43 + 0.032 * i)]
        )
        for i in range(4)
    )
    flash = smooth([(0.30, 0.62), (0.42, 0.60), (0.60, 0.545), (0.48, 0.635), (0.36, 0.66)])
    return (
        Part((tongue,), fill="accent", tone=0.9),
        Part((upper,), form="soft", lift=0.2),
        Part((collar,), fill="ink", form="soft", tone=0.9, lift=0),
        Part((heel,), fill="accent", lift=0.3),
        Part((flash,), fill="accent", lift=0.3),
        Part((toe,), fill="rubber", lift=0.3),
        Part(laces, fill="rubber", width=0.02, lift=0.6),
        Part((sole,), fill="rubber", form="soft", lift=0.5, depth=0.8),
        stroke(line, 0.009, "accent", lift=0.0),
    )


def hat(rng: Random) -> tuple[Part, ...]:
    top, brim = rng.uniform(0.24, 0.28), rng.uniform(0.40, 0.43)
    crown = smooth(
        [(0.275, 0.60), (0.29, 0.42), (0.335, top + 0.03), (0.42, top - 0.015), (0.5, top + 0.012),
         (0.58, top - 0.015), (0.665, top + 0.03), (0.71, 0.42), (0.725, 0.60), (0.5, 0.66)]
    )  # fmt: skip
    band = tub(((0.283, 0.50), (0.717, 0.50)), ((0.275, 0.575), (0.725, 0.575)), 0.055)
    under = ellipse(0.5, 0.628, brim + 0.015, 0.135)
    over = ellipse(0.5, 0.60, brim + 0.02, 0.125)
    bow = rounded([(0.66, 0.515), (0.715, 0.50), (0.72, 0.585), (0.665, 0.60)], 0.01)
    return (
        Part((under,), fill="color", tone=0.62, form="flat"),
        Part((over,), form="soft", depth=0.8, lift=0.3),
        Part((crown,), form="soft", depth=1.2, lift=0.9),
        Part((band,), fill="accent", form="round", depth=0.8, lift=0.3),
        Part((bow,), fill="accent", tone=0.85, lift=0.4),
    )


def _sock(x: float, y: float) -> tuple[Part, ...]:
    leg = rounded(
        [(x, y), (x + 0.19, y), (x + 0.195, y + 0.40), (x + 0.345, y + 0.50), (x + 0.36, y + 0.60),
         (x + 0.26, y + 0.645), (x + 0.04, y + 0.56), (x - 0.005, y + 0.44)],
        [0.015, 0.015, 0.07, 0.09, 0.08, 0.09, 0.12, 0.1],
    )  # fmt: skip
    cuff = box(x - 0.008, y - 0.012, x + 0.198, y + 0.085, 0.014)
    heel = smooth([(x - 0.004, y + 0.41), (x + 0.07, y + 0.47), (x + 0.10, y + 0.585),
                   (x + 0.035, y + 0.553), (x + 0.002, y + 0.50)])  # fmt: skip
    toe = smooth([(x + 0.265, y + 0.455), (x + 0.335, y + 0.50), (x + 0.358, y + 0.565),
                  (x + 0.315, y + 0.628), (x + 0.235, y + 0.628),
                  (x + 0.235, y + 0.54)])  # fmt: skip
    ribs = tuple(np.array([(x + 0.018 * i, y), (x + 0.018 * i, y + 0.075)]) for i in range(1, 11))
    return (
        Part((leg,), form="soft", lift=0.9),
        Part((heel,), fill="accent", lift=0.0, depth=0.6),
        Part((toe,), fill="accent", lift=0.0, depth=0.6),
        Part((cuff,), fill="accent", form="soft", lift=0.3),
        Part(ribs, fill="ink", width=0.003, lift=0.0, tone=1.2),
    )


def socks(rng: Random) -> tuple[Part, ...]:
    gap = rng.uniform(0.0, 0.04)
    return (*_sock(0.40 + gap, 0.13), *_sock(0.20, 0.20 + gap))


def umbrella(rng: Random) -> tuple[Part, ...]:
    top, edge = rng.uniform(0.13, 0.16), 0.52
    ends = [0.08, 0.225, 0.40, 0.60, 0.775, 0.92]
    t = np.linspace(0, np.pi, 60)
    dome = np.stack([0.5 - 0.42 * np.cos(t), edge - (edge - top) * np.sin(t) ** 0.85], axis=1)
    scallops = []
    for right, left in zip(ends[::-1], ends[-2::-1], strict=False):
        s = np.linspace(0, np.pi, 14)
        middle, half = (left + right) / 2, (right - left) / 2
        scallops.append(np.stack([middle + half * np.cos(s), edge - 0.045 * np.sin(s)], axis=1))
    canopy = np.concatenate([dome, *scallops])
    ribs = tuple(
        smooth([(0.5, top), (0.5 + (end - 0.5) * 0.72, top + (edge - top) * 0.42), (end, edge)],
               closed=False)
        for end in ends[1:-1]
    )  # fmt: skip
    inner = smooth([(0.10, 0.515), (0.3, 0.49), (0.5, 0.485), (0.7, 0.49), (0.90, 0.515),
                    (0.7, 0.45), (0.5, 0.44), (0.3, 0.45)])  # fmt: skip
    hook = [(0.5, 0.44), (0.5, 0.78), (0.5, 0.855)]
    hook += [
        (0.555 - 0.055 * math.cos(a), 0.86 + 0.055 * math.sin(a)) for a in np.linspace(0.2, 3.1, 8)
    ]
    shaft = np.array([(0.5, 0.42), (0.5, 0.80)])
    return (
        Part((inner,), fill="color", tone=0.5, form="flat"),
        stroke(shaft, 0.016, "metal"),
        stroke(smooth([(0.5, 0.74), *hook[2:]], closed=False), 0.034, "accent"),
        stroke(np.array([(0.5, top - 0.045), (0.5, top + 0.01)]), 0.016, "metal"),
        Part((canopy,), form="soft", depth=1.15, lift=0.3),
        Part(ribs, fill="ink", width=0.0045, lift=0.5),
    )


def watch(rng: Random) -> tuple[Part, ...]:
    hour, minute = rng.random() * 6.28, rng.random() * 6.28
    strap = rounded([(0.395, 0.06), (0.605, 0.06), (0.635, 0.36), (0.635, 0.64), (0.605, 0.94),
                     (0.395, 0.94), (0.365, 0.64), (0.365, 0.36)], 0.03)  # fmt: skip
    ticks = tuple(
        np.array([(0.5 + r * math.sin(a), 0.5 + r * math.cos(a)) for r in (0.152, 0.172)])
        for a in np.arange(12) * math.pi / 6
    )
    holes = tuple(ellipse(0.5, y, 0.008, 0.008) for y in (0.80, 0.835, 0.87))
    hands = (
        np.array([(0.5, 0.5), (0.5 + 0.085 * math.sin(hour), 0.5 - 0.085 * math.cos(hour))]),
        np.array([(0.5, 0.5), (0.5 + 0.14 * math.sin(minute), 0.5 - 0.14 * math.cos(minute))]),
    )
    return (
        Part((strap,), form="soft", depth=0.9),
        Part(holes, fill="ink", lift=0, form="flat"),
        Part((box(0.355, 0.125, 0.645, 0.155, 0.012),), fill="accent", lift=0.3),
        stroke(np.array([(0.72, 0.5), (0.755, 0.5)]), 0.045, "metal"),
        Part((ellipse(0.5, 0.5, 0.235, 0.235),), fill="metal", form="soft", depth=1.3, lift=0.9),
        Part((ellipse(0.5, 0.5, 0.195, 0.195),), fill="rubber", form="flat", lift=0.3),
        Part(ticks, fill="ink", width=0.009, lift=0),
        Part(hands, fill="ink", width=0.013, lift=0.5),
        Part((ellipse(0.5, 0.5, 0.016, 0.016),), fill="accent", lift=0.3),
    )
