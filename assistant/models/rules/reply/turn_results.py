"""What the tools have said in a turn so far: the newest search, and the look at its list."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from langchain_core.messages import AIMessage, BaseMessage, ToolMessage

from assistant.models.rules.reply.search_reply import answer
from assistant.prompt.history import shopper_words
from tools.agent_tools.multimodal_search import NAME as SEARCH
from tools.agent_tools.rerank import NAME as RERANK
from tools.filter_codec import arguments_of_constraint
from tools.index.stemming import search_terms
from tools.search.arguments import SearchArguments, checked
from tools.search.replies import RankReply, SearchReply
from tools.search.rows import ShownRow

_LONGEST = 500
"""Characters of an instruction, as the tool takes them."""


@dataclass(frozen=True, slots=True)
class Said:
    """The results that an answer is made from."""

    shopper: str
    """What the shopper typed."""
    search: ToolMessage | None = None
    """The newest search's result."""
    arguments: SearchArguments = field(default_factory=SearchArguments)
    """What it was asked with; nothing for one that could not be run."""
    reply: SearchReply | None = None
    """The result itself; None for one that could not be run."""
    look: ToolMessage | None = None
    """The result of rerank behind it."""
    other: ToolMessage | None = None
    """The newest result of another tool."""
    other_given: Mapping[str, Any] = field(default_factory=dict)
    """What that tool was asked with."""
    searches: int = 0
    """How many searches the turn has run."""

    @classmethod
    def of(cls, messages: Sequence[BaseMessage], currency: str) -> Said:
        """From the messages of one turn, the shopper's first; `currency` is the catalogue's."""
        asked: dict[str | None, Mapping[str, Any]] = {}
        said = cls(shopper_words(messages[0]))
        for message in messages:
            if isinstance(message, AIMessage):
                asked |= {call["id"]: call["args"] for call in message.tool_calls}
            elif isinstance(message, ToolMessage) and message.name == SEARCH:
                said = cls(said.shopper, message, searches=said.searches + 1)
                if message.status != "error":
                    given = asked.get(message.tool_call_id, {})
                    said = replace(
                        said,
                        arguments=checked(SearchArguments, given, "The search cannot be run"),
                        reply=SearchReply.of_json(str(message.text), currency),
                    )
            elif isinstance(message, ToolMessage) and message.name == RERANK:
                said = replace(said, look=message, other=None)
            elif isinstance(message, ToolMessage):
                said = replace(said, other=message, other_given=asked.get(message.tool_call_id, {}))
        return said

    @property
    def worth_looking(self) -> bool:
        """Whether a search from a picture found several that nobody has looked at yet."""
        if self.reply is None or self.look is not None:
            return False
        leans = self.arguments.photo is not None or self.arguments.like is not None
        return leans and len(self.reply.products) > 1

    @property
    def offer(self) -> SearchArguments | None:
        """The search without the limit that the answer offered to let go of; None without one."""
        if self.reply is None or not self.reply.relaxed:
            return None
        gone = arguments_of_constraint(self.reply.relaxed[0].without)
        offered = self.arguments.changed(**dict.fromkeys(gone))
        return offered if offered.given() else None

    def without_bound(self, bound: str) -> SearchArguments | None:
        """The search without this price bound; None unless both bounds together found nothing."""
        both = self.arguments.given().keys() >= arguments_of_constraint("price")
        return self.arguments.changed(**{bound: None}) if both and self.found_none else None

    @property
    def means_nothing_here(self) -> bool:
        """Whether no product of the shop has the words that were searched."""
        return self.reply is not None and bool(self.reply.unmentioned)

    @property
    def found_none(self) -> bool:
        """Whether the newest search could be run and found nothing."""
        return self.reply is not None and not self.reply.products

    def lacks(self, kind: str) -> bool:
        """Whether the newest search could be run and found nothing, or nothing called `kind`."""
        rows = self.reply.products if self.reply is not None else ()
        if not rows or not kind:
            return self.found_none
        wanted = set(search_terms(kind).split())
        names = (f"{row['title']} {row['category']}" for row in rows)
        return not any(wanted <= set(search_terms(name).split()) for name in names)

    def left_kinds_of(self, before: Said) -> bool:
        """Whether words found first what is of another kind than all that another turn found."""
        if self.reply is None or before.reply is None or not self.reply.products:
            return False
        if self.arguments.photo is not None or self.arguments.like is not None:
            return False
        kinds = {row["category"] for row in before.reply.products}
        return bool(kinds) and self.reply.products[0]["category"] not in kinds

    @property
    def wanted(self) -> str:
        """The shopper's wish in short: what was typed, and what the search carried over."""
        words, whole = self.arguments.words, self.shopper
        if words.lower() not in whole.lower():
            whole = f"{words}, {whole}" if whole else words
        return whole[:_LONGEST]

    def spoken(self) -> str:
        """The answer; the sentence of a search that could not be run, as it is."""
        assert self.search is not None  # looked at first
        if self.reply is None:
            return str(self.search.text)
        reply = self.reply
        if self.look is not None and self.look.status != "error":
            reply = replace(reply, products=_ranked(str(self.look.text), reply.products))
        return answer(reply)


def _ranked(look: str, found: Sequence[ShownRow]) -> tuple[ShownRow, ...]:
    """The products of a list in the order after a look at it."""
    rows = (
        found[each.was - 1] if each.was is not None else each.row
        for each in RankReply.of_json(look).products
    )
    return tuple(row for row in rows if row is not None)


def card_in_focus(messages: Sequence[BaseMessage]) -> int:
    """The number of the shown card that was last chosen or asked about; 0 for none.

    `messages` are those before the newest turn. Another list has other numbers.
    """
    focus = 0
    asked: dict[str | None, Mapping[str, Any]] = {}
    for message in messages:
        if isinstance(message, AIMessage):
            asked |= {call["id"]: call["args"] for call in message.tool_calls}
        elif isinstance(message, ToolMessage) and message.status != "error":
            given = asked.get(message.tool_call_id, {})
            numbers = given.get("numbers") or [given.get("number")]
            if message.name in (SEARCH, RERANK) or given.get("action") == "show":
                focus = 0
            elif len(numbers) == 1 and isinstance(numbers[0], int):
                focus = numbers[0] if given.get("action") != "remove" else 0
    return focus
