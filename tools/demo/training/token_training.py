"""Adapts MiniLM to what shoppers say, so that the tokens of a message come near to those of the
product that it means: late interaction as ColBERT has it (Khattab and Zaharia 2020).

`tools.search.learned_rank` compares by these; how much each token counts is learned there, and
beside it here. The products of one shop are the classes of a softmax, one for each message. What a
message does (`adapted.ACTS`) is learned in the same steps.
"""

from __future__ import annotations

import argparse
import math
import time
from collections.abc import Iterator, Sequence

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812 - the name that torch's own texts use
from torch.nn.utils.rnn import pad_sequence

from tools.demo.training.conversation_lessons import (
    Act,
    LessonShop,
    Said,
    acts_in,
    read_acts,
    read_shops,
)
from tools.demo.training.progress import say
from tools.demo.training.tuning import ADAPTED, Tuning, write_card
from tools.embedding.towers.adapted import ACTS, MessageLayers
from tools.embedding.towers.files import TOKENS, open_words
from tools.embedding.towers.minilm import DIM, Words
from tools.embedding.towers.storage import save_int8

EPOCHS, BATCH, COMPARED = 2, 32, 48
"""Times that all is read; messages and products of a step."""
RATE, RATE_OF_NEW = 1e-3, 3e-3
"""Of what adapts the layers, and of how much tokens count and what tells acts."""
_SHARPNESS, _SHRINK = 20.0, 0.02
"""What a mean of cosines is multiplied by at first, and how strongly counts are held near zero."""
_BY_KIND = 0.5
"""The share of shops whose messages are taken category by category."""
_OF_ANY_SHOP, _OF_SHOPS = 16, 16
"""Messages of a step whose acts are learned: written for it, and those of the shops."""
_WEIGHT_OF_ACTS = 0.5


class TokenNetwork(nn.Module):
    """The layers, and how much a token counts: of a message and of the one before, apart for a
    first message and one that follows."""

    def __init__(self, words: Words) -> None:
        super().__init__()
        self._words = words
        self.layers = MessageLayers(words.model.layers)
        self.counts = nn.Parameter(torch.zeros(2, 2, DIM))
        self.bias = nn.Parameter(torch.zeros(2, 2))
        self.sharpness = nn.Parameter(torch.tensor(_SHARPNESS))

    def forward(self, messages: Sequence[Said], texts: Sequence[str]) -> Tensor:
        """(messages, texts): how near each message comes to the text of each product."""
        return self.nearness(messages, self.tokens(texts))

    def nearness(self, messages: Sequence[Said], texts: Sequence[Tensor]) -> Tensor:
        """The same of texts that were read, by the vectors of their tokens."""
        said = list(dict.fromkeys(t for m in messages for t in (m.said, m.before) if t))
        own = dict(zip(said, self.tokens(said), strict=True))
        found = [F.normalize(each, dim=-1) for each in texts]
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

    def acts(self, texts: Sequence[str]) -> Tensor:
        """(texts, ACTS) log odds."""
        return self.layers.acts(self._read(texts)[0])

    def tokens(self, texts: Sequence[str]) -> list[Tensor]:
        """The vectors of the tokens of each text, without those of its beginning and end."""
        above, mask = self._read(texts)
        return [own[1 : int(there.sum()) - 1] for own, there in zip(above, mask, strict=True)]

    def _read(self, texts: Sequence[str]) -> tuple[Tensor, Tensor]:
        ids, mask = self._words.encoded(texts)
        # bfloat16 takes half the time, and rounds less than the weights are rounded to.
        with torch.autocast("cpu", torch.bfloat16):
            above = self.layers(self._words.model.embedded(ids), mask)
        return above.float(), mask


def train_tokens(given: argparse.Namespace, epochs: int = EPOCHS) -> None:
    """Trains on all shops but those kept out, and writes the weights with their card."""
    torch.manual_seed(given.seed)
    shops, kept = read_shops(given.conversations)
    acts, kept_acts = read_acts(given.conversations)
    everyday, kept_everyday = acts_in(shops), acts_in(kept)
    network = TokenNetwork(open_words(given.out))
    new = [network.counts, network.bias, network.sharpness, *network.layers.told.parameters()]
    groups = [(RATE, list(network.layers.layers.parameters())), (RATE_OF_NEW, new)]
    a_pass = sum(math.ceil(len(shop.said) / BATCH) for shop in shops)
    tuning = Tuning(groups, epochs * a_pass)
    order, started = np.random.default_rng(given.seed), time.monotonic()
    curve = [{"epoch": 0.0} | measured(network, kept)]
    for epoch in range(epochs):
        lost = []
        for shop, messages in _batches(shops, order):
            loss = _of_messages(network, shop, messages, order)
            some = [*_some(acts, _OF_ANY_SHOP, order), *_some(everyday, _OF_SHOPS, order)]
            whole = loss + _WEIGHT_OF_ACTS * _of_acts(network, some)
            tuning.step(whole + _SHRINK * (network.counts**2).sum())
            lost.append(float(loss.detach()))
        curve.append({"epoch": epoch + 1.0, "loss": round(float(np.mean(lost)), 3)})
        curve[-1] |= measured(network, kept)
        curve[-1] |= {f"{k}, of any shop": v for k, v in acts_told(network, kept_acts).items()}
        curve[-1] |= {f"{k}, in shops": v for k, v in acts_told(network, kept_everyday).items()}
        say(f"{curve[-1]}, {time.monotonic() - started:.0f} s")
    save_int8(network.layers.state_dict(), given.out / TOKENS)
    write_card(
        given,
        TOKENS,
        curve,
        origin=ADAPTED,
        lessons=sum(len(shop.said) for shop in shops) + len(acts),
        kept_out=[shop.name for shop in kept],
    )


@torch.no_grad()
def measured(network: TokenNetwork, kept: Sequence[LessonShop]) -> dict[str, float]:
    """How often a right product comes nearest among all of a shop, 0 to 1."""
    hits = []
    for shop in kept:
        starts = range(0, len(shop.texts), BATCH)
        texts = [own for at in starts for own in network.tokens(shop.texts[at : at + BATCH])]
        for at in range(0, len(shop.said), BATCH):
            said = shop.said[at : at + BATCH]
            best = network.nearness(said, texts).argmax(1).tolist()
            hits += [place in each.right for place, each in zip(best, said, strict=True)]
    return {"first": round(float(np.mean(hits)), 3)}


@torch.no_grad()
def acts_told(network: TokenNetwork, acts: Sequence[Act]) -> dict[str, float]:
    """Of each act how many messages are told right, 0 to 1."""
    batches = [acts[at : at + BATCH] for at in range(0, len(acts), BATCH)]
    told = torch.cat([network.acts([act.said for act in batch]) for batch in batches]) > 0
    found = {}
    for place, name in enumerate(ACTS):
        known = [(row, act) for row, act in enumerate(acts) if act.does[place] is not None]
        right = [bool(told[row, place]) == act.does[place] for row, act in known]
        found[name] = round(float(np.mean(right)), 3) if right else math.nan
    return found


def _of_messages(
    network: TokenNetwork, shop: LessonShop, messages: Sequence[Said], order: np.random.Generator
) -> Tensor:
    """The negative log likelihood of the right products among COMPARED of the shop."""
    right = {place for message in messages for place in message.right}
    others = [p for p in order.permutation(len(shop.texts)).tolist() if p not in right]
    taken = [*sorted(right), *others[: max(0, COMPARED - len(right))]]
    places = {place: n for n, place in enumerate(taken)}
    scores = network(messages, [shop.texts[place] for place in taken])
    return torch.stack(
        [
            torch.logsumexp(row, 0)
            - torch.logsumexp(row[[places[place] for place in each.right]], 0)
            for row, each in zip(scores, messages, strict=True)
        ]
    ).mean()


def _of_acts(network: TokenNetwork, acts: Sequence[Act]) -> Tensor:
    """The cross entropy of what the messages do, as far as it is known."""
    does = torch.tensor([[float(each or 0) for each in act.does] for act in acts])
    known = torch.tensor([[each is not None for each in act.does] for act in acts])
    odds = network.acts([act.said for act in acts])
    return F.binary_cross_entropy_with_logits(odds[known], does[known])


def _some(acts: Sequence[Act], many: int, order: np.random.Generator) -> list[Act]:
    return [acts[place] for place in order.integers(len(acts), size=many).tolist()] if acts else []


def _batches(
    shops: Sequence[LessonShop], order: np.random.Generator
) -> Iterator[tuple[LessonShop, list[Said]]]:
    """All messages once, each batch of one shop, in an order of chance. In half of the shops the
    messages of a category stand together: the products of a step are hard to tell apart then."""
    batches = []
    for shop in shops:
        rows = order.permutation(len(shop.said)).tolist()
        if order.random() < _BY_KIND:
            kinds = list(dict.fromkeys(_kind(shop, row) for row in rows))
            rows.sort(key=lambda row: kinds.index(_kind(shop, row)))
        for at in range(0, len(rows), BATCH):
            batch = [shop.said[row] for row in rows[at : at + BATCH]]
            batches.append((shop, batch))
    for place in order.permutation(len(batches)).tolist():
        yield batches[place]


def _kind(shop: LessonShop, row: int) -> str:
    return shop.kinds[shop.said[row].right[0]]
