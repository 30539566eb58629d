"""Places: a field, the sea, a night, a table, an awning, a floor."""

from __future__ import annotations

import math
from random import Random

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from tools.demo.drawing.noise import clouds
from tools.demo.drawing.outlines import Points, ellipse, smooth
from tools.demo.drawing.palette import RGB, mix
from tools.demo.drawing.patterns import draw_pattern
from tools.demo.drawing.patterns.stamps import heart, star
from tools.demo.drawing.scenes.stage import corner_light, fade, floor, relit


def _fill(draw: ImageDraw.ImageDraw, points: Points, side: int, color: RGB) -> None:
    draw.polygon((points * side).ravel().tolist(), fill=color)


def _flower(
    draw: ImageDraw.ImageDraw, side: int, x: float, y: float, r: float, rng: Random
) -> None:
    shade = rng.uniform(0.9, 1.0)
    for count, reach, color in ((19, 1.0, (226, 150, 24)), (17, 0.9, (250, 196, 40))):
        start = rng.random()
        tint = mix((90, 60, 10), color, shade)
        for index in range(count):
            angle = start + index * 2 * math.pi / count
            px, py = x + math.cos(angle) * r * 0.62 * reach, y + math.sin(angle) * r * 0.58 * reach
            petal = ellipse(px, py, r * 0.40 * reach, r * 0.135, turn=math.degrees(angle))
            _fill(draw, petal, side, tint)
    _fill(draw, ellipse(x, y, r * 0.44, r * 0.41), side, (84, 50, 24))
    _fill(draw, ellipse(x - r * 0.02, y - r * 0.02, r * 0.30, r * 0.28), side, (56, 34, 20))
    for index in range(34 if r > 0.04 else 0):
        angle, reach = index * 2.39996, r * 0.42 * math.sqrt(index / 34)
        dot = ellipse(
            x + math.cos(angle) * reach, y + math.sin(angle) * reach, r * 0.022, r * 0.022
        )
        _fill(draw, dot, side, (150, 98, 40))


def sunflower_field(rng: Random, size: int) -> Image.Image:
    """Rows of sunflowers up to the horizon under a summer sky."""
    side = size * 2
    picture = fade(side, [(0.0, (96, 164, 222)), (0.36, (206, 228, 238)), (0.37, (112, 146, 70)),
                          (1.0, (52, 92, 36))])  # fmt: skip
    draw = ImageDraw.Draw(picture)
    hills = smooth([(-0.1, 0.40), (0.15, 0.33), (0.4, 0.36), (0.7, 0.315), (1.1, 0.37), (1.1, 0.44),
                    (-0.1, 0.44)])  # fmt: skip
    _fill(draw, hills, side, (116, 152, 92))
    for row in range(12):
        near = (row / 11) ** 1.7
        y, r = 0.405 + 0.50 * near, 0.012 + 0.125 * near
        for column in range(-1, math.ceil(1 / (r * 1.7)) + 2):
            x = (column + 0.5 * (row % 2)) * r * 1.75 + rng.uniform(-0.3, 0.3) * r
            lift = rng.uniform(-0.35, 0.35) * r
            for lean in (-1, 1):
                leaf = ellipse(x + lean * r * 0.6, y + r * 1.25, r * 0.6, r * 0.28, turn=lean * 24)
                _fill(draw, leaf, side, mix((44, 84, 34), (92, 140, 62), rng.random()))
            _flower(draw, side, x, y + lift, r * rng.uniform(0.85, 1.0), rng)
    return relit(picture, corner_light(side, 0.2)).reduce(2)


def sea(rng: Random, size: int) -> Image.Image:
    """Swell with pale crests under a clear sky."""
    side = size * 2
    picture = fade(side, [(0.0, (120, 188, 232)), (0.24, (226, 240, 246)), (0.25, (52, 124, 190)),
                          (1.0, (14, 60, 120))])  # fmt: skip
    draw = ImageDraw.Draw(picture)
    line = np.linspace(-0.02, 1.02, 160)
    for row in range(15):
        near = (row / 14) ** 1.45
        y, high = 0.265 + 0.74 * near, 0.004 + 0.034 * near
        length, shift = 0.06 + 0.26 * near, rng.random() * 6.28
        crest = y - high * np.abs(np.sin(math.pi * line / length + shift)) ** 0.8
        body = mix((78, 156, 212), (16, 72, 142), near * 0.8 + 0.2 * (row % 2))
        foam = np.stack([line, crest - 0.004 - 0.010 * near], axis=1)
        under = np.stack([line, crest + 0.004 * near], axis=1)
        edge = np.array([(1.02, 1.05), (-0.02, 1.05)])
        _fill(draw, np.concatenate([foam, edge]), side, (232, 244, 248))
        _fill(draw, np.concatenate([under, edge]), side, body)
    return relit(picture, corner_light(side, 0.2)).reduce(2)


def starry_night(rng: Random, size: int) -> Image.Image:
    """Stars and a crescent over dark mountains."""
    side = size * 2
    picture = fade(side, [(0.0, (14, 20, 54)), (0.7, (58, 66, 128)), (1.0, (128, 98, 140))])
    draw = ImageDraw.Draw(picture)
    for _ in range(46):
        r = rng.choice((0.008, 0.012, 0.017, 0.026))
        shape = star(rng.random(), rng.random() * 0.74, r, rng.uniform(-0.3, 0.3))
        _fill(draw, shape, side, mix((255, 240, 190), (255, 255, 255), rng.random()))
    glow = Image.new("L", (side // 8, side // 8), 0)
    ImageDraw.Draw(glow).ellipse([v * side / 8 for v in (0.64, 0.08, 0.86, 0.30)], fill=90)
    soft = glow.filter(ImageFilter.GaussianBlur(side / 200)).resize((side, side))
    picture.paste((255, 244, 210), (0, 0), soft)
    moon = Image.new("L", (side, side), 0)
    pen = ImageDraw.Draw(moon)
    pen.ellipse([v * side for v in (0.68, 0.12, 0.82, 0.26)], fill=255)
    pen.ellipse([v * side for v in (0.72, 0.10, 0.85, 0.23)], fill=0)
    picture.paste((255, 246, 214), (0, 0), moon)
    for base, color in ((0.78, (38, 40, 84)), (0.88, (20, 22, 52))):
        ridge = [(x, base + rng.uniform(-0.09, 0.06)) for x in np.linspace(-0.1, 1.1, 9)]
        shape = np.concatenate([np.array(ridge), [(1.1, 1.1), (-0.1, 1.1)]])
        _fill(draw, shape, side, color)
    return picture.reduce(2)


def wooden_table(rng: Random, size: int) -> Image.Image:
    """A table's top running away towards a bright blurred room."""
    wood = draw_pattern("wood grain", "tan", "brown", size * 2, rng.randrange(1000), scale=0.8)
    top = floor(wood, size, 0.30, -0.55)
    room = fade(size, [(0.0, (232, 226, 214)), (0.30, (206, 198, 184)), (1.0, (200, 190, 176))])
    draw = ImageDraw.Draw(room)
    for x, tint in ((0.10, (250, 248, 240)), (0.44, (248, 246, 238)), (0.82, (186, 196, 170))):
        draw.rectangle([v * size for v in (x, -0.1, x + 0.22, 0.21)], fill=tint)
    room = room.filter(ImageFilter.GaussianBlur(size / 36))
    start = round(size * 0.30)
    room.paste(top.crop((0, start, size, size)), (0, start))
    ImageDraw.Draw(room).line(
        (0, start, size, start), fill=(226, 186, 136), width=max(1, size // 170)
    )
    glance = corner_light(size, 0.45) + 0.05 * (clouds(rng, size, 3) - 0.5)
    return relit(room, glance.astype(np.float32))


def tiled_floor(rng: Random, size: int, pattern: str, color: str, accent: str) -> Image.Image:
    """A patterned floor in an empty room with pale walls."""
    tiles = draw_pattern(pattern, color, accent, size * 2, rng.randrange(1000), scale=0.62)
    ground = floor(tiles, size, 0.36, -0.25)
    room = fade(size, [(0.0, (226, 228, 224)), (0.32, (210, 212, 208)), (0.325, (246, 244, 240)),
                       (0.358, (238, 236, 230)),
                       (0.36, (120, 116, 110)), (1.0, (90, 90, 90))])  # fmt: skip
    start = round(size * 0.36)
    room.paste(ground.crop((0, start, size, size)), (0, start))
    return relit(room, corner_light(size, 0.42))


def awning(rng: Random, size: int) -> Image.Image:
    """A striped awning over a shop's window."""
    side = size * 2
    picture = fade(side, [(0.0, (214, 196, 170)), (1.0, (196, 176, 150))])
    draw = ImageDraw.Draw(picture)
    draw.rectangle([v * side for v in (0.12, 0.5, 0.88, 0.93)], fill=(70, 92, 88))
    for x0, x1 in ((0.15, 0.37), (0.395, 0.605), (0.63, 0.85)):
        draw.rectangle([v * side for v in (x0, 0.5, x1, 0.90)], fill=(58, 74, 88))
        gleam = np.array([(x0, 0.80), (x0, 0.66), (x1, 0.5), (x1, 0.56)])
        _fill(draw, gleam, side, (104, 126, 140))
    count, red = 11, rng.choice(((196, 48, 52), (36, 84, 150), (44, 122, 88)))
    for index in range(count):
        color = red if index % 2 == 0 else (246, 242, 234)
        top = [0.16 + 0.68 * (index + step) / count for step in (0, 1)]
        low = [0.04 + 0.92 * (index + step) / count for step in (0, 1)]
        middle, half = (low[0] + low[1]) / 2, (low[1] - low[0]) / 2
        t = np.linspace(0, math.pi, 20)
        scallop = np.stack([middle + half * np.cos(t), 0.56 + 0.045 * np.sin(t)], axis=1)
        _fill(
            draw,
            np.array([(top[0], 0.12), (top[1], 0.12), (low[1], 0.50), (low[0], 0.50)]),
            side,
            color,
        )
        valance = np.concatenate([[(low[0], 0.50), (low[1], 0.50)], scallop])
        _fill(draw, valance, side, mix(color, (40, 20, 20), 0.16))
    return relit(picture, corner_light(side, 0.4)).reduce(2)


def heart_balloons(rng: Random, size: int) -> Image.Image:
    """Heart-shaped balloons rising into the sky."""
    side = size * 2
    picture = fade(side, [(0.0, (126, 186, 232)), (1.0, (232, 240, 244))])
    draw = ImageDraw.Draw(picture)
    tones: tuple[RGB, ...] = ((210, 40, 60), (238, 120, 150), (190, 30, 80), (246, 170, 190))
    spots = [(x, y) for y in (0.17, 0.42, 0.68) for x in (0.2, 0.5, 0.8)]
    for index, (x, y) in enumerate(spots):
        x, y = x + rng.uniform(-0.06, 0.06), y + rng.uniform(-0.06, 0.06)
        r, lean, color = rng.uniform(0.09, 0.13), rng.uniform(-0.25, 0.25), tones[index % 4]
        string = smooth([(x, y + r), (x + 0.01, y + r * 1.8), (0.5, 1.05)], closed=False) * side
        draw.line(string.ravel().tolist(), fill=(150, 150, 160), width=max(1, side // 400))
        for step in range(14):
            share = step / 13
            shift = -0.22 * r * share
            tint = mix(mix(color, (60, 0, 20), 0.25), mix(color, (255, 255, 255), 0.22), share)
            _fill(draw, heart(x + shift, y + shift, r * (1 - 0.55 * share), lean), side, tint)
        _fill(
            draw,
            ellipse(x - r * 0.45, y - r * 0.45, r * 0.16, r * 0.09, turn=-40),
            side,
            (255, 236, 240),
        )
    return picture.reduce(2)
