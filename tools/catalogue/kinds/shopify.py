"""Shopify's export of products: a row a variant or picture, the product's facts on its first.

Shopify also serves products as JSON: an object a product, with lists of variants and pictures.
Each is read as the rows that the export would have.

A card shows what the product's page opens with: the first variant's price and color. The others
go into the description, so that words find them. Both spellings of the header are known.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from tools.catalogue.columns import check_mapping, fold_name
from tools.catalogue.kinds.kind import Kind, mapped, with_usual
from tools.catalogue.rows import Row, first_columns, first_objects, is_json, read_rows
from tools.catalogue.source import Source

_HANDLES = ("handle", "url_handle")
_MARKS = frozenset({"option1_name", "variant_price", "variant_sku", "image_src", "body_html"})
_UNSOLD = frozenset({"draft", "archived", "unlisted"})


def _fits(source: Source) -> bool:
    if source.is_folder:
        return False
    if is_json(source):
        return any(
            {"title", "handle", "variants"} <= values.keys()
            and isinstance(values["variants"], list)
            for values in first_objects(source)
        )
    columns = set(map(fold_name, first_columns(source)))
    return bool(columns & set(_HANDLES) and columns & _MARKS and "title" in columns)


def _rows(source: Source, mapping: Mapping[str, str]) -> Iterator[Row]:
    if is_json(source):
        yield from _json_rows(source, mapping)
        return
    check_mapping(mapping, first_columns(source))
    product: list[tuple[Row, dict[str, str]]] = []
    for row in read_rows(source):
        if row.problem:
            yield row
            continue
        texts = {fold_name(name): str(cell or "").strip() for name, cell in row.values.items()}
        if product and _handle(texts) != _handle(product[0][1]):
            yield _whole(product, mapping)
            product = []
        product.append((row, texts))
    if product:
        yield _whole(product, mapping)


def _json_rows(source: Source, mapping: Mapping[str, str]) -> Iterator[Row]:
    check_mapping(mapping, {name for values in first_objects(source) for name in values})
    for row in read_rows(source):
        if row.problem:
            yield row
        else:
            yield _whole([(row, texts) for texts in _as_export(row.values)], mapping)


def _as_export(values: Mapping[str, object]) -> list[dict[str, str]]:
    """A product as rows of the export: its facts on the first, a variant and picture on each."""
    variants, options = _objects(values.get("variants")), _objects(values.get("options"))
    images = _objects(values.get("images")) or _objects([values.get("image")])
    rows: list[dict[str, str]] = [{} for _ in range(max(len(variants), len(images), 1))]
    for name in ("handle", "title", "body_html", "vendor", "status"):
        rows[0][name] = _text(values.get(name))
    rows[0]["type"] = _text(values.get("product_type"))
    if "published_at" in values:
        rows[0]["published"] = "true" if values["published_at"] else "false"
    for number, option in enumerate(options, start=1):
        rows[0][f"option{number}_name"] = _text(option.get("name"))
    for row, variant in zip(rows, variants, strict=False):
        row["variant_price"] = _text(variant.get("price"))
        row |= {f"option{n}_value": _text(variant.get(f"option{n}")) for n in (1, 2, 3)}
    for row, image in zip(rows, images, strict=False):
        row["image_src"] = _text(image.get("src"))
        row["image_position"] = _text(image.get("position"))
    return rows


def _objects(value: object) -> list[dict[str, object]]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def _text(value: object) -> str:
    return str(value).strip() if isinstance(value, str | int | float) else ""


def _handle(texts: Mapping[str, str]) -> str:
    return next((texts[name] for name in _HANDLES if texts.get(name)), "")


def _whole(product: list[tuple[Row, dict[str, str]]], mapping: Mapping[str, str]) -> Row:
    row, main = product[0]
    rows = [texts for _, texts in product]
    status = main.get("status", "").lower()
    shown = main.get("published") or main.get("published_on_online_store") or "true"
    if status in _UNSOLD or shown.lower() in {"false", "0", "no"}:
        word = status if status in _UNSOLD else "not published"
        reason = f"{_handle(main)[:60]!r} is {word} in the shop"
        return Row(row.line, {}, reason, "status", "Publish it there to show it here.")
    options = _options(rows)
    colors = next((v for name, v in options.items() if fold_name(name) in ("color", "colour")), [])
    # "Title" is what Shopify calls the option of a product without any.
    said = [f"{name}: {', '.join(values)}." for name, values in options.items() if name != "Title"]
    fields: dict[str, object] = {
        "id": _handle(main),
        "title": main.get("title"),
        "category": main.get("product_category") or main.get("type"),
        "description": [main.get("body_html") or main.get("description") or "", *said],
        "price": _first(rows, "variant_price", "price"),
        "color": colors[0] if colors else "",
        "brand": main.get("vendor"),
        "image": _pictures(rows),
    }
    fields = with_usual(fields, {fold_name(name): cell for name, cell in row.values.items()})
    mended = next((each.mended for each, _ in product if each.mended), "")
    return replace(row, values=mapped(row.values, fields, mapping), mended=mended)


def _options(rows: list[dict[str, str]]) -> dict[str, list[str]]:
    """The values of each option, in the order of the variants."""
    found: dict[str, dict[str, None]] = {}
    names = {n: rows[0].get(f"option{n}_name", "") for n in (1, 2, 3)}
    for row in rows:
        for n, name in names.items():
            if name and row.get(f"option{n}_value"):
                found.setdefault(name, {})[row[f"option{n}_value"]] = None
    return {name: list(values) for name, values in found.items()}


def _first(rows: list[dict[str, str]], *names: str) -> str:
    return next((row[name] for row in rows for name in names if row.get(name)), "")


def _pictures(rows: list[dict[str, str]]) -> list[str]:
    placed = []
    for number, row in enumerate(rows):
        if address := row.get("image_src") or row.get("product_image_url"):
            position = row.get("image_position", "")
            place = int(position) if position.isdecimal() and len(position) < 6 else number + 1
            placed.append((place, address))
    of_variants = [row.get("variant_image") or row.get("variant_image_url") or "" for row in rows]
    addresses = [address for _, address in sorted(placed, key=lambda pair: pair[0])]
    return list(dict.fromkeys(filter(None, [*addresses, *of_variants])))


SHOPIFY = Kind("Shopify's export of products", _fits, _rows)
