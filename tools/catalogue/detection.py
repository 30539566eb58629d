"""Which kind of catalogue a file or folder is, told by its content."""

from __future__ import annotations

import re
from contextlib import suppress
from pathlib import Path

from tools.catalogue.columns import recognise
from tools.catalogue.kinds.amazon import AMAZON
from tools.catalogue.kinds.bigcommerce import BIGCOMMERCE
from tools.catalogue.kinds.folder import FOLDER
from tools.catalogue.kinds.json_ld import JSON_LD
from tools.catalogue.kinds.kind import Kind
from tools.catalogue.kinds.magento import MAGENTO
from tools.catalogue.kinds.marketplaces import EBAY, ETSY
from tools.catalogue.kinds.merchant import MERCHANT
from tools.catalogue.kinds.nested import NESTED
from tools.catalogue.kinds.prestashop import OPENCART, PRESTASHOP
from tools.catalogue.kinds.row_groups import MEDUSA, SALEOR, SPREE, VENDURE
from tools.catalogue.kinds.shopify import SHOPIFY
from tools.catalogue.kinds.squarespace import SQUARESPACE
from tools.catalogue.kinds.table import TABLE
from tools.catalogue.kinds.wix import WIX
from tools.catalogue.kinds.woocommerce import WOOCOMMERCE
from tools.catalogue.kinds.xml_feed import XML_FEED
from tools.catalogue.rows import first_objects
from tools.catalogue.source import Source, open_source
from tools.errors import CatalogueError

KINDS = (
    FOLDER, XML_FEED, AMAZON, JSON_LD, SHOPIFY, MERCHANT, WOOCOMMERCE, MAGENTO, SQUARESPACE, WIX,
    SPREE, MEDUSA, VENDURE, SALEOR, BIGCOMMERCE, PRESTASHOP, OPENCART, ETSY, EBAY, NESTED, TABLE,
)  # fmt: skip
"""Specific formats first: the first that fits wins, and the last fits every file."""


_TABLES = re.compile(r"\.(csv|tsv|jsonl|ndjson|xml)(\.gz)?$", re.IGNORECASE)
_JSON = re.compile(r"\.json(\.gz)?$", re.IGNORECASE)
_MOST_JSON = 20
"""Files of JSON that are looked into; more are notes beside each picture."""


_NOTHING = frozenset({"__MACOSX", "Thumbs.db", "desktop.ini"})
"""What systems leave in folders."""


def find_source(path: Path) -> Source:
    """The file, or of a folder the one file of products in it, or else the folder itself.

    A folder in which there is nothing but one folder is that one.

    Raises CatalogueError for a path that cannot be read and a folder with several such files.
    """
    source = open_source(path)
    if not source.is_folder:
        return source
    try:
        entries = sorted(path.iterdir())
    except OSError as error:
        raise CatalogueError(
            f"{path} cannot be read ({error.strerror}). Check who may read it."
        ) from error
    entries = [entry for entry in entries if entry.name not in _NOTHING and entry.name[0] != "."]
    # What archives and exports wrap everything in.
    if len(entries) == 1 and entries[0].is_dir() and not entries[0].is_symlink():
        return find_source(entries[0])
    files = [e for e in entries if _TABLES.search(e.name) and e.is_file()]
    files = files or _of_products([e for e in entries if _JSON.search(e.name) and e.is_file()])
    if len(files) > 1:
        raise CatalogueError(
            f"{path} holds several files of products ({', '.join(f.name for f in files[:5])}). "
            "Name the one to read."
        )
    return open_source(files[0]) if files else source


def _of_products(files: list[Path]) -> list[Path]:
    """The one file with products; none where several have some: these are notes, not a shop."""
    found = []
    for path in files if len(files) <= _MOST_JSON else ():
        columns = {name for values in first_objects(open_source(path)) for name in values}
        with suppress(CatalogueError):
            recognise(columns, {})
            found.append(path)
    return found if len(found) == 1 else []


def kind_of(source: Source) -> Kind:
    """The first kind that fits."""
    return next(kind for kind in KINDS if kind.fits(source))
