"""The product that the page of the shop around the chat shows. Its ids are a stranger's: they are
looked up in the catalogue, and what it does not know is said once."""

from __future__ import annotations

import asyncio

import chainlit as cl

from tools.product import Product
from ui.chat.bridge.internals import WebsocketSession
from ui.chat.bridge.turn_view import say
from ui.chat.cards import props as cards
from ui.chat.cards.button_payloads import LookJson
from ui.chat.state import ChatState

_SEEN, _PENDING = "page", "page pending"
"""Names in the session, which a conversation that is opened again has too."""
_UNKNOWN = "I do not know this product. Tell me in words what you are looking for."


async def look(state: ChatState, session: WebsocketSession, looked: LookJson) -> None:
    """Note which product the shopper looks at, and greet with it once.

    It is the newest list from the next message on. Waits for the turn that runs.
    """
    product = await asyncio.to_thread(state.assistant.shop.named, looked.ids)
    async with state.queue.lock(session.id):
        if product is None:
            if looked.greet:
                await show_unknown()
            return
        if _is_new(product):
            cl.user_session.set(_PENDING, product.id)
            if looked.greet:
                await _greet(state, product)


def take_page() -> str:
    """The id of the product that the shopper has come to since the last message; "" for none."""
    product: str = cl.user_session.get(_PENDING) or ""
    cl.user_session.set(_PENDING, "")
    return product


async def show_product(state: ChatState, product: Product) -> None:
    """Show the card of a product, unless it is the one that was greeted with last."""
    if _is_new(product):
        await _greet(state, product)


async def show_unknown() -> None:
    """Say that the catalogue does not know a product."""
    await cl.context.emitter.send_toast(_UNKNOWN, "info")
    await say(_UNKNOWN)


def _is_new(product: Product) -> bool:
    """Whether it is another product than the last one, and from now on that one."""
    before = cl.user_session.get(_SEEN)
    cl.user_session.set(_SEEN, product.id)
    return bool(before != product.id)


async def _greet(state: ChatState, product: Product) -> None:
    state.pictures.remember([product])
    sentence = f"You are looking at {cards.plain(product.title)}."
    props = cards.page_gallery(product, state.assistant.shop.name, state.page_config.links)
    gallery = cl.CustomElement(name="ProductGallery", props=dict(props), display="inline")
    await cl.Message(content=sentence, elements=[gallery]).send()
    await say(f"You are looking at {product.title}.")
