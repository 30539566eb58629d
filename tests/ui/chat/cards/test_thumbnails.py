"""Product pictures as the page gets them: whose, and for how long."""

from __future__ import annotations

from pathlib import Path

from PIL import Image

from tools.product import Product
from ui.chat.cards.thumbnails import WIDTHS, Pictures


class OneProduct:
    """A shop that sells one lamp, until it does not."""

    name = "lamps"

    def __init__(self, image: Path) -> None:
        self.lamp: Product | None = Product("lamp", "Lamp", image=str(image))
        self.asked = 0

    def product(self, identity: str, /) -> Product | None:
        self.asked += 1
        return self.lamp if identity == "lamp" else None


def lamp_shop(folder: Path) -> OneProduct:
    Image.new("RGB", (900, 600), "yellow").save(folder / "lamp.png")
    return OneProduct(folder / "lamp.png")


def test_product_that_left_the_shop_shows_no_picture(tmp_path: Path) -> None:
    """An old conversation showed it for as long as the chat ran."""
    shop = lamp_shop(tmp_path)
    pictures = Pictures(shop, tmp_path / "thumbnails", sure_s=0)
    assert shop.lamp is not None
    pictures.remember([shop.lamp])
    shown = pictures.jpeg("lamps", "lamp", WIDTHS[0])
    assert shown is not None
    assert Image.open(shown).size == (384, 256)
    shop.lamp = None
    assert pictures.jpeg("lamps", "lamp", WIDTHS[0]) is None


def test_cards_that_were_just_shown_ask_no_index(tmp_path: Path) -> None:
    shop = lamp_shop(tmp_path)
    pictures = Pictures(shop, tmp_path / "thumbnails")
    assert shop.lamp is not None
    pictures.remember([shop.lamp])
    assert pictures.jpeg("lamps", "lamp", WIDTHS[0])
    assert shop.asked == 0
    assert pictures.jpeg("lamps", "another", WIDTHS[0]) is None
    assert pictures.jpeg("elsewhere", "lamp", WIDTHS[0]) is None
    assert shop.asked == 1
