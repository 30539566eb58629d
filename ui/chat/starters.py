"""The buttons of an empty chat: a click sends words and, in the demo shop, a photo with them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from tools.catalogue.vocabulary import Vocabulary
from ui.chat.cards.thumbnails import ProductSource, picture_url

DEMO = "demo"
"""Name of the built-in shop's catalogue, whose scenes are the photos."""

_MOST_OFFERED = 4


@dataclass(frozen=True, slots=True)
class Starter:
    """One button. The page sends its key back with the message, and never sees the photo's file."""

    key: str
    words: str
    scene: str = ""
    """File name, without ".jpg", of the demo shop's scene that is sent as the photo."""
    photo_name: str = ""
    icon: str = ""


DEMO_STARTERS = (
    Starter("starter-leopard", "A phone case with this", "leopard-coat", "Leopard's coat"),
    Starter("starter-sunflowers", "A cushion like this", "sunflower-field", "Sunflower field"),
    Starter("starter-tartan", "A scarf with this pattern", "tartan-cloth", "Tartan cloth"),
    Starter("starter-mug", "A blue mug under $20", icon="/public/starters/mug.svg"),
)


class Starters:
    """The starters of the open shop."""

    def __init__(self, home: Path) -> None:
        self._scenes = home / "demo" / "scenes"

    def offer(self, shop: ProductSource, vocabulary: Vocabulary) -> tuple[Starter, ...]:
        """The starters for a shop. Blocking: reads the scenes or some products.

        Only the demo shop has scenes. Other shops get the names of their largest categories, each
        with the picture of one of its products.
        """
        if shop.name == DEMO:
            return tuple(s for s in DEMO_STARTERS if not s.scene or self.scene(s.scene))
        return _from_categories(shop, vocabulary)

    def scene(self, slug: str) -> Path | None:
        """The file of a starter's scene; None for any other name."""
        if not any(slug == starter.scene for starter in DEMO_STARTERS if starter.scene):
            return None
        path = self._scenes / f"{slug}.jpg"
        return path if path.is_file() else None

    def photo_of(self, key: str | None, catalogue: str) -> Starter | None:
        """The starter with a photo, by the key that its message carries; None for another key."""
        if catalogue != DEMO:
            return None
        starters = (s for s in DEMO_STARTERS if s.key == key and s.scene)
        return next((s for s in starters if self.scene(s.scene)), None)


def scene_url(starter: Starter) -> str:
    """The address of a starter's picture on our page; "" when it has none."""
    return f"/public/scenes/{starter.scene}.jpg" if starter.scene else starter.icon


def _from_categories(shop: ProductSource, vocabulary: Vocabulary) -> tuple[Starter, ...]:
    """Starters from the largest categories, largest first; () for a shop without any."""
    names = list(vocabulary.last_names)[:_MOST_OFFERED]
    products = [shop.product(vocabulary.shown.get(name, "")) for name in names]
    icons = [picture_url(shop.name, product) if product else "" for product in products]
    if not all(icons):  # a button without a picture among those that have one looks broken
        icons = [""] * len(names)
    return tuple(
        Starter(f"starter-{number}", f"Show me {name}", icon=icon)
        for number, (name, icon) in enumerate(zip(names, icons, strict=True), 1)
    )
