"""A cache of the newest prompt's keys and values, continued by a prompt that begins alike.

A turn of the assistant asks several times, each prompt being the one before and some more; and
all prompts of a shop begin with the same tools and rules. On a CPU that is most of the time.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tools.phi3_vision.inference import Encoded, Phi3Vision
    from tools.phi3_vision.kv_cache import CachedPrompt


class PrefixCache:
    """Holds at most one reading, for one caller at a time; a second caller gets a new reading."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._kept: tuple[object, CachedPrompt] | None = None

    @contextmanager
    def reading(
        self, model: Phi3Vision, encoded: Encoded, deadline: float
    ) -> Iterator[tuple[CachedPrompt, int]]:
        """A reading of this prompt, and how many of its tokens are read already.

        It is stored afterwards. Raises what `Phi3Vision.read` raises.
        """
        pixels = hashlib.sha256(encoded.pixel_values.numpy().tobytes()).digest()
        shown = pixels, tuple(encoded.sizes)
        with self._lock:
            kept, self._kept = self._kept, None
        known = 0
        if kept is not None and kept[0] == shown:
            known = kept[1].continue_as(encoded.ids, encoded.places)
        reading = kept[1] if kept is not None and known else None
        kept = None  # lets go of keys and values that are no use before new ones are computed
        if reading is None:
            reading = model.read(encoded, deadline=deadline)
        try:
            yield reading, known
        finally:
            with self._lock:
                self._kept = shown, reading
