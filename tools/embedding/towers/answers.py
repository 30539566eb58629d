"""Which of some short texts answers a question, learned from questions about products.

MiniLM reads the question and each text apart, so that texts are read once; two layers above its
first ones, whose weights are this task's own, read both side by side.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from threading import Lock
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pad_sequence

from tools.embedding.towers.minilm import DIM, UpperLayers, Words

_BATCH, _REMEMBERED = 32, 1024
"""How many texts are read at once, and how many are remembered (some 20 MB)."""


class Read(NamedTuple):
    """A text as MiniLM read it."""

    shared: Tensor
    """(its tokens, DIM), behind the shared layers."""
    whole: Tensor
    """(DIM,), its unit vector."""


class AnswerNetwork(nn.Module):
    """3.6 M weights, trained by tools/demo/training/answer_training.py."""

    def __init__(self) -> None:
        super().__init__()
        self.upper = UpperLayers()
        self.sides = nn.Parameter(torch.zeros(2, DIM))
        """Added to what belongs to the question, and to the text."""
        self.drop = nn.Dropout(0.1)
        self.answers = nn.Linear(DIM, 1)
        self.cosine = nn.Parameter(torch.tensor(6.0))
        """How much the cosine of the two counts besides."""

    def forward(self, pairs: Sequence[tuple[Read, Read]]) -> Tensor:
        """(n,): how surely the text of each pair answers its question, as log odds against nothing
        being said."""
        sides = self.sides
        both = [torch.cat([a.shared + sides[0], t.shared + sides[1]]) for a, t in pairs]
        mask = pad_sequence([torch.ones(len(each)) for each in both], batch_first=True)
        above = self.upper(pad_sequence(both, batch_first=True), mask)
        near = torch.stack([a.whole @ t.whole for a, t in pairs])
        found: Tensor = self.answers(self.drop(above[:, 0]))[:, 0] + self.cosine * near
        return found


@torch.no_grad()
def read_once(words: Words, texts: Sequence[str]) -> dict[str, Read]:
    """Each of the texts, as MiniLM reads it."""
    found: dict[str, Read] = {}
    ordered = sorted(set(texts), key=len)  # those of like length share a batch
    for start in range(0, len(ordered), _BATCH):
        batch = ordered[start : start + _BATCH]
        ids, mask = words.encoded(batch)
        shared = words.model.shared(ids, mask)
        wholes = words.model.whole(words.model.upper(shared, mask), mask)
        for text, own, whole, there in zip(batch, shared, wholes, mask, strict=True):
            found[text] = Read(own[: int(there.sum())].clone(), whole.clone())
    return found


class Answers:
    """Compares questions with texts, and remembers what it read. May be used from threads."""

    def __init__(self, words: Words, network: AnswerNetwork) -> None:
        self._words, self._network = words, network
        self._read: OrderedDict[str, Read] = OrderedDict()
        self._lock = Lock()

    @torch.inference_mode()
    def __call__(self, asked: str, texts: Sequence[str]) -> list[float]:
        """The log odds of each text, see `AnswerNetwork`."""
        read = self._as_read([asked, *texts])
        found: list[float] = []
        for start in range(0, len(texts), _BATCH):
            batch = texts[start : start + _BATCH]
            found += self._network([(read[asked], read[text]) for text in batch]).tolist()
        return found

    def _as_read(self, texts: Sequence[str]) -> Mapping[str, Read]:
        with self._lock:
            known = {text: self._read[text] for text in texts if text in self._read}
        known |= read_once(self._words, [text for text in texts if text not in known])
        with self._lock:
            self._read |= known
            for text in known:
                self._read.move_to_end(text)
            while len(self._read) > _REMEMBERED:
                self._read.popitem(last=False)
        return known
