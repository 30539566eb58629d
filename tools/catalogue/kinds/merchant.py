"""A feed for Google Merchant Center: RSS or Atom with the g: namespace, or tab-separated.

https://support.google.com/merchants/answer/7052112 names the attributes. The XML is read by
expat as it comes, never as a whole; entities are refused, and nothing outside the file is read.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import replace
from xml.parsers import expat

from tools.catalogue.columns import check_mapping, fold_name
from tools.catalogue.kinds.kind import Kind, mapped, with_usual
from tools.catalogue.rows import Row, first_columns, is_json, read_rows
from tools.catalogue.source import DAMAGED, Source
from tools.errors import CatalogueError

_GOOGLE = "http://base.google.com/ns/1.0"
_ITEMS = frozenset({"item", "entry"})
_CHUNK = 1 << 16
_LONGEST = 1_000_000
"""Characters kept of one attribute."""
_KNOWN = frozenset({
    "id", "title", "description", "link", "image_link", "additional_image_link", "price",
    "sale_price", "brand", "color", "product_type", "google_product_category", "availability",
    "item_group_id", "condition", "gtin", "mpn",
})  # fmt: skip


def _is_xml(source: Source) -> bool:
    return not source.is_folder and source.start.startswith("<")


def _xml_rows(source: Source, mapping: Mapping[str, str]) -> Iterator[Row]:
    feed = _Feed(source)
    checked = False
    with source.open() as file:
        more = True
        while more:
            try:
                chunk = file.read1(_CHUNK)
            except DAMAGED:
                yield Row(feed.line, {}, "the file is cut off or damaged here")
                return
            more = bool(chunk)
            broken = feed.take(chunk)
            for line, values in feed.ready():
                if not checked:
                    check_mapping(mapping, _KNOWN | values.keys())
                    checked = True
                yield Row(line, mapped(values, _fields(values), mapping))
            if broken:
                reason = f"not valid XML: {broken}; nothing behind can be read"
                yield Row(feed.line, {}, reason, todo="Export the feed again.")
                return
    if not feed.is_feed:
        raise CatalogueError(
            f"{source.name} is XML, but no product feed: it has no <item> or <entry>. "
            "Export it as a Google Merchant feed, CSV or JSON."
        )


class _Feed:
    """The items of a feed, as many as are whole so far."""

    def __init__(self, source: Source) -> None:
        self.is_feed = False
        self._source = source
        self._ready: deque[tuple[int, dict[str, object]]] = deque()
        self._depth = 0
        self._item: dict[str, object] | None = None
        self._item_depth = self._item_line = 0
        self._name = ""
        self._own = False
        self._googles: set[str] = set()
        self._text: list[str] = []
        self._length = 0
        self._parser = expat.ParserCreate(namespace_separator=" ")
        self._parser.buffer_text = True
        self._parser.StartElementHandler = self._begin
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._characters
        self._parser.EntityDeclHandler = self._refuse

    @property
    def line(self) -> int:
        """Where the parser stands, from 1."""
        return self._parser.CurrentLineNumber

    def take(self, chunk: bytes) -> str:
        """Parses on, b"" for the end; gives what is wrong with the XML, or ""."""
        try:
            self._parser.Parse(chunk, not chunk)
        except expat.ExpatError as error:
            return str(error)
        # A name of an encoding that Python does not have, or one that expat cannot use.
        except (LookupError, ValueError) as error:
            return str(error)
        return ""

    def ready(self) -> Iterator[tuple[int, dict[str, object]]]:
        """Each whole item once: its line and its attributes."""
        while self._ready:
            yield self._ready.popleft()

    def _refuse(self, *_: object) -> None:
        raise CatalogueError(
            f"{self._source.name} declares entities of its own, which no feed needs and which can "
            "be made to fill the memory. Export the feed without them."
        )

    def _begin(self, tag: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        space, _, name = tag.rpartition(" ")
        if self._item is None and name in _ITEMS and space != _GOOGLE:
            self.is_feed = True
            self._item, self._item_depth, self._item_line = {}, self._depth, self.line
            self._googles = set()
        # Only what stands in the item itself: the price in g:shipping is not the product's.
        elif self._item is not None and self._depth == self._item_depth + 1:
            self._name, self._own = fold_name(name), space == _GOOGLE
            self._text, self._length = [], 0
            if self._name == "link" and "href" in attributes:
                self._characters(attributes["href"])

    def _characters(self, text: str) -> None:
        if self._name and self._depth <= self._item_depth + 1 and self._length < _LONGEST:
            self._text.append(text)
            self._length += len(text)

    def _end(self, _tag: str) -> None:
        if self._item is not None and self._depth == self._item_depth + 1 and self._name:
            self._keep(self._item, "".join(self._text).strip())
            self._name = ""
        elif self._item is not None and self._depth == self._item_depth:
            self._ready.append((self._item_line, self._item))
            self._item = None
        self._depth -= 1

    def _keep(self, item: dict[str, object], text: str) -> None:
        if self._name == "additional_image_link":
            more = item.setdefault(self._name, [])
            assert isinstance(more, list)
            more.append(text)
        # Google's own attribute wins over RSS's of that name; of two alike the first counts.
        elif text and (self._name not in item or (self._own and self._name not in self._googles)):
            item[self._name] = text
            if self._own:
                self._googles.add(self._name)


def _is_table(source: Source) -> bool:
    if source.is_folder or is_json(source):
        return False
    columns = {_attribute(name) for name in first_columns(source)}
    return {"id", "title", "image_link"} <= columns and bool(columns & {"link", "availability"})


def _attribute(column: str) -> str:
    return fold_name(column).removeprefix("g_")


def _table_rows(source: Source, mapping: Mapping[str, str]) -> Iterator[Row]:
    check_mapping(mapping, first_columns(source))
    for row in read_rows(source):
        if row.problem:
            yield row
            continue
        values = {_attribute(name): cell for name, cell in row.values.items()}
        yield replace(row, values=mapped(row.values, _fields(values), mapping))


def _fields(values: Mapping[str, object]) -> dict[str, object]:
    # Google's own taxonomy may stand as a number, which says nothing to a shopper.
    google = str(values.get("google_product_category") or "")
    price = values.get("sale_price") or values.get("price")
    fields: dict[str, object] = {
        "id": values.get("id"),
        "title": values.get("title"),
        "category": values.get("product_type") or ("" if google.strip().isdecimal() else google),
        "description": values.get("description"),
        "price": price,
        "color": str(values.get("color") or "").replace("/", " / "),
        "brand": values.get("brand"),
        "image": [values.get("image_link"), *_addresses(values.get("additional_image_link"))],
    }
    return with_usual(fields, values)


def _addresses(value: object) -> list[str]:
    if isinstance(value, list):
        return [str(each) for each in value if each]
    return [each.strip() for each in str(value or "").split(",") if each.strip()]


MERCHANT_XML = Kind("a Google Merchant feed in XML", _is_xml, _xml_rows)
MERCHANT_TABLE = Kind("a Google Merchant feed in columns", _is_table, _table_rows)
