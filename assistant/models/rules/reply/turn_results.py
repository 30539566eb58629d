"""What the tools have said in a turn so far: the newest search, and the look at its list."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from typing import Any

from langchain_core.messages import AIMessage, BaseMessage, ToolMessage

from assistant.models.rules.reply.search_reply import answer
from assistant.prompt.history import shopper_words
from tools.agent_tools.multimodal_search import NAME as SEARCH
from tools.agent_tools.rerank import NAME as RERANK

_BOUNDS = frozenset({"min_price", "max_price"})
_LONGEST = 500
"""Characters of an instruction, as the tool takes them."""


@dataclass(frozen=True, slots=True)
class Said:
    """The results that an answer is made from."""

    shopper: str
    """What the shopper typed."""
    search: ToolMessage | None = None
    """The newest search's result."""
    arguments: Mapping[str, Any] = field(default_factory=dict)
    """What it was asked with."""
    look: ToolMessage | None = None
    """The result of rerank behind it."""
    other: ToolMessage | None = None
    """The newest result of another tool."""

    @classmethod
    def of(cls, messages: Sequence[BaseMessage]) -> Said:
        """From the messages of one turn, the shopper's first."""
        asked: dict[str | None, Mapping[str, Any]] = {}
        said = cls(shopper_words(messages[0]))
        for message in messages:
            if isinstance(message, AIMessage):
                asked |= {call["id"]: call["args"] for call in message.tool_calls}
            elif isinstance(message, ToolMessage) and message.name == SEARCH:
                said = cls(said.shopper, message, asked.get(message.tool_call_id, {}))
            elif isinstance(message, ToolMessage) and message.name == RERANK:
                said = cls(said.shopper, said.search, said.arguments, message)
            elif isinstance(message, ToolMessage):
                said = replace(said, other=message)
        return said

    @property
    def worth_looking(self) -> bool:
        """Whether a search from a picture found several that nobody has looked at yet."""
        if not self._result or self.look is not None:
            return False
        leans = any(self.arguments.get(name) is not None for name in ("photo", "like"))
        return leans and self._result["found"] > 1

    @property
    def offer(self) -> dict[str, Any] | None:
        """The search without the limit that the answer offered to let go of; None without one."""
        relaxed = self._result.get("would_be_found_without")
        if not relaxed:
            return None
        limit = relaxed[0]["without"]
        return self._without(_BOUNDS if limit == "price" else {limit}) or None

    @property
    def all_seen(self) -> bool:
        """Whether a search that left out what was seen found nothing more."""
        return self._found_none and bool(self.arguments.get("skip_shown"))

    def without_bound(self, bound: str) -> dict[str, Any] | None:
        """The search without this price bound; None unless both bounds together found nothing."""
        if not self._found_none or not self.arguments.keys() >= _BOUNDS:
            return None
        return self._without({bound})

    def _without(self, gone: Set[str]) -> dict[str, Any]:
        return {name: value for name, value in self.arguments.items() if name not in gone}

    @property
    def means_nothing_here(self) -> bool:
        """Whether no product of the shop has the words that were searched."""
        return bool(self._result.get("mentioned_by_no_product"))

    @property
    def _found_none(self) -> bool:
        return self._result.get("found") == 0

    @property
    def _result(self) -> dict[str, Any]:
        """Of the newest search; nothing where it could not be run."""
        if self.search is None or self.search.status == "error":
            return {}
        result: dict[str, Any] = json.loads(str(self.search.text))
        return result

    @property
    def wanted(self) -> str:
        """The shopper's wish in short: what was typed, and what the search carried over."""
        words = str(self.arguments.get("words") or "")
        whole = self.shopper
        if words.lower() not in whole.lower():
            whole = f"{words}, {whole}" if whole else words
        return whole[:_LONGEST]

    def spoken(self, currency: str) -> str:
        """The answer; the sentence of a search that could not be run, as it is."""
        assert self.search is not None  # looked at first
        if self.search.status == "error":
            return str(self.search.text)
        result = self._result
        if self.look is not None and self.look.status != "error":
            places = [product["was"] - 1 for product in json.loads(str(self.look.text))["products"]]
            result["products"] = [result["products"][place] for place in places]
        return answer(result, currency=currency)
