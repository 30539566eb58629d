"""The scripts and styles of Chainlit's page, compressed once and cached by browsers.

Chainlit compresses 4.6 MB again for every visitor, a third of a second of processor time, and
sends no cache headers. The file names hold a hash of the content, so browsers may cache for good.
"""

from __future__ import annotations

import asyncio
import gzip
import mimetypes
from functools import lru_cache
from pathlib import Path

from fastapi import FastAPI, HTTPException, Request, Response
from fastapi.responses import FileResponse

_PACKED = frozenset({".js", ".mjs", ".css"})
_KEPT = {"cache-control": "public, max-age=31536000, immutable", "vary": "accept-encoding"}


def add_asset_route(app: FastAPI, folder: Path) -> None:
    """Declare the route, before Chainlit's. `folder` holds the assets of the built page."""
    there = {path.name: path for path in folder.iterdir() if path.is_file()}

    @app.get("/assets/{name}")
    async def asset(request: Request, name: str) -> Response:
        """One file, compressed where the browser accepts that; 404 for any other name."""
        path = there.get(name)
        if path is None:
            raise HTTPException(404, "No such file")
        kind = mimetypes.guess_type(path.name)[0] or "text/javascript"
        if path.suffix in _PACKED and "gzip" in request.headers.get("accept-encoding", ""):
            packed = await asyncio.to_thread(_packed, path)
            return Response(packed, media_type=kind, headers={**_KEPT, "content-encoding": "gzip"})
        return FileResponse(path, media_type=kind, headers=_KEPT)


@lru_cache(maxsize=64)
def _packed(path: Path) -> bytes:
    return gzip.compress(path.read_bytes(), 6)
