"""Chainlit in our application: its settings checked, our routes first, our callbacks in place."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import chainlit as cl
from chainlit.server import app as chainlit_app
from chainlit.utils import mount_chainlit
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError

from tools.errors import SetupError
from ui.chat.auth.access import AccessPolicy
from ui.chat.auth.password_login import PasswordLogin
from ui.chat.auth.rate_limit import LoginThrottle
from ui.chat.bridge import handlers, login, sockets
from ui.chat.bridge.button_route import add_button_route
from ui.chat.bridge.data_layer import DataLayer
from ui.chat.bridge.internals import APP_ROOT, ASSETS, get_configured_oauth_providers
from ui.chat.bridge.page_template import install_page_template
from ui.chat.bridge.upload_route import add_upload_route
from ui.chat.deployment import Deployment
from ui.chat.state import ChatState
from ui.chat.web.assets import add_asset_route
from ui.chat.web.headers import malformed_request


def check_chainlit(folder: Path, access: AccessPolicy) -> None:
    """Check what Chainlit read when it was imported.

    Raises SetupError for an OAuth provider without all of its settings, and RuntimeError when
    Chainlit was imported earlier with another folder than this `chainlit_root`.
    """
    if access.oauth and not get_configured_oauth_providers():
        raise SetupError(
            "The settings for OAuth are not whole: a provider needs its client id, its secret and "
            "for some a domain. See Chainlit's list, or unset the OAUTH_ variables."
        )
    if str(folder) != APP_ROOT:
        raise RuntimeError(f"Chainlit was imported before the chat was set up, in {APP_ROOT}")


def mount(app: FastAPI, state: Callable[[], ChatState], deployment: Deployment) -> None:
    """Mount Chainlit at "/" of an application that has its middleware and routes already.

    `state` is asked at each request and event. The order counts: of two routes for one path the
    first wins, Chainlit asks for a secret when it is mounted with a login, and our socket handlers
    replace those that it has installed.
    """
    access, root = deployment.access, deployment.root
    add_asset_route(app, ASSETS)
    passwords = PasswordLogin(access.users, LoginThrottle(lambda: state().failures))
    login.add_login_route(app, passwords)
    add_upload_route(app, lambda: state().uploads)
    add_button_route(app, state)
    install_page_template(root, deployment.embed_origins)
    login.register(access, passwords)
    mount_chainlit(app, target=handlers.__file__, path="/")
    chainlit_app.add_exception_handler(RequestValidationError, malformed_request)
    handlers.register(state)
    cl.data_layer(
        lambda: DataLayer(state().threads, state().references, lambda t: state().forget(t))
    )
    sockets.install_handlers(root, state)
