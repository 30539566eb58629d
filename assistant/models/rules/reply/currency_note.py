"""Says that a limit was given in another currency than the shop's."""

from __future__ import annotations

import re

from tools.money import format_price, to_minor
from tools.search.arguments import SearchArguments

_SAID = (
    ("EUR", re.compile(r"€|\beuros?\b|\beur\b", re.IGNORECASE)),
    ("GBP", re.compile(r"£|\b(?:quid|gbp|pounds?|tenners?|fivers?)\b", re.IGNORECASE)),
    ("JPY", re.compile(r"¥|\b(?:yen|jpy)\b", re.IGNORECASE)),
    ("INR", re.compile(r"₹|\b(?:rupees?|inr)\b", re.IGNORECASE)),
    ("CHF", re.compile(r"\b(?:chf|francs?)\b", re.IGNORECASE)),
    ("USD", re.compile(r"\$|\b(?:dollars?|bucks?|usd)\b", re.IGNORECASE)),
)
_NAMES = {
    "EUR": "euros", "GBP": "pounds", "JPY": "yen", "INR": "rupees", "CHF": "Swiss francs",
    "USD": "US dollars", "CAD": "Canadian dollars", "AUD": "Australian dollars",
}  # fmt: skip
_DOLLARS = frozenset(["USD", "CAD", "AUD", "NZD", "SGD", "HKD", "MXN"])


def currency_note(shopper: str, search: SearchArguments, currency: str) -> str:
    """The sentence about a price limit in another currency; "" where there is none."""
    bounds = [bound for bound in (search.min_price, search.max_price) if bound is not None]
    said = next((code for code, words in _SAID if words.search(shopper)), "")
    dollars = said == "USD" and currency in _DOLLARS
    if not bounds or said in ("", currency) or dollars or not re.search(r"\d", shopper):
        return ""
    taken = " to ".join(format_price(to_minor(bound, currency), currency) for bound in bounds)
    return (
        f"Prices here are in {_NAMES.get(currency, currency)} and I do not convert "
        f"{_NAMES[said]}, so I took your limit as {taken}."
    )
