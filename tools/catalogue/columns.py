"""Which column of a shop's file means what."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from functools import lru_cache

from tools.errors import CatalogueError

USUAL_NAMES: dict[str, tuple[str, ...]] = {
    "id": (
        "id", "product_id", "sku", "handle", "asin", "parent_asin", "item_id", "code", "gtin",
        "artikelnummer", "produkt_id", "reference", "referencia", "codice", "codigo",
    ),
    "title": (
        "title", "name", "product_name", "product_title", "item_name",
        "titel", "produktname", "bezeichnung", "titre", "nom", "titulo", "nombre", "titolo", "nome",
        "naam", "productnaam",
    ),
    "category": (
        "category", "categories", "product_category", "product_type", "google_product_category",
        "type", "department", "kategorie", "categorie", "categoria",
    ),
    "description": (
        "description", "body", "body_html", "long_description", "details", "summary",
        "beschreibung", "descripcion", "descrizione", "descricao", "beschrijving", "omschrijving",
    ),
    "price": (
        "price", "sale_price", "regular_price", "variant_price", "amount", "list_price",
        "unit_price",
        "preis", "prix", "precio", "prezzo", "preco", "prijs",
    ),
    "currency": (
        "currency", "price_currency", "currency_code", "wahrung", "waehrung", "devise", "moneda",
        "moeda", "valuta",
    ),
    "color": (
        "color", "colour", "colors", "colours", "color_name", "farbe", "couleur", "colore", "cor",
        "kleur",
    ),
    "brand": (
        "brand", "vendor", "manufacturer", "store", "maker", "marke", "hersteller", "marque",
        "marca", "merk",
    ),
    "rating": (
        "rating", "average_rating", "stars", "review_rating", "bewertung", "valoracion",
        "valutazione", "avaliacao", "beoordeling",
    ),
    "rating_count": ("rating_count", "rating_number", "ratings", "review_count", "reviews"),
    "image": (
        "image", "image_path", "image_file", "picture", "photo", "images", "image_src", "img",
        "image_link", "image_url", "thumbnail", "filename", "bild", "bilder", "bild_url", "foto",
        "imagen", "imagem", "immagine", "afbeelding",
    ),
}  # fmt: skip
"""For each field of a product, the column names shops use for it, the likeliest first.

English, then German, French, Spanish, Italian, Portuguese and Dutch, without their accents.
"""

_PRICE = r"price|preis|prix|precio|prezzo|preco|prijs"
_LIKE: dict[str, tuple[str, str, str]] = {
    "image": (
        r"images?|img|pictures?|photos?|bild|foto|imagen|imagem|immagine|afbeelding",
        r"alt|position|count|width|height|id|text|label|title|caption",
        r"urls?|link|src|main|base|primary",
    ),
    "title": (
        r"title|name|product|item|article|produkt",
        r"ids?|number|no|code|sku|type|brand|category|categories|collection|option|attribute|vendor|"
        r"store|shop|company|seller|website|tags?|url|link|colou?r|file|weight|condition|"
        rf"description|reviews?|meta|seo|subtitle|alt|{_PRICE}",
        r"title|name",
    ),
    "id": (
        r"id|sku|number|no|code|reference|ref|handle|ean|upc",
        r"category|parent|brand|type|option|store|variation|collection|vendor|image|tax|color",
        r"sku|id",
    ),
    "price": (
        rf"{_PRICE}|cost",
        r"compare|old|was|special|shipping|per|wholesale|tax_class|min|max|range|original|before|id|"
        r"msrp|retail|type|rule",
        rf"{_PRICE}",
    ),
    "category": (
        r"category|categories|department|collection|kategorie",
        r"id|url|image|number",
        "",
    ),
    "description": (r"description|beschreibung", r"meta|seo|url", "product|long"),
    "brand": (r"brand|manufacturer|marke|marque|marca", r"id|url|logo|number", "name"),
    "color": (r"colou?r|farbe", r"code|hex|id|map|image", "name"),
}
"""For a field of no usual name: words of which its column's name has one, words it has not, and
words that speak for it."""

REQUIRED = ("title", "image")
_SHOWN = 20
_REMEMBERED = 1 << 14
"""Names of columns: they come again whenever a row of JSON brings another one."""


@lru_cache(_REMEMBERED)
def fold_name(name: str) -> str:
    """A column name for comparison: "Image Src" and "imageSrc" are "image_src"."""
    if not name.isascii():
        decomposed = unicodedata.normalize("NFKD", name)
        name = "".join(letter for letter in decomposed if not unicodedata.combining(letter))
    name = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name.strip())
    return re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")


def by_folded_name(columns: Iterable[str]) -> dict[str, str]:
    """Folded name → column, in their order; of columns whose names fold alike the first."""
    present: dict[str, str] = {}
    for column in columns:
        present.setdefault(fold_name(column), column)
    return present


def recognise(columns: Iterable[str], mapping: Mapping[str, str]) -> dict[str, str]:
    """For each field of a product, the column that holds it.

    `mapping` (field → column) wins over the usual names, and these over names like them, such as
    "Hosted Image URLs". Raises CatalogueError when a field or column of the mapping does not exist,
    or when no column can be the title or the picture.
    """
    columns = list(columns)
    present = by_folded_name(columns)
    check_mapping(mapping, columns)
    found = {field: present[fold_name(column)] for field, column in mapping.items()}
    for field, names in USUAL_NAMES.items():
        if field not in found:
            for name in names:
                if name in present and present[name] not in found.values():
                    found[field] = present[name]
                    break
    for field in _LIKE:
        if field not in found and (column := _like(field, present, found.values())):
            found[field] = column
    missing = [field for field in REQUIRED if field not in found]
    if missing:
        raise CatalogueError(
            f"No column for {' and '.join(missing)} was recognised among: "
            f"{shown(columns)}. "
            f"Name it with --map {missing[0]}=COLUMN."
        )
    return found


def _like(field: str, present: dict[str, str], taken: Iterable[str]) -> str | None:
    """The column whose name is the likest to a field's; of two alike the first."""
    has, has_not, better = _LIKE[field]
    names = [
        name
        for name, column in present.items()
        if column not in taken and _says(has, name) and not _says(has_not, name)
    ]
    return present[max(names, key=lambda name: _says(better, name))] if names else None


@lru_cache(_REMEMBERED)
def _says(words: str, name: str) -> int:
    """How often a folded name has one of these words, each whole."""
    return len(re.findall(rf"(?<![a-z0-9])(?:{words})(?![a-z])", name)) if words else 0


def other_prices(columns: Iterable[str], names: Mapping[str, str]) -> list[str]:
    """Columns of usual names to look for a price in where its own is empty."""
    usual, present = USUAL_NAMES["price"], by_folded_name(columns)
    if fold_name(names.get("price", "")) not in usual:
        return []
    return [present[name] for name in usual if name in present and present[name] != names["price"]]


def check_mapping(mapping: Mapping[str, str], columns: Iterable[str]) -> None:
    """Raises CatalogueError for a field or column of the mapping that does not exist."""
    present = by_folded_name(columns) if mapping else {}
    for field, column in mapping.items():
        if field not in USUAL_NAMES:
            raise CatalogueError(
                f"There is no field {field!r} to map a column to. "
                f"The fields are: {', '.join(USUAL_NAMES)}."
            )
        if fold_name(column) not in present:
            raise CatalogueError(
                f"The file has no column {column!r}, which {field!r} is mapped to. "
                f"Its columns are: {shown(present.values())}."
            )


def shown(columns: Iterable[str]) -> str:
    """Column names for a sentence; a file of another kind may have any number of anything."""
    names = [n if n.isprintable() else repr(n) for n in columns if n.strip()]
    short = [name if len(name) <= 60 else name[:59] + "…" for name in names[:_SHOWN]]
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(short) + more or "columns without a name"
