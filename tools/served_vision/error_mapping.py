"""The client library's exceptions as errors of ours: who must act, and the next step.

A server may quote the key in its error. So nothing is passed on about a refused key, and the key is
cut out of all other messages.
"""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import openai

from tools.errors import ModelError, PounceError, SetupError

TRANSIENT_STATUSES = frozenset({429, 500, 502, 503, 504})
"""Statuses of a server that may answer the same request a moment later."""

CLIENT_ERRORS = (
    openai.OpenAIError,
    AttributeError,
    LookupError,
    RecursionError,
    TypeError,
    ValueError,
)
"""What openai and langchain-openai raise over a request and its reply. They do not check that a
reply is a chat completion, so it is whatever reading the missing part happens to raise."""

_QUOTED = 200


def is_transient(error: BaseException) -> bool:
    """Whether asking again may help: no connection, a cut one, or a status that passes."""
    if isinstance(error, openai.APIStatusError):
        return error.status_code in TRANSIENT_STATUSES
    return isinstance(error, openai.APIConnectionError)


def retry_after_s(error: Exception) -> float | None:
    """Seconds that the server wants to be left alone, by Retry-After; None where it says none."""
    if not isinstance(error, openai.APIStatusError):
        return None
    told = error.response.headers.get("retry-after", "").strip()
    if told.isdecimal():
        return float(told)
    try:
        until = parsedate_to_datetime(told)
    except ValueError:
        return None
    if until.tzinfo is None:  # "-0000": in UTC all the same
        until = until.replace(tzinfo=UTC)
    return max((until - datetime.now(UTC)).total_seconds(), 0.0)


def map_error(error: Exception, who: str, model: str, key: str) -> PounceError:
    """The error of ours that stands for one of openai's; `who` is the server in a sentence."""
    if isinstance(error, openai.APIStatusError):
        return _of_status(error, who, model, key)
    if isinstance(error, openai.APIConnectionError):
        root: BaseException = error
        while root.__cause__ is not None:
            root = root.__cause__
        why = str(root) or type(root).__name__
        return SetupError(
            f"{who} cannot be reached, or cuts its answers off ({why.rstrip('.')}). "
            "Check that it runs, and POUNCE_VISION_URL."
        )
    return ModelError(
        f"{who} gave a reply that is no chat completion. "
        "Check that POUNCE_VISION_URL is that of an OpenAI-compatible server."
    )


def _of_status(error: openai.APIStatusError, who: str, model: str, key: str) -> PounceError:
    status = error.status_code
    if status in (401, 403):
        return SetupError(f"{who} refuses the key ({status}). Set POUNCE_VISION_KEY to its own.")
    said = _said(error, key)
    if status == 404:
        return SetupError(
            f"{who} does not know the address or the model {model!r} (404{said}). Check "
            "POUNCE_VISION_URL, which ends in /v1 for vLLM, and POUNCE_VISION_MODEL."
        )
    if status == 429:
        wait = retry_after_s(error)
        until = f" for {wait:.0f} s" if wait else ""
        return ModelError(
            f"{who} is overloaded and takes nothing more{until} (429{said}). Try again later."
        )
    if status >= 500:
        return ModelError(f"{who} is broken at the moment ({status}{said}). Look into its log.")
    return ModelError(
        f"{who} does not take the request ({status}{said}). Start it as the README says; where it "
        "is not vLLM, set POUNCE_VISION_SERVER=openai."
    )


def _said(error: openai.APIStatusError, key: str) -> str:
    """The server's own words, one line of them, behind a colon; "" where it has none."""
    body = error.body
    words = body.get("message") if isinstance(body, dict) else None
    if not isinstance(words, str):
        return ""
    line = " ".join(words.replace(key, "…").split())
    return f": {line[:_QUOTED].rstrip('.')}" if line else ""
