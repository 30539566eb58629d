"""A shopper's words for what a catalogue calls otherwise: colors and shelves."""

from __future__ import annotations

import pytest

from tools.catalogue.colors import colors_meant
from tools.catalogue.vocabulary import count_vocabulary, resolve
from tools.index.filters import expression
from tools.product import Filters, Product

COLORS = ("Heather Grey", "Navy", "Multi", "Off-White", "Matte Black", "Burgundy", "Sky Blue")
SHOP = count_vocabulary(
    [
        Product("a", "Wrap Dress - Navy", ("Clothing", "Women", "Dresses"), color="Navy"),
        Product("b", "Party Dress, 2 pcs", ("Clothing", "Girls", "Dresses"), color="Multi"),
        Product("c", "Court Shoe 90 in red", ("Clothing", "Women", "Shoes"), color="Red"),
    ]
)


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("gray", ("Heather Grey",)),
        ("heather gray", ("Heather Grey",)),
        ("dark blue", ("Navy",)),
        ("navy blue", ("Navy",)),
        ("blue", ("Sky Blue",)),
        ("multicoloured", ("Multi",)),
        ("off white", ("Off-White",)),
        ("ivory", ("Off-White",)),
        ("black", ("Matte Black",)),
        ("red", ("Burgundy",)),
        ("bright red", ("Burgundy",)),
        ("green", ()),
        ("", ()),
    ],
)
def test_color_is_met_by_the_nearest_that_the_catalogue_names(
    said: str, meant: tuple[str, ...]
) -> None:
    assert colors_meant(said, COLORS) == meant


def test_shade_gives_way_to_the_color_itself() -> None:
    assert colors_meant("blue", ("Navy", "blue", "light blue")) == ("blue", "light blue")


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("Women > Dresses", "Women > Dresses"),
        ("women>dress", "Women > Dresses"),
        ("Clothing > Women > Shoes", "Shoes"),
        ("Clothing > Dresses", "Dresses"),
        ("Toys > Shoes", "Shoes"),
        ("dresses", "Dresses"),
    ],
)
def test_path_stands_for_its_last_level_unless_another_path_ends_so_too(
    said: str, meant: str
) -> None:
    resolved, unknown = resolve(Filters(categories=(said,)), SHOP)
    assert (resolved.categories, unknown) == ((meant,), ())


def test_filter_by_two_levels_asks_for_both() -> None:
    said = expression(Filters(categories=("Women > Dresses", "Shoes")))
    assert said.count('== "women"') == said.count('== "dresses"') == 6
    assert ' and (category_1 == "dresses"' in said
    assert ' in ["shoes"]' in said


def test_titles_say_what_things_are_called() -> None:
    assert dict(SHOP.things) == {"dress": 2, "shoe": 1}


def test_counts_sets_and_traits_behind_a_thing_are_not_its_name() -> None:
    titles = (
        "Dome Tent 4 Persons",
        "Steak Knives Set of 6",
        "Air Purifier Pro",
        "Napkins 20 Pieces",
    )
    found = count_vocabulary(Product(title, title, ("Goods",)) for title in titles)
    assert dict(found.things) == {"tent": 1, "knives": 1, "purifier": 1, "napkins": 1}
    assert not {"person", "set", "pro", "piece"} & set(found.kinds)
