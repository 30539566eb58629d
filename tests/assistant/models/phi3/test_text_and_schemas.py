"""Text in pieces is the text, however it is cut; narrow schemas are narrower and finite."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.models.phi3.answer_shape import json_shape, tools_shape
from assistant.models.phi3.narrowed_schema import LARGEST, LONGEST_TEXT, MOST_ITEMS, narrowed
from assistant.models.phi3.streamed_answer import ToolAnswer
from assistant.models.phi3.text_stream import AnswerText, StopWords

BYTES = [bytes([byte]) for byte in range(256)]
CUTS = st.lists(st.integers(0, 400), max_size=20)


def cut(text: str, places: list[int]) -> list[str]:
    edges = [0, *sorted(place for place in places if place <= len(text)), len(text)]
    return [text[start:stop] for start, stop in pairwise(edges)]


@given(st.text(max_size=60))
def test_characters_come_whole(text: str) -> None:
    answer = AnswerText(BYTES)
    pieces = [answer.feed(byte) for byte in f" {text}".encode()]
    assert "".join(pieces) + answer.end() == text
    assert all("\ufffd" not in piece for piece in pieces) or "\ufffd" in text


@given(st.binary(max_size=60))
def test_bytes_that_are_no_text_are_marked_and_end_nothing(data: bytes) -> None:
    answer = AnswerText(BYTES)
    said = "".join(map(answer.feed, data)) + answer.end()
    assert said == data.removeprefix(b" ").decode("utf-8", "replace")


@given(st.text("abc", max_size=40), st.lists(st.text("abc", min_size=1, max_size=4)), CUTS)
def test_stop_words_are_found_across_pieces(text: str, words: list[str], places: list[int]) -> None:
    until = StopWords(words)
    said = "".join(map(until.feed, cut(text, places)))
    expected = min((text.index(word) for word in words if word in text), default=None)
    if expected is None:
        assert not until.found
        assert said + until.end() == text
    else:
        assert until.found
        assert until.end() == ""
        assert said == text[:expected]


def test_an_empty_stop_word_is_an_error() -> None:
    with pytest.raises(ValueError, match="empty"):
        StopWords([""])


@given(st.text(st.characters(exclude_categories=("Cc", "Cs")) | st.just("\n"), max_size=60), CUTS)
def test_what_is_said_beside_tools_streams_unescaped(words: str, places: list[int]) -> None:
    answer = ToolAnswer()
    written = json.dumps({"say": words}, ensure_ascii=False)
    pieces = [answer.feed(piece) for piece in cut(written, places)]
    assert "".join(pieces) == words
    assert answer.call() is None


@given(CUTS)
def test_a_call_says_nothing(places: list[int]) -> None:
    answer = ToolAnswer()
    written = json.dumps({"tool": "search", "arguments": {"words": '{"say": "'}})
    assert "".join(map(answer.feed, cut(written, places))) == ""
    call = answer.call()
    assert call is not None
    assert (call["name"], call["args"]) == ("search", {"words": '{"say": "'})


@pytest.mark.parametrize(
    ("given_schema", "bounds"),
    [
        ({"type": "string"}, {"maxLength": LONGEST_TEXT}),
        ({"type": "string", "maxLength": 9}, {"maxLength": 9}),
        ({"type": "string", "minLength": 900, "maxLength": 2000}, {"maxLength": 900}),
        ({"type": "integer"}, {"minimum": -LARGEST, "maximum": LARGEST}),
        ({"type": "integer", "minimum": 10**12}, {"maximum": 10**12 + LARGEST}),
        ({"type": "number", "minimum": 0}, {"maximum": LARGEST, "multipleOf": 0.0001}),
        ({"type": "number", "exclusiveMaximum": 1e-6}, {"multipleOf": 1e-6}),
        ({"type": "array"}, {"maxItems": MOST_ITEMS}),
        ({"type": "array", "minItems": 30}, {"maxItems": 30}),
        ({"type": "object", "properties": {}}, {"additionalProperties": False}),
        ({"type": "object"}, {"maxProperties": MOST_ITEMS}),
        ({"enum": ["a", None]}, {"enum": ["a", None]}),
    ],
)
def test_what_has_no_end_gets_one(given_schema: dict[str, Any], bounds: dict[str, Any]) -> None:
    assert bounds.items() <= narrowed(given_schema).items()


def test_tools_are_told_in_few_words() -> None:
    parameters = {
        "type": "object",
        "properties": {
            "words": {"type": "string", "description": "What it\nis."},
            "kind": {"$ref": "#/$defs/Kind"},
            "limits": {
                "type": "object",
                "properties": {"low": {"anyOf": [{"type": "integer"}, {"type": "null"}]}},
            },
        },
        "required": ["words"],
        "$defs": {"Kind": {"enum": ["mug", "case"]}},
    }
    function = {"name": "search", "description": "Finds.", "parameters": parameters}
    shape = tools_shape([{"type": "function", "function": function}], "auto")
    assert shape.instructions.splitlines() == [
        "Tools:",
        "search: Finds.",
        "  words: string. What it is.",
        '  kind?: "mug"|"case"',
        '  limits?: {"low"?: integer|null}',
        'Answer with one JSON object: {"tool": "name", "arguments": …} or {"say": "your answer"}',
    ]
    forced = tools_shape([{"type": "function", "function": function}], "search")
    assert forced.instructions.endswith('{"tool": "search", "arguments": …}')


def test_a_schema_that_contains_itself_can_be_told() -> None:
    node = {"type": "object", "properties": {"next": {"$ref": "#"}, "loop": {"$ref": "#/$defs/a"}}}
    schema = {**node, "$defs": {"a": {"$ref": "#/$defs/a"}}}
    assert json_shape(schema).instructions.startswith("Answer with JSON alone:\nnext?: {")
