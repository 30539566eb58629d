"""Which files of this machine a catalogue may show as pictures."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from PIL import Image

from tests.support.shop_files import mug, read, write_csv


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    """A picture that is not the catalogue's."""
    path = tmp_path / "photos" / "secret.png"
    path.parent.mkdir()
    Image.new("RGB", (8, 8), "red").save(path)
    return path


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    (tmp_path / "shop").mkdir()
    return tmp_path / "shop"


@pytest.mark.parametrize(
    "written",
    ["{}", "../photos/secret.png", "..\\photos\\secret.png", "..%2fphotos/secret.png",
     "sub/../../photos/secret.png", "link.png", "linked/secret.png", "hard/../link.png"],
)  # fmt: skip
def test_picture_outside_of_the_folder_is_no_picture(
    shop: Path, secret: Path, written: str
) -> None:
    (shop / "link.png").symlink_to(secret)
    (shop / "linked").symlink_to(secret.parent)
    (shop / "sub").mkdir()
    (shop / "hard").mkdir()
    row = mug(1, image=written.format(secret))
    (product,), (problem,) = read(write_csv(shop / "shop.csv", [row]))
    assert (product.image, product.more_images) == ("", ())
    assert problem.reason.endswith("lies outside of the catalogue's folder and of --pictures")


def test_further_picture_outside_is_left_out(shop: Path, secret: Path) -> None:
    row = {**mug(1), "image": ["red.png", str(secret), "blue.png"]}
    write_csv(shop / "pictures.csv", [mug(1)])
    catalogue = shop / "shop.jsonl"
    catalogue.write_text(json.dumps(row))
    (product,), _ = read(catalogue)
    assert product.more_images == (str(shop.resolve() / "blue.png"),)


def test_absolute_path_inside_and_link_inside_are_followed(shop: Path) -> None:
    (shop / "link.png").symlink_to(shop / "red.png")
    rows = [mug(1, image=str(shop / "red.png")), mug(2, image="link.png")]
    products, problems = read(write_csv(shop / "shop.csv", rows))
    assert not problems
    assert {product.image for product in products} == {str(shop.resolve() / "red.png")}


def test_pictures_of_the_named_folder_are_taken(shop: Path, secret: Path) -> None:
    rows = [mug(1, image="secret.png"), mug(2, image=str(shop / "red.png"))]
    products, problems = read(write_csv(shop / "shop.csv", rows), pictures=secret.parent)
    assert not problems
    assert [product.image for product in products] == [
        str(secret.resolve()), str(shop.resolve() / "red.png"),
    ]  # fmt: skip


@pytest.mark.parametrize("folder", ["photos", "turns/1", "chat/thumbnails"])
def test_nothing_of_the_home_is_a_picture(tmp_path: Path, folder: str) -> None:
    home = tmp_path / "home"
    private = home / folder / "red.png"
    private.parent.mkdir(parents=True)
    catalogue = write_csv(tmp_path / "shop.csv", [mug(1, image=f"home/{folder}/red.png")])
    Image.new("RGB", (8, 8), "red").save(private)
    assert len(read(catalogue)[0]) == 1
    (product,), (problem,) = read(catalogue, home=home)
    assert (product.image, product.more_images) == ("", ())
    assert "lies outside" in problem.reason
    in_the_home = write_csv(home / folder / "shop.csv", [mug(1)])
    assert not read(in_the_home, home=home)[0][0].image


@pytest.mark.parametrize("folder", ["demo/images", "unpacked/0123"])
def test_pictures_that_an_ingest_put_into_the_home_are_taken(tmp_path: Path, folder: str) -> None:
    catalogue = write_csv(tmp_path / folder / "shop.csv", [mug(1)])
    assert len(read(catalogue, home=tmp_path)[0]) == 1
