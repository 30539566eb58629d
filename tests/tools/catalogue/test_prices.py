"""What is paid now and what was: properties over generated prices, sales and windows."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.catalogue.cells import SetAside
from tools.catalogue.prices import added, read_prices, reduced, unit_price
from tools.catalogue.variants import with_sales_ended
from tools.money import parse_price
from tools.product import Product, Variant

NOW = datetime(2026, 6, 15, 12, tzinfo=UTC)
_cents = st.integers(0, 10**7)
_days = st.none() | st.integers(-400, 400)


def money(cents: int | None) -> str:
    return "" if cents is None else str(Decimal(cents).scaleb(-2))


def day(offset: int | None) -> str:
    return "" if offset is None else (NOW + timedelta(days=offset)).isoformat()


@given(price=_cents, sale=st.none() | _cents, was=st.none() | _cents, starts=_days, ends=_days)
def test_price_before_is_higher_and_shown_in_its_window_alone(
    price: int, sale: int | None, was: int | None, starts: int | None, ends: int | None
) -> None:
    cells = {
        "price": money(price), "sale_price": money(sale), "was": money(was),
        "sale_starts": day(starts), "sale_ends": day(ends),
    }  # fmt: skip
    found = read_prices(cells, "USD", 1, [], NOW)
    holds = (starts is None or starts <= 0) and (ends is None or ends >= 0)
    assert found.now != 0
    if found.was is not None:
        assert holds
        assert found.now is not None
        assert found.was > found.now
    reduced_now = holds and sale is not None and 0 < sale < price
    if price:
        assert found.now == (sale if reduced_now else price)
    if reduced_now:
        assert (found.was, bool(found.until)) == (price, ends is not None)


@given(price=_cents, more=st.integers(-5000, 5000), percent=st.integers(0, 100))
def test_surcharge_and_discount_are_exact(price: int, more: int, percent: int) -> None:
    whole = added(money(price), money(more))
    assert Decimal(whole) == max(Decimal(price + more).scaleb(-2), Decimal(0))
    less = reduced(whole, "PERCENT", str(percent))
    if less:
        exact = Decimal(whole) * (100 - percent) / 100
        assert abs(Decimal(less) - exact) <= Decimal("0.005")
        assert Decimal(less) <= Decimal(whole)


@given(amount=st.integers(0, 10**9), was=st.none() | st.integers(0, 10**9),
       currency=st.sampled_from(["USD", "JPY", "KWD"]))  # fmt: skip
def test_minor_units_are_kept_as_they_are(amount: int, was: int | None, currency: str) -> None:
    cells = {"price": amount, "was": was, "minor_units": True}
    found = read_prices(cells, currency, 1, [], NOW)
    assert found.now == (amount or None)
    assert found.was == (was if was is not None and amount and was > amount else None)


@given(price=st.integers(1, 10**6), less=st.integers(1, 10**6), days=st.integers(-300, 300))
def test_stale_sale_never_shows(price: int, less: int, days: int) -> None:
    """A sale is read while it holds; what shows later is the price of that day."""
    ends = NOW + timedelta(days=400)
    cells = {
        "price": money(price + less),
        "sale_price": money(price),
        "sale_ends": ends.isoformat(),
    }
    found = read_prices(cells, "USD", 1, [], NOW)
    assert (found.now, found.was) == (price, price + less)
    form = Variant("v", price=found.now, was=found.was, sale_until=found.until)
    product = Product(
        "p", "Mug", price_minor=found.now, was=found.was, sale_until=found.until, variants=(form,)
    )
    later = with_sales_ended(product, ends + timedelta(days=days))
    over = days > 0
    expected = (price + less, None) if over else (price, price + less)
    assert (later.price_minor, later.was) == expected
    assert (later.variants[0].price, later.variants[0].was) == expected
    assert with_sales_ended(later, ends + timedelta(days=days)) == later
    assert with_sales_ended(replace(product, sale_until="", variants=())) == replace(
        product, sale_until="", variants=()
    )


@pytest.mark.parametrize(
    ("window", "holds"),
    [
        ("2026-04-30T09:30-08:00/2026-07-30T23:59-08:00", True),
        ("2026-04-30 2026-07-30", True), ("2026-04-30,2026-06-15", True),
        ("2026-04-30/2026-06-14", False), ("2026-06-16/2026-07-01", False), ("", True),
        ("2026-04-30/", True), ("/2026-06-14", False), ("soon/later", False),
    ],
)  # fmt: skip
def test_window_in_one_cell_is_read_as_feeds_write_it(window: str, holds: bool) -> None:
    cells = {"price": "20", "sale_price": "15", "sale_window": window}
    found = read_prices(cells, "USD", 1, [], NOW)
    assert (found.now, found.was) == ((1500, 2000) if holds else (2000, None))


def test_end_of_a_sale_that_cannot_be_read_is_noted_and_no_sale() -> None:
    notes: list[SetAside] = []
    cells = {"price": "20", "sale_price": "15", "sale_ends": "when it ends"}
    found = read_prices(cells, "USD", 7, notes, NOW)
    assert (found.now, found.was, notes[0].field, notes[0].line) == (2000, None, "sale_price", 7)


@pytest.mark.parametrize(
    ("text", "minor", "currency"),
    [
        ("US $12.99", 1299, "USD"), ("Rs. 1,299", 129900, "INR"), ("Dhs 1,050", 105000, "AED"),
        ("SR 15", 1500, "SAR"), ("1299:-", 129900, "USD"), ("12,-", 1200, "USD"),
        ("RM 25.00", 2500, "MYR"), ("Rp 150.000", 15000000, "IDR"), ("1,200円", 1200, "JPY"),
        ("R 199.00", 19900, "ZAR"), ("Fr. 12.50", 1250, "CHF"), ("1 299 руб.", 129900, "RUB"),
        ("₡1,500", 150000, "CRC"), ("12 ₾", 1200, "GEL"), ("$12.99", 1299, "USD"),
    ],
)  # fmt: skip
def test_currencies_are_known_by_the_signs_that_shops_write(
    text: str, minor: int, currency: str
) -> None:
    assert parse_price(text, "USD") == (minor, currency)


@pytest.mark.parametrize("text", ["From $14.99", "top 20", "all 5", "10 - 20", "12:30", "--"])
def test_words_and_ranges_are_no_prices(text: str) -> None:
    with pytest.raises(ValueError, match="price"):
        parse_price(text, "USD")


def test_unit_price_is_computed_from_one_unit_alone() -> None:
    assert unit_price(300, "EUR", "750 ml", "100 ml") == "€0.40 per 100 ml"
    assert unit_price(300, "EUR", "750 ml", "1 l") == ""
    assert unit_price(None, "EUR", "750 ml", "100 ml") == ""
