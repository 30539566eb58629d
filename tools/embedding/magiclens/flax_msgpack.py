"""Named arrays from a msgpack document as flax writes it, mapped, not copied.

Maps with string keys, each leaf an extension value of type 1 (array) or 3 (scalar): a msgpack array
of shape, dtype name and raw bytes, little-endian, in C order. Every other type is refused, and no
memory is reserved on the word of the document. Written by hand because the PyPI package copies
each leaf twice: https://github.com/msgpack/msgpack/blob/master/spec.md, `flax.serialization`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

DTYPES = {"float32": torch.float32, "float16": torch.float16, "bfloat16": torch.bfloat16}
_ARRAY, _SCALAR = 1, 3
_MOST_LEAVES = 4096
"""The large model has 666. Bounds what names and objects cost beside the file itself."""
_DEEPEST = 16
_LONGEST_NAME = 256
_MOST_DIMENSIONS = 8

_FIXED_EXTENSIONS = {0xD4: 1, 0xD5: 2, 0xD6: 4, 0xD7: 8, 0xD8: 16}
_EXTENSIONS = {0xC7: 1, 0xC8: 2, 0xC9: 4}
_BYTES = {0xC4: 1, 0xC5: 2, 0xC6: 4}
_STRINGS = {0xD9: 1, 0xDA: 2, 0xDB: 4}
_ARRAYS = {0xDC: 2, 0xDD: 4}
_MAPS = {0xDE: 2, 0xDF: 4}
_INTEGERS = {0xCC: 1, 0xCD: 2, 0xCE: 4, 0xCF: 8}
"""First bytes of each type -> bytes of the length that follows, or of the number."""


class DocumentError(ValueError):
    """A document of another kind, or a damaged one; the message says where."""


def read_arrays(document: memoryview) -> dict[str, Tensor]:
    """Every array by its path ("params/clip/logit_scale"), as a view of the document.

    The tensors keep the document's memory, need not be aligned, and are to be copied before they
    are computed with. Raises DocumentError.
    """
    reader = _Reader(document)
    found: dict[str, Tensor] = {}
    _read_map(reader, "", 0, found)
    if reader.place != len(document):
        raise DocumentError(f"{len(document) - reader.place:,} bytes follow the document")
    return found


def _read_map(reader: _Reader, path: str, depth: int, found: dict[str, Tensor]) -> None:
    for _ in range(reader.map_size(path)):
        name = reader.string()
        where = f"{path}/{name}" if depth else name
        if "/" in name or where in found:
            raise DocumentError(f"the key {where!r} is not one of a tree")
        if len(found) >= _MOST_LEAVES or depth > _DEEPEST:
            raise DocumentError(f"more than {_MOST_LEAVES} arrays, or maps in maps in maps")
        if reader.is_map():
            _read_map(reader, where, depth + 1, found)
        else:
            found[where] = _array(reader.extension(where), where)


def _array(body: _Reader, where: str) -> Tensor:
    if body.array_size(where) != 3:
        raise DocumentError(f"{where} is not shape, dtype and bytes")
    dimensions = body.array_size(where)
    if dimensions > _MOST_DIMENSIONS:
        raise DocumentError(f"{where} has {dimensions} dimensions")
    shape = [body.integer(where) for _ in range(dimensions)]
    name = body.string()
    dtype = DTYPES.get(name)
    if dtype is None:
        raise DocumentError(f"{where} is of the type {name!r}, not one of {', '.join(DTYPES)}")
    raw = body.raw(where)
    count = math.prod(shape)
    if not count or count * dtype.itemsize != len(raw) or body.place != len(body.data):
        raise DocumentError(f"{where} is said to be {tuple(shape)} and holds {len(raw):,} bytes")
    return torch.frombuffer(raw, dtype=dtype, count=count).reshape(shape)


@dataclass(slots=True)
class _Reader:
    """A place in a document. Every read checks that what it takes is there."""

    data: memoryview
    place: int = 0

    def take(self, count: int) -> memoryview:
        if count > len(self.data) - self.place:
            raise DocumentError(f"{count:,} bytes are announced at {self.place:,} and not there")
        self.place += count
        return self.data[self.place - count : self.place]

    def number(self, count: int) -> int:
        return int.from_bytes(self.take(count), "big")

    def is_map(self) -> bool:
        return self.place < len(self.data) and (
            self.data[self.place] & 0xF0 == 0x80 or self.data[self.place] in _MAPS
        )

    def map_size(self, where: str) -> int:
        if not self.is_map():
            raise DocumentError(f"{where or 'the document'} is not a map of names")
        kind = self.number(1)
        return self.number(_MAPS[kind]) if kind in _MAPS else kind & 0x0F

    def array_size(self, where: str) -> int:
        kind = self.number(1)
        if kind & 0xF0 == 0x90:
            return kind & 0x0F
        if kind not in _ARRAYS:
            raise DocumentError(f"{where} is not an array")
        return self.number(_ARRAYS[kind])

    def string(self) -> str:
        kind = self.number(1)
        if kind & 0xE0 == 0xA0:
            length = kind & 0x1F
        elif kind in _STRINGS:
            length = self.number(_STRINGS[kind])
        else:
            raise DocumentError(f"a name is expected at {self.place - 1:,}")
        if length > _LONGEST_NAME:
            raise DocumentError(f"a name of {length:,} bytes at {self.place:,}")
        try:
            return str(self.take(length), "utf-8")
        except UnicodeDecodeError as error:
            raise DocumentError(f"a name at {self.place - length:,} is not UTF-8") from error

    def integer(self, where: str) -> int:
        kind = self.number(1)
        if kind <= 0x7F:
            return kind
        if kind not in _INTEGERS:
            raise DocumentError(f"the shape of {where} is not of whole numbers")
        return self.number(_INTEGERS[kind])

    def raw(self, where: str) -> memoryview:
        kind = self.number(1)
        if kind not in _BYTES:
            raise DocumentError(f"{where} holds no bytes")
        return self.take(self.number(_BYTES[kind]))

    def extension(self, where: str) -> _Reader:
        kind = self.number(1)
        if kind in _FIXED_EXTENSIONS:
            length = _FIXED_EXTENSIONS[kind]
        elif kind in _EXTENSIONS:
            length = self.number(_EXTENSIONS[kind])
        else:
            raise DocumentError(f"{where} is neither a map nor an array")
        code = self.number(1)
        if code not in (_ARRAY, _SCALAR):
            raise DocumentError(f"{where} is an extension of type {code}, not an array")
        return _Reader(self.take(length))
