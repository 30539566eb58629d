"""Products from a shop's file. What cannot be used is set aside and named, never guessed at.

Not covered yet: several pictures a product, pictures by URL or inside archives.
"""

from __future__ import annotations

import html
import math
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path

from tools.catalogue.columns import recognise
from tools.catalogue.rows import Row, read_rows
from tools.errors import CatalogueError
from tools.money import is_currency, parse_price
from tools.product import Product

MAX_TITLE = 1_000
MAX_DESCRIPTION = 20_000
MAX_NAME = 200
MAX_ID_BYTES = 512
MAX_LEVELS = 16
_LOOK_AHEAD = 100
_DEEPEST = 3
_UNKEEPABLE = re.compile(r"""[\x00-\x1f"\\\x7f-\x9f\ud800-\udfff]""")
"""Never in an id: pymilvus' iterator writes the last id of a page into an expression as it is,
and half characters cannot be encoded. Left out, they would make two products one."""
_BIDI = re.compile("[\u202a-\u202e\u2066-\u2069]")
"""Characters that turn the direction of writing: a title could show as other words than it has."""


@dataclass(frozen=True, slots=True)
class SetAside:
    """What could not be used: a whole row (`used` False), or one field of a row that was."""

    line: int
    field: str
    reason: str
    todo: str
    used: bool = False


@dataclass(frozen=True, slots=True)
class Numbered:
    """A product and the line of the file it came from."""

    line: int
    product: Product


def read_products(
    path: Path, *, mapping: Mapping[str, str] | None = None, currency: str = "USD"
) -> Iterator[Numbered | SetAside]:
    """Products in file order, with what had to be set aside in between.

    `mapping` names columns for fields (field → column); `currency` holds where the file names
    none. Of two rows with one id the first counts. Raises CatalogueError for a file that cannot
    be read at all.
    """
    rows = read_rows(path)
    first = list(islice(rows, _LOOK_AHEAD))
    if not first:
        raise CatalogueError(f"{path} has no products in it. Export the catalogue again.")
    # JSONL rows may leave fields out, so the columns are those of all rows seen so far.
    columns = dict.fromkeys(name for row in first for name in row.values)
    if not columns:
        raise CatalogueError(
            f"None of the first lines of {path} can be read (line {first[0].line}: "
            f"{first[0].problem}). Export the catalogue again."
        )
    names = recognise(columns, mapping or {})
    seen: dict[str, int] = {}
    for row in chain(first, rows):
        if row.problem:
            yield SetAside(row.line, "row", row.problem, "Mend the line in the file.")
            continue
        if not row.values.keys() <= columns.keys():
            columns |= dict.fromkeys(row.values)
            names = recognise(columns, mapping or {})
        fields = {field: row.values.get(column) for field, column in names.items()}
        notes: list[SetAside] = []
        product = _product(fields, row, path.parent, currency, notes)
        if isinstance(product, SetAside):
            yield product
            continue
        if product.id in seen:
            yield SetAside(
                row.line,
                "id",
                f"the id {product.id!r} stands on line {seen[product.id]} too",
                "Give each product an id of its own.",
            )
            continue
        seen[product.id] = row.line
        yield from notes
        yield Numbered(row.line, product)


def _product(
    fields: Mapping[str, object], row: Row, folder: Path, currency: str, notes: list[SetAside]
) -> Product | SetAside:
    fields = _without_odd(fields, row.line, notes)
    title = clean_text(fields.get("title"))[:MAX_TITLE]
    image = _first(fields.get("image"))
    if not title:
        return SetAside(row.line, "title", "no title", "Give the product a title.")
    if not image:
        return SetAside(row.line, "image", "no picture", "Name the product's picture.")
    place = _picture_file(image, folder)
    if isinstance(place, str):
        return SetAside(row.line, "image", place, "Check the picture's path.")
    identity = _identity(fields.get("id")) or image
    if _UNKEEPABLE.search(identity):
        reason = f"the id {_short(identity)} holds a quote, a backslash or a control"
        return SetAside(row.line, "id", reason, "Write it without these, on one line.")
    if len(identity.encode()) > MAX_ID_BYTES:
        return SetAside(row.line, "id", "the id is too long", f"Use up to {MAX_ID_BYTES} bytes.")
    named = clean_text(fields.get("currency")).upper()
    if named and not is_currency(named):
        notes.append(_unused(row.line, "currency", named, "Use a code such as USD."))
    elif named:
        currency = named
    price, currency = _price(fields.get("price"), currency, row.line, notes)
    rating = _number(fields.get("rating"), "rating", 0, 5, row.line, notes)
    count = _number(fields.get("rating_count"), "rating_count", 0, 1e12, row.line, notes)
    return Product(
        id=identity,
        title=title,
        category=category_path(fields.get("category")),
        description=clean_text(fields.get("description"))[:MAX_DESCRIPTION],
        price_minor=price,
        currency=currency,
        color=clean_text(_first(fields.get("color")))[:MAX_NAME],
        brand=clean_text(fields.get("brand"))[:MAX_NAME],
        rating=rating,
        rating_count=None if count is None else int(count),
        image=str(place),
    )


def _without_odd(
    fields: Mapping[str, object], line: int, notes: list[SetAside]
) -> dict[str, object]:
    """The fields whose values are texts, numbers, or lists of these; the others are noted."""
    kept: dict[str, object] = {}
    for field, value in fields.items():
        if not _is_odd(value):
            kept[field] = value
        elif field not in {"title", "image"} and not (field in _NUMBERS and _is_nan(value)):
            kind = "not a number" if _is_nan(value) else f"a {type(value).__name__}"
            reason = f"{kind} where a text or number belongs"
            notes.append(SetAside(line, field, reason, "Write it as plain text.", used=True))
    return kept


_NUMBERS = frozenset({"price", "rating", "rating_count"})
"""Fields where exports write NaN for what is not known."""


def _is_odd(value: object, depth: int = 0) -> bool:
    if isinstance(value, list | tuple):
        return depth >= _DEEPEST or any(_is_odd(item, depth + 1) for item in value)
    return isinstance(value, dict | bool) or _is_nan(value)


def _is_nan(value: object) -> bool:
    return isinstance(value, float) and not math.isfinite(value)


def _identity(value: object) -> str:
    """An id as it is written: what looks alike to a reader may still be two products."""
    if value is None or value == "None" or value == []:
        return ""
    return str(value[0] if isinstance(value, list) else value).replace("\0", "").strip()


def _picture_file(image: str, folder: Path) -> Path | str:
    """Where the picture is, or why there is none."""
    try:
        place = Path(image).expanduser()
        place = (place if place.is_absolute() else folder / place).resolve()
        str(place).encode()  # what cannot be written down cannot be kept
        return place if place.is_file() else f"no file {_short(image)}"
    # Too long, NULs, half characters, a loop of links, a home of nobody, a closed folder.
    except (OSError, ValueError, RuntimeError) as error:
        reason = getattr(error, "strerror", None) or "no path that a file can have"
        return f"{_short(image)} cannot be used ({reason})"


def clean_text(value: object) -> str:
    """Plain text of a cell: tags and entities resolved, controls and runs of blanks out.

    Lists are joined by blanks; None and the word "None" (which exports write for it) are "".
    """
    if value is None or value == "None":
        return ""
    if isinstance(value, list | tuple):
        return " ".join(filter(None, map(clean_text, value)))
    text = str(value)
    if "<" in text:
        text = re.sub(r"<[A-Za-z/!][^<>]*>", " ", text)
    text = html.unescape(text)
    # Lone surrogates come from broken exports and cannot be encoded again.
    text = text.encode("utf-8", "ignore").decode("utf-8")
    return re.sub(r"[\s\x00-\x1f\x7f-\x9f]+", " ", _BIDI.sub("", text)).strip()


def category_path(value: object) -> tuple[str, ...]:
    """Levels from the root: "Kitchen > Air Fryers" or a list of levels."""
    levels = value if isinstance(value, list | tuple) else str(value or "").split(">")
    return tuple(text[:MAX_NAME] for level in levels if (text := clean_text(level)))[:MAX_LEVELS]


def _first(value: object) -> str:
    while isinstance(value, list | tuple):
        value = value[0] if value else ""
    return "" if value is None else str(value).strip()


def _price(
    value: object, currency: str, line: int, notes: list[SetAside]
) -> tuple[int | None, str]:
    text = clean_text(value)
    if text.lower() in {"", "null", "nan", "n/a", "-", "—"}:
        return None, currency
    if not isinstance(value, list):
        with suppress(ValueError):
            return parse_price(text, currency)
    notes.append(_unused(line, "price", text, "Write one number, such as 19.99."))
    return None, currency


def _number(
    value: object, field: str, low: float, high: float, line: int, notes: list[SetAside]
) -> float | None:
    text = clean_text(value)
    if text.lower() in {"", "null", "nan", "n/a"}:
        return None
    try:
        number = float(text.replace(",", "") if field == "rating_count" else text)
    except ValueError:
        number = -1.0
    if low <= number <= high:
        return number
    notes.append(_unused(line, field, text, f"Write a number from {low:g} to {high:g}."))
    return None


def _unused(line: int, field: str, text: str, todo: str) -> SetAside:
    return SetAside(line, field, f"{_short(text)} cannot be used", todo, used=True)


def _short(text: str) -> str:
    return repr(text if len(text) <= 60 else text[:59] + "…")
