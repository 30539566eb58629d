"""The tool `multimodal_search`: words, a photo, or both, with hard limits, as a chat model asks.

Pictures never pass through the model: it names them by number. Names are checked against the
catalogue; one that it does not know is answered once with the nearest, and goes into the words
when it is asked for again. Ordering by looking at the pictures is the tool `rerank`.
"""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from langchain.tools import ToolRuntime, tool
from langchain_core.messages import ToolMessage
from langchain_core.tools import BaseTool
from langgraph.types import Command
from pydantic import BaseModel, ConfigDict, Field, WithJsonSchema

from tools.agent_tools.arguments import checked, shown_id
from tools.agent_tools.context import (
    ListRow,
    SearchRow,
    ShownRow,
    TurnContext,
    TurnPhoto,
    Wishes,
    shown_row,
)
from tools.catalogue.vocabulary import Unknown, Vocabulary, resolve
from tools.errors import PhotoError, RequestError
from tools.media.images import open_product_picture
from tools.money import to_decimal, to_minor
from tools.product import Filters, Match, Product, Query, SearchResult
from tools.search.relaxation import Relaxation, relaxations
from tools.search.searchable_shop import SearchableShop

if TYPE_CHECKING:
    from PIL.Image import Image

NAME = "multimodal_search"
_MOST_SEEN = 200
_MOST_REJECTED = 50

# A provider's schema dialect may not take the pattern that pydantic gives a Decimal.
Money = Annotated[Decimal, Field(ge=0, lt=10**9), WithJsonSchema({"type": "number", "minimum": 0})]
Names = Annotated[list[Annotated[str, Field(min_length=1, max_length=100)]], Field(max_length=20)]


class SearchArguments(BaseModel):
    """What the model may ask for."""

    model_config = ConfigDict(extra="forbid")

    words: str = Field("", max_length=500, description="What the product is, in a few words.")
    photo: int | None = Field(
        None, description="Number of a photo of this turn (see the situation) to search from."
    )
    like: int | None = Field(
        None, description="Number on the newest list: search from that product's picture."
    )
    min_price: Money | None = Field(None, description="Lowest price, inclusive, major units.")
    max_price: Money | None = Field(None, description="Highest price, inclusive, major units.")
    categories: Names = Field([], description="Only these; names that the catalogue uses.")
    colors: Names = Field([], description="Only these; names that the catalogue uses.")
    brands: Names = Field([], description="Only these; names that the catalogue uses.")
    min_rating: float | None = Field(None, ge=0, le=5, description="Stars, 0 to 5.")
    without: Names = Field(
        [], description="Words that no product found may say: material, pattern, anything."
    )
    sort: Literal["cheapest", "dearest", "best rated"] | None = Field(
        None, description="For superlatives: orders everything that passes, over the whole shop."
    )
    second_photo: int | None = Field(
        None, description="Number of a second photo that counts too ('this shape, that pattern')."
    )
    not_photo: int | None = Field(None, description="Number of a photo that is not wanted.")
    not_like: int | None = Field(
        None, description="Number on the newest list that is not wanted, nor what looks like it."
    )
    list: int | None = Field(
        None, description="Number of an earlier list, to show it again; nothing else is given then."
    )
    limit: int | None = Field(None, ge=1, le=24, description="How many; leave out as a rule.")
    skip_shown: bool = Field(
        False, description="Leave out what the last search has shown ('show me more')."
    )


@dataclass(frozen=True, slots=True)
class Plan:
    """A search, checked and ready to run."""

    query: Query
    photo: TurnPhoto | None
    like: Product | None
    searched: int
    currency: str
    second: TurnPhoto | None = None
    unfiltered: tuple[str, ...] = ()
    """Names that the catalogue does not know, moved from the filters to the words."""
    missing: tuple[str, ...] = ()
    """What was to be filtered by and no product of this shop states: "prices", "ratings"."""
    unlike: str = ""
    """Id of the shown product that is not wanted, now or later; "" for none."""
    wished: bool = False
    """Whether the price bounds are the shopper's settings, which no later search repeats."""


def make_multimodal_search(shop: SearchableShop, *, results: int = 9) -> BaseTool:
    """The tool over one shop; `results` is how many it finds when the model does not say.

    Its messages and state updates are plain JSON. Raises RequestError and PhotoError with a
    sentence that the model can act on; other errors are the shop's.
    """

    # As JSON schema, so that the arguments are checked here, where a wrong one gets a sentence.
    @tool(NAME, args_schema=SearchArguments.model_json_schema())
    async def multimodal_search(
        runtime: ToolRuntime[TurnContext, dict[str, Any]], **arguments: Any
    ) -> Command[Any]:
        """Search the shop's products by words, by a photo, or by both leaning on each other.

        The shopper sees what is found at once, as numbered cards.
        """
        asked = checked(SearchArguments, arguments, "search")
        context = runtime.context
        if asked.list is not None:
            return await _again(shop, asked, runtime)
        plan = await asyncio.to_thread(_plan, shop, asked, context, runtime.state)
        query = plan.query
        context.understood(query.text, plan.photo, plan.like, query.filters, plan.second)
        limit = asked.limit or context.wishes.results or results
        rejected = tuple(runtime.state.get("rejected") or ())
        result = await asyncio.to_thread(_search, shop, plan.query, limit, rejected)
        list_id = uuid.uuid4().hex
        context.found(list_id, result, plan.searched)
        relaxed: tuple[Relaxation, ...] = ()
        if not result.matches:
            relaxed = await asyncio.to_thread(relaxations, shop, plan.query, limit)
        rows = [shown_row(match) for match in result.matches]
        skipped = plan.query.filters.exclude_ids
        message = ToolMessage(
            _content(rows, plan, relaxed, unmentioned=result.unmentioned),
            name=NAME,
            tool_call_id=runtime.tool_call_id or "",
            artifact={"list_id": list_id, "ids": [row["id"] for row in rows]},
        )
        row = _search_row(plan, list_id)
        update: dict[str, Any] = {"messages": [message], "search": row}
        if plan.unlike:
            update["rejected"] = [*rejected, plan.unlike][-_MOST_REJECTED:]
        if rows:  # the numbers that a shopper can see stay good when a search finds nothing
            update["shown"] = rows
            update["lists"] = [ListRow(rows=rows, search=row)]
            update["seen"] = [*skipped, *(row["id"] for row in rows)][-_MOST_SEEN:]
        return Command(update=update)

    return multimodal_search


def _plan(
    shop: SearchableShop, asked: SearchArguments, context: TurnContext, state: dict[str, Any]
) -> Plan:
    """The search that is meant. Raises RequestError for what cannot be run as asked."""
    vocabulary = shop.vocabulary
    asked, missing = _without_missing(asked, vocabulary)
    filters, unknown = resolve(_asked_filters(asked, vocabulary), vocabulary)
    within = _within(filters, context.wishes, vocabulary)
    wished, filters = within != filters, within
    fresh = [miss for miss in unknown if context.first_time(f"{miss.field} {miss.name}")]
    if fresh:
        raise RequestError(" ".join(_unknown_sentence(miss) for miss in fresh))
    words = " ".join([*(miss.name for miss in unknown), asked.words]).strip()
    photo = _photo(asked.photo, context.photos)
    if photo is not None and asked.like is not None:
        raise RequestError("A search starts from one picture: give `photo` or `like`, not both.")
    product_id = photo.product_id if photo else ""
    if asked.like is not None:
        product_id = shown_id(asked.like, state.get("shown", []))
    like = shop.product(product_id) if product_id else None
    if product_id and like is None:
        raise RequestError("That product is no longer in the shop. Please pick another one.")
    stated = filters == Filters() or (wished and _asked_filters(asked, vocabulary) == Filters())
    if missing and not words and photo is None and like is None and stated:
        raise RequestError(missing_sentence(missing))
    unlike_id = "" if asked.not_like is None else shown_id(asked.not_like, state.get("shown", []))
    unlike = shop.product(unlike_id) if unlike_id else None
    second, unwanted = (_photo(n, context.photos) for n in (asked.second_photo, asked.not_photo))
    if second is not None and photo is None and like is None:
        raise RequestError("A second photo needs a first one: give `photo` or `like` as well.")
    if not words and photo is None and like is None:
        # A search starts from something; the names of the filters say what is wanted as well.
        words = " ".join((*filters.colors, *filters.brands, *filters.categories))
        if not words and asked.sort is None:
            raise RequestError("Nothing is asked for: say what the product is, or attach a photo.")
    if asked.skip_shown:
        filters = replace(filters, exclude_ids=tuple(state.get("seen", ())))
    if unlike_id:
        filters = replace(filters, exclude_ids=(*filters.exclude_ids, unlike_id))
    shopper_photo = photo if photo is not None and photo.ref else None
    query = Query(
        text=words,
        photo=context.open(shopper_photo) if shopper_photo else None,
        like=like.id if like else None,
        filters=filters,
        second=_picture(second, shop, context),
        unlike=tuple(
            picture
            for picture in (_picture(unwanted, shop, context), _picture_of(unlike))
            if picture is not None
        ),
        sort=asked.sort or "",
    )
    names = tuple(f"{miss.field} {miss.name}" for miss in unknown)
    return Plan(
        query,
        shopper_photo,
        like,
        shop.count(),
        vocabulary.currency,
        second,
        names,
        missing,
        unlike_id,
        wished,
    )


def _within(filters: Filters, wishes: Wishes, vocabulary: Vocabulary) -> Filters:
    """The filters with the shopper's price range, where they state no price themselves."""
    priced = filters.min_price is not None or filters.max_price is not None
    if priced or "prices" in vocabulary.lacking:
        return filters
    return replace(filters, min_price=wishes.min_price, max_price=wishes.max_price)


def _search(
    shop: SearchableShop, query: Query, limit: int, rejected: Sequence[str]
) -> SearchResult:
    """The best matches without those that the shopper rejected earlier. Blocking.

    Those are not among the filters: a filter that nobody stated would hide that the shop has no
    such thing.
    """
    result = shop.search(query, limit + len(rejected))
    kept = tuple(match for match in result.matches if match.product.id not in rejected)
    return replace(result, matches=kept[:limit])


def _without_missing(
    asked: SearchArguments, vocabulary: Vocabulary
) -> tuple[SearchArguments, tuple[str, ...]]:
    """The arguments without bounds that no product could pass, and what the shop lacks for them."""
    bounds = {"prices": ("min_price", "max_price"), "ratings": ("min_rating",)}
    missing = tuple(
        what
        for what, names in bounds.items()
        if what in vocabulary.lacking and any(getattr(asked, name) is not None for name in names)
    )
    gone = {name: None for what in missing for name in bounds[what]}
    return asked.model_copy(update=gone), missing


def missing_sentence(missing: Sequence[str]) -> str:
    """Says that this shop states none of these, to a shopper or a chat model."""
    return (
        f"This shop lists no {' and no '.join(missing)}, so I cannot go by them. "
        "Say what the product is, or attach a photo."
    )


def _asked_filters(asked: SearchArguments, vocabulary: Vocabulary) -> Filters:
    low, high = asked.min_price, asked.max_price
    if low is not None and high is not None and low > high:
        raise RequestError(f"The lowest price, {low}, is above the highest, {high}. Swap them.")
    currency = vocabulary.currency
    return Filters(
        min_price=None if low is None else to_minor(low, currency),
        max_price=None if high is None else to_minor(high, currency),
        categories=tuple(asked.categories),
        colors=tuple(asked.colors),
        brands=tuple(asked.brands),
        min_rating=asked.min_rating,
        exclude_words=tuple(asked.without),
    )


def _unknown_sentence(miss: Unknown) -> str:
    if not miss.nearest:
        return f"{miss.sentence()} Say it in the words of the search instead."
    return f"{miss.sentence()} Use one of these, or say it in the words of the search."


def _photo(number: int | None, photos: Sequence[TurnPhoto]) -> TurnPhoto | None:
    if number is None:
        return None
    if not photos:
        raise RequestError("There is no photo in this conversation. Please attach one.")
    if not 1 <= number <= len(photos):
        known = "only photo 1" if len(photos) == 1 else f"photos 1 to {len(photos)}"
        raise RequestError(f"There is no photo {number}; there is {known}.")
    return photos[number - 1]


def _picture(photo: TurnPhoto | None, shop: SearchableShop, context: TurnContext) -> Image | None:
    """Of the shopper or of a product; None for no photo, and for a product without a picture."""
    if photo is None:
        return None
    return context.open(photo) if photo.ref else _picture_of(shop.product(photo.product_id))


def _picture_of(product: Product | None) -> Image | None:
    if product is None or not product.image:
        return None
    try:
        return open_product_picture(Path(product.image))
    except (PhotoError, OSError):
        return None  # it is left out by its id all the same


async def _again(
    shop: SearchableShop, asked: SearchArguments, runtime: ToolRuntime[TurnContext, dict[str, Any]]
) -> Command[Any]:
    """An earlier list, as it was numbered then, without what the shop no longer has."""
    context, lists = runtime.context, runtime.state.get("lists") or ()
    if asked != SearchArguments(list=asked.list):
        raise RequestError("`list` shows an earlier list as it was: give no other argument.")
    if not lists:
        raise RequestError("No list has been shown yet.")
    if asked.list is None or not 1 <= asked.list <= len(lists):
        known = "only list 1" if len(lists) == 1 else f"lists 1 to {len(lists)}"
        raise RequestError(f"There is no list {asked.list}; there are {known}.")
    row: ListRow = lists[asked.list - 1]
    ids = [each["id"] for each in row["rows"]]
    products = await asyncio.to_thread(lambda: [shop.product(each) for each in ids])
    matches = tuple(Match(product, 0.0) for product in products if product is not None)
    search = row["search"]
    filters = _filters_of(search) if search else Filters()
    text = search["words"] if search else ""
    context.understood(text, None, None, filters)
    list_id = uuid.uuid4().hex
    context.found(list_id, SearchResult(matches, filters, {}), len(ids))
    rows = [shown_row(match) for match in matches]
    currency = (await asyncio.to_thread(lambda: shop.vocabulary)).currency
    content = {
        "found": len(rows),
        "searched": len(ids),
        "shown_again": True,
        "filters": asked_for(filters, currency),
        "products": [{"number": number, **each} for number, each in enumerate(rows, start=1)],
    }
    message = ToolMessage(
        json.dumps(content, ensure_ascii=False, separators=(",", ":")),
        name=NAME,
        tool_call_id=runtime.tool_call_id or "",
        artifact={"list_id": list_id, "ids": [each["id"] for each in rows]},
    )
    update: dict[str, Any] = {"messages": [message]}
    if search is not None:
        search = SearchRow(**{**search, "list_id": list_id})
        update["search"] = search
    if rows:
        update |= {"shown": rows, "seen": ids, "lists": [ListRow(rows=rows, search=search)]}
    return Command(update=update)


def _filters_of(row: SearchRow) -> Filters:
    return Filters(
        min_price=row["min_price"],
        max_price=row["max_price"],
        categories=tuple(row["categories"]),
        colors=tuple(row["colors"]),
        brands=tuple(row["brands"]),
        min_rating=row["min_rating"],
        exclude_words=tuple(row.get("without", ())),
    )


def _search_row(plan: Plan, list_id: str) -> SearchRow:
    filters = plan.query.filters
    return SearchRow(
        words=plan.query.text,
        photo=plan.photo.ref if plan.photo else "",
        product=plan.query.like or "",
        min_price=None if plan.wished else filters.min_price,
        max_price=None if plan.wished else filters.max_price,
        categories=list(filters.categories),
        colors=list(filters.colors),
        brands=list(filters.brands),
        min_rating=filters.min_rating,
        without=list(filters.exclude_words),
        second=plan.second.ref if plan.second else "",
        sort=plan.query.sort,
        list_id=list_id,
    )


def _content(
    rows: list[ShownRow], plan: Plan, relaxed: Sequence[Relaxation], *, unmentioned: bool
) -> str:
    """The result as the model reads it: compact JSON, facts of the catalogue only."""
    content: dict[str, Any] = {
        "found": len(rows),
        "searched": plan.searched,
        "filters": asked_for(plan.query.filters, plan.currency),
        "products": [{"number": number, **row} for number, row in enumerate(rows, start=1)],
    }
    if plan.query.sort:
        content["sorted"] = plan.query.sort
    if unmentioned:
        content["mentioned_by_no_product"] = plan.query.text
    if plan.unfiltered:
        content["not_filtered_on"] = list(plan.unfiltered)
    if plan.missing:
        content["not_listed_by_this_shop"] = list(plan.missing)
    if not rows and plan.query.filters.exclude_ids:
        content["shown_before"] = len(plan.query.filters.exclude_ids)
    if not rows:
        content["would_be_found_without"] = [asdict(relaxation) for relaxation in relaxed]
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"))


def asked_for(filters: Filters, currency: str) -> dict[str, Any]:
    """The filters that are set, as the arguments of the tool that would set them."""
    low, high = filters.min_price, filters.max_price
    every = {
        "min_price": None if low is None else float(to_decimal(low, currency)),
        "max_price": None if high is None else float(to_decimal(high, currency)),
        "categories": list(filters.categories),
        "colors": list(filters.colors),
        "brands": list(filters.brands),
        "min_rating": filters.min_rating,
        "without": list(filters.exclude_words),
    }
    return {name: value for name, value in every.items() if value not in (None, [])}
