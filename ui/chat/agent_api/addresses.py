"""The addresses of products' pages and pictures, as agents elsewhere reach them."""

from __future__ import annotations

from urllib.parse import quote

from tools.demo.shop.address import OWN_ADDRESS
from tools.product import Product, Variant
from tools.ucp.products import Addresses
from ui.chat.cards.thumbnails import WIDTHS, picture_urls
from ui.chat.links import is_safe


def addresses_under(base: str, catalogue: str) -> Addresses:
    """Those of a catalogue whose chat is at `base`. A page's address is as the shop states it,
    without parameters for the chat's own clicks."""

    def page(link: str) -> str:
        if link.startswith(OWN_ADDRESS):
            return f"{base}/shop/{link[len(OWN_ADDRESS) :]}"
        return link if is_safe(link) else ""

    def variant_picture(product: Product, variant: Variant) -> str:
        if not variant.picture or not product.image or not product.variants:
            return ""
        place = f"/media/{quote(catalogue, safe='')}/{quote(product.id, safe='')}"
        return f"{base}{place}?w={WIDTHS[1]}&v={quote(variant.id, safe='')}"

    return Addresses(
        page=page,
        pictures=lambda product: [base + each for each in picture_urls(catalogue, product)],
        variant_picture=variant_picture,
    )
