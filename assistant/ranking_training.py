"""Learns how `tools.search.learned_rank` weighs what is said, from talk over made-up shops.

`python -m assistant.ranking_training SHOPS --work FOLDER` reads every folder of SHOPS: a catalogue,
`products.csv`, and `dialogues.jsonl`, a line for each:

    {"id": "d01", "turns": [{"say": "...", "right": ["id", ...]}, ...]}

`right` are the products that a clerk would show first after this turn. Each shop is ingested into
FOLDER once and its dialogues run with the built-in chat model, so that a turn is learned from what
a search of it compares. The weights are then fitted by the likelihood of the right products
(a softmax over the candidates). Every figure is over shops that
these weights had not seen; the layers that give tokens were taught on other messages over all but
two of them (tools/demo/training/conversation_lessons.py).
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import torch
from safetensors.numpy import save_file
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812 - the name that torch's own texts use

from assistant.factory import open_assistant, open_workspace
from assistant.settings import Settings
from tools.search.learned_rank import (
    FEATURES,
    LEAST_SPREAD,
    N_HIDDEN,
    N_INPUTS,
    SEGMENTS,
    WEIGHTS,
    Compared,
    RankWeights,
    about_turn,
    scores,
)

SEED, EPOCHS, BATCH, RATE = 0, 12, 8, 0.003
_FOLDS = 5
_SHRINK_FEATURES, _SHRINK_TOKENS = 0.003, 0.02
"""How strongly weights are held near zero."""
_SHRINK_HIDDEN, _DROPPED = 0.001, 0.2
"""The same of the hidden layer, and the share of it that each step leaves out."""
_STEP = 0.3
"""What the tokens' gain is learned in, so that it moves as the other weights do."""


@dataclass(frozen=True, slots=True)
class Example:
    """One turn: what was compared, which candidates are right, and what the search gave first."""

    shop: str
    compared: Compared
    right: tuple[bool, ...]
    first_is_right: bool


async def examples_of(folder: Path, work: Path) -> list[Example]:
    """The turns of one shop that ended in a search by words. Ingests the shop where it was not."""
    from assistant.events import Found, Message, Ranked

    settings = Settings(home=work / folder.name, turn_records=0, threads="memory")
    workspace = open_workspace(settings)
    if folder.name not in [entry.name for entry in workspace.registry.entries()]:
        workspace.ingest(folder / "products.csv", name=folder.name)
    shop = workspace.open_shop(folder.name)
    heard: list[Compared] = []
    shop.likeliest.on_compared = heard.append
    found: list[Example] = []
    async with open_assistant(settings, shop) as assistant:
        for line in (folder / "dialogues.jsonl").read_text(encoding="utf-8").splitlines():
            dialogue = json.loads(line)
            for turn in dialogue["turns"]:
                heard.clear()
                first = ""
                async for event in assistant.turn(dialogue["id"], Message(turn["say"])):
                    if isinstance(event, (Found, Ranked)) and event.matches:
                        first = event.matches[0].product.id
                if heard:
                    right = tuple(id_ in turn["right"] for id_ in heard[-1].ids)
                    found.append(Example(folder.name, heard[-1], right, first in turn["right"]))
    return found


def _examples(folder: Path, work: Path) -> list[Example]:
    return asyncio.run(examples_of(folder, work))


def _on_one_core() -> None:
    """There is a process for each."""
    torch.set_num_threads(1)


class _Model(nn.Module):
    """`learned_rank.scores` in torch, with weights to learn."""

    def __init__(self, dim: int) -> None:
        super().__init__()
        self.features = nn.Parameter(torch.zeros(2, len(FEATURES)))
        self.tokens = nn.Parameter(torch.zeros(2, len(SEGMENTS), dim))
        self.bias = nn.Parameter(torch.zeros(2, len(SEGMENTS)))
        self.gain = nn.Parameter(torch.full((2,), 3.0))
        self.hidden = nn.Parameter(
            torch.empty(N_HIDDEN, 1 + N_INPUTS).uniform_(-1, 1) / N_INPUTS**0.5
        )
        self.output = nn.Parameter(torch.zeros(N_HIDDEN))
        self.drop = nn.Dropout(_DROPPED)

    def forward(self, compared: Compared) -> Tensor:
        turn, features = int(compared.follows), torch.from_numpy(compared.features)
        matched = [torch.zeros(len(compared.ids))] * len(SEGMENTS)
        for name, (own, near) in compared.tokens.items():
            place = SEGMENTS.index(name)
            lean = torch.from_numpy(own) @ self.tokens[turn, place] + self.bias[turn, place]
            matched[place] = F.softplus(lean) @ torch.from_numpy(near)
        nearest = _standard(torch.stack(matched).sum(0))
        tokens = torch.stack([nearest, *map(_standard, matched)], 1)
        told = torch.tensor(about_turn(compared)).expand(len(compared.ids), -1)
        inputs = torch.cat([features, tokens, told], 1)
        seen = torch.tanh(inputs @ self.hidden[:, 1:].T + self.hidden[:, 0])
        score = features @ self.features[turn] + self.gain[turn] * _STEP * nearest
        found: Tensor = score + self.drop(seen) @ self.output
        return found

    def weights(self) -> RankWeights:
        found = {name: each.detach().numpy().copy() for name, each in self.named_parameters()}
        found["gain"] = found["gain"] * _STEP
        return RankWeights(**found)


def _standard(values: Tensor) -> Tensor:
    """The values as distances from their mean, in standard deviations."""
    return (values - values.mean()) / (values.var(unbiased=False) + LEAST_SPREAD).sqrt()


def fit(examples: Sequence[Example], epochs: int = EPOCHS) -> RankWeights:
    """The weights under which the right products of the examples are likeliest."""
    torch.manual_seed(SEED)
    learned = [each for each in examples if any(each.right)]
    model = _Model(next(iter(learned[0].compared.tokens.values()))[0].shape[1])
    steps = torch.optim.Adam(model.parameters(), lr=RATE)
    order = np.random.default_rng(SEED)
    for epoch in range(epochs):
        steps.param_groups[0]["lr"] = RATE * (1 - epoch / epochs) + 1e-4
        for rows in _batches(order.permutation(len(learned))):
            lost = torch.stack([_loss(model, learned[row]) for row in rows]).mean()
            lost = lost + _SHRINK_FEATURES * (model.features**2).sum()
            lost = lost + _SHRINK_TOKENS * (model.tokens**2).sum()
            lost = lost + _SHRINK_HIDDEN * ((model.hidden**2).sum() + (model.output**2).sum())
            steps.zero_grad()
            lost.backward()  # type: ignore[no-untyped-call]
            steps.step()
    return model.weights()


def _loss(model: _Model, example: Example) -> Tensor:
    score = model(example.compared)
    right = torch.tensor(example.right)
    return torch.logsumexp(score, 0) - torch.logsumexp(score[right], 0)


def _batches(rows: np.ndarray[tuple[int], np.dtype[np.int64]]) -> Iterator[list[int]]:
    for start in range(0, len(rows), BATCH):
        yield rows[start : start + BATCH].tolist()


def share_right(examples: Sequence[Example], weights: RankWeights) -> float:
    """The share of turns whose likeliest candidate is right."""
    hits = 0
    for each in examples:
        found = scores(each.compared, weights)
        best = max(found, key=lambda id_: found[id_])
        hits += each.right[each.compared.ids.index(best)]
    return hits / len(examples)


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("shops", type=Path, help="folder of folders")
    parser.add_argument("--work", type=Path, required=True, help="where the shops are ingested")
    parser.add_argument("--out", type=Path, default=WEIGHTS, help="the weights to write")
    given = parser.parse_args()
    folders = sorted(path.parent for path in given.shops.glob("*/dialogues.jsonl"))
    with ProcessPoolExecutor(mp_context=get_context("spawn"), initializer=_on_one_core) as pool:
        found = pool.map(_examples, folders, [given.work] * len(folders))
        examples = [each for group in found for each in group]
    shops = sorted({each.shop for each in examples})
    for fold in range(min(_FOLDS, len(shops)) if len(shops) > 1 else 0):
        kept = shops[fold::_FOLDS]
        weights = fit([each for each in examples if each.shop not in kept])
        for shop in kept:
            own = [each for each in examples if each.shop == shop]
            before = sum(each.first_is_right for each in own) / len(own)
            _say(f"{shop}: {before:.3f} as it is, {share_right(own, weights):.3f} learned")
    weights = fit(examples)
    save_file(
        {n: getattr(weights, n).astype(np.float16) for n in RankWeights.__annotations__}, given.out
    )
    _say(f"{len(examples)} turns of {len(shops)} shops, written to {given.out}")


if __name__ == "__main__":
    main()
