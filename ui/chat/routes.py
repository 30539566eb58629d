"""Our own routes, declared before Chainlit takes the rest: pictures, scenes, health.

The shopper's photos have none, nor have the pictures that a vision model saw, which show them: they
come back through the session's files, whose addresses hold two random numbers that only that
session's browser knows.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Annotated

from fastapi import FastAPI, HTTPException, Query, Request, Response
from fastapi.responses import FileResponse

from ui.chat.pictures import WIDTHS
from ui.chat.room import Room

_FRESH = "private, max-age=600"
"""Pictures may change with the next ingest: asked again after ten minutes, by their tag."""


def add_routes(app: FastAPI, room: Callable[[], Room]) -> None:
    """Declare the routes. `room` is asked at each request."""

    @app.get("/health")
    async def health() -> dict[str, object]:
        """What is open, and that the index answers."""
        shop = room().assistant.shop
        products = await asyncio.to_thread(shop.count)
        return {"ok": True, "catalogue": shop.name, "products": products}

    @app.post("/set-session-cookie")
    async def session_cookie() -> dict[str, str]:
        """Nothing: Chainlit's page asks for a cookie at its start, and nothing here reads one."""
        return {}

    @app.get("/media/{catalogue}/{product_id:path}")
    async def picture(
        request: Request,
        catalogue: str,
        product_id: str,
        w: Annotated[int, Query()] = WIDTHS[0],
    ) -> Response:
        """A product's picture as a JPEG; 404 for whatever the shop does not have."""
        path = await asyncio.to_thread(room().pictures.jpeg, catalogue, product_id, w)
        if path is None:
            raise HTTPException(404, "No such picture")
        # The file's name is a hash of what it was made from.
        tag = f'"{path.stem}"'
        headers = {"cache-control": _FRESH, "etag": tag}
        if request.headers.get("if-none-match") == tag:
            return Response(status_code=304, headers=headers)
        return FileResponse(path, media_type="image/jpeg", headers=headers)

    @app.get("/public/scenes/{slug}.jpg")
    async def scene(slug: str) -> Response:
        """The picture of a starter of the demo shop."""
        path = await asyncio.to_thread(room().starters.scene, slug)
        if path is None:
            raise HTTPException(404, "No such picture")
        return FileResponse(path, media_type="image/jpeg", headers={"cache-control": _FRESH})
