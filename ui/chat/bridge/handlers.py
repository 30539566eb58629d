"""Chainlit's callbacks: a message in, a turn of the assistant out, and every failure shown.

Chainlit catches what a handler raises, shows the shopper nothing, and sends the text of the
exception over the websocket. So no exception leaves a handler of ours.

Importing this file registers nothing: `mount_chainlit` loads its target a second time, under
another module name. `ui.chat.bridge.mount` calls `register`.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Callable
from contextlib import aclosing

import chainlit as cl
from chainlit.data import get_data_layer
from chainlit.element import Element
from chainlit.input_widget import InputWidget, Slider, Switch, TextInput
from chainlit.types import ThreadDict

from assistant.events import Message, Photo
from tools.errors import ShopperError
from ui.chat.bridge.internals import STOPPED
from ui.chat.bridge.sessions import (
    ChainlitTurnSession,
    first_interaction,
    identifier_of,
    page_session,
    thread_id,
)
from ui.chat.bridge.shop_page import take_page
from ui.chat.bridge.side_panel import refresh_panel
from ui.chat.bridge.turn_view import TurnView, say, show_error
from ui.chat.cards.button_payloads import like_of, pick_of
from ui.chat.preferences import WISHES, SettingField, setting_fields, wishes_of, without
from ui.chat.starters import scene_url
from ui.chat.state import ChatState

logger = logging.getLogger("pounce.chat")

_INTERRUPTED = "The shop was restarted while I answered this. Please send it again."


def register(state: Callable[[], ChatState]) -> None:
    """Register the callbacks. `state` is asked at each call; it is there once the server runs."""

    @cl.on_message
    async def on_message(message: cl.Message) -> None:
        await _answer(state(), message)

    @cl.on_chat_resume
    async def on_chat_resume(thread: ThreadDict) -> None:
        """Does nothing; Chainlit resumes conversations only where this is registered."""

    @cl.on_stop
    async def on_stop() -> None:
        state().queue.stop(cl.context.session.id)
        for said in cl.chat_context.get():
            if said.type == "assistant_message" and said.content == STOPPED:
                said.content = "Stopped. What would you like instead?"
                await said.update()
                await say(said.content)

    @cl.set_starters
    async def set_starters(_user: object) -> list[cl.Starter]:
        return await asyncio.to_thread(_starters, state())


def _starters(state: ChatState) -> list[cl.Starter]:
    if own := state.page_config.branding.starters:
        return [cl.Starter(label=words, message=words) for words in own]
    shop = state.assistant.shop
    offered = state.starters.offer(shop, shop.vocabulary)
    return [
        cl.Starter(label=s.words, message=s.words, command=s.key, icon=scene_url(s) or None)
        for s in offered
    ]


async def show_settings(state: ChatState) -> None:
    """Send the settings panel, filled with what this thread has set."""
    vocabulary = await asyncio.to_thread(lambda: state.assistant.shop.vocabulary)
    kept = cl.user_session.get(WISHES) or {}
    fields = setting_fields(kept, state.page_config, vocabulary)
    await cl.ChatSettings([_widget(each) for each in fields]).send()


def _widget(choice: SettingField) -> InputWidget:
    match choice.kind:
        case "slider":
            low, high = choice.range
            return Slider(
                id=choice.id,
                label=choice.label,
                initial=float(choice.initial),
                min=low,
                max=high,
                step=1,
            )
        case "switch":
            return Switch(
                id=choice.id,
                label=choice.label,
                initial=bool(choice.initial),
                description=choice.hint,
            )
        case "text":  # Chainlit's field for numbers shows 0 where there is none
            return TextInput(
                id=choice.id,
                label=choice.label,
                initial=str(choice.initial),
                placeholder=choice.hint,
            )


async def _answer(state: ChatState, message: cl.Message) -> None:
    try:
        async with state.queue.lock(cl.context.session.id):
            await _turn(state, message)
    except asyncio.CancelledError:
        if state.queue.closing:
            await _keep_sentence(_INTERRUPTED)
        raise
    except ShopperError as error:
        await show_error(str(error))
    except Exception:
        incident = secrets.token_hex(4)
        logger.exception("Incident %s: a turn broke", incident)
        await show_incident(incident)


async def _keep_sentence(sentence: str) -> None:
    """Store a sentence in the conversation, for when it is opened again."""
    layer = get_data_layer()
    assert layer is not None  # ours
    await layer.create_step(cl.ErrorMessage(content=sentence).to_dict())


async def show_incident(incident: str) -> None:
    """Show the shopper the number under which the log has an exception, and nothing else of it."""
    await show_error(
        "Something went wrong here, so this message has no answer. Please send it again; "
        f"if that does not help, tell the shop this number: {incident}."
    )


async def _turn(state: ChatState, message: cl.Message) -> None:
    pick = pick_of(message.metadata)
    photos = () if pick is not None else await _photos(state, message)
    if not message.content:
        # Chainlit's page shows no stop button before the first interaction has a name.
        await first_interaction("photo")
    # The page's socket tells it the address too, but not where it is polled.
    await cl.send_window_message({"pounceThread": cl.context.session.thread_id})
    kept = cl.user_session.get(WISHES) or {}
    if pick is not None and pick.act == "relax" and (left := without(kept, pick.limits)) != kept:
        cl.user_session.set(WISHES, left)
        await show_settings(state)
        kept = left
    wishes = wishes_of(kept)
    view = TurnView(state, wishes)
    try:
        asked = Message(
            text=message.content,
            photos=photos,
            pick=pick,
            page=take_page(),
            like=like_of(message.metadata),
            wishes=wishes,
        )
        turn = state.turns.run(thread_id(), asked, ChainlitTurnSession())
        async with aclosing(turn) as events:
            async for event in events:
                await view.show(event)
        await refresh_panel(state, thread_id())
    finally:
        await view.close()


async def _photos(state: ChatState, message: cl.Message) -> tuple[Photo, ...]:
    """The photos of a message, in its order: a starter's own, or those that were attached."""
    starter = state.starters.photo_of(message.command, state.assistant.shop.name)
    if starter is not None and (scene := state.starters.scene(starter.scene)) is not None:
        image = cl.Image(name=starter.photo_name, url=scene_url(starter), display="inline")
        await image.send(for_id=message.id)
        store = state.assistant.photos
        jpeg, name = await asyncio.to_thread(
            lambda: store.jpeg_of(scene.read_bytes(), starter.photo_name)
        )
        return (Photo(await state.references.attach(page_session().thread_id, jpeg), name),)
    attached: list[Element] = list(message.elements)
    session = page_session()
    photos = state.uploads.of(
        session, [element.id for element in attached], identifier_of(session.user)
    )
    most = state.page_config.max_photos
    if len(photos) > most:
        await show_error(f"Only the first {most} photos of a message are looked at.")
    return photos[:most]
