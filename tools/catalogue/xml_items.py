"""The items of a feed in XML, one at a time: parsed by expat as they come, never as a whole.

Entities are refused, and nothing outside the file is read.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.parsers import expat

from tools.catalogue.columns import fold_name
from tools.catalogue.source import DAMAGED, Source
from tools.errors import CatalogueError

GOOGLE = "http://base.google.com/ns/1.0"
ITEMS = frozenset({
    "item", "entry", "product", "shopitem", "offer", "article", "artikel", "produkt", "record",
    "row", "listing", "good", "prod", "productitem", "product_item",
})  # fmt: skip
"""Names of the elements that hold a product."""
_CHUNK = 1 << 16
_LONGEST = 1_000_000
"""Characters kept of one attribute."""
_DEEPEST = 6
_MOST = 20_000
"""Elements kept of one item."""


@dataclass(slots=True)
class Node:
    """An element: its name as `fold_name` gives it, and what stands in it."""

    name: str
    google: bool = False
    """Whether it is of Google's namespace."""
    attributes: dict[str, str] = field(default_factory=dict)
    text: str = ""
    children: list[Node] = field(default_factory=list)

    def all(self, *names: str) -> list[Node]:
        """The elements of these names right in it."""
        return [child for child in self.children if child.name in names]

    def first(self, *names: str) -> str:
        """The text of the first element of these names that has any; "" without."""
        for name in names:
            for child in self.children:
                if child.name == name and child.text:
                    return child.text
        return ""


@dataclass(slots=True)
class Around:
    """What a feed says outside of its items."""

    categories: dict[str, tuple[str, str]] = field(default_factory=dict)
    """Id → (name, id of the category above)."""
    currency: str = ""
    root: str = ""

    def path(self, identity: str) -> list[str]:
        """The names of a category and of those above it, from the root."""
        names: list[str] = []
        seen: set[str] = set()
        while identity in self.categories and identity not in seen:
            seen.add(identity)
            name, identity = self.categories[identity]
            names.insert(0, name)
        return names


@dataclass(frozen=True, slots=True)
class Item:
    """A whole item, or what is wrong in the file at a line."""

    line: int
    node: Node | None = None
    problem: str = ""


def read_items(source: Source, around: Around) -> Iterator[Item]:
    """The items of a feed in their order; fills `around` as it goes.

    Raises CatalogueError for XML without items.
    """
    if _is_page(source.start):
        raise CatalogueError(
            f"{source.name} is a page of HTML, no product feed. Export the products as a feed in "
            "XML, CSV or JSON."
        )
    feed = _Feed(source, around)
    with source.open() as file:
        more = True
        while more:
            try:
                chunk = file.read1(_CHUNK)
            except DAMAGED:
                yield Item(feed.line, problem="the file is cut off or damaged here")
                return
            more = bool(chunk)
            broken = feed.take(chunk)
            yield from feed.ready()
            if broken:
                reason = f"not valid XML: {broken}; nothing behind can be read"
                yield Item(feed.line, problem=reason)
                return
    if not feed.is_feed:
        raise CatalogueError(
            f"{source.name} is XML, but no product feed: it has no <item>, <entry> or <product>. "
            "Export it as a Google Merchant feed, CSV or JSON."
        )


def _is_page(start: str) -> bool:
    return start[:200].lower().startswith(("<!doctype html", "<html"))


class _Feed:
    """The items of a feed, as many as are whole so far."""

    def __init__(self, source: Source, around: Around) -> None:
        self.is_feed = False
        self._source, self._around = source, around
        self._ready: deque[Item] = deque()
        self._depth = 0
        self._open: list[Node] = []
        """The item that is being read, and the elements that are open in it."""
        self._item_depth = self._item_line = self._count = 0
        self._category: tuple[str, str, list[str]] | None = None
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

    def ready(self) -> Iterator[Item]:
        """Each whole item once."""
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
        folded = fold_name(name)
        if self._depth == 1:
            self._around.root = folded
        if self._open:
            self._begin_inside(folded, attributes, google=space == GOOGLE)
        elif self._depth > 1 and folded in ITEMS and space != GOOGLE:
            self.is_feed = True
            self._open = [Node(folded, attributes=_plain(attributes))]
            self._item_depth, self._item_line, self._count = self._depth, self.line, 0
        else:
            self._begin_around(folded, attributes)

    def _begin_inside(self, name: str, attributes: dict[str, str], *, google: bool) -> None:
        self._count += 1
        inside = self._depth - self._item_depth
        if inside > _DEEPEST or self._count > _MOST or len(self._open) != inside:
            return
        node = Node(name, google, _plain(attributes))
        self._open[-1].children.append(node)
        self._open.append(node)
        self._text, self._length = [], 0
        if name == "link" and "href" in attributes:
            self._characters(attributes["href"])

    def _begin_around(self, name: str, attributes: dict[str, str]) -> None:
        known = _plain(attributes)
        if name == "category" and "id" in known:
            above = known.get("parent_id", known.get("parentid", ""))
            self._category = (known["id"], above, [])
        elif name == "currency" and known.get("rate") in ("1", "1.0"):
            self._around.currency = known.get("id", "")

    def _characters(self, text: str) -> None:
        if self._category is not None:
            self._category[2].append(text)
        elif self._in_element and self._length < _LONGEST:
            self._text.append(text)
            self._length += len(text)

    @property
    def _in_element(self) -> bool:
        """Whether the parser stands in an element of an item that is kept."""
        return len(self._open) > 1 and len(self._open) == self._depth - self._item_depth + 1

    def _end(self, _tag: str) -> None:
        if self._category is not None and not self._open:
            identity, above, parts = self._category
            self._around.categories[identity] = ("".join(parts).strip(), above)
            self._category = None
        elif self._open and len(self._open) == self._depth - self._item_depth + 1:
            node = self._open.pop()
            if self._open:
                if not node.children:
                    node.text = "".join(self._text).strip()
                self._text, self._length = [], 0
            else:
                self._ready.append(Item(self._item_line, node))
        self._depth -= 1


def _plain(attributes: dict[str, str]) -> dict[str, str]:
    return {fold_name(name.rpartition(" ")[2]): value for name, value in attributes.items()}
