"""The one picture that the vision model sees: the query and its candidates, numbered.

Phi-3 Vision cuts a picture into crops of 336 x 336 pixels, the largest number of them that its
shape and a limit (10 here) allow. In a picture of 5 x 2 such cells every cell is exactly one
crop, so each product is seen whole and sharp, for 1,621 tokens in all.
"""

from __future__ import annotations

from collections.abc import Sequence

from PIL import Image, ImageDraw, ImageFont, ImageOps

from tools.media.images import to_rgb
from tools.rerank.answer_schema import MAX_CANDIDATES

QUERY_LABEL = "QUERY"

_LAYOUTS = ((5, 1), (3, 2), (4, 2), (5, 2))
"""Columns and rows by the cells that they hold, smallest first. Others (2 x 1, 2 x 2, 3 x 1, 4 x 1)
would be enlarged to fill ten crops, and their cells cut apart."""

_PAPER, _LINE, _INK = (255, 255, 255), (200, 200, 200), (20, 20, 20)
_QUERY = (200, 20, 60)
_STRIP = (232, 232, 232)


def layout(candidates: int) -> tuple[int, int]:
    """Columns and rows for a query and 1 to 9 candidates. Raises ValueError for other numbers."""
    if not 1 <= candidates <= MAX_CANDIDATES:
        raise ValueError(f"a grid holds 1 to {MAX_CANDIDATES} candidates, not {candidates}")
    return next(shape for shape in _LAYOUTS if shape[0] * shape[1] > candidates)


def draw_grid(
    query: Image.Image | str, candidates: Sequence[Image.Image | None], *, cell: int = 336
) -> Image.Image:
    """The grid, RGB, `cell` pixels a cell: the query first, then the candidates by number.

    Row by row from the left. The query is the shopper's photo or their words, framed. Pictures
    keep their shape and are not covered by their number; None is a candidate without a picture,
    and cells that are left over are blank. The same arguments give the same pixels.
    """
    columns, rows = layout(len(candidates))
    grid = Image.new("RGB", (columns * cell, rows * cell), _PAPER)
    cells: list[tuple[str, Image.Image | str]] = [(QUERY_LABEL, query)]
    for number, picture in enumerate(candidates, start=1):
        cells.append((str(number), "no picture" if picture is None else picture))
    for place, (label, shown) in enumerate(cells):
        spot = (place % columns * cell, place // columns * cell)
        grid.paste(_draw_cell(label, shown, cell), spot)
    return grid


def _draw_cell(label: str, shown: Image.Image | str, cell: int) -> Image.Image:
    framed = label == QUERY_LABEL
    # A strip of three of CLIP's 24 patches: tall enough to be read, and the picture stays whole.
    strip, line = cell // 8, max(2, cell // 48) if framed else max(1, cell // 168)
    sheet = Image.new("RGB", (cell, cell), _PAPER)
    draw = ImageDraw.Draw(sheet)
    box = (line + 1, strip + 1, cell - line - 1, cell - line - 1)
    wide, high = box[2] - box[0], box[3] - box[1]
    if isinstance(shown, str):
        _write(draw, shown, box, cell // 9)
    else:
        fitted = ImageOps.contain(to_rgb(shown), (wide, high), Image.Resampling.LANCZOS)
        sheet.paste(
            fitted, (box[0] + (wide - fitted.width) // 2, box[1] + (high - fitted.height) // 2)
        )
    draw.rectangle((0, 0, cell - 1, strip), fill=_QUERY if framed else _STRIP)
    draw.rectangle((0, 0, cell - 1, cell - 1), outline=_QUERY if framed else _LINE, width=line)
    draw.text(
        (cell / 2, strip / 2),
        label,
        fill=_PAPER if framed else _INK,
        font=_font(strip * 0.8),
        anchor="mm",
        stroke_width=cell // 200,  # small letters would run together
        stroke_fill=_PAPER if framed else _INK,
    )
    return sheet


def _write(
    draw: ImageDraw.ImageDraw, words: str, box: tuple[int, int, int, int], size: float
) -> None:
    """Draws words in the middle of a box, smaller until they fit; a rest is cut off."""
    wide, high = box[2] - box[0] - 8, box[3] - box[1] - 8
    middle = ((box[0] + box[2]) / 2, (box[1] + box[3]) / 2)
    words = " ".join(words.split())[:300]
    while True:
        font = _font(size)
        text = _wrapped(words, font, wide)
        left, top, right, bottom = draw.multiline_textbbox((0, 0), text, font=font)
        if (right - left <= wide and bottom - top <= high) or not words:
            break
        if size > 9:
            size *= 0.9
        else:
            words = words[: len(words) * 9 // 10]
    draw.multiline_text(middle, text, fill=_INK, font=font, anchor="mm", align="center")


def _wrapped(words: str, font: ImageFont.FreeTypeFont | ImageFont.ImageFont, wide: float) -> str:
    lines: list[str] = []
    for word in words.split():
        if lines and font.getlength(f"{lines[-1]} {word}") <= wide:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return "\n".join(lines)


def _font(size: float) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """Pillow's own font, so that every machine draws the same; it has Latin letters only."""
    return ImageFont.load_default(max(size, 8))
