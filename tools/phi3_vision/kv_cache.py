"""A prompt with its keys and values, so that the next pass computes only new tokens.

Phi-3's rotary factors depend on the length of the whole: short up to 4,096 tokens, long for every
token of anything longer. Keys computed with one set are wrong beside keys of the other, so they are
computed anew when the length crosses that line, in either direction.
"""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import Tensor
from transformers import DynamicCache

from tools.errors import RequestError
from tools.phi3_vision.model import Phi3VisionModel


class CachedPrompt:
    """A prompt and its answer so far, with keys and values; for one thread at a time.

    Appended tokens are computed when the next logits are asked for, all in one pass. The cache of
    the published model takes 393 kB a token in bfloat16.
    """

    def __init__(self, ids: Tensor, places: Tensor, rows: Tensor) -> None:
        """`ids` and `places` are (tokens,), `rows` the (picture tokens, width) that go there."""
        self._ids: list[int] = ids.tolist()
        self._places = places
        self._rows = rows
        self._cache = DynamicCache()
        self._cached = 0
        self._cached_long = False
        self._logits: Tensor | None = None
        self.passes = 0
        """Passes of the model so far: what the answer cost."""

    def __len__(self) -> int:
        return len(self._ids)

    @property
    def ids(self) -> list[int]:
        """All tokens, those of pictures included, as a copy."""
        return list(self._ids)

    def append(self, ids: Iterable[int]) -> None:
        """Add tokens of words."""
        before = len(self._ids)
        self._ids += ids
        if len(self._ids) > before:
            self._logits = None

    def rewind(self, length: int) -> None:
        """Drop everything behind the first `length` tokens."""
        if not 1 <= length <= len(self):
            raise ValueError(f"{length} is not from 1 to the {len(self)} tokens that were read")
        if length == len(self):
            return
        del self._ids[length:]
        self._places = self._places[:length]
        self._logits = None
        # The last token is read again, for the logits behind it.
        extra = self._cached - (length - 1)
        if extra > 0:
            self._cache.crop(-extra)
            self._cached -= extra

    def continue_as(self, ids: Tensor, places: Tensor) -> int:
        """Become another prompt with the same pictures, keeping their common beginning.

        `ids` and `places` as above. Returns how many tokens stay computed; 0, without a change,
        where a picture would have to be computed again.
        """
        new = ids.tolist()
        pairs = enumerate(zip(self._ids, new, strict=False))
        same = next((at for at, (old, now) in pairs if old != now), min(len(self), len(new)))
        if not same or int(self._places[:same].sum()) != int(places.sum()):
            return 0
        self.rewind(same)
        self.append(new[same:])
        return same

    def next_logits(self, model: Phi3VisionModel) -> Tensor:
        """Logits of the token that follows, (vocabulary,) float32 on the CPU, for reading only.

        Raises RequestError when there are more tokens than the model can read.
        """
        if self._logits is None:
            self._logits = self._read(model).cpu()
        return self._logits

    def _read(self, model: Phi3VisionModel) -> Tensor:
        length = len(self)
        if length > model.config.max_tokens:
            raise RequestError(
                f"This is more than the vision model can read at once ({length} of "
                f"{model.config.max_tokens} tokens). Please send fewer pictures or words."
            )
        long = length > model.config.short_tokens
        if long != self._cached_long:
            self._cache, self._cached, self._cached_long = DynamicCache(), 0, long
        first, last = self._cached, min(length, len(self._places))
        ids = torch.tensor([self._ids[first:]], device=self._rows.device)
        rows = places = None
        if first < last and bool(self._places[first:last].any()):
            places = torch.zeros_like(ids, dtype=torch.bool)
            places[0, : last - first] = self._places[first:last].to(places.device)
            before = int(self._places[:first].sum())
            rows = self._rows[before : before + int(places.sum())]
        try:
            logits = model(ids, rows=rows, places=places, cache=self._cache, last_only=True)
        except BaseException:
            # Some layers have the new keys and some do not: nothing of it can be gone on from.
            self._cache, self._cached = DynamicCache(), 0
            raise
        self._cached = length
        self.passes += 1
        out: Tensor = logits[0, -1]
        return out
