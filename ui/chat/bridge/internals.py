"""The parts of Chainlit that the chat relies on although no documentation names them.

Other modules of this folder import them from here. The README beside this file says what each is
for; `tests/ui/chat/bridge/test_chainlit_contract.py` fails when a release changes one of them.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import chainlit
from chainlit import server
from chainlit.auth import cookie, create_jwt, get_current_user, get_token_from_cookies
from chainlit.auth.jwt import decode_jwt
from chainlit.config import APP_ROOT, config
from chainlit.context import init_ws_context
from chainlit.data.utils import queue_until_user_message
from chainlit.oauth_providers import get_configured_oauth_providers
from chainlit.server import _authenticate_user as authenticate_user
from chainlit.server import sio
from chainlit.session import WebsocketSession, ws_sessions_id, ws_sessions_sid
from chainlit.socket import _authenticate_connection as authenticate_connection
from chainlit.socket import clean_session, connect, connection_successful, disconnect, stop

__all__ = (
    "APP_ROOT",
    "ASSETS",
    "AUTH_COOKIE_NAME",
    "FIRST_INTERACTION",
    "STOPPED",
    "WebsocketSession",
    "authenticate_connection",
    "authenticate_user",
    "clean_session",
    "config",
    "connect",
    "connection_successful",
    "create_jwt",
    "decode_jwt",
    "disconnect",
    "get_configured_oauth_providers",
    "get_current_user",
    "get_token_from_cookies",
    "init_ws_context",
    "queue_until_user_message",
    "replace_page_template",
    "sio",
    "stop",
    "ws_sessions_id",
    "ws_sessions_sid",
)

AUTH_COOKIE_NAME: str = cookie._auth_cookie_name
"""Of the auth cookie, and the start of the names of its parts where it is split."""

ASSETS = Path(chainlit.__file__).parent / "frontend" / "dist" / "assets"
"""Scripts and styles of the built page."""

STOPPED = "Task manually stopped."
"""What Chainlit itself answers to the stop button, before it calls our handler."""

FIRST_INTERACTION = "first_interaction"
"""The event on which the page shows a stop button and asks for its list of conversations."""


def replace_page_template(wrap: Callable[[Callable[[str], str]], Callable[[str], str]]) -> None:
    """Put another function in the place of the one that makes the page's HTML.

    `wrap` is given Chainlit's function, from the root path to the HTML. No setting changes the
    HTML; Chainlit's route looks the function up in its module at each request.
    """
    template: Callable[[Any], str] = server.get_html_template
    server.get_html_template = wrap(template)
