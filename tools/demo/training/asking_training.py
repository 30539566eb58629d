"""Trains `tools.embedding.towers.asking`: questions about a product against messages that wish for
one. Fitted whole, by L-BFGS."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812 - the name that torch's own texts use

from tools.demo.training.conversation_lessons import LessonShop, read_shops
from tools.demo.training.progress import say
from tools.demo.training.tuning import write_card
from tools.embedding.towers.answers import read_once
from tools.embedding.towers.asking import AskingNetwork, features_of
from tools.embedding.towers.files import ASKING, open_words
from tools.embedding.towers.minilm import Words
from tools.embedding.towers.storage import save_half

_ROUNDS, _SHRINK = 200, 1.7
"""Steps of L-BFGS, and what the squares of all weights count in all."""


def train_asking(given: argparse.Namespace) -> None:
    """Trains on all shops but those kept out, and writes the weights with their card."""
    torch.manual_seed(given.seed)
    shops, kept = read_shops(given.conversations)
    words = open_words(given.out)
    features, asks = _lessons(shops, words)
    network = AskingNetwork()
    steps = torch.optim.LBFGS(network.parameters(), max_iter=_ROUNDS, line_search_fn="strong_wolfe")

    def loss() -> Tensor:
        steps.zero_grad()
        lost = F.binary_cross_entropy_with_logits(network(features), asks, reduction="sum")
        lost = lost + _SHRINK * (network.linear.weight**2).sum()
        lost.backward()  # type: ignore[no-untyped-call]  # untyped in torch
        return lost

    steps.step(loss)  # type: ignore[no-untyped-call]  # untyped in torch
    figures = measured(network, *_lessons(kept, words))
    say(str(figures))
    save_half(network.state_dict(), given.out / ASKING)
    write_card(
        given,
        ASKING,
        [figures],
        origin="random numbers, beside the vectors of all-MiniLM-L6-v2, Apache-2.0",
        lessons=len(asks),
        kept_out=[shop.name for shop in kept],
    )


@torch.no_grad()
def measured(network: AskingNetwork, features: Tensor, asks: Tensor) -> dict[str, float]:
    """How many messages are told right, how many wishes are taken for questions and how many
    questions for wishes, 0 to 1."""
    told = network(features) > 0
    found = {
        "right": told == asks.bool(),
        "wishes taken for questions": told[asks == 0],
        "questions taken for wishes": ~told[asks == 1],
    }
    return {name: round(float(each.float().mean()), 4) for name, each in found.items()}


def _lessons(shops: Sequence[LessonShop], words: Words) -> tuple[Tensor, Tensor]:
    """(n, N_FEATURES) of all messages and (n,): 1 for those that ask of what is shown."""
    asked = [each.question for shop in shops for each in shop.asked]
    said = [each.said for shop in shops for each in shop.said]
    read = read_once(words, [*asked, *said])
    features = torch.stack([features_of(text, read[text].whole) for text in (*asked, *said)])
    return features, torch.tensor([1.0] * len(asked) + [0.0] * len(said))
