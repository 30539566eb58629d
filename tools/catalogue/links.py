"""The address of a product's page: as the shop states it, or built from the shop's own."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import quote, urljoin

from tools.catalogue.cells import SetAside, clean_text, first_of, identity_of
from tools.catalogue.fact_types import LINK, Cell
from tools.catalogue.kinds.kind import LINK_PATH

_PATH = re.compile(r"/(?!/)\S*")


def link_of(
    fields: Mapping[str, object],
    identity: str,
    shop_url: str,
    template: str,
    line: int,
    notes: list[SetAside],
) -> str:
    """The link of a row or variant; "" where it has none and none can be built.

    A path ("/products/mug") is joined to `shop_url`. Without a link the shop's `template` is
    filled, else the path that is usual in files of that kind.
    """
    stated = first_of(fields.get("link"))
    base = shop_url.rstrip("/")
    if stated and not (_PATH.fullmatch(stated) and base):
        assert LINK.read is not None
        return str(LINK.read(Cell(stated, "link", line, notes)))
    if not base:
        return ""
    if stated:
        return urljoin(f"{base}/", stated.lstrip("/"))
    path = _filled(template, fields, identity) if template else first_of(fields.get(LINK_PATH))
    return f"{base}/{path.lstrip('/')}" if path else ""


def _filled(template: str, fields: Mapping[str, object], identity: str) -> str:
    """The template with the product's values; "" where it has none of one that is named."""
    known = {
        "id": identity_of(fields.get("id")) or identity,
        "handle": clean_text(fields.get("handle")) or identity,
        "sku": clean_text(first_of(fields.get("codes"))),
    }
    names = set(re.findall(r"\{(\w+)\}", template))
    if not all(known.get(name) for name in names):
        return ""
    return re.sub(r"\{(\w+)\}", lambda found: quote(known[found[1]], safe=""), template)
