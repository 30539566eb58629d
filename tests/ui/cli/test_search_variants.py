"""`pounce ingest` and `pounce search` on a file of variants."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests.support.command_line import run

SHIRTS = (
    # color, size, price, before, stock
    ("blue", "M", "18.00", "24.00", "in stock"),
    ("blue", "L", "26.00", "", "in stock"),
    ("red", "M", "12.00", "", "in stock"),
    ("blue", "S", "15.00", "", "out of stock"),
)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("variants")
    Image.new("RGB", (64, 64), "blue").save(folder / "shirt.png")
    rows: list[dict[str, str]] = [
        {
            "id": f"shirt-{color}-{size}", "item_group_id": "shirt", "title": "Harbour Shirt",
            "category": "Shirts", "color": color, "size": size, "price": price,
            "compare_at_price": was, "availability": stock, "image": "shirt.png",
            "link": f"https://shop.example/shirt?v={color}-{size}", "gtin": "",
        }
        for color, size, price, was, stock in SHIRTS
    ]  # fmt: skip
    rows.append(
        dict.fromkeys(rows[0], "")
        | {"id": "mug", "title": "Tin Mug", "category": "Mugs", "price": "8.00",
           "image": "shirt.png", "gtin": "4006381333931"}
    )  # fmt: skip
    with (folder / "shop.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    done = run("ingest", str(folder / "shop.csv"), "--json", home=folder / "home")
    assert done.returncode == 0, done.stderr
    return folder / "home"


def found(home: Path, *words: str) -> list[dict[str, Any]]:
    done = run("search", *words, "--json", home=home)
    assert done.returncode == 0, done.stderr
    results: list[dict[str, Any]] = json.loads(done.stdout)["results"]
    return results


def test_result_is_the_variant_for_which_all_filters_hold(home: Path) -> None:
    words = ("shirt", "--option", "size=M", "--color", "blue", "--max-price", "20", "--in-stock")
    (result,) = found(home, *words)
    assert result["id"] == "shirt"
    assert result["price"] == 18.0
    assert result["was"] == 24.0
    assert result["availability"] == "in stock"
    assert result["link"] == "https://shop.example/shirt?v=blue-M"
    assert result["variant"]["options"] == {"Color": "blue", "Size": "M"}


def test_no_product_passes_by_two_of_its_variants(home: Path) -> None:
    assert found(home, "shirt", "--option", "size=L", "--color", "red") == []
    assert found(home, "shirt", "--option", "size=L", "--max-price", "20") == []
    assert found(home, "shirt", "--option", "size=S", "--in-stock") == []


def test_what_is_on_sale_is_found_and_without_filters_no_variant_is_named(home: Path) -> None:
    (result,) = found(home, "shirt", "--on-sale")
    assert result["was"] == 24.0
    assert all(result["variant"] is None for result in found(home, "shirt"))


def test_code_is_found_by_exact_match_first(home: Path) -> None:
    assert found(home, "4006381333931")[0]["id"] == "mug"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--option", "size"), "--option takes NAME=VALUE"),
        (("--option", "waist=32"), "This shop has no waist '32'."),
        (("--option", "size=XXL"), "This shop has no size 'XXL'. The nearest are"),
    ],
)
def test_option_that_cannot_be_filtered_by_is_said(
    home: Path, words: tuple[str, ...], said: str
) -> None:
    done = run("search", "shirt", *words, home=home)
    assert done.returncode == 1
    assert said in done.stderr
