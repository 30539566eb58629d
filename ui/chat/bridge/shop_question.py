"""A question that a link to the chat, or the page of the shop around it, asks for the shopper.

Its words are the shopper's own message, which they see; its product is looked up in the catalogue.
"""

from __future__ import annotations

import asyncio

from assistant.agent.page_product import LIST_ID
from tools.errors import ShopperError
from ui.chat.bridge.internals import WebsocketSession
from ui.chat.bridge.shop_page import show_product, show_unknown
from ui.chat.bridge.turn_start import start_button_turn
from ui.chat.bridge.turn_view import show_error
from ui.chat.cards.button_payloads import AskJson, PickJson, as_metadata
from ui.chat.state import ChatState


async def ask(state: ChatState, session: WebsocketSession, asked: AskJson) -> None:
    """Start the turn of a question; of a product alone, the search for what is like it."""
    shop = state.assistant.shop
    like = await asyncio.to_thread(shop.named, [asked.like]) if asked.like else None
    if asked.like and like is None:
        await show_unknown()
    words = asked.text.strip()
    metadata = {} if like is None else {"like": like.id}
    if not words and not asked.files:
        if like is None:
            return
        more = {"name": "pick", "act": "more like", "listId": LIST_ID}
        words = "More like this"
        metadata = as_metadata(PickJson.model_validate({**more, "ids": [like.id], "numbers": [1]}))
    if like is not None:
        await show_product(state, like)
    try:
        start_button_turn(state, session, words, metadata, asked.files)
    except ShopperError as error:
        await show_error(str(error))
