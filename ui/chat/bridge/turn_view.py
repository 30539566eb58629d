"""One turn on the shopper's screen: each event becomes a step, cards or words.

Cards are a message of their own, sent before the first word. The run that Chainlit opens for
the turn is the parent of the steps, since a step without one is drawn after the messages.
"""

from __future__ import annotations

import asyncio
import io
import json
from collections.abc import Awaitable, Callable, Sequence
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
    Ranked,
    RankingStarted,
    Shortlisted,
    Understood,
    Words,
)
from tools.agent_tools.context import Wishes
from ui.chat.bridge.message_stream import MessageStream
from ui.chat.cards import props as cards
from ui.chat.state import ChatState

if TYPE_CHECKING:
    from PIL.Image import Image


QUICK_S = 0.25
"""A search that is over by then shows its cards at once. Places that are held for them first cost
the page two drawings of the whole conversation, and flicker."""
DRAWING_S = 0.2
"""How long the page has its first cards to itself: it draws them behind all that it is told, and
the turn goes on meanwhile."""


@dataclass(frozen=True, slots=True)
class _Places:
    """What is held for cards that come: a message with a gallery of empty ones."""

    message: cl.Message
    gallery: cl.CustomElement


class _Search:
    """A search that runs; places are held for its cards as soon as it is not quick."""

    def __init__(self, understood: Understood, hold: Callable[[], Awaitable[_Places]]) -> None:
        self.understood = understood
        self._drawing = False
        self._waiting = asyncio.create_task(self._wait(hold))

    async def _wait(self, hold: Callable[[], Awaitable[_Places]]) -> _Places:
        await asyncio.sleep(QUICK_S)
        self._drawing = True
        return await hold()

    async def places(self) -> _Places | None:
        """The places that are held; None where none are, and then none will be."""
        if not self._drawing:
            self._waiting.cancel()
            return None
        return await asyncio.shield(self._waiting)


@dataclass(frozen=True, slots=True)
class _Shown:
    """Cards that stand on the screen."""

    gallery: cl.CustomElement
    props: cards.Gallery
    found: Found
    name: str
    """What the line over them is called once the search is done."""


class TurnView:
    """Draws the events of one turn, in order; `close` leaves nothing half drawn.

    A turn has one folded line, whatever it searches for and looks up.
    """

    def __init__(self, state: ChatState, wishes: Wishes) -> None:
        self._room = state
        self._wishes = wishes
        self._step: cl.Step | None = None
        self._name = ""
        """What the line is called when nothing runs."""
        self._told: list[str] = []
        """What the opened line says, block by block."""
        self._tags: cl.CustomElement | None = None
        self._searches: list[_Search] = []
        self._shown: dict[str, _Shown] = {}
        self._answer: MessageStream | None = None

    async def show(self, event: Event) -> None:
        """Draw one event."""
        match event:
            case Understood():
                await self._understood(event)
            case Found():
                await self._found(event)
            case RankingStarted():
                await self._look(event)
            case Ranked():
                await self._ranked(event)
            case Detailed():
                self._told.append(cards.details(event))
                await self._line(self._name or f"Looked up number {event.number}", done=True)
            case Compared():
                self._room.pictures.remember(event.table.products)
                table = cards.comparison(event.table, self._room.assistant.shop.name)
                await _show(cl.CustomElement(name="CompareTable", props=dict(table)))
            case Shortlisted():
                await self._shortlisted(event)
            case Words():
                self._answer = self._answer or MessageStream()
                self._answer.add(event.delta)
            case Failed():
                await self._failed(event)
            case Done():
                await self._finish_answer()
            case _:
                assert_never(event)

    async def close(self) -> None:
        """End what is still open: a search that was stopped or broke, an answer cut short."""
        if self._searches:
            self._name = "Stopped searching"
        for search in self._searches:
            await _clear(await search.places())
        self._searches.clear()
        if self._step is not None and not self._step.end:
            await self._line(self._name, done=True)
        await self._finish_answer()

    async def _line(
        self, name: str, *, done: bool, elements: Sequence[cl.Image | cl.CustomElement] = ()
    ) -> None:
        """The turn's one folded line; it pulses for as long as it is not done."""
        step, fresh = self._step, self._step is None
        if step is None:
            run = cl.context.current_run
            step = self._step = cl.Step(
                name=name,
                type="tool",
                parent_id=run.id if run else None,
                icon="scan-search",
                show_input=False,
            )
            step.start = utc_now()
        step.name, step.end = name, utc_now() if done else None
        step.output = "\n\n".join(self._told)
        step.elements = list(elements)
        await (step.send() if fresh else step.update())
        step.elements = []  # the next update would send them again

    async def _understood(self, event: Understood) -> None:
        async def hold() -> _Places:
            await self._line(cards.step_running(event), done=False)
            gallery = _gallery(
                cards.skeleton(self._wishes.results or self._room.page_config.results)
            )
            return _Places(await _show(gallery), gallery)

        self._searches.append(_Search(event, hold))

    async def _found(self, event: Found) -> None:
        search = self._searches[0]  # each is understood before it is found
        places = await search.places()
        self._searches.pop(0)
        shop, understood = self._room.assistant.shop, search.understood
        currency = await asyncio.to_thread(lambda: shop.vocabulary.currency)
        self._room.pictures.remember(match.product for match in event.matches)
        name = cards.step_done(understood, event)
        self._name = cards.step_timed(name, event)
        self._told.append(cards.step_details(understood, event))
        if places is None:
            await self._line(self._name, done=True)
        if event.matches:
            props = cards.gallery(event, understood.filters, shop.name, currency)
            gallery = _gallery(props) if places is None else places.gallery
            await (_show(gallery) if places is None else _change(gallery, props))
            self._shown[event.list_id] = _Shown(gallery, props, event, name)
            await asyncio.sleep(DRAWING_S)
        else:
            await _clear(places)
        # Not before the cards: the photos are copied into the session's own files.
        photos = await self._photos_of(understood)
        if photos or places is not None:
            await self._line(self._name, done=True, elements=photos)
        await self._show_tags(cards.filter_tags(understood.filters, event, currency))

    async def _shortlisted(self, event: Shortlisted) -> None:
        """Cards of what is kept; nothing where nothing is, since the words say so."""
        self._room.pictures.remember(match.product for match in event.matches)
        if event.matches:
            props = cards.kept_gallery(event, self._room.assistant.shop.name)
            await _show(_gallery(props))

    async def _look(self, event: RankingStarted) -> None:
        """A status in the line over the cards; one below them would be off the screen."""
        await self._line(cards.step_looking(self._shown[event.list_id].name), done=False)

    async def _ranked(self, event: Ranked) -> None:
        """Moves the cards that stand there; a second gallery would show every product twice."""
        shown = self._shown[event.list_id]
        catalogue = self._room.assistant.shop.name
        await _change(shown.gallery, cards.ranked_gallery(event, shown.props, catalogue))
        self._told.append(cards.ranking_details(event))
        self._name = cards.step_ranked(shown.name, shown.found, event)
        seen = [await _seen(event.picture)] if event.picture else []
        await self._line(self._name, done=True, elements=seen)

    async def _photos_of(self, understood: Understood) -> list[cl.Image]:
        """The photos that a search started from, which only its session can ask for."""
        photos = filter(None, (understood.photo, understood.second))
        paths = [
            (photo.name, await asyncio.to_thread(self._room.assistant.photos.path, photo.ref))
            for photo in photos
        ]
        return [cl.Image(name=n, path=str(p), display="inline", size="small") for n, p in paths]

    async def _show_tags(self, props: cards.FilterTags) -> None:
        """In the opened line, those of the newest search alone."""
        assert self._step is not None  # the line stands before its tags
        if self._tags is not None:
            await _change(self._tags, props)
        elif props["tags"]:
            self._tags = cl.CustomElement(name="FilterTags", props=dict(props), display="inline")
            await self._tags.send(for_id=self._step.id)

    async def _failed(self, event: Failed) -> None:
        await self.close()
        incident = f" (Incident {event.incident})" if event.incident else ""
        await tell(f"{event.sentence}{incident}")

    async def _finish_answer(self) -> None:
        if self._answer is not None:
            await self._answer.finish()
            self._answer = None


def _gallery(props: cards.Gallery) -> cl.CustomElement:
    return cl.CustomElement(name="ProductGallery", props=dict(props), display="inline")


async def _show(element: cl.CustomElement) -> cl.Message:
    """A message that holds nothing but an element."""
    element.display = "inline"
    message = cl.Message(content="", elements=[element])
    await message.send()
    return message


async def _change(element: cl.CustomElement, props: cards.Gallery | cards.FilterTags) -> None:
    element.props, element.content = dict(props), json.dumps(props)
    await element.update()


async def _clear(places: _Places | None) -> None:
    """Takes away the places that were held for cards which do not come."""
    if places is not None:
        await places.gallery.remove()
        await places.message.remove()


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
