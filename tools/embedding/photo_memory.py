"""What a model saw in the last pictures, so that another turn about a photo costs less."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from torch import Tensor

if TYPE_CHECKING:
    from PIL.Image import Image


class PhotoMemory:
    """The outputs of a picture tower for the last calls; not safe to share between threads.

    A call is remembered as a whole: pictures that shared a batch are looked up together alone, so
    that the same items give the same bits whatever came before.
    """

    def __init__(self, calls: int = 32) -> None:
        self._calls = calls
        self._held: OrderedDict[tuple[bytes, ...], Tensor] = OrderedDict()

    def seen(self, photos: Sequence[Image], see: Callable[[Sequence[Image]], Tensor]) -> Tensor:
        """(n, ...) of these pictures; `see` gets each distinct one once, unless remembered."""
        keys = [_digest(photo) for photo in photos]
        distinct = dict(zip(keys, photos, strict=True))
        call = tuple(distinct)
        found = self._held.get(call)
        if found is None:
            found = see(list(distinct.values()))
        self._held[call] = found
        self._held.move_to_end(call)
        while len(self._held) > self._calls:
            self._held.popitem(last=False)
        rows = {key: row for row, key in enumerate(distinct)}
        return found[[rows[key] for key in keys]]

    def clear(self) -> None:
        """Drops all that is remembered."""
        self._held.clear()


def _digest(photo: Image) -> bytes:
    """Of all that decides what a model is given."""
    exif, clear = sorted(photo.getexif().items()), photo.info.get("transparency")
    about = repr((photo.mode, photo.size, photo.getpalette(), exif, clear))
    digest = hashlib.sha256(about.encode())
    digest.update(photo.tobytes())
    return digest.digest()
