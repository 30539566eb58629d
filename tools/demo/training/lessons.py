"""What the towers embedder's network learns from: batches of requests and what should be found.

Drawn products, photos from another side, photos by their labels, things in other colors, and names
put on goods. The last needs no pictures: a class that the CNN might name, and words.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, replace
from random import Random

import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812 - the name that torch's own texts use

from tools.demo.training.color_names import spelled
from tools.demo.training.things import LIKE
from tools.demo.training.views import Pictures, ViewFeatures
from tools.demo.training.words_pool import WordsPool
from tools.embedding.towers.efficientnet import CLASSES
from tools.embedding.towers.features import Features


@dataclass(frozen=True)
class Lesson:
    """n requests, row by row with what each should find; parts that a lesson lacks are empty."""

    asked: Features
    words: list[str]
    """Beside the photo; "" where it stands alone."""
    products: Features | None = None
    said: list[str] = field(default_factory=list)
    """Words alone that ask for the product."""
    texts: list[str] = field(default_factory=list)
    """What the shop says of the product that photo + words ask for; "" for nothing."""
    keep: Tensor | None = None
    """(n, 1): 0 where nothing but class names is known of the photo."""


class Lessons:
    """Draws lessons from a seed."""

    def __init__(
        self,
        pictures: Pictures,
        seen: ViewFeatures,
        pool: WordsPool,
        class_vectors: Tensor,
        seed: int,
    ) -> None:
        self._pictures, self._seen, self._pool = pictures, seen, pool
        self._class_vectors = class_vectors
        self._rng = Random(seed)
        self._generator = torch.Generator().manual_seed(seed)
        self._views: dict[str, dict[int, int]] = defaultdict(dict)
        toned: dict[tuple[str, int], list[int]] = defaultdict(list)
        for place, view in enumerate(seen.views):
            if view.tone:
                toned[view.source, view.row].append(place)
            else:
                self._views[f"{view.source} {view.strength}"][view.row] = place
        self._tones = {
            source: [places for (name, _), places in toned.items() if name == source]
            for source in ("tone", "object")
        }
        self._group()

    def _group(self) -> None:
        self._alike: dict[tuple[str, str], list[int]] = defaultdict(list)
        self._patterned: dict[tuple[str, str], list[int]] = defaultdict(list)
        self._printed: dict[tuple[str, str], list[int]] = defaultdict(list)
        self._labelled: dict[str, list[int]] = defaultdict(list)
        for row in self._views["product soft"]:
            look = self._pictures.drawings[row].look
            self._alike[look.kind, look.pattern].append(row)
            self._patterned[look.pattern, look.color].append(row)
        for row in self._views["print strong"]:
            look = self._pictures.prints[row].look
            self._printed[look.pattern, look.color].append(row)
        for row in self._views["photo soft"]:
            self._labelled[self._pictures.photos.labels[row]].append(row)

    def draw(self, name: str, size: int) -> Lesson:
        """The next lesson of this name."""
        lesson: Lesson = getattr(self, f"_{name}")(size)
        return lesson

    def _drawn(self, size: int) -> Lesson:
        """Drawn products by a print, by themselves in another color, by another picture."""
        rng, soft = self._rng, self._views["product soft"]
        strong = self._views["product strong"]
        rows = rng.sample(list(soft), min(size, len(soft)))
        asked, words, texts = [], [], []
        for row in rows:
            look = self._pictures.drawings[row].look
            sort = rng.random()
            if sort < 0.45 and look.pattern != "plain":
                words.append(rng.choice(self._pool.prints[look.kind]))
                color = look.color if rng.random() < 0.5 else ""
                printed = self._printed[look.pattern, color]
                if printed and rng.random() < 0.75:
                    asked.append(self._views["print strong"][rng.choice(printed)])
                else:
                    asked.append(soft[rng.choice(self._patterned[look.pattern, look.color])])
            elif sort < 0.75:
                other = rng.choice(self._alike[look.kind, look.pattern])
                asked.append(strong.get(other, soft[other]))
                words.append(rng.choice(self._pool.recolored[look.color]))
            else:
                asked.append(strong.get(row, soft[row]))
                words.append(rng.choice(LIKE))
            texts.append(self._pool.looks[row] if words[-1] else "")
        return Lesson(
            asked=self._seen[asked],
            words=words,
            products=self._seen[[soft[row] for row in rows]],
            said=[self._pool.looks[row] for row in rows],
            texts=texts,
        )

    def _views_of(self, size: int) -> Lesson:
        """Photos by other views of them."""
        askew, soft = self._views["photo askew"], self._views["photo soft"]
        rows = [row for row in askew if row in soft]
        if self._rng.random() < 0.5:  # of one label, so that what is common to it does not help
            label = self._rng.choice(self._pictures.photos.labels[: self._pictures.clothes])
            alike = [row for row in rows if self._pictures.photos.labels[row] == label]
            rows = alike if len(alike) >= size else rows
        picked = self._rng.sample(rows, min(size, len(rows)))
        return Lesson(
            asked=self._seen[[askew[row] for row in picked]],
            words=[self._rng.choice(LIKE) for _ in picked],
            products=self._seen[[soft[row] for row in picked]],
        )

    def _labelled_photos(self, size: int) -> Lesson:
        """Photos of different labels, by another photo of the label and by its name."""
        rng, soft = self._rng, self._views["photo soft"]
        labels = rng.sample(list(self._labelled), min(size, len(self._labelled)))
        pairs = [rng.choices(self._labelled[label], k=2) for label in labels]
        words, texts = [], []
        for label in labels:
            wanted, text = rng.choice(self._pool.label_goods[label])
            leans = rng.random() < 0.4
            words.append(wanted if leans else rng.choice(LIKE))
            texts.append(text if leans else "")
        asked = self._seen[[soft[second] for _, second in pairs]]
        if rng.random() < 0.5:  # goods with what the photo shows have no picture here
            return Lesson(asked=asked, words=words, texts=texts)
        return Lesson(
            asked=asked,
            words=["" if rng.random() < 0.7 else rng.choice(LIKE) for _ in labels],
            products=self._seen[[soft[first] for first, _ in pairs]],
            said=[rng.choice(self._pool.labels[label]) for label in labels],
        )

    def _recolored(self, size: int) -> Lesson:
        """Things in one color asking for themselves in another, beside their siblings."""
        rng = self._rng
        source = "tone" if rng.random() < 0.65 else "object"
        things = self._tones[source]
        asked, words, products, texts = [], [], [], []
        for places in rng.sample(things, min(len(things), size // 3)):
            for place in places:
                others = [other for other in places if other != place]
                asked.append(rng.choice(others) if others and rng.random() < 0.8 else place)
                products.append(place)
                view = self._seen.views[place]
                words.append(self._pool.recolor(view.tone, rng))
                label = self._pictures.photos.labels[view.row] if source == "tone" else ""
                texts.append(f"{spelled(view.tone, rng)} {label}" if label else "")
        return Lesson(
            asked=self._seen[asked], words=words, products=self._seen[products], texts=texts
        )

    def _composed(self, size: int) -> Lesson:
        """Names on goods: what the CNN would say of a photo, and words; no picture is needed."""
        rng, pool = self._rng, self._pool
        names = rng.sample(range(len(pool.names)), (size + 1) // 2)
        words, texts, logits = [], [], []
        for n in range(size):
            name = names[n // 2]
            logits.append(self._posterior(name))
            if rng.random() < 0.3:
                words.append(rng.choice(LIKE[2:]))
                texts.append(rng.choice(pool.alone[name]))
            else:
                wanted, text = rng.choice(pool.goods[name])
                words.append(wanted)
                texts.append(text)
        asked = replace(self._strangers(size), logits=torch.stack(logits))
        keep = torch.rand(size, 1, generator=self._generator) < 0.8
        return Lesson(asked=asked, words=words, texts=texts, keep=keep.float())

    def _posterior(self, name: int) -> Tensor:
        """(CLASSES,) logits as for a photo of that name: itself, and what is called alike."""
        rng = self._rng
        alike = self._class_vectors @ self._pool.name_vectors[name]  # (CLASSES,)
        sure = rng.uniform(2, 8)
        logits = (alike - alike.max()) / rng.uniform(0.03, 0.08) + sure
        noise = torch.randn(CLASSES, generator=self._generator)
        return (logits + noise * 0.7).clamp(min=-12)

    def _strangers(self, size: int) -> Features:
        """Features of other pictures; half of them mixed of two, as no picture here looks.

        Where the maps are strange, the names are to be trusted.
        """
        rng = self._rng
        photos = list(self._views["photo soft"].values())
        places = [rng.choice(photos) for _ in range(size // 2)]
        products = list(self._views["product soft"].values())
        places += [rng.choice(products) for _ in range(size - len(places))]
        found = self._seen[places]
        other = torch.randperm(size, generator=self._generator)
        mixed = {}
        for name, values in found.parts().items():
            swap = torch.rand(size, values.shape[-1], generator=self._generator) < 0.5
            swap &= torch.rand(size, 1, generator=self._generator) < 0.5
            swap = swap[:, None] if values.dim() == 3 else swap
            mixed[name] = torch.where(swap, values[other], values)
        return Features(**mixed)


def contrast(asked: Tensor, found: Tensor, scale: Tensor | float) -> Tensor:
    """InfoNCE in both directions over (n, dim) unit vectors that belong together row by row."""
    scores = asked @ found.T * scale  # (n, n)
    rows = torch.arange(len(scores))
    return (F.cross_entropy(scores, rows) + F.cross_entropy(scores.T, rows)) / 2


SHARES = {
    "drawn": 0.28,
    "views_of": 0.12,
    "labelled_photos": 0.18,
    "recolored": 0.18,
    "composed": 0.24,
}
"""Of the steps."""
