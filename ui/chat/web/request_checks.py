"""Checks of a request before a route reads it: its host, its address and its body.

Not covered: the fields of a body, which each route knows, and what comes over the socket.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Iterator
from urllib.parse import parse_qsl, unquote_to_bytes

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import Message, Receive, Scope

_HOST = re.compile(
    r"(?P<name>\[[0-9a-f:.]{2,45}\]|[a-z0-9_](?:[a-z0-9._-]{0,251}[a-z0-9_])?\.?)(?::\d{1,5})?",
    re.IGNORECASE,
)
"""RFC 9110, 7.2: a name or an address, and a port; no user, path or blank."""
_LONGEST_PATH = 2_000
_LONGEST_NAME = 255
"""Bytes that a file's name can have."""
_LONGEST_QUERY = 8_000
_LONGEST_TEXT = 10_000
"""Characters of one text in a body; SQLite takes no longer one for LIKE."""
_LONGEST_FIELD = 1_000
"""Characters of one field in a form: a name, a password."""
_DRAINED = 8
"""Times the limit that is read of a body which is too large, so that its sender gets an answer."""
_LONGEST_S = 20.0
_SLOWEST = 50_000
"""Bytes a second that a body of the most bytes must come in, besides _LONGEST_S."""
_LONGEST_GAP_S = 15.0
_TOO_SLOW = "This came too slowly. Please try again."


def host_name(headers: Headers) -> str | None:
    """The name in the Host header, in small letters and without the port; "" where there is none.

    None for several headers, and for one that is malformed.
    """
    hosts = headers.getlist("host")
    if hosts in ([], [""]):
        return ""
    match = _HOST.fullmatch(hosts[0]) if len(hosts) == 1 else None
    return match["name"].lower().strip("[]") if match else None


def same_host(origin: str, headers: Headers) -> bool:
    """Whether an Origin header names the host that was asked."""
    return origin.partition("://")[2].lower() == headers.get("host", "").lower()


def address_problem(scope: Scope) -> str:
    """Why no route can read a path or query; "" where one can."""
    path: str = scope["path"]
    query: bytes = scope.get("query_string", b"")
    # A product's id is no file name, and may be longer than one.
    names = [] if path.startswith(("/media/", "/shop/")) else path.split("/")
    longest = max((len(name.encode("utf-8", "replace")) for name in names), default=0)
    if len(path) > _LONGEST_PATH or len(query) > _LONGEST_QUERY or longest > _LONGEST_NAME:
        return "This address is too long."
    if any(c < " " or _is_surrogate(c) for c in path) or b"\0" in unquote_to_bytes(query):
        return "This address holds characters that no address can have."
    return ""


def body_problem(body: bytes, content_type: str) -> str:
    """Why no route can keep a text of a body; "" where one can, and for a malformed body."""
    texts: Iterator[str]
    content_type = content_type.lower()
    try:
        if content_type.startswith("application/x-www-form-urlencoded"):
            fields = parse_qsl(body.decode("latin-1"), keep_blank_values=True)
            texts, longest = (text for field in fields for text in field), _LONGEST_FIELD
        elif "json" in content_type or not content_type:
            texts, longest = _texts(json.loads(body)), _LONGEST_TEXT
        else:
            return ""
    except ValueError:
        return ""  # the route says what it misses
    except RecursionError:
        return "This is nested too deeply."
    for text in texts:
        if len(text) > longest:
            return "This text is too long."
        if any(c == "\0" or _is_surrogate(c) for c in text):
            return "This text holds characters that cannot be kept."
    return ""


def _is_surrogate(character: str) -> bool:
    return "\ud800" <= character <= "\udfff"


def _texts(value: object) -> Iterator[str]:
    """All strings in a JSON value, keys too."""
    left = [value]
    while left:
        match left.pop():
            case str(text):
                yield text
            case list(values):
                left += values
            case dict(fields):
                left += fields
                left += fields.values()


async def read_body(receive: Receive, most: int, sentence: str) -> bytes:
    """The whole body. Raises what `limited` raises."""
    counted = limited(receive, most, sentence)
    parts = []
    while True:
        message = await counted()
        parts.append(message.get("body", b""))
        if not message.get("more_body", False):
            return b"".join(parts)


def limited(receive: Receive, most: int, sentence: str) -> Receive:
    """A receive that counts the body as it comes, whatever length was announced.

    Raises HTTPException: 413 once it has more than `most` bytes and its sender has ended, or has
    sent several times as many; 408 for one that comes too slowly.
    """
    count, ended = 0, False
    loop = asyncio.get_running_loop()
    until = loop.time() + _LONGEST_S + most / _SLOWEST

    async def receive_counted() -> Message:
        nonlocal count, ended
        if ended:  # what comes now is that the browser leaves
            return await receive()
        try:
            async with asyncio.timeout_at(min(until, loop.time() + _LONGEST_GAP_S)):
                message = await receive()
        except TimeoutError as error:
            raise HTTPException(408, _TOO_SLOW) from error
        if loop.time() > until:  # what has come already is received without a wait
            raise HTTPException(408, _TOO_SLOW)
        count += len(message.get("body", b""))
        ended = not message.get("more_body", False)
        return message

    async def receive_limited() -> Message:
        message = await receive_counted()
        if count <= most:
            return message
        while message.get("more_body", False) and count <= most * _DRAINED:
            message = await receive_counted()
        raise HTTPException(413, sentence)

    return receive_limited
