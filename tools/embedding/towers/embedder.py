"""The towers embedder behind the seam: two spaces, offline, ready in about a second.

`picture` holds pictures bare, as four parts side by side (see `network`); `words` holds texts, in
MiniLM's own space. A bare photo is compared with pictures, words with texts and pictures, a photo
with words with both, each by a vector of its own.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Callable, Sequence
from functools import lru_cache, partial
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from tools.embedding.base import Embedder, FloatArray, Item, MessageActs, Space
from tools.embedding.towers.answers import Answers
from tools.embedding.towers.features import PREPROCESSING_VERSION, Features, pixels, see
from tools.embedding.towers.files import (
    JOINT,
    TOKENIZER,
    TOKENS,
    WEIGHTS,
    open_answers,
    open_kind,
    open_picture_tower,
    open_words,
    read_class_names,
)
from tools.embedding.towers.minilm import DIM, LONGEST, ReadText
from tools.embedding.towers.named_colors import named_shares
from tools.embedding.towers.network import DEPICTED, WHOLE, JointNetwork
from tools.embedding.towers.photo_words import photo_words
from tools.embedding.towers.storage import load
from tools.embedding.towers.vocabulary import ShopVocabulary

if TYPE_CHECKING:
    from PIL.Image import Image

    from tools.embedding.meaning import WordFinder

PICTURE, WORDS = "picture", "words"
_FRAMES = ("{}", DEPICTED)
_BATCH = 32
"""Texts that are read at once."""
_ASKED_AT_ONCE = 4
"""Texts of one search."""
REMEMBERED_PHOTOS, REMEMBERED_WORDS = 8, 64
"""A turn embeds its photo and its words in two spaces and several times over."""


class TowersEmbedder(Embedder):
    """EfficientNet-Lite0, MiniLM, a network of 5 M weights, and what was learned of conversations:
    MiniLM adapted to them, and two layers that tell what answers; float32 on the CPU."""

    name = "builtin"
    dim = WHOLE
    side_by_side = True

    def __init__(self, folder: Path, *, tuned: bool = True) -> None:
        """Load the weights in a folder. Raises ModelError where one is missing or damaged.

        One that is not `tuned` lacks what was learned from conversations: which tokens come near
        to each other, what a message does, and what answers a question.
        """
        self.compares_tokens = tuned
        self._tower, self._words = open_picture_tower(folder), open_words(folder, tuned=tuned)
        self._answers = Answers(self._words, open_answers(folder)) if tuned else None
        self._kind: Callable[[str], float] | None = None
        if tuned:
            kind = open_kind(folder, self._words.model)
            # Two threads may compute the same text once each.
            self._kind = lru_cache(REMEMBERED_WORDS)(partial(self._words.probability, kind))
        network = JointNetwork()  # on the meta device it would take two seconds longer
        network.load_state_dict(load(folder / JOINT), assign=True)
        self.network = network.requires_grad_(False).eval()
        self.class_names = read_class_names(folder)
        self._remembered: OrderedDict[bytes, Features] = OrderedDict()
        self._texts: OrderedDict[str, ReadText] = OrderedDict()
        self._lock = Lock()
        self.fingerprint = f"towers float32 {_digest(folder, WEIGHTS)} {PREPROCESSING_VERSION}"
        read = (TOKENIZER, TOKENS) if tuned else (TOKENIZER,)
        self.tokens_fingerprint = f"{self.fingerprint} {_digest(folder, read)} {LONGEST}"

    @property
    def spaces(self) -> tuple[Space, ...]:
        """Pictures bare, and texts."""
        return Space(PICTURE, WHOLE, "picture"), Space(WORDS, DIM, "text")

    def read(self, texts: Sequence[str]) -> Tensor:
        """(n, DIM) unit vectors of words; those of the last turns are remembered."""
        if len(texts) > len(_FRAMES):  # products, which come once
            return self._words(texts)
        return torch.stack([each.vectors[0] for each in self._asked(texts)])

    def read_ahead(self, searched: str, compared: Sequence[str] = ()) -> None:
        """In one pass of MiniLM: the model's weights come from memory once."""
        self._asked([*(frame.format(searched) for frame in _FRAMES), *compared])

    def _asked(self, texts: Sequence[str]) -> list[ReadText]:
        """What is read of shoppers' words; that of the last turns is remembered."""
        with self._lock:
            found = {text: self._texts[text] for text in texts if text in self._texts}
        new = [text for text in dict.fromkeys(texts) if text not in found]
        if new:
            found |= dict(zip(new, self._words.read(new), strict=True))
        with self._lock:
            for text in texts:
                self._texts[text] = found[text]
                self._texts.move_to_end(text)
            while len(self._texts) > REMEMBERED_WORDS:
                self._texts.popitem(last=False)
        return [found[text] for text in texts]

    def look(self, photos: Sequence[Image]) -> Features:
        """What the picture tower sees of photos; those of the last turns are remembered."""
        tensors = [pixels([photo]) for photo in photos]
        keys = [hashlib.sha256(each.numpy().tobytes()).digest() for each in tensors]
        with self._lock:
            found = {key: self._remembered[key] for key in keys if key in self._remembered}
        new = {key: each for key, each in zip(keys, tensors, strict=True) if key not in found}
        if new:
            seen = see(self._tower, torch.cat(list(new.values())))
            for row, key in enumerate(new):
                found[key] = _rows(seen, slice(row, row + 1))
        with self._lock:
            for key in dict.fromkeys(keys[:REMEMBERED_PHOTOS]):
                self._remembered[key] = found[key]
                self._remembered.move_to_end(key)
            while len(self._remembered) > REMEMBERED_PHOTOS:
                self._remembered.popitem(last=False)
        parts = [found[key].parts() for key in keys]
        return Features(**{name: torch.cat([part[name] for part in parts]) for name in parts[0]})

    def word_finder(self, words: Sequence[str]) -> WordFinder:
        """Chooses among the words of a shop by MiniLM's vectors."""
        return ShopVocabulary(self.read, words)

    def answering(self, asked: str, texts: Sequence[str]) -> list[float]:
        """By a network above MiniLM's first layers; what it read of the last texts is kept."""
        return [] if self._answers is None else self._answers(asked, texts)

    def acts_in(self, text: str) -> MessageActs | None:
        """By MiniLM as it was adapted to shoppers' words."""
        if self._kind is None:
            return None
        asks, lifts = self._asked([text])[0].acts.sigmoid().tolist()
        return MessageActs(asks, lifts, self._kind(text))

    def token_vectors(self, texts: Sequence[str]) -> list[FloatArray]:
        """By MiniLM, see `Words.tokens`; those of the last turns are remembered."""
        if len(texts) <= _ASKED_AT_ONCE:
            return [each.vectors.numpy() for each in self._asked(texts)]
        found: dict[str, FloatArray] = {}
        # Texts of like length share a batch, so that padding is small.
        new = sorted(set(texts), key=len)
        for start in range(0, len(new), _BATCH):
            batch = new[start : start + _BATCH]
            read = self._words.read(batch)
            found |= {text: each.vectors.numpy() for text, each in zip(batch, read, strict=True)}
        return [found[text] for text in texts]

    @torch.inference_mode()
    def photo_words(self, photo: Image) -> str:
        """What the picture tower is sure to see in a photo, and the color of the thing in front."""
        seen = self.look([photo])
        found = photo_words(seen.logits[0], seen.colors[0], self.class_names)
        return str(found) if found.name else ""

    def _embed_batch(self, batch: Sequence[Item]) -> FloatArray:
        return self._embed_in(batch, PICTURE)

    @torch.inference_mode()
    def _embed_in(self, batch: Sequence[Item], space: str) -> FloatArray:
        network, photos = self.network, [item.photo for item in batch if item.photo is not None]
        if not photos:
            if space == WORDS:
                return self.read([item.text for item in batch]).numpy()
            both = self.read([frame.format(item.text) for frame in _FRAMES for item in batch])
            words, depicted = both.chunk(len(_FRAMES))
            return network.query(network.ask_words(words, depicted, _colors(batch))).numpy()
        named = torch.tensor([[0.0 if item.misread else 1.0] for item in batch])
        seen = network.see(self.look(photos), named=named)
        bare = network.place(seen) if space == PICTURE else seen.learnt
        leans = [n for n, item in enumerate(batch) if item.text]
        if leans:
            asked = network.ask(seen, self.read([item.text for item in batch]), _colors(batch))
            joint = network.query(asked.parts) if space == PICTURE else asked.words
            bare[leans] = joint[leans]
        return bare.numpy()


def load_towers(folder: Path, *, tuned: bool = True) -> TowersEmbedder:
    """The towers embedder from its weights. Raises ModelError where one is missing."""
    return TowersEmbedder(folder, tuned=tuned)


def _colors(batch: Sequence[Item]) -> Tensor:
    return torch.stack([named_shares(item.text) for item in batch])


def _rows(found: Features, rows: slice) -> Features:
    return Features(**{name: part[rows] for name, part in found.parts().items()})


def _digest(folder: Path, names: Sequence[str]) -> str:
    total = hashlib.sha256()
    for name in names:
        total.update((folder / name).read_bytes())
    return total.hexdigest()[:16]
