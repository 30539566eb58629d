"""Routes without a login: pictures of products and of starters, health, metrics.

Shoppers' photos are not among them, nor the pictures that a vision model saw, which show them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Annotated, Any

from fastapi import FastAPI, HTTPException, Query, Request, Response
from fastapi.responses import FileResponse, HTMLResponse, JSONResponse

from ui.chat.cards.thumbnails import MOST, WIDTHS
from ui.chat.metrics import CONTENT_TYPE
from ui.chat.starters import DEMO
from ui.chat.state import ChatState
from ui.chat.web.product_page import product_page
from ui.chat.web.readiness import unready

_READY_S = 5
_FRESH = "private, max-age=600"
"""Pictures may change with the next ingest: browsers revalidate them after ten minutes."""


def add_public_routes(app: FastAPI, state: Callable[[], ChatState]) -> None:
    """Declare the routes. `state` is asked at each request."""

    @app.get("/health")
    async def health() -> dict[str, object]:
        """The open catalogue and its number of products, asked of the index."""
        shop = state().assistant.shop
        products = await asyncio.to_thread(shop.count)
        return {"ok": True, "catalogue": shop.name, "products": products}

    @app.get("/healthz")
    async def alive() -> dict[str, bool]:
        """Liveness: that the process answers."""
        return {"ok": True}

    @app.get("/readyz")
    async def ready() -> Response:
        """Readiness: 503 and the reason while the index or the shared database does not answer."""
        chat = state()
        checks: dict[str, Coroutine[Any, Any, object]] = {
            "the index": asyncio.to_thread(chat.assistant.shop.count)
        }
        if chat.page_config.database_url:
            checks["the database of POUNCE_DATABASE_URL"] = chat.threads.check()
        reason = await unready(checks, _READY_S)
        if reason:
            return JSONResponse({"ok": False, "reason": reason}, 503)
        return JSONResponse({"ok": True})

    @app.get("/metrics")
    async def metrics() -> Response:
        """Prometheus metrics; 404 where the settings do not open them."""
        if not state().turns.deployment.metrics:
            raise HTTPException(404, "Not found")
        text = state().turns.metrics.text(state().sessions.count())
        return Response(text, media_type=CONTENT_TYPE)

    @app.post("/set-session-cookie")
    async def session_cookie() -> dict[str, str]:
        """Does nothing: Chainlit's page requests this cookie, and nothing here reads it."""
        return {}

    @app.get("/media/{catalogue}/{product_id:path}")
    async def picture(
        request: Request,
        catalogue: str,
        product_id: str,
        w: Annotated[int, Query()] = WIDTHS[0],
        n: Annotated[int, Query(ge=0, lt=MOST)] = 0,
        v: Annotated[str, Query(max_length=500)] = "",
    ) -> Response:
        """A product's `n`th picture, or that of its variant `v`, as a JPEG; 404 for one that the
        shop does not have."""
        path = await asyncio.to_thread(state().pictures.jpeg, catalogue, product_id, w, n, v)
        if path is None:
            raise HTTPException(404, "No such picture")
        # The file's name is a hash of what it was made from.
        tag = f'"{path.stem}"'
        headers = {"cache-control": _FRESH, "etag": tag}
        if request.headers.get("if-none-match") == tag:
            return Response(status_code=304, headers=headers)
        return FileResponse(path, media_type="image/jpeg", headers=headers)

    @app.get("/shop/{product_id}")
    async def product(
        product_id: str, variant: Annotated[str, Query(max_length=500)] = ""
    ) -> Response:
        """The page of a product of the built-in shop; 404 where another catalogue is open."""
        shop = state().assistant.shop
        found = None
        if shop.name == DEMO:
            found = await asyncio.to_thread(shop.product, product_id)
        if found is None:
            raise HTTPException(404, "No such product")
        return HTMLResponse(product_page(found, variant, shop.name))

    @app.get("/public/scenes/{slug}.jpg")
    async def scene(slug: str) -> Response:
        """The picture of a starter of the demo shop."""
        path = await asyncio.to_thread(state().starters.scene, slug)
        if path is None:
            raise HTTPException(404, "No such picture")
        return FileResponse(path, media_type="image/jpeg", headers={"cache-control": _FRESH})
