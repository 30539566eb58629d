"""One turn on the shopper's screen: each event becomes a step, cards or words.

Cards are a message of their own, sent before the first word. The run that Chainlit opens for the
turn is the parent of the steps, since a step without a parent is drawn after the messages.
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
from tools.search.search_context import Wishes
from ui.chat.bridge.message_stream import MessageStream
from ui.chat.cards import props as cards
from ui.chat.cards.spoken import spoken_result, spoken_search
from ui.chat.state import ChatState

if TYPE_CHECKING:
    from PIL.Image import Image


QUICK_S = 0.25
"""A search that ends within this time shows its cards without placeholders, which would cost the
page two more redraws of the whole conversation, and flicker."""
DRAWING_S = 0.2
"""The pause after cards: the page draws them only after all events that it has received."""


@dataclass(frozen=True, slots=True)
class _Placeholders:
    """A message with a gallery of empty cards, shown while a search runs."""

    message: cl.Message
    gallery: cl.CustomElement


class _Search:
    """A running search; it gets placeholders once it has taken longer than QUICK_S."""

    def __init__(
        self,
        understood: Understood,
        hold: Callable[[], Awaitable[_Placeholders]],
        before: str = "",
    ) -> None:
        """`before` is the list whose cards this search's take the place of; "" for none."""
        self.understood, self.before = understood, before
        self._drawing = False
        self._waiting = asyncio.create_task(self._wait(hold))
        if before:
            self._waiting.cancel()

    async def _wait(self, hold: Callable[[], Awaitable[_Placeholders]]) -> _Placeholders:
        await asyncio.sleep(QUICK_S)
        self._drawing = True
        return await hold()

    async def placeholders(self) -> _Placeholders | None:
        """The placeholders; None where there are none yet, and then none will appear."""
        if not self._drawing:
            self._waiting.cancel()
            return None
        return await asyncio.shield(self._waiting)


@dataclass(frozen=True, slots=True)
class _Shown:
    """Cards on the screen."""

    gallery: cl.CustomElement
    props: cards.Gallery
    found: Found
    name: str
    """The name of the line over them once the search is done."""


class TurnView:
    """Draws the events of one turn, in order; `close` leaves nothing unfinished.

    A turn has one folded line, however many searches it makes.
    """

    def __init__(self, state: ChatState, wishes: Wishes) -> None:
        self._state = state
        self._wishes = wishes
        self._step: cl.Step | None = None
        self._name = ""
        """The name of the line while nothing runs."""
        self._details: list[str] = []
        """The blocks of text in the opened line."""
        self._tags: cl.CustomElement | None = None
        self._searches: list[_Search] = []
        self._shown: dict[str, _Shown] = {}
        self._answer: MessageStream | None = None
        self._spoken = ""
        """The answer so far, for a screen reader."""

    async def show(self, event: Event) -> None:
        """Draw one event."""
        match event:
            case Understood():
                await say(spoken_search(event))
                await self._understood(event)
            case Found():
                await self._found(event)
                await say(spoken_result(event), event)
            case RankingStarted():
                await self._look(event)
            case Ranked():
                await self._ranked(event)
            case Detailed():
                self._details.append(cards.details(event))
                await self._line(self._name or f"Looked up number {event.number}", done=True)
            case Compared():
                self._state.pictures.remember(event.table.products)
                table = cards.comparison(
                    event.table, self._state.assistant.shop.name, self._state.page_config.links
                )
                await _show(cl.CustomElement(name="CompareTable", props=dict(table)))
            case Shortlisted():
                await self._shortlisted(event)
            case Words():
                self._answer = self._answer or MessageStream()
                self._answer.add(event.delta)
                self._spoken += event.delta
            case Failed():
                await self._failed(event)
            case Done():
                await self._finish_answer()
                await say(" ".join(self._spoken.split()))
            case _:
                assert_never(event)

    async def close(self) -> None:
        """End what is still open: a search that was stopped or failed, an unfinished answer."""
        if self._searches:
            self._name = "Stopped searching"
        for search in self._searches:
            await _clear(await search.placeholders())
        self._searches.clear()
        if self._step is not None and not self._step.end:
            await self._line(self._name, done=True)
        await self._finish_answer()

    async def _line(
        self, name: str, *, done: bool, elements: Sequence[cl.Image | cl.CustomElement] = ()
    ) -> None:
        """Draw the turn's one folded line; it pulses until it is done."""
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
        step.output = "\n\n".join(self._details)
        step.elements = list(elements)
        await (step.send() if fresh else step.update())
        step.elements = []  # the next update would send them again

    async def _understood(self, event: Understood) -> None:
        async def hold() -> _Placeholders:
            await self._line(cards.step_running(event), done=False)
            gallery = _gallery(
                cards.skeleton(self._wishes.results or self._state.page_config.results)
            )
            return _Placeholders(await _show(gallery), gallery)

        before = next(reversed(self._shown), "") if event.instead else ""
        self._searches.append(_Search(event, hold, before))

    async def _found(self, event: Found) -> None:
        search = self._searches[0]  # each is understood before it is found
        placeholders = await search.placeholders()
        self._searches.pop(0)
        shop, understood = self._state.assistant.shop, search.understood
        currency = await asyncio.to_thread(lambda: shop.vocabulary.currency)
        self._state.pictures.remember(match.product for match in event.matches)
        name = cards.step_done(understood, event)
        self._name = cards.step_timed(name, event)
        self._details.append(cards.step_details(understood, event))
        if event.matches:
            props = cards.gallery(
                event,
                understood.filters,
                shop.name,
                currency,
                links=self._state.page_config.links,
                turn=understood.turn,
            )
            there = placeholders or self._shown.pop(search.before, None)
            if there is None:
                # The element is written to a file first: then all three go out together, and the
                # page draws once.
                message, gallery = cl.Message(content=""), _gallery(props)
                await gallery.send(for_id=message.id)
                await self._line(self._name, done=True)
                await message.send()
            else:
                gallery = there.gallery
                if placeholders is None:
                    await self._line(self._name, done=True)
                await _change(gallery, props)
            self._shown[event.list_id] = _Shown(gallery, props, event, name)
            await asyncio.sleep(DRAWING_S)
        else:
            await _clear(placeholders)
            if placeholders is None:
                await self._line(self._name, done=True)
        # Not before the cards: the photos are copied into the session's own files.
        photos = await self._photos_of(understood)
        if photos or placeholders is not None:
            await self._line(self._name, done=True, elements=photos)
        await self._show_tags(cards.filter_tags(understood, event, currency))

    async def _shortlisted(self, event: Shortlisted) -> None:
        """Cards of the shortlist; none for an empty one, since the answer says so."""
        self._state.pictures.remember(match.product for match in event.matches)
        if event.matches:
            props = cards.kept_gallery(
                event, self._state.assistant.shop.name, self._state.page_config.links
            )
            await _show(_gallery(props))

    async def _look(self, event: RankingStarted) -> None:
        """A status in the line over the cards; one below them would be off the screen."""
        await self._line(cards.step_looking(self._shown[event.list_id].name), done=False)

    async def _ranked(self, event: Ranked) -> None:
        """Reorder the cards on the screen; a second gallery would show every product twice."""
        shown = self._shown[event.list_id]
        catalogue = self._state.assistant.shop.name
        links = self._state.page_config.links
        await _change(shown.gallery, cards.ranked_gallery(event, shown.props, catalogue, links))
        self._details.append(cards.ranking_details(event))
        self._name = cards.step_ranked(shown.name, shown.found, event)
        seen = [await _seen(event.picture)] if event.picture else []
        await self._line(self._name, done=True, elements=seen)

    async def _photos_of(self, understood: Understood) -> list[cl.Image]:
        """The photos of a search, which only its session can load."""
        photos = filter(None, (understood.photo, understood.second))
        files = [
            (photo.name, await asyncio.to_thread(self._state.assistant.photos.read, photo.ref))
            for photo in photos
        ]
        return [cl.Image(name=n, content=f, display="inline", size="small") for n, f in files]

    async def _show_tags(self, props: cards.FilterTags) -> None:
        """Show the filter tags of the newest search in the opened line."""
        assert self._step is not None  # the line stands before its tags
        if self._tags is not None:
            await _change(self._tags, props)
        elif props["tags"]:
            self._tags = cl.CustomElement(name="FilterTags", props=dict(props), display="inline")
            await self._tags.send(for_id=self._step.id)

    async def _failed(self, event: Failed) -> None:
        await self.close()
        incident = f" (Incident {event.incident})" if event.incident else ""
        await show_error(f"{event.sentence}{incident}")

    async def _finish_answer(self) -> None:
        if self._answer is not None:
            await self._answer.finish()
            self._answer = None


def _gallery(props: cards.Gallery) -> cl.CustomElement:
    return cl.CustomElement(name="ProductGallery", props=dict(props), display="inline")


async def _show(element: cl.CustomElement) -> cl.Message:
    """Send a message that consists of an element."""
    element.display = "inline"
    message = cl.Message(content="", elements=[element])
    await message.send()
    return message


async def _change(element: cl.CustomElement, props: cards.Gallery | cards.FilterTags) -> None:
    element.props, element.content = dict(props), json.dumps(props)
    await element.update()


async def _clear(placeholders: _Placeholders | None) -> None:
    """Remove placeholders for cards that do not come."""
    if placeholders is not None:
        await placeholders.gallery.remove()
        await placeholders.message.remove()


async def _seen(picture: Image) -> cl.Image:
    """What the vision model saw. Like the shopper's photo, it is stored in the session's files."""
    buffer = io.BytesIO()
    await asyncio.to_thread(picture.save, buffer, "PNG")
    return cl.Image(
        name=cards.SEEN, content=buffer.getvalue(), mime="image/png", display="inline", size="large"
    )


async def show_error(sentence: str) -> None:
    """Show the shopper a sentence about what went wrong, in the style of an error."""
    await cl.ErrorMessage(content=sentence).send()
    await say(sentence)


async def say(sentence: str, found: Found | None = None) -> None:
    """Have a screen reader say a sentence; the page shows nothing of it.

    With what a search has found, of which a page of the shop around the chat is told.
    """
    if sentence:
        ids = {} if found is None else {"pounceFound": _told(found)}
        await cl.send_window_message({"pounceSaid": sentence, **ids})


def _told(found: Found) -> dict[str, list[str]]:
    return {"products": [match.product.id for match in found.matches]}
