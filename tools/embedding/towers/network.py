"""What is learnt: a vector of a picture beside what the towers know, and photo + words together.

A product's picture is four unit vectors side by side: its *shape* (the CNN's pooled features),
its *colors*, its *names* (ConSE, see `conse`), and a *learnt* one. A query has the same four, each
as long as that part matters to it: a bare photo all of them, "same but in blue" its shape and a
blue without its colors, "a mug with this" its names and the words. The learnt part and the names
lie in MiniLM's space of words, so words alone need no network.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812 - the name that torch's own texts use

from tools.embedding.towers.colors import SHARES
from tools.embedding.towers.conse import conse, sharpness
from tools.embedding.towers.efficientnet import CLASSES, POOLED
from tools.embedding.towers.features import CELL, Features
from tools.embedding.towers.minilm import DIM

SHAPE = 384
"""Principal directions of the pooled features that are kept."""
WHITENED = 0.25
"""Power of a direction's spread that it is divided by: small ones tell two things apart too."""
WHOLE = SHAPE + SHARES + 2 * DIM
"""Numbers of a picture's vector."""
IMPORTANCE = (1.0, 0.3, 0.15, 0.3)
"""Of shape, colors, names and the learnt part, where two bare photos are compared.

The learnt part knows the things of its lessons. At .6 the nearest grocery has the same label in .83
in place of .82, and varied photos of a shop that no lesson had find their product in .971 in place
of .976.
"""
OF_WORDS = (0.3, 1.0, 1.0)
"""How long colors, names and the learnt part are for words alone.

Learnt weights lean on what was drawn; names are what holds for things that no lesson had.
"""
OF_LEANING = (3.5, 1.0, 0.5, 0.6)
"""How much longer the parts of photo + words are than they were learnt, outside of training.

The learnt part is surest of what was drawn: without this the shape of a real product counts too
little in "same but in blue". Drawn: recolored .919 to .927 first, pattern .838 to .885.
"""
DEPICTED = "a photo of a {}"
"""How words are read to be compared with the names of classes, which say what a photo shows.

First with it and without: clothes by their label .88 and .69, groceries .89 and .88, categories of
a real shop .32 and .29.
"""
_HIDDEN, _LOOK = 768, 256

Parts = tuple[Tensor, Tensor, Tensor, Tensor]
"""Shape (n, SHAPE), colors (n, SHARES), names (n, DIM), learnt (n, DIM)."""


@dataclass(frozen=True, slots=True)
class Seen:
    """n pictures in the four parts, each row of each a unit vector, and what `ask` needs."""

    shape: Tensor
    colors: Tensor
    names: Tensor
    learnt: Tensor
    hidden: Tensor

    def parts(self) -> Parts:
        """The four, in their order."""
        return self.shape, self.colors, self.names, self.learnt


@dataclass(frozen=True, slots=True)
class Asked:
    """n queries of photo + words."""

    parts: Parts
    """As long as each part matters."""
    words: Tensor
    """(n, DIM) unit vectors to compare with texts of products."""


class JointNetwork(nn.Module):
    """4.6 M weights, trained by tools/demo/training."""

    class_vectors: Tensor
    directions: Tensor
    pooled_mean: Tensor
    color_mean: Tensor
    cell_mean: Tensor
    cell_deviation: Tensor
    importance: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("class_vectors", torch.zeros(CLASSES, DIM))
        self.register_buffer("directions", torch.zeros(POOLED, SHAPE))
        self.register_buffer("pooled_mean", torch.zeros(POOLED))
        self.register_buffer("color_mean", torch.zeros(SHARES))
        self.register_buffer("cell_mean", torch.zeros(CELL))
        self.register_buffer("cell_deviation", torch.ones(CELL))
        self.register_buffer("importance", torch.tensor(IMPORTANCE))
        self.cell = nn.Sequential(nn.Linear(CELL, 384), nn.GELU(), nn.Linear(384, 256))
        self.pooled = nn.Sequential(nn.LayerNorm(POOLED), nn.Linear(POOLED, 384))
        self.color = nn.Sequential(nn.LayerNorm(SHARES), nn.Linear(SHARES, 256))
        self.mix = nn.Sequential(nn.GELU(), nn.Linear(2 * 256 + 384 + 256, _HIDDEN), nn.GELU())
        self.out = nn.Linear(_HIDDEN, DIM)
        self.trust = nn.Sequential(nn.Linear(3, 16), nn.GELU(), nn.Linear(16, 1))
        self.look = nn.Linear(_HIDDEN, _LOOK)
        self.join = nn.Sequential(nn.Linear(4 * DIM + _LOOK, 1024), nn.GELU(), nn.Dropout(0.1))
        self.correct = nn.Linear(1024, 2 * DIM)
        self.gates = nn.Linear(1024, 11)
        nn.init.zeros_(self.correct.weight)
        nn.init.zeros_(self.gates.weight)

    def see(self, found: Features, keep: Tensor | None = None, named: Tensor | None = None) -> Seen:
        """The four parts; where `keep` (n, 1) is 0, nothing but names is known of a picture, and
        where `named` (n, 1) is 0, its names count for nothing and are zero."""
        cells = ((found.cells - self.cell_mean) / self.cell_deviation).clamp(-6, 6)
        five = self.cell(cells)  # (n, 5, 256)
        known = (five.mean(1), five.amax(1), self.pooled(found.pooled), self.color(found.colors))
        hidden = self.mix(torch.cat(known, 1))
        if keep is not None:
            hidden = hidden * keep
        names = conse(found.logits, self.class_vectors)
        if named is not None:
            names = names * named
        trust = F.softplus(self.trust(sharpness(found.logits)))
        learnt = F.normalize(self.out(hidden) + trust * names, dim=-1)
        colors = F.normalize(F.normalize(found.colors, dim=-1) - self.color_mean, dim=-1)
        return Seen(self.shape_of(found.pooled), colors, names, learnt, hidden)

    def place(self, seen: Seen) -> Tensor:
        """(n, WHOLE) vectors to store, and of queries that are bare photos: a cosine of two is the
        mean of the parts' cosines, each as heavy as its importance."""
        root = self.importance.sqrt()
        return torch.cat([part * root[n] for n, part in enumerate(seen.parts())], 1)

    def query(self, parts: Parts) -> Tensor:
        """(n, WHOLE) vectors of other queries, for dot products with stored ones."""
        root = self.importance.sqrt()
        return torch.cat([part / root[n] for n, part in enumerate(parts)], 1)

    def ask_words(self, words: Tensor, depicted: Tensor, colors: Tensor) -> Parts:
        """The parts of words alone, to be found in pictures: `words` and `depicted` ("a photo of a
        ...") (n, DIM), `colors` (n, SHARES) of those that the words name."""
        color, names, learnt = OF_WORDS
        nothing = words.new_zeros(len(words), SHAPE)
        return nothing, color * F.normalize(colors, dim=-1), names * depicted, learnt * words

    def shape_of(self, pooled: Tensor) -> Tensor:
        """(n, POOLED) to (n, SHAPE) unit vectors."""
        rooted = F.normalize(pooled.clamp(min=0).sqrt(), dim=-1) - self.pooled_mean
        return F.normalize(rooted @ self.directions, dim=-1)

    def ask(self, seen: Seen, words: Tensor, colors: Tensor) -> Asked:
        """Photo + words; `words` (n, DIM), `colors` (n, SHARES) of those that the words name."""
        learnt, names = seen.learnt, seen.names
        known = (learnt, words, names, self.look(seen.hidden), learnt * words * 20)
        x = self.join(torch.cat(known, 1))
        gates = F.softplus(self.gates(x)).unsqueeze(-1).unbind(1)  # 11 of (n, 1)
        of_picture, of_words = self.correct(x).split(DIM, 1)
        joint = gates[0] * words + gates[1] * learnt + gates[2] * names + of_picture
        text = gates[3] * words + gates[4] * learnt + gates[5] * names + 0.3 * of_words
        mixed = F.normalize(gates[9] * names + gates[10] * words, dim=-1)
        parts = (
            gates[6] * seen.shape,
            gates[7] * seen.colors + gates[8] * F.normalize(colors, dim=-1),
            mixed * gates[9].maximum(gates[10]),
            F.normalize(joint, dim=-1),
        )
        if not self.training:
            more = OF_LEANING
            parts = (more[0] * parts[0], more[1] * parts[1], more[2] * parts[2], more[3] * parts[3])
        return Asked(parts, F.normalize(text, dim=-1))
