"""Prices as whole minor units (cents, yen): parsing what shops write, and showing it."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation
from functools import cache

_SYMBOLS = {"$": "USD", "€": "EUR", "£": "GBP", "¥": "JPY", "₹": "INR", "₩": "KRW", "₺": "TRY"}
_NUMBER = re.compile(r"-?\d[\d.,' \u00a0\u202f]*|-?\.\d+")
_LARGEST_MINOR = 10**15


@cache
def minor_digits(currency: str) -> int:
    """Digits behind the point of a currency (ISO 4217): 2 for USD, 0 for JPY, 3 for KWD."""
    from babel.numbers import get_currency_precision

    return get_currency_precision(currency.upper())


def to_minor(amount: Decimal | float | int | str, currency: str) -> int:
    """An amount in major units as whole minor units, rounded half to even.

    Raises ValueError for what is not a finite, non-negative number of a sane size.
    """
    try:
        value = Decimal(str(amount))
    except InvalidOperation as error:
        raise ValueError(f"{amount!r} is not a number") from error
    if not value.is_finite() or value < 0 or value >= _LARGEST_MINOR:
        raise ValueError(f"{amount!r} is not a price")
    return int(value.scaleb(minor_digits(currency)).to_integral_value())


def to_decimal(minor: int, currency: str) -> Decimal:
    """Whole minor units as an exact amount in major units."""
    return Decimal(minor).scaleb(-minor_digits(currency))


def format_price(minor: int, currency: str) -> str:
    """A price as an English-speaking shopper reads it: "$19.99", "€5.00", "¥1,200"."""
    from babel.numbers import format_currency

    return format_currency(to_decimal(minor, currency), currency.upper(), locale="en_US")


def parse_price(text: str, currency: str) -> tuple[int, str]:
    """What a catalogue writes as a price, as (minor units, currency).

    Takes "19.99", "$19.99", "19,99 €", "1.234,56 EUR", "USD 20"; a currency in the text wins
    over the one given. Raises ValueError for anything with no number or more than one, such as
    "10 - 20" or "from 14.99", since a wrong price is worse than none.
    """
    stripped = text.strip()
    code = re.search(r"(?<![A-Za-z])([A-Z]{3})(?![A-Za-z])", stripped)
    if code:
        currency = code.group(1)
        stripped = stripped.replace(code.group(1), "", 1).strip()
    for symbol, name in _SYMBOLS.items():
        if symbol in stripped:
            # "C$" and "¥" are used by several currencies; a shop's own column settles it.
            currency = currency if code or symbol in _shared_by(currency) else name
            stripped = stripped.replace(symbol, "", 1).strip()
            break
    if not re.fullmatch(_NUMBER, stripped):
        raise ValueError(f"{text!r} is not a single price")
    return to_minor(_plain_number(stripped), currency), currency


def _shared_by(currency: str) -> str:
    """Symbols that a shop with this currency also writes for it."""
    if currency in {"USD", "CAD", "AUD", "NZD", "MXN", "SGD", "HKD", "BRL"}:
        return "$"
    return "¥" if currency in {"JPY", "CNY"} else ""


def _plain_number(text: str) -> str:
    """Digits with at most one point: "1.234,56" and "1,234.56" give "1234.56"."""
    text = re.sub(r"[' \u00a0\u202f]", "", text)
    last = max(text.rfind("."), text.rfind(","))
    if last < 0:
        return text
    behind = len(text) - last - 1
    separators = {c for c in text if c in ".,"}
    # One kind of separator before exactly three digits groups thousands ("1,234"), except a
    # lone point, which English catalogues use for decimals ("1.234" is rare but decimal).
    thousands = len(separators) == 1 and (text.count(text[last]) > 1 or text[last] == ",")
    if behind == 3 and thousands:
        return re.sub(r"[.,]", "", text)
    return re.sub(r"[.,]", "", text[:last]) + "." + text[last + 1 :]
