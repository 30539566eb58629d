"""Product pictures for the page, by product and never by path.

Every picture is decoded and written anew: what leaves is a JPEG without metadata whatever file
the catalogue names, and a catalogue cannot make the shop serve a file that is no picture.
"""

from __future__ import annotations

import hashlib
import os
import secrets
from collections import OrderedDict
from collections.abc import Iterable
from pathlib import Path
from typing import Protocol
from urllib.parse import quote

from PIL import Image

from tools.errors import PhotoError
from tools.photos import open_photo
from tools.product import Product

WIDTHS = (384, 1024)
"""Pixels of the longer side that can be asked for: a card's, and a larger view's."""

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


class Pictures:
    """The pictures of one shop. Thumbnails are kept in `folder` and made once."""

    def __init__(self, shop: ProductSource, folder: Path) -> None:
        self._shop = shop
        self._folder = folder
        self._paths: OrderedDict[str, str] = OrderedDict()

    def remember(self, products: Iterable[Product]) -> None:
        """Note where the pictures of shown products are, so that nine cards ask no index."""
        for product in products:
            self._paths[product.id] = product.image
            self._paths.move_to_end(product.id)
        while len(self._paths) > _REMEMBERED:
            self._paths.popitem(last=False)

    def jpeg(self, catalogue: str, product_id: str, width: int) -> Path | None:
        """The JPEG of a product's picture, at most `width` pixels on its longer side.

        Blocking. None when the catalogue is not the shop's, the product is unknown or has no
        picture, its file is gone or is no picture, or the width is not one of WIDTHS.
        """
        if catalogue != self._shop.name or width not in WIDTHS:
            return None
        source = Path(self._paths.get(product_id) or self._ask(product_id))
        try:
            facts = source.stat()
        except OSError:
            return None
        key = f"{source}\0{facts.st_mtime_ns}\0{facts.st_size}\0{width}"
        target = self._folder / f"{hashlib.sha256(key.encode()).hexdigest()[:40]}.jpg"
        if not target.exists():
            try:
                image = open_photo(source, max_mb=50)
            except PhotoError:
                return None
            self._write(image, width, target)
        return target

    def _ask(self, product_id: str) -> str:
        product = self._shop.product(product_id)
        return product.image if product is not None and product.image else os.devnull

    def _write(self, image: Image.Image, width: int, target: Path) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        image.thumbnail((width, width), Image.Resampling.LANCZOS)
        # Written aside and renamed: two requests for one picture never see half a file.
        aside = target.with_suffix(f".{secrets.token_hex(4)}")
        image.save(aside, "JPEG", quality=88, optimize=True)
        aside.replace(target)
