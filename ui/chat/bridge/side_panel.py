"""The side panel with what the shopper keeps, and when it is drawn.

Chainlit's page closes a panel whenever an element comes and none is at the "side", and opens one
that is; so the panel is such an element, one for the session, sent anew when it changes.
"""

from __future__ import annotations

import uuid

import chainlit as cl
from chainlit.session import WebsocketSession

from ui.chat.cards.shortlist_panel import panel
from ui.chat.state import ChatState

_NAME = "Shortlist"
"""Of the element, which is also the panel's title."""
_PANEL, _KEPT = "panel", "kept"


async def show_panel(state: ChatState, thread_id: str) -> None:
    """Open the panel, or draw it anew where it is open."""
    kept = await state.assistant.shortlist(thread_id)
    state.pictures.remember(each.product for each in kept if each.product is not None)
    element = cl.CustomElement(
        id=_element_id(),
        name=_NAME,
        props=dict(panel(kept, state.assistant.shop.name)),
        display="side",
    )
    remember_kept([each.id for each in kept])
    await cl.ElementSidebar.set_title(_NAME)
    # Under a key that it has, an open panel would not change.
    await cl.ElementSidebar.set_elements([element], key=str(uuid.uuid4()))


async def refresh_panel(state: ChatState, thread_id: str) -> None:
    """Draw the panel when a turn has changed what is kept; not over a phone's whole screen."""
    now = [each.id for each in await state.assistant.shortlist(thread_id)]
    if now != (cl.user_session.get(_KEPT) or []) and not _on_phone():
        await show_panel(state, thread_id)


async def resume_panel(state: ChatState, thread_id: str) -> None:
    """Tell the page of a conversation that is opened, new or again, what is kept in it.

    It asks for the panel where there is something to see, and room for it.
    """
    ids = [each.id for each in await state.assistant.shortlist(thread_id)]
    remember_kept(ids)
    await cl.send_window_message({"pounceKept": ids})


def remember_kept(ids: list[str]) -> None:
    """Remember what the page knows to be kept, where the panel stays closed."""
    cl.user_session.set(_KEPT, ids)


def _on_phone() -> bool:
    session = cl.context.session
    assert isinstance(session, WebsocketSession)  # the page's; others are not offered
    return "Mobi" in str((session.environ or {}).get("HTTP_USER_AGENT", ""))


def _element_id() -> str:
    known: str | None = cl.user_session.get(_PANEL)
    if known is None:
        known = str(uuid.uuid4())
        cl.user_session.set(_PANEL, known)
    return known
