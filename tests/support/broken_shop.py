"""Thirty ways in which a row of a shop's file is broken, each with what is to become of it."""

from __future__ import annotations

import io
import struct
import zlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from PIL import Image

from tests.support.shop_files import write_pictures

COLUMNS = ("id", "title", "category", "price", "currency", "color", "rating", "image")


@dataclass(frozen=True)
class Broken:
    """A row by its cells, and the field it is named for; `used` when the product is in."""

    name: str
    cells: dict[str, bytes]
    field: str
    used: bool


def cells(**own: bytes) -> dict[str, bytes]:
    return own


ROWS = (
    Broken("no id", cells(id=b"", image=b"green.png"), "id", True),
    Broken("same id twice", cells(id=b"good0"), "id", False),
    Broken("id with a control", cells(id=b"a\x07b"), "id", False),
    Broken("id of a page", cells(id=b"x" * 600), "id", False),
    Broken("no title", cells(title=b""), "title", False),
    Broken("title of markup alone", cells(title=b"<p></p>"), "title", False),
    Broken("title of 10 MB", cells(title=b"mug " * 2_500_000), "title", True),
    Broken("color of a page", cells(color=b"c" * 300), "color", True),
    Broken("price abc", cells(price=b"abc"), "price", True),
    Broken("price from", cells(price=b"from 14.99"), "price", True),
    Broken("price negative", cells(price=b"-5"), "price", True),
    Broken("price beyond numbers", cells(price=b"1e309"), "price", True),
    Broken("two prices", cells(price=b"10 - 20"), "price", True),
    Broken("currency of nobody", cells(currency=b"XQZ"), "currency", True),
    Broken("rating of seven", cells(rating=b"7"), "rating", True),
    Broken("rating in words", cells(rating=b"many"), "rating", True),
    Broken("no picture named", cells(image=b""), "image", True),
    Broken("missing picture", cells(image=b"none.jpg"), "image", True),
    Broken("text named .jpg", cells(image=b"text.jpg"), "image", True),
    Broken("empty picture", cells(image=b"empty.jpg"), "image", True),
    Broken("truncated JPEG", cells(image=b"cut.jpg"), "image", True),
    Broken("20,000 x 20,000 pixels", cells(image=b"bomb.png"), "image", True),
    Broken("drawing in SVG", cells(image=b"drawing.svg"), "image", True),
    Broken("folder for a picture", cells(image=b"folder"), "image", True),
    Broken("picture in the cell", cells(image=b'"data:image/png;base64,AAAA"'), "image", True),
    Broken("file: for a picture", cells(image=b"file:///etc/passwd"), "image", True),
    Broken("private address", cells(image=b"http://127.0.0.1:9/a.jpg"), "image", True),
    Broken("NUL bytes", cells(title=b"Nul\0 mug"), "row", True),
    Broken("other encoding", cells(title=b"Caf\xe9 mug"), "row", True),
    Broken("unbalanced quote", cells(title=b'"Odd" mug'), "row", False),
)

ODD_PICTURES = ("animated.gif", "cmyk.jpg", "sixteen.png", "turned.jpg")
"""Pictures that are no common RGB and fine all the same."""


def write_broken_shop(folder: Path, good: int = 4) -> tuple[Path, dict[int, Broken]]:
    """A CSV with good rows before, between and behind the broken ones, and which line is what."""
    write_pictures(folder)
    _write_odd_pictures(folder)
    lines, expected = [",".join(COLUMNS).encode()], {}
    lines += [_line(n, title=f"Größe {n} mug".encode(), id=b"good%d" % n) for n in range(good)]
    lines += [_line(n, id=b"odd%d" % n, image=name.encode()) for n, name in enumerate(ODD_PICTURES)]
    for number, row in enumerate(ROWS):
        expected[len(lines) + 1] = row
        own = {name: value for name, value in row.cells.items() if name != "id"}
        lines.append(_line(number, id=row.cells.get("id", b"broken%d" % number), **own))
    lines.append(_line(0, id=b"last"))
    path = folder / "shop.csv"
    path.write_bytes(b"\n".join(lines) + b"\n")
    return path, expected


def _line(number: int, **own: bytes) -> bytes:
    row = {
        "id": b"%d" % number, "title": b"Mug %d" % number, "category": b"Kitchen > Mugs",
        "price": b"%d.50" % (number + 1), "currency": b"USD", "color": b"red", "rating": b"4",
        "image": b"red.png", **own,
    }  # fmt: skip
    return b",".join(row[name] for name in COLUMNS)


def _write_odd_pictures(folder: Path) -> None:
    (folder / "folder").mkdir()
    (folder / "text.jpg").write_text("no picture " * 9)
    (folder / "empty.jpg").touch()
    (folder / "drawing.svg").write_text('<svg xmlns="http://www.w3.org/2000/svg"/>')
    (folder / "bomb.png").write_bytes(huge_png(20_000))
    red = Image.new("RGB", (64, 64), "red")
    jpeg = io.BytesIO()
    Image.effect_noise((200, 200), 90).convert("RGB").save(jpeg, "JPEG")
    (folder / "cut.jpg").write_bytes(jpeg.getvalue()[:3_000])
    red.save(folder / "animated.gif", save_all=True, append_images=[Image.new("RGB", (64, 64))])
    red.convert("CMYK").save(folder / "cmyk.jpg")
    Image.new("I;16", (64, 64), 40_000).save(folder / "sixteen.png")
    turned = Image.Exif()
    turned[0x0112] = 6
    red.save(folder / "turned.jpg", exif=turned)


@cache
def huge_png(side: int) -> bytes:
    """A black picture of one bit a pixel: 20,000 x 20,000 of them in some 50 KB."""
    data = zlib.compress(bytes(side * (1 + (side + 7) // 8)), 9)

    def chunk(kind: bytes, body: bytes) -> bytes:
        return (
            struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        )

    head = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", data) + chunk(b"IEND", b"")
