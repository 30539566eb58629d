"""The launcher for the shop's own pages: one script, which loads the chat into a frame on a click.

Not covered: what the page in the frame does (`public/embed.js`).
"""

from __future__ import annotations

import hashlib
import json
import re
from importlib.resources import files

from fastapi import FastAPI, HTTPException, Request, Response

from ui.chat.branding import Branding, launcher_color
from ui.chat.web.headers import WIDGET_PATH

_COMMENT = re.compile(r"^\s*//.*\n", re.MULTILINE)
_SPACE = re.compile(r"\s*([{}()\[\];,:=?<>|&])\s*")
"""Around punctuation. Only for a script that is written for it, as the first lines of ours say."""
_KEPT = {"cache-control": "public, max-age=600"}


def add_widget_route(app: FastAPI, title: str, branding: Branding, *, embedded: bool) -> None:
    """Declare the route of the script; `title` is the shop's name.

    404 unless some page may show the chat in a frame (`embedded`).
    """
    script = widget_script(title, branding)
    tag = f'"{hashlib.sha256(script.encode()).hexdigest()[:16]}"'

    @app.get(WIDGET_PATH)
    async def widget(request: Request) -> Response:
        """The script. Pages of other sites may load it."""
        if not embedded:
            raise HTTPException(404, "Not found")
        headers = {**_KEPT, "etag": tag}
        if request.headers.get("if-none-match") == tag:
            return Response(status_code=304, headers=headers)
        return Response(script, media_type="text/javascript", headers=headers)


def widget_script(title: str, branding: Branding) -> str:
    """The script as it is served, with the shop's name and color."""
    source = (files("ui.chat.web") / "widget.js").read_text("utf-8")
    packed = _SPACE.sub(r"\1", _COMMENT.sub("", source)).strip()
    filled = packed.replace('"POUNCE_TITLE"', json.dumps(title, ensure_ascii=False))
    return filled.replace("POUNCE_ACCENT", launcher_color(branding))
