"""What the shopper reads about a search, made from the catalogue's facts: plain functions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypedDict

from assistant.events import Detailed, Found, Ranked, Shortlisted, Understood
from tools.comparing import Comparison, facts_of
from tools.money import format_price
from tools.product import Filters, Match, Product
from ui.chat.pictures import picture_url
from ui.chat.words import PlainWords

SEEN = "What the vision model saw"
"""The name of its picture, which a screen reader speaks."""


class Card(TypedDict):
    """One product card, every value ready to show."""

    number: int
    id: str
    title: str
    label: str
    price: str
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
    """The number it had before it moved; its own where it has not."""
    moved: str
    """"moved up 3", or "" for a card that stands where it stood."""


class Gallery(TypedDict):
    """The props of the custom element ProductGallery."""

    listId: str
    label: str
    ranked: bool
    """Whether this is the order after looking at the pictures."""
    cards: list[Card]


def gallery(found: Found, catalogue: str) -> Gallery:
    """The cards of a result list, numbered from 1 in its order."""
    count = len(found.matches)
    return Gallery(
        listId=found.list_id,
        label=f"{count} product{'s' if count != 1 else ''} found",
        ranked=False,
        cards=[_card(i, match, catalogue) for i, match in enumerate(found.matches, 1)],
    )


def kept_gallery(kept: Shortlisted, catalogue: str) -> Gallery:
    """The cards of the shortlist, numbered from 1 in the order of keeping."""
    count = len(kept.matches)
    return Gallery(
        listId=kept.list_id,
        label=f"{count} product{'s' if count != 1 else ''} kept",
        ranked=False,
        cards=[_card(i, match, catalogue) for i, match in enumerate(kept.matches, 1)],
    )


def comparison(table: Comparison) -> str:
    """The table as lines, one a fact, as Markdown that shows strangers' words as they are.

    What differs stands with each number; what is the same stands once.
    """
    lines = []
    for fact in table.facts:
        if fact.differs:
            values = zip(table.numbers, fact.values, strict=True)
            each = "; ".join(f"number {number}: {plain(value)}" for number, value in values)
            lines.append((fact.name, each))
        else:
            lines.append((f"{fact.name} (the same)", plain(fact.values[0])))
    return _rows(lines)


def details(detailed: Detailed) -> str:
    """What the catalogue says of one product, as Markdown."""
    facts = facts_of(detailed.product).items()
    return _rows([(name, plain(value) if value else "not given") for name, value in facts])


def ranked_gallery(ranked: Ranked, catalogue: str) -> Gallery:
    """The cards of a list in its final order, each with its reason and how far it moved."""
    count = len(ranked.matches)
    return Gallery(
        listId=ranked.list_id,
        label=f"{count} products found, {'as the search has them' if ranked.kept else 'reranked'}",
        ranked=True,
        cards=[
            _card(i, match, catalogue, moved)
            for i, (match, moved) in enumerate(zip(ranked.matches, ranked.moved, strict=True), 1)
        ],
    )


def _card(number: int, match: Match, catalogue: str, moved: int = 0) -> Card:
    product = match.product
    price = _price(product)
    rating = "" if product.rating is None else f"{product.rating:.1f}"
    count = "" if not product.rating_count else f"{product.rating_count:,}"
    move = f"moved {'up' if moved > 0 else 'down'} {abs(moved)}" if moved else ""
    rated = f"Rated {rating} of 5" + (f" by {count} shoppers" if count else "")
    return Card(
        number=number,
        id=product.id,
        title=product.title,
        label=f"{number}. {product.title}, {price}{f', {move}' if move else ''}",
        price=price,
        priced=product.price_minor is not None,
        rating=rating,
        ratingCount=count,
        ratingPercent=round(min(max(product.rating or 0.0, 0.0), 5.0) * 20, 1),
        ratingLabel=rated if rating else "",
        category=product.category[-1] if product.category else "",
        image=picture_url(catalogue, product),
        alt=f"Picture of {product.title}",
        reason=match.reason,
        was=number + moved,
        moved=move,
    )


def _price(product: Product) -> str:
    if product.price_minor is None:
        return "Price not given"
    return format_price(product.price_minor, product.currency)


def step_running(understood: Understood) -> str:
    """What a search that runs is called."""
    return f"{_looking(understood, 'Looking')} · searching" if _leans(understood) else "Searching"


def step_done(understood: Understood, found: Found) -> str:
    """What a finished search is called: "Looked at your photo · searched 900 products"."""
    searched = f"earched {found.searched:,} product{'s' if found.searched != 1 else ''}"
    if _leans(understood):
        return f"{_looking(understood, 'Looked')} · s{searched}"
    return f"S{searched}"


def step_looking(done: str) -> str:
    """What a finished search is called while its list is looked at."""
    return f"{done} · looking at the pictures…"


def step_ranked(done: str, found: Found, ranked: Ranked) -> str:
    """What a finished search is called once its list was looked at, with the seconds of both."""
    searched_ms = found.timings_ms.get("total") or sum(found.timings_ms.values())
    seconds = f"{searched_ms / 1000 + ranked.seconds:.1f}\u00a0s"  # a line never breaks in it
    if ranked.kept:
        why = f" ({ranked.why.rstrip('.')})" if ranked.why else ""
        return f"{done} · order of the search kept{why} · {seconds}"
    return f"{done} · reranked {len(ranked.matches)} · {seconds}"


def _leans(understood: Understood) -> bool:
    return understood.photo is not None or understood.like is not None


def _looking(understood: Understood, verb: str) -> str:
    return f"{verb} at your photo" if understood.photo else f"{verb} at “{understood.like}”"


def step_details(understood: Understood, found: Found, currency: str) -> str:
    """What an opened step says, as Markdown: words, photo, filters, count, timings."""
    rows = [("Words", plain(understood.text) or "none")]
    if understood.photo is not None:
        rows.append(("Photo", plain(understood.photo.name)))
    if understood.second is not None:
        rows.append(("Second photo", plain(understood.second.name)))
    if understood.like is not None:
        rows.append(("Like", plain(understood.like)))
    rows.append(("Filters", " · ".join(map(plain, filter_words(understood.filters, currency)))))
    rows.append(("Found", f"{len(found.matches)} of {found.searched:,}"))
    if found.timings_ms:
        stages = (f"{plain(name)} {ms:,.0f} ms" for name, ms in found.timings_ms.items())
        rows.append(("Time", ", ".join(stages)))
    if understood.turn:
        rows.append(("Turn", understood.turn))
    return _rows(rows)


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
    listed = (f"\n  {n}. {_place(match, n + moved, moved)}" for n, (match, moved) in places)
    return _rows(rows) + ("" if ranked.kept else "".join(listed))


def _place(match: Match, was: int, moved: int) -> str:
    before = f"was {was}" if moved else "as before"
    reason = f": {plain(match.reason)}" if match.reason else ""
    return f"{plain(match.product.title)} ({before}){reason}"


def _rows(rows: Sequence[tuple[str, str]]) -> str:
    return "\n".join(f"- **{name}:** {value}" for name, value in rows)


def filter_words(filters: Filters, currency: str) -> Sequence[str]:
    """The filters in force, each in a few words; ("none",) when there is none."""
    words: list[str] = []
    if filters.min_price is not None:
        words.append(f"from {format_price(filters.min_price, currency)}")
    if filters.max_price is not None:
        words.append(f"up to {format_price(filters.max_price, currency)}")
    for names, kind in (
        (filters.categories, "category"),
        (filters.colors, "color"),
        (filters.brands, "brand"),
    ):
        if names:
            words.append(f"{kind} {' or '.join(names)}")
    if filters.min_rating is not None:
        words.append(f"rated {filters.min_rating:g} or better")
    words += [f"nothing that says {word}" for word in filters.exclude_words]
    if filters.exclude_ids:
        words.append(f"without {len(filters.exclude_ids)} already shown")
    return words or ["none"]


def plain(text: str) -> str:
    """Text that Markdown shows as it is, on one line: strangers' words are never markup."""
    return PlainWords().add(" ".join(text.split()))
