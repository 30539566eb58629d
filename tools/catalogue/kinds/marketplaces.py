"""Files of listings of Etsy and eBay."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import product

from tools.catalogue.grouping import ATTRIBUTES, VARIANTS, Member, Options, VariantCells
from tools.catalogue.kinds.csv_kind import csv_kind
from tools.catalogue.kinds.kind import first_cell, folded, taken, with_usual
from tools.catalogue.rows import Row

_MOST = 200
_ETSY = {
    "id": ("listing_id", "sku", "title"),
    "title": ("title",),
    "description": ("description",),
    "price": ("price",),
    "currency": ("currency_code",),
    "quantity": ("quantity",),
    "availability": ("quantity",),
    "tags": ("tags",),
    "material": ("materials",),
    "image": ("image1",),
    "codes": ("sku",),
    "variants": ("variation_1_type", "variation_1_values"),
}


def _etsy_members(rows: Iterable[Row]) -> Iterator[Member]:
    for row in rows:
        texts = folded(row.values)
        cells = taken(texts, _ETSY)
        cells.pop("variants", None)
        codes = [code.strip() for code in texts.get("sku", "").split(",") if code.strip()]
        cells["id"] = texts.get("listing_id") or (codes[0] if codes else texts.get("title"))
        cells["codes"] = codes
        cells["tags"] = texts.get("tags", "").replace("_", " ")
        cells["material"] = texts.get("materials", "").replace(",", ", ").replace("_", " ")
        pictures = [texts.get(f"image{n}") or texts.get(f"image_{n}", "") for n in range(1, 21)]
        cells["image"] = [each for each in pictures if each]
        chosen = list(_chosen(texts))
        if chosen:
            told = codes if len(codes) == len(chosen) else [""] * len(chosen)
            cells[VARIANTS] = [
                VariantCells({"codes": [code] if code else []}, options)
                for code, options in zip(told, chosen, strict=True)
            ]
        yield Member(row, with_usual(cells, texts))


def _chosen(texts: Mapping[str, str]) -> Iterator[Options]:
    """The variations that a listing offers, each with each."""
    axes = []
    for number in (1, 2, 3):
        name = first_cell(texts, f"variation_{number}_name", f"variation_{number}_type")
        values = [v.strip() for v in texts.get(f"variation_{number}_values", "").split(",")]
        if name and any(values):
            axes.append([(name.capitalize(), value) for value in values if value])
    for count, options in enumerate(product(*axes) if axes else ()):
        if count == _MOST:
            return
        yield tuple(options)


_EBAY = {
    "id": ("item_number", "custom_label", "custom_label_sku", "item_id"),
    "title": ("title",),
    "description": ("description",),
    "price": ("start_price", "current_price", "buy_it_now_price", "price"),
    "quantity": ("quantity", "available_quantity"),
    "availability": ("quantity", "available_quantity"),
    "condition": ("condition", "condition_id"),
    "category": ("category_name", "ebay_category_1_name"),
    "image": ("pic_url", "picurl", "item_photo_url"),
    "codes": ("custom_label", "custom_label_sku", "p_upc", "p_ean", "p_isbn", "p_epid"),
    "variants": ("relationship", "relationship_details", "variation_details"),
}
_CONDITIONS = {
    "1000": "New", "1500": "New other", "1750": "New with defects", "2000": "Refurbished",
    "2500": "Refurbished", "2750": "Like new", "3000": "Used", "4000": "Very good", "5000": "Good",
    "6000": "Acceptable", "7000": "For parts",
}  # fmt: skip


def _ebay_marks(columns: set[str]) -> bool:
    return bool(
        {"relationship", "relationship_details"} <= columns
        or {"item_number", "title", "start_price"} <= columns
        or {"item_number", "title", "variation_details"} <= columns
        or ({"start_price", "title"} <= columns
            and any(name.startswith("action") for name in columns))
    )  # fmt: skip


def _ebay_members(rows: Iterable[Row]) -> Iterator[Member]:
    key, number = "", 0
    for row in rows:
        texts = folded(row.values)
        cells = _ebay_cells(texts, row)
        details = first_cell(texts, "relationship_details", "variation_details")
        if key and (texts.get("relationship", "").lower() == "variation"
                    or (not texts.get("title") and details)):  # fmt: skip
            own = {n: cells.get(n) for n in ("price", "quantity", "availability", "codes", "image")}
            own["id"] = first_cell(texts, "custom_label", "custom_label_sku")
            options = _details(details)
            yield Member(row, own, key, parent=False, variant=True, options=options)
        else:
            number += 1
            key = f"{number}"
            yield Member(row, cells, key)


def _ebay_cells(texts: Mapping[str, str], row: Row) -> dict[str, object]:
    cells = taken(texts, _EBAY)
    cells.pop("variants", None)
    cells["codes"] = [texts[name] for name in _EBAY["codes"] if texts.get(name)]
    condition = texts.get("condition_id") or texts.get("condition", "")
    cells["condition"] = _CONDITIONS.get(condition, condition)
    pairs = [(c.partition(":")[2].strip(), v) for c, v in row.values.items()
             if re.match(r"\*?C:", c) and v]  # fmt: skip
    cells[ATTRIBUTES] = pairs
    picture = re.sub(r"^[^=]*=(?=http)", "", first_cell(texts, *_EBAY["image"]))
    cells["image"] = picture.split("|") if "|" in picture else picture
    return with_usual(cells, texts)


def _details(text: str) -> Options:
    """ "Color=Red|Size=M", or "[Color=Red,Size=M]" of a report of listings."""
    parts = (part.partition("=") for part in re.split(r"[|;,]", text.strip("[] ")))
    return tuple((name.strip(), value.strip()) for name, mark, value in parts if mark and value)


ETSY = csv_kind(
    "Etsy's file of listings",
    lambda c: {"title", "currency_code"} <= c and bool(c & {"image1", "image_1"}),
    _etsy_members,
    _ETSY,
)
EBAY = csv_kind("eBay's file of listings", _ebay_marks, _ebay_members, _EBAY)
