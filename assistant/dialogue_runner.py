"""Runs dialogues with the assistant without a front end, for the evaluation.

Each dialogue is a thread of its own in memory: it leaves nothing behind, and reads none of the
shop's threads.
"""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from langchain_core.language_models import BaseChatModel
from langchain_core.tools import BaseTool
from langgraph.checkpoint.memory import InMemorySaver

from assistant.budget import TurnLimits
from assistant.conversation import Assistant
from assistant.events import Failed, Found, Message, Photo, Ranked, Shortlisted, Understood, Words
from assistant.photo_store import PhotoStore
from tools.evaluate.inputs.labels import Dialogue, DialogueTurn
from tools.evaluate.progress import CountCallback
from tools.evaluate.runs.dialogues import TurnOutcome
from tools.product import Product
from tools.search.searchable_shop import SearchableShop


class DialogueRunner:
    """Fills `tools.evaluate.runs.dialogues.Talk`."""

    def __init__(
        self,
        open_model: Callable[[SearchableShop], BaseChatModel],
        *,
        results: int = 9,
        limits: TurnLimits | None = None,
        more_tools: Sequence[BaseTool] = (),
        max_photo_mb: float = 10,
    ) -> None:
        """`open_model` opens the chat model over a shop; the rest is as for `Assistant`."""
        self._open_model = open_model
        self._results = results
        self._limits = limits
        self._more_tools = more_tools
        self._max_photo_mb = max_photo_mb

    def __call__(
        self, shop: SearchableShop, dialogues: Sequence[Dialogue], *, on_progress: CountCallback
    ) -> list[list[TurnOutcome]]:
        """Run the dialogues one after the other. Blocking, on an event loop of its own."""
        return asyncio.run(self._all(shop, dialogues, on_progress))

    async def _all(
        self, shop: SearchableShop, dialogues: Sequence[Dialogue], on_progress: CountCallback
    ) -> list[list[TurnOutcome]]:
        model = self._open_model(shop)
        turns = sum(len(dialogue.turns) for dialogue in dialogues)
        done, every = 0, []
        with tempfile.TemporaryDirectory(prefix="pounce-dialogues-") as folder:
            photos = PhotoStore(Path(folder), max_mb=self._max_photo_mb)
            for place, dialogue in enumerate(dialogues):
                assistant = Assistant(
                    shop=shop,
                    chat_model=model,
                    # One a dialogue: what is over takes no more memory.
                    checkpointer=InMemorySaver(),
                    photos=photos,
                    limits=self._limits,
                    results=self._results,
                    more_tools=self._more_tools,
                )
                heard: list[TurnOutcome] = []
                for turn in dialogue.turns:
                    before = heard[-1] if heard else TurnOutcome()
                    heard.append(await _heard(assistant, f"dialogue-{place}", turn, before))
                    on_progress(done := done + 1, turns)
                every.append(heard)
        return every


async def _heard(
    assistant: Assistant, thread: str, turn: DialogueTurn, before: TurnOutcome
) -> TurnOutcome:
    """What came of one turn; the constraints in force stay those of `before` without a search."""
    photos: tuple[Photo, ...] = ()
    if turn.photo is not None:
        photos = (assistant.photos.add(turn.photo.read_bytes(), turn.photo.name),)
    started = time.perf_counter()
    lists: dict[str, tuple[Product, ...]] = {}
    filters, said, failed = before.filters, "", ""
    async for event in assistant.turn(thread, Message(turn.user, photos)):
        match event:
            case Understood():
                filters = event.filters
            case Found() | Ranked() | Shortlisted():
                lists[event.list_id] = tuple(match.product for match in event.matches)
            case Words():
                said += event.delta
            case Failed():
                failed = event.sentence
    shown = list(lists.values())[-1] if lists else ()
    also = tuple(product for products in list(lists.values())[:-1] for product in products)
    seconds = time.perf_counter() - started
    return TurnOutcome(shown, also, filters, said.strip() or failed, seconds)
