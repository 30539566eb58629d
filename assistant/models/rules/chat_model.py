"""The built-in chat model: rules instead of weights, behind LangChain's own interface.

It reads the same prompt, situation and tool results as any other chat model and asks for the
same tools, so that the whole assistant runs, and is tested, without a key or a download.
Not covered: the grammar of any language but English, and whatever `assistant.models.rules` says
it does not cover.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any, ClassVar

from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage
from langchain_core.messages.tool import tool_call_chunk
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult
from langchain_core.runnables import Runnable
from langchain_core.tools import BaseTool
from langchain_core.utils.function_calling import convert_to_openai_tool
from pydantic import ConfigDict, Field, PrivateAttr

from assistant.models.rules.by_meaning import NoMeaning, with_meaning
from assistant.models.rules.decide import Say, Use, decide, names_kind
from assistant.models.rules.earlier_filters import (
    newest_first,
    with_stated_limits,
    without_wrong_kind,
)
from assistant.models.rules.lexicon.catalogue_names import Lexicon
from assistant.models.rules.lexicon.stop_words import content
from assistant.models.rules.lexicon.text import normalize, words_of
from assistant.models.rules.parse.languages import in_english, language_of
from assistant.models.rules.parse.message import read_message
from assistant.models.rules.parse.reading import Reading
from assistant.models.rules.parse.shorthand import expand_shorthand
from assistant.models.rules.parse.small_talk import agrees, read_anew
from assistant.models.rules.reply.currency_note import currency_note
from assistant.models.rules.reply.language_note import note_on_other_language
from assistant.models.rules.reply.product_reply import about, asks_for_meaning
from assistant.models.rules.reply.turn_results import Said, card_in_focus
from assistant.models.rules.wider_search import wider_search
from assistant.prompt.history import shopper_words
from assistant.prompt.situation import Situation, read
from tools.agent_tools.multimodal_search import NAME as SEARCH
from tools.agent_tools.product_details import NAME as DETAILS
from tools.agent_tools.rerank import NAME as RERANK
from tools.catalogue.vocabulary import Vocabulary
from tools.search.arguments import SearchArguments
from tools.search.searchable_shop import CatalogueMeaning
from tools.search.wish_words import parts_of

_IN_THE_WAY = {"cheaper": "min_price", "dearer": "max_price"}
"""The bound of an earlier message that leaves no room for a comparison."""
_NO_TOOL = "I cannot do that here; I can only look for products."
_NO_SEARCH = "I have no search at hand, so I cannot look for products."


class OfflineChatModel(BaseChatModel):
    """Deterministic: the same messages always give the same answer."""

    model_config = ConfigDict(arbitrary_types_allowed=True)

    vocabulary: Callable[[], Vocabulary] = Field(exclude=True)
    """The catalogue's current names; the prompt holds the most frequent ones only."""
    meaning: CatalogueMeaning = Field(default_factory=NoMeaning, exclude=True)
    """What the catalogue's words mean, see `tools.search.shop.Shop`."""
    speaks_from_results: ClassVar[bool] = True
    """Its sentences are made from tool results, so they need no check."""
    _lexicon: tuple[Vocabulary, Lexicon] | None = PrivateAttr(None)
    _described: dict[str, tuple[object, dict[str, Any]]] = PrivateAttr(default_factory=dict)
    """Tools and their descriptions by name: each call of the model binds the same ones."""

    @property
    def _llm_type(self) -> str:
        return "pounce-offline"

    def bind_tools(
        self,
        tools: Sequence[dict[str, Any] | type | Callable[..., Any] | BaseTool],
        *,
        tool_choice: str | None = None,  # noqa: ARG002 - LangChain's signature
        **kwargs: Any,
    ) -> Runnable[Any, AIMessage]:
        """The model with these tools; it decides by itself when to call one."""
        return self.bind(tools=[self._description(tool) for tool in tools], **kwargs)

    def _description(
        self, tool: dict[str, Any] | type | Callable[..., Any] | BaseTool
    ) -> dict[str, Any]:
        if not isinstance(tool, BaseTool):
            return convert_to_openai_tool(tool)
        known = self._described.get(tool.name)
        if known is None or known[0] is not tool:
            known = self._described[tool.name] = (tool, convert_to_openai_tool(tool))
        return known[1]

    def prepare(self) -> None:
        """Reads the catalogue's names, so that the first message need not wait for it."""
        self._words()

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,  # noqa: ARG002 - LangChain's signature
        run_manager: CallbackManagerForLLMRun | None = None,  # noqa: ARG002 - as above
        **kwargs: Any,
    ) -> ChatResult:
        message = self._reply(messages, kwargs.get("tools", ()))
        return ChatResult(generations=[ChatGeneration(message=message)])

    def _stream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,  # noqa: ARG002 - LangChain's signature
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> Iterator[ChatGenerationChunk]:
        message = self._reply(messages, kwargs.get("tools", ()))
        chunks = [AIMessageChunk(content=word) for word in re.findall(r"\S+\s*", str(message.text))]
        chunks += [
            AIMessageChunk(
                content="",
                tool_call_chunks=[
                    tool_call_chunk(
                        name=call["name"], args=json.dumps(call["args"]), id=call["id"], index=index
                    )
                ],
            )
            for index, call in enumerate(message.tool_calls)
        ]
        for chunk in chunks:
            generation = ChatGenerationChunk(message=chunk)
            if run_manager is not None:
                run_manager.on_llm_new_token(str(chunk.text), chunk=generation)
            yield generation

    def _reply(self, messages: Sequence[BaseMessage], tools: Sequence[dict[str, Any]]) -> AIMessage:
        """The next message, an answer with what is to be said of language and currency."""
        message = self._next(messages, tools)
        if message.tool_calls:
            return message
        turns = [place for place, each in enumerate(messages) if each.type == "human"]
        now = read(next((str(m.text) for m in messages if m.type == "system"), ""))
        currency = str(now.catalogue.get("currency", "USD"))
        said = Said.of(messages[turns[-1] :], currency)
        before = [shopper_words(messages[place]) for place in turns[:-1]]
        notes = (
            note_on_other_language(said.shopper, before, said.arguments, currency),
            str(message.text),
            currency_note(said.shopper, said.arguments, currency),
        )
        return AIMessage(" ".join(note for note in notes if note))

    def _next(self, messages: Sequence[BaseMessage], tools: Sequence[dict[str, Any]]) -> AIMessage:
        """A search, a reranking of its result, or the answer."""
        now = read(next((str(m.text) for m in messages if m.type == "system"), ""))
        turns = [place for place, message in enumerate(messages) if message.type == "human"]
        turn = turns[-1]
        currency = str(now.catalogue.get("currency", "USD"))
        said = Said.of(messages[turn:], currency)
        before = Said("")
        if len(turns) > 1:
            before = Said.of(messages[turns[-2] : turn], currency)
        focus = card_in_focus(messages[:turn])
        reading = self._read(messages[turn], now, focus)
        anew, behind = read_anew(normalize(before.shopper))
        over = anew and not content(words_of(behind))
        if over or reading.anew or (before.means_nothing_here and reading.words):
            # What is left behind, and what the shop has not, is no wish to carry over.
            now = now.model_copy(update={"last_search": None})
        if names_kind(reading) and not (reading.follows or reading.compared):
            now = with_stated_limits(now, (_in_english(messages[place]) for place in turns[:-1]))
        bound = {tool["function"]["name"] for tool in tools}
        again = None
        if said.other is not None:
            again = asks_for_meaning(said.other, said.other_given, reading.ask)
            if again is None:
                return AIMessage(about(said.other, reading.ask, now))
        if again is not None:
            name, arguments = DETAILS, again
        elif said.search is None:
            agreed = before.offer if agrees(shopper_words(messages[turn])) else None
            decision = agreed or decide(reading, now)
            if isinstance(decision, SearchArguments) and not agreed:
                words, meaning = self.vocabulary(), self.meaning
                decision = newest_first(decision, reading, now, words, meaning)
                typed = str(messages[turn].text)
                decision = without_wrong_kind(decision, typed, before.shopper, now, words, meaning)
            if isinstance(decision, Say):
                return AIMessage(decision.text)
            if isinstance(decision, Use):
                name, arguments = decision.tool, decision.arguments
            else:
                name, arguments = SEARCH, decision.given()
            if name not in bound:
                return AIMessage(_NO_SEARCH if name == SEARCH else _NO_TOOL)
        elif said.lacks(reading.kind) and (
            wider := wider_search(said, reading, now, self._words().color_names)
        ):
            name, arguments = SEARCH, wider.given()
        elif (
            reading.compared
            and said.arguments.skip_shown
            and (self._lacks_kind(said) or said.left_kinds_of(before))
        ):
            # Nothing new of the kind is within the bound: what was seen before may be.
            name, arguments = SEARCH, said.arguments.changed(skip_shown=None).given()
        elif (bound_before := _IN_THE_WAY.get(reading.compared or "")) and (
            rest := said.without_bound(bound_before)
        ):
            # The newest instruction wins.
            name, arguments = SEARCH, rest.given()
        elif RERANK in bound and said.worth_looking:
            name, arguments = RERANK, {"instruction": said.wanted}
        else:
            return AIMessage(said.spoken())
        # The history is sent in part, so its length says nothing; a message's own id is unique.
        asker = f"{messages[turn].id} {len(messages) - turn}"
        call_id = f"call_{hashlib.sha256(asker.encode()).hexdigest()[:16]}"
        call = {"name": name, "args": arguments, "id": call_id}
        return AIMessage("", tool_calls=[call])

    def _read(self, message: BaseMessage, now: Situation, focus: int) -> Reading:
        typed = _in_english(message)
        # Of "wht colour r they" less is told than of what it stands for.
        written_out = expand_shorthand(typed.lower())
        plain = typed if written_out == typed.lower() else written_out
        acts = self.meaning.acts_in(plain) if now.last_search is not None else None
        new_photos = sum(photo.new for photo in now.photos)
        reading = read_message(
            typed,
            self._words(),
            shown=len(now.shown),
            photos=len(now.photos),
            new_photos=new_photos,
            cards=now.shown,
            last=now.last_search,
            focus=focus,
            kept=bool(now.kept),
            acts=acts,
        )
        return with_meaning(reading, now, self.meaning, None if new_photos else acts)

    def _lacks_kind(self, said: Said) -> bool:
        """Whether a search found nothing, or nothing called as its words call what is sought."""
        kinds = map(self._words().kind_of, parts_of(said.arguments.words))
        return said.lacks(next(filter(None, kinds), ""))

    def _words(self) -> Lexicon:
        vocabulary = self.vocabulary()
        if self._lexicon is None or self._lexicon[0] != vocabulary:
            self._lexicon = (vocabulary, Lexicon.of(vocabulary))
        return self._lexicon[1]


def _in_english(message: BaseMessage) -> str:
    """What a shopper typed, what is understood of another language in English."""
    typed = shopper_words(message)
    language = language_of(typed)
    return in_english(typed, language) if language else typed
