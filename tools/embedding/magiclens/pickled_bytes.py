"""The one bytes object in a pickle, found without unpickling.

The opcodes are walked and none is carried out, so no object is ever made and no code can run.
The published files hold `PROTO`, one bytes opcode, `MEMOIZE` and `STOP`.
"""

from __future__ import annotations

import mmap
import pickletools
from pathlib import Path

from tools.errors import ModelError

WHERE_TO_GET_IT = (
    "Get magic_lens_clip_base.pkl or magic_lens_clip_large.pkl from where "
    "google-deepmind/magiclens says, in full."
)
_PROTOCOLS = range(3, 6)
_NAMES = {ord(opcode.code): opcode.name for opcode in pickletools.opcodes}
_ARGUMENT_BYTES = {"PROTO": 1, "FRAME": 8, "MEMOIZE": 0, "BINPUT": 1, "LONG_BINPUT": 4, "STOP": 0}
_LENGTH_BYTES = {"SHORT_BINBYTES": 1, "BINBYTES": 4, "BINBYTES8": 8}
_MOST_OPCODES = 64
"""The published files have four."""


def bytes_of_pickle(path: Path) -> memoryview:
    """The content of the bytes object that a pickle consists of, mapped from the file.

    Raises ModelError for anything else, a file that ends too early included.
    """
    with path.open("rb") as file:
        if not path.stat().st_size:
            raise _refused(path, "it is empty")
        # A private copy-on-write mapping: torch makes tensors of writable memory alone.
        mapped = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_COPY))
    place, found = 0, None
    for _ in range(_MOST_OPCODES):
        if place >= len(mapped):
            raise _refused(path, "it ends before the pickle does: the download may be cut short")
        name = _NAMES.get(mapped[place], f"0x{mapped[place]:02x}")
        place += 1
        if name in _LENGTH_BYTES:
            if found is not None:
                raise _refused(path, "it holds a second bytes object")
            place, start = _after(mapped, place, _LENGTH_BYTES[name], path), place
            length = int.from_bytes(mapped[start:place], "little")
            start, place = place, _after(mapped, place, length, path)
            found = mapped[start:place]
        elif name in _ARGUMENT_BYTES:
            start, place = place, _after(mapped, place, _ARGUMENT_BYTES[name], path)
            if name == "PROTO" and mapped[start] not in _PROTOCOLS:
                raise _refused(path, f"it is a pickle of protocol {mapped[start]}")
            if name == "STOP":
                break
        else:
            raise _refused(path, f"it holds more than one bytes object (the pickle opcode {name})")
    else:
        raise _refused(path, "it holds more than one bytes object")
    if found is None or place != len(mapped):
        raise _refused(path, "it holds something else than one bytes object")
    return found


def begins_like_pickle(head: bytes) -> bool:
    """Whether a file that begins so is a pickle of protocol 3 to 5, as MagicLens is published."""
    return len(head) > 1 and head[0] == 0x80 and head[1] in _PROTOCOLS


def _after(mapped: memoryview, place: int, length: int, path: Path) -> int:
    if length > len(mapped) - place:
        raise _refused(
            path,
            f"{length:,} bytes are announced and {len(mapped) - place:,} follow: the download may "
            "be cut short",
        )
    return place + length


def _refused(path: Path, reason: str) -> ModelError:
    return ModelError(
        f"{path} is not a published file of MagicLens ({reason}); nothing in it was run. "
        f"{WHERE_TO_GET_IT}"
    )
