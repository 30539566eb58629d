"""While `log_texts` is off, no words of shoppers and models reach the log."""

from __future__ import annotations

import ast
import logging
from pathlib import Path
from typing import Any

import pytest
from langgraph.checkpoint.memory import InMemorySaver

from assistant.conversation import Assistant
from assistant.events import Message
from assistant.photo_store import PhotoStore
from tests.support.scripted_model import ScriptedModel, search
from tools.errors import RequestError, SetupError
from tools.search.shop import Shop
from ui.chat.logs import TEXT_FIELDS, LogFormatter

SECRET = "Zanzibar"
LEFT_OUT = "(left out; see POUNCE_LOG_TEXTS)"
ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def shop(color_shop: Shop) -> Shop:
    return color_shop


def log_of(records: list[logging.LogRecord], *, texts: bool, as_json: bool = True) -> str:
    formatter = LogFormatter(as_json=as_json, texts=texts)
    return "\n".join(formatter.format(record) for record in records)


def record_of(message: object, *args: object, **extra: Any) -> logging.LogRecord:
    record = logging.LogRecord("pounce", logging.WARNING, "f", 1, message, args, None)
    record.__dict__.update(extra)
    return record


@pytest.mark.parametrize(
    "script",
    [
        # Nothing of it is true: the built-in model finishes the turn.
        [f"The {SECRET} Deluxe costs $4.99."],
        # One sentence of it is not: it is replaced.
        [search(words="mug"), f"Here is number 1. The {SECRET} Deluxe costs $4.99."],
    ],
    ids=["refused", "corrected"],
)
async def test_words_that_a_model_made_up_are_logged_only_by_setting(
    shop: Shop, tmp_path: Path, script: list[Any], caplog: pytest.LogCaptureFixture
) -> None:
    assistant = Assistant(
        shop=shop,
        chat_model=ScriptedModel(script=script),
        checkpointer=InMemorySaver(),
        photos=PhotoStore(tmp_path),
    )
    with caplog.at_level(logging.INFO, "pounce"):
        async for _ in assistant.turn("t", Message("mugs")):
            pass
    records = [record for record in caplog.records if record.name.startswith("pounce")]
    assert records
    assert SECRET in log_of(records, texts=True)
    assert SECRET not in log_of(records, texts=False)
    assert SECRET not in "".join(record.getMessage() for record in records)


@pytest.mark.parametrize("as_json", [True, False])
@pytest.mark.parametrize("field", TEXT_FIELDS)
def test_text_fields_are_dropped(field: str, as_json: bool) -> None:
    record = record_of("a turn ended", **{field: SECRET}, fields={"turn": "abc"})
    quiet = log_of([record], texts=False, as_json=as_json)
    assert SECRET not in quiet
    assert "a turn ended" in quiet
    assert "abc" in quiet
    assert SECRET in log_of([record], texts=True, as_json=as_json)


@pytest.mark.parametrize(
    ("error", "shown"),
    [
        (ValueError(SECRET), "ValueError"),
        (RequestError(SECRET), "RequestError"),
        (SetupError("Set POUNCE_HOME."), "Set POUNCE_HOME."),
        (OSError("No space left on device"), "No space left on device"),
    ],
)
@pytest.mark.parametrize("alone", [True, False])
def test_exception_in_a_message_is_logged_by_its_kind(
    error: Exception, shown: str, alone: bool
) -> None:
    record = record_of(error) if alone else record_of("it broke: %s", error)
    quiet = log_of([record], texts=False)
    assert shown in quiet
    assert SECRET not in quiet
    assert str(error) in log_of([record], texts=True)


def test_group_of_exceptions_is_logged_by_kinds() -> None:
    try:
        raise ExceptionGroup(SECRET, [ValueError(SECRET), SetupError("Set POUNCE_HOME.")])
    except ExceptionGroup as group:
        record = record_of("it broke")
        record.exc_info = (type(group), group, group.__traceback__)
    quiet = log_of([record], texts=False)
    assert SECRET not in quiet
    assert LEFT_OUT in quiet
    assert "Set POUNCE_HOME." in quiet


def test_messages_are_literal_and_texts_travel_in_named_fields() -> None:
    calls = 0
    for path in sorted([*ROOT.glob("assistant/**/*.py"), *ROOT.glob("ui/**/*.py")]):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and isinstance(node.func.value, ast.Name)
                and node.func.value.id == "logger"
            ):
                continue
            calls += 1
            assert isinstance(node.args[0], ast.Constant), f"{path}:{node.lineno}"
            for keyword in node.keywords:
                if keyword.arg == "extra":
                    assert isinstance(keyword.value, ast.Dict)
                    keys = {
                        key.value for key in keyword.value.keys if isinstance(key, ast.Constant)
                    }
                    assert keys <= {"fields", *TEXT_FIELDS}, f"{path}:{node.lineno}"
    assert calls > 10
