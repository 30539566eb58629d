"""Opening chat models by name, and the built-in one behind LangChain's interface."""

from __future__ import annotations

import importlib.util
import json

import pytest
from langchain_core.messages import AIMessageChunk, HumanMessage, SystemMessage, ToolMessage
from langchain_core.tools import tool

from assistant.models.registry import open_chat_model, prepare_chat_model
from assistant.models.rules import chat_model
from assistant.models.rules.chat_model import OfflineChatModel
from tools.catalogue.vocabulary import Vocabulary
from tools.errors import SetupError
from tools.search.arguments import SearchArguments

WORDS = Vocabulary(categories={"Mugs": 2}, colors={"red": 1})


@tool("multimodal_search", args_schema=SearchArguments)
def search(words: str = "") -> str:
    """Stands for the search in binding."""
    return words


def test_offline_opens_without_a_key_or_a_package() -> None:
    assert isinstance(open_chat_model("offline", vocabulary=lambda: WORDS), OfflineChatModel)


@pytest.mark.parametrize("name", ["gpt-4.1-mini", "nobody:model", ""])
def test_a_name_that_names_nothing_says_what_to_write(name: str) -> None:
    with pytest.raises(SetupError, match="provider"):
        open_chat_model(name, vocabulary=lambda: WORDS)


@pytest.mark.skipif(
    importlib.util.find_spec("langchain_groq") is not None, reason="the package is installed"
)
def test_a_missing_package_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GROQ_API_KEY", "some key")
    with pytest.raises(SetupError, match="pip install langchain-groq"):
        open_chat_model("groq:llama", vocabulary=lambda: WORDS)


def test_a_missing_key_names_the_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    with pytest.raises(SetupError, match="OPENAI_API_KEY"):
        open_chat_model("openai:gpt-4.1-mini", vocabulary=lambda: WORDS)


def test_the_offline_model_streams_what_it_says_when_asked_at_once() -> None:
    model = OfflineChatModel(vocabulary=lambda: WORDS).bind_tools([search])
    messages = [SystemMessage("You sell mugs."), HumanMessage("red mugs", id="h1")]
    whole = model.invoke(messages)
    pieces = [chunk for chunk in model.stream(messages) if isinstance(chunk, AIMessageChunk)]
    total = pieces[0]
    for piece in pieces[1:]:
        total += piece
    assert whole.tool_calls == total.tool_calls
    call = whole.tool_calls[0]
    assert call["args"] == {"words": "mugs", "categories": ["Mugs"], "colors": ["red"]}
    result = {"found": 0, "filters": {}, "products": []}
    told = ToolMessage(json.dumps(result), name="multimodal_search", tool_call_id=call["id"])
    answered = [*messages, whole, told]
    spoken = list(model.stream(answered))
    assert len([piece for piece in spoken if piece.text]) > 3
    assert "".join(str(piece.text) for piece in spoken) == model.invoke(answered).text


def test_the_offline_model_asks_only_for_what_is_bound() -> None:
    model = OfflineChatModel(vocabulary=lambda: WORDS)
    assert not model.invoke([HumanMessage("red mugs", id="h1")]).tool_calls


def test_the_offline_model_follows_a_catalogue_that_changes() -> None:
    words = [WORDS]
    model = OfflineChatModel(vocabulary=lambda: words[0]).bind_tools([search])
    words[0] = Vocabulary(categories={"Boots": 1})
    call = model.invoke([HumanMessage("red boots", id="h1")]).tool_calls[0]
    assert call["args"] == {"words": "red boots", "categories": ["Boots"]}


def test_the_offline_model_reads_the_catalogue_before_the_first_message(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The names of a shop of 900 products took the first message half a second."""
    model = open_chat_model("offline", vocabulary=lambda: WORDS)
    prepare_chat_model(model)

    class Unread:
        of = staticmethod(lambda _: pytest.fail("the names are read again"))

    monkeypatch.setattr(chat_model, "Lexicon", Unread)
    call = model.bind_tools([search]).invoke([HumanMessage("red mugs", id="h1")]).tool_calls[0]
    assert call["args"] == {"words": "mugs", "categories": ["Mugs"], "colors": ["red"]}


def test_another_tool_of_the_same_name_is_described_anew() -> None:
    @tool("multimodal_search")
    def other(photo: str = "") -> str:
        """Another search."""
        return photo

    model = OfflineChatModel(vocabulary=lambda: WORDS)
    described = [bound.kwargs["tools"][0] for bound in map(model.bind_tools, ([search], [other]))]  # type: ignore[attr-defined]  # what LangChain's bind gives has them
    assert [next(iter(each["function"]["parameters"]["properties"])) for each in described] == [
        "words",
        "photo",
    ]
