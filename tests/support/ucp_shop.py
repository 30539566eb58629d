"""A small shop for the Universal Commerce Protocol: variants, sales, codes, pictures, no price."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from PIL import Image

from tests.support.generated_variants import open_generated_shop
from tests.support.ucp_schemas import FOLDER
from tests.support.variant_shop import PRODUCTS
from tools.product import Product, Variant
from tools.search.shop import Shop
from tools.ucp.catalogue import UcpCatalogue
from ui.chat.agent_api.addresses import addresses_under

BASE = "https://chat.shop.example"
AGENT = "https://agent.example/ucp.json"


def ucp_products(folder: Path) -> tuple[Product, ...]:
    """Those of the shop; their pictures are written into the folder."""
    for color in ("red", "blue"):
        Image.new("RGB", (64, 48), color).save(folder / f"{color}.png")
    red, blue = str(folder / "red.png"), str(folder / "blue.png")
    more = (
        Product(
            "vase 1/é", "Wide Vase", ("Home", "Vases"), "A vase.", 4000, color="red", image=red,
            more_images=(blue,), rating=4.5, rating_count=12, availability="in stock",
            link="https://shop.example/vase?färg=röd", codes=("4006381333931", "VASE-1"),
            brand="Lehm", tags=("gift",), attributes=(("Height", "30 cm"),),
            unit_price="€4.00 per 100 ml", more_categories=("Gifts",),
        ),
        Product(
            "bowl", "Wide Bowl", ("Home", "Bowls"), price_minor=2500, was=3000, image=blue,
            rating=4.0, rating_count=0, availability="few left",
            variants=(
                Variant("bowl-r", (("Color", "red"),), 2500, 3000, availability="few left",
                        picture=red, codes=("036000291452",)),
                Variant("bowl-b", (("Color", "blue"),), 2600, availability="backorder"),
                Variant("bowl-g", (("Color", "green"),), None, availability="in stock"),
            ),
        ),
        Product("sketch", "Sketch without a price", ("Home", "Art"), image=red),
        Product("yen", "Paper Lamp", ("Home", "Lamps"), price_minor=1200, currency="JPY",
                image=blue, availability="in stock"),
        Product("dinar", "Clay Jug", ("Home", "Jugs"), price_minor=1050, currency="RSD",
                image=blue),
    )  # fmt: skip
    plain = [replace(each, image=red) if each.id == "m1" else each for each in PRODUCTS]
    return (*plain, *more)


def open_ucp_shop(folder: Path) -> Shop:
    """Its index is in the folder."""
    return open_generated_shop(folder, ucp_products(folder))


def catalogue_of(shop: Shop) -> UcpCatalogue:
    """The operations over the shop, with addresses under BASE."""
    return UcpCatalogue(shop, addresses_under(BASE, shop.name))


def recorded_requests() -> list[dict[str, Any]]:
    """Each with `operation`, `request` and what is expected of the answer."""
    text = (FOLDER / "requests.jsonl").read_text("utf-8")
    return [json.loads(line) for line in text.splitlines()]
