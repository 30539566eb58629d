"""Teaches MiniLM, adapted apart, to tell whether a message goes over to another kind of thing than
the one before: "board for these, up to 350" after snowboard boots does, "our kitchen is white" does
not."""

from __future__ import annotations

import argparse
import math
import time
from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812 - the name that torch's own texts use

from tools.demo.training.conversation_lessons import HELD_OUT, Following, read_kinds
from tools.demo.training.progress import say
from tools.demo.training.tuning import ADAPTED, Tuning, one_pass, write_card
from tools.embedding.towers.adapted import KindLayers
from tools.embedding.towers.files import KIND, open_kind, open_words
from tools.embedding.towers.minilm import Words
from tools.embedding.towers.storage import save_int8

EPOCHS, BATCH = 2, 24
RATE, RATE_OF_NEW = 1e-3, 3e-3
"""Of what adapts the layers, and of what tells."""


def train_kind(given: argparse.Namespace, epochs: int = EPOCHS) -> None:
    """Trains on all lines but those kept out, and writes the weights with their card."""
    torch.manual_seed(given.seed)
    lessons, tests = read_kinds(given.conversations)
    words = open_words(given.out)
    layers = KindLayers(words.model)
    groups = [
        (RATE, list(layers.layers.parameters())),
        (RATE_OF_NEW, list(layers.told.parameters())),
    ]
    tuning = Tuning(groups, epochs * math.ceil(len(lessons) / BATCH))
    order, started, curve = np.random.default_rng(given.seed), time.monotonic(), []

    def loss_of(batch: Sequence[Following]) -> Tensor:
        goes = torch.tensor([float(each.other_kind) for each in batch])
        return F.binary_cross_entropy_with_logits(_odds(layers, words, batch), goes)

    for epoch in range(epochs):
        loss = one_pass(lessons, BATCH, tuning, order, loss_of)
        curve.append({"epoch": epoch + 1.0, "loss": loss})
        curve[-1] |= measured(layers, words, tests)
        say(f"{curve[-1]}, {time.monotonic() - started:.0f} s")
    save_int8(layers.state_dict(), given.out / KIND)
    curve.append({"as int8": 1.0} | measured(open_kind(given.out, words.model), words, tests))
    kept = f"{len(tests)} lines, those behind one of {HELD_OUT} messages before"
    write_card(given, KIND, curve, origin=ADAPTED, lessons=len(lessons), kept_out=[kept])


@torch.no_grad()
def measured(layers: KindLayers, words: Words, tests: Sequence[Following]) -> dict[str, float]:
    """The share of messages that are told right, and the area under the ROC curve."""
    batches = [tests[at : at + BATCH] for at in range(0, len(tests), BATCH)]
    odds = torch.cat([_odds(layers, words, batch) for batch in batches])
    goes = torch.tensor([each.other_kind for each in tests])
    pairs = (odds[goes][:, None] > odds[~goes]).float().mean()
    right = ((odds > 0) == goes).float().mean()
    return {"right": round(float(right), 3), "area under ROC": round(float(pairs), 3)}


def _odds(layers: KindLayers, words: Words, batch: Sequence[Following]) -> Tensor:
    # bfloat16 takes half the time, and rounds less than the weights are rounded to.
    with torch.autocast("cpu", torch.bfloat16):
        odds: Tensor = layers(*words.encoded([each.said for each in batch]))
    return odds.float()
