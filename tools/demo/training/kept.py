"""What a network finds among photos, names and looks that it did not learn from.

Training stops where the mean of the real photos' figures (`REAL`) is best: drawn figures go on
rising when real ones have begun to fall.
"""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

import torch
from torch import Tensor

from tools.demo.training.things import GOODS, THINGS
from tools.demo.training.views import Pictures, ViewFeatures
from tools.demo.training.words_cache import WordsCache
from tools.demo.training.words_pool import kept_name
from tools.embedding.towers.features import Features
from tools.embedding.towers.network import DEPICTED, JointNetwork

REAL = ("other view", "same label", "recolored", "label by name", "on goods", "names on goods")
_GOODS_ASKED = 4


class Kept:
    """Questions whose answers are known, over features that are seen once."""

    def __init__(
        self,
        pictures: Pictures,
        seen: ViewFeatures,
        cache: WordsCache,
        class_names: Sequence[str],
    ) -> None:
        self._seen, self._cache = seen, cache
        self._labels = pictures.kept.labels
        self._class_names = list(class_names)
        plain: dict[int, int] = {}
        askew: dict[int, int] = {}
        toned: dict[int, list[int]] = {}
        for place, view in enumerate(seen.views):
            if view.source == "kept":
                (plain if view.strength == "none" else askew)[view.row] = place
            elif view.source == "kept tone":
                toned.setdefault(view.row, []).append(place)
        self._plain, self._askew = plain, askew
        self._toned = [places for _, places in sorted(toned.items()) if len(places) > 1]
        self._groceries = [row for row in sorted(plain) if row >= pictures.kept_clothes]

    @torch.inference_mode()
    def figures(self, network: JointNetwork) -> dict[str, float]:
        """By the name of the question; recall@1, or precision@9 for labels."""
        network.eval()
        found = {
            "other view": self._other_view(network),
            "same label": self._same_label(network),
            "recolored": self._recolored(network),
            "label by name": self._by_name(network),
            "on goods": self._on_goods(network),
            "names on goods": self._names(network),
        }
        return {name: round(value, 4) for name, value in found.items()}

    def _stored(self, network: JointNetwork, rows: Sequence[int]) -> Tensor:
        return _unit(network.place(network.see(self._seen[rows])))

    def _other_view(self, network: JointNetwork) -> float:
        rows = sorted(set(self._askew) & set(self._plain))
        asked = self._stored(network, [self._askew[row] for row in rows])
        shown = self._stored(network, [self._plain[row] for row in rows])
        return _first(asked @ shown.T, range(len(rows)))

    def _same_label(self, network: JointNetwork) -> float:
        rows = sorted(self._plain)
        vectors = self._stored(network, [self._plain[row] for row in rows])
        scores = vectors @ vectors.T
        scores.fill_diagonal_(-1)
        labels = [self._labels[row] for row in rows]
        return _precision(scores, labels, labels)

    def _recolored(self, network: JointNetwork) -> float:
        places = [place for group in self._toned for place in group]
        first = {id_: n for n, id_ in enumerate(places)}
        asked, words, targets = [], [], []
        for group in self._toned:
            for turn, place in enumerate(group):
                target = group[(turn + 1) % len(group)]
                asked.append(place)
                targets.append(first[target])
                words.append(f"same but in {self._seen.views[target].tone}")
        seen = network.see(self._seen[asked])
        found = network.ask(seen, self._cache.vectors(words), self._cache.colors(words))
        scores = network.query(found.parts) @ self._stored(network, places).T
        scores[range(len(asked)), [first[place] for place in asked]] = -torch.inf
        return _first(scores, targets)

    def _by_name(self, network: JointNetwork) -> float:
        rows = sorted(self._plain)
        labels = [self._labels[row] for row in rows]
        names = sorted(set(labels))
        words, colors = self._cache.vectors(names), self._cache.colors(names)
        depicted = self._cache.vectors([DEPICTED.format(name) for name in names])
        parts = network.ask_words(words, depicted, colors)
        shown = self._stored(network, [self._plain[row] for row in rows])
        return _precision(network.query(parts) @ shown.T, names, labels)

    def _on_goods(self, network: JointNetwork) -> float:
        """Kept-out photos of groceries + "a mug with this", among titles of all labels' mugs."""
        labels = sorted({self._labels[row] for row in self._groceries})
        goods = Random(3).sample(GOODS, _GOODS_ASKED)
        titles = [f"{label} {kind}" for kind in goods for label in labels]
        kinds = [goods[n % len(goods)] for n in range(len(self._groceries))]
        words = [f"a {kind} with this" for kind in kinds]
        seen = network.see(self._seen[[self._plain[row] for row in self._groceries]])
        found = network.ask(seen, self._cache.vectors(words), self._cache.colors(words))
        targets = [
            titles.index(f"{self._labels[row]} {kind}")
            for row, kind in zip(self._groceries, kinds, strict=True)
        ]
        return _first(found.words @ self._cache.vectors(titles).T, targets)

    def _names(self, network: JointNetwork) -> float:
        """Names that no lesson had, by what ImageNet's other classes have in common with them."""
        names = [name for name in dict.fromkeys((*self._class_names, *THINGS)) if kept_name(name)]
        goods = Random(4).sample(GOODS, _GOODS_ASKED)
        kinds = [goods[n % len(goods)] for n in range(len(names))]
        titles = [f"{name} {kind}" for kind in goods for name in names]
        alike = self._cache.vectors(names) @ network.class_vectors.T
        logits = (alike - alike.amax(1, keepdim=True)) / 0.05 + 5
        rows = sorted(self._plain)
        strangers = self._seen[[self._plain[rows[n % len(rows)]] for n in range(len(names))]]
        asked = Features(strangers.cells, strangers.pooled, logits.clamp(min=-12), strangers.colors)
        words = [f"a {kind} with this" for kind in kinds]
        seen = network.see(asked)
        found = network.ask(seen, self._cache.vectors(words), self._cache.colors(words))
        targets = [titles.index(f"{n} {k}") for n, k in zip(names, kinds, strict=True)]
        return _first(found.words @ self._cache.vectors(titles).T, targets)


def _unit(rows: Tensor) -> Tensor:
    return torch.nn.functional.normalize(rows, dim=-1)


def _first(scores: Tensor, targets: Sequence[int]) -> float:
    """The share of rows whose best column is theirs."""
    return float((scores.argmax(1) == torch.tensor(list(targets))).float().mean())


def _precision(scores: Tensor, asked: Sequence[str], shown: Sequence[str]) -> float:
    """The mean share of the best nine columns, or as many as there are, that have the label."""
    shares: list[float] = []
    for row, label in zip(scores, asked, strict=True):
        fits = sum(other == label for other in shown)
        top = min(9, max(1, fits - 1))
        found = [shown[place] for place in row.topk(top).indices.tolist()]
        shares.append(found.count(label) / top)
    return sum(shares) / len(shares)
