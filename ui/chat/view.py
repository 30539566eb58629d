"""One turn on the shopper's screen: each event becomes a step, cards or words.

Cards are a message of their own, sent before the first word. The run that Chainlit opens for
the turn is the parent of the steps, since a step without one is drawn after the messages.
"""

from __future__ import annotations

import asyncio
import io
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, assert_never

import chainlit as cl
from chainlit.utils import utc_now

from assistant.events import (
    Compared,
    Detailed,
    Done,
    Event,
    Failed,
    Found,
    Looking,
    Ranked,
    Shortlisted,
    Understood,
    Words,
)
from ui.chat import cards
from ui.chat.room import Room
from ui.chat.words import PlainWords

if TYPE_CHECKING:
    from PIL.Image import Image


@dataclass(frozen=True, slots=True)
class _Search:
    """A search that runs, and the step that shows it."""

    understood: Understood
    step: cl.Step


@dataclass(frozen=True, slots=True)
class _Shown:
    """Cards that stand on the screen, and the step of the search that found them."""

    gallery: cl.CustomElement
    found: Found
    step: cl.Step | None
    name: str
    """What the step is called once the search is done."""


class TurnView:
    """Draws the events of one turn, in order; `close` leaves nothing half drawn."""

    def __init__(self, room: Room) -> None:
        self._room = room
        self._searches: list[_Search] = []
        self._shown: dict[str, _Shown] = {}
        self._answer: cl.Message | None = None
        self._plain = PlainWords()

    async def show(self, event: Event) -> None:
        """Draw one event."""
        match event:
            case Understood():
                await self._understood(event)
            case Found():
                await self._found(event)
            case Looking():
                await self._look(event)
            case Ranked():
                await self._ranked(event)
            case Detailed():
                await self._step(f"Looked up number {event.number}", cards.details(event))
            case Compared():
                self._room.pictures.remember(event.table.products)
                await cl.Message(content=cards.comparison(event.table)).send()
            case Shortlisted():
                await self._shortlisted(event)
            case Words():
                await self._words(event)
            case Failed():
                await self._failed(event)
            case Done():
                await self._finish_answer()
            case _:
                assert_never(event)

    async def close(self) -> None:
        """End what is still open: a search that was stopped or broke, an answer cut short."""
        for search in self._searches:
            await _end(search.step, "Stopped searching")
        self._searches.clear()
        for shown in self._shown.values():
            if shown.step is not None and not shown.step.end:
                await _end(shown.step, shown.name)
        await self._finish_answer()

    async def _understood(self, event: Understood) -> None:
        run = cl.context.current_run
        step = cl.Step(
            name=cards.step_running(event),
            type="tool",
            parent_id=run.id if run else None,
            icon="scan-search",
            show_input=False,
        )
        step.start = utc_now()
        await step.send()
        self._searches.append(_Search(event, step))

    async def _found(self, event: Found) -> None:
        shop = self._room.assistant.shop
        self._room.pictures.remember(match.product for match in event.matches)
        if event.matches:
            props = cards.gallery(event, shop.name)
            element = cl.CustomElement(name="ProductGallery", props=dict(props), display="inline")
            await cl.Message(content="", elements=[element]).send()
            search = self._searches[0] if self._searches else None
            name = cards.step_done(search.understood, event) if search else ""
            step = search.step if search else None
            self._shown[event.list_id] = _Shown(element, event, step, name)
        if self._searches:
            await self._finish_search(self._searches.pop(0), event)

    async def _step(self, name: str, output: str) -> None:
        """A step that is done as soon as it is shown."""
        run = cl.context.current_run
        step = cl.Step(name=name, type="tool", parent_id=run.id if run else None, show_input=False)
        step.start = step.end = utc_now()
        step.output = output
        await step.send()

    async def _shortlisted(self, event: Shortlisted) -> None:
        """Cards of what is kept; nothing where nothing is, since the words say so."""
        self._room.pictures.remember(match.product for match in event.matches)
        if event.matches:
            props = cards.kept_gallery(event, self._room.assistant.shop.name)
            element = cl.CustomElement(name="ProductGallery", props=dict(props), display="inline")
            await cl.Message(content="", elements=[element]).send()

    async def _look(self, event: Looking) -> None:
        """A status in the line over the cards; one below them would be off the screen."""
        step = self._shown[event.list_id].step
        if step is not None:
            step.name, step.end = cards.step_looking(step.name), None
            await step.update()

    async def _ranked(self, event: Ranked) -> None:
        """Moves the cards that stand there; a second gallery would show every product twice."""
        shown = self._shown[event.list_id]
        props = dict(cards.ranked_gallery(event, self._room.assistant.shop.name))
        shown.gallery.props, shown.gallery.content = props, json.dumps(props)
        await shown.gallery.update()
        if shown.step is not None:
            shown.step.output = f"{shown.step.output}\n{cards.ranking_details(event)}"
            shown.step.elements = [await _seen(event.picture)] if event.picture else []
            await _end(shown.step, cards.step_ranked(shown.name, shown.found, event))

    async def _finish_search(self, search: _Search, found: Found) -> None:
        photos = (search.understood.photo, search.understood.second)
        currency = await asyncio.to_thread(lambda: self._room.assistant.shop.vocabulary.currency)
        search.step.name = cards.step_done(search.understood, found)
        search.step.output = cards.step_details(search.understood, found, currency)
        search.step.end = utc_now()
        # Copied into the session's own files, which only that session can ask for.
        search.step.elements = [
            cl.Image(name=photo.name, path=str(path), display="inline", size="small")
            for photo in filter(None, photos)
            for path in (await asyncio.to_thread(self._room.assistant.photos.path, photo.ref),)
        ]
        await search.step.update()
        search.step.elements = []  # the next update would send them again

    async def _words(self, event: Words) -> None:
        if self._answer is None:
            self._answer = cl.Message(content="")
            self._plain = PlainWords()
        await self._answer.stream_token(self._plain.add(event.delta))

    async def _failed(self, event: Failed) -> None:
        await self.close()
        incident = f" (Incident {event.incident})" if event.incident else ""
        await tell(f"{event.sentence}{incident}")

    async def _finish_answer(self) -> None:
        if self._answer is not None:
            # send, not update: an update leaves the message without a time of creation.
            await self._answer.send()
            self._answer = None


async def _end(step: cl.Step, name: str) -> None:
    step.name = name
    step.end = utc_now()
    await step.update()


async def _seen(picture: Image) -> cl.Image:
    """What the vision model saw. As the shopper's photo, it is kept in the session's own files."""
    buffer = io.BytesIO()
    await asyncio.to_thread(picture.save, buffer, "PNG")
    return cl.Image(
        name=cards.SEEN, content=buffer.getvalue(), mime="image/png", display="inline", size="large"
    )


async def tell(sentence: str) -> None:
    """Show the shopper a sentence about what went wrong, looking like a failure."""
    await cl.ErrorMessage(content=sentence).send()
