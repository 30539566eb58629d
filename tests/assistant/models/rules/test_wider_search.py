"""The next search of a turn whose search found nothing."""

from __future__ import annotations

from dataclasses import replace

from assistant.models.rules.parse.reading import Reading
from assistant.models.rules.reply.turn_results import Said
from assistant.models.rules.wider_search import wider_search
from assistant.prompt.situation import Situation
from tools.search.arguments import SearchArguments
from tools.search.relaxation import Relaxation
from tools.search.replies import SearchReply
from tools.search.rows import ShownRow


def empty(arguments: SearchArguments, *without: str, searches: int = 1) -> Said:
    """A search that found nothing, and the constraints of which each alone stands in the way."""
    relaxed = tuple(Relaxation(name, 3, None, "") for name in without)
    reply = SearchReply((), 100, relaxed=relaxed)
    return Said("", arguments=arguments, reply=reply, searches=searches)


def next_of(said: Said, reading: Reading) -> SearchArguments | None:
    now = Situation(last_search=said.arguments.given())
    return wider_search(said, reading, now)


def test_color_of_an_earlier_message_gives_way_first() -> None:
    asked = SearchArguments(words="runners", colors=["black"], options=["material=wool"])
    wider = next_of(empty(asked, "colors", "options"), Reading(words="runners"))
    assert wider == asked.changed(colors=None)


def test_what_this_message_says_stays_beside_what_an_earlier_one_said() -> None:
    asked = SearchArguments(words="knit", categories=["Men"], options=["material=cashmere"])
    reading = Reading(words="knit", options=("material=cashmere",))
    assert next_of(empty(asked, "categories", "options"), reading) == asked.changed(categories=None)


def test_all_of_before_gives_way_where_none_alone_stands_in_the_way() -> None:
    asked = SearchArguments(words="throw", colors=["black"], options=["size=M"], max_price=50)
    assert next_of(empty(asked), Reading(words="throw")) == SearchArguments(
        words="throw", max_price=50
    )


def test_price_and_what_is_not_wanted_are_never_let_go_of() -> None:
    asked = SearchArguments(words="throw", max_price=50, without=["wool"])
    assert next_of(empty(asked, "price", "without"), Reading(words="throw")) is None


def test_message_without_words_of_its_own_stays_with_what_was_searched() -> None:
    asked = SearchArguments(words="mugs", colors=["red"], max_price=9)
    assert next_of(empty(asked, "colors"), Reading(compared="cheaper")) is None
    assert next_of(empty(asked, "colors"), Reading(colors=("red",))) is None


def test_material_that_no_field_states_is_sought_in_the_words() -> None:
    asked = SearchArguments(words="work shoes", options=["material=steel", "size=44"])
    reading = Reading(words="work shoes", options=("material=steel", "size=44"))
    assert next_of(empty(asked), reading) == SearchArguments(
        words="steel work shoes", options=["size=44"]
    )


def test_more_of_the_same_and_a_fourth_search_end_it() -> None:
    asked = SearchArguments(words="runners", colors=["black"])
    more = asked.changed(skip_shown=True)
    assert next_of(empty(more, "colors"), Reading(words="runners")) is None
    said = empty(asked, "colors")
    assert next_of(replace(said, searches=4), Reading(words="runners")) is None
    assert next_of(said, Reading(words="runners")) is not None


def found(arguments: SearchArguments, *categories: str) -> Said:
    """A search that found a product in each of these."""
    rows = [
        ShownRow(
            id=each, title=each, category=each, price="9", currency="USD", color="", rating=None
        )
        for each in categories
    ]
    return Said("", arguments=arguments, reply=SearchReply(tuple(rows), 100))


def test_words_that_find_another_kind_first_than_the_turn_before_are_told() -> None:
    words = SearchArguments(words="keeps a beard neat", skip_shown=True)
    before = found(words, "Trimmers", "Shavers")
    assert found(words, "Helmets", "Trimmers").left_kinds_of(before)
    assert not found(words, "Shavers", "Helmets").left_kinds_of(before)
    assert not found(words.changed(like=1), "Helmets").left_kinds_of(before)
    assert not found(words, "Helmets").left_kinds_of(Said(""))
    assert not found(words).left_kinds_of(before)
