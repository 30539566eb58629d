"""What is paid now and what was paid before, from the cells that shops state prices in.

A sale counts only inside its window, and only where it is lower than the regular price. A price of
0 is a placeholder and no price.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation

from tools.catalogue.cells import SetAside, clean_text, first_of, read_price, unused
from tools.money import minor_digits, to_decimal

SALE_CELLS = ("sale_price", "sale_starts", "sale_ends", "sale_window")
"""Cells of a row beside `price` and `was`: a price that holds in its window alone; the window's
two ends, or both in one cell, parted by "/"."""
MINOR_UNITS = "minor_units"
"""A true cell of this name: all prices of the row are in minor units already."""
_EMPTY = {"", "null", "nan", "n/a", "none", "-", "—", "0000-00-00", "0000-00-00 00:00:00"}
_PLAIN = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})|(\d{1,2})([./])(\d{1,2})\5(\d{4}|\d{2})\b")


@dataclass(frozen=True, slots=True)
class Prices:
    """Prices in minor units; None for what is not stated."""

    now: int | None = None
    was: int | None = None
    """Strictly higher than `now`."""
    until: str = ""
    """When the sale ends, ISO 8601 in UTC; "" where there is no end."""
    currency: str = ""


@dataclass(frozen=True, slots=True)
class _Window:
    begun: bool
    ended: bool
    until: str


def read_prices(
    cells: Mapping[str, object], currency: str, line: int, notes: list[SetAside], now: datetime
) -> Prices:
    """The prices of a row or variant; `currency` is that of prices that name none."""
    minor = bool(cells.get(MINOR_UNITS))
    regular, own = _amount(cells.get("price"), currency, line, notes, minor=minor)
    sale, sale_in = _amount(cells.get("sale_price"), own, line, notes, minor=minor)
    was, was_in = _amount(cells.get("was"), own, line, notes, minor=minor)
    window = _window(cells, line, notes, now)
    holds = window.begun and not window.ended
    if regular is None and sale is not None and holds and not window.until:
        regular, own, sale = sale, sale_in, None
    price, before = regular, None
    if sale is not None and holds and regular is not None and sale_in == own and sale < regular:
        price, before = sale, regular
    elif price is not None and was is not None and was > price and was_in == own and holds:
        before = was
    return Prices(price, before, window.until if before is not None else "", own)


def _amount(
    value: object, currency: str, line: int, notes: list[SetAside], *, minor: bool
) -> tuple[int | None, str]:
    """A price above 0; None for a cell without one."""
    if minor and (amount := _whole(value)) is not None:
        return amount or None, currency
    found, named = read_price(value, currency, line, notes)
    return found or None, named if found else currency


def _whole(value: object) -> int | None:
    text = clean_text(value)
    return int(text) if text.isdecimal() and len(text) < 16 else None


def _window(
    cells: Mapping[str, object], line: int, notes: list[SetAside], now: datetime
) -> _Window:
    """Whether a sale holds. One with an end that cannot be read does not."""
    starts, ends = cells.get("sale_starts"), cells.get("sale_ends")
    both = clean_text(first_of(cells.get("sale_window")))
    if both:
        first, mark, second = both.partition("/")
        if not mark:
            found = re.split(r"\s*,\s*|\s+(?=\d{4}-)", both, maxsplit=1)
            first, second = found[0], found[-1] if len(found) > 1 else ""
        starts, ends = first or starts, second or ends
    begins, begin_wrong = _moment(starts, end=False)
    until, end_wrong = _moment(ends, end=True)
    for text, wrong in ((starts, begin_wrong), (ends, end_wrong)):
        if wrong:
            todo = "Write the dates of the sale as 2026-01-31."
            notes.append(unused(line, "sale_price", clean_text(text), todo))
    return _Window(
        begun=not begin_wrong and (begins is None or begins <= now),
        ended=end_wrong or (until is not None and until < now),
        until=until.astimezone(UTC).isoformat(timespec="seconds") if until else "",
    )


def _moment(value: object, *, end: bool) -> tuple[datetime | None, bool]:
    """A moment and whether there is one that cannot be read. A date that ends is its whole day."""
    text = clean_text(first_of(value))
    if text.lower() in _EMPTY:
        return None, False
    try:
        moment = datetime.fromisoformat(re.sub(r"(\d)\s+([+-]\d{2}:?\d{2})$", r"\1\2", text))
        whole_day = bool(re.fullmatch(r"\d{4}-?\d{2}-?\d{2}", text))
    except ValueError:
        found = _PLAIN.match(text)
        if found is None:
            return None, True
        try:
            moment, whole_day = _by_parts(found), True
        except ValueError:
            return None, True
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    try:
        return moment + timedelta(days=1) if end and whole_day else moment, False
    except OverflowError:
        return None, False


def _by_parts(found: re.Match[str]) -> datetime:
    """2026-1-31, 31.1.2026 and 1/31/2026; of two readings with "/" the American one."""
    if found[1]:
        return datetime(int(found[1]), int(found[2]), int(found[3]), tzinfo=UTC)
    first, second, year = int(found[4]), int(found[6]), int(found[7])
    day, month = (first, second) if found[5] == "." or first > 12 else (second, first)
    return datetime(year + 2000 if year < 100 else year, month, day, tzinfo=UTC)


def added(base: object, surcharge: object) -> str:
    """A price with what a variant costs more (or less), as text; "" without a price.

    Both are plain numbers in major units, as exports write them.
    """
    price, more = _decimal(base), _decimal(surcharge)
    if price is None:
        return "" if more is None else str(more)
    return str(max(price + (more or 0), Decimal(0)))


def reduced(price: object, mode: str, value: object) -> str:
    """A price less what the shop takes off: "percent" or an amount; "" without a discount."""
    base, off = _decimal(price), _decimal(value)
    if not base or not off or off < 0:
        return ""
    less = base * (1 - off / 100) if mode.lower().startswith("percent") else base - off
    return str(less.quantize(Decimal("0.01"))) if less > 0 else ""


def _decimal(value: object) -> Decimal | None:
    text = clean_text(value).replace(",", ".")
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def unit_price(price: int | None, currency: str, measure: object, base: object) -> str:
    """Google's two attributes as one sentence: "€4.00 per 100 ml"; "" where they do not fit.

    `measure` is what the price is for ("750 ml"), `base` what it is told for ("100 ml").
    """
    from tools.money import format_price

    found, told = (_MEASURE.fullmatch(clean_text(each)) for each in (measure, base))
    if price is None or found is None:
        return ""
    unit = found[2].lower()
    amount, per = Decimal(found[1]), Decimal(told[1]) if told else Decimal(1)
    if not amount or not per or (told is not None and told[2].lower() != unit):
        return ""
    major = to_decimal(price, currency) * per / amount
    minor = int((major.scaleb(minor_digits(currency))).to_integral_value())
    return f"{format_price(minor, currency)} per {f'{told[1]} ' if told else ''}{unit}"


_MEASURE = re.compile(r"(\d{1,9}(?:\.\d{1,9})?)\s*([A-Za-z]{1,10})")
