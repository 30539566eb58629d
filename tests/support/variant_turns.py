"""Single turns about facts and variants as data: what is then searched, or answered of a product.

A file of tests/data/variant_turns holds turns by the situation they are said in (`_SHOWN`). A turn
has `say` and one claim:

    search      the arguments of a search that starts afresh
    change      the arguments of the newest search with these changes; null takes one away
    answer      what is said of a shown product: `number`, and `says`, the parts that must occur,
                or `unsaid`: that the shop does not say. It comes from that product's facts and no
                search
    or          another claim that is as good

Every limit must be as claimed, and none may be there that is not. Of `words` the parts that are
named must occur. "gender=unisex" beside another gender says the same as without it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Any

from langchain_core.messages import BaseMessage, HumanMessage, SystemMessage, ToolMessage

from assistant.agent.prompt_context import describe_catalogue
from assistant.models.rules.by_meaning import NoMeaning
from assistant.models.rules.chat_model import OfflineChatModel
from assistant.prompt.situation import ShownNote, Situation
from assistant.prompt.system_prompt import system_prompt
from tests.support.paths import DATA
from tests.support.variant_shop import BARE, PRODUCTS
from tests.support.yaml_files import read_yaml
from tools.catalogue.vocabulary import Vocabulary, count_vocabulary
from tools.product import Filters, Match, Product, Query, SearchResult
from tools.search.replies import DetailsReply
from tools.search.rows import shown_row_of
from tools.search.searchable_shop import Elsewhere

_FOLDER = DATA / "variant_turns"
_TOOLS = ("multimodal_search", "product_details", "compare_products", "shortlist")
_UNCHECKED = {"words", "skip_shown", "limit"}
_RUNNING = {"words": "running shoes", "categories": ["Running Shoes"]}
_SHOWN: dict[str, tuple[dict[str, Any], tuple[str, ...]]] = {
    "fresh": ({}, ()),
    "shoes": (_RUNNING, ("r1", "r2", "r3", "r4")),
    "sized": ({**_RUNNING, "options": ["size=9"]}, ("r1", "r2")),
    "one": ({"words": "backpack", "categories": ["Backpacks"]}, ("k1",)),
    "watches": ({"words": "watch", "categories": ["Watches"]}, ("c1", "c2", "c3")),
    "bare": (_RUNNING, ("r1", "r2", "r3", "r4")),
    "shirts": ({"words": "t-shirt", "categories": ["T-Shirts"]}, ("t1", "t2", "t3")),
    "jackets": ({"words": "jackets", "categories": ["Jackets"]}, ("j1", "j2")),
    "single": ({"words": "headphones", "categories": ["Headphones"]}, ("h1",)),
}


@dataclass(frozen=True, slots=True)
class VariantTurn:
    """One message in its situation, with what it claims."""

    at: str
    say: str
    claims: tuple[dict[str, Any], ...]
    """Any of them will do."""


def variant_turns(file: str) -> Iterator[VariantTurn]:
    """Those of one file, in its order."""
    for at, rows in read_yaml(_FOLDER / file).items():
        for row in rows:
            claim = {name: value for name, value in row.items() if name not in ("say", "or")}
            yield VariantTurn(at, row["say"], (claim, *([row["or"]] if "or" in row else ())))


def wrong(turn: VariantTurn) -> str:
    """What the built-in chat model makes of the turn, where no claim of it holds; else ""."""
    found = [_unlike(claim, turn) for claim in turn.claims]
    return "" if not all(found) else found[0]


def _unlike(claim: Mapping[str, Any], turn: VariantTurn) -> str:
    products = BARE if turn.at == "bare" else PRODUCTS
    now = _situation(turn.at, products)
    model = OfflineChatModel(vocabulary=lambda: _vocabulary(turn.at == "bare"))
    tools = [{"type": "function", "function": {"name": name}} for name in _TOOLS]
    messages: list[BaseMessage] = [SystemMessage(system_prompt(now)), HumanMessage(turn.say)]
    asked = model.invoke(messages, tools=tools)
    if not asked.tool_calls:
        return f"says {asked.text!r}"
    call = asked.tool_calls[0]
    if "answer" not in claim:
        return _search_unlike(claim, call["name"], call["args"], now)
    wanted = claim["answer"]
    given = {key: value for key, value in call["args"].items() if key != "question"}
    if (call["name"], given) != ("product_details", {"number": wanted["number"]}):
        return f"calls {call['name']} {call['args']}"
    product = {each.id: each for each in products}[_SHOWN[turn.at][1][wanted["number"] - 1]]
    details = DetailsReply.of(wanted["number"], product).json()
    result = ToolMessage(details, name="product_details", tool_call_id=call["id"])
    said = str(model.invoke([*messages, asked, result], tools=tools).text)
    return _said_unlike(wanted, said)


def _said_unlike(wanted: Mapping[str, Any], said: str) -> str:
    parts = ["does not say"] if wanted.get("unsaid") else wanted["says"]
    body = said.lower().partition(": ")[2]
    missing = [part for part in parts if str(part).lower() not in body]
    if not wanted.get("unsaid") and "does not say" in body:
        missing = [*missing, "an answer"]
    return f"{missing} missing in {said!r}" if missing else ""


def _search_unlike(
    claim: Mapping[str, Any], name: str, given: Mapping[str, Any], now: Situation
) -> str:
    if name != "multimodal_search":
        return f"calls {name} {given}"
    claimed = dict(claim["search"]) if "search" in claim else dict(now.last_search or {})
    if "search" not in claim:
        claimed.pop("words", None)
    claimed.update(claim.get("change", {}))
    fields = {*claimed, *given} - _UNCHECKED
    unlike = [each for each in fields if _plain(claimed.get(each)) != _plain(given.get(each))]
    words = str(given.get("words", "")).lower()
    if any(part not in words for part in claimed.get("words") or ()):
        unlike.append("words")
    return f"{', '.join(unlike)} not right in {given}" if unlike else ""


def _plain(value: Any) -> Any:
    if isinstance(value, list | tuple):
        names = {str(each).casefold() for each in value}
        return names - {"gender=unisex"} or names
    if isinstance(value, int | float) and not isinstance(value, bool):
        return Decimal(str(value)).normalize()
    return value or None


def _situation(at: str, products: tuple[Product, ...]) -> Situation:
    search, ids = _SHOWN[at]
    by_id = {product.id: product for product in products}
    return Situation(
        shown=[
            ShownNote.model_validate({"number": number, **shown_row_of(by_id[each])})
            for number, each in enumerate(ids, start=1)
        ],
        last_search=search or None,
        catalogue=describe_catalogue(_Described(at == "bare", products)),
    )


@dataclass(frozen=True, slots=True)
class _Described:
    """A shop as far as its description needs it."""

    bare: bool
    goods: tuple[Product, ...]
    name: str = "facts"

    @property
    def vocabulary(self) -> Vocabulary:
        return _vocabulary(self.bare)

    def count(self) -> int:
        return len(self.goods)

    def product(self, identity: str, /) -> Product | None:
        return next((each for each in self.goods if each.id == identity), None)

    def products(self, product_ids: Sequence[str], /) -> dict[str, Product]:
        return {each.id: each for each in self.goods if each.id in product_ids}

    def product_with_variant(self, variant_id: str, /) -> Product | None:
        return None

    def named(self, names: Sequence[str], /) -> Product | None:
        return next(filter(None, map(self.product, names)), None)

    def kind_meant(self, said: str, /) -> str:
        return NoMeaning().kind_meant(said)

    def says_elsewhere(self, said: str, within: Filters, wider: Filters, /) -> Elsewhere:
        return NoMeaning().says_elsewhere(said, within, wider)

    def beyond_kind(self, query: Query, /) -> float:
        return NoMeaning().beyond_kind(query)

    def acts_in(self, text: str, /) -> None:
        return None

    def answering(self, asked: str, texts: Sequence[str], /) -> Sequence[float]:
        return ()

    def seen_in(self, photo: object, /) -> str:
        return f"{photo}"

    def search(self, query: Query, limit: int = 9) -> SearchResult:
        found = tuple(Match(each, 0.0) for each in self.goods[:limit])
        return SearchResult(found, query.filters, {})


@cache
def _vocabulary(bare: bool) -> Vocabulary:
    return count_vocabulary(BARE if bare else PRODUCTS)
