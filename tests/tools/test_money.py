from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.money import format_price, parse_price, to_decimal, to_minor


@pytest.mark.parametrize(
    ("text", "currency", "expected"),
    [
        ("19.99", "USD", (1999, "USD")),
        ("$19.99", "USD", (1999, "USD")),
        ("$ 1,299.00", "USD", (129900, "USD")),
        ("19,99 €", "USD", (1999, "EUR")),
        ("1.234,56 EUR", "USD", (123456, "EUR")),
        ("USD 20", "EUR", (2000, "USD")),
        ("C$5", "CAD", (500, "CAD")),
        ("C$5", "USD", (500, "CAD")),
        ("US$ 10", "EUR", (1000, "USD")),
        ("A$ 5", "USD", (500, "AUD")),
        ("R$ 5", "USD", (500, "BRL")),
        ("99 zł", "USD", (9900, "PLN")),
        ("usd 10", "EUR", (1000, "USD")),
        ("$20 CAD", "USD", (2000, "CAD")),
        ("kr 5", "SEK", (500, "SEK")),
        ("5 kr", "NOK", (500, "NOK")),
        ("5 kr", "USD", None),
        ("$5 EUR", "USD", None),
        ("XYZ 5", "USD", None),
        ("top 20", "USD", None),
        ("1.234.567", "EUR", (123456700, "EUR")),
        ("1'299.00", "CHF", (129900, "CHF")),
        ("29.99 19.99", "USD", None),
        ("10 20", "USD", None),
        ("19.99.", "USD", None),
        ("19,99,", "USD", None),
        ("19..99", "USD", None),
        ("1.2.3", "USD", None),
        ("1,2,3.4", "USD", None),
        ("1234,567", "USD", None),
        ("0.001", "USD", None),
        ("0.5", "JPY", None),
        ("$5", "CAD", (500, "CAD")),
        ("¥1200", "USD", (1200, "JPY")),
        ("1,200", "JPY", (1200, "JPY")),
        ("1 299,50", "EUR", (129950, "EUR")),
        ("£.50", "USD", (50, "GBP")),
        ("0", "USD", (0, "USD")),
        ("12.345", "KWD", (12345, "KWD")),
        ("from 14.99", "USD", None),
        ("10 - 20", "USD", None),
        ("abc", "USD", None),
        ("-5", "USD", None),
        ("1e309", "USD", None),
        ("", "USD", None),
    ],
)
def test_price_is_read_as_shops_write_it_or_refused(
    text: str, currency: str, expected: tuple[int, str] | None
) -> None:
    if expected is None:
        with pytest.raises(ValueError, match="price"):
            parse_price(text, currency)
    else:
        assert parse_price(text, currency) == expected


@given(st.integers(0, 10**12), st.sampled_from(["USD", "JPY", "KWD"]))
def test_minor_units_survive_the_way_to_decimals_and_back(minor: int, currency: str) -> None:
    assert to_minor(to_decimal(minor, currency), currency) == minor
    assert to_minor(float(to_decimal(minor, currency)), currency) == minor


@pytest.mark.parametrize("amount", ["nan", "inf", "-1", "x", Decimal("1e300")])
def test_what_is_no_price_is_refused(amount: str | Decimal) -> None:
    with pytest.raises(ValueError, match="not a"):
        to_minor(amount, "USD")


def test_prices_show_their_currency() -> None:
    assert format_price(1999, "USD") == "$19.99"
    assert format_price(1200, "JPY") == "¥1,200"
    assert format_price(500, "EUR") == "€5.00"
