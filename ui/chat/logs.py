"""The chat's log on standard error: a JSON object a line, or text for a person at a terminal.

Words of shoppers and models are logged only where a setting says so. They travel in the fields of
a record that `TEXT_FIELDS` names, and in exceptions; the formatter drops both. What an exception
says is kept when it is written for whoever runs the shop; of others the kind and the place stay.

    logger.warning("an answer was corrected", extra={"model_text": text})
    logger.info("a turn ended", extra={"fields": {"turn": turn_id}})
"""

from __future__ import annotations

import json
import logging
import sys
import traceback
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Literal

from tools.errors import PounceError, ShopperError

Format = Literal["auto", "json", "text"]

TEXT_FIELDS = ("shopper_text", "model_text")
"""The fields of a record that may hold words of a shopper or of a model."""
_LEFT_OUT = "(left out; see POUNCE_LOG_TEXTS)"


def set_up_logs(level: str, form: Format, *, texts: bool) -> None:
    """Send all logs of the process to standard error. "auto" is text where that is a terminal."""
    as_json = form == "json" or (form == "auto" and not sys.stderr.isatty())
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(LogFormatter(as_json=as_json, texts=texts))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)  # of libraries
    for own in ("pounce", "tools", "assistant", "ui"):
        logging.getLogger(own).setLevel(level.upper())


class LogFormatter(logging.Formatter):
    """One line a record; `texts` keeps the words of shoppers and models."""

    def __init__(self, *, as_json: bool, texts: bool) -> None:
        super().__init__()
        self._as_json = as_json
        self._texts = texts

    def format(self, record: logging.LogRecord) -> str:
        """A JSON object, or a time, a level and a sentence with what belongs to it."""
        row: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": self._message(record),
            **getattr(record, "fields", {}),
        }
        if self._texts:
            row |= {name: getattr(record, name) for name in TEXT_FIELDS if hasattr(record, name)}
        if record.exc_info and record.exc_info[1] is not None:
            row["error"] = self._error(record.exc_info[1])
        if self._as_json:
            return json.dumps(row, default=str)
        more = {key: row[key] for key in row if key not in ("at", "level", "logger", "message")}
        error = more.pop("error", "")
        told = " ".join(f"{key}={value}" for key, value in more.items())
        line = f"{row['at']} {row['level']} {row['logger']}: {row['message']} {told}".rstrip()
        return f"{line}\n{error}".rstrip()

    def _message(self, record: logging.LogRecord) -> str:
        if self._texts:
            return record.getMessage()
        message = self._quiet(record.msg)
        args = record.args
        if isinstance(args, Mapping):
            return str(message) % {name: self._quiet(value) for name, value in args.items()}
        return str(message) % tuple(map(self._quiet, args)) if args else str(message)

    @staticmethod
    def _quiet(value: object) -> object:
        """The value; of an exception that may quote somebody, its kind alone."""
        if isinstance(value, BaseException) and not _for_operators(value):
            return f"{type(value).__name__} {_LEFT_OUT}"
        return value

    def _error(self, error: BaseException) -> str:
        """The traceback; of exceptions that may quote somebody, without what they say."""
        whole = traceback.TracebackException.from_exception(error)
        if not self._texts:
            _remove_texts(whole, error)
        return "".join(whole.format()).rstrip()


def _for_operators(error: BaseException) -> bool:
    """Whether the message of an exception is written for whoever runs the shop."""
    return isinstance(error, PounceError | OSError) and not isinstance(error, ShopperError)


def _remove_texts(
    formatted: traceback.TracebackException | None, error: BaseException | None
) -> None:
    """Remove what an exception says, and those behind it and in it."""
    if formatted is None or error is None:
        return
    if not _for_operators(error):
        formatted._str = _LEFT_OUT  # type: ignore[attr-defined]  # no public way to change it
    _remove_texts(formatted.__cause__, error.__cause__)
    _remove_texts(formatted.__context__, error.__context__)
    inner = error.exceptions if isinstance(error, BaseExceptionGroup) else ()
    for each, one in zip(formatted.exceptions or (), inner, strict=True):
        _remove_texts(each, one)
