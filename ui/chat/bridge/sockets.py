"""Handlers of the page's socket, in place of Chainlit's.

Chainlit's read a message without checking its shape, and send the text of an exception back over
the socket. Here a message is validated and built again from the parts that the chat uses. Events
that the chat does not use are ignored.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
import uuid
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import chainlit as cl
from chainlit.data import get_data_layer
from socketio.exceptions import ConnectionRefusedError as ConnectionRefused

from ui.chat.bridge import internals
from ui.chat.bridge.handlers import show_settings
from ui.chat.bridge.internals import WebsocketSession, init_ws_context, sio
from ui.chat.bridge.sessions import thread_id
from ui.chat.bridge.side_panel import resume_panel
from ui.chat.bridge.turn_start import is_uuid4, start_message_turn
from ui.chat.preferences import WISHES, parse_settings
from ui.chat.state import ChatState

logger = logging.getLogger("pounce.chat")

Emit = Callable[[str, Any], Awaitable[None]]

_LEFT_S = 5.0
"""How long a page that has lost its connection is waited for before its waiting turns go."""


def install_handlers(root: str, state: Callable[[], ChatState]) -> None:
    """Replace Chainlit's handlers, after Chainlit has installed them.

    `root` is the path that browsers have the chat under. `state` is asked at each event.
    """

    leaving: set[asyncio.Task[None]] = set()  # nothing else refers to them

    async def connect(sid: str, environ: dict[str, Any], auth: object = None) -> bool:
        connected = await _connect(sid, environ, auth)
        if root and (session := WebsocketSession.get(sid)) is not None:
            session.emit = _rooted(session.emit, root)
        return connected

    async def connected(sid: str) -> None:
        session = WebsocketSession.get(sid)
        if session is not None and not session.has_first_interaction:
            # Chainlit resumes no conversation in a session that a second socket has taken over.
            # Where the first was lost before it was ready, the page still waits for its own.
            session.restored = session.restored and not session.thread_id_to_resume
        await internals.connection_successful(sid)
        session = WebsocketSession.get(sid)
        if session is not None:
            # Not in `on_chat_start`: Chainlit runs that as a turn, and its end would end the first
            # turn of the page.
            init_ws_context(session)
            await cl.send_window_message({"pounceSession": session.id})
            await show_settings(state())
            if not session.restored:
                await resume_panel(state(), thread_id())

    async def settings_changed(sid: str, settings: object = None, *_: object) -> None:
        session = WebsocketSession.get(sid)
        if session is None or not isinstance(settings, dict):
            return
        init_ws_context(session)
        shop = state().assistant.shop
        vocabulary = await asyncio.to_thread(lambda: shop.vocabulary)
        cl.user_session.set(WISHES, parse_settings(settings, vocabulary.currency))
        await show_settings(state())

    async def client_message(sid: str, payload: object = None, *_: object) -> None:
        await start_message_turn(state(), sid, payload)

    async def disconnect(sid: str, *_: object) -> None:
        session = WebsocketSession.get(sid)
        await internals.disconnect(sid)
        if session is not None:
            waiting = asyncio.create_task(_drop_when_left(state(), session, sid))
            leaving.add(waiting)
            waiting.add_done_callback(leaving.discard)

    for event in list(sio.handlers["/"]):
        sio.on(event, _ignored)
    sio.on("connect", connect)
    sio.on("disconnect", disconnect)
    sio.on("client_message", client_message)
    sio.on("chat_settings_change", settings_changed)
    sio.on("connection_successful", _logged(connected))
    sio.on("clear_session", _logged(internals.clean_session))
    sio.on("stop", _logged(internals.stop))


async def _ignored(*_: object) -> None:
    """Handles an event that the chat does not use: editing, favorites, sound."""


def _logged(handler: Callable[[str], Awaitable[None]]) -> Callable[..., Awaitable[None]]:
    """A handler without data that logs its exceptions; what the page sent with it is dropped."""

    async def handle(sid: str, *_: object) -> None:
        try:
            await handler(sid)
        except Exception:
            logger.exception("Incident %s: an event broke", secrets.token_hex(4))

    return handle


async def _connect(sid: str, environ: dict[str, Any], auth: object = None) -> bool:
    sent = auth if isinstance(auth, dict) else {}
    session = sent.get("sessionId")
    # Chainlit names a folder by the session's id.
    if not is_uuid4(session):
        raise ConnectionRefused("The chat has been away. Please reload the page.")
    checked = {
        "sessionId": session,
        "clientType": "webapp",
        "userEnv": None,
        "chatProfile": None,
        "threadId": await _thread(environ, sent.get("threadId")),
    }
    return bool(await internals.connect(sid, environ, checked))


async def _thread(environ: dict[str, Any], asked: object) -> str | None:
    """The thread that a session resumes: the one asked for, where it is this user's own.

    None without one. Any other is replaced by a new id, under which the page finds nothing,
    whoever owns the thread that it asked for.
    """
    if not asked:
        return None
    layer = get_data_layer()
    user, _ = await internals.authenticate_connection(environ)
    if layer is not None and user is not None and is_uuid4(asked):
        author = await layer.get_thread_author(str(asked))
        if author == user.identifier:
            return str(asked)
    return str(uuid.uuid4())


_OUR_PATHS = ("/media/", "/photos/", "/public/")
_WITH_ADDRESSES = ("element", "set_sidebar_elements", "resume_thread")


def _rooted(emit: Emit, root: str) -> Emit:
    """An emit that puts the root path before our addresses in what the page is sent.

    They are stored without it, so that a chat may move to another path.
    """

    def emit_rooted(event: str, data: Any) -> Awaitable[None]:
        return emit(event, _with_root(data, root) if event in _WITH_ADDRESSES else data)

    return emit_rooted


def _with_root(value: Any, root: str) -> Any:
    if isinstance(value, str):
        return f"{root}{value}" if value.startswith(_OUR_PATHS) else value
    if isinstance(value, Mapping):
        return {key: _with_root(each, root) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_with_root(each, root) for each in value]
    return value


async def _drop_when_left(state: ChatState, session: WebsocketSession, sid: str) -> None:
    """Drop the turns that wait, where the page does not come back."""
    await asyncio.sleep(_LEFT_S)
    if session.socket_id == sid:  # another socket has another id
        state.queue.drop_waiting(session.id)
