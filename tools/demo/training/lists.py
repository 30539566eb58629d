"""Lists to be put in order, as a search finds them: one to three that fit, and near misses."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

import numpy as np
import torch
from PIL import Image

from tools.demo.attribute_words import COLOR_WORDS, PATTERN_WORDS
from tools.demo.drawing import COLORS, Look
from tools.demo.held_out import Drawing
from tools.demo.training import captions as speech
from tools.demo.training import phrases
from tools.demo.training.batches import UNKNOWN, label, unknown_labels
from tools.demo.training.captions import Wish
from tools.demo.training.color_names import pick_tones, recolor, spelled
from tools.demo.training.pictures import Pixels
from tools.demo.training.sources import Sources

MOST = 9
NOTHING_KNOWN = (UNKNOWN, UNKNOWN, UNKNOWN)


@dataclass(frozen=True)
class RankedList:
    """A query, its candidates in no order, and how well each fits."""

    query: Image.Image | str
    caption: str
    instruction: str
    pictures: list[Image.Image]
    titles: list[str]
    grades: np.ndarray
    """(candidates,), 0 to 3."""
    reasons: list[str]
    labels: np.ndarray
    """(candidates, 3): kind, pattern and color of each, UNKNOWN where nobody drew it."""
    wanted: tuple[int, int, int]
    """What is asked for, likewise; UNKNOWN also for what does not matter."""


class ListSampler:
    """Draws lists, from a seed: of drawn products, of photos, of made-up things in many colors."""

    def __init__(
        self,
        drawings: Sequence[Drawing],
        pixels: Pixels,
        prints: Sequence[Drawing],
        print_pixels: Pixels,
        rows: Sequence[int],
        photos: Sources,
        objects: Sources,
        seed: int,
    ) -> None:
        self._looks = [drawing.look for drawing in drawings]
        self._pixels, self._print_pixels = pixels, print_pixels
        self._rows = list(rows)
        self._photos, self._objects = photos, objects
        self._rng = Random(seed)
        self._by: dict[tuple[str, str], list[int]] = defaultdict(list)
        self._kept: dict[tuple[tuple[str, str], ...], list[int]] = {}
        for row in rows:
            look = self._looks[row]
            for name in ("kind", "pattern", "color"):
                self._by[name, getattr(look, name)].append(row)
        self._prints: dict[tuple[str, str], list[int]] = defaultdict(list)
        for row, drawing in enumerate(prints):
            self._prints[drawing.look.pattern, drawing.look.color].append(row)
        self._labelled: dict[str, list[int]] = defaultdict(list)
        for row, name in enumerate(photos.labels):
            self._labelled[name].append(row)

    def draw(self) -> RankedList:
        """The next list: 2 to 9 candidates, mostly nine."""
        rng = self._rng
        count = MOST if rng.random() < 0.75 else rng.randint(2, MOST)
        sort = rng.random()
        if sort < 0.1 and len(self._photos):
            return self._same_photo(count)
        if sort < 0.2:
            return self._same_thing(count)
        return self._products(count)

    def captioned(self) -> tuple[Image.Image, str, tuple[int, int, int]]:
        """A picture, one sentence about it, and its labels where it is a drawn product."""
        rng = self._rng
        row = rng.choice(self._rows)
        look = self._looks[row]
        return _picture(self._pixels[row]), speech.caption(look), label(look)

    def _products(self, count: int) -> RankedList:
        """Drawn products: asked for by words, by a pattern, in another color, or as they are."""
        rng = self._rng
        look = self._looks[rng.choice(self._rows)]
        sort = rng.random()
        caption, query, words = "", Image.new("RGB", (8, 8)), ""
        wish: Wish
        if sort < 0.2:
            words = phrases.request(look, rng)
            wish = self._told(look, words)
            return self._around(look, wish, words, "", words, count)
        if sort < 0.6 and look.pattern != "plain":
            color = look.color if rng.random() < 0.6 else ""
            if rng.random() < 0.65:
                row = rng.choice(self._prints[look.pattern, color])
                query = _picture(self._print_pixels[row])
                source = Look("", look.pattern, color, "", "")
            else:
                row = rng.choice(self._by["pattern", look.pattern])
                query, source = _picture(self._pixels[row]), self._looks[row]
                color = source.color
                look = Look(look.kind, look.pattern, color, look.accent, look.material)
            words = phrases.pattern_request(look.kind, rng)
            wish = Wish(look.kind, look.pattern, color, ("pattern", "color"))
            caption = speech.caption(source)
        elif sort < 0.85:
            others = [color for color in COLORS if color != look.color]
            source = Look(look.kind, look.pattern, rng.choice(others), "", "")
            rows = self._like(source)
            if not rows:
                return self._products(count)
            query = _picture(self._pixels[rng.choice(rows)])
            words = phrases.recolor_request(look.color, rng, look.kind)
            wish = Wish(look.kind, look.pattern, look.color, ("kind", "pattern"))
            caption = speech.caption(source)
        else:
            rows = self._like(look)
            if not rows:
                return self._products(count)
            query = _picture(self._pixels[rng.choice(rows)])
            words = phrases.like_request(rng)
            wish = Wish(look.kind, look.pattern, look.color, ("kind", "pattern", "color"))
            caption = speech.caption(look)
        return self._around(look, wish, query, caption, words, count)

    def _told(self, look: Look, words: str) -> Wish:
        """What of a look the words name."""
        low = words.lower()
        color = any(name in low for name in COLOR_WORDS.get(look.color, (look.color,)))
        pattern = look.pattern != "plain" and any(
            name and name in low for name in PATTERN_WORDS[look.pattern]
        )
        return Wish(look.kind, look.pattern if pattern else "", look.color if color else "")

    def _around(
        self,
        look: Look,
        wish: Wish,
        query: Image.Image | str,
        caption: str,
        words: str,
        count: int,
    ) -> RankedList:
        """The list: what fits, what shares two names with it, what shares one, and anything."""
        rng = self._rng
        names = {"kind": look.kind, "pattern": look.pattern, "color": look.color}
        fitting = self._having({n: v for n, v in names.items() if getattr(wish, n)})
        if not fitting:  # a held-out combination: nothing of it may be shown
            return self._products(count)
        best = rng.choice((1, 1, 1, 2, 3))
        rows = [rng.choice(fitting) for _ in range(min(best, count - 1))]
        while len(rows) < count:
            luck = rng.random()
            if luck < 0.5:
                kept = rng.sample(list(names), 2)
                near = self._having({name: names[name] for name in kept})
            elif luck < 0.85:
                name = rng.choice(list(names))
                near = self._by[name, names[name]]
            else:
                near = self._rows
            if near:
                rows.append(rng.choice(near))
        rng.shuffle(rows)
        looks = [self._looks[row] for row in rows]
        silent = rng.random()  # whole lists without titles, and lists with all
        titles = [
            "" if silent < 0.25 or rng.random() < 0.05 else phrases.title(each, rng)
            for each in looks
        ]
        return RankedList(
            query=query,
            caption=caption if rng.random() < 0.9 else "",
            instruction=words,
            pictures=[_picture(self._pixels[row]) for row in rows],
            titles=titles,
            grades=np.array([wish.grade(each) for each in looks]),
            reasons=[speech.reason(each, wish) for each in looks],
            labels=np.array([label(each) for each in looks]),
            wanted=label(wish),
        )

    def _like(self, look: Look) -> list[int]:
        return self._having({"kind": look.kind, "pattern": look.pattern, "color": look.color})

    def _having(self, names: dict[str, str]) -> list[int]:
        """The rows that have all of these names; kept, since they are asked for again and again."""
        key = tuple(sorted(names.items()))
        if key not in self._kept:
            first, *others = (self._by[name, value] for name, value in key)
            common = set(first).intersection(*others)
            self._kept[key] = [row for row in first if row in common]
        return self._kept[key]

    def _same_photo(self, count: int) -> RankedList:
        """Another view of one of the photos, among photos of its sort and of others."""
        rng = self._rng
        row = rng.randrange(len(self._photos))
        name = self._photos.labels[row]
        alike = rng.sample(self._labelled[name], min(count // 2, len(self._labelled[name])))
        others = rng.sample(range(len(self._photos)), count)
        rows = list(dict.fromkeys([row, *alike, *others]))[:count]
        rng.shuffle(rows)
        labels = [self._photos.labels[each] for each in rows]
        side = self._photos.pixels.shape[1]
        left, top = rng.randint(0, side // 4), rng.randint(0, side // 4)
        room = side - side // 4
        view = _picture(self._photos.pixels[row][top : top + room, left : left + room])
        grades = [3.0 if each == row else 1.0 if label == name else 0.0
                  for each, label in zip(rows, labels, strict=True)]  # fmt: skip
        said = [f"{label}, as in your photo" if label == name else f"a {label}" for label in labels]
        return RankedList(
            query=view,
            caption=f"{speech.article(name)} {name}." if rng.random() < 0.5 else "",
            instruction=phrases.like_request(rng),
            pictures=[_picture(self._photos.pixels[each]) for each in rows],
            titles=["" if rng.random() < 0.5 else label for label in labels],
            grades=np.array(grades),
            reasons=said,
            labels=unknown_labels(len(rows)),
            wanted=NOTHING_KNOWN,
        )

    def _same_thing(self, count: int) -> RankedList:
        """A thing in one tone, asked for in another: both in the list, and other things."""
        rng = self._rng
        tones = pick_tones(4, rng)
        thing, *others = rng.sample(range(len(self._objects)), 4)
        pairs = [(thing, tone) for tone in tones[1:]] + [(other, tones[0]) for other in others]
        pairs += [(other, tone) for other in others for tone in tones[1:]]
        picked = [(thing, tones[0]), *rng.sample(pairs, min(count - 1, len(pairs)))]
        rng.shuffle(picked)
        rows = [thing, *(row for row, _ in picked)]
        worn = [tones[rng.randint(1, 3)], *(tone for _, tone in picked)]
        pixels, masks = self._objects.pixels[rows], self._objects.masks[rows]
        colored = recolor(torch.from_numpy(pixels), torch.from_numpy(masks), worn).numpy()
        fits = [(row == thing, tone == tones[0]) for row, tone in picked]
        return RankedList(
            query=_picture(colored[0]),
            caption="",
            instruction=phrases.recolor_request(spelled(tones[0], rng), rng),
            pictures=[_picture(each) for each in colored[1:]],
            titles=[""] * len(picked),
            grades=np.array([3.0 if all(fit) else 0.75 * sum(fit) for fit in fits]),
            reasons=[
                f"{tone}, as you asked" if fit[1] else f"but {tone}"
                for (_, tone), fit in zip(picked, fits, strict=True)
            ],
            labels=unknown_labels(len(picked)),
            wanted=NOTHING_KNOWN,
        )


def _picture(pixels: Pixels) -> Image.Image:
    return Image.fromarray(np.ascontiguousarray(pixels))
