"""From the arguments of a search to a query: numbers, names and limits checked and filled in.

Names are checked against the catalogue; one that it does not know is answered once with the
nearest, and goes into the words when it is asked for again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from tools.catalogue.options import option_named
from tools.catalogue.vocabulary import LEVELS, Unknown, Vocabulary, resolve
from tools.errors import PhotoError, RequestError
from tools.filter_codec import (
    arguments_needing,
    filters_of_arguments,
    row_of_filters,
    unlisted,
)
from tools.media.images import open_product_picture
from tools.product import Filters, Product, Query, SearchResult, Spoken
from tools.search.arguments import SearchArguments
from tools.search.learned_rank import BEYOND
from tools.search.replies import SearchReply
from tools.search.rows import SearchRow, ShownRow, shown_id
from tools.search.search_context import SearchContext, TurnPhoto, Wishes
from tools.search.searchable_shop import CatalogueMeaning, SearchableShop, product_of

if TYPE_CHECKING:
    from PIL.Image import Image

    from tools.search.relaxation import Relaxation


_WISHED = ("min_price", "max_price", "in_stock")
"""Filters that a setting of the shopper may set."""


@dataclass(frozen=True, slots=True)
class SearchPlan:
    """A search, checked and ready to run."""

    query: Query
    photo: TurnPhoto | None
    """The shopper's photo that it starts from."""
    like: Product | None
    """The product whose picture stands for the photo."""
    searched: int
    """Products in the catalogue."""
    currency: str
    second: TurnPhoto | None = None
    unfiltered: tuple[str, ...] = ()
    """Names that the catalogue does not know, moved from the filters to the words."""
    missing: tuple[str, ...] = ()
    """What was to be filtered by and no product of this shop states: "prices", "sizes"."""
    unlike: str = ""
    """Id of the shown product that is not wanted, now or later; "" for none."""
    taken_for: str = ""
    """The category that the words were taken for, by meaning; "" where none was."""
    asked: str = ""
    """The words that the one category of the search may have been taken from, see `told`."""
    wished: tuple[str, ...] = ()
    """Filters that are the shopper's settings, which no later search repeats."""

    def told(self, meaning: CatalogueMeaning) -> SearchPlan:
        """The same with what its one category was taken for, where whoever asks chose it by the
        meaning of the words: said with the products, which need not wait for it. Blocking."""
        meant = meaning.kind_meant(self.asked) if self.asked else ""
        return replace(self, taken_for=meant) if self.query.filters.categories == (meant,) else self

    def reply(
        self,
        rows: Sequence[ShownRow],
        relaxed: Sequence[Relaxation] = (),
        *,
        unmentioned: bool = False,
        unstated: Sequence[str] = (),
    ) -> SearchReply:
        """What is said of it, once these products are found."""
        filters = self.query.filters
        return SearchReply(
            products=tuple(rows),
            searched=self.searched,
            filters=filters,
            currency=self.currency,
            sorted_by=self.query.sort,
            unmentioned=self.query.text if unmentioned else "",
            unstated=tuple(unstated),
            unfiltered=self.unfiltered,
            unlisted=self.missing,
            taken_for=self.taken_for,
            shown_before=0 if rows else len(filters.exclude_ids),
            relaxed=tuple(relaxed),
        )

    def row(self, list_id: str) -> SearchRow:
        """What a conversation stores of it."""
        filters = self.query.filters
        defaults = Filters()
        filters = replace(filters, **{name: getattr(defaults, name) for name in self.wished})
        return SearchRow(
            words=self.query.text,
            photo=self.photo.ref if self.photo else "",
            product=self.query.like or "",
            **row_of_filters(filters),
            second=self.second.ref if self.second else "",
            misread=self.photo.ref if self.photo and self.query.misread else "",
            sort=self.query.sort,
            list_id=list_id,
        )


def plan_search(asked: SearchArguments, shop: SearchableShop, context: SearchContext) -> SearchPlan:
    """The search that is meant. Blocking.

    Raises RequestError with a sentence for what cannot be run as asked, and PhotoError for a photo
    that is gone.
    """
    vocabulary = shop.vocabulary
    asked, missing = _without_unlisted(asked, vocabulary)
    stated = _stated(asked, vocabulary)
    filters, unknown = resolve(stated, vocabulary)
    within = _within(filters, context.wishes, vocabulary)
    wished = tuple(n for n in _WISHED if getattr(within, n) != getattr(filters, n))
    filters = within
    fresh = [miss for miss in unknown if context.first_time(f"{miss.field} {miss.name}")]
    if fresh:
        raise RequestError(" ".join(_unknown_sentence(miss) for miss in fresh))
    words = " ".join([*(miss.name for miss in unknown), asked.words]).strip()
    photo = _photo(asked.photo, context.photos)
    like = _like(asked, photo, shop, context)
    leans = photo is not None or like is not None
    told = asked.words == context.last_words
    meant = shop.kind_meant(asked.words) if asked.words and not filters.categories else ""
    if meant and not filters.categories and like is None and not told:
        filters = replace(filters, categories=(meant,))
    if filters.categories == (meant,) and filters != within and like is None and photo is None:
        tried = Query(words, filters=filters, sort=asked.sort or "", spoken=spoken_in(context))
        if shop.beyond_kind(tried) > BEYOND:
            filters = within  # what is said as a whole speaks of other things
    taken_for = meant if filters.categories == (meant,) and not told else ""
    chosen = asked.words if len(within.categories) == 1 and not told else ""
    if missing and not words and not leans and (filters == Filters() or stated == Filters()):
        raise RequestError(missing_sentence(missing))
    unlike_id = "" if asked.not_like is None else shown_id(asked.not_like, context.shown)
    unlike = shop.product(unlike_id) if unlike_id else None
    second, unwanted = (_photo(n, context.photos) for n in (asked.second_photo, asked.not_photo))
    if second is not None and not leans:
        raise RequestError("A second photo needs a first one: give `photo` or `like` as well.")
    if not words and not leans:
        # A search starts from something; the names of the filters say what is wanted as well.
        values = dict.fromkeys(option_named(option)[1] for option in filters.options)
        words = " ".join((*filters.colors, *filters.brands, *filters.categories, *values))
        if not words and asked.sort is None and (filters.in_stock or filters.on_sale):
            # "What is on sale?": all of it, since nothing says what is nearest.
            asked = asked.changed(sort="best rated" if vocabulary.rated else "cheapest")
        if not words and asked.sort is None:
            raise RequestError("Nothing is asked for: say what the product is, or attach a photo.")
    left_out = (*(context.seen if asked.skip_shown else ()), *([unlike_id] if unlike_id else ()))
    shopper_photo = photo if photo is not None and photo.ref else None
    query = Query(
        text=words,
        photo=context.open(shopper_photo) if shopper_photo else None,
        like=like.id if like else None,
        filters=replace(filters, exclude_ids=left_out),
        second=_picture(second, shop, context),
        unlike=tuple(
            picture
            for picture in (_picture(unwanted, shop, context), _picture_of(unlike))
            if picture is not None
        ),
        misread=shopper_photo is not None and asked.misread_photo == asked.photo,
        sort=asked.sort or "",
        spoken=spoken_in(context),
    )
    return SearchPlan(
        query,
        shopper_photo,
        like,
        shop.count(),
        vocabulary.currency,
        second,
        tuple(f"{miss.field} {miss.name}" for miss in unknown),
        missing,
        unlike_id,
        taken_for,
        chosen,
        wished,
    )


def spoken_in(context: SearchContext) -> Spoken:
    """What the search comes from."""
    shown = [(row["title"], row["category"]) for row in context.shown]
    return spoken_after(context.said, context.said_before, shown)


def spoken_after(said: str, before: str, shown: Sequence[tuple[str, str]]) -> Spoken:
    """A message with the one before it, after a list of these titles and category paths.

    The chat model and the tool both make theirs here: a search that the one began is found by the
    other only where the two are equal.
    """
    kind = shown[0][1].split(LEVELS)[-1] if shown else ""
    return Spoken(said, before, kind, tuple(title for title, _ in shown))


def filters_meant(asked: SearchArguments, vocabulary: Vocabulary) -> Filters:
    """The filters of a search, in the catalogue's own names; names that it lacks are left out.

    Raises RequestError where the lowest price is above the highest.
    """
    return resolve(_stated(asked, vocabulary), vocabulary)[0]


def search_without(
    shop: SearchableShop, query: Query, limit: int, rejected: Sequence[str]
) -> SearchResult:
    """The best matches without those that the shopper rejected earlier. Blocking.

    Those are not among the filters: a filter that nobody stated would hide that the shop has no
    such thing.
    """
    result = shop.search(query, limit + len(rejected))
    kept = tuple(match for match in result.matches if match.product.id not in rejected)
    return replace(result, matches=kept[:limit])


def missing_sentence(missing: Sequence[str]) -> str:
    """Says that this shop states none of these, to a shopper or a chat model."""
    return (
        f"This shop lists no {' and no '.join(missing)}, so I cannot go by them. "
        "Say what the product is, or attach a photo."
    )


def _stated(asked: SearchArguments, vocabulary: Vocabulary) -> Filters:
    low, high = asked.min_price, asked.max_price
    if low is not None and high is not None and low > high:
        raise RequestError(f"The lowest price, {low}, is above the highest, {high}. Swap them.")
    return filters_of_arguments(dict(asked), vocabulary.currency)


def _without_unlisted(
    asked: SearchArguments, vocabulary: Vocabulary
) -> tuple[SearchArguments, tuple[str, ...]]:
    """The arguments without bounds that no product could pass, and what the shop lacks for them."""
    gone = unlisted(asked.given(), vocabulary.lacking)
    named = [(option_named(option)[0], option) for option in asked.options]
    kept = [option for key, option in named if key in vocabulary.options]
    lost = dict.fromkeys(_plural(key) for key, _ in named if key not in vocabulary.options)
    asked = asked.changed(**dict.fromkeys(arguments_needing(gone)))
    return asked.changed(options=kept), (*gone, *lost)


def _plural(key: str) -> str:
    """The key of an option in a sentence: "sizes", "age groups"."""
    name = key.replace("_", " ")
    return f"{name[:-1]}ies" if name.endswith("y") else f"{name}s"


def _within(filters: Filters, wishes: Wishes, vocabulary: Vocabulary) -> Filters:
    """The filters with the shopper's settings: the price range, where they state no price
    themselves, and whether only what is in stock is shown."""
    if wishes.in_stock and "availability" not in vocabulary.lacking:
        filters = replace(filters, in_stock=True)
    priced = filters.min_price is not None or filters.max_price is not None
    if priced or "prices" in vocabulary.lacking:
        return filters
    return replace(filters, min_price=wishes.min_price, max_price=wishes.max_price)


def _like(
    asked: SearchArguments, photo: TurnPhoto | None, shop: SearchableShop, context: SearchContext
) -> Product | None:
    """The product whose picture is searched from: named by number, or by a photo's number."""
    if photo is not None and asked.like is not None:
        raise RequestError("A search starts from one picture: give `photo` or `like`, not both.")
    product_id = photo.product_id if photo else ""
    if asked.like is not None:
        product_id = shown_id(asked.like, context.shown)
    return product_of(shop, product_id) if product_id else None


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


def _picture(photo: TurnPhoto | None, shop: SearchableShop, context: SearchContext) -> Image | None:
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
