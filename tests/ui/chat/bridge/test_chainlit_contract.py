"""What the bridge relies on in Chainlit without a documentation that promises it.

A new release that changes one of these fails here, by its name, and not in a shopper's browser.
`ui/chat/bridge/README.md` says what each is for.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.support.paths import ROOT

FACTS = """
import inspect, json
import chainlit
from chainlit import server, session, socket, utils
from ui.chat.bridge import internals

def parameters(function):
    return list(inspect.signature(function).parameters)

class Recorded:
    async def write(self, *values):
        return values

queued = internals.queue_until_user_message()(Recorded.write)
print(json.dumps({
    "version": chainlit.__version__,
    "app root": internals.APP_ROOT,
    "cookie": internals.AUTH_COOKIE_NAME,
    "parameters": {
        "connect": parameters(socket.connect),
        "connection_successful": parameters(socket.connection_successful),
        "clean_session": parameters(socket.clean_session),
        "disconnect": parameters(socket.disconnect),
        "stop": parameters(socket.stop),
        "_authenticate_connection": parameters(socket._authenticate_connection),
        "_authenticate_user": parameters(server._authenticate_user),
        "get_html_template": parameters(server.get_html_template),
        "persist_file": parameters(session.BaseSession.persist_file),
        "mount_chainlit": parameters(utils.mount_chainlit),
    },
    "events": sorted(server.sio.handlers["/"]),
    "stop says": internals.STOPPED in inspect.getsource(socket.stop),
    "page is made at each request": "get_html_template(root_path)" in inspect.getsource(server),
    "code": [
        name for name in ("on_message", "password_auth_callback")
        if hasattr(internals.config.code, name)
    ],
    "ui": [name for name in ("name", "description") if hasattr(internals.config.ui, name)],
    "sessions": [
        sorted(internals.ws_sessions_id), sorted(internals.ws_sessions_sid),
    ],
    "session": sorted(
        name for name in (
            "current_task", "emit", "environ", "has_first_interaction", "restored", "socket_id",
            "thread_id", "thread_id_to_resume", "thread_queues", "token", "user",
        )
        if any(f"self.{name}{sign}" in inspect.getsource(session) for sign in (" =", ": "))
        or hasattr(session.WebsocketSession, name)
    ),
    "queue waits for": "has_first_interaction" in inspect.getsource(
        internals.queue_until_user_message
    ),
    "emitter": [
        name for name in (
            "emit", "init_thread", "process_message", "send_step", "task_end", "task_start"
        ) if hasattr(__import__("chainlit.emitter").emitter.ChainlitEmitter, name)
    ],
    "assets": sorted(path.name for path in internals.ASSETS.iterdir()),
}))
"""


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("chainlit")


@pytest.fixture(scope="module")
def facts(root: Path) -> dict[str, Any]:
    """Chainlit as it is installed, read in a process of its own: its import writes files."""
    environment = {
        **os.environ,
        "CHAINLIT_APP_ROOT": str(root),
        "CHAINLIT_AUTH_COOKIE_NAME": "pounce_test",
        "CHAINLIT_ENV_FILE": str(root / "none.env"),
        "PYTHONPATH": str(ROOT),
    }
    done = subprocess.run(
        [sys.executable, "-c", FACTS], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def test_release_is_one_that_the_bridge_was_tried_with(facts: dict[str, Any]) -> None:
    assert facts["version"].startswith("2.12.")


def test_environment_names_the_folder_and_the_cookie(facts: dict[str, Any], root: Path) -> None:
    assert facts["app root"] == str(root)
    assert facts["cookie"] == "pounce_test"


@pytest.mark.parametrize(
    ("function", "parameters"),
    [
        ("connect", ["sid", "environ", "auth"]),
        ("connection_successful", ["sid"]),
        ("clean_session", ["sid"]),
        ("disconnect", ["sid"]),
        ("stop", ["sid"]),
        ("_authenticate_connection", ["environ"]),
        ("_authenticate_user", ["request", "user", "redirect_to_callback"]),
        ("get_html_template", ["root_path"]),
        ("persist_file", ["self", "name", "mime", "path", "content"]),
        ("mount_chainlit", ["app", "target", "path"]),
    ],
)
def test_functions_that_are_called_or_replaced_take_the_same(
    facts: dict[str, Any], function: str, parameters: list[str]
) -> None:
    assert facts["parameters"][function] == parameters


def test_socket_has_the_events_that_are_replaced_and_no_others(facts: dict[str, Any]) -> None:
    # A new event is ignored until somebody has looked at what it does.
    assert facts["events"] == [
        "audio_chunk", "audio_end", "audio_start", "chat_settings_change", "chat_settings_edit",
        "clear_session", "client_message", "connect", "connection_successful", "disconnect",
        "edit_message", "fetch_favorites", "message_favorite", "stop", "window_message",
    ]  # fmt: skip


def test_stop_button_says_the_sentence_that_is_replaced(facts: dict[str, Any]) -> None:
    assert facts["stop says"]


def test_page_is_made_by_the_function_that_is_replaced(facts: dict[str, Any]) -> None:
    assert facts["page is made at each request"]
    assert facts["ui"] == ["name", "description"]


def test_callbacks_sessions_and_emitter_have_their_names(facts: dict[str, Any]) -> None:
    assert facts["code"] == ["on_message", "password_auth_callback"]
    assert facts["sessions"] == [[], []]
    assert facts["session"] == [
        "current_task", "emit", "environ", "has_first_interaction", "restored", "socket_id",
        "thread_id", "thread_id_to_resume", "thread_queues", "token", "user",
    ]  # fmt: skip
    assert facts["emitter"] == [
        "emit", "init_thread", "process_message", "send_step", "task_end", "task_start",
    ]  # fmt: skip
    assert facts["queue waits for"]


def test_built_page_asks_what_our_routes_answer(facts: dict[str, Any]) -> None:
    import importlib.util

    spec = importlib.util.find_spec("chainlit")
    assert spec is not None
    assert spec.origin is not None
    folder = Path(spec.origin).parent / "frontend" / "dist" / "assets"
    assert facts["assets"] == sorted(path.name for path in folder.iterdir())
    page = "".join(path.read_text("utf-8") for path in folder.glob("index-*.js"))
    for words in (
        "/project/action", "/project/file", "/feedback", "/set-session-cookie", "first_interaction",
        "connection_successful", "client_message", "chat_settings_change", "clear_session",
        "set_sidebar_elements", "window_message", "resume_thread", "vite-ui-theme",
        "window.parent.postMessage",
    ):  # fmt: skip
        assert words in page, words


def test_translations_have_the_sentences_that_are_replaced() -> None:
    import importlib.util

    spec = importlib.util.find_spec("chainlit")
    assert spec is not None
    assert spec.origin is not None
    path = Path(spec.origin).parent / "translations" / "en-US.json"
    words = json.loads(path.read_text("utf-8"))
    for keys in (
        "chat input placeholder", "chat input actions attachFiles", "chat input actions stop",
        "chat messages status using", "chat messages status used", "chat settings title",
        "chat watermark", "threadHistory sidebar title", "threadHistory sidebar empty",
        "threadHistory thread actions delete description", "auth login title",
        "auth login form email label", "auth login form password required",
        "auth login errors default",
    ):  # fmt: skip
        found: Any = words
        for key in keys.split():
            assert key in found, keys
            found = found[key]
