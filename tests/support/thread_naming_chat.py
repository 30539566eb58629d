"""A chat that answers with the name of the thread that a message is in.

Run as `python -m tests.support.thread_naming_chat HOME PORT HOST`.
"""

from __future__ import annotations

import sys
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from assistant.events import Done, Event, Message, Words
from tests.support.scripted_chat import ScriptedAssistant
from ui.chat.page_config import PageConfig
from ui.chat.server import run


class ThreadNaming(ScriptedAssistant):
    """Says in which thread it is asked."""

    async def turn(self, thread_id: str, message: Message) -> AsyncGenerator[Event, None]:
        yield Words(f"{thread_id} ")
        yield Done(0)


@asynccontextmanager
async def opened(home: Path) -> AsyncIterator[ThreadNaming]:
    """The assistant as the server opens it."""
    yield ThreadNaming(home)


def main() -> None:
    """Serve it at an address, which is printed."""
    home, port, host = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
    run(lambda: opened(home), PageConfig(home=home), host, port)


if __name__ == "__main__":
    main()
