"""The built-in shop: its drawings repeat, its products are whole, its folder is written once."""

from __future__ import annotations

import csv
import subprocess
import sys
from collections import Counter, defaultdict
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.support.paths import ROOT
from tools.demo.drawing import (
    COLORS,
    KINDS,
    PATTERNS,
    SCENES,
    Look,
    draw_pattern,
    draw_product,
    draw_scene,
)
from tools.demo.shop.files import picture_path, scene_path, write_shop
from tools.demo.shop.forms import forms_of
from tools.demo.shop.products import demo_products
from tools.errors import SetupError

EVERYWHERE = ("leopard", "zebra", "stripes", "floral", "polka dots")


def distance(a: Image.Image, b: Image.Image) -> float:
    """Mean difference of two pictures, 0 to 255."""
    return float(np.abs(np.asarray(a, np.float32) - np.asarray(b, np.float32)).mean())


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_shows_a_product_and_its_color(kind: str) -> None:
    red, blue = (
        draw_product(Look(kind, "plain", color, "gray", "cotton"), size=128, seed=4)
        for color in ("red", "blue")
    )
    assert red.size == (128, 128)
    assert red.mode == "RGB"
    assert np.asarray(red, np.float32).std() > 15, "a blank picture"
    assert distance(red, blue) > 4, "the color does not show"


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_wears_its_pattern(kind: str) -> None:
    plain, leopard = (
        draw_product(Look(kind, pattern, "tan", "black", "cotton"), size=128, seed=4)
        for pattern in ("plain", "leopard")
    )
    assert distance(plain, leopard) > 2


def test_the_same_seed_draws_the_same_bytes_in_another_process() -> None:
    look = Look("phone case", "leopard", "tan", "black", "silicone")
    here = [
        draw_product(look, size=96, seed=7).tobytes(),
        draw_pattern("floral", "navy", "pink", 96, 7).tobytes(),
        draw_scene("leopard coat", size=96, seed=7).tobytes(),
    ]
    program = (
        "import sys; from tools.demo.drawing import *\n"
        "look = Look('phone case', 'leopard', 'tan', 'black', 'silicone')\n"
        "sys.stdout.buffer.write(draw_product(look, size=96, seed=7).tobytes())\n"
        "sys.stdout.buffer.write(draw_pattern('floral', 'navy', 'pink', 96, 7).tobytes())\n"
        "sys.stdout.buffer.write(draw_scene('leopard coat', size=96, seed=7).tobytes())\n"
    )

    there = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, check=True, capture_output=True
    )
    assert there.stdout == b"".join(here)


def test_another_seed_draws_another_picture_of_the_look() -> None:
    look = Look("mug", "stripes", "navy", "white", "ceramic")
    assert distance(draw_product(look, size=96, seed=1), draw_product(look, size=96, seed=2)) > 1


def test_a_named_background_tints_the_backdrop() -> None:
    look = Look("vase", "plain", "white", "gray", "ceramic")
    corner = draw_product(look, size=96, seed=1, background="green").getpixel((3, 3))
    assert isinstance(corner, tuple)
    assert corner[1] > corner[0] + 10


@pytest.mark.parametrize("pattern", [name for name in PATTERNS if name != "plain"])
def test_every_pattern_prints_both_inks(pattern: str) -> None:
    swatch = np.asarray(draw_pattern(pattern, "white", "black", 128, 3), np.float32).mean(axis=2)
    assert (swatch > 180).mean() > 0.02
    assert (swatch < 180).mean() > 0.02


@pytest.mark.parametrize("name", SCENES)
def test_every_scene_is_a_picture_of_something(name: str) -> None:
    scene = draw_scene(name, size=96)
    assert scene.size == (96, 96)
    assert scene.mode == "RGB"
    assert np.asarray(scene, np.float32).std() > 7


def test_the_shop_has_900_different_products() -> None:
    products = demo_products()
    assert len(products) == 900
    assert len({item.id for item in products}) == 900
    looks = {(p.look.kind, p.look.pattern, p.look.color, p.look.material) for p in products}
    assert len(looks) == 900


def test_every_kind_has_a_shelf_of_its_own_with_the_patterns_people_ask_for() -> None:
    shelves = Counter(item.look.kind for item in demo_products())
    assert set(shelves) == set(KINDS)
    assert min(shelves.values()) >= 25
    have = {(item.look.kind, item.look.pattern) for item in demo_products()}
    assert not {(kind, name) for kind in KINDS for name in EVERYWHERE} - have
    paths = {item.look.kind: item.category for item in demo_products()}
    assert len({path[-1] for path in paths.values()}) == len(KINDS)


def test_for_every_kind_a_pattern_comes_in_three_colors() -> None:
    colors: dict[tuple[str, str], set[str]] = defaultdict(set)
    for item in demo_products():
        colors[item.look.kind, item.look.pattern].add(item.color)
    for kind in KINDS:
        rich = [name for name in PATTERNS if len(colors[kind, name]) >= 3]
        assert len(rich) >= 4, kind


def test_the_facts_of_every_product_are_plausible() -> None:
    for item in demo_products():
        assert Decimal(1) < item.price < Decimal(1000)
        assert f"{item.price:.2f}"[-2:] in ("99", "50", "00")
        assert item.currency == "USD"
        assert Decimal("3.2") <= item.rating <= Decimal("5.0")
        assert item.rating_count > 0
        assert item.color in COLORS
        assert item.description.count(". ") == 1
        assert item.description.endswith(".")
        assert item.look.color in item.description
        assert item.look.material.lower() in item.description.lower()
        assert "  " not in item.title
        assert item.look.kind.split()[-1].lower() in item.title.lower()


def test_the_shop_is_written_with_all_its_pictures(tmp_path: Path) -> None:
    products = demo_products()[:3]
    told: list[tuple[int, int]] = []
    table = write_shop(
        tmp_path / "shop",
        products=products,
        scenes=SCENES[:1],
        workers=1,
        progress=lambda done, total: told.append((done, total)),
    )
    with table.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    forms = [form for item in products for form in forms_of(item)]
    assert [row["id"] for row in rows] == [form.id for form in forms]
    assert [Decimal(row["price"]) for row in rows] == [form.price for form in forms]
    groups = [row["item_group_id"] or row["id"] for row in rows]
    assert [*dict.fromkeys(groups)] == [item.id for item in products]
    assert rows[0]["category"] == " > ".join(products[0].category)
    for row in rows:
        with Image.open(table.parent / row["image"]) as picture:
            assert picture.size == (512, 512)
    assert (table.parent / scene_path(SCENES[0])).is_file()
    assert told[-1] == (4, 4)


def test_writing_the_shop_twice_draws_once(tmp_path: Path) -> None:
    told: list[int] = []
    for _ in range(2):
        write_shop(
            tmp_path,
            products=demo_products()[:2],
            scenes=SCENES[:1],
            workers=1,
            progress=lambda done, total: told.append(done),
        )
    assert told == [1, 2, 3]


def test_a_killed_run_is_drawn_again_and_ends_the_same(tmp_path: Path) -> None:
    products = demo_products()[:2]

    class KilledError(BaseException):
        pass

    def kill(done: int, total: int) -> None:
        raise KilledError

    whole = write_shop(tmp_path / "whole", products=products, scenes=SCENES[:1], workers=1).parent
    with pytest.raises(KilledError):
        write_shop(
            tmp_path / "killed", products=products, scenes=SCENES[:1], workers=1, progress=kill
        )
    again = write_shop(tmp_path / "killed", products=products, scenes=SCENES[:1], workers=1).parent
    for item in products:
        assert (again / picture_path(item)).read_bytes() == (
            whole / picture_path(item)
        ).read_bytes()
    assert (again / "products.csv").read_bytes() == (whole / "products.csv").read_bytes()


def test_other_products_replace_the_old_ones_and_their_pictures(tmp_path: Path) -> None:
    first, second = demo_products()[:2]
    write_shop(tmp_path, products=[first], scenes=SCENES[:1], workers=1)
    write_shop(tmp_path, products=[second], scenes=SCENES[:1], workers=1)
    assert [path.name for path in (tmp_path / "images").iterdir()] == [f"{second.id}.jpg"]


def test_many_processes_write_the_same_pictures_as_one(tmp_path: Path) -> None:
    products = demo_products()[:4]
    alone = write_shop(tmp_path / "alone", products=products, scenes=SCENES[:1], workers=1).parent
    shared = write_shop(tmp_path / "shared", products=products, scenes=SCENES[:1], workers=2).parent
    for item in products:
        assert (alone / picture_path(item)).read_bytes() == (
            shared / picture_path(item)
        ).read_bytes()


def test_a_folder_that_cannot_be_written_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(SetupError, match="another folder"):
        write_shop(
            tmp_path / "file" / "shop", products=demo_products()[:1], scenes=SCENES[:1], workers=1
        )
