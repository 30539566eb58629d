"""The table of a product's facts: how each is read from a file, stored, searched and shown.

A new fact is a field of `Product` and an entry in `FACTS`; a file in which it has a form of its
own needs a line in the reader of that kind (`tools.catalogue.kinds`). Not covered: a filter on a
fact, which takes a field of `Filters` and an expression in `tools.index.filters`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import MISSING, dataclass, fields
from enum import Flag, auto
from functools import cache
from typing import Any

from tools.catalogue.fact_types import (
    AVAILABILITY,
    CODE,
    CODES,
    COUNT,
    CURRENCY,
    FIRST_NAME,
    LEVELS,
    LINK,
    MOMENT,
    NAME,
    NAMES,
    PAIRS,
    PATH,
    PICTURE,
    PICTURES,
    PRICE,
    QUANTITY,
    RATING,
    TEXT,
    TITLE,
    VARIANTS,
    FactType,
)
from tools.money import format_price, to_decimal
from tools.product import Product


class In(Flag):
    """Where a fact goes besides the index."""

    NOTHING = 0
    JSON = auto()
    """`--json` of the command line."""
    CSV = auto()
    """The shortlist as a spreadsheet."""
    CARD = auto()
    """The list of facts in the larger view of a card."""
    TABLE = auto()
    """The comparison, and the details of one product."""
    MODEL = auto()
    """What chat models are told of each product shown, where the shop states it."""
    TEXT = auto()
    """What full text searches and the text vector is made from."""
    STATED = auto()
    """As TABLE, but left out for products of which the shop does not state it."""
    TERMS = auto()
    """What full text searches, without the text vector: codes."""


@dataclass(frozen=True, slots=True)
class Like:
    """Tells a column that has none of the usual names. All are regular expressions."""

    words: str
    """Its name has one of these words."""
    but_not: str
    better: str = ""
    """Of several such columns, the one with most of these words is taken."""


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact."""

    name: str
    """In files (`--map NAME=COLUMN`), in JSON, and as the name of a column in a CSV."""
    label: str
    """For a person."""
    type: FactType
    goes: In
    columns: tuple[str, ...] = ()
    """The usual names of its column in shops' files, the likeliest first, as
    `tools.catalogue.columns.fold_name` gives them. () for what no column is."""
    like: Like | None = None
    own_column: bool = False
    """Whether Milvus has a column for it: what is filtered or sorted by, and long texts. All other
    facts share one column, as JSON; a server takes 64 KB there."""
    field: str = ""
    """Of Product, where that is not the name."""
    show: Callable[[Product], str] | None = None
    """For a person; None for what the type shows of the value alone."""
    json: Callable[[Product], object] | None = None
    """None for the value's text or number."""
    cell: Callable[[Product], str] | None = None
    """In a CSV; None for the same as for a person."""

    @property
    def attribute(self) -> str:
        """The field of Product."""
        return self.field or self.name

    def of(self, product: Product) -> Any:
        """The value."""
        return getattr(product, self.attribute)

    def shown(self, product: Product) -> str:
        """The value for a person; "" where the shop does not state it."""
        return self.show(product) if self.show else self.type.show(self.of(product))


def major(minor: int | None, currency: str) -> float | None:
    """Minor units as a number in major units, exact for every price below 10¹³."""
    return None if minor is None else float(to_decimal(minor, currency))


def _price(product: Product) -> str:
    minor = product.price_minor
    return "" if minor is None else format_price(minor, product.currency)


def _price_cell(product: Product) -> str:
    minor = product.price_minor
    return "" if minor is None else str(to_decimal(minor, product.currency))


def _rating(product: Product) -> str:
    count = f" ({product.rating_count:,} ratings)" if product.rating_count else ""
    return "" if product.rating is None else f"{product.rating:.1f}{count}"


def _was(product: Product) -> str:
    return "" if product.was is None else format_price(product.was, product.currency)


_NAMED = In.CSV | In.CARD | In.STATED | In.MODEL | In.TEXT
"""Where a fact goes that is one of few words."""
_PRICE_WORDS = r"price|preis|prix|precio|prezzo|preco|prijs"

FACTS: tuple[Fact, ...] = (
    Fact(
        "id", "Number in the shop", CODE, In.JSON | In.CSV,
        columns=(
            "id", "product_id", "sku", "handle", "asin", "parent_asin", "item_id", "code", "gtin",
            "artikelnummer", "produkt_id", "reference", "referencia", "codice", "codigo",
        ),
        like=Like(
            r"id|sku|number|no|code|reference|ref|handle|ean|upc",
            r"category|parent|brand|type|option|store|variation|collection|vendor|image|tax|color",
            r"sku|id",
        ),
        own_column=True,
    ),
    Fact(
        "title", "Title", TITLE, In.JSON | In.CSV | In.TABLE | In.TEXT,
        columns=(
            "title", "name", "product_name", "product_title", "item_name", "titel", "produktname",
            "bezeichnung", "titre", "nom", "titulo", "nombre", "titolo", "nome", "naam",
            "productnaam",
        ),
        like=Like(
            r"title|name|product|item|article|produkt",
            r"ids?|number|no|code|sku|type|brand|category|categories|collection|option|attribute|"
            r"vendor|store|shop|company|seller|website|tags?|url|link|colou?r|file|weight|"
            rf"condition|description|reviews?|meta|seo|subtitle|alt|{_PRICE_WORDS}",
            r"title|name",
        ),
        own_column=True,
    ),
    Fact(
        "price", "Price", PRICE, In.JSON | In.CSV | In.TABLE,
        columns=(
            "price", "sale_price", "regular_price", "variant_price", "amount", "list_price",
            "unit_price", "preis", "prix", "precio", "prezzo", "preco", "prijs",
        ),
        like=Like(
            rf"{_PRICE_WORDS}|cost",
            r"compare|old|was|special|shipping|per|wholesale|tax_class|min|max|range|original|"
            r"before|id|msrp|retail|type|rule",
            _PRICE_WORDS,
        ),
        own_column=True,
        field="price_minor",
        show=_price,
        json=lambda product: major(product.price_minor, product.currency),
        cell=_price_cell,
    ),
    Fact(
        "currency", "Currency", CURRENCY, In.JSON | In.CSV,
        columns=(
            "currency", "price_currency", "currency_code", "wahrung", "waehrung", "devise",
            "moneda", "moeda", "valuta",
        ),
        own_column=True,
        cell=lambda product: "" if product.price_minor is None else product.currency,
    ),
    Fact(
        "category", "Category", PATH, In.JSON | In.CSV | In.CARD | In.TABLE | In.TEXT,
        columns=(
            "category", "categories", "product_category", "product_type",
            "google_product_category", "type", "department", "kategorie", "categorie", "categoria",
        ),
        like=Like(
            r"category|categories|department|collection|kategorie|product_type|rubrik",
            r"id|url|image|number|no|code|count",
            r"name",
        ),
        own_column=True,
    ),
    Fact(
        "color", "Color", FIRST_NAME, In.JSON | In.CSV | In.CARD | In.TABLE | In.TEXT,
        columns=(
            "color", "colour", "colors", "colours", "color_name", "farbe", "couleur", "colore",
            "cor", "kleur",
        ),
        like=Like(r"colou?r", r"code|hex|id|map|image", "name"),
        own_column=True,
    ),
    Fact(
        "brand", "Brand", NAME, In.JSON | In.CSV | In.CARD | In.TABLE | In.TEXT,
        columns=(
            "brand", "vendor", "manufacturer", "store", "maker", "marke", "hersteller", "marque",
            "marca", "merk",
        ),
        like=Like(r"brand|manufacturer|marke|marque|marca", r"id|url|logo|number", "name"),
        own_column=True,
    ),
    Fact(
        "description", "Description", TEXT, In.TABLE | In.TEXT,
        columns=(
            "description", "body", "body_html", "long_description", "details", "summary",
            "beschreibung", "descripcion", "descrizione", "descricao", "beschrijving",
            "omschrijving",
        ),
        like=Like(r"description|beschreibung|desc", r"meta|seo|url", "product|long"),
        own_column=True,
    ),
    Fact(
        "rating", "Rating", RATING, In.JSON | In.CSV | In.TABLE,
        columns=(
            "rating", "average_rating", "stars", "review_rating", "bewertung", "valoracion",
            "valutazione", "avaliacao", "beoordeling",
        ),
        own_column=True,
        show=_rating,
        json=lambda product: product.rating,
        cell=lambda product: RATING.show(product.rating),
    ),
    Fact(
        "rating_count", "Ratings", COUNT, In.NOTHING,
        columns=("rating_count", "rating_number", "ratings", "review_count", "reviews"),
        own_column=True,
    ),
    Fact(
        "image", "Picture", PICTURE, In.JSON,
        columns=(
            "image", "image_path", "image_file", "picture", "photo", "images", "image_src", "img",
            "image_link", "image_url", "thumbnail", "filename", "bild", "bilder", "bild_url",
            "foto", "imagen", "imagem", "immagine", "afbeelding",
        ),
        like=Like(
            r"images?|img|pictures?|photos?|bild|foto|imagen|imagem|immagine|afbeelding",
            r"alt|position|count|width|height|id|text|label|title|caption|num|number|no|has|of|total|"
            r"type|credit|rights",
            r"urls?|link|src|main|base|primary",
        ),
        own_column=True,
    ),
    Fact("more_images", "Other pictures", PICTURES, In.NOTHING, own_column=True),
    Fact(
        "availability", "Availability", AVAILABILITY,
        In.JSON | In.CSV | In.CARD | In.TABLE | In.MODEL,
        columns=(
            "availability", "stock_status", "availability_status", "in_stock", "is_in_stock",
            "stock", "verfugbarkeit", "lagerbestand", "disponibilite", "disponibilidad",
            "disponibilita", "disponibilidade", "beschikbaarheid",
        ),
    ),
    Fact(
        "link", "Link", LINK, In.JSON | In.CSV | In.CARD | In.TABLE,
        columns=(
            "link", "product_link", "url", "product_url", "permalink", "product_page", "page_url",
            "canonical_url", "canonical_link", "item_url", "detail_url", "deeplink", "produkt_link",
            "produkt_url", "lien", "enlace",
        ),
    ),
    Fact("more_categories", "Also in", LEVELS, In.TEXT | In.CARD | In.STATED),
    Fact(
        "was", "Price before", PRICE, In.JSON | In.CSV | In.CARD | In.STATED,
        columns=(
            "compare_at_price", "variant_compare_at_price", "was", "was_price", "old_price",
            "price_old", "oldprice", "price_before", "strikethrough_price", "streichpreis",
            "prix_barre",
        ),
        show=_was,
        json=lambda product: major(product.was, product.currency),
        cell=lambda product: (
            "" if product.was is None else str(to_decimal(product.was, product.currency))
        ),
    ),
    Fact("sale_until", "Sale until", MOMENT, In.NOTHING),
    Fact(
        "quantity", "In stock", QUANTITY, In.NOTHING,
        columns=(
            "quantity", "qty", "stock_quantity", "inventory_quantity", "variant_inventory_qty",
            "stock_level", "current_stock_level", "quantity_to_sell_on_facebook", "menge",
        ),
    ),
    Fact(
        "material", "Material", NAME, _NAMED,
        columns=(
            "material", "materials", "fabric", "fabric_type", "google_shopping_material",
            "gps_material", "matiere", "materiale", "materiaal", "stoff",
        ),
    ),
    Fact(
        "pattern", "Pattern", NAME, _NAMED,
        columns=("pattern", "gps_pattern", "muster", "motif", "patroon"),
    ),
    Fact(
        "gender", "Gender", NAME, _NAMED,
        columns=(
            "gender", "sex", "google_shopping_gender", "gps_gender", "geschlecht",
            "genero", "genere", "geslacht",
        ),
    ),
    Fact(
        "age_group", "Age group", NAME, _NAMED,
        columns=("age_group", "google_shopping_age_group", "gps_age_group", "altersgruppe"),
    ),
    Fact(
        "condition", "Condition", NAME, _NAMED,
        columns=(
            "condition", "item_condition", "product_condition", "google_shopping_condition",
            "zustand", "etat",
        ),
    ),
    Fact(
        "tags", "Tags", NAMES, In.TEXT | In.CARD | In.STATED,
        columns=("tags", "tag", "keywords", "product_tags", "schlagworte"),
    ),
    Fact("codes", "Codes", CODES, In.TERMS),
    Fact("unit_price", "Unit price", NAME, In.CARD | In.STATED),
    Fact("attributes", "Further facts", PAIRS, In.TEXT | In.CARD | In.STATED),
    Fact("variants", "Variants", VARIANTS, In.TERMS | In.CARD | In.STATED | In.MODEL),
)  # fmt: skip
"""Their order is that of JSON, CSV and the words that are searched.

Names of columns are English, then German, French, Spanish, Italian, Portuguese and Dutch, without
their accents.
"""

REQUIRED = ("title", "image")
"""Facts that a file must have a column for; one with prices may lack pictures."""
_FIRST, _LAST = ("title", "price", "rating", "color", "brand", "category"), ("description",)
"""In a table: what decides comes first, what is long last, the others between them."""
_BY_NAME = {fact.name: fact for fact in FACTS}
_DEFAULTS: Mapping[str, Any] = {
    field.name: None if field.default is MISSING else field.default for field in fields(Product)
}


def fact_named(name: str) -> Fact | None:
    """The fact of that name."""
    return _BY_NAME.get(name)


@cache
def facts_in(place: In) -> tuple[Fact, ...]:
    """The facts that go there, to any of several places, in the table's order."""
    return tuple(fact for fact in FACTS if place & fact.goes)


def searched_text(product: Product) -> str:
    """The words that a product is found by, a line a fact: for its text vector and full text."""
    return _words(product, In.TEXT)


def full_text(product: Product) -> str:
    """The same and the codes, which say nothing to a model: for full text."""
    codes = (code for variant in product.variants for code in variant.codes)
    return "\n".join([_words(product, In.TEXT | In.TERMS), *dict.fromkeys(codes)])


def _words(product: Product, place: In) -> str:
    parts = ((fact.type.words or fact.type.show)(fact.of(product)) for fact in facts_in(place))
    return "\n".join(part for part in parts if part)


def table_of(product: Product) -> dict[str, str]:
    """Label → value of all that the comparison shows; "" for what the shop does not state.

    Facts that go to STATED are missing where the shop does not state them. The shop's own named
    facts come under its names.
    """
    first = {name: place for place, name in enumerate(_FIRST)}
    facts = sorted(
        facts_in(In.TABLE | In.STATED),
        key=lambda fact: (fact.name in _LAST, first.get(fact.name, len(first))),
    )
    shown: dict[str, str] = {}
    for fact in facts:
        for label, value in _labelled(fact, product):
            if value or (In.TABLE in fact.goes and label not in shown):
                shown[label] = value
    return shown


def _labelled(fact: Fact, product: Product) -> Iterator[tuple[str, str]]:
    """Label and value of a fact; of pairs and variants one for each name. The values of an option
    come behind, and in place of, the value of one variant."""
    if fact.type.pairs is None:
        yield fact.label, fact.shown(product)
    else:
        yield from fact.type.pairs(fact.of(product))


def stated(product: Product, place: In) -> dict[str, str]:
    """Name → value for a person, of the facts that go there and that the shop states."""
    shown = {fact.name: fact.shown(product) for fact in facts_in(place)}
    return {name: value for name, value in shown.items() if value}


def facts_on_card(product: Product) -> dict[str, str]:
    """Label → value of what the larger view of a card lists; the id comes last."""
    facts = [*facts_in(In.CARD), _BY_NAME["id"]]
    labelled = (pair for fact in facts for pair in _labelled(fact, product))
    return {label: value for label, value in labelled if value}


def as_json(product: Product) -> dict[str, object]:
    """Name → value for programs; prices are in major units, null where unknown."""
    return {
        fact.name: fact.json(product) if fact.json else fact.type.show(fact.of(product))
        for fact in facts_in(In.JSON)
    }


def csv_columns() -> list[str]:
    """The names of a CSV's columns."""
    return [fact.name for fact in facts_in(In.CSV)]


def csv_cells(product: Product) -> list[str]:
    """A line of a CSV, under `csv_columns`."""
    return [(fact.cell or fact.shown)(product) for fact in facts_in(In.CSV)]


def pack(product: Product) -> dict[str, Any]:
    """Field → value as plain JSON, of all that is not at its default: see `unpack`."""
    return {fact.attribute: fact.type.pack(value) for fact, value in _stated(product)}


def unpack(packed: Mapping[str, Any]) -> Product:
    """The product of which `pack` made this; what is missing gets its default."""
    known = ((fact, packed[fact.attribute]) for fact in FACTS if fact.attribute in packed)
    return Product(**{fact.attribute: fact.type.unpack(value) for fact, value in known})


def pack_document(product: Product) -> dict[str, Any]:
    """Name → value as plain JSON, of the facts without a column of their own in the index."""
    return {
        fact.name: fact.type.pack(value) for fact, value in _stated(product) if not fact.own_column
    }


def unpack_document(document: Mapping[str, Any]) -> dict[str, Any]:
    """Field → value of Product. Facts that this version does not know are left out."""
    known = ((fact, document[fact.name]) for fact in FACTS if fact.name in document)
    return {fact.attribute: fact.type.unpack(value) for fact, value in known}


def _stated(product: Product) -> Iterator[tuple[Fact, Any]]:
    for fact in FACTS:
        value = fact.of(product)
        if value != _DEFAULTS[fact.attribute]:
            yield fact, value
