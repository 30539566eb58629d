"""What a product has that a shopper does not want, and what it says that it lacks."""

from __future__ import annotations

import pytest

from tools.product import Product
from tools.search.exclusions import denies, has, has_besides


def product(title: str, description: str = "", *, color: str = "", material: str = "") -> Product:
    return Product("id", title, description=description, color=color, material=material)


@pytest.mark.parametrize(
    ("found", "unwanted"),
    [
        (product("Slim Wallet", "Canvas, no leather. Six card slots."), "leather"),
        (product("Zip Wallet", "Leather-free and vegan."), "leather"),
        (product("Biker Jacket", "Short jacket in faux leather."), "leather"),
        (product("Ankle Boots", "Flat sole.", material="synthetic leather"), "leather"),
        (product("Sunflower Spread", "A nut-free spread of roasted seeds."), "nuts"),
        (product("Strawberry Jam", "Free of nuts and gluten."), "nuts"),
        (product("Wired Headphones", "3.5 mm plug, not wireless."), "wireless"),
        (product("Tote", "Black canvas with brown leather handles.", color="black"), "brown"),
        (product("Coconut Oil Bar", "A bar of soap."), "nut"),
        (product("Ski Goggles", "With an anti-fog lens."), "fog"),
        (product("Ski Goggles", "The coating prevents fog."), "fog"),
        (product("Ski Goggles", "Fogproof."), "fog"),
    ],
)
def test_what_lacks_a_thing_passes(found: Product, unwanted: str) -> None:
    assert not has(found, unwanted)


@pytest.mark.parametrize(
    ("found", "unwanted"),
    [
        (product("Bifold Wallet", "Full grain leather with a coin pocket."), "leather"),
        (product("Ankle Boots", material="suede"), "leather"),
        (product("Peanut Butter Crunchy", "Contains peanuts."), "nuts"),
        (product("Hazelnut Cocoa Spread", "No palm oil."), "nuts"),
        (product("Earbuds", "Bluetooth 5.3."), "wireless"),
        (product("Hiking Boots in Sleek Black"), "black"),
        (product("Vacuum", color="black and red"), "red"),
        (product("Bedside Lamp with Linen Shade", color="red"), "linen"),
        (product("Jacket", "A warm jacket in vibrant red."), "red"),
        (product("Mat", "Anti-slip rubber feet."), "rubber"),
        (product("Fan", "Reduces noise, plastic housing."), "plastic"),
        (product("Boots", "Soft leather resistant to water."), "leather"),
    ],
)
def test_what_has_it_under_any_name_does_not(found: Product, unwanted: str) -> None:
    assert has(found, unwanted)


def test_color_is_lacked_by_what_comes_in_others_too() -> None:
    trousers = product("Linen Trousers", color="sand, white")
    assert not has(trousers, "white")
    assert has_besides(trousers, "white")
    assert not has_besides(trousers, "green")
    assert has(product("Tee", color="white"), "white")


@pytest.mark.parametrize(
    ("title", "text", "unwanted", "expected"),
    [
        ("Chamomile Tea", "Naturally caffeine-free.", "caffeine", True),
        ("Decaf Coffee", "", "caffeine", True),
        ("Penne", "Gluten-free.", "wheat", True),
        ("Scale", "No batteries at all.", "batteries", True),
        ("Wine Gums", "Made with agar in place of gelatine.", "gelatine", True),
        ("Earl Grey Tea", "Black tea.", "caffeine", False),
        ("Peanut Butter", "Contains nuts.", "nuts", False),
    ],
)
def test_lack_is_told_from_silence(title: str, text: str, unwanted: str, expected: bool) -> None:
    assert denies(Product("1", title, description=text), unwanted) is expected


def test_color_that_a_text_denies_is_lacked() -> None:
    plain = Product("1", "Candle", description="Scented with vanilla. Without lavender.")
    assert not has(plain, "lavender")
    assert not has_besides(plain, "lavender")
    assert has(Product("2", "Candle", description="Lavender scent."), "lavender")
