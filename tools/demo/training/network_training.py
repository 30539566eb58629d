"""One run of the towers embedder's network: its losses, its optimiser, its checkpoint."""

from __future__ import annotations

import math
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812 - the name that torch's own texts use

from tools.demo.training.lessons import Lesson, contrast
from tools.demo.training.words_cache import WordsCache
from tools.embedding.towers.network import IMPORTANCE, JointNetwork
from tools.files import atomic_file

PEAK_RATE, DECAY = 1e-3, 0.05
TEXT_SCALE = 25.0
"""Inverse temperature against texts; the one against pictures is learnt."""
WARM_STEPS = 50


class NetworkTrainer:
    """Trains a network for `steps` steps at most."""

    def __init__(self, network: JointNetwork, cache: WordsCache, steps: int) -> None:
        self.network, self.steps, self.step = network, steps, 0
        self._cache = cache
        self.scale = nn.Parameter(torch.tensor([math.log(30.0), math.log(30.0)]))
        """Logarithms of the inverse temperatures of photos, with and without words; of words."""
        parameters = [*network.parameters(), self.scale]
        self.optimiser = torch.optim.AdamW(
            parameters, lr=PEAK_RATE, weight_decay=DECAY, betas=(0.9, 0.98), fused=True
        )

    def train_on(self, name: str, lesson: Lesson) -> dict[str, float]:
        """One step; gives the parts of its loss."""
        self.network.train()
        for group in self.optimiser.param_groups:
            group["lr"] = PEAK_RATE * self._rate()
        parts = {f"{name} {part}": loss for part, loss in self._losses(lesson).items()}
        loss = torch.stack(list(parts.values())).sum()
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]  # untyped in torch
        nn.utils.clip_grad_norm_(self.network.parameters(), 1.0)
        self.optimiser.step()
        self.step += 1
        return {part: float(loss.detach()) for part, loss in parts.items()}

    def _rate(self) -> float:
        """Up over the first steps, then down along a cosine to a thirtieth."""
        warm = min(1.0, (self.step + 1) / WARM_STEPS)
        return warm * (0.03 + 0.97 * (1 + math.cos(math.pi * self.step / self.steps)) / 2)

    def _losses(self, lesson: Lesson) -> dict[str, Tensor]:
        network, cache = self.network, self._cache
        scales = self.scale.exp().clamp(max=80)
        seen = network.see(lesson.asked, lesson.keep)
        asked = network.ask(seen, cache.vectors(lesson.words), cache.colors(lesson.words))
        losses: dict[str, Tensor] = {}
        if lesson.products is not None:
            products = network.see(lesson.products)
            stored = torch.cat(products.parts(), 1) / 2
            leans = torch.tensor([bool(words) for words in lesson.words])[:, None]
            bare = [part * weight for part, weight in zip(seen.parts(), IMPORTANCE, strict=True)]
            queries = torch.where(leans, torch.cat(asked.parts, 1), torch.cat(bare, 1))
            losses["photos"] = contrast(F.normalize(queries, dim=-1), stored, scales[0])
            # The learnt part alone finds them too, not as a remainder of the others only.
            learnt = torch.where(leans, asked.parts[3], seen.learnt)
            losses["learnt"] = 0.5 * contrast(learnt, products.learnt, 20.0)
            if lesson.said:
                words, colors = cache.vectors(lesson.said), cache.colors(lesson.said)
                alone = torch.cat(network.ask_words(words, words, colors), 1)
                losses["words"] = contrast(F.normalize(alone, dim=-1), stored, scales[1])
                losses["said"] = 0.5 * contrast(words, products.learnt, 30.0)
        texts = [row for row, text in enumerate(lesson.texts) if text]
        if texts:
            wanted = cache.vectors([lesson.texts[row] for row in texts])
            weight = 1.0 if lesson.products is None else 0.3
            losses["texts"] = weight * contrast(asked.words[texts], wanted, TEXT_SCALE)
            if lesson.products is None:
                # What has no picture still teaches the parts that are words.
                names, learnt = asked.parts[2][texts], asked.parts[3][texts]
                losses["names"] = 0.3 * contrast(F.normalize(names, dim=-1), wanted, TEXT_SCALE)
                losses["joint"] = 0.3 * contrast(learnt, wanted, TEXT_SCALE)
        return losses

    def save(self, path: Path, curve: list[dict[str, float]]) -> None:
        """Everything that a run needs to go on."""
        state = {
            "network": self.network.state_dict(),
            "scale": self.scale.data,
            "optimiser": self.optimiser.state_dict(),
            "step": self.step,
            "curve": curve,
        }
        with atomic_file(path) as unfinished:
            torch.save(state, unfinished)

    def load(self, path: Path) -> list[dict[str, float]]:
        """Goes on where a saved run stopped; gives its curve."""
        state = torch.load(path, weights_only=True)
        self.network.load_state_dict(state["network"])
        self.scale.data.copy_(state["scale"])
        self.optimiser.load_state_dict(state["optimiser"])
        self.step = state["step"]
        curve: list[dict[str, float]] = state["curve"]
        return curve
