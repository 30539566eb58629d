"""The chat with the real assistant over the shop of colors: real agent, memory, records, history.

Settings are the environment's, as in real life. Run as `python -m tests.support.color_chat HOME
SHOP`; SHOP is the folder of a shop that `tests.support.color_shop.open_color_shop` made, which
several may share.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path

from assistant.checkpoints import open_checkpointer
from assistant.conversation import Assistant
from assistant.factory import open_records
from assistant.models.rules.chat_model import OfflineChatModel
from assistant.photo_files import open_photo_files
from assistant.photo_store import PhotoStore
from assistant.records.writer import RecordWriter
from assistant.settings import Settings, load_settings
from assistant.thread_locks import open_locks
from tests.support.color_shop import ColorEmbedder, open_color_shop
from tools.embedding.base import FloatArray, Item
from tools.errors import PounceError
from tools.money import show_prices_in
from ui.chat.agent_api.api import AgentApi, agent_api_of
from ui.chat.branding import branding_of
from ui.chat.deployment import deployment_of, public_hosts_of
from ui.chat.links import Links
from ui.chat.logs import set_up_logs
from ui.chat.page_config import PageConfig
from ui.chat.server import run


class _BesideTheLoop(ColorEmbedder):
    """Fails where a model's work would hold up the event loop, and with it every shopper."""

    def _embed_batch(self, batch: Sequence[Item]) -> FloatArray:
        with suppress(RuntimeError):
            asyncio.get_running_loop()
            raise AssertionError("embedded on the thread of the event loop")
        return super()._embed_batch(batch)


@asynccontextmanager
async def opened(
    settings: Settings, shop_folder: Path, agents: AgentApi | None = None
) -> AsyncIterator[Assistant]:
    """The assistant as the server opens it, and the endpoints for agents."""
    shop = await asyncio.to_thread(open_color_shop, shop_folder, _BesideTheLoop())
    home, url = settings.home_path, settings.database_url.get_secret_value()
    records = RecordWriter(open_records(settings))
    async with (
        open_checkpointer("", home, url) as checkpointer,
        open_locks(url) as locks,
        AsyncExitStack() as stack,
    ):
        if agents is not None:
            await stack.enter_async_context(agents.open(shop))
        yield Assistant(
            shop=shop,
            chat_model=OfflineChatModel(vocabulary=lambda: shop.vocabulary),
            checkpointer=checkpointer,
            photos=PhotoStore(open_photo_files(settings.photos, home)),
            records=records,
            locks=locks,
        )
        await records.flush()


def main() -> None:
    """Serve it at a free port; the address is printed."""
    home, shop = Path(sys.argv[1]), Path(sys.argv[2])
    settings = load_settings(home=home)
    try:
        deployment = deployment_of(settings, settings.host)
        show_prices_in(settings.locale)
        set_up_logs(settings.log_level, settings.log_format, texts=settings.log_texts)
        page = PageConfig(
            home=home,
            database_url=settings.database_url.get_secret_value(),
            title=settings.shop_title,
            branding=branding_of(settings),
            root=deployment.root,
            links=Links(cart=settings.cart_url),
        )
        agents = agent_api_of(settings)
        run(
            lambda: opened(settings, shop, agents),
            page,
            settings.host,
            0,
            public_hosts_of(settings),
            deployment,
            agents,
        )
    except PounceError as error:
        raise SystemExit(str(error)) from error


if __name__ == "__main__":
    main()
