"""Writes the demo shop to a folder: its catalogue as CSV, its pictures, the scenes."""

from __future__ import annotations

import csv
import hashlib
import io
import math
import os
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from functools import lru_cache
from multiprocessing import get_context
from pathlib import Path

from PIL import Image

from tools.demo.drawing import SCENES, draw_product, draw_scene
from tools.demo.drawing.studio import SWATCHES
from tools.demo.shop.forms import Form, drawn_apart, forms_of
from tools.demo.shop.products import DemoProduct, demo_products
from tools.errors import SetupError
from tools.files import write_atomic

COLUMNS = ("id", "title", "category", "price", "currency", "color", "brand", "rating",
           "rating_count", "description", "image", "item_group_id", "size", "compare_at_price",
           "availability", "link")  # fmt: skip
"""A row is a product, or one of the forms of a product: those have its id as their group's."""
PICTURE_SIDE = 512
_MARKER = ".finished"
_CHUNK = 20
_Task = DemoProduct | tuple[DemoProduct, Form] | str
"""A product, a form of it in another color, or the name of a scene."""


def picture_path(product: DemoProduct, form: Form | None = None) -> str:
    """Where the picture of a product, or of a form of it, lies, relative to the shop's folder."""
    apart = f"-{form.look.color}" if form is not None and form.pictured else ""
    return f"images/{product.id}{apart}.jpg"


def scene_path(name: str) -> str:
    """Where a scene's picture lies, relative to the shop's folder."""
    return f"scenes/{name.replace(' ', '-')}.jpg"


@lru_cache(maxsize=1)
def drawings_version() -> str:
    """Changes with any line of what draws: the drawings are as new as their source."""
    digest = hashlib.sha256()
    here = Path(__file__).parents[1]
    for source in sorted([*(here / "drawing").rglob("*.py"), Path(__file__)]):
        digest.update(source.relative_to(here).as_posix().encode())
        digest.update(source.read_bytes())
    return digest.hexdigest()


def _version(products: Sequence[DemoProduct], scenes: Sequence[str]) -> str:
    forms = tuple(form for product in products for form in forms_of(product))
    facts = hashlib.sha256(repr((tuple(products), tuple(scenes), forms)).encode()).hexdigest()
    return f"{drawings_version()} {facts}\n"


def _draw(folder: Path, tasks: Sequence[_Task]) -> int:
    for task in tasks:
        if isinstance(task, str):
            picture: Image.Image = draw_scene(task, size=PICTURE_SIDE)
            path = folder / scene_path(task)
        elif isinstance(task, tuple):
            product, form = task
            picture = draw_product(form.look, size=PICTURE_SIDE, seed=product.seed)
            path = folder / picture_path(product, form)
        else:
            picture = draw_product(task.look, size=PICTURE_SIDE, seed=task.seed)
            path = folder / picture_path(task)
        file = io.BytesIO()
        picture.save(file, "JPEG", quality=90, subsampling=0)
        write_atomic(path, file.getvalue())
    return len(tasks)


def _table(products: Iterable[DemoProduct]) -> bytes:
    sheet = io.StringIO(newline="")
    rows = csv.writer(sheet, lineterminator="\n")
    rows.writerow(COLUMNS)
    for item in products:
        forms = forms_of(item)
        group = item.id if len(forms) > 1 else ""
        for form in forms:
            rows.writerow(
                (form.id, item.title, " > ".join(item.category), form.price, item.currency,
                 form.look.color, item.brand, item.rating, item.rating_count, item.description,
                 picture_path(item, form), group, form.size, form.was or "", form.availability,
                 form.link)
            )  # fmt: skip
    return sheet.getvalue().encode()


def write_table(folder: Path, products: Iterable[DemoProduct]) -> Path:
    """Write the catalogue alone, and give back its path."""
    path = folder / "products.csv"
    write_atomic(path, _table(products))
    return path


def _draw_all(
    folder: Path, tasks: Sequence[_Task], workers: int, tell: Callable[[int, int], None]
) -> None:
    done = 0
    if workers <= 1 or len(tasks) <= 1:
        for task in tasks:
            done += _draw(folder, [task])
            tell(done, len(tasks))
        return
    share = min(_CHUNK, math.ceil(len(tasks) / workers))
    chunks = [tasks[start : start + share] for start in range(0, len(tasks), share)]
    # Spawned, not forked: the chat's process has threads.
    with ProcessPoolExecutor(min(workers, len(chunks)), mp_context=get_context("spawn")) as pool:
        drawn: list[Future[int]] = [pool.submit(_draw, folder, chunk) for chunk in chunks]
        try:
            for future in as_completed(drawn):
                done += future.result()
                tell(done, len(tasks))
        finally:
            # After Ctrl-C or a full disk, what waits in line is not drawn first.
            pool.shutdown(wait=False, cancel_futures=True)


def _same_cloth(task: DemoProduct | tuple[DemoProduct, Form]) -> tuple[str, int, str]:
    # Neighbors in this order share a swatch's masks, which are kept for a while.
    product = task[0] if isinstance(task, tuple) else task
    return product.look.pattern, product.seed % SWATCHES, product.look.kind


def write_shop(
    folder: Path,
    *,
    progress: Callable[[int, int], None] | None = None,
    workers: int | None = None,
    products: Sequence[DemoProduct] | None = None,
    scenes: Sequence[str] = SCENES,
) -> Path:
    """Write the shop and give back the path of its products.csv.

    A finished folder of the same products and drawings is left as it is; anything else, a killed
    run too, is drawn again. `progress` is told (pictures done, all). `workers` is the number of
    processes, by default one a core. Raises SetupError where the folder cannot be written.
    """
    goods = demo_products() if products is None else tuple(products)
    table, marker, version = folder / "products.csv", folder / _MARKER, _version(goods, scenes)
    tell = progress or (lambda *_: None)
    try:
        if marker.is_file() and marker.read_text() == version:
            return table
        for name in ("images", "scenes"):
            (folder / name).mkdir(parents=True, exist_ok=True)
        marker.unlink(missing_ok=True)
        apart = list(drawn_apart(goods))
        drawn: list[DemoProduct | tuple[DemoProduct, Form]] = [*goods, *apart]
        tasks: list[_Task] = [*sorted(drawn, key=_same_cloth), *scenes]
        _draw_all(folder, tasks, workers or os.cpu_count() or 1, tell)
        write_table(folder, goods)
        wanted = {picture_path(item) for item in goods} | {scene_path(name) for name in scenes}
        wanted |= {picture_path(item, form) for item, form in apart}
        for picture in [*folder.glob("images/[!.]*"), *folder.glob("scenes/[!.]*")]:
            if picture.relative_to(folder).as_posix() not in wanted:
                picture.unlink(missing_ok=True)
        write_atomic(marker, version.encode())
    except BrokenProcessPool as error:
        raise SetupError(
            "A process that draws the demo shop was ended from outside, perhaps for want of "
            "memory. Free some memory and start again."
        ) from error
    except OSError as error:
        raise SetupError(
            f"The demo shop cannot be written to {folder} ({error.strerror}). "
            "Make room or give another folder."
        ) from error
    return table
