"""Amounts in the minor units of ISO 4217, which the protocol wants.

The catalogue counts in the units that people pay with (CLDR): nobody pays a hundredth of a dinar,
and ISO has it all the same.
"""

from __future__ import annotations

import re
from decimal import Decimal

from tools.money import to_decimal
from tools.ucp.versions import Document

_WITHOUT = frozenset((
    "BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI", "VND",
    "VUV", "XAF", "XOF", "XPF",
))  # fmt: skip
_THREE = frozenset(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"))
_FOUR = frozenset(("CLF", "UYW"))


def iso_digits(currency: str) -> int:
    """Digits behind the point of a currency in ISO 4217."""
    if currency in _WITHOUT:
        return 0
    return 3 if currency in _THREE else 4 if currency in _FOUR else 2


def is_code(currency: str) -> bool:
    """Whether the protocol takes it for a currency."""
    return re.fullmatch("[A-Z]{3}", currency) is not None


def price(minor: int, currency: str) -> Document:
    """A price of the catalogue, in its minor units, as the protocol has it."""
    amount = to_decimal(minor, currency).scaleb(iso_digits(currency))
    return {"amount": int(amount.to_integral_value()), "currency": currency}


def in_major(amount: int, currency: str) -> Decimal:
    """An amount of the protocol in major units."""
    return Decimal(amount).scaleb(-iso_digits(currency))
