"""The route of the page's buttons, in place of Chainlit's own, which believes any payload.

A button that asks for something starts a turn, as a message does. The shortlist changes at once
and without a turn: a shopper who keeps three cards wants to stay where they are.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Annotated, Any

from fastapi import Depends, FastAPI, HTTPException
from pydantic import BaseModel

from assistant.events import LinkClick
from tools.errors import ShopperError
from ui.chat.bridge.internals import WebsocketSession, get_current_user, init_ws_context
from ui.chat.bridge.sessions import session_of, thread_id
from ui.chat.bridge.shop_page import look
from ui.chat.bridge.shop_question import ask
from ui.chat.bridge.side_panel import remember_shortlist, show_panel
from ui.chat.bridge.turn_start import start_button_turn
from ui.chat.cards.button_payloads import (
    AskJson,
    Button,
    ClickJson,
    GoneJson,
    KeepJson,
    LetGoJson,
    LookJson,
    OpenListJson,
    PickJson,
    as_metadata,
    parse_button,
    words_of,
)
from ui.chat.state import ChatState
from ui.chat.web.allowlist import ACTION_PATH


class ActionJson(BaseModel):
    """The page's request."""

    sessionId: str  # noqa: N815 - as the page writes it
    action: dict[str, Any]


def add_button_route(app: FastAPI, state: Callable[[], ChatState]) -> None:
    """Declare the route. `state` is asked at each request."""

    @app.post(ACTION_PATH)
    async def act(
        request: ActionJson, user: Annotated[Any, Depends(get_current_user)]
    ) -> dict[str, Any]:
        """What a button did, as Chainlit's page expects it."""
        payload = request.action.get("payload")
        name = request.action.get("name")
        button = parse_button({**payload, "name": name}) if isinstance(payload, dict) else None
        session = session_of(request.sessionId, user)
        if button is None:
            raise HTTPException(404, "The chat has been away. Please reload the page.")
        init_ws_context(session)
        try:
            response = await _run(state(), session, button)
        except (ShopperError, ValueError) as error:
            sentence = str(error) if isinstance(error, ShopperError) else "That card is not there."
            response = {"said": sentence}
        return {"success": True, "response": response}


async def _run(state: ChatState, session: WebsocketSession, button: Button) -> dict[str, Any]:
    match button:
        case PickJson():
            return await _start_turn(state, session, button)
        case KeepJson() | LetGoJson():
            return await _change_shortlist(state, button)
        case OpenListJson():
            await show_panel(state, thread_id())
            return {}
        case GoneJson():
            return {"gone": await asyncio.to_thread(_gone, state, button.ids)}
        case ClickJson():
            state.turns.metrics.clicked(cart=button.cart)
            await state.assistant.clicked(thread_id(), button.turn, _click(button))
            return {}
        case LookJson():
            await look(state, session, button)
            return {}
        case AskJson():
            await ask(state, session, button)
            return {}


def _click(button: ClickJson) -> LinkClick:
    return LinkClick(button.listId, button.number, button.id, button.variant, button.cart)


async def _start_turn(
    state: ChatState, session: WebsocketSession, button: PickJson
) -> dict[str, Any]:
    pick = button.pick()
    meant = [pick.ids[number - 1] for number in pick.numbers]
    if gone := await asyncio.to_thread(_gone, state, meant):
        return {"gone": gone}
    shop = state.assistant.shop
    currency = (await asyncio.to_thread(lambda: shop.vocabulary)).currency
    start_button_turn(state, session, words_of(pick, currency), as_metadata(button))
    return {}


async def _change_shortlist(state: ChatState, button: KeepJson | LetGoJson) -> dict[str, Any]:
    if isinstance(button, KeepJson):
        if gone := await asyncio.to_thread(_gone, state, [button.id]):
            return {"gone": gone}
        await state.assistant.add_to_shortlist(thread_id(), button.id, button.number)
    else:
        await state.assistant.remove_from_shortlist(thread_id(), button.id)
    kept = [each.id for each in await state.assistant.shortlist(thread_id())]
    remember_shortlist(kept)
    if button.wide:
        await show_panel(state, thread_id())
    return {"kept": kept}


def _gone(state: ChatState, ids: list[str]) -> list[str]:
    """Those that the shop no longer has. Blocking."""
    return [each for each in ids if not state.pictures.knows(each)]
