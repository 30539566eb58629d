"""What is answered instead of products, in the protocol's two layers."""

from __future__ import annotations

from typing import Literal

from tools.errors import ShopperError
from tools.ucp.versions import Document, Version

INVALID_PARAMS = -32602
"""Of JSON-RPC."""
PROFILE_ERROR = -32001
"""Of the protocol's negotiation, over JSON-RPC."""


class TransportError(ShopperError):
    """A request that is not processed: an HTTP status, or an error of JSON-RPC."""

    def __init__(
        self, sentence: str, code: str = "invalid_request", status: int = 400,
        number: int = INVALID_PARAMS,
    ) -> None:  # fmt: skip
        super().__init__(sentence)
        self.code = code
        self.status = status
        """Over HTTP."""
        self.number = number
        """Over JSON-RPC."""


class OutcomeError(ShopperError):
    """A request that was processed and has no result: an answer with `ucp.status` "error"."""

    def __init__(
        self, code: str, sentence: str,
        severity: Literal["recoverable", "unrecoverable"] = "unrecoverable",
    ) -> None:  # fmt: skip
        super().__init__(sentence)
        self.code = code
        self.severity = severity


def error_message(code: str, sentence: str, severity: str = "unrecoverable") -> Document:
    """One entry of `messages`."""
    return {"type": "error", "code": code, "content": sentence, "severity": severity}


def error_document(
    version: Version, code: str, sentence: str, severity: str = "unrecoverable"
) -> Document:
    """The protocol's error response."""
    return {
        "ucp": {"version": version, "status": "error"},
        "messages": [error_message(code, sentence, severity)],
    }


def info_message(code: str, sentence: str) -> Document:
    """One entry of `messages`."""
    return {"type": "info", "code": code, "content": sentence}
