"""The scripted chat with everything on that a setting turns on: the endpoints for agents, which
answer from the shop of colors without a key, and the widget.

Run as `python -m tests.support.open_chat HOME PORT HOST [ORIGIN ...]`; the origins' pages may frame
it.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from tests.support.agent_server import KEYS
from tests.support.color_shop import open_color_shop
from tests.support.scripted_chat import ScriptedAssistant, draw_scenes
from ui.chat.agent_api.api import AgentApi, AgentSettings
from ui.chat.deployment import Deployment
from ui.chat.links import Links
from ui.chat.page_config import PageConfig
from ui.chat.server import run

SETTINGS = AgentSettings(
    keys=KEYS,
    mcp=True,
    ucp="open",
    checks_profiles=False,  # their addresses would be fetched
    base="http://localhost",
    per_minute=1_000_000,
    at_once=100,
    body_mb=1,
)


@asynccontextmanager
async def opened(home: Path, agents: AgentApi) -> AsyncIterator[ScriptedAssistant]:
    """The assistant as the server opens it, and the endpoints for agents."""
    shop = await asyncio.to_thread(open_color_shop, home / "agents")
    async with agents.open(shop):
        yield ScriptedAssistant(home)


def main() -> None:
    """Serve it at an address, which is printed."""
    home, port, host = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
    draw_scenes(home)
    agents = AgentApi(SETTINGS)
    links = Links(cart="https://shop.example/cart/{id}:1")
    page = PageConfig(home=home, max_photo_mb=1, links=links)
    deployment = Deployment(embed_origins=tuple(sys.argv[4:]) or ("https://shop.example",))
    run(lambda: opened(home, agents), page, host, port, deployment=deployment, agents=agents)


if __name__ == "__main__":
    main()
