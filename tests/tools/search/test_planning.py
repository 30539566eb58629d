"""From arguments to a query, without a chat model, LangChain or an index."""

from __future__ import annotations

import math
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests.support.paths import ROOT
from tools.catalogue.vocabulary import Vocabulary, count_vocabulary
from tools.errors import RequestError
from tools.product import Filters, Match, Product, Query, SearchResult, Spoken
from tools.search.arguments import SearchArguments, checked
from tools.search.planning import SearchPlan, plan_search
from tools.search.rows import ShownRow, shown_row
from tools.search.search_context import SearchContext, TurnPhoto, Wishes
from tools.search.searchable_shop import Elsewhere


@dataclass
class ListShop:
    """Products in a list; a search finds all of them."""

    goods: list[Product]
    name: str = "list"
    lists: dict[str, Any] = field(default_factory=dict)

    @property
    def vocabulary(self) -> Vocabulary:
        return replace(count_vocabulary(self.goods), **self.lists)

    def search(self, query: Query, limit: int = 9) -> SearchResult:
        return SearchResult(tuple(Match(p, 1.0) for p in self.goods[:limit]), query.filters, {})

    def product(self, product_id: str, /) -> Product | None:
        return next((each for each in self.goods if each.id == product_id), None)

    def products(self, product_ids: Sequence[str], /) -> dict[str, Product]:
        return {each.id: each for each in self.goods if each.id in product_ids}

    def product_with_variant(self, variant_id: str, /) -> Product | None:
        return None

    def count(self) -> int:
        return len(self.goods)

    def named(self, names: Sequence[str], /) -> Product | None:
        return next(filter(None, map(self.product, names)), None)

    def kind_meant(self, said: str, /) -> str:
        return "Mugs" if said == "tankards" else ""

    def says_elsewhere(self, said: str, within: Filters, wider: Filters, /) -> Elsewhere:
        return Elsewhere()

    def beyond_kind(self, query: Query, /) -> float:
        return 3.0 if "sew" in query.spoken.said else -math.inf

    def acts_in(self, text: str, /) -> None:
        return None

    def answering(self, asked: str, texts: Sequence[str], /) -> Sequence[float]:
        return ()

    def seen_in(self, photo: Image.Image, /) -> str:
        return ""


MUGS = [
    Product(f"m{n}", f"Mug {n}", ("Kitchen", "Mugs"), "", 500 * n, color=color, rating=4.0)
    for n, color in enumerate(("red", "blue", "matte blue"), start=1)
]
SHOP = ListShop(MUGS)
SHOWN: list[ShownRow] = [shown_row(Match(mug, 1.0)) for mug in MUGS]
PHOTO = TurnPhoto("a.png", ref="r1")


def planned(
    context: SearchContext | None = None, shop: ListShop = SHOP, **given: Any
) -> SearchPlan:
    return plan_search(SearchArguments(**given), shop, context or SearchContext())


def test_names_are_the_catalogues_and_prices_minor_units() -> None:
    plan = planned(words="mug", categories=["mug"], colors=["blue"], max_price=Decimal("12.5"))
    assert plan.query == Query(
        "mug",
        filters=Filters(max_price=1250, categories=("Mugs",), colors=("blue", "matte blue")),
    )
    assert (plan.searched, plan.currency) == (3, "USD")


def test_an_unknown_name_is_refused_once_and_then_goes_into_the_words() -> None:
    with pytest.raises(RequestError, match="has no color 'pink'"):
        planned(words="mug", colors=["pink"])
    plan = planned(SearchContext(first_time=lambda _: False), words="mug", colors=["pink"])
    assert (plan.query.text, plan.query.filters) == ("pink mug", Filters())
    assert plan.unfiltered == ("color pink",)


def test_bounds_that_no_product_can_pass_are_left_out_and_said() -> None:
    bare = ListShop(MUGS, lists={"min_price": None, "max_price": None, "rated": False})
    plan = planned(None, bare, words="mug", max_price=20, min_rating=3)
    assert plan.query.filters == Filters()
    assert plan.missing == ("prices", "ratings")
    with pytest.raises(RequestError, match="lists no prices"):
        planned(None, bare, max_price=20)


def test_a_standing_price_range_holds_where_none_is_named_and_is_not_stored() -> None:
    context = SearchContext(wishes=Wishes(max_price=900))
    plan = planned(context, words="mug")
    assert plan.query.filters.max_price == 900
    assert plan.row("l1")["max_price"] is None
    assert planned(context, words="mug", min_price=6).query.filters == Filters(min_price=600)


def test_numbers_mean_photos_and_shown_products() -> None:
    picture = Image.new("RGB", (4, 4))
    context = SearchContext(photos=[PHOTO], open=lambda _: picture, shown=SHOWN, seen=["m9"])
    plan = planned(context, photo=1, not_like=2, skip_shown=True)
    assert plan.query.photo is picture
    assert plan.query.filters.exclude_ids == ("m9", "m2")
    assert (plan.photo, plan.unlike) == (PHOTO, "m2")
    assert plan.row("l1")["photo"] == "r1"
    assert planned(context, like=3).query.like == "m3"


def test_photo_that_was_misread_is_the_one_that_is_searched_from() -> None:
    """A number that stays from the search before says nothing of a newer photo."""
    older = TurnPhoto("b.png", ref="r2")
    context = SearchContext(photos=[PHOTO, older], open=lambda _: Image.new("RGB", (4, 4)))
    plan = planned(context, photo=2, misread_photo=2)
    assert (plan.query.misread, plan.row("l1")["misread"]) == (True, "r2")
    plan = planned(context, photo=1, misread_photo=2)
    assert (plan.query.misread, plan.row("l1")["misread"]) == (False, "")


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({}, "Nothing is asked for"),
        ({"photo": 2}, "There is no photo 2; there is only photo 1."),
        ({"like": 4}, "There is no number 4"),
        ({"photo": 1, "like": 1}, "starts from one picture"),
        ({"words": "mug", "second_photo": 1}, "needs a first one"),
        ({"words": "mug", "min_price": 3, "max_price": 2}, "The lowest price, 3, is above"),
    ],
)
def test_what_cannot_be_run_gets_a_sentence(given: dict[str, Any], sentence: str) -> None:
    context = SearchContext(photos=[PHOTO], shown=SHOWN)
    with pytest.raises(RequestError, match=sentence):
        planned(context, **given)


def test_arguments_travel_as_they_were_given() -> None:
    given = {"words": "mug", "max_price": 12.5, "colors": ["red"], "skip_shown": True}
    asked = checked(SearchArguments, given, "The search cannot be run")
    assert asked.given() == given
    assert SearchArguments.unchecked(given) == asked
    changed = asked.changed(max_price=None, words="", sort="cheapest")
    assert changed.given() == {"colors": ["red"], "sort": "cheapest", "skip_shown": True}
    with pytest.raises(TypeError, match="no argument price"):
        asked.changed(price=3)


def test_nothing_of_the_search_imports_langchain(tmp_path: Path) -> None:
    """Another front end plans a search and reads its reply without the agent's libraries."""
    script = (
        "import sys, tools.search.planning, tools.search.replies, tools.search.earlier_lists,"
        " tools.search.shortlist_rows, tools.search.relaxation, tools.search.arguments\n"
        "print([m for m in sys.modules if m.startswith(('langchain', 'langgraph', 'tools.agent'))])"
    )
    run = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert run.stdout.strip() == "[]"


def test_words_are_taken_for_the_category_that_they_mean() -> None:
    plan = planned(words="tankards")
    assert plan.query.filters.categories == ("Mugs",)
    assert plan.query.text == "tankards"
    assert plan.reply([]).taken_for == "Mugs"
    assert planned(words="tankards", categories=["Mugs"]).told(SHOP).taken_for == "Mugs"
    assert planned(words="cups").taken_for == ""


def test_category_is_not_guessed_where_the_whole_message_speaks_of_another_thing() -> None:
    asked = SearchArguments(words="tankards")
    plan = plan_search(asked, SHOP, SearchContext(said="tankards? no, to sew with"))
    assert plan.query.filters.categories == ()
    assert plan.taken_for == ""


def test_query_knows_what_was_said_and_what_led_the_list() -> None:
    context = SearchContext(shown=SHOWN, said="in blue", said_before="mugs")
    plan = plan_search(SearchArguments(words="mug"), SHOP, context)
    assert plan.query.spoken == Spoken("in blue", "mugs", "Mugs", tuple(s["title"] for s in SHOWN))


def test_category_that_was_named_wins_over_what_the_words_mean() -> None:
    plan = planned(words="tankards", categories=["Kitchen"]).told(SHOP)
    assert (plan.query.filters.categories, plan.taken_for) == (("Kitchen",), "")
