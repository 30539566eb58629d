"""MiniLM's vectors of the texts that training uses, each computed once."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

from tools.embedding.towers.minilm import DIM, Words
from tools.embedding.towers.named_colors import named_shares
from tools.files import atomic_file, write_atomic

BATCH = 64


class WordsCache:
    """Texts to vectors and to the colors that they name."""

    def __init__(self, words: Words, file: Path | None = None) -> None:
        """`file` (.safetensors) holds what an earlier run had read, if there is one."""
        self._words, self._file = words, file
        self._places: dict[str, int] = {"": 0}
        self._vectors = torch.zeros(1, DIM)
        if file is not None and file.exists():
            texts = json.loads(file.with_suffix(".json").read_text(encoding="utf-8"))
            self._places = {text: place for place, text in enumerate(texts)}
            self._vectors = load_file(file)["vectors"].float()
        self._colors = torch.stack([named_shares(text) for text in self._places])

    def add(self, texts: Sequence[str]) -> None:
        """Computes those that are new."""
        new = sorted({text for text in texts if text not in self._places}, key=len)
        for at in range(0, len(new), BATCH):
            part = new[at : at + BATCH]
            self._places |= {text: len(self._vectors) + n for n, text in enumerate(part)}
            self._vectors = torch.cat((self._vectors, self._words(part))).clone()
            named = torch.stack([named_shares(text) for text in part])
            self._colors = torch.cat((self._colors, named))

    def keep(self) -> None:
        """Writes the file anew."""
        if self._file is None:
            return
        write_atomic(self._file.with_suffix(".json"), json.dumps(list(self._places)))
        with atomic_file(self._file) as unfinished:
            save_file({"vectors": self._vectors.half()}, unfinished)

    def vectors(self, texts: Sequence[str]) -> Tensor:
        """(n, DIM) unit vectors; zeros for no words."""
        self.add(texts)
        return self._vectors[[self._places[text] for text in texts]]

    def colors(self, texts: Sequence[str]) -> Tensor:
        """(n, SHARES) of the colors that they name; zeros for none."""
        self.add(texts)
        return self._colors[[self._places[text] for text in texts]]
