"""The side panel with the shortlist, and when it is drawn.

Chainlit's page closes the panel when an element arrives and none has the display "side", and opens
it for one that has. So the panel is one such element for each session, sent again when it changes.
"""

from __future__ import annotations

import uuid

import chainlit as cl

from ui.chat.cards.shortlist_panel import panel
from ui.chat.state import ChatState

_NAME = "Shortlist"
"""The name of the element and the title of the panel."""
_PANEL, _KEPT = "panel", "kept"


async def show_panel(state: ChatState, thread_id: str) -> None:
    """Open the panel, or redraw it where it is open."""
    kept = await state.assistant.shortlist(thread_id)
    state.pictures.remember(each.product for each in kept if each.product is not None)
    element = cl.CustomElement(
        id=_element_id(),
        name=_NAME,
        props=dict(panel(kept, state.assistant.shop.name)),
        display="side",
    )
    remember_shortlist([each.id for each in kept])
    await cl.ElementSidebar.set_title(_NAME)
    # An open panel does not change without a new key.
    await cl.ElementSidebar.set_elements([element], key=str(uuid.uuid4()))


async def refresh_panel(state: ChatState, thread_id: str) -> None:
    """Tell the page when a turn has changed the shortlist."""
    ids = [each.id for each in await state.assistant.shortlist(thread_id)]
    if ids != (cl.user_session.get(_KEPT) or []):
        await _tell(ids)


async def resume_panel(state: ChatState, thread_id: str) -> None:
    """Send the shortlist of a conversation to the page that has just opened it."""
    await _tell([each.id for each in await state.assistant.shortlist(thread_id)])


async def _tell(ids: list[str]) -> None:
    """Tell the page what is kept. It asks for the panel where it has room beside the chat: only the
    page knows, on a phone as in a narrow frame."""
    remember_shortlist(ids)
    await cl.send_window_message({"pounceKept": ids})


def remember_shortlist(ids: list[str]) -> None:
    """Remember the shortlist that the page knows, while the panel stays closed."""
    cl.user_session.set(_KEPT, ids)


def _element_id() -> str:
    known: str | None = cl.user_session.get(_PANEL)
    if known is None:
        known = str(uuid.uuid4())
        cl.user_session.set(_PANEL, known)
    return known
