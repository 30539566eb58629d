"""The content of a message as words and pictures, in their order.

Pictures come inside the message, in any of LangChain's forms. Nothing is fetched: an address in a
message may be a stranger's, and a server that asks for it can be made to ask for anything.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_to_bytes

from langchain_core.messages import BaseMessage

from tools.errors import PhotoError
from tools.media.images import open_photo

if TYPE_CHECKING:
    from PIL.Image import Image

_HOW = "Send the picture itself, as base64 or as a data: address."


def pieces_of(message: BaseMessage, *, max_mb: float) -> list[str | Image]:
    """Words and decoded pictures of a message, in its order.

    Raises ValueError for what this model cannot read (an address, a file's id, sound), and
    PhotoError for a picture that cannot be decoded or is larger than `max_mb` megabytes.
    """
    pieces: list[str | Image] = []
    for block in message.content_blocks:
        plain: Mapping[str, Any] = block
        if plain["type"] == "non_standard":
            plain = plain["value"]
        kind = plain.get("type")
        if kind in ("text", "text-plain"):
            pieces.append(str(plain["text"]))
        elif kind in ("image", "image_url"):
            pieces.append(open_photo(_bytes_of(plain), max_mb=max_mb))
        else:
            raise ValueError(f"Phi-3 Vision reads words and pictures, no {kind}. Leave it out.")
    return pieces


def _bytes_of(block: Mapping[str, Any]) -> bytes:
    if block.get("base64"):
        return _decoded(block["base64"])
    address = block.get("url") or block.get("image_url")
    if isinstance(address, Mapping):
        address = address.get("url")
    if not isinstance(address, str):
        raise ValueError(f"This picture holds no data. {_HOW}")
    if not address.lower().startswith("data:"):
        raise ValueError(f"Pictures are not fetched from {address[:80]!r}. {_HOW}")
    head, _, data = address.partition(",")
    return _decoded(data) if head.lower().endswith(";base64") else unquote_to_bytes(data)


def _decoded(data: str) -> bytes:
    try:
        return base64.b64decode("".join(data.split()), validate=True)
    except (binascii.Error, ValueError) as error:
        raise PhotoError("This picture is damaged (no base64). Please send it again.") from error
