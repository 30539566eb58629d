"""Trains `tools.embedding.towers.answers`: which clause of a product's text answers a question.

The clauses and "nothing answers" are the classes of a softmax, one for each question.
"""

from __future__ import annotations

import argparse
import math
import time
from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from tools.demo.training.conversation_lessons import Asked, LessonShop, read_shops
from tools.demo.training.progress import say
from tools.demo.training.tuning import UPPER_LAYERS, Tuning, one_pass, write_card
from tools.embedding.towers.answers import AnswerNetwork, Read, read_once
from tools.embedding.towers.files import ANSWERS, open_answers, open_words
from tools.embedding.towers.minilm import Words
from tools.embedding.towers.storage import save_int8

EPOCHS, BATCH = 3, 32
RATE, RATE_OF_NEW, RATE_OF_COSINE = 1e-4, 5e-4, 1e-2
"""Of MiniLM's layers, of what has no weights yet, and of how much the cosine counts."""


def train_answers(given: argparse.Namespace, epochs: int = EPOCHS) -> None:
    """Trains on all shops but those kept out, and writes the weights with their card."""
    torch.manual_seed(given.seed)
    shops, kept = read_shops(given.conversations)
    words = open_words(given.out)
    lessons, tests = _asked_in(shops), _asked_in(kept)
    read = read_once(words, [t for each in (*lessons, *tests) for t in _texts(each)])
    network = start(words)
    new = [network.sides, *network.answers.parameters()]
    groups = [
        (RATE, list(network.upper.parameters())),
        (RATE_OF_NEW, new),
        (RATE_OF_COSINE, [network.cosine]),
    ]
    tuning = Tuning(groups, epochs * math.ceil(len(lessons) / BATCH))
    order, started, curve = np.random.default_rng(given.seed), time.monotonic(), []

    def loss_of(batch: Sequence[Asked]) -> Tensor:
        found = zip(_odds(network, batch, read), batch, strict=True)
        return torch.stack([_loss(odds, each) for odds, each in found]).mean()

    for epoch in range(epochs):
        network.train()
        loss = one_pass(lessons, BATCH, tuning, order, loss_of)
        curve.append({"epoch": epoch + 1, "loss": loss})
        curve[-1] |= measured(network, tests, read)
        say(f"{curve[-1]}, {time.monotonic() - started:.0f} s")
    save_int8(network.state_dict(), given.out / ANSWERS)
    curve.append({"as int8": 1} | measured(open_answers(given.out), tests, read))
    write_card(
        given,
        ANSWERS,
        curve,
        origin=UPPER_LAYERS,
        lessons=len(lessons),
        kept_out=[shop.name for shop in kept],
    )


def start(words: Words) -> AnswerNetwork:
    """A network that begins with MiniLM's own layers."""
    network = AnswerNetwork()
    network.upper.begin_as(words.model)
    torch.nn.init.normal_(network.sides, std=0.02)
    torch.nn.init.zeros_(network.answers.weight)
    torch.nn.init.constant_(network.answers.bias, -2.0)
    return network


@torch.no_grad()
def measured(
    network: AnswerNetwork, tests: Sequence[Asked], read: dict[str, Read]
) -> dict[str, float]:
    """Of questions that are answered, how often the likeliest text answers; how often an answered
    question is surer to be so than an open one (area under the ROC curve); and how often the
    likeliest of all, "nothing answers" among them, is right. 0 to 1, over `tests`."""
    network.eval()
    odds = [each for test in tests for each in _odds(network, [test], read)]
    answered = [bool(test.answering) for test in tests]
    first = [int(each.argmax()) in test.answering for each, test in zip(odds, tests, strict=True)]
    sure = np.array([float(torch.logsumexp(each, 0)) for each in odds])
    known = np.array(answered)
    pairs = sure[known][:, None] - sure[~known][None]
    right = [
        hit if each.max() > 0 else not there
        for hit, each, there in zip(first, odds, answered, strict=True)
    ]
    found = {
        "first": np.mean([hit for hit, there in zip(first, answered, strict=True) if there]),
        "answered before open": np.mean((pairs > 0) + 0.5 * (pairs == 0)),
        "decided right": np.mean(right),
    }
    return {name: round(float(value), 3) for name, value in found.items()}


def _asked_in(shops: Sequence[LessonShop]) -> list[Asked]:
    return [each for shop in shops for each in shop.asked]


def _texts(asked: Asked) -> tuple[str, ...]:
    return asked.question, *asked.texts


def _odds(
    network: AnswerNetwork, batch: Sequence[Asked], read: dict[str, Read]
) -> tuple[Tensor, ...]:
    """Of each question the log odds of its texts, (texts,)."""
    pairs = [(read[each.question], read[text]) for each in batch for text in each.texts]
    odds: Tensor = network(pairs)
    return torch.split(odds, [len(each.texts) for each in batch])


def _loss(odds: Tensor, asked: Asked) -> Tensor:
    """The negative log likelihood of what answers; of nothing where nothing does."""
    whole = torch.logsumexp(torch.cat([odds, odds.new_zeros(1)]), 0)
    return whole - torch.logsumexp(odds[list(asked.answering)], 0) if asked.answering else whole
