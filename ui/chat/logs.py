"""The chat's log on standard error: a JSON object a line, or text for a person at a terminal.

No words of a shopper's are in it unless a setting says so: what a library quotes in an exception
is left out with them, while the kind of the exception and where it came from stay.
"""

from __future__ import annotations

import json
import logging
import sys
import traceback
from datetime import UTC, datetime
from typing import Any, Literal

from tools.errors import SetupError, ShopperError

Format = Literal["auto", "json", "text"]

_ECHOES = ("a sentence of the model was replaced: %.200s", "a turn was answered with a hint: %s")
"""Lines whose values are a shopper's words, or a model's about them."""
_LEFT_OUT = "(left out; see POUNCE_LOG_TEXTS)"


def set_up_logs(level: str, form: Format, *, texts: bool) -> None:
    """Send all logs of the process to standard error. "auto" is text where that is a terminal."""
    as_json = form == "json" or (form == "auto" and not sys.stderr.isatty())
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Lines(as_json=as_json, texts=texts))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)  # of libraries
    for own in ("pounce", "tools", "assistant", "ui"):
        logging.getLogger(own).setLevel(level.upper())


class Lines(logging.Formatter):
    """One line a record; `texts` keeps words that shoppers may have said."""

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
        if not self._texts and record.msg in _ECHOES:
            return str(record.msg).split("%", 1)[0] + _LEFT_OUT
        return record.getMessage()

    def _error(self, error: BaseException) -> str:
        """The traceback; of exceptions that may quote a shopper, without what they say."""
        whole = traceback.TracebackException.from_exception(error)
        if not self._texts:
            _quiet(whole, error)
        return "".join(whole.format()).rstrip()


def _quiet(told: traceback.TracebackException, error: BaseException) -> None:
    """Takes out what an exception and those behind it say, unless it is for whoever runs it."""
    safe = isinstance(error, SetupError | OSError) and not isinstance(error, ShopperError)
    if not safe:
        told._str = _LEFT_OUT  # type: ignore[attr-defined]  # no public way to change it
    if told.__cause__ is not None and error.__cause__ is not None:
        _quiet(told.__cause__, error.__cause__)
    if told.__context__ is not None and error.__context__ is not None:
        _quiet(told.__context__, error.__context__)
