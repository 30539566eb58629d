"""A chat whose assistant answers by script, for tests of the page and its protocol.

The fake enters at the one seam, `ui.chat.ports.Assistant`; the server, Chainlit and the photo
store are the real ones.

Run as `python -m tests.support.scripted_chat HOME [PORT [HOST [NAME...]]]`; each
NAME is one more host that browsers may call the chat by.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

from PIL import Image, ImageDraw

from assistant.events import (
    Compared,
    Done,
    Event,
    Failed,
    Found,
    LinkClick,
    Message,
    Pick,
    Ranked,
    RankingStarted,
    Understood,
    Words,
)
from assistant.photo_store import PhotoStore
from assistant.shortlist import ShortlistItem
from tests.support.variant_shop import PRODUCTS
from tools.catalogue.vocabulary import Vocabulary, count_vocabulary
from tools.media.images import open_photo
from tools.product import Filters, Match, Product
from tools.rerank.grid import draw_grid
from tools.search.comparison import compare
from tools.search.fitting import as_variant
from ui.chat.links import Links
from ui.chat.page_config import PageConfig
from ui.chat.server import run

TURN = "k3v9x2m4q7ap"
SLOW_S = 0.6
"""Of a search that is not quick."""
SECRET = "password=hunter2"
_COLORS = ("tan", "crimson", "teal", "navy", "olive", "orchid", "gold", "coral", "slategray")


def draw_scenes(home: Path) -> None:
    """Pictures for the demo shop's starters, as the real shop lays them."""
    from ui.chat.starters import DEMO_STARTERS

    folder = home / "demo" / "scenes"
    folder.mkdir(parents=True, exist_ok=True)
    for starter in DEMO_STARTERS:
        target = folder / f"{starter.scene}.jpg"
        if starter.scene and not target.exists():
            image = Image.new("RGB", (480, 360), "goldenrod")
            draw = ImageDraw.Draw(image)
            for i in range(60):
                x, y = (i * 97) % 480, (i * 61) % 360
                draw.ellipse((x, y, x + 26, y + 20), fill="saddlebrown")
            image.save(target)


class ScriptedShop:
    """Nine products, one with no price, one with no picture, one with markup for a title."""

    name = "demo"

    def __init__(self, home: Path) -> None:
        folder = home / "pictures"
        folder.mkdir(parents=True, exist_ok=True)
        self.products = [self._product(i, folder) for i in range(9)]
        self.varied = _varied_products(folder)

    @property
    def vocabulary(self) -> Vocabulary:
        return count_vocabulary(self.products)

    def count(self) -> int:
        return 900

    def product(self, identity: str) -> Product | None:
        return next((p for p in (*self.products, *self.varied) if p.id == identity), None)

    def named(self, names: Sequence[str]) -> Product | None:
        return next(filter(None, map(self.product, names)), None)

    def _product(self, i: int, folder: Path) -> Product:
        path = folder / f"{i}.png"
        image = Image.new("RGB", (400, 400), "white")
        ImageDraw.Draw(image).rounded_rectangle((90, 50, 310, 350), 40, fill=_COLORS[i])
        image.save(path)
        titles = {1: "<b>Bold</b> ![x](http://elsewhere.example/x.png) case", 2: "Case " * 30}
        return Product(
            id=f"case/{i} é",
            title=titles.get(i, f"Phone Case with Leopard Print, {_COLORS[i].title()}"),
            category=("Accessories", "Phone Cases"),
            description=f"A case that says ${12.99 + 2.5 * i:.2f}.",
            price_minor=None if i == 3 else 1299 + 250 * i,
            color=_COLORS[i],
            rating=None if i == 4 else 3.6 + 0.15 * i,
            rating_count=None if i == 5 else 17 + 613 * i,
            image="" if i == 6 else str(path),
            more_images=(str(folder / "1.png"),) if i == 0 else (),
        )


def _varied_products(folder: Path) -> tuple[Product, ...]:
    """A shoe in two colors and four sizes, one of them sold out and one color dearer; a T-shirt on
    sale; a jacket that is sold out; a mug in one form; the shoe again."""
    shown = {each.id: each for each in PRODUCTS if each.id in ("r1", "t3", "j2", "m1")}
    for color in ("black", "blue"):
        Image.new("RGB", (400, 400), color).save(folder / f"{color}.png")
    shoe = replace(
        shown["r1"],
        variants=tuple(
            replace(each, picture=str(folder / f"{dict(each.options)['Color']}.png"))
            for each in shown["r1"].variants
        ),
    )
    again = replace(shoe, id="r1-again")
    return tuple(
        replace(each, image=str(folder / f"{place}.png"))
        for place, each in enumerate((shoe, shown["t3"], shown["j2"], shown["m1"], again))
    )


class ScriptedAssistant:
    """Answers by the message's first word; counts how many turns run at once."""

    def __init__(self, home: Path) -> None:
        self.shop = ScriptedShop(home)
        self.photos = PhotoStore(home / "photos")
        self._running = 0
        self._kept: dict[str, list[str]] = {}

    async def shortlist(self, thread_id: str) -> tuple[ShortlistItem, ...]:
        found = [self.shop.product(each) for each in self._kept.get(thread_id, [])]
        return tuple(ShortlistItem(p.id, p.title, p) for p in found if p is not None)

    async def add_to_shortlist(self, thread_id: str, product_id: str, number: int) -> None:
        ids = self._kept.setdefault(thread_id, [])
        if product_id not in ids:
            ids.append(product_id)

    async def remove_from_shortlist(self, thread_id: str, product_id: str) -> None:
        ids = self._kept.get(thread_id, [])
        self._kept[thread_id] = [each for each in ids if each != product_id]

    async def delete_thread(self, thread_id: str) -> None:
        """There is nothing to remember."""

    async def rate(self, turn_id: str, judgement: object) -> None:
        """Nor to record."""

    async def clicked(self, thread_id: str, turn_id: str, click: LinkClick) -> None:
        print(f"click {turn_id} {click}", file=sys.stderr, flush=True)  # noqa: T201 - in the log

    async def turn(self, thread_id: str, message: Message) -> AsyncGenerator[Event, None]:
        self._running += 1
        start = time.perf_counter()
        try:
            async for event in self._script(message):
                yield event
            yield Done(time.perf_counter() - start)
        finally:
            self._running -= 1

    async def _script(self, message: Message) -> AsyncIterator[Event]:
        photo = message.photos[0] if message.photos else None
        if message.pick is not None:
            async for event in self._picked(message, message.pick):
                yield event
            return
        slow = message.text.startswith("slowly ")
        match message.text.removeprefix("slowly ").split(" ", 1)[0]:
            case "explode":
                yield Words("Half an answer")
                raise RuntimeError(SECRET)
            case "fail":
                yield Failed("The search did not work. Please try again.", "cafe0123")
                return
            case "gone":
                yield Understood(message.text, photo, None, Filters())
                lost = Product("lost", "A lamp that is sold out", price_minor=900)
                yield Found("list-3", (Match(lost, 1.0),), 900, {"search": 3.0})
                yield Words("One lamp.")
            case "talk":
                for words in (("One ", "two "), ("three ", "four "), ("five.",)):
                    for word in words:
                        yield Words(word)
                    await asyncio.sleep(SLOW_S if words[0] != "five." else 0.0)
            case "wishes":
                w = message.wishes
                yield Words(f"[{w.results} {w.rerank} {w.min_price} {w.max_price}]")
            case "sees":
                filters = Filters(max_price=4000)
                yield Understood(message.text, photo, None, filters, sees="sneaker, gray")
                yield Found("list-1", tuple(Match(p, 1.0) for p in self.shop.products), 900)
                yield Words("These.")
            case "nothing":
                filters = Filters(max_price=100, colors=("mauve",))
                yield Understood(message.text, photo, None, filters)
                await asyncio.sleep(SLOW_S if slow else 0.0)
                yield Found("empty", (), 900, {"search": 12.0})
                yield Words("Nothing in the shop fits.")
                return
            case "anew":
                found = tuple(Match(product, 1.0) for product in self.shop.products)
                yield Understood(message.text, photo, None, filters := Filters())
                yield Found("list-a", found[:1], 900)
                yield Understood(message.text, photo, None, filters, instead=True)
                yield Found("list-b", found[1:3], 900)
                yield Words("Two.")
            case "variants":
                yield Understood(message.text, photo, None, Filters(), TURN)
                *others, shoe = self.shop.varied
                blue = next(v for v in shoe.variants if v.id == "r1-blue-10")
                shown = [Match(each, 1.0) for each in others]
                matches = (*shown, Match(as_variant(shoe, blue), 0.5, variant=blue))
                yield Found("list-v", matches, 900, {"search": 5.0})
                yield Words("Five.")
            case "rank" | "unranked":
                yield Understood(message.text, photo, None, Filters(), TURN)
                matches = tuple(Match(p, 1.0 - i / 10) for i, p in enumerate(self.shop.products))
                yield Found("ranked", matches, 900)
                yield RankingStarted("ranked")
                await asyncio.sleep(0.3)  # the page draws the first order
                yield self._ranked(matches, message.text.startswith("unranked"))
                yield Words("There they stand.")
            case "look":
                yield Understood(message.text, photo, None, Filters(), TURN)
                matches = tuple(Match(p, 1.0 - i / 10) for i, p in enumerate(self.shop.products))
                yield Found("ranked", matches, 900)
                yield RankingStarted("ranked")
                await asyncio.sleep(3600)
            case "wait":
                yield Understood(message.text, photo, None, Filters())
                await asyncio.sleep(3600)
            case _:
                filters = Filters(max_price=4000)
                yield Understood(message.text, photo, None, filters)
                await asyncio.sleep(SLOW_S if slow else 0.02)
                matches = tuple(Match(p, 1.0 - i / 10) for i, p in enumerate(self.shop.products))
                yield Found("list-1", matches, 900, {"embed": 12.3, "search": 34.5})
                for word in ("These ", "nine ", "come ", "closest; ", "1 ", "fits ", "best."):
                    yield Words(word)
                yield Words(f" [{message.text}|{len(message.photos)}|{self._running}]")

    async def _picked(self, message: Message, pick: Pick) -> AsyncIterator[Event]:
        """Says what a button meant, with a table or cards where it asks for them."""
        if pick.list_id == "hang":
            yield Understood(message.text, None, None, pick.limits)
            await asyncio.sleep(3600)
        products = [p for p in map(self.shop.product, pick.ids) if p is not None]
        if pick.act == "compare":
            yield Compared(compare(pick.numbers, [products[n - 1] for n in pick.numbers]))
        else:
            yield Understood(message.text, None, None, pick.limits)
            matches = tuple(Match(p, 1.0) for p in products[:3])
            yield Found("list-2", matches, 900, {"search": 21.0})
        yield Words(f"[{message.text}|{pick.act} {pick.numbers} of {len(pick.ids)} on ")
        yield Words(f"{pick.list_id}]")

    def _ranked(self, matches: tuple[Match, ...], broken: bool) -> Ranked:
        """The fourth comes first; or nothing moves, since the model failed."""
        if broken:
            why = "The vision model took too long."
            return Ranked("ranked", matches, (0,) * 9, "fell back", why, 30.0)
        first = replace(matches[3], reason="The same spots.")
        order = (first, *matches[:3], *matches[4:])
        moved = (3, -1, -1, -1, 0, 0, 0, 0, 0)
        grid = draw_grid(
            "these", [open_photo(Path(m.product.image)) for m in matches if m.product.image]
        )
        return Ranked(
            "ranked",
            order,
            moved,
            "complete",
            "",
            1.2,
            model="Scripted-Vision",
            caption="A *case*.",
            picture=grid,
            timings_s={"grid": 0.031, "ranking": 0.87},
        )


@asynccontextmanager
async def open_scripted(home: Path) -> AsyncIterator[ScriptedAssistant]:
    """The assistant as the server opens it."""
    yield ScriptedAssistant(home)


def main() -> None:
    """Serve it at a free port; the address is printed."""
    home = Path(sys.argv[1])
    port = int(sys.argv[2]) if len(sys.argv) > 2 else 0
    host = sys.argv[3] if len(sys.argv) > 3 else "127.0.0.1"
    draw_scenes(home)
    links = Links(cart="https://shop.example/cart/{id}:1", tags="utm_source=pounce")
    look = PageConfig(home=home, max_photo_mb=1, links=links)
    run(lambda: open_scripted(home), look, host, port, frozenset(sys.argv[4:]))


if __name__ == "__main__":
    main()
