"""Chainlit's data layer over our store of conversations.

Chainlit calls most of this from background tasks, so errors appear in the log alone. Where a page
could have chosen the thread id of a call, the session's own thread is used.
"""

from __future__ import annotations

import asyncio
import io
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, ParamSpec, TypeVar, cast

from chainlit.context import ChainlitContextException, context
from chainlit.data.base import BaseDataLayer
from chainlit.element import Element, ElementDict
from chainlit.step import StepDict
from chainlit.types import (
    Feedback,
    PageInfo,
    PaginatedResponse,
    Pagination,
    ThreadDict,
    ThreadFilter,
)
from chainlit.user import PersistedUser, User
from fastapi import HTTPException
from PIL import Image

from ui.chat.bridge.internals import WebsocketSession, queue_until_user_message
from ui.chat.conversations.photo_references import PhotoReferences
from ui.chat.conversations.store import Thread, ThreadStore

_MOST_THREADS = 50
"""On one page of the sidebar, whatever is asked for."""
_HERE = "photo:"
"""Begins the object key of an element whose picture lies in the photo store."""


_P = ParamSpec("_P")
_R = TypeVar("_R")


def _after_first_message(
    method: Callable[_P, Awaitable[_R]],
) -> Callable[_P, Awaitable[_R]]:
    """Queue calls until the first message, as Chainlit's own data layers do."""
    queued: Callable[_P, Awaitable[_R]] = queue_until_user_message()(method)
    return queued


def photo_url(ref: str) -> str:
    """The address of a photo that its owner may ask for."""
    return f"/photos/{ref}.jpg"


class DataLayer(BaseDataLayer):
    """Chainlit's history over a store. `forget` stops a thread and removes all of it."""

    def __init__(
        self,
        store: ThreadStore,
        references: PhotoReferences,
        forget: Callable[[str], Awaitable[None]],
    ) -> None:
        self._store = store
        self._references = references
        self._forget = forget

    async def get_user(self, identifier: str) -> PersistedUser | None:
        user = await self._store.user(identifier)
        if user is None:
            return None
        return PersistedUser(
            id=user.id, identifier=identifier, createdAt=user.created, metadata=user.doc
        )

    async def create_user(self, user: User) -> PersistedUser | None:
        await self._store.keep_user(user.identifier, user.metadata)
        return await self.get_user(user.identifier)

    async def upsert_feedback(self, feedback: Feedback) -> str:
        """Never called: a route of ours does this, since Chainlit's does not check the user."""
        raise NotImplementedError

    async def delete_feedback(self, feedback_id: str) -> bool:
        """As `upsert_feedback`."""
        raise NotImplementedError

    @_after_first_message
    async def create_element(self, element: Element) -> None:
        thread = _own_thread()
        doc: dict[str, Any] = dict(element.to_dict())
        doc["threadId"] = thread
        # Files of a session go with it.
        doc["chainlitKey"] = None
        if element.type == "image" and not element.url:
            if await self._store.is_deleted(thread):
                return
            jpeg = await asyncio.to_thread(_jpeg_of, element)
            ref = await self._references.show(thread, jpeg)
            doc["objectKey"] = f"{_HERE}{ref}"
        await self._store.keep_element(thread, element.id, doc)

    async def get_element(self, thread_id: str, element_id: str) -> ElementDict | None:
        doc = await self._store.element(thread_id, element_id)
        return _element(doc) if doc else None

    @_after_first_message
    async def delete_element(self, element_id: str, thread_id: str | None = None) -> None:  # noqa: ARG002 - the session's own is taken
        await self._store.drop_element(_own_thread(), element_id)

    @_after_first_message
    async def create_step(self, step_dict: StepDict) -> None:
        await self._store.keep_step(_own_thread(), step_dict["id"], step_dict)

    @_after_first_message
    async def update_step(self, step_dict: StepDict) -> None:
        await self._store.keep_step(_own_thread(), step_dict["id"], step_dict)

    @_after_first_message
    async def delete_step(self, step_id: str) -> None:
        await self._store.drop_step(_own_thread(), step_id)

    async def get_thread_author(self, thread_id: str) -> str:
        thread = await self._store.thread(thread_id)
        return thread.user if thread else ""

    async def delete_thread(self, thread_id: str) -> None:
        await self._forget(thread_id)

    async def list_threads(
        self, pagination: Pagination, filters: ThreadFilter
    ) -> PaginatedResponse[ThreadDict]:
        first = min(max(pagination.first, 1), _MOST_THREADS)
        found = await self._store.list_threads(
            filters.userId or "",
            first=first + 1,
            after=pagination.cursor or "",
            search=filters.search or "",
        )
        page = found[:first]
        info = PageInfo(
            hasNextPage=len(found) > first,
            startCursor=page[0].id if page else None,
            endCursor=page[-1].id if page else None,
        )
        return PaginatedResponse(pageInfo=info, data=[_thread(each, [], []) for each in page])

    async def get_thread(self, thread_id: str) -> ThreadDict | None:
        thread = await self._store.thread(thread_id)
        if thread is None:
            return None
        steps = await self._store.steps(thread_id)
        elements = await self._store.elements(thread_id)
        return _thread(thread, steps, [_element(doc) for doc in elements])

    async def update_thread(
        self,
        thread_id: str,
        name: str | None = None,
        user_id: str | None = None,
        metadata: dict[str, Any] | None = None,
        tags: list[str] | None = None,  # noqa: ARG002 - of chat profiles, which are not used
    ) -> None:
        if user_id is not None:  # a session's first message
            await self._store.begin(thread_id, user_id, name or "")
        elif name is not None:  # by hand, in the sidebar
            if not name.strip():
                raise HTTPException(400, "A conversation needs a name.")
            await self._store.name(thread_id, name.strip(), by_shopper=True)
        if metadata is not None:
            await self._store.note(thread_id, metadata)

    async def build_debug_url(self) -> str:
        return ""

    async def get_favorite_steps(self, user_id: str) -> list[StepDict]:  # noqa: ARG002 - not used
        return []

    async def close(self) -> None:
        """Does nothing: whoever opened the store closes it."""


def _own_thread() -> str:
    """The thread of the session that this runs in; "" outside of one, where nothing is kept."""
    try:
        session = context.session
    except ChainlitContextException:
        return ""
    return str(session.thread_id) if isinstance(session, WebsocketSession) else ""


def _jpeg_of(element: Element) -> bytes:
    """The picture of an element as a JPEG. Blocking."""
    data = Path(element.path).read_bytes() if element.path else element.content
    assert isinstance(data, bytes)  # text has no picture, and none of ours is made of it
    if not data.startswith(b"\xff\xd8\xff"):
        buffer = io.BytesIO()
        with Image.open(io.BytesIO(data)) as image:
            image.convert("RGB").save(buffer, "JPEG", quality=88)
        data = buffer.getvalue()
    return data


def _element(doc: dict[str, Any]) -> ElementDict:
    key = str(doc.get("objectKey") or "")
    if key.startswith(_HERE):
        doc = {**doc, "url": photo_url(key.removeprefix(_HERE)), "objectKey": None}
    return cast(ElementDict, doc)  # kept as Chainlit gave it


def _thread(thread: Thread, steps: list[Any], elements: list[ElementDict]) -> ThreadDict:
    return ThreadDict(
        id=thread.id,
        createdAt=thread.created,
        name=thread.name,
        userId=thread.user_id,
        userIdentifier=thread.user,
        tags=None,
        metadata=thread.doc,
        steps=steps,
        elements=elements,
    )
