"""Structured answers of random weights: all of them fit, however little room there is."""

from __future__ import annotations

import datetime
import enum
import sys
import uuid
from decimal import Decimal
from typing import Annotated, Any, Literal, NotRequired

import pytest
from langchain_core.messages import HumanMessage
from pydantic import BaseModel, Field, HttpUrl
from typing_extensions import TypedDict

from assistant.models.phi3.chat_model import ChatPhi3Vision
from tests.golden.phi3_vision import CHECKPOINT
from tests.support.repeats import repeats
from tools.errors import SetupError
from tools.phi3_vision.inference import Phi3Vision, load_phi3_vision


class Color(enum.Enum):
    RED = "red"
    ODD = 'b"l\\ue\nx'


class Mug(BaseModel):
    kind: Literal["mug"]
    color: Color
    handles: int = Field(ge=0, le=2)


class Case(BaseModel):
    kind: Literal["case"]
    fits: Annotated[str, Field(min_length=2, max_length=8)]


class Part(BaseModel):
    name: str = Field(max_length=6)
    parts: list[Part] = Field([], max_length=2)
    instead: Part | None = None


class Wish(BaseModel):
    """What a shopper wants."""

    item: Annotated[Mug | Case, Field(discriminator="kind")]
    price: Annotated[Decimal, Field(gt=0, lt=1000, decimal_places=2)]
    share: float = Field(ge=0, le=1)
    tags: Annotated[list[Annotated[str, Field(pattern="^[a-z]{2,9}$")]], Field(max_length=3)]
    size: tuple[int, Literal["cm", "in"]]
    gift: bool | None = None


class Everything(BaseModel):
    """Kinds of values that readers of Python check more strictly than JSON schema."""

    day: datetime.date
    at: datetime.datetime
    span: datetime.timedelta
    id: uuid.UUID
    page: HttpUrl
    free: Any
    counts: dict[str, int] = Field(max_length=2)
    shares: dict[Literal["a", "b"], float]
    colors: set[Color] = Field(max_length=3)
    exact: Decimal
    tiny: float = Field(gt=1e-5, lt=1e-4)
    even: int = Field(gt=3, multiple_of=2)
    nothing: None


class Note(TypedDict):
    """A note."""

    stars: int
    words: NotRequired[list[str]]


@pytest.fixture(scope="module")
def phi3() -> Phi3Vision:
    return load_phi3_vision(CHECKPOINT, device="cpu", dtype="float32")


@pytest.fixture
def chat(phi3: Phi3Vision) -> ChatPhi3Vision:
    """Draws at a temperature at which nearly anything is likely."""
    return ChatPhi3Vision(phi3=phi3, temperature=1.5, max_tokens=250)


def answers(chat: ChatPhi3Vision, schema: Any, seeds: int) -> list[dict[str, Any]]:
    asked = chat.with_structured_output(schema, include_raw=True)
    found = []
    for seed in range(seeds):
        chat.seed = seed
        found.append(asked.invoke("a red mug"))
        assert found[-1]["parsing_error"] is None
    return found


def test_any_seed_fills_a_nested_model(chat: ChatPhi3Vision) -> None:
    found = answers(chat, Wish, repeats(12))
    assert all(isinstance(each["parsed"], Wish) for each in found)
    assert len({each["raw"].text for each in found}) > 0.9 * len(found)
    assert {each["parsed"].item.kind for each in found} == {"mug", "case"}


def test_a_model_that_contains_itself_ends(chat: ChatPhi3Vision) -> None:
    found = answers(chat, Part, repeats(6))
    assert any(each["parsed"].parts or each["parsed"].instead for each in found)


def test_values_that_python_is_strict_about(phi3: Phi3Vision) -> None:
    chat = ChatPhi3Vision(phi3=phi3, temperature=1.5, max_tokens=600)
    answers(chat, Everything, repeats(2))


def test_a_typed_dict_gives_dicts(chat: ChatPhi3Vision) -> None:
    for found in answers(chat, Note, repeats(4)):
        note = found["parsed"]
        assert isinstance(note["stars"], int)
        assert set(note) <= {"stars", "words"}


def test_a_plain_schema_gives_plain_values(chat: ChatPhi3Vision) -> None:
    found = answers(chat, {"type": "integer", "minimum": -5}, 10)
    assert all(isinstance(each["parsed"], int) and each["parsed"] >= -5 for each in found)


def test_an_answer_without_room_is_closed_and_whole(chat: ChatPhi3Vision) -> None:
    """From the fewest tokens that hold one on, however many more there are."""
    chat.max_tokens = 60
    with pytest.raises(ValueError, match=r"takes \d+") as told:
        chat.with_structured_output(Wish).invoke("a mug")
    least = int(str(told.value).split("takes ")[1].split(".")[0])
    for room in (*range(least, least + 8), least + 30):
        chat.max_tokens = room
        for found in answers(chat, Wish, 3):
            usage = found["raw"].usage_metadata
            assert usage["output_tokens"] <= room
            if found["raw"].response_metadata["finish_reason"] == "length":
                assert room - usage["output_tokens"] < 25


def test_what_the_schema_says_is_not_computed(chat: ChatPhi3Vision) -> None:
    """Names, brackets and what else must come: in one pass with the choice behind them."""
    for found in answers(chat, Mug, repeats(4)):
        tokens = found["raw"].usage_metadata["output_tokens"]
        passes = found["raw"].response_metadata["passes"]
        assert passes <= 4
        assert tokens > 5 * passes


def test_structured_answers_stream(chat: ChatPhi3Vision) -> None:
    chat.seed = 3
    pieces = list(chat.with_structured_output({"type": "array", "items": {}}).stream("x"))
    assert pieces[-1] == chat.with_structured_output({"type": "array", "items": {}}).invoke("x")


async def test_structured_answers_async(chat: ChatPhi3Vision) -> None:
    chat.seed = 1
    asked = chat.with_structured_output(Mug)
    assert await asked.ainvoke([HumanMessage("x")]) == asked.invoke([HumanMessage("x")])


class Endless(BaseModel):
    again: Endless


@pytest.mark.parametrize(
    ("schema", "reason"),
    [
        (Endless, "no end"),
        ({"not": {"type": "string"}}, '"not"'),
        ({"type": "array", "uniqueItems": True, "minItems": 3}, "uniqueItems"),
        ({"type": "string", "pattern": "(?=a)b"}, "look-around"),
    ],
)
def test_a_schema_that_cannot_be_kept_to_is_refused_at_once(
    chat: ChatPhi3Vision, schema: Any, reason: str
) -> None:
    with pytest.raises(ValueError, match=reason):
        chat.with_structured_output(schema)


def test_without_the_engine_it_says_what_to_install_and_words_still_work(
    chat: ChatPhi3Vision, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "llguidance", None)
    with pytest.raises(SetupError, match="pip install"):
        chat.with_structured_output(Mug)
    with pytest.raises(SetupError, match="pip install"):
        chat.bind_tools([Mug])
    assert chat.bind_tools([]).invoke("Hello", max_tokens=3, temperature=0).text
