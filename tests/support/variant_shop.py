"""A small catalogue of products with variants and named facts, and the same without any facts."""

from __future__ import annotations

from dataclasses import replace
from itertools import product as combined

from tools.product import Availability, Product, Variant

Gone = tuple[tuple[str, ...], ...]


def varied(
    product: Product,
    options: dict[str, tuple[str, ...]],
    *,
    gone: Gone = (),
    few: Gone = (),
    more: dict[str, int] | None = None,
) -> Product:
    """The product in every combination of the options, each of them in stock.

    `gone` are sold out and `few` are few left, by their values. `more` is what a value adds to the
    price, in minor units.
    """
    variants = []
    for values in combined(*options.values()):
        stock: Availability = "in stock"
        if any(set(each) <= set(values) for each in gone):
            stock = "out of stock"
        elif any(set(each) <= set(values) for each in few):
            stock = "few left"
        added = sum((more or {}).get(value, 0) for value in values)
        slug = "-".join(value.lower().replace(" ", "") for value in values)
        variants.append(
            Variant(
                id=f"{product.id}-{slug}",
                options=tuple(zip(options, values, strict=True)),
                price=(product.price_minor or 0) + added,
                was=None if product.was is None else product.was + added,
                availability=stock,
                link=f"https://shop.example/{product.id}?v={slug}",
            )
        )
    first = next((v for v in variants if v.availability != "out of stock"), variants[0])
    color = dict(first.options).get("Color", product.color)
    return replace(
        product,
        variants=tuple(variants),
        color=color,
        price_minor=first.price,
        was=first.was,
        availability=first.availability,
        link=f"https://shop.example/{product.id}",
    )


def _product(
    identity: str, title: str, path: str, price: int, *, was: int = 0, **facts: object
) -> Product:
    return Product(
        id=identity,
        title=title,
        category=tuple(path.split(" > ")),
        price_minor=price * 100,
        was=was * 100 or None,
        link=f"https://shop.example/{identity}",
        **facts,  # type: ignore[arg-type]  # fields of Product by name
    )


_LETTERS = ("S", "M", "L", "XL")
_EU = ("36", "38", "40")

PRODUCTS: tuple[Product, ...] = (
    varied(
        _product("r1", "Strider Road Runner", "Shoes > Running Shoes", 89, brand="Norrvik",
                 gender="male", material="mesh", condition="new",
                 attributes=(("Drop", "8 mm"), ("Closure", "laces"))),
        {"Color": ("black", "blue"), "Size": ("8", "9", "10", "11")},
        gone=(("blue", "9"),), more={"blue": 600},
    ),
    varied(
        _product("r2", "Fellrunner Trail Shoe", "Shoes > Running Shoes", 120, brand="Norrvik",
                 gender="male", material="mesh", description="Grips on wet rock."),
        {"Color": ("green", "black"), "Size": ("9", "10")},
    ),
    varied(
        _product("r3", "Cloud Runner", "Shoes > Running Shoes", 99, was=130, gender="female",
                 material="knit"),
        {"Color": ("white", "pink"), "Size": ("6", "7", "8")},
    ),
    varied(
        _product("r4", "Kids' Dash", "Shoes > Running Shoes", 49, gender="unisex",
                 age_group="kids", material="mesh"),
        {"Color": ("red", "blue"), "Size": ("3", "4")},
    ),
    varied(
        _product("t1", "Everyday Tee", "Clothing > T-Shirts", 19, gender="unisex",
                 material="cotton", age_group="adult"),
        {"Color": ("white", "black", "navy"), "Size": _LETTERS}, gone=(("black", "S"),),
    ),
    varied(
        _product("t2", "Linen Tee", "Clothing > T-Shirts", 29, gender="female", material="linen"),
        {"Color": ("beige", "white"), "Size": ("S", "M")},
    ),
    varied(
        _product("t3", "Stripe Tee", "Clothing > T-Shirts", 24, was=32, gender="male",
                 material="cotton"),
        {"Color": ("navy",), "Size": ("M", "L", "XL")},
    ),
    varied(
        _product("j1", "Harbour Rain Jacket", "Clothing > Jackets", 140, gender="male",
                 material="nylon", attributes=(("Waterproof", "10,000 mm"), ("Hood", "yes"))),
        {"Color": ("yellow", "navy"), "Size": _LETTERS}, few=(("navy", "M"),),
    ),
    varied(
        _product("j2", "Moor Wool Jacket", "Clothing > Jackets", 180, gender="female",
                 material="wool"),
        {"Color": ("gray",), "Size": _EU}, gone=(("gray",),),
    ),
    varied(
        _product("d1", "Garden Dress", "Clothing > Dresses", 79, gender="female",
                 material="cotton"),
        {"Color": ("red", "green"), "Size": _EU},
    ),
    varied(
        _product("d2", "Evening Dress", "Clothing > Dresses", 159, was=199, gender="female",
                 material="silk"),
        {"Color": ("black",), "Size": ("36", "38")},
    ),
    varied(
        _product("w1", "Straight Jeans", "Clothing > Jeans", 69, gender="male", material="denim"),
        {"Waist": ("30", "32", "34"), "Length": ("30", "32")},
    ),
    _product("c1", "Minute Field Watch", "Accessories > Watches", 150, condition="new",
             material="steel", availability="in stock",
             attributes=(("Strap length", "22 cm"), ("Case", "40 mm"))),
    _product("c2", "Diver Watch", "Accessories > Watches", 90, condition="used",
             material="steel", availability="in stock"),
    _product("c3", "Office Watch", "Accessories > Watches", 110, condition="refurbished",
             material="steel", availability="backorder"),
    varied(
        _product("h1", "Hush Headphones", "Electronics > Headphones", 199, was=249,
                 condition="new", attributes=(("Battery life", "30 hours"),)),
        {"Color": ("black", "white")},
    ),
    _product("h2", "Hush Headphones, second life", "Electronics > Headphones", 120,
             condition="refurbished", availability="in stock", color="black"),
    varied(
        _product("p1", "Pebble Phone", "Electronics > Phones", 499, condition="new"),
        {"Storage": ("128 GB", "256 GB"), "Color": ("black", "blue")}, more={"256 GB": 10000},
    ),
    _product("m1", "Harbour Mug", "Home > Mugs", 14, material="stoneware",
             availability="in stock", attributes=(("Capacity", "350 ml"),)),
    _product("m2", "Espresso Cup", "Home > Mugs", 9, material="porcelain",
             availability="preorder"),
    varied(
        _product("g1", "Loom Rug", "Home > Rugs", 149, material="wool"),
        {"Size": ("120 x 170 cm", "160 x 230 cm")}, more={"160 x 230 cm": 10000},
    ),
    _product("g2", "Jute Rug", "Home > Rugs", 99, material="jute", availability="discontinued"),
    varied(
        _product("b1", "Saddle Belt", "Accessories > Belts", 45, gender="male",
                 material="leather"),
        {"Size": ("90", "100", "110")},
    ),
    _product("b2", "Webbing Belt", "Accessories > Belts", 25, material="canvas",
             availability="in stock"),
    varied(
        _product("k1", "Commuter Backpack", "Bags > Backpacks", 85, material="nylon",
                 attributes=(("Capacity", "22 l"),)),
        {"Color": ("black", "olive")}, few=(("black",), ("olive",)),
    ),
)  # fmt: skip

BARE: tuple[Product, ...] = tuple(
    Product(id=p.id, title=p.title, category=p.category, price_minor=p.price_minor)
    for p in PRODUCTS
)
"""The same with a title, a category and a price alone."""
