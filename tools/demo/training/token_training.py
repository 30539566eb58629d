"""Trains MiniLM's upper layers anew, so that the tokens of what shoppers say come near to those of
the product that they mean: late interaction as ColBERT has it (Khattab and Zaharia 2020).

`tools.search.learned_rank` compares by these; how much each token counts is learned there, and
beside it here. The products of one shop are the classes of a softmax, one for each message.
"""

from __future__ import annotations

import argparse
import math
import time
from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812 - the name that torch's own texts use
from torch.nn.utils.rnn import pad_sequence

from tools.demo.training.conversation_lessons import LessonShop, Said, read_shops
from tools.demo.training.progress import say
from tools.demo.training.tuning import UPPER_LAYERS, Tuning, write_card
from tools.embedding.towers.answers import read_once
from tools.embedding.towers.files import TOKENS, open_words
from tools.embedding.towers.minilm import DIM, UpperLayers, Words
from tools.embedding.towers.storage import save_int8

EPOCHS, BATCH, COMPARED = 2, 32, 80
"""Times that all is read; messages and products of a step."""
RATE, RATE_OF_NEW = 1e-4, 3e-3
"""Of MiniLM's layers, and of how much tokens count."""
_SHARPNESS, _SHRINK = 20.0, 0.02
"""What a mean of cosines is multiplied by at first, and how strongly counts are held near zero."""

Shared = Mapping[str, Tensor]
"""Texts behind the shared layers, (tokens, DIM) each."""


class TokenNetwork(nn.Module):
    """The layers, and how much a token counts: of a message and of the one before, apart for a
    first message and one that follows."""

    def __init__(self) -> None:
        super().__init__()
        self.upper = UpperLayers()
        self.counts = nn.Parameter(torch.zeros(2, 2, DIM))
        self.bias = nn.Parameter(torch.zeros(2, 2))
        self.sharpness = nn.Parameter(torch.tensor(_SHARPNESS))

    def forward(self, messages: Sequence[Said], texts: Sequence[str], read: Shared) -> Tensor:
        """(messages, texts): how near each message comes to the text of each product."""
        said = list(dict.fromkeys(t for m in messages for t in (m.said, m.before) if t))
        own = dict(zip(said, self._tokens(said, read), strict=True))
        found = [F.normalize(each, dim=-1) for each in self._tokens(texts, read)]
        there = pad_sequence([torch.ones(len(each)) for each in found], batch_first=True) > 0
        every = pad_sequence(found, batch_first=True).flatten(0, 1).T
        scores = []
        for message in messages:
            matched, whole = torch.zeros(len(texts)), torch.zeros(())
            for place, text in enumerate(filter(None, (message.said, message.before))):
                tokens, follows = own[text], int(bool(message.before))
                near = (F.normalize(tokens, dim=-1) @ every).view(len(tokens), *there.shape)
                near = near.masked_fill(~there, -1).amax(2)
                lean = tokens @ self.counts[follows, place] + self.bias[follows, place]
                counts = F.softplus(lean)
                matched, whole = matched + counts @ near, whole + counts.sum()
            scores.append(self.sharpness * matched / whole.clamp(min=1e-6))
        return torch.stack(scores)

    def _tokens(self, texts: Sequence[str], read: Shared) -> list[Tensor]:
        """The vectors of the tokens of each text, without those of its beginning and end."""
        mask = pad_sequence([torch.ones(len(read[text])) for text in texts], batch_first=True)
        padded = pad_sequence([read[text] for text in texts], batch_first=True)
        above = self.upper(padded, mask)
        return [each[1 : len(read[text]) - 1] for each, text in zip(above, texts, strict=True)]


def train_tokens(given: argparse.Namespace, epochs: int = EPOCHS) -> None:
    """Trains on all shops but those kept out, and writes the layers with their card."""
    torch.manual_seed(given.seed)
    shops, kept = read_shops(given.conversations)
    words = open_words(given.out)
    read = _read(words, [text for shop in (*shops, *kept) for text in _texts(shop)])
    network = TokenNetwork()
    network.upper.begin_as(words.model)
    new = [network.counts, network.bias, network.sharpness]
    groups = [(RATE, list(network.upper.parameters())), (RATE_OF_NEW, new)]
    a_pass = sum(math.ceil(len(shop.said) / BATCH) for shop in shops)
    tuning = Tuning(groups, epochs * a_pass)
    order, started = np.random.default_rng(given.seed), time.monotonic()
    curve = [{"epoch": 0.0} | measured(network, kept, read)]
    for epoch in range(epochs):
        lost = []
        for shop, messages in _batches(shops, order):
            right = {place for message in messages for place in message.right}
            others = [p for p in order.permutation(len(shop.texts)).tolist() if p not in right]
            taken = [*sorted(right), *others[: max(0, COMPARED - len(right))]]
            places = {place: n for n, place in enumerate(taken)}
            scores = network(messages, [shop.texts[place] for place in taken], read)
            loss = torch.stack(
                [
                    torch.logsumexp(row, 0)
                    - torch.logsumexp(row[[places[place] for place in each.right]], 0)
                    for row, each in zip(scores, messages, strict=True)
                ]
            ).mean()
            tuning.step(loss + _SHRINK * (network.counts**2).sum())
            lost.append(float(loss.detach()))
        curve.append({"epoch": epoch + 1.0, "loss": round(float(np.mean(lost)), 3)})
        curve[-1] |= measured(network, kept, read)
        say(f"{curve[-1]}, {time.monotonic() - started:.0f} s")
    save_int8(network.upper.state_dict(), given.out / TOKENS)
    write_card(
        given,
        TOKENS,
        curve,
        origin=UPPER_LAYERS,
        lessons=sum(len(shop.said) for shop in shops),
        kept_out=[shop.name for shop in kept],
    )


@torch.no_grad()
def measured(network: TokenNetwork, kept: Sequence[LessonShop], read: Shared) -> dict[str, float]:
    """How often a right product comes nearest among all of a shop, 0 to 1."""
    hits = [
        int(row.argmax()) in each.right
        for shop in kept
        for at in range(0, len(shop.said), BATCH)
        for row, each in zip(
            network(shop.said[at : at + BATCH], shop.texts, read),
            shop.said[at : at + BATCH],
            strict=True,
        )
    ]
    return {"first": round(float(np.mean(hits)), 3)}


def _read(words: Words, texts: Sequence[str]) -> dict[str, Tensor]:
    return {text: each.shared for text, each in read_once(words, texts).items()}


def _texts(shop: LessonShop) -> Iterator[str]:
    yield from shop.texts
    for each in shop.said:
        yield from filter(None, (each.said, each.before))


def _batches(
    shops: Sequence[LessonShop], order: np.random.Generator
) -> Iterator[tuple[LessonShop, list[Said]]]:
    """All messages once, each batch of one shop, in an order of chance."""
    batches = []
    for shop in shops:
        rows = order.permutation(len(shop.said)).tolist()
        for at in range(0, len(rows), BATCH):
            batch = [shop.said[row] for row in rows[at : at + BATCH]]
            batches.append((shop, batch))
    for place in order.permutation(len(batches)).tolist():
        yield batches[place]
