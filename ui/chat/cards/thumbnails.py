"""Product pictures for the page, by product and never by path.

Every picture is decoded and encoded again: the page gets a JPEG without metadata whatever file the
catalogue names, and a catalogue cannot make the shop serve a file that is no picture.
"""

from __future__ import annotations

import hashlib
import logging
import os
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Protocol
from urllib.parse import quote

from PIL import Image

from tools.errors import PhotoError
from tools.files import atomic_file
from tools.ingest.fetch_ahead import is_address
from tools.media.images import open_product_picture
from tools.media.public_network import FetchError
from tools.product import Product

logger = logging.getLogger("pounce.chat")

WIDTHS = (384, 1024)
"""Pixels of the longer side that can be requested: of a card, and of the larger view."""

MOST = 12
"""Pictures of one product that the larger view shows."""

_REMEMBERED = 5000


class ProductSource(Protocol):
    """The part of the shop that pictures need."""

    @property
    def name(self) -> str: ...

    def product(self, identity: str, /) -> Product | None: ...


def picture_url(catalogue: str, product: Product, width: int = WIDTHS[0]) -> str:
    """The address of a product's picture on our page; "" when it has none."""
    if not product.image:
        return ""
    return f"/media/{quote(catalogue, safe='')}/{quote(product.id, safe='')}?w={width}"


def picture_urls(catalogue: str, product: Product) -> list[str]:
    """The addresses of all its pictures on our page, large; the first is the card's."""
    if not product.image:
        return []
    first = picture_url(catalogue, product, WIDTHS[1])
    return [first, *(f"{first}&n={nth}" for nth in range(1, _count(product)))]


def _count(product: Product) -> int:
    return min(1 + len(product.more_images), MOST)


class Pictures:
    """The pictures of one shop. Thumbnails are kept in `folder` and made once.

    The first picture of a product is a file; others may be addresses, which `fetch` downloads
    when they are first requested.
    """

    def __init__(
        self,
        shop: ProductSource,
        folder: Path,
        fetch: Callable[[str], Path] | None = None,
        sure_s: float = 60,
    ) -> None:
        """A shown product is assumed to exist for `sure_s`; after that the index is asked."""
        self._shop = shop
        self._folder = folder
        self._fetch = fetch
        self._sure_s = sure_s
        self._paths: OrderedDict[str, tuple[str, float]] = OrderedDict()

    def remember(self, products: Iterable[Product]) -> None:
        """Note where the pictures of shown products are, so that nine cards ask no index."""
        for product in products:
            self._paths[product.id] = product.image, time.monotonic()
            self._paths.move_to_end(product.id)
        while len(self._paths) > _REMEMBERED:
            self._paths.popitem(last=False)

    def jpeg(
        self, catalogue: str, product_id: str, width: int, nth: int = 0, variant: str = ""
    ) -> Path | None:
        """The JPEG of a product's picture, or of a variant's, at most `width` pixels on its longer
        side.

        Blocking. None when the catalogue is not the shop's, the product is unknown or has no
        `nth` picture, from 0, or no such variant, its file is gone or is no picture, or the width
        is not one of WIDTHS.
        """
        if catalogue != self._shop.name or width not in WIDTHS:
            return None
        if variant:
            source = Path(self._of_variant(product_id, variant))
        else:
            source = Path(self._another(product_id, nth) if nth else self._first(product_id))
        try:
            facts = source.stat()
        except OSError:
            return None
        key = f"{source}\0{facts.st_mtime_ns}\0{facts.st_size}\0{width}"
        target = self._folder / f"{hashlib.sha256(key.encode()).hexdigest()[:40]}.jpg"
        if not target.exists():
            try:
                image = open_product_picture(source)
            except PhotoError:
                return None
            self._write(image, width, target)
        return target

    def knows(self, product_id: str) -> bool:
        """Whether the shop still has a product. Blocking."""
        return self._shop.product(product_id) is not None

    def _another(self, product_id: str, nth: int) -> str:
        product = self._shop.product(product_id)
        if product is None or not 0 < nth < _count(product):
            return os.devnull
        return self._file_of(product.more_images[nth - 1], product_id)

    def _of_variant(self, product_id: str, variant_id: str) -> str:
        product = self._shop.product(product_id)
        variants = product.variants if product is not None else ()
        own = next((each.picture for each in variants if each.id == variant_id), "")
        return self._file_of(own, product_id) if own else os.devnull

    def _file_of(self, image: str, product_id: str) -> str:
        """The file of a picture that the catalogue names by its path or its address."""
        if not is_address(image):
            return image
        try:
            return str(self._fetch(image)) if self._fetch else os.devnull
        except FetchError as error:
            logger.info("a further picture of %s was not fetched: %s", product_id, error)
            return os.devnull

    def _first(self, product_id: str) -> str:
        image, shown_at = self._paths.get(product_id, ("", 0.0))
        if image and time.monotonic() - shown_at < self._sure_s:
            return image
        product = self._shop.product(product_id)
        return product.image if product is not None and product.image else os.devnull

    def _write(self, image: Image.Image, width: int, target: Path) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        image.thumbnail((width, width), Image.Resampling.LANCZOS)
        with atomic_file(target) as unfinished:
            image.save(unfinished, "JPEG", quality=88, optimize=True)
