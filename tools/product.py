"""A product, what is asked for, and what was found.

`tools.catalogue.facts` says of each field of a product how it is read from a file, stored and
shown.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from PIL.Image import Image

Availability = Literal[
    "", "in stock", "few left", "backorder", "preorder", "out of stock", "discontinued"
]  # fmt: skip
"""What the shop says; "" where it does not say: that is not "in stock"."""
SortOrder = Literal["cheapest", "dearest", "best rated"]
Sort = Literal["", SortOrder]
"""How a search orders what it finds; "" is by how well it fits."""


@dataclass(frozen=True, slots=True)
class Variant:
    """One form that a product is sold in. Prices are in the product's currency."""

    id: str
    """Of the shop where it names one, else made from the product's id and the options."""
    options: tuple[tuple[str, str], ...] = ()
    """(name, value) in the shop's own names and order: (("Color", "Red"), ("Size", "M"))."""
    price: int | None = None
    """What is paid now, in minor units."""
    was: int | None = None
    """The price before a sale that holds, strictly higher than `price`."""
    sale_until: str = ""
    """When the sale ends, ISO 8601 in UTC; "" where the shop names no end."""
    availability: Availability = ""
    quantity: int | None = None
    link: str = ""
    """Of its own page; "" for the product's."""
    picture: str = ""
    """As `Product.more_images`; "" for the product's."""
    codes: tuple[str, ...] = ()
    """GTIN, MPN, SKU as the shop writes them."""


@dataclass(frozen=True, slots=True)
class Product:
    """One product as the catalogue states it. Nothing here is ever made up by a model."""

    id: str
    title: str
    category: tuple[str, ...] = ()
    """The path from the root: ("Kitchen", "Air Fryers")."""
    description: str = ""
    price_minor: int | None = None
    """In minor units (cents); None when the catalogue does not say."""
    currency: str = "USD"
    color: str = ""
    brand: str = ""
    rating: float | None = None
    rating_count: int | None = None
    image: str = ""
    """Absolute path of the picture; "" when there is none."""
    more_images: tuple[str, ...] = ()
    """Its other pictures in their order: absolute paths, or addresses as the shop states them."""
    availability: Availability = ""
    link: str = ""
    """Address of its page in the shop, http or https."""
    more_categories: tuple[str, ...] = ()
    """Names of the other categories that it stands in, at any level."""
    was: int | None = None
    """The price before a sale that holds, in minor units, strictly higher than `price_minor`."""
    sale_until: str = ""
    """When the sale ends, ISO 8601 in UTC; "" where the shop names no end."""
    quantity: int | None = None
    """Pieces in stock, of all variants together."""
    material: str = ""
    pattern: str = ""
    gender: str = ""
    age_group: str = ""
    condition: str = ""
    tags: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    """GTIN, MPN, SKU as the shop writes them, without those of the variants."""
    unit_price: str = ""
    """As the shop states it: "€4.00 per 100 ml"."""
    attributes: tuple[tuple[str, str], ...] = ()
    """(name, value) of all other facts that the shop names, in its order."""
    variants: tuple[Variant, ...] = ()
    """In the shop's order; () for a product that is sold in one form. `price_minor`, `was`, `color`
    and `sale_until` are those of its first variant that can be bought."""


@dataclass(frozen=True, slots=True)
class FilterField:
    """One filter that a shopper can set: what it is called, and what kind of value it has.

    The entry stands beside its attribute of `Filters`; `tools.filter_codec` reads the table.
    """

    kind: Literal["price", "number", "names", "words", "flag"]
    """"price" is minor units, "names" are the catalogue's own, "words" are any words, "flag" is
    true or false."""
    label: str
    """In a sentence about it: "price limit"."""
    dropped: int
    """Place in the order in which constraints of an empty search are tried without, from 1."""
    argument: str = ""
    """In the search tool's arguments and in stored rows; "" for the attribute's name."""
    constraint: str = ""
    """Filters of one constraint are dropped together; "" for the argument's name."""
    needs: str = ""
    """What no product passes without, as `Vocabulary.lacking` names it."""


_PRICE = FilterField("price", "price limit", 6, constraint="price", needs="prices")
_CATEGORIES = FilterField("names", "category", 9)
_COLORS = FilterField("names", "color", 4)
_BRANDS = FilterField("names", "brand", 8)
_RATING = FilterField("number", "rating limit", 7, needs="ratings")
_WITHOUT = FilterField("words", "words that are not wanted", 1, argument="without")
_OPTIONS = FilterField("names", "choice of options", 5)
_IN_STOCK = FilterField("flag", "limit to what is in stock", 3, needs="availability")
_ON_SALE = FilterField("flag", "limit to what is on sale", 2, needs="sale prices")


@dataclass(frozen=True, slots=True)
class Filters:
    """Hard constraints. A product that breaks one is never a result.

    Prices are minor units and inclusive. The names inside one field are alternatives (or), the
    fields are all required (and). A product whose price or rating is unknown does not pass a
    bound on it. Names match whatever their case; a category matches any level of the
    path, and several levels in one name ("Women > Dresses") match what stands on all of them.

    Prices, colors, options, `in_stock` and `on_sale` hold for one variant of a product together:
    "size M in blue" does not pass by a red M and a blue S.
    """

    min_price: int | None = field(default=None, metadata={"filter": _PRICE})
    max_price: int | None = field(default=None, metadata={"filter": _PRICE})
    categories: tuple[str, ...] = field(default=(), metadata={"filter": _CATEGORIES})
    colors: tuple[str, ...] = field(default=(), metadata={"filter": _COLORS})
    brands: tuple[str, ...] = field(default=(), metadata={"filter": _BRANDS})
    min_rating: float | None = field(default=None, metadata={"filter": _RATING})
    exclude_ids: tuple[str, ...] = ()
    exclude_words: tuple[str, ...] = field(default=(), metadata={"filter": _WITHOUT})
    """Words or phrases: a product whose title, category, color, brand or description says one, in
    any of its forms, does not pass."""
    options: tuple[str, ...] = field(default=(), metadata={"filter": _OPTIONS})
    """"NAME=VALUE" of an option or of a fact with few values: "size=M", "gender=female". Values of
    one name are alternatives, the names are all required."""
    in_stock: bool = field(default=False, metadata={"filter": _IN_STOCK})
    """Only what can be bought now; a product whose availability is unknown does not pass."""
    on_sale: bool = field(default=False, metadata={"filter": _ON_SALE})
    """Only what has a price before its sale."""
    currency: str = ""
    """Of the price bounds: products priced in another do not pass them. "" is filled by the shop
    with the catalogue's own."""
    varied: bool = False
    """Whether products of the catalogue have several prices or colors: variants, or a sale that
    ends. Filled by the shop."""
    uncolored: bool = False
    """Whether a product that states no color passes by a color that its words name. Filled by the
    shop."""


@dataclass(frozen=True, slots=True)
class Spoken:
    """What a search came from in a conversation: the order of what is found leans on it.

    The default is a search without one.
    """

    said: str = ""
    """The shopper's newest message as it was typed."""
    before: str = ""
    """The one before it."""
    kind: str = ""
    """The innermost category of the first product of the newest list."""
    shown: tuple[str, ...] = ()
    """The titles of the newest list."""


@dataclass(frozen=True, slots=True)
class Query:
    """What is searched for: words, a photo, or both leaning on each other.

    `like` names a product of the shop whose picture stands for the photo; it is left out of its
    own results. `second` is another picture that counts as much ("this shape, that pattern"), and
    results lean away from the pictures of `unlike`. A `sort` is over everything that passes the
    filters and says the words, not over the nearest alone; what has no such fact is left out.
    """

    text: str = ""
    photo: Image | None = None
    like: str | None = None
    filters: Filters = field(default_factory=Filters)
    second: Image | None = None
    unlike: tuple[Image, ...] = ()
    misread: bool = False
    """Whether the photo does not show what the model takes it for, so that it counts by its shapes
    and colors alone."""
    sort: Sort = ""
    spoken: Spoken = field(default_factory=Spoken)


@dataclass(frozen=True, slots=True)
class Match:
    """A product found. `score` is comparable inside one result list only; higher is better."""

    product: Product
    score: float
    reason: str = ""
    variant: Variant | None = None
    """The variant that fits the filters; `product` has its price, availability, link and color
    then. None where the filters ask for nothing that variants differ in."""

    @property
    def picture(self) -> str:
        """Path of the variant's picture where that is a file, else of the product's."""
        own = self.variant.picture if self.variant else ""
        return own if own and "://" not in own else self.product.image


@dataclass(frozen=True, slots=True)
class SearchResult:
    """Matches, best first, and where the time went (milliseconds by stage)."""

    matches: tuple[Match, ...]
    filters: Filters
    timings_ms: dict[str, float]
    unmentioned: bool = False
    """No product's text holds any of the words asked for: the matches are only the nearest.

    Known for searches without filters; under filters it stays False.
    """
    unstated: tuple[str, ...] = ()
    """Numbers and amounts of the words that none of the matches states: "14", "1 litre"."""
