"""The prices of a product or variant in a shop system's JSON: cells for `prices.read_prices`.

Amounts are minor units where a system says so (the Agentic Commerce Protocol, Vendure, the older
Medusa, WooCommerce's storefront), else major units.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from tools.catalogue.prices import MINOR_UNITS

_Object = Mapping[str, Any]


def price_cells(values: _Object) -> dict[str, object]:
    """The cells of all prices that are stated; empty where none is."""
    for read in (_protocol, _woo_store, _vendure, _medusa, _saleor, _wix, _etsy, _squarespace):
        if found := read(values):
            return found
    return _plain(values)


def _protocol(values: _Object) -> dict[str, object]:
    """{"price": {"amount": 1999, "currency": "USD"}}: whole minor units."""
    price, before = values.get("price"), values.get("list_price")
    if not isinstance(price, dict) or not isinstance(price.get("amount"), int):
        return {}
    if "divisor" in price or "currency" not in price:
        return {}
    was = before.get("amount") if isinstance(before, dict) else None
    return {"price": price["amount"], "was": was, "currency": price["currency"], MINOR_UNITS: True}


def _woo_store(values: _Object) -> dict[str, object]:
    prices = values.get("prices")
    if not isinstance(prices, dict) or "currency_minor_unit" not in prices:
        return {}
    regular, sale = prices.get("regular_price"), prices.get("sale_price")
    return {
        "price": regular or prices.get("price"),
        "sale_price": sale if sale != regular else None,
        "currency": prices.get("currency_code"),
        MINOR_UNITS: True,
    }


def _vendure(values: _Object) -> dict[str, object]:
    price = values.get("priceWithTax", values.get("price"))
    if "priceWithTax" not in values:
        return {}
    if isinstance(price, dict):
        price = price.get("value", price.get("min"))
    currency = values.get("currencyCode")
    return {"price": price, "currency": currency, MINOR_UNITS: True}


def _medusa(values: _Object) -> dict[str, object]:
    found = values.get("calculated_price")
    if isinstance(found, dict) and "calculated_amount" in found:
        now, original = found.get("calculated_amount"), found.get("original_amount")
        return {"price": now, "was": original, "currency": _code(found.get("currency_code"))}
    prices = values.get("prices")
    if not isinstance(prices, list) or not prices or not isinstance(prices[0], dict):
        return {}
    first = prices[0]
    if "amount" not in first:
        return {}
    cells: dict[str, object] = {
        "price": first["amount"],
        "currency": _code(first.get("currency_code")),
    }
    # The first version, whose ids of amounts begin so, counts in minor units.
    return cells | ({MINOR_UNITS: True} if str(first.get("id", "")).startswith("ma_") else {})


def _saleor(values: _Object) -> dict[str, object]:
    pricing = values.get("pricing")
    if not isinstance(pricing, dict):
        return {}
    price = _gross(pricing.get("price") or _inside(pricing, "priceRange", "start"))
    before = _gross(
        pricing.get("priceUndiscounted") or _inside(pricing, "priceRangeUndiscounted", "start")
    )
    if not price:
        return {}
    return {
        "price": price.get("amount"),
        "was": before.get("amount"),
        "currency": price.get("currency"),
    }


def _gross(value: object) -> dict[str, Any]:
    if not isinstance(value, dict):
        return {}
    inner = value.get("gross", value)
    return inner if isinstance(inner, dict) and "amount" in inner else {}


def _wix(values: _Object) -> dict[str, object]:
    data = values.get("priceData", values.get("price"))
    if not isinstance(data, dict) or "discountedPrice" not in data:
        return {}
    return {
        "price": data.get("price"),
        "sale_price": data.get("discountedPrice"),
        "currency": data.get("currency"),
    }


def _etsy(values: _Object) -> dict[str, object]:
    price = values.get("price", _inside(values, "offerings", "0", "price"))
    if not isinstance(price, dict) or not price.get("divisor"):
        return {}
    amount = Decimal(str(price.get("amount") or 0)) / Decimal(str(price["divisor"]))
    return {"price": str(amount), "currency": price.get("currency_code")}


def _squarespace(values: _Object) -> dict[str, object]:
    pricing = values.get("pricing")
    if not isinstance(pricing, dict) or not isinstance(pricing.get("basePrice"), dict):
        return {}
    base, sale = pricing["basePrice"], pricing.get("salePrice")
    reduced = sale.get("value") if isinstance(sale, dict) and pricing.get("onSale") else None
    return {"price": base.get("value"), "sale_price": reduced, "currency": base.get("currency")}


def _plain(values: _Object) -> dict[str, object]:
    """Prices as texts and numbers in major units."""
    regular = values.get("regular_price")
    price = regular if regular not in (None, "") else values.get("price")
    currency = values.get("currency") or values.get("currency_code")
    if isinstance(price, dict):
        currency = price.get("currency") or price.get("currencyCode") or price.get("currency_code")
        price = price.get("amount", price.get("value", price.get("price")))
    custom = {
        each.get("attribute_code"): each.get("value")
        for each in values.get("custom_attributes") or ()
        if isinstance(each, dict)
    }
    before = (
        values.get("compare_at_price") or values.get("retail_price") or values.get("compareAtPrice")
    )
    if isinstance(before, dict):
        before = before.get("amount")
    cells = {
        "price": price,
        "was": before,
        "sale_price": values.get("sale_price") or custom.get("special_price"),
        "sale_starts": values.get("date_on_sale_from") or custom.get("special_from_date"),
        "sale_ends": values.get("date_on_sale_to") or custom.get("special_to_date"),
        "currency": currency if isinstance(currency, str) else None,
    }
    return {name: cell for name, cell in cells.items() if cell not in (None, "")}


def _inside(value: object, *names: str) -> Any:
    for name in names:
        if isinstance(value, list):
            value = value[int(name)] if name.isdecimal() and int(name) < len(value) else None
        else:
            value = value.get(name) if isinstance(value, dict) else None
    return value


def _code(value: object) -> str:
    return value.upper() if isinstance(value, str) else ""
