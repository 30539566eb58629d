"""A product and its variants as both versions of the protocol have them.

Only what the shop states is among them. What the protocol demands and a shop may not state is its
price: a variant without one is left out, and a product without any priced variant as well.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from tools.catalogue.variants import SOLD_OUT, as_variants, option_values
from tools.product import Availability, Product, Variant
from tools.ucp.prices import is_code, price
from tools.ucp.versions import Document

MOST_VARIANTS = 100
_SCALE = 5
_LONGEST_DESCRIPTION = 5000
_STATUS: dict[Availability, str] = {
    "in stock": "in_stock",
    "few left": "in_stock",
    "backorder": "backorder",
    "preorder": "preorder",
    "out of stock": "out_of_stock",
    "discontinued": "discontinued",
}
_FACTS = ("brand", "color", "material", "pattern", "gender", "age_group", "condition", "unit_price")
"""Of a product, in its `metadata`."""


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where the pages and pictures of products are, as others reach them."""

    page: Callable[[str], str]
    """The address of a page that the catalogue names; "" for none."""
    pictures: Callable[[Product], Sequence[str]]
    """Of a product; the first is its main one."""
    variant_picture: Callable[[Product, Variant], str]
    """Of a variant; "" where it has none of its own."""


def sold_variants(product: Product) -> tuple[Variant, ...]:
    """The variants that have a price, in the shop's order; one for a product without variants."""
    if not is_code(product.currency):
        return ()
    return tuple(each for each in as_variants(product) if each.price is not None)


def featured(variants: Sequence[Variant]) -> Variant:
    """The first that can be bought or ordered, else the first."""
    return next((each for each in variants if each.availability not in SOLD_OUT), variants[0])


def product_document(
    product: Product, variants: Sequence[Variant], addresses: Addresses
) -> Document:
    """The product with these of its `sold_variants`, the featured one first."""
    sold = sold_variants(product)
    document: Document = {
        "id": product.id,
        "title": product.title or product.id,
        "description": {"plain": _description(product)},
        "categories": [
            {"value": value, "taxonomy": "merchant"}
            for value in dict.fromkeys((" > ".join(product.category), *product.more_categories))
            if value
        ],
        "price_range": _range([each.price for each in sold], product.currency),
        "media": [_image(url, product.title) for url in addresses.pictures(product)],
        "options": [
            {"name": name, "values": [{"label": value} for value in values]}
            for name, values in option_values(product.variants).items()
        ],
        "variants": [
            variant_document(product, each, addresses) for each in variants[:MOST_VARIANTS]
        ],
        "tags": list(product.tags),
        "metadata": _metadata(product),
    }
    if url := as_uri(addresses.page(product.link)):
        document["url"] = url
    if any(each.was is not None for each in sold):
        lists = [each.was or each.price for each in sold]
        document["list_price_range"] = _range(lists, product.currency)
    if product.rating is not None and product.rating_count != 0:
        document["rating"] = {"value": product.rating, "scale_max": _SCALE}
        if product.rating_count is not None:
            document["rating"]["count"] = product.rating_count
    return {name: value for name, value in document.items() if value not in ([], {})}


def variant_document(product: Product, variant: Variant, addresses: Addresses) -> Document:
    """One of the product's `sold_variants`."""
    options = variant.options if product.variants else ()
    title = " / ".join(value for _, value in options)
    document: Document = {
        "id": variant.id,
        "title": title or product.title or product.id,
        "description": {
            "plain": ", ".join(f"{name}: {value}" for name, value in options)
            or _description(product)
        },
        "price": price(variant.price or 0, product.currency),
        "options": [{"name": name, "label": value} for name, value in options],
        "barcodes": [{"type": "GTIN", "value": code} for code in variant.codes if is_gtin(code)],
        "metadata": {"codes": other}
        if (other := [code for code in variant.codes if not is_gtin(code)])
        else {},
    }
    if url := as_uri(addresses.page(variant.link or product.link)):
        document["url"] = url
    if variant.was is not None:
        document["list_price"] = price(variant.was, product.currency)
    if variant.availability:
        document["availability"] = {
            "available": variant.availability not in SOLD_OUT,
            "status": _STATUS[variant.availability],
        }
    if picture := addresses.variant_picture(product, variant):
        document["media"] = [_image(picture, f"{product.title}, {title}")]
    return {name: value for name, value in document.items() if value not in ([], {})}


def is_gtin(code: str) -> bool:
    """Whether a code is a GTIN: 8, 12, 13 or 14 digits with a right check digit."""
    if not (code.isascii() and code.isdecimal() and len(code) in (8, 12, 13, 14)):
        return False
    weighted = sum(int(digit) * (3, 1)[place % 2] for place, digit in enumerate(code[-2::-1]))
    return (weighted + int(code[-1])) % 10 == 0


def as_uri(address: str) -> str:
    """The address in ASCII, as a URI has to be."""
    return quote(address, safe="%/:=&?~#+!$,;'@()*[]-._")


def _description(product: Product) -> str:
    text = product.description[:_LONGEST_DESCRIPTION]
    return text or product.title or product.id


def _range(prices: Sequence[int | None], currency: str) -> Document:
    known = [each for each in prices if each is not None]
    return {"min": price(min(known), currency), "max": price(max(known), currency)}


def _image(url: str, said: str) -> Document:
    return {"type": "image", "url": as_uri(url), "alt_text": said}


def _metadata(product: Product) -> Document:
    found: Document = {name: value for name in _FACTS if (value := getattr(product, name))}
    if product.attributes:
        found["attributes"] = dict(product.attributes)
    if product.codes:
        found["codes"] = list(product.codes)
    return found
