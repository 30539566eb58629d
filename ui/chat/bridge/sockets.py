"""What the page's socket may say: Chainlit's events, in the shapes that its page sends.

Chainlit takes a message apart without looking at it first, and sends the text of what goes
wrong back over the socket. So a message is built anew here from the parts that the chat uses,
and the events that it does not use are ignored.
"""

from __future__ import annotations

import asyncio
import logging
import re
import secrets
import uuid
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import chainlit as cl
from chainlit import socket as chainlits
from chainlit.config import config
from chainlit.context import init_ws_context
from chainlit.data import get_data_layer
from chainlit.server import sio
from chainlit.session import WebsocketSession
from chainlit.step import StepDict
from chainlit.types import FileReference, MessagePayload
from chainlit.utils import utc_now
from socketio.exceptions import ConnectionRefusedError as Refused

from ui.chat.bridge.handlers import show_settings, tell_incident, thread_id
from ui.chat.bridge.side_panel import resume_panel
from ui.chat.preferences import WISHES, kept_from
from ui.chat.state import ChatState

logger = logging.getLogger("pounce.chat")

Emit = Callable[[str, Any], Awaitable[None]]

_UUID4 = re.compile("[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")


def install_handlers(root: str, state: Callable[[], ChatState]) -> None:
    """Put our handlers before Chainlit's, once Chainlit's stand.

    `root` is the path that browsers have the chat under. `state` is asked at each event.
    """

    async def connect(sid: str, environ: dict[str, Any], auth: object = None) -> bool:
        connected = await _connect(sid, environ, auth)
        if root and (session := WebsocketSession.get(sid)) is not None:
            session.emit = _rooted(session.emit, root)
        return connected

    async def connected(sid: str) -> None:
        await chainlits.connection_successful(sid)
        session = WebsocketSession.get(sid)
        if session is not None:
            # Not as Chainlit's `on_chat_start`, which would be a turn: its end would end the
            # page's first one.
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
        cl.user_session.set(WISHES, kept_from(settings, vocabulary.currency))
        await show_settings(state())

    for event in list(sio.handlers["/"]):
        if event != "disconnect":
            sio.on(event, _ignored)
    sio.on("connect", connect)
    sio.on("client_message", _client_message)
    sio.on("chat_settings_change", settings_changed)
    sio.on("connection_successful", _quiet(connected))
    sio.on("clear_session", _quiet(chainlits.clean_session))
    sio.on("stop", _quiet(chainlits.stop))


async def _ignored(*_: object) -> None:
    """An event that the chat does not use: editing, favorites, sound."""


def _quiet(handler: Callable[[str], Awaitable[None]]) -> Callable[..., Awaitable[None]]:
    """Chainlit's handler of an event without data, whatever was sent with it."""

    async def handle(sid: str, *_: object) -> None:
        try:
            await handler(sid)
        except Exception:
            logger.exception("Incident %s: an event broke", secrets.token_hex(4))

    return handle


async def _connect(sid: str, environ: dict[str, Any], auth: object = None) -> bool:
    said = auth if isinstance(auth, dict) else {}
    session = said.get("sessionId")
    # The session's name becomes a folder's.
    if not _is_uuid4(session):
        raise Refused("The chat has been away. Please reload the page.")
    ours = {
        "sessionId": session,
        "clientType": "webapp",
        "userEnv": None,
        "chatProfile": None,
        "threadId": await _thread(environ, said.get("threadId")),
    }
    return bool(await chainlits.connect(sid, environ, ours))


async def _thread(environ: dict[str, Any], asked: object) -> str | None:
    """The thread that a session goes on with: the one asked for, where it is this user's own.

    None for a new one. Of any other the page hears that it is not there, whoever has it, and the
    session's own name is the server's choice.
    """
    if not asked:
        return None
    layer = get_data_layer()
    user, _ = await chainlits._authenticate_connection(environ)
    if layer is not None and user is not None and _is_uuid4(asked):
        author = await layer.get_thread_author(str(asked))
        if author == user.identifier:
            return str(asked)
    return str(uuid.uuid4())


_OURS = ("/media/", "/photos/", "/public/")
_WITH_ADDRESSES = ("element", "set_sidebar_elements", "resume_thread")


def _rooted(emit: Emit, root: str) -> Emit:
    """Tells the page addresses of ours under the path that it has us under.

    They are kept without it, so that a chat may move to another path.
    """

    def told(event: str, data: Any) -> Awaitable[None]:
        return emit(event, _moved(data, root) if event in _WITH_ADDRESSES else data)

    return told


def _moved(value: Any, root: str) -> Any:
    if isinstance(value, str):
        return f"{root}{value}" if value.startswith(_OURS) else value
    if isinstance(value, Mapping):
        return {key: _moved(each, root) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_moved(each, root) for each in value]
    return value


async def _client_message(sid: str, payload: object = None, *_: object) -> None:
    session = WebsocketSession.get(sid)
    if session is None:
        return
    message = _message(payload)
    if message is None:
        logger.warning("Incident %s: a message no page of ours sends", secrets.token_hex(4))
        return
    session.current_task = asyncio.create_task(_process(session, message))


def start_button_turn(session: WebsocketSession, words: str, metadata: dict[str, Any]) -> None:
    """Start the turn of a button, whose words appear as the shopper's own message."""
    message: StepDict = {
        "id": str(uuid.uuid4()),
        "name": "User",
        "type": "user_message",
        "output": words,
        "createdAt": utc_now(),
        "command": None,
        "metadata": metadata,
    }
    payload = MessagePayload(message=message, fileReferences=[])
    session.current_task = asyncio.create_task(_process(session, payload, shown=False))


def _message(payload: object) -> MessagePayload | None:
    """A message with nothing in it but what the chat reads; None when that has another shape."""
    match payload:
        case {"message": {"id": str(identity), "output": str(words), **more}, **beside}:
            command = more.get("command")
        case _:
            return None
    files = beside.get("fileReferences") or []
    if not _is_uuid4(identity) or not isinstance(command, str | None):
        return None
    if not isinstance(files, list) or not all(
        isinstance(file, dict) and isinstance(file.get("id"), str) for file in files
    ):
        return None
    message: StepDict = {
        "id": identity,
        "name": "User",
        "type": "user_message",
        "output": words,
        "createdAt": utc_now(),
        "command": command,
        "metadata": {},
    }
    references = [FileReference(id=file["id"]) for file in files]
    return MessagePayload(message=message, fileReferences=references)


def _is_uuid4(value: object) -> bool:
    return isinstance(value, str) and _UUID4.fullmatch(value) is not None


async def _process(
    session: WebsocketSession, payload: MessagePayload, *, shown: bool = True
) -> None:
    """Chainlit's `process_message`, but for what it says of an exception.

    `shown`: the page that sent the message shows it already.
    """
    context = init_ws_context(session)
    try:
        await context.emitter.task_start()
        message = await context.emitter.process_message(payload)
        if not shown:
            await context.emitter.send_step(message.to_dict())
        # As in Chainlit: the message's own tasks, its pictures among them, go first.
        await asyncio.sleep(0.001)
        assert config.code.on_message is not None  # registered before the server runs
        await config.code.on_message(message)
    except asyncio.CancelledError:
        pass  # the stop button, which cancels no more than this task
    except Exception:
        incident = secrets.token_hex(4)
        logger.exception("Incident %s: a message broke", incident)
        await tell_incident(incident)
    finally:
        await context.emitter.task_end()
