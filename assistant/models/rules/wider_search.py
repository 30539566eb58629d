"""The next search of a turn whose search found nothing, or nothing that is called as was asked.

The newest instruction wins: what was said earlier is let go of first, then what may stand in other
words. A price limit and what is not wanted are not let go of here; that is only offered.
"""

from __future__ import annotations

from collections.abc import Sequence

from assistant.models.rules.decide import narrowest_first
from assistant.models.rules.parse.reading import Reading
from assistant.models.rules.reply.turn_results import Said
from assistant.prompt.situation import Situation
from tools.catalogue.colors import shades_besides
from tools.catalogue.options import option_named
from tools.search.arguments import SearchArguments

_LET_GO = ("colors", "brands", "options", "min_rating", "on_sale", "categories")
"""Filters of an earlier message in the order in which they give way."""
_MOST_SEARCHES = 4
"""Of a turn: a shopper waits for each."""
_DESCRIBED = ("material", "pattern")
"""Facts that a title or a description often says in place of a field."""


def wider_search(
    said: Said, reading: Reading, now: Situation, color_names: Sequence[str] = ()
) -> SearchArguments | None:
    """The search to try next; None where the answer stands. `color_names` are the catalogue's."""
    if said.searches >= _MOST_SEARCHES:
        return None
    searches = narrowest_first(reading, now)
    places = [place for place, search in enumerate(searches) if _is_same(said.arguments, search)]
    following = searches[places[-1] + 1 :] if places else []
    if not said.found_none:
        following = [search for search in following if _keeps_limits(search, said.arguments)]
    if following or not said.found_none or said.arguments.skip_shown:
        return following[0] if following else None
    if not (reading.words or reading.options or reading.guessed):
        return None  # "cheaper" and "in green" speak of what was searched before
    if reading.colors and set(reading.colors) < set(said.arguments.colors):
        return None  # not in its shades either
    return (
        _without_earlier(said, reading)
        or _in_shades(said, reading, color_names)
        or _in_other_words(said)
    )


def _in_shades(said: Said, reading: Reading, color_names: Sequence[str]) -> SearchArguments | None:
    """The search in the shades of its color too: where no shoe is called red, one may be cherry."""
    asked = said.arguments
    if not reading.colors or not set(reading.colors) <= set(asked.colors):
        return None
    more = shades_besides(asked.colors, color_names)
    return asked.changed(colors=[*asked.colors, *more]) if more else None


def _keeps_limits(search: SearchArguments, done: SearchArguments) -> bool:
    """Whether a search has the price limits and the options of one that found something."""
    return (search.options, search.min_price, search.max_price) == (
        done.options,
        done.min_price,
        done.max_price,
    )


def _is_same(done: SearchArguments, planned: SearchArguments) -> bool:
    """Whether a search that was run is the planned one. Names that the catalogue has more of are
    filled in when it is run, and read back with them."""
    wide = {"colors": None, "categories": None}
    return (
        done.changed(**wide) == planned.changed(**wide)
        and set(done.colors) <= set(planned.colors)
        and set(done.categories) <= set(planned.categories)
    )


def _without_earlier(said: Said, reading: Reading) -> SearchArguments | None:
    """The search without a filter of an earlier message that alone stands in the way; without all
    of them where none does alone."""
    asked = said.arguments
    earlier = {
        name: rest for name in _LET_GO if (rest := _stated_of(name, reading)) != _of(asked, name)
    }
    in_the_way = {each.without for each in said.reply.relaxed} if said.reply is not None else set()
    for name, rest in earlier.items():
        if name in in_the_way:
            return asked.changed(**{name: rest})
    wider = asked.changed(**{n: rest for n, rest in earlier.items() if n != "categories"})
    return wider if wider != asked and wider.given() else None


def _of(asked: SearchArguments, name: str) -> list[str] | float | bool | None:
    value = getattr(asked, name)
    return list(value) if isinstance(value, (list, tuple)) else value


def _stated_of(name: str, reading: Reading) -> list[str] | float | bool | None:
    """What this message itself states of a filter."""
    value = getattr(reading, name)
    if name == "categories" and reading.guessed:
        return []
    if name == "min_rating":
        return None if value is None else float(value)
    return list(value) if isinstance(value, tuple) else value


def _in_other_words(said: Said) -> SearchArguments | None:
    """The search with a material among the words, where no field states it."""
    asked = said.arguments
    described = [each for each in asked.options if option_named(each)[0] in _DESCRIBED]
    if not described:
        return None
    values = list(dict.fromkeys(option_named(each)[1] for each in described))
    heads = list(dict.fromkeys(value.rpartition(" ")[2] for value in values))
    # "Steel" was said, and taken for every steel of the shop.
    words = " ".join((*(heads if len(heads) < len(values) else values), asked.words)).strip()
    kept = [each for each in asked.options if each not in described]
    return asked.changed(options=kept, words=words)
