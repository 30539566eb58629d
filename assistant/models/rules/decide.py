"""What to do about a message: one search, a call of another tool, or one sentence.

The newest instruction wins; everything else carries over from the newest search. A new thing ("now
mugs") starts a new search.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from assistant.models.rules.lexicon.catalogue_names import BASE_COLORS
from assistant.models.rules.lexicon.text import words_of
from assistant.models.rules.parse.named_filters import plain_words
from assistant.models.rules.parse.product_questions import meaning_asked
from assistant.models.rules.parse.questions import Ask
from assistant.models.rules.parse.reading import Reading
from assistant.models.rules.parse.relative_sizes import with_plain_sizes
from assistant.models.rules.parse.turn_forms import chooses
from assistant.models.rules.reply.order_reply import first_in_order, order_answer
from assistant.prompt.situation import ShownNote, Situation
from tools.agent_tools.compare_products import NAME as COMPARE
from tools.agent_tools.product_details import NAME as DETAILS
from tools.agent_tools.shortlist import NAME as SHORTLIST
from tools.filter_codec import unlisted
from tools.money import to_decimal, to_minor
from tools.search.arguments import SearchArguments
from tools.search.exclusions import denying
from tools.search.planning import missing_sentence
from tools.search.quantities import without_remeasured
from tools.search.wish_words import single_words, with_newer, words_without
from tools.text import singular


@dataclass(frozen=True, slots=True)
class Say:
    """An answer without a search."""

    text: str


@dataclass(frozen=True, slots=True)
class Use:
    """Another tool than the search."""

    tool: str
    arguments: dict[str, Any]


_TALK = {
    "hello": "Hello! Send me a photo, tell me in words what you are looking for, or both.",
    "thanks": "You're welcome. Tell me if you would like to see something else.",
    "bye": "Goodbye, and come back any time.",
    "help": (
        "I search this shop's products by photo, by words, or by both: attach a photo and write "
        '"a phone case with this". Then narrow it down: "cheaper", "in blue", "like the third", '
        '"not leather". Ask about one, compare two ("1 against 4"), or keep some: "keep 2 and 5".'
    ),
    "no": "What should be different: the kind, the color, the price, or something else?",
    "over": "All right, from the start. What are you looking for?",
    "undone": "I cannot do that yet: I find products and narrow them down. What should I look for?",
    "elsewhere": "I can only help to find products in this shop. What are you looking for?",
}
_WHAT = "What are you looking for? Say it in words or attach a photo."
_NO_PHOTO = "I see no photo in this conversation. Please attach one, or say in words what it shows."
_FEW = 3
"""Words beside "this": more of them tell what is wanted without a picture."""
_MOST_NAMES = 20
_PEOPLE = ("gender=", "age_group=")
_WHICH = "Which one do you mean? Say its number, for example: more like number 2."


def decide(reading: Reading, now: Situation) -> SearchArguments | Use | Say:
    """The arguments of the search that is meant, or what to do instead."""
    if reading.this and now.shown and not now.photos and not (reading.shown or reading.more):
        # "Got these in green?" speaks of what is shown.
        reading = replace(reading, this=reading.like, follows=True)
    if reading.goes_with is not None:
        return _going_with(reading.goes_with, now)
    if reading.ask is not None:
        return _asked(reading.ask, now)
    if reading.talk is not None:
        return Say(_TALK[reading.talk])
    if reading.roles.before:
        return _from_before(reading, now)
    if reading.roles.shape is not None or reading.roles.unlike_this or _unlike(reading):
        return _with_roles(reading, now)
    if reading.more:
        return _more(reading, now)
    if reading.compared is not None and (not now.shown or not _new_thing(reading, now)):
        return _compared(reading, now)
    new_photo = any(photo.new for photo in now.photos)
    if reading.shown is not None and new_photo and reading.this:
        # "The shape of the third with this pattern": both count.
        return _like(reading, now, reading.shown).changed(second_photo=1)
    if reading.shown is not None and not new_photo and reading.bare and now.shown:
        return Use(DETAILS, {"number": reading.shown})
    if reading.shown is not None and not new_photo:
        return _like(reading, now, reading.shown)
    if new_photo or reading.photo is not None:
        return _from_photo(reading, now)
    last = _last(now)
    if last is not None and not _new_thing(reading, now):
        if not (reading.words or reading.limited or reading.this or reading.follows):
            return Say(_WHAT)
        if reading.sort and reading.words and not reading.follows:
            return _afresh(reading, now)
        vague = not (reading.words or reading.limited)
        if reading.like and reading.this and last.photo is None and vague:
            return Say(_WHICH)
        return _carried(reading, now)
    if last is not None and names_kind(reading) and not reading.everything:
        afresh = _with_lasting(_afresh(reading, now), reading, last)
        if reading.for_it and isinstance(afresh, SearchArguments):
            return afresh.changed(words=with_newer(afresh.words, last.words))
        return afresh
    return _afresh(reading, now)


def narrowest_first(reading: Reading, now: Situation) -> list[SearchArguments]:
    """The search that is meant, and those with fewer limits of before: a color or a gender that
    nothing of the kind has is let go of, and a price limit never."""
    last, asked = _last(now) or SearchArguments(), decide(reading, now)
    if not isinstance(asked, SearchArguments) or asked.list is not None:
        return []
    searches = [asked]
    if names_kind(reading):
        lasting = _with_lasting(_afresh_stated(reading), reading, last)
        searches += [lasting] if isinstance(lasting, SearchArguments) else []
    widest = searches[-1]
    nobody = [option for option in widest.options if not option.startswith(_PEOPLE)]
    if reading.related:
        # Who is spoken of need not be whom the shop makes such things for: "he can't sleep".
        searches.append(widest.changed(options=nobody))
    if reading.gender and not names_kind(reading):
        # What is for men may stand on a shelf of theirs.
        searches.append(widest.changed(categories=None))
    searches.append(widest.changed(options=nobody))
    if reading.thing and not reading.follows:
        # "Do you have a chair?" is a wish of its own, which the price of before does not end.
        stated = _afresh_stated(reading)
        kept = [option for option in stated.options if not option.startswith(_PEOPLE)]
        searches.append(stated.changed(options=kept))
    return [each for place, each in enumerate(searches) if each not in searches[:place]]


def names_kind(reading: Reading) -> bool:
    """Whether the message says what kind of thing is wanted."""
    return bool(reading.categories or (reading.words and (reading.thing or reading.other_thing)))


def _with_lasting(
    asked: SearchArguments | Say, reading: Reading, last: SearchArguments
) -> SearchArguments | Say:
    """The search of another kind with what holds for all kinds: the price, and for whom."""
    if isinstance(asked, Say):
        return asked
    priced = asked.min_price is not None or asked.max_price is not None
    if not priced and "price" not in reading.free_of:
        asked = asked.changed(min_price=last.min_price, max_price=last.max_price)
    gender = [option for option in last.options if option.startswith("gender=")]
    if gender and not any(option.startswith("gender=") for option in asked.options):
        asked = asked.changed(options=[*asked.options, *gender])
    return asked


def _last(now: Situation) -> SearchArguments | None:
    """The arguments that would repeat the newest search; None before the first."""
    return None if now.last_search is None else SearchArguments.unchecked(now.last_search)


def _afresh(reading: Reading, now: Situation) -> SearchArguments | Say:
    arguments = _afresh_stated(reading)
    last = _last(now) or SearchArguments()
    photo = last.photo or (1 if now.photos else None)
    tells = len(reading.words.split()) > _FEW
    if reading.this and photo is None and (reading.pictured or not reading.words) and not tells:
        return Say(_NO_PHOTO)
    if reading.this and photo is not None:
        arguments = arguments.changed(photo=photo)
    named = bool(reading.categories or reading.colors or reading.brands or reading.options)
    priced = reading.min_price is not None or reading.max_price is not None
    if priced and not (arguments.words or named or arguments.photo is not None or reading.sort):
        # "Something under $5": all that is within it.
        rated = now.catalogue.get("rated", True)
        arguments = arguments.changed(sort="best rated" if rated else "cheapest")
    named = named or ((reading.in_stock or reading.on_sale) and not _unlisted(reading, now))
    if not (arguments.words or arguments.photo is not None or named or arguments.sort):
        missing = _unlisted(reading, now)
        return Say(missing_sentence(missing) if missing else _WHAT)
    return arguments


def _unlisted(reading: Reading, now: Situation) -> tuple[str, ...]:
    """What the message sets a limit on and no product of the shop states."""
    priced = any(price is not None for price in now.catalogue.get("prices", ("",)))
    rated = now.catalogue.get("rated", True)
    states = now.catalogue.get("states", ())
    lacking = [name for name in ("availability", "sale prices") if name not in states]
    lacking += [*([] if priced else ["prices"]), *([] if rated else ["ratings"])]
    return unlisted(_stated(reading).given(), lacking)


def _from_photo(reading: Reading, now: Situation) -> SearchArguments:
    number = reading.photo or 1
    if now.last_search is not None and reading.follows and not reading.words:
        # "And now with this one": the same wish, another picture.
        return _carried(reading, now).changed(photo=number)
    return _stated(reading).changed(words=reading.words, photo=number)


def _going_with(number: int, now: Situation) -> SearchArguments | Say:
    """Things of other kinds that look as a card does: they match it."""
    if not number:
        return Say(_WHICH)
    kind = now.shown[number - 1].category.split(" > ")[-1]
    return SearchArguments(like=number, without=[kind] if kind else [])


def _more(reading: Reading, now: Situation) -> SearchArguments | Say:
    last = _last(now)
    if last is None:
        return Say(_WHAT)
    if reading.this and not last.photo:
        return Say(_WHICH)
    return last.changed(skip_shown=True)


def _like(reading: Reading, now: Situation, number: int) -> SearchArguments:
    carried = _carried(reading, now) if now.last_search is not None else _stated(reading)
    return carried.changed(photo=None, second_photo=None, sort=None, like=number)


def _compared(reading: Reading, now: Situation) -> SearchArguments | Say:
    number = reading.shown or 1
    if not now.shown:
        if not reading.words:
            return Say(f"There is nothing to compare with yet. {_WHAT}")
        return _afresh(reading, now)
    if number > len(now.shown):
        return Say(f"There is no number {number}: the list has the numbers 1 to {len(now.shown)}.")
    bound = _beyond(reading, now.shown[number - 1])
    if isinstance(bound, Say):
        return bound
    # "Something like the first, but cheaper" looks like it as well.
    arguments = _like(reading, now, number) if reading.like else _carried(reading, now)
    # What was seen is left out: asked once more, "cheaper" shows others.
    # "The simpler one" may be among them.
    arguments = arguments.changed(**bound, skip_shown=not reading.same_thing or None, sort=None)
    low, high = arguments.min_price, arguments.max_price
    if low is not None and high is not None and low > high:
        gone = "min_price" if reading.compared == "cheaper" else "max_price"
        arguments = arguments.changed(**{gone: None})
    return arguments


def _beyond(reading: Reading, card: ShownNote) -> dict[str, Decimal | float] | Say:
    """The bound that leaves this card behind, by the name of its argument."""
    if reading.compared == "better rated":
        if card.rating is None:
            return Say(f"The shop gives no rating for number {card.number}, so I cannot compare.")
        return {"min_rating": min(5.0, round(card.rating + 0.1, 1))}
    if card.price is None:
        return Say(f"The shop gives no price for number {card.number}, so I cannot compare.")
    step = -1 if reading.compared == "cheaper" else 1
    minor = to_minor(card.price, card.currency) + step
    if minor < 0:
        return Say(f"Number {card.number} costs nothing; there is nothing cheaper.")
    price = to_decimal(minor, card.currency)
    return {"max_price": price} if reading.compared == "cheaper" else {"min_price": price}


def _carried(reading: Reading, now: Situation) -> SearchArguments:
    """The newest search with what this message changes."""
    last = _last(now) or SearchArguments()
    low, high = reading.min_price, reading.max_price
    without = [word for word in last.without if not _taken_back(word, reading)]
    gone = set(reading.free_of & {"colors", "brands", "min_rating", "options"})
    if "price" in reading.free_of:
        gone |= {"min_price", "max_price"}
    if low is not None and last.max_price is not None and low >= last.max_price:
        gone.add("max_price")
    if high is not None and last.min_price is not None and high <= last.min_price:
        gone.add("min_price")
    if any(_says(word, color) for word in reading.unwanted for color in last.colors):
        gone.add("colors")
    words = last.words
    if reading.as_shown and len(now.shown) == 1 and not (reading.thing or reading.categories):
        words = _called(now.shown[0])
    if reading.colors:
        words = plain_words(words)
    same_shelf = set(reading.categories) & set(last.categories)
    if reading.categories and (reading.other_kind or not same_shelf):
        words = reading.words
    elif reading.words and not _within(reading.words, words):
        said = reading.words
        if now.shown and (reading.shown or 1) <= len(now.shown):
            title = now.shown[(reading.shown or 1) - 1].title
            titles = [card.title for card in now.shown]
            said, words = with_plain_sizes(said, words, title, titles)
        words = without_remeasured(words, said)
        words = with_newer(said, words_without(words, denying(words, said)))
    if reading.photo is not None:
        last = last.changed(photo=reading.photo)
    if reading.unwanted:
        unwanted = {singular(part) for w in reading.unwanted for part in w.split()}
        words = words_without(words, unwanted)
    kept = last.changed(**dict.fromkeys(gone))
    options = [option for option in kept.options if not _stated_anew(option, reading.options)]
    kept = kept.changed(options=[*options, *reading.options])
    return kept.changed(
        **_stated(reading).changed(options=None).given()
        | {"words": words, "without": [*dict.fromkeys((*without, *reading.unwanted))]}
    )


def _called(card: ShownNote) -> str:
    """What a card is called, without its color."""
    own = {singular(word) for word in words_of(card.color.casefold())} | {"in"}
    return words_without(" ".join(words_of(card.title.casefold())), own)


def _stated_anew(option: str, stated: tuple[str, ...]) -> bool:
    """Whether another value of the same option is asked for now."""
    key = option.partition("=")[0]
    return any(each.partition("=")[0] == key for each in stated)


def _stated(reading: Reading) -> SearchArguments:
    """The limits and the order that the message states."""
    return SearchArguments.unchecked(
        {
            "min_price": reading.min_price,
            "max_price": reading.max_price,
            "categories": list(reading.categories),
            "colors": list(reading.colors),
            "brands": list(reading.brands),
            "min_rating": None if reading.min_rating is None else float(reading.min_rating),
            "without": list(reading.unwanted),
            "options": list(reading.options),
            "in_stock": reading.in_stock,
            "on_sale": reading.on_sale,
            "sort": reading.sort,
        }
    )


def _new_thing(reading: Reading, now: Situation) -> bool:
    """Whether the message names another thing than the newest search."""
    last = _last(now)
    if last is None:
        return True
    if (reading.everything or reading.alone or reading.coded) and (
        reading.categories or reading.words
    ):
        return True
    if reading.categories:
        # "What about mugs?" asks for the same in another kind; "mugs" alone is a new wish.
        same = set(last.categories) & set(reading.categories) and not reading.other_kind
        return not (same or reading.follows)
    if not reading.words or _within(reading.words, last.words):
        return False
    if reading.thing or reading.other_thing:
        return True
    # A word alone narrows what is there ("canvas", "for school"), unless it is what the shop
    # calls a product.
    return reading.known_thing and not (reading.follows or reading.compared)


def _within(words: str, others: str) -> bool:
    known = {singular(word) for word in single_words(others)}
    return all(singular(word) in known for word in single_words(words))


def _taken_back(word: str, reading: Reading) -> bool:
    """Whether what was left out is asked for or accepted now: the newest instruction wins."""
    parts = word.lower().split()
    if "colors" in reading.free_of and parts[0] in BASE_COLORS:
        return True
    if any(each in parts for each in (*reading.wanted_again, *reading.colors)):
        return True  # "black is fine", where "no black frames" was said
    said = (*reading.wanted_again, *reading.colors, *reading.categories, *reading.words.split())
    return any(_says(word, each) for each in said)


def _says(word: str, others: str) -> bool:
    return {singular(part) for part in word.lower().split()} <= {
        singular(part) for part in others.lower().split()
    }


def _unlike(reading: Reading) -> bool:
    return reading.roles.unlike_photo is not None or reading.roles.unlike_shown is not None


def _with_roles(reading: Reading, now: Situation) -> SearchArguments | Say:
    """Several pictures, or one that is not wanted."""
    roles, new = reading.roles, sum(photo.new for photo in now.photos)
    follows = now.last_search is not None and not _new_thing(reading, now)
    arguments = _carried(reading, now) if follows else _afresh_stated(reading)
    if roles.shape is not None:
        return arguments.changed(photo=roles.shape, second_photo=roles.look)
    if roles.unlike_shown is not None:
        return arguments.changed(not_like=roles.unlike_shown, skip_shown=True)
    if roles.unlike_photo is None and not new:
        if len(now.shown) == 1:
            return arguments.changed(not_like=1)
        # "Not that. I need red light": the wish says more than the refusal.
        return arguments if follows and reading.words else Say(_WHICH)
    # Of two new photos the one that is not wanted is the one that is said last.
    unwanted = roles.unlike_photo or min(new, 2)
    if new > 1 and unwanted <= new:
        arguments = arguments.changed(photo=1 if unwanted == 2 else 2)
    elif arguments.photo == unwanted:
        arguments = arguments.changed(photo=None)
    if not (arguments.words or arguments.categories or arguments.photo):
        return Say("What should it be instead? Say it in words or attach another photo.")
    return arguments.changed(not_photo=unwanted)


def _from_before(reading: Reading, now: Situation) -> SearchArguments | Say:
    """ "The photo from before": the newest one that is neither new nor searched from now."""
    used = (_last(now) or SearchArguments()).photo
    older = [p.number for p in now.photos if not (p.new or p.of_product)]
    others = [number for number in older if number != used] or older
    if not others:
        return Say(_NO_PHOTO)
    afresh = _new_thing(reading, now) and bool(reading.words or reading.categories)
    arguments = _afresh_stated(reading) if afresh else _carried(reading, now)
    return arguments.changed(photo=others[0])


def _afresh_stated(reading: Reading) -> SearchArguments:
    """What the message asks for by itself, without what came before."""
    return _stated(reading).changed(words=reading.words)


def _asked(ask: Ask, now: Situation) -> SearchArguments | Use | Say:
    """A wish about shown things."""
    numbers = list(ask.numbers)
    one = numbers or ([1] if len(now.shown) == 1 or ask.kind == "why" else [])
    match ask.kind:
        case "names":
            return Say(_names(ask.topic, now))
        case "kept":
            return Use(SHORTLIST, {"action": "show"})
        case "back":
            return _back(ask.topic, now)
        case _ if not now.shown:
            return Say(f"Nothing has been shown yet. {_WHAT}")
        case "compare" if len(numbers) < 2:
            return Say("Which ones? Say two numbers, for example: 1 against 4.")
        case "compare":
            return Use(COMPARE, {"numbers": numbers})
        case "keep" | "drop":
            action = "add" if ask.kind == "keep" else "remove"
            return Use(SHORTLIST, {"action": action, "numbers": one}) if one else Say(_WHICH)
        case _ if ask.question is not None and ask.question.topic == "order":
            if len(first := first_in_order(ask.question, now.shown)) == 1 and chooses(ask.topic):
                return Use(DETAILS, {"number": first[0].number})
            return Say(order_answer(ask.question, now.shown))
        case _ if not one:
            return Say(_WHICH)
        case _:
            if len(numbers) > 1:
                return Use(DETAILS, {"numbers": numbers})
            question = "" if ask.question is None else meaning_asked(ask.question)
            return Use(DETAILS, {"number": one[0]} | ({"question": question} if question else {}))


def _back(topic: str, now: Situation) -> SearchArguments | Say:
    """An earlier list: the first, the one before, or the one about a thing."""
    if not now.lists:
        return Say(f"There is no earlier list. {_WHAT}")
    said = {singular(word) for word in topic.split()}
    alike = {
        note.number: len(said & {singular(word) for word in note.about.lower().split()})
        for note in now.lists
    }
    most = max(alike.values())
    if most:
        # Of those that are as near, the newest.
        return SearchArguments(list=max(number for number, times in alike.items() if times == most))
    if said & {"first", "original", "start", "beginning", "very"}:
        return SearchArguments(list=1)
    return SearchArguments(list=max(len(now.lists) - 1, 1))


def _names(topic: str, now: Situation) -> str:
    """The catalogue's own names, the commonest first."""
    kind = next((k for k in ("colo", "brand", "maker") if topic.startswith(k)), "categories")
    field = {"colo": "colors", "brand": "brands", "maker": "brands"}.get(kind, kind)
    names = [str(name) for name in now.catalogue.get(field, ())]
    if not names:
        return f"This shop lists no {field}."
    shown, more = names[:_MOST_NAMES], len(names) - _MOST_NAMES
    rest = f", and {more} more" if more > 0 else ""
    return f"This shop's {field} are {', '.join(shown)}{rest}."
