"""Routes of a shopper's own things: photos, thumbs, and all of it as a file or gone.

Chainlit's own feedback routes ask nobody whose message it is; these do.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from html import escape
from typing import Annotated, Literal

from chainlit.auth import get_current_user
from chainlit.user import PersistedUser
from fastapi import Depends, FastAPI, HTTPException, Response
from fastapi.responses import FileResponse, HTMLResponse, RedirectResponse
from pydantic import BaseModel, Field

from tools.errors import PhotoError
from ui.chat.conversations.export import zip_of
from ui.chat.state import ChatState

_PRIVATE = "private, max-age=3600"


class Thumb(BaseModel):
    """What the page sends of a thumb; what else it sends is not needed."""

    forId: str = Field(max_length=100)  # noqa: N815 - Chainlit's spelling
    value: Literal[0, 1]
    comment: str | None = Field(None, max_length=10_000)


class NewThumb(BaseModel):
    """A thumb is given."""

    feedback: Thumb


class NoThumb(BaseModel):
    """A thumb is taken back."""

    feedbackId: str = Field(max_length=100)  # noqa: N815 - Chainlit's spelling


async def _who(user: Annotated[object, Depends(get_current_user)]) -> PersistedUser:
    if not isinstance(user, PersistedUser):
        raise HTTPException(401, "Please log in.")
    return user


Who = Annotated[PersistedUser, Depends(_who)]


def add_thread_routes(app: FastAPI, state: Callable[[], ChatState]) -> None:
    """Declare the routes. `state` is asked at each request."""

    @app.get("/photos/{ref}.jpg")
    async def photo(ref: str, user: Who) -> Response:
        """A photo that stands in a conversation of whoever asks; 404 for any other."""
        if not await state().threads.may_see(user.identifier, ref):
            raise HTTPException(404, "No such picture")
        try:
            path = await asyncio.to_thread(state().assistant.photos.path, ref)
        except PhotoError as error:
            raise HTTPException(404, "No such picture") from error
        return FileResponse(path, media_type="image/jpeg", headers={"cache-control": _PRIVATE})

    @app.put("/feedback")
    async def judge(given: NewThumb, user: Who) -> dict[str, object]:
        """Keep a thumb on an answer of one's own conversation."""
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
    async def take_back(given: NoThumb, user: Who) -> dict[str, bool]:
        """Remove a thumb of one's own."""
        turn = await state().threads.take_back(user.identifier, given.feedbackId)
        await state().assistant.rate(turn, None)
        return {"success": True}

    @app.get("/your-data")
    async def page(user: Who) -> Response:
        """What is kept of whoever asks, to take along or to delete."""
        count = len(await state().threads.list_threads(user.id, first=100_000))
        return HTMLResponse(_page(state().page_config.title, count))

    @app.get("/your-data.zip")
    async def download(user: Who) -> Response:
        """All of it as a zip."""
        data = await zip_of(state().threads, state().assistant.photos, user.id)
        names = {"content-disposition": 'attachment; filename="your-data.zip"'}
        return Response(
            data, media_type="application/zip", headers={**names, "cache-control": "no-store"}
        )

    @app.post("/your-data/delete")
    async def delete(user: Who) -> Response:
        """Delete every conversation of whoever asks, and what belongs to them."""
        for thread in await state().threads.list_threads(user.id, first=100_000):
            await state().forget(thread.id)
        return RedirectResponse("/your-data", status_code=303)


def _page(title: str, count: int) -> str:
    """Without a script; links are relative, so that it may stand under any path."""
    kept = f"{count} conversation{'s' if count != 1 else ''}" if count else "no conversation"
    delete = (
        '<form method="post" action="your-data/delete"><button>Delete all of it</button></form>'
        "<p>Deleted is deleted: nobody can bring it back.</p>"
    )
    return f"""<!doctype html><html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Your data · {escape(title)}</title>
<style>
:root {{ color-scheme: light dark; }}
body {{ font: 17px/1.5 system-ui, sans-serif; max-width: 34rem; margin: 3rem auto;
  padding: 0 1.25rem; }}
button, .button {{ font: inherit; padding: .6rem 1rem; border-radius: .6rem; border: 1px solid;
  background: none; color: inherit; cursor: pointer; text-decoration: none;
  display: inline-block; }}
</style></head><body>
<h1>Your data</h1>
<p>{escape(title)} keeps {kept} of yours: what was said, the photos you sent, what was shown and
what you thought of it.</p>
<p><a class="button" href="your-data.zip" download>Download it</a></p>
{delete if count else ""}
<p><a href="./">Back to the shop</a></p>
</body></html>"""
