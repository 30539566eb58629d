"""Routes for a user's own things: photos, thumbs, "Your data" to download or to delete.

Chainlit's feedback routes do not check whose message a thumb is about; these do.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Literal

from fastapi import Depends, FastAPI, HTTPException, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from pydantic import BaseModel, Field

from tools.errors import PhotoError
from ui.chat.conversations.export import zip_of
from ui.chat.ports import CurrentUser
from ui.chat.state import ChatState
from ui.chat.web.html import render

_PRIVATE = "private, max-age=3600"


class Thumb(BaseModel):
    """The part of a thumb that is needed of what the page sends."""

    forId: str = Field(max_length=100)  # noqa: N815 - Chainlit's spelling
    value: Literal[0, 1]
    comment: str | None = Field(None, max_length=10_000)


class NewThumb(BaseModel):
    """A thumb is given."""

    feedback: Thumb


class NoThumb(BaseModel):
    """A thumb is taken back."""

    feedbackId: str = Field(max_length=100)  # noqa: N815 - Chainlit's spelling


def add_user_routes(
    app: FastAPI,
    state: Callable[[], ChatState],
    current_user: Callable[..., Awaitable[CurrentUser]],
) -> None:
    """Declare the routes. `state` is asked at each request.

    `current_user` is a dependency as FastAPI has them; it answers 401 where nobody is logged in.
    """
    who = Depends(current_user)

    @app.get("/photos/{ref}.jpg")
    async def photo(ref: str, user: CurrentUser = who) -> Response:
        """A photo of one of the user's own conversations; 404 for any other."""
        if not await state().threads.may_see(user.identifier, ref):
            raise HTTPException(404, "No such picture")
        try:
            jpeg = await asyncio.to_thread(state().assistant.photos.read, ref)
        except PhotoError as error:
            raise HTTPException(404, "No such picture") from error
        return Response(jpeg, media_type="image/jpeg", headers={"cache-control": _PRIVATE})

    @app.put("/feedback")
    async def judge(given: NewThumb, user: CurrentUser = who) -> dict[str, object]:
        """Store a thumb on an answer in one of the user's own conversations."""
        thumb = given.feedback
        thread = await state().threads.thread_of(user.identifier, thumb.forId)
        if not thread:
            raise HTTPException(404, "No such answer")
        comment = (thumb.comment or "").strip()
        identity = await state().threads.judge(thread, thumb.forId, thumb.value, comment)
        turn = await state().threads.turn_of(thread, thumb.forId)
        await state().assistant.rate(turn, {"value": thumb.value, "comment": comment})
        return {"success": True, "feedbackId": identity}

    @app.delete("/feedback")
    async def take_back(given: NoThumb, user: CurrentUser = who) -> dict[str, bool]:
        """Remove one of the user's own thumbs."""
        turn = await state().threads.take_back(user.identifier, given.feedbackId)
        await state().assistant.rate(turn, None)
        return {"success": True}

    @app.get("/your-data")
    async def page(user: CurrentUser = who) -> Response:
        """The page "Your data": what is kept of the user, to download or to delete."""
        count = len(await state().threads.list_threads(user.id, first=100_000))
        return HTMLResponse(render("your_data.html", title=state().page_config.title, count=count))

    @app.get("/your-data.zip")
    async def download(user: CurrentUser = who) -> Response:
        """All that is kept of the user, as a zip."""
        data = await zip_of(state().threads, state().assistant.photos, user.id)
        names = {"content-disposition": 'attachment; filename="your-data.zip"'}
        return Response(
            data, media_type="application/zip", headers={**names, "cache-control": "no-store"}
        )

    @app.post("/your-data/delete")
    async def delete(user: CurrentUser = who) -> Response:
        """Delete every conversation of the user, with photos, memory and records."""
        for thread in await state().threads.list_threads(user.id, first=100_000):
            await state().forget(thread.id)
        return RedirectResponse("/your-data", status_code=303)
