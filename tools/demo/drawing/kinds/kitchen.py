"""Mug, bowl, plate, teapot, vase, water bottle."""

from __future__ import annotations

from random import Random

import numpy as np

from tools.demo.drawing.outlines import box, ellipse, mirrored, rounded, smooth, tub
from tools.demo.drawing.part import Part, stroke


def mug(rng: Random) -> tuple[Part, ...]:
    top, taper = rng.uniform(0.24, 0.28), rng.uniform(0.0, 0.035)
    body = tub(((0.19, top), (0.67, top)), ((0.19 + taper, 0.80), (0.67 - taper, 0.80)), 0.05)
    handle = smooth([(0.64, top + 0.12), (0.79, top + 0.09), (0.855, top + 0.21), (0.80, 0.64),
                     (0.64, 0.69)], closed=False)  # fmt: skip
    return (
        stroke(handle, 0.062, "accent"),
        Part((body,), form="round", lift=0.3),
        Part((ellipse(0.43, top, 0.24, 0.052),), fill="color", form="flat", tone=1.12, lift=0),
        Part((ellipse(0.43, top + 0.004, 0.222, 0.042),), fill="accent", form="flat", tone=0.72,
             lift=0),
        Part((ellipse(0.43, top + 0.018, 0.195, 0.026),), fill="leather", form="flat", tone=0.5,
             lift=0),
    )  # fmt: skip


def bowl(rng: Random) -> tuple[Part, ...]:
    top, deep = rng.uniform(0.38, 0.41), rng.uniform(0.76, 0.79)
    t = np.linspace(0, np.pi, 50)
    side = np.stack([0.5 + 0.38 * np.cos(t), top + (deep - top) * np.sin(t) ** 0.72], axis=1)
    foot = tub(((0.39, deep - 0.03), (0.61, deep - 0.03)), ((0.40, 0.80), (0.60, 0.80)), 0.018)
    return (
        Part((foot,), fill="color", form="round", tone=0.85),
        Part((side,), form="ball", depth=0.9, lift=0.3),
        Part((ellipse(0.5, top, 0.38, 0.10),), fill="color", form="flat", tone=1.08, lift=0),
        Part((ellipse(0.5, top + 0.006, 0.358, 0.088),), fill="accent", form="soft", tone=0.72,
             depth=-0.7, lift=0),
    )  # fmt: skip


def plate(rng: Random) -> tuple[Part, ...]:
    well = rng.uniform(0.235, 0.255)
    return (
        Part((ellipse(0.5, 0.5, 0.40, 0.40),), fill="accent", form="plate"),
        Part((ellipse(0.5, 0.5, 0.388, 0.388),), form="soft", depth=0.5, lift=0),
        Part((ellipse(0.5, 0.5, well + 0.014, well + 0.014),), fill="accent", form="flat", lift=0),
        Part((ellipse(0.5, 0.5, well, well),), form="soft", depth=-0.5, lift=0),
    )


def teapot(rng: Random) -> tuple[Part, ...]:
    top, belly = rng.uniform(0.36, 0.39), rng.uniform(0.25, 0.27)
    body = smooth([(0.5, top), (0.61, top + 0.015), (0.48 + belly, 0.52), (0.49 + belly, 0.66),
                   (0.60, 0.79), (0.5, 0.805), (0.40, 0.79), (0.51 - belly, 0.66),
                   (0.52 - belly, 0.52), (0.39, top + 0.015)])  # fmt: skip
    spout = smooth([(0.30, 0.56), (0.235, 0.52), (0.19, 0.43), (0.135, 0.385), (0.115, 0.40),
                    (0.15, 0.50), (0.19, 0.64), (0.30, 0.73)])  # fmt: skip
    handle = smooth([(0.66, 0.45), (0.80, 0.41), (0.875, 0.52), (0.83, 0.66), (0.68, 0.71)],
                    closed=False)  # fmt: skip
    foot = tub(((0.39, 0.775), (0.61, 0.775)), ((0.38, 0.812), (0.62, 0.812)), 0.014)
    lid = smooth([(0.39, top + 0.018), (0.42, top - 0.045), (0.5, top - 0.065), (0.58, top - 0.045),
                  (0.61, top + 0.018), (0.5, top + 0.045)])  # fmt: skip
    return (
        Part((foot,), fill="accent", form="round", lift=0),
        stroke(handle, 0.046, "accent"),
        Part((spout,), fill="accent"),
        Part((body,), form="ball", lift=0.4, depth=0.95),
        Part((lid,), form="soft", fill="accent", lift=0.5),
        Part((ellipse(0.5, top - 0.088, 0.033, 0.033),), fill="accent", form="ball", lift=0.3),
    )


def vase(rng: Random) -> tuple[Part, ...]:
    lip, neck = rng.uniform(0.085, 0.125), rng.uniform(0.062, 0.085)
    belly = rng.uniform(0.19, 0.235)
    half = smooth([(0.5 + lip, 0.135), (0.5 + neck, 0.21), (0.5 + neck + 0.02, 0.31),
                   (0.5 + belly, 0.50), (0.5 + belly - 0.01, 0.64), (0.5 + belly * 0.6, 0.82),
                   (0.5 + belly * 0.5, 0.862)], closed=False)  # fmt: skip
    base = np.stack(
        [0.5 + belly * 0.5 * np.cos(t := np.linspace(0, np.pi / 2, 12)), 0.862 + 0.022 * np.sin(t)],
        axis=1,
    )
    body = mirrored(np.concatenate([half, base]))
    return (
        Part((body,), form="round"),
        Part((ellipse(0.5, 0.135, lip, 0.026),), fill="color", form="flat", tone=1.1, lift=0),
        Part((ellipse(0.5, 0.139, lip * 0.84, 0.019),), fill="ink", form="flat", lift=0),
    )


def water_bottle(rng: Random) -> tuple[Part, ...]:
    shoulder, half = rng.uniform(0.29, 0.33), rng.uniform(0.145, 0.16)
    right = np.concatenate(
        [
            smooth([(0.575, 0.225), (0.59, 0.25), (0.5 + half, shoulder + 0.03)], closed=False),
            rounded([(0.5 + half, 0.5), (0.5 + half, 0.905), (0.5, 0.92)], [0.0, 0.03, 0.0])[9:],
        ]
    )
    body = mirrored(right)
    cap = box(0.415, 0.115, 0.585, 0.215, 0.018)
    loop = smooth([(0.43, 0.135), (0.43, 0.065), (0.5, 0.05), (0.57, 0.065), (0.57, 0.135)],
                  closed=False)  # fmt: skip
    grooves = tuple(np.array([(x, 0.135), (x, 0.20)]) for x in np.linspace(0.435, 0.565, 8))
    band = tub(
        ((0.5 - half, 0.83), (0.5 + half, 0.83)), ((0.5 - half, 0.86), (0.5 + half, 0.86)), 0.012
    )
    return (
        stroke(loop, 0.022, "accent"),
        Part((box(0.425, 0.20, 0.575, 0.245, 0.0),), fill="metal", form="round"),
        Part((body,), form="round", lift=0.3),
        Part((band,), fill="metal", form="round", lift=0.2),
        Part((cap,), fill="accent", form="round", lift=0.6),
        Part(grooves, fill="ink", width=0.0035, lift=0),
    )
