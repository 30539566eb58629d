"""Prices as whole minor units (cents, yen): parsing what shops write, and showing it."""

from __future__ import annotations

import re
from contextvars import ContextVar
from decimal import Decimal, InvalidOperation
from functools import cache

_DOLLARS = ("USD", "CAD", "AUD", "NZD", "MXN", "SGD", "HKD", "BRL")
_MARKS: dict[str, tuple[str, ...]] = {
    "$": _DOLLARS, "us$": ("USD",), "c$": ("CAD",), "ca$": ("CAD",), "a$": ("AUD",),
    "au$": ("AUD",), "nz$": ("NZD",), "hk$": ("HKD",), "s$": ("SGD",), "mx$": ("MXN",),
    "r$": ("BRL",), "€": ("EUR",), "£": ("GBP",), "¥": ("JPY", "CNY"), "₹": ("INR",),
    "₩": ("KRW",), "₺": ("TRY",), "zł": ("PLN",), "kč": ("CZK",), "₪": ("ILS",), "₫": ("VND",),
    "₱": ("PHP",), "฿": ("THB",), "₴": ("UAH",), "₽": ("RUB",),
    "kr": ("", "SEK", "NOK", "DKK", "ISK"),
    "rs": ("INR", "PKR", "LKR", "NPR", "MUR", "SCR"), "₨": ("INR", "PKR", "LKR", "NPR", "MUR"),
    "dhs": ("AED", "MAD"), "dh": ("AED", "MAD"), "sr": ("SAR",), "rm": ("MYR",), "rp": ("IDR",),
    "円": ("JPY",), "yen": ("JPY",), "元": ("CNY",), "r": ("ZAR",), "fr": ("CHF",), "sfr": ("CHF",),
    "ft": ("HUF",), "lei": ("RON",), "лв": ("BGN",), "руб": ("RUB",), "р": ("RUB",), "tl": ("TRY",),
    "nt$": ("TWD",), "₦": ("NGN",), "ksh": ("KES",), "tk": ("BDT",), "s/": ("PEN",), "zl": ("PLN",),
    "kc": ("CZK",), "din": ("RSD",), "грн": ("UAH",), "б": ("",), "qr": ("QAR",), "bd": ("BHD",),
    "kd": ("KWD",), "tsh": ("TZS",), "ush": ("UGX",), "gh₵": ("GHS",), "cfa": ("XOF", "XAF"),
    "rmb": ("CNY",), "nrs": ("NPR",), "euro": ("EUR",), "euros": ("EUR",), "rub": ("RUB",),
}  # fmt: skip
"""Currencies that a mark (lower case) may stand for: the shop's own where it is among them, else
the first; "" for an ambiguous mark. Babel's signs are known besides (`_babel_signs`)."""

_GROUPED = re.compile(
    r"([1-9]\d{0,2}(?:,\d{3}){1,9}(?:\.\d{1,9})?)"  # 1,234 or 1,234.56
    r"|([1-9]\d{0,2}(?:\.\d{3}){1,9},\d{1,9}|[1-9]\d{0,2}(?:\.\d{3}){2,9})"  # 1.234,56 or 1.234.567
    r"|([1-9]\d{0,2}(?:([ '’\u00a0\u202f])\d{3})(?:\4\d{3}){0,9}(?:[.,]\d{1,9})?)"  # 1 234,56
)
# A lone point is English catalogues' decimal point: "1.234" is rare, but not a thousand.
_PLAIN = re.compile(r"\d{1,30}(?:,\d{1,2})?|\d{0,30}\.\d{1,30}")
_PRICE = re.compile(
    r"(?P<before>[^\d.,-]{0,60})(?P<number>[.\d](?:.{0,60}\d)?)(?P<after>[^\d.,-]{0,60})", re.S
)
"""Every repeat is bounded, so that a text of any length is read in linear time."""
_NO_CENTS = re.compile(r"(?<=\d)[.,:]?[-–—]{1,2}(?=\s|[^\W\d_]|$)")
"""What stands for cents where there are none: "1299:-", "12,-", "12.--"."""
_POINT = re.compile(r"(?<=[^\W\d_])\.(?=\s|\d|$)")
"""That ends an abbreviation: "Rs. 1,299", "руб."."""
_WITHOUT_COINS = frozenset({"IDR", "VND", "CLP", "COP", "PYG", "ISK", "KRW", "JPY", "HUF"})
"""Nobody pays a hundredth of these: "Rp 150.000" are thousands."""
_LARGEST_MINOR = 10**15


@cache
def minor_digits(currency: str) -> int:
    """Digits behind the point of a currency (ISO 4217): 2 for USD, 0 for JPY, 3 for KWD."""
    from babel.numbers import get_currency_precision

    return get_currency_precision(currency.upper())


@cache
def is_currency(code: str) -> bool:
    """Whether this is the code of a currency, in capitals (ISO 4217)."""
    from babel.numbers import list_currencies

    return code in list_currencies()


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


_shown_in: ContextVar[str] = ContextVar("locale of prices", default="en_US")


def show_prices_in(locale: str) -> None:
    """Write prices as shoppers of a locale read them, in all that is started from here on."""
    _shown_in.set(locale)


def format_price(minor: int, currency: str) -> str:
    """A price as a shopper reads it, in English unless `show_prices_in` said otherwise:
    "$19.99", "€5.00", "¥1,200"."""
    from babel.numbers import format_currency

    return format_currency(to_decimal(minor, currency), currency.upper(), locale=_shown_in.get())


def parse_price(text: str, currency: str) -> tuple[int, str]:
    """What a catalogue writes as a price, as (minor units, currency).

    Takes "19.99", "US$ 19.99", "19,99 €", "1.234,56 EUR", "usd 20"; a currency in the text wins
    over the one given, which settles what "$", "¥" and "kr" mean. Raises ValueError for anything
    with no number or more than one, such as "10 - 20" or "from 14.99", for a currency that nobody
    knows, and for less than the smallest coin, since a wrong price is worse than none.
    """
    parts = _PRICE.fullmatch(_POINT.sub(" ", _NO_CENTS.sub("", text.strip())).strip())
    if parts is None:
        raise ValueError(f"{text!r} is not a single price")
    found = _currency(f"{parts['before']} {parts['after']}".split(), currency)
    number = _plain_number(parts["number"])
    if found in _WITHOUT_COINS and re.fullmatch(r"\d{1,3}\.000", parts["number"]):
        number = parts["number"].replace(".", "")
    if not found or not number:
        raise ValueError(f"{text!r} is not a single price")
    if 0 < Decimal(number) < Decimal(1).scaleb(-minor_digits(found)):
        raise ValueError(f"{text!r} is no price: less than the smallest coin")
    return to_minor(number, found), found


def _currency(marks: list[str], own: str) -> str:
    """The one currency that all marks beside a number allow, `own` without any; "" for none."""
    whole = "".join(marks).lower()  # "US $"
    if len(marks) > 1 and whole in _MARKS:
        marks = [whole]
    allowed = [codes for mark in marks for codes in _meanings(mark, own)]
    if not allowed:
        return own
    shared = [code for code in allowed[0] if all(code in codes for codes in allowed)]
    return own if own in shared else shared[0] if shared else ""


def _meanings(mark: str, own: str) -> list[tuple[str, ...]]:
    if mark.lower() in _MARKS:
        return [_MARKS[mark.lower()]]
    if signed := _signed(mark):
        return [signed]
    code = mark[:3].upper()
    # "top 20" and "all 5" hold codes too (Tonga, Albania): small letters only for the usual ones.
    usual = code == own or any(code in codes for codes in _MARKS.values())
    if not is_currency(code) or not (usual or mark[:3].isupper()):
        return [()]
    return [(code,)] + (_meanings(mark[3:], own) if mark[3:] else [])


def _signed(mark: str) -> tuple[str, ...]:
    """The currencies of a sign that is no code; () for what is none."""
    # Signs of small letters alone are words too ("all 5"): only those of the table are taken.
    if mark.isascii() and (mark.islower() or mark.isupper()):
        return ()
    return _babel_signs().get(mark.casefold(), ())


@cache
def _babel_signs() -> dict[str, tuple[str, ...]]:
    """Sign → currencies, as each country writes its own; the codes are left out."""
    from babel import Locale, UnknownLocaleError
    from babel.core import get_global

    found: dict[str, dict[str, None]] = {}
    for territory in get_global("territory_currencies"):
        likely = str(get_global("likely_subtags").get(f"und_{territory}", ""))
        try:
            symbols = Locale.parse(f"{likely.split('_')[0]}_{territory}").currency_symbols
        except (UnknownLocaleError, ValueError):
            continue
        for code, sign in symbols.items():
            plain = sign.strip("\u200e\u200f\u00a0 .").casefold()
            if plain and plain != code.casefold():
                found.setdefault(plain, {})[code] = None
    return {sign: tuple(codes) for sign, codes in found.items()}


def _plain_number(text: str) -> str:
    """Digits with at most one point: "1.234,56" and "1,234.56" give "1234.56"; "" for others."""
    if grouped := _GROUPED.fullmatch(text):
        commas, points, blanks = grouped.group(1, 2, 3)
        if commas:
            return commas.replace(",", "")
        if points:
            return points.replace(".", "").replace(",", ".")
        return blanks.replace(grouped.group(4), "").replace(",", ".")
    return text.replace(",", ".") if _PLAIN.fullmatch(text) else ""
