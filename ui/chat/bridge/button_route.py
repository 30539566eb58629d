"""What the buttons of the page do: in place of Chainlit's own route, which believes any payload.

A button that asks for something starts a turn like a message does, and shows up as one; keeping
and letting go happen at once, since a shopper who keeps three cards wants to stay where they are.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from fastapi import Depends, FastAPI, HTTPException
from pydantic import BaseModel

from tools.errors import ShopperError
from ui.chat.cards.button_payloads import (
    Button,
    GoneJson,
    KeepJson,
    LetGoJson,
    OpenListJson,
    PickJson,
    as_metadata,
    parse_button,
    words_of,
)

if TYPE_CHECKING:  # it brings Chainlit, which may come only when its folder is laid
    from ui.chat.state import ChatState

PATH = "/project/action"
"""Where Chainlit's page sends what its elements do."""


class ActionJson(BaseModel):
    """The page's request."""

    sessionId: str  # noqa: N815 - as the page writes it
    action: dict[str, Any]


def add_action_route(app: FastAPI, state: Callable[[], ChatState]) -> None:
    """Declare the route. `state` is asked at each request."""
    from chainlit.auth import get_current_user

    @app.post(PATH)
    async def act(
        asked: ActionJson,
        user: Any = Depends(get_current_user),  # noqa: B008 - FastAPI's way
    ) -> dict[str, Any]:
        """What came of a button, as Chainlit's page expects it."""
        from chainlit.context import init_ws_context
        from chainlit.session import WebsocketSession

        session = WebsocketSession.get_by_id(asked.sessionId)
        payload = asked.action.get("payload")
        name = asked.action.get("name")
        what = parse_button({**payload, "name": name}) if isinstance(payload, dict) else None
        # Another user's session is none, as far as anybody is told.
        stranger = session is None or _identifier(session.user) != _identifier(user)
        if session is None or stranger or what is None:
            raise HTTPException(404, "The chat has been away. Please reload the page.")
        init_ws_context(session)
        try:
            response = await _done(state(), session, what)
        except (ShopperError, ValueError) as error:
            sentence = str(error) if isinstance(error, ShopperError) else "That card is not there."
            response = {"said": sentence}
        return {"success": True, "response": response}


async def _done(state: ChatState, session: Any, what: Button) -> dict[str, Any]:
    from ui.chat.bridge.handlers import thread_id
    from ui.chat.bridge.side_panel import remember_kept, show_panel
    from ui.chat.bridge.sockets import start_button_turn

    shop = state.assistant.shop
    match what:
        case PickJson():
            pick = what.pick()
            meant = [pick.ids[number - 1] for number in pick.numbers]
            if gone := await asyncio.to_thread(_gone, state, meant):
                return {"gone": gone}
            currency = (await asyncio.to_thread(lambda: shop.vocabulary)).currency
            start_button_turn(session, words_of(pick, currency), as_metadata(what))
            return {}
        case KeepJson() | LetGoJson():
            if isinstance(what, KeepJson):
                if gone := await asyncio.to_thread(_gone, state, [what.id]):
                    return {"gone": gone}
                await state.assistant.add_to_shortlist(thread_id(), what.id, what.number)
            else:
                await state.assistant.remove_from_shortlist(thread_id(), what.id)
            kept = [each.id for each in await state.assistant.shortlist(thread_id())]
            remember_kept(kept)
            if what.wide:
                await show_panel(state, thread_id())
            return {"kept": kept}
        case OpenListJson():
            await show_panel(state, thread_id())
            return {}
        case GoneJson():
            return {"gone": await asyncio.to_thread(_gone, state, what.ids)}


def _gone(state: ChatState, ids: list[str]) -> list[str]:
    """Those that the shop no longer has. Blocking."""
    return [each for each in ids if not state.pictures.knows(each)]


def _identifier(user: Any) -> str | None:
    return None if user is None else str(user.identifier)
