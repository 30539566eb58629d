"""Products from a shop's file. What cannot be used is set aside and named, never guessed at.

Not covered yet: several pictures a product, pictures by URL or inside archives.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path

from tools.catalogue.columns import recognise
from tools.catalogue.rows import Row, read_rows
from tools.errors import CatalogueError
from tools.money import parse_price
from tools.product import Product

MAX_TITLE = 1_000
MAX_DESCRIPTION = 20_000
MAX_NAME = 200
MAX_ID_BYTES = 512
_LOOK_AHEAD = 100


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
    title = clean_text(fields.get("title"))[:MAX_TITLE]
    image = _first(fields.get("image"))
    if not title:
        return SetAside(row.line, "title", "no title", "Give the product a title.")
    if not image:
        return SetAside(row.line, "image", "no picture", "Name the product's picture.")
    place = Path(image).expanduser()
    place = (place if place.is_absolute() else folder / place).resolve()
    if not place.is_file():
        return SetAside(row.line, "image", f"no file {image!r}", "Check the picture's path.")
    identity = clean_text(fields.get("id")) or image
    if len(identity.encode()) > MAX_ID_BYTES:
        return SetAside(row.line, "id", "the id is too long", f"Use up to {MAX_ID_BYTES} bytes.")
    currency = clean_text(fields.get("currency")).upper() or currency
    if not re.fullmatch(r"[A-Z]{3}", currency):
        notes.append(_unused(row.line, "currency", currency, "Use a code such as USD."))
        currency = "USD"
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


def clean_text(value: object) -> str:
    """Plain text of a cell: tags and entities resolved, control characters and runs of blanks out.

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
    return re.sub(r"[\s\x00-\x1f\x7f]+", " ", text).strip()


def category_path(value: object) -> tuple[str, ...]:
    """Levels from the root: "Kitchen > Air Fryers" or a list of levels."""
    levels = value if isinstance(value, list | tuple) else str(value or "").split(">")
    return tuple(text[:MAX_NAME] for level in levels if (text := clean_text(level)))


def _first(value: object) -> str:
    if isinstance(value, list | tuple):
        value = value[0] if value else ""
    return "" if value is None else str(value).strip()


def _price(
    value: object, currency: str, line: int, notes: list[SetAside]
) -> tuple[int | None, str]:
    text = clean_text(value)
    if text.lower() in {"", "null", "nan", "n/a", "-", "—"}:
        return None, currency
    try:
        return parse_price(text, currency)
    except ValueError:
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
    shown = text if len(text) <= 60 else text[:59] + "…"
    return SetAside(line, field, f"{shown!r} cannot be used", todo, used=True)
