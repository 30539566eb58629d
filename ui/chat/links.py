"""Addresses that a card leads to: the product's page, and the shop's cart."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

_LONGEST = 2048
_TAG = "utm_"


@dataclass(frozen=True, slots=True)
class Links:
    """How addresses of the shop are shown. The default shows them as the shop states them."""

    cart: str = ""
    """Template of the address that puts a product into the cart; {id} is its variant's id, or its
    own where it has no variants, {product} its own. "" for none."""
    tags: str = ""
    """Parameters that say where a visitor comes from, as "utm_source=pounce"; "" for none."""
    own_shop: str = ""
    """Beginning of the addresses of the built-in shop, whose pages the chat serves itself."""
    own_root: str = ""
    """What stands there instead on the page."""

    def page(self, link: str) -> str:
        """The address of a product's page; "" for none that is safe to click on."""
        if self.own_shop and link.startswith(self.own_shop):
            return self.own_root + link[len(self.own_shop) :]
        return tagged(link, self.tags) if is_safe(link) else ""

    def to_cart(self, product_id: str, variant_id: str = "") -> str:
        """The address that puts it into the shop's cart; "" where there is no template."""
        if not self.cart:
            return ""
        names = {"{id}": variant_id or product_id, "{product}": product_id}
        address = self.cart
        for name, value in names.items():
            address = address.replace(name, quote(value, safe=""))
        return address if is_safe(address) else ""


def is_safe(address: str) -> bool:
    """Whether an address is one of http or https without a user in it, of a usual length."""
    if len(address) > _LONGEST or not address.isprintable() or " " in address:
        return False
    try:
        parts = urlsplit(address)
        return (
            parts.scheme in ("http", "https") and bool(parts.hostname) and "@" not in parts.netloc
        )
    except ValueError:
        return False


def tagged(address: str, tags: str) -> str:
    """The address with these parameters in place of all that begin with "utm_"; its other
    parameters and its fragment stay. Unchanged without tags."""
    if not tags:
        return address
    parts = urlsplit(address)
    kept = [part for part in parts.query.split("&") if part and not part.lower().startswith(_TAG)]
    query = "&".join((*kept, urlencode(parse_qsl(tags))))
    return urlunsplit(parts._replace(query=query))
