"""The route that the page uploads photos to, in place of Chainlit's own.

Chainlit's believes the type that the browser claims, keeps the file as it came, and serves it
from our host. Here a file that is no picture is refused while the shopper is still choosing, with
a sentence that says why.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import Depends, FastAPI, HTTPException, Request, UploadFile

from tools.errors import ShopperError
from ui.chat.bridge.internals import get_current_user
from ui.chat.bridge.sessions import identifier_of, session_of
from ui.chat.uploads import TooManyUploadsError, Uploads
from ui.chat.web.allowlist import UPLOAD_PATH


def add_upload_route(app: FastAPI, uploads: Callable[[], Uploads]) -> None:
    """Declare the route. `uploads` is asked at each request."""

    @app.post(UPLOAD_PATH)
    async def upload(
        request: Request,
        session_id: str,
        file: UploadFile,
        user: Annotated[Any, Depends(get_current_user)],
    ) -> dict[str, str]:
        """The id of an accepted file, as Chainlit's page expects it."""
        session = session_of(session_id, user)
        try:
            file_id = await uploads().add(
                session,
                file.file,
                file.filename or "photo",
                identifier_of(user),
                request.client.host if request.client else "",
            )
        except TooManyUploadsError as error:
            raise HTTPException(429, str(error)) from error
        except ShopperError as error:
            raise HTTPException(400, str(error)) from error
        return {"id": file_id}
