"""What a card says of availability, sales and variants, ready to show."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypedDict
from urllib.parse import quote

from tools.catalogue.variants import (
    BUYABLE,
    SOLD_OUT,
    as_variants,
    option_key,
    option_values,
    price_range,
)
from tools.money import format_price
from tools.product import Availability, Match, Product, Variant
from ui.chat.cards.thumbnails import WIDTHS, picture_url
from ui.chat.links import Links

_WORDS: dict[Availability, str] = {
    "in stock": "In stock",
    "few left": "Few left",
    "backorder": "On backorder",
    "preorder": "Preorder",
    "out of stock": "Sold out",
    "discontinued": "Discontinued",
}
_MOST_VARIANTS = 200
_MOST_COUNTED = 3
"""Options whose values are counted on a card."""


class VariantForm(TypedDict):
    """A variant in the larger view."""

    id: str
    values: list[str]
    """One for each of the card's options, in their order; "" where it states none."""
    price: str
    priceWas: str
    availability: str
    soldOut: bool
    link: str
    cart: str
    picture: str
    """"" for the product's."""


class OptionForm(TypedDict):
    """An option that a shopper chooses by."""

    name: str
    values: list[str]


class Forms(TypedDict):
    """The part of a card that is about its forms."""

    link: str
    cart: str
    availability: str
    """"" where the shop does not say."""
    soldOut: bool
    price: str
    priceWas: str
    choices: str
    """"3 colors · 5 sizes"; "" for a product in one form."""
    chosen: str
    """Id of the variant that the card shows; "" for none in particular."""
    options: list[OptionForm]
    variants: list[VariantForm]


def forms_of(match: Match, catalogue: str, links: Links) -> Forms:
    """Of a product as it was found."""
    product, variant = match.product, match.variant
    stock = product.availability if variant else stock_of(product)
    options = option_values(product.variants)
    names = list(options)
    return Forms(
        link=links.page(product.link),
        cart=links.to_cart(product.id, _cart_id(product, variant)),
        availability=_WORDS.get(stock, ""),
        soldOut=stock in SOLD_OUT,
        price=price_text(product, variant),
        priceWas=was_text(product.was, product.currency) if variant or _one_price(product) else "",
        choices=_choices(options),
        chosen=variant.id if variant else "",
        options=[OptionForm(name=name, values=list(values)) for name, values in options.items()],
        variants=[
            _variant(each, product, names, catalogue, links)
            for each in product.variants[:_MOST_VARIANTS]
        ],
    )


def _cart_id(product: Product, variant: Variant | None) -> str:
    """The variant that the button puts into the cart: the one shown, else the first in stock."""
    if variant is not None or not product.variants:
        return variant.id if variant else ""
    buyable = (each for each in product.variants if each.availability in BUYABLE)
    return next(buyable, product.variants[0]).id


def stock_of(product: Product) -> Availability:
    """The best that any of its variants is: "in stock" where one is."""
    stocks = [variant.availability for variant in as_variants(product)]
    return next((stock for stock in _WORDS if stock in stocks), "")


def price_text(product: Product, variant: Variant | None = None) -> str:
    """The price, or "from" the lowest where the variants that can be bought differ and none is
    shown; "Price not given" where the shop gives none."""
    if variant is None and not _one_price(product) and (prices := price_range(product)):
        return f"from {format_price(prices[0], product.currency)}"
    if product.price_minor is None:
        return "Price not given"
    return format_price(product.price_minor, product.currency)


def was_text(was: int | None, currency: str) -> str:
    """A price before a sale; "" for none."""
    return "" if was is None else format_price(was, currency)


def _one_price(product: Product) -> bool:
    prices = price_range(product)
    return prices is None or prices[0] == prices[1]


def _choices(options: dict[str, tuple[str, ...]]) -> str:
    """Counts of what there is to choose: "3 colors · 5 sizes"."""
    counted = [(name, len(values)) for name, values in options.items() if len(values) > 1]
    return " · ".join(f"{count} {_plural(name)}" for name, count in counted[:_MOST_COUNTED])


def _plural(name: str) -> str:
    key = option_key(name)
    word = key if key in ("color", "size") else name.lower()
    if word.endswith("s"):
        return word
    return f"{word[:-1]}ies" if word.endswith("y") and word[-2:-1] not in "aeou" else f"{word}s"


def _variant(
    variant: Variant, product: Product, names: Sequence[str], catalogue: str, links: Links
) -> VariantForm:
    options = dict(variant.options)
    price = variant.price
    return VariantForm(
        id=variant.id,
        values=[options.get(name, "") for name in names],
        price="Price not given" if price is None else format_price(price, product.currency),
        priceWas=was_text(variant.was, product.currency),
        availability=_WORDS.get(variant.availability, ""),
        soldOut=variant.availability in SOLD_OUT,
        link=links.page(variant.link or product.link),
        cart=links.to_cart(product.id, variant.id),
        picture=variant_picture_url(catalogue, product, variant, WIDTHS[1]),
    )


def variant_picture_url(
    catalogue: str, product: Product, variant: Variant | None, width: int
) -> str:
    """The address of a variant's picture on our page; "" where it has none of its own."""
    if variant is None or not variant.picture:
        return ""
    base = f"/media/{quote(catalogue, safe='')}/{quote(product.id, safe='')}?w={width}"
    return f"{base}&v={quote(variant.id, safe='')}"


def card_picture_url(catalogue: str, match: Match) -> str:
    """The address of the picture on a card."""
    own = variant_picture_url(catalogue, match.product, match.variant, WIDTHS[0])
    return own or picture_url(catalogue, match.product)
