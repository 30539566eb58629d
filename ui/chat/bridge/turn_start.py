"""A message or a button of the page as a turn: validated, queued, run in a task of its own."""

from __future__ import annotations

import asyncio
import logging
import re
import secrets
import uuid
from collections.abc import Sequence
from typing import Any

from chainlit.step import StepDict
from chainlit.types import FileReference, MessagePayload
from chainlit.utils import utc_now

from tools.errors import ShopperError
from ui.chat.bridge.handlers import show_incident
from ui.chat.bridge.internals import WebsocketSession, config, init_ws_context
from ui.chat.bridge.sessions import identifier_of
from ui.chat.bridge.turn_view import show_error
from ui.chat.state import ChatState

logger = logging.getLogger("pounce.chat")

_FULL = "Please wait until your earlier messages are answered, then send this one again."
_UUID4 = re.compile("[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")


async def start_message_turn(state: ChatState, sid: str, payload: object) -> None:
    """Start the turn of a message; one of another shape is logged and dropped."""
    session = WebsocketSession.get(sid)
    if session is None:
        return
    message = _message(payload)
    if message is None:
        logger.warning("Incident %s: a message no page of ours sends", secrets.token_hex(4))
        return
    try:
        _start(state, session, message, shown=True)
    except ShopperError as error:
        if state.queue.tell(session.id):
            context = init_ws_context(session)
            await show_error(str(error))
            await context.emitter.task_end()


def start_button_turn(
    state: ChatState,
    session: WebsocketSession,
    words: str,
    metadata: dict[str, Any],
    files: Sequence[str] = (),
) -> None:
    """Start the turn of a button, whose words appear as the shopper's own message.

    `files` are ids of photos that the session has uploaded.

    Raises ShopperError where too many turns of this user wait.
    """
    message: StepDict = {
        "id": str(uuid.uuid4()),
        "name": "User",
        "type": "user_message",
        "output": words,
        "createdAt": utc_now(),
        "command": None,
        "metadata": metadata,
    }
    references = [FileReference(id=each) for each in files]
    payload = MessagePayload(message=message, fileReferences=references)
    _start(state, session, payload, shown=False)


def _start(
    state: ChatState, session: WebsocketSession, payload: MessagePayload, *, shown: bool
) -> None:
    """Start a turn. Raises ShopperError where too many turns of this user wait."""
    user = identifier_of(session.user)
    if state.queue.is_full(session.id, user):
        raise ShopperError(_FULL)
    task = asyncio.create_task(_process(session, payload, shown=shown))
    session.current_task = task
    state.queue.add(session.id, user, task)


def _message(payload: object) -> MessagePayload | None:
    """A message with the fields that the chat reads and no others; None for another shape."""
    match payload:
        case {"message": {"id": str(identity), "output": str(words), **more}, **beside}:
            command = more.get("command")
        case _:
            return None
    files = beside.get("fileReferences") or []
    if not is_uuid4(identity) or not isinstance(command, str | None):
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


def is_uuid4(value: object) -> bool:
    """Whether this is an id as the page makes them."""
    return isinstance(value, str) and _UUID4.fullmatch(value) is not None


async def _process(session: WebsocketSession, payload: MessagePayload, *, shown: bool) -> None:
    """Chainlit's `process_message`, except that the page gets no text of an exception.

    `shown`: the page that sent the message shows it already.
    """
    context = init_ws_context(session)
    try:
        await context.emitter.task_start()
        if session.thread_queues and not session.has_first_interaction:
            # What was shown before the first message stands before it in the history too.
            session.has_first_interaction = True
            await context.emitter.init_thread(payload["message"]["output"])
        message = await context.emitter.process_message(payload)
        if not shown:
            await context.emitter.send_step(message.to_dict())
        # As in Chainlit: lets the message's own tasks, such as its pictures, go first.
        await asyncio.sleep(0.001)
        assert config.code.on_message is not None  # registered before the server runs
        await config.code.on_message(message)
    except asyncio.CancelledError:
        pass  # the stop button cancels this task alone
    except Exception:
        incident = secrets.token_hex(4)
        logger.exception("Incident %s: a message broke", incident)
        await show_incident(incident)
    finally:
        await context.emitter.task_end()
