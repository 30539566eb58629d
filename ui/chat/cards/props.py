"""What the shopper reads about a search, made from the catalogue's facts: plain functions."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import TypedDict

from assistant.agent.page_product import LIST_ID
from assistant.events import Detailed, Found, Ranked, Shortlisted, Understood
from tools.catalogue.facts import facts_on_card, table_of
from tools.product import Filters, Match, Product
from tools.search.comparison import Comparison
from ui.chat.cards.filter_chips import Limit, Tag, chips, photo_tag, tags
from ui.chat.cards.forms import Forms, card_picture_url, forms_of, price_text
from ui.chat.cards.markdown import PlainWords
from ui.chat.cards.thumbnails import picture_urls
from ui.chat.links import Links

SEEN = "What the vision model saw"
"""The name of its picture, which a screen reader speaks."""

_LONGEST = 2000
"""Characters of a description in the larger view."""
_LONGEST_QUOTE = 40
"""Characters of the shopper's words in the line over the cards."""


class Card(Forms, TypedDict):
    """One product card, every value ready to show."""

    number: int
    id: str
    title: str
    label: str
    priced: bool
    rating: str
    ratingCount: str
    ratingPercent: float
    ratingLabel: str
    category: str
    image: str
    alt: str
    reason: str
    was: int
    """The number it had before it moved; its own where it has not, or was not shown before."""
    moved: str
    """"moved up 3", "new" for a card that was not shown before, "" for one that has not moved."""
    facts: list[list[str]]
    """Name and value of what the larger view says beside this."""
    description: str
    pictures: list[str]
    """Addresses of all its pictures, large."""


class Gallery(TypedDict):
    """The props of the custom element ProductGallery."""

    listId: str
    label: str
    ranked: bool
    """Whether this is the order after looking at the pictures."""
    cards: list[Card]
    searching: int
    """How many places are held for cards that are still searched for; 0 when they are there."""
    chips: list[Limit]
    """What narrows this list, one click each."""
    changes: bool
    """Whether the search behind the list can be changed: not for the shortlist."""
    shownAt: int
    """Milliseconds since 1970: whoever opens an old list asks what is still in the shop."""
    turn: str
    """Id of the turn's record, for clicks on links; "" where none is kept."""


def skeleton(places: int) -> Gallery:
    """The gallery of a search that runs."""
    return _gallery("", "Searching", [], searching=places)


def gallery(
    found: Found,
    filters: Filters,
    catalogue: str,
    currency: str,
    *,
    links: Links = Links(),  # noqa: B008 - frozen
    turn: str = "",
) -> Gallery:
    """The cards of a result list, numbered from 1 in its order."""
    count = len(found.matches)
    return _gallery(
        found.list_id,
        f"{count} product{'s' if count != 1 else ''} found",
        [_card(i, match, catalogue, links) for i, match in enumerate(found.matches, 1)],
        turn=turn,
        chips=chips(found.matches, filters, currency),
        changes=True,
    )


def _gallery(
    list_id: str,
    label: str,
    cards: list[Card],
    *,
    ranked: bool = False,
    searching: int = 0,
    chips: Sequence[Limit] = (),
    changes: bool = False,
    turn: str = "",
) -> Gallery:
    return Gallery(
        listId=list_id,
        label=label,
        ranked=ranked,
        cards=cards,
        searching=searching,
        chips=list(chips),
        changes=changes,
        shownAt=round(time.time() * 1000),
        turn=turn,
    )


def kept_gallery(
    kept: Shortlisted,
    catalogue: str,
    links: Links = Links(),  # noqa: B008 - frozen
) -> Gallery:
    """The cards of the shortlist, numbered from 1 in the order of keeping."""
    count = len(kept.matches)
    return _gallery(
        kept.list_id,
        f"{count} product{'s' if count != 1 else ''} kept",
        [_card(i, match, catalogue, links) for i, match in enumerate(kept.matches, 1)],
    )


def page_gallery(
    product: Product,
    catalogue: str,
    links: Links = Links(),  # noqa: B008 - frozen
) -> Gallery:
    """The card of the product whose page of the shop the shopper looks at."""
    return _gallery(LIST_ID, product.title, [_card(1, Match(product, 0.0), catalogue, links)])


class ComparedFact(TypedDict):
    """One row of the table."""

    name: str
    values: list[str]
    differs: bool


class Compared(TypedDict):
    """The props of the custom element CompareTable: a column for each card."""

    label: str
    cards: list[Card]
    facts: list[ComparedFact]


def comparison(
    table: Comparison,
    catalogue: str,
    links: Links = Links(),  # noqa: B008 - frozen
) -> Compared:
    """The table with its products as cards, under the numbers that they were shown under."""
    columns = zip(table.numbers, table.products, strict=True)
    return Compared(
        label=f"Numbers {' and '.join(map(str, table.numbers))} side by side",
        cards=[_card(number, Match(product, 0.0), catalogue, links) for number, product in columns],
        facts=[
            ComparedFact(name=fact.name, values=list(fact.values), differs=fact.differs)
            for fact in table.facts
            if fact.name != "Title"  # the head of its column
        ],
    )


def details(detailed: Detailed) -> str:
    """What the catalogue says of one product, as Markdown."""
    facts = table_of(detailed.product).items()
    return _rows([(name, plain(value) if value else "not given") for name, value in facts])


def ranked_gallery(
    ranked: Ranked,
    before: Gallery,
    catalogue: str,
    links: Links = Links(),  # noqa: B008 - frozen
) -> Gallery:
    """The cards of a list in its final order, each with its reason and how far it moved."""
    count = len(ranked.matches)
    return _gallery(
        ranked.list_id,
        f"{count} products found, {'as the search has them' if ranked.kept else 'reranked'}",
        [
            _card(i, match, catalogue, links, moved)
            for i, (match, moved) in enumerate(zip(ranked.matches, ranked.moved, strict=True), 1)
        ],
        ranked=True,
        turn=before["turn"],
        chips=before["chips"],
        changes=before["changes"],
    )


def _card(number: int, match: Match, catalogue: str, links: Links, moved: int | None = 0) -> Card:
    product = match.product
    forms = forms_of(match, catalogue, links)
    state = ", sold out" if forms["soldOut"] else ""
    rating = "" if product.rating is None else f"{product.rating:.1f}"
    count = "" if not product.rating_count else f"{product.rating_count:,}"
    move = f"moved {'up' if moved > 0 else 'down'} {abs(moved)}" if moved else ""
    move = "new" if moved is None else move
    rated = f"Rated {rating} of 5" + (f" by {count} shoppers" if count else "")
    return Card(
        number=number,
        id=product.id,
        title=product.title,
        **forms,
        label=f"{number}. {product.title}, {forms['price']}{state}{f', {move}' if move else ''}",
        priced=product.price_minor is not None,
        rating=rating,
        ratingCount=count,
        ratingPercent=round(min(max(product.rating or 0.0, 0.0), 5.0) * 20, 1),
        ratingLabel=rated if rating else "",
        category=product.category[-1] if product.category else "",
        image=card_picture_url(catalogue, match),
        alt=f"Picture of {product.title}",
        reason=match.reason,
        was=number + (moved or 0),
        moved=move,
        facts=_more_facts(product, forms),
        description=product.description[:_LONGEST],
        pictures=picture_urls(catalogue, product),
    )


_SHOWN_APART = frozenset({"Link", "Price before", "Availability"})
"""Facts that a card shows in another way."""


def _more_facts(product: Product, forms: Forms) -> list[list[str]]:
    apart = _SHOWN_APART | {option["name"] for option in forms["options"]}
    facts = facts_on_card(product).items()
    return [[label, value] for label, value in facts if label not in apart]


def price_of(product: Product) -> str:
    """The price as a shopper reads it, or that there is none."""
    return price_text(product)


def step_running(understood: Understood) -> str:
    """What a search that runs is called."""
    return f"{_looking(understood, 'Looking')} · searching" if _leans(understood) else "Searching"


def step_timed(done: str, found: Found) -> str:
    """The same with the seconds that it took, where they are known."""
    seconds = _seconds(found)
    return f"{done} · {_duration(seconds)}" if seconds else done


def _duration(seconds: float) -> str:
    """ "1.4 s", or "47 ms" where tenths would say nothing; a line never breaks in it."""
    return f"{seconds:.1f}\u00a0s" if seconds >= 0.95 else f"{1000 * seconds:.0f}\u00a0ms"


def _seconds(found: Found) -> float:
    """Of the search; 0 for a list that was only shown again."""
    return (found.timings_ms.get("total") or sum(found.timings_ms.values())) / 1000


def step_done(understood: Understood, found: Found) -> str:
    """What a finished search is called: "Looked at your photo: shoe, gray · searched 9 products".

    Where no product says the words, that stands over the cards: below nine of them nobody reads it.
    """
    searched = f"earched {found.searched:,} product{'s' if found.searched != 1 else ''}"
    if found.unmentioned and found.matches:
        searched += f" · none says “{_short(understood.text)}”, these come nearest"
    if _leans(understood):
        return f"{_looking(understood, 'Looked')} · s{searched}"
    return f"S{searched}"


def step_looking(done: str) -> str:
    """What a finished search is called while its list is looked at."""
    return f"{done} · looking at the pictures…"


def step_ranked(done: str, found: Found, ranked: Ranked) -> str:
    """What a finished search is called once its list was looked at, with the seconds of both."""
    seconds = _duration(_seconds(found) + ranked.seconds)
    if ranked.kept:
        why = f" ({ranked.why.rstrip('.')})" if ranked.why else ""
        return f"{done} · order of the search kept{why} · {seconds}"
    return f"{done} · reranked {len(ranked.matches)} · {seconds}"


def _short(words: str) -> str:
    bare = " ".join(words.split()).strip(" .,;:!?")
    return bare if len(bare) <= _LONGEST_QUOTE else f"{bare[: _LONGEST_QUOTE - 1].rstrip()}…"


def _leans(understood: Understood) -> bool:
    return understood.photo is not None or understood.like is not None


def _looking(understood: Understood, verb: str) -> str:
    if understood.photo is None:
        return f"{verb} at “{understood.like}”"
    return f"{verb} at your photo" + (f": {understood.sees}" if understood.sees else "")


def step_details(understood: Understood, found: Found) -> str:
    """What an opened step says, as Markdown: words, photo, filters, count, timings."""
    rows = [("Words", plain(understood.text) or "none")]
    if understood.photo is not None:
        rows.append(("Photo", plain(understood.photo.name)))
    if understood.second is not None:
        rows.append(("Second photo", plain(understood.second.name)))
    if understood.like is not None:
        rows.append(("Like", plain(understood.like)))
    # The filters themselves are tags beside these lines, each to be let go of.
    if seen := len(understood.filters.exclude_ids):
        rows.append(("Left out", f"{seen} already shown"))
    rows.append(("Found", f"{len(found.matches)} of {found.searched:,}"))
    if found.timings_ms:
        stages = (f"{plain(name)} {ms:,.0f} ms" for name, ms in found.timings_ms.items())
        rows.append(("Time", ", ".join(stages)))
    if understood.turn:
        rows.append(("Turn", understood.turn))
    return _rows(rows)


class FilterTags(TypedDict):
    """The props of the custom element FilterTags."""

    listId: str
    ids: list[str]
    tags: list[Tag]


def filter_tags(understood: Understood, found: Found, currency: str) -> FilterTags:
    """What its photo was taken for and the filters of a search, each taken back by a click."""
    photo = [photo_tag(understood.sees)] if understood.sees else []
    return FilterTags(
        listId=found.list_id,
        ids=[match.product.id for match in found.matches],
        tags=[*photo, *tags(understood.filters, currency)],
    )


def ranking_details(ranked: Ranked) -> str:
    """What an opened step says of the order, as Markdown: more lines for `step_details`."""
    order = "the search's" if ranked.kept else "search and vision model together"
    why = f" {plain(ranked.why)}" if ranked.why else ""
    rows = [("Vision model", plain(ranked.model))] if ranked.model else []
    if ranked.caption:
        rows.append(("It says of the photo", plain(ranked.caption)))
    if ranked.timings_s:
        stages = (f"{plain(name)} {1000 * s:,.0f} ms" for name, s in ranked.timings_s.items())
        rows.append(("Looking took", ", ".join(stages)))
    rows.append(("Order", f"{order}, after {ranked.seconds:.1f} s.{why}"))
    places = enumerate(zip(ranked.matches, ranked.moved, strict=True), start=1)
    listed = (f"\n  {n}. {_place(match, n, moved)}" for n, (match, moved) in places)
    return _rows(rows) + ("" if ranked.kept else "".join(listed))


def _place(match: Match, number: int, moved: int | None) -> str:
    before = f"was {number + moved}" if moved else "as before"
    before = "not shown before" if moved is None else before
    reason = f": {plain(match.reason)}" if match.reason else ""
    return f"{plain(match.product.title)} ({before}){reason}"


def _rows(rows: Sequence[tuple[str, str]]) -> str:
    return "\n".join(f"- **{name}:** {value}" for name, value in rows)


def plain(text: str) -> str:
    """Text that Markdown shows as it is, on one line: strangers' words are never markup."""
    return PlainWords().add(" ".join(text.split()))
