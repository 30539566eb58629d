"""Products of shop systems in JSON, schema.org's, and the Agentic Commerce Protocol's feed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tools.catalogue.detection import find_source, kind_of
from tools.catalogue.reader import Numbered, Reading, Wanted, read_products
from tools.product import Product

I = "https://i.test"  # noqa: E741 - short for the rows below


def read(tmp_path: Path, data: object) -> tuple[Product, Reading, str]:
    """The only product, what was met, and the name of the kind."""
    path = tmp_path / "products.json"
    path.write_text(json.dumps(data))
    reading = Reading()
    items = list(read_products(path, Wanted(shop_url="https://s.test"), reading))
    found = [item.product for item in items if isinstance(item, Numbered)]
    assert len(found) == len(items) == 1, items
    return found[0], reading, kind_of(find_source(path)).name


def red_and_blue(red: dict[str, Any], blue: dict[str, Any]) -> list[dict[str, Any]]:
    return [red, blue]


ACP = {
    "id": "p", "title": "Tee", "description": {"plain": "Soft"}, "url": "https://s.test/tee",
    "media": [{"type": "image", "url": f"{I}/t.jpg"}],
    "variants": red_and_blue(
        {"id": "r", "title": "Tee - Red", "price": {"amount": 1999, "currency": "EUR"},
         "list_price": {"amount": 2499, "currency": "EUR"}, "url": "https://s.test/tee?v=r",
         "availability": {"available": True, "status": "in_stock"},
         "barcodes": [{"type": "GTIN", "value": "4006381333931"}],
         "variant_options": [{"name": "Color", "value": "Red"}],
         "media": [{"type": "image", "url": f"{I}/r.jpg"}]},
        {"id": "b", "title": "Tee - Blue", "price": {"amount": 2099, "currency": "EUR"},
         "availability": {"available": False, "status": "out_of_stock"},
         "variant_options": [{"name": "Color", "value": "Blue"}]},
    ),
}  # fmt: skip
SQUARESPACE = {
    "id": "p", "type": "PHYSICAL", "name": "Tee", "description": "Soft",
    "url": "https://s.test/tee", "images": [{"url": f"{I}/t.jpg"}], "isVisible": True,
    "variants": red_and_blue(
        {"id": "r", "sku": "S1", "pricing": {"basePrice": {"currency": "EUR", "value": "24.99"},
         "salePrice": {"currency": "EUR", "value": "19.99"}, "onSale": True},
         "stock": {"quantity": 3, "unlimited": False}, "attributes": {"Color": "Red"}},
        {"id": "b", "sku": "S2", "pricing": {"basePrice": {"currency": "EUR", "value": "20.99"},
         "salePrice": {"currency": "EUR", "value": "0.00"}, "onSale": False},
         "stock": {"quantity": 0, "unlimited": False}, "attributes": {"Color": "Blue"}},
    ),
}  # fmt: skip
MEDUSA = {
    "id": "p", "title": "Tee", "handle": "tee", "status": "published", "thumbnail": f"{I}/t.jpg",
    "options": [{"id": "o", "title": "Color"}],
    "variants": red_and_blue(
        {"id": "r", "title": "Red", "inventory_quantity": 3, "manage_inventory": True,
         "calculated_price": {"calculated_amount": 19.99, "original_amount": 24.99,
                              "currency_code": "eur"},
         "options": [{"option_id": "o", "value": "Red"}]},
        {"id": "b", "title": "Blue", "inventory_quantity": 0, "manage_inventory": True,
         "calculated_price": {"calculated_amount": 20.99, "original_amount": 20.99,
                              "currency_code": "eur"},
         "options": [{"option_id": "o", "value": "Blue"}]},
    ),
}  # fmt: skip
MEDUSA_OF_BEFORE = {
    **MEDUSA,
    "variants": red_and_blue(
        {"id": "r", "title": "Red", "inventory_quantity": 3,
         "prices": [{"id": "ma_1", "amount": 1999, "currency_code": "eur"}],
         "options": [{"option_id": "o", "value": "Red"}]},
        {"id": "b", "title": "Blue", "inventory_quantity": 0,
         "prices": [{"id": "ma_2", "amount": 2099, "currency_code": "eur"}],
         "options": [{"option_id": "o", "value": "Blue"}]},
    ),
}  # fmt: skip
SALEOR = {
    "id": "p", "name": "Tee", "slug": "tee", "isAvailable": True,
    "description": json.dumps({"time": 1, "blocks": [{"data": {"text": "Soft"}}]}),
    "category": {"name": "Tops"}, "thumbnail": {"url": f"{I}/t.jpg"},
    "variants": red_and_blue(
        {"id": "r", "sku": "S1", "quantityAvailable": 3,
         "pricing": {"price": {"gross": {"amount": 19.99, "currency": "EUR"}},
                     "priceUndiscounted": {"gross": {"amount": 24.99, "currency": "EUR"}}},
         "attributes": [{"attribute": {"name": "Color"}, "values": [{"name": "Red"}]}]},
        {"id": "b", "sku": "S2", "quantityAvailable": 0,
         "pricing": {"price": {"gross": {"amount": 20.99, "currency": "EUR"}},
                     "priceUndiscounted": {"gross": {"amount": 20.99, "currency": "EUR"}}},
         "attributes": [{"attribute": {"name": "Color"}, "values": [{"name": "Blue"}]}]},
    ),
}  # fmt: skip
VENDURE = {
    "id": "p", "name": "Tee", "slug": "tee", "description": "Soft",
    "featuredAsset": {"preview": f"{I}/t.jpg"},
    "variants": red_and_blue(
        {"id": "r", "sku": "S1", "priceWithTax": 1999, "currencyCode": "EUR",
         "stockLevel": "IN_STOCK", "options": [{"name": "Red", "group": {"name": "Color"}}]},
        {"id": "b", "sku": "S2", "priceWithTax": 2099, "currencyCode": "EUR",
         "stockLevel": "OUT_OF_STOCK", "options": [{"name": "Blue", "group": {"name": "Color"}}]},
    ),
}  # fmt: skip
BIGCOMMERCE = {
    "id": "p", "name": "Tee", "is_visible": True, "custom_url": {"url": "/tee/"}, "price": 24.99,
    "currency": "EUR", "images": [{"url_standard": f"{I}/t.jpg"}],
    "variants": red_and_blue(
        {"id": "r", "sku": "S1", "price": 24.99, "sale_price": 19.99, "inventory_level": 3,
         "option_values": [{"option_display_name": "Color", "label": "Red"}]},
        {"id": "b", "sku": "S2", "price": 20.99, "purchasing_disabled": True,
         "option_values": [{"option_display_name": "Color", "label": "Blue"}]},
    ),
}  # fmt: skip
WIX = {
    "id": "p", "name": "Tee", "slug": "tee", "visible": True,
    "priceData": {"currency": "EUR", "price": 24.99, "discountedPrice": 19.99},
    "media": {"mainMedia": {"image": {"url": f"{I}/t.jpg"}}},
    "variants": red_and_blue(
        {"id": "r", "choices": {"Color": "Red"}, "stock": {"inStock": True, "quantity": 3},
         "variant": {"sku": "S1", "priceData": {"currency": "EUR", "price": 24.99,
                                                "discountedPrice": 19.99}}},
        {"id": "b", "choices": {"Color": "Blue"}, "stock": {"inStock": False, "quantity": 0},
         "variant": {"sku": "S2", "priceData": {"currency": "EUR", "price": 20.99,
                                                "discountedPrice": 20.99}}},
    ),
}  # fmt: skip
ETSY = {
    "listing_id": "p", "title": "Tee", "state": "active", "url": "https://s.test/tee",
    "images": [{"url_fullxfull": f"{I}/t.jpg"}],
    "price": {"amount": 1999, "divisor": 100, "currency_code": "EUR"},
    "inventory": {"products": red_and_blue(
        {"product_id": "r", "sku": "S1", "offerings": [
            {"price": {"amount": 1999, "divisor": 100, "currency_code": "EUR"}, "quantity": 3}],
         "property_values": [{"property_name": "Color", "values": ["Red"]}]},
        {"product_id": "b", "sku": "S2", "offerings": [
            {"price": {"amount": 2099, "divisor": 100, "currency_code": "EUR"}, "quantity": 0}],
         "property_values": [{"property_name": "Color", "values": ["Blue"]}]},
    )},
}  # fmt: skip
GROUP = {
    "@context": "https://schema.org", "@type": "ProductGroup", "productGroupID": "p", "name": "Tee",
    "url": "https://s.test/tee", "image": f"{I}/t.jpg", "variesBy": ["https://schema.org/color"],
    "hasVariant": red_and_blue(
        {"@type": "Product", "sku": "r", "name": "Tee red", "color": "Red", "image": f"{I}/r.jpg",
         "offers": {"@type": "Offer", "price": 19.99, "priceCurrency": "EUR",
                    "availability": "https://schema.org/InStock", "url": "https://s.test/tee?r",
                    "priceSpecification": {"priceType": "https://schema.org/ListPrice",
                                           "price": 24.99, "priceCurrency": "EUR"}}},
        {"@type": "Product", "sku": "b", "name": "Tee blue", "color": "Blue",
         "offers": {"@type": "Offer", "price": 20.99, "priceCurrency": "EUR",
                    "availability": "https://schema.org/OutOfStock"}},
    ),
}  # fmt: skip
VARIANTS: tuple[dict[str, object], ...] = GROUP["hasVariant"]  # type: ignore[assignment]
GRAPH = {
    "@context": "https://schema.org",
    "@graph": [
        {"@type": "WebPage", "name": "A page"},
        *(
            {**each, "isVariantOf": {"@type": "ProductGroup", "productGroupID": "p", "name": "Tee",
                                     "variesBy": ["color"]}}
            for each in VARIANTS
        ),
    ],
}  # fmt: skip
SHOPIFY_THEME = {
    "id": 1, "title": "Tee", "handle": "p", "price": 1999, "price_varies": True,
    "featured_image": f"{I}/t.jpg", "images": [f"{I}/t.jpg"], "options": ["Color"],
    "variants": red_and_blue(
        {"id": "r", "option1": "Red", "price": 1999, "compare_at_price": 2499, "available": True},
        {"id": "b", "option1": "Blue", "price": 2099, "compare_at_price": 2099,
         "available": False},
    ),
}  # fmt: skip
WITHOUT_SALE = {"medusa of before", "vendure", "etsy"}


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("acp", {"products": [ACP]}), ("squarespace", {"products": [SQUARESPACE]}),
        ("medusa", {"products": [MEDUSA]}), ("medusa of before", {"products": [MEDUSA_OF_BEFORE]}),
        ("saleor", [{"node": SALEOR}]), ("vendure", [VENDURE]), ("bigcommerce", [BIGCOMMERCE]),
        ("wix", {"products": [WIX]}), ("etsy", {"results": [ETSY]}), ("group", [GROUP]),
        ("graph", [GRAPH]), ("shopify theme", {"products": [SHOPIFY_THEME]}),
    ],
)  # fmt: skip
def test_two_variants_are_read_alike_from_every_system(
    tmp_path: Path, name: str, data: object
) -> None:
    tee, _, _ = read(tmp_path, data)
    assert (tee.id, tee.title) == ("p", "Tee")
    assert tee.currency == ("USD" if name == "shopify theme" else "EUR")
    before = None if name in WITHOUT_SALE else 2499
    assert [(v.id, dict(v.options), v.price, v.was, v.availability) for v in tee.variants] == [
        ("r", {"Color": "Red"}, 1999, before, "in stock"),
        ("b", {"Color": "Blue"}, 2099, None, "out of stock"),
    ]
    assert (tee.price_minor, tee.was, tee.color) == (1999, before, "Red")
    assert tee.availability == "in stock"
    if name != "graph":
        assert tee.image == f"{I}/t.jpg"
        assert tee.link.startswith("https://s.test/")


def test_variants_of_the_protocol_have_links_pictures_and_codes_of_their_own(
    tmp_path: Path,
) -> None:
    tee, _, kind = read(tmp_path, {"products": [ACP]})
    assert kind == "products of a shop system in JSON"
    assert tee.variants[0].link == "https://s.test/tee?v=r"
    assert tee.variants[0].picture == f"{I}/r.jpg"
    assert tee.variants[0].codes == ("4006381333931",)
    assert (tee.description, tee.link) == ("Soft", "https://s.test/tee")


def test_woocommerce_over_rest_and_as_its_storefront_serves_it(tmp_path: Path) -> None:
    rest = {
        "id": 7, "name": "Mug", "permalink": "https://s.test/mug", "type": "simple",
        "status": "publish", "regular_price": "12.00", "sale_price": "9.00",
        "date_on_sale_to": "2020-01-01T00:00:00", "stock_status": "instock",
        "categories": [{"name": "Mugs"}], "tags": [{"name": "new"}],
        "images": [{"src": f"{I}/m.jpg"}], "attributes": [{"name": "Color", "options": ["Green"]}],
    }  # fmt: skip
    mug, _, _ = read(tmp_path, [rest])
    assert (mug.price_minor, mug.was, mug.availability) == (1200, None, "in stock")
    assert (mug.category, mug.tags, mug.color) == (("Mugs",), ("new",), "Green")
    store = {
        "id": 7, "name": "Mug", "permalink": "https://s.test/mug", "is_in_stock": False,
        "prices": {"price": "900", "regular_price": "1200", "sale_price": "900",
                   "currency_code": "EUR", "currency_minor_unit": 2},
        "images": [{"src": f"{I}/m.jpg"}],
    }  # fmt: skip
    mug, _, _ = read(tmp_path, [store])
    assert (mug.price_minor, mug.was, mug.currency) == (900, 1200, "EUR")
    assert (mug.availability, mug.link) == ("out of stock", "https://s.test/mug")


def test_magento_over_rest_states_facts_by_code(tmp_path: Path) -> None:
    item = {
        "id": 3, "sku": "tee", "name": "Tee", "price": 52, "status": 1, "type_id": "simple",
        "custom_attributes": [
            {"attribute_code": "material", "value": "Cotton"},
            {"attribute_code": "special_price", "value": "40"},
        ],
        "media_gallery_entries": [{"file": f"{I}/m.jpg"}],
    }  # fmt: skip
    tee, _, _ = read(tmp_path, {"items": [item]})
    assert (tee.price_minor, tee.was, tee.material) == (4000, 5200, "Cotton")


def test_single_product_of_schema_org_is_read(tmp_path: Path) -> None:
    data = {
        "@context": "https://schema.org", "@type": "Product", "sku": "m", "name": "Mug",
        "image": [f"{I}/m.jpg", f"{I}/n.jpg"], "brand": {"@type": "Brand", "name": "Co"},
        "material": "Clay", "gtin13": "4006381333931",
        "aggregateRating": {"ratingValue": "8.8", "bestRating": "10", "reviewCount": 12},
        "additionalProperty": [{"@type": "PropertyValue", "name": "Height", "value": "9",
                                "unitText": "cm"}],
        "offers": {"@type": "AggregateOffer", "lowPrice": "4.50", "priceCurrency": "EUR",
                   "itemCondition": "https://schema.org/NewCondition"},
    }  # fmt: skip
    mug, _, kind = read(tmp_path, data)
    assert kind == "products of schema.org in JSON-LD"
    assert (mug.price_minor, mug.rating, mug.rating_count) == (450, 4.4, 12)
    assert (mug.brand, mug.material, mug.condition) == ("Co", "Clay", "New")
    assert (mug.attributes, mug.codes) == ((("Height", "9 cm"),), ("4006381333931",))


def test_details_of_amazon_reviews_are_named_facts(tmp_path: Path) -> None:
    data = {
        "parent_asin": "B01", "main_category": "Fashion", "title": "Belt", "price": "12.00",
        "images": [{"large": f"{I}/b.jpg", "variant": "MAIN"}],
        "details": {"Material": "Leather", "Closure": "Buckle", "Is Discontinued": "No"},
    }  # fmt: skip
    belt, _, _ = read(tmp_path, data)
    assert belt.material == "Leather"
    assert belt.attributes == (("Closure", "Buckle"), ("Is Discontinued", "No"))
