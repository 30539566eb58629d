"""The chat with the real assistant over the shop of colors: real agent, memory, records, history.

Settings are the environment's, as in real life. Run as `python -m tests.support.color_chat HOME
SHOP`; SHOP is the folder of a shop that `tests.support.color_shop.open_color_shop` made, which
several may share.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver

from assistant.agent import Assistant
from assistant.offline import OfflineChatModel
from assistant.photos import PhotoStore
from assistant.records.keeping import Keeper
from assistant.records.store import RecordStore
from assistant.settings import load_settings
from tests.support.color_shop import ColorEmbedder, open_color_shop
from tools.embedding.base import FloatArray, Item
from tools.errors import PounceError
from tools.money import show_prices_in
from ui.chat.dress import dress_of
from ui.chat.house import house_of, names_of
from ui.chat.logs import set_up_logs
from ui.chat.look import Look
from ui.chat.server import run


class _BesideTheLoop(ColorEmbedder):
    """Fails where a model's work would hold up the event loop, and with it every shopper."""

    def _embed_batch(self, batch: Sequence[Item]) -> FloatArray:
        with suppress(RuntimeError):
            asyncio.get_running_loop()
            raise AssertionError("embedded on the thread of the event loop")
        return super()._embed_batch(batch)


@asynccontextmanager
async def opened(home: Path, shop_folder: Path) -> AsyncIterator[Assistant]:
    """The assistant as the server opens it."""
    shop = await asyncio.to_thread(open_color_shop, shop_folder, _BesideTheLoop())
    records = Keeper(RecordStore(home / "turns"))
    async with AsyncSqliteSaver.from_conn_string(str(home / "threads.sqlite")) as checkpointer:
        yield Assistant(
            shop=shop,
            chat_model=OfflineChatModel(vocabulary=lambda: shop.vocabulary),
            checkpointer=checkpointer,
            photos=PhotoStore(home / "photos"),
            records=records,
        )
        await records.settle()


def main() -> None:
    """Serve it at a free port; the address is printed."""
    home, shop = Path(sys.argv[1]), Path(sys.argv[2])
    settings = load_settings(home=home)
    try:
        house = house_of(settings, settings.host)
        show_prices_in(settings.locale)
        set_up_logs(settings.log_level, settings.log_format, texts=settings.log_texts)
        look = Look(home=home, title=settings.shop_title, dress=dress_of(settings), root=house.root)
        run(lambda: opened(home, shop), look, settings.host, 0, names_of(settings), house)
    except PounceError as error:
        raise SystemExit(str(error)) from error


if __name__ == "__main__":
    main()
