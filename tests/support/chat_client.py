"""A shopper's browser as far as the chat's protocol goes, and the server it talks to."""

from __future__ import annotations

import asyncio
import io
import os
import re
import socket
import subprocess
import sys
import uuid
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import socketio

from tests.support.color_shop import photo_of
from tests.support.paths import ROOT
from tests.support.preloaded import Process, start

FORKED = tuple(
    f"tests.support.{name}_chat" for name in ("scripted", "color", "open", "thread_naming")
)
_PATIENCE_S = 120


@dataclass(frozen=True)
class RunningChat:
    """A chat server in a process of its own."""

    url: str
    home: Path
    process: Process
    log: Path

    def log_text(self) -> str:
        """What it has written so far."""
        return self.log.read_text()


@contextmanager
def scripted_chat(
    home: Path,
    program: Sequence[str] = ("-m", "tests.support.scripted_chat"),
    *,
    host: str = "127.0.0.1",
    names: Sequence[str] = (),
) -> Iterator[RunningChat]:
    """The chat with a scripted assistant on a free port of `host`.

    `names` are more hosts that browsers may call it by; for `open_chat` origins that may frame it.
    """
    # A database that Chainlit would take for its own, were it let.
    env = {"DATABASE_URL": "postgresql://nobody@127.0.0.1/x"}
    with _running([*program, str(home), "0", host, *names], home, env) as chat:
        yield chat


@contextmanager
def real_chat(home: Path) -> Iterator[RunningChat]:
    """`pounce chat` on a home that is prepared, on a free port of 127.0.0.1."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = ["-c", "from ui.cli import main; main()", "chat", "--port", str(port)]
    with _running(command, home, {"POUNCE_HOME": str(home), "POUNCE_PROFILE": "demo"}) as chat:
        yield chat


@contextmanager
def watched_chat(home: Path, held: Path) -> Iterator[RunningChat]:
    """As `real_chat`, with what held its event loop in a file at the end."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = ["-m", "tests.support.watched_loop", str(held), "ui.cli", "chat", "--port", str(port)]
    with _running(command, home, {"POUNCE_HOME": str(home), "POUNCE_PROFILE": "demo"}) as chat:
        yield chat


@contextmanager
def color_chat(home: Path, shop: Path, **settings: str) -> Iterator[RunningChat]:
    """The chat with the real assistant over the shop of colors; settings are POUNCE_ variables."""
    env = {f"POUNCE_{name.upper()}": value for name, value in settings.items()}
    with _running(["-m", "tests.support.color_chat", str(home), str(shop)], home, env) as chat:
        yield chat


@contextmanager
def _running(command: list[str], home: Path, settings: dict[str, str]) -> Iterator[RunningChat]:
    """A Python process that prints the address of a chat, until the block ends."""
    log = home / f"chat-{uuid.uuid4().hex[:8]}.log"
    env = {**os.environ, "PYTHONUNBUFFERED": "1", **settings}
    reading, writing = os.pipe()
    with os.fdopen(reading) as lines, log.open("w") as err:
        process = _started(command, env, writing, err.fileno())
        os.close(writing)
        try:
            said = ""
            for line in lines:  # ends when the process does
                said += line
                if found := re.search(r"http://localhost:(\d+)", line):
                    yield RunningChat(f"http://localhost:{found[1]}", home, process, log)
                    break
            else:
                raise AssertionError(f"the chat did not start: {said}{log.read_text()}")
        finally:
            process.terminate()
            process.wait(timeout=_PATIENCE_S)


def _started(command: list[str], env: dict[str, str], stdout: int, stderr: int) -> Process:
    """The process: forked where it is a module of the tests, else by the interpreter itself."""
    if command[0] == "-m" and command[1] in FORKED:
        return start(command[1], command[2:], env, stdout, stderr)
    return subprocess.Popen(
        [sys.executable, *command], cwd=ROOT, env=env, text=True, stdout=stdout, stderr=stderr
    )


@dataclass
class Shopper:
    """One session: sends messages, collects what the page would be told, in order."""

    chat: RunningChat
    session: str = field(default_factory=lambda: str(uuid.uuid4()))
    cookies: httpx.Cookies = field(default_factory=httpx.Cookies)
    """What a browser would send; filled by the page where nobody has to log in."""
    forwarded_for: str = ""
    """The address that a proxy would name; "" without one."""
    heard: list[tuple[str, Any]] = field(default_factory=list)
    _news: asyncio.Event = field(default_factory=asyncio.Event)
    lost: bool = False
    """Whether the connection has ended before the block of `shopper`."""
    _socket: socketio.AsyncClient = field(
        default_factory=lambda: socketio.AsyncClient(reconnection=False)
    )

    async def say(self, text: str, files: tuple[str, ...] = (), command: str = "") -> str:
        """Send a message; the id it has."""
        message: dict[str, Any] = {
            "id": str(uuid.uuid4()),
            "threadId": "",
            "name": "User",
            "type": "user_message",
            "output": text,
            "createdAt": "2026-01-01T00:00:00Z",
            "command": command or None,
            "metadata": {},
        }
        references = [{"id": file} for file in files]
        payload = {"message": message, "fileReferences": references}
        await self._socket.emit("client_message", payload)
        return str(message["id"])

    async def ask(self, text: str, files: tuple[str, ...] = (), command: str = "") -> None:
        """Send a message and wait until its turn has ended."""
        ended = len(self.named("task_end"))
        await self.say(text, files, command)
        await self.until(lambda: len(self.named("task_end")) > ended)

    async def send(self, event: str, data: object = None) -> None:
        """Send an event in whatever shape."""
        await self._socket.emit(event, data)

    async def stop(self) -> None:
        """Press the stop button."""
        await self._socket.emit("stop")

    async def upload(self, data: bytes, name: str, mime: str) -> httpx.Response:
        """Upload a file as the page does."""
        async with self.http() as http:
            return await http.post(
                "/project/file",
                params={"session_id": self.session},
                files={"file": (name, data, mime)},
            )

    async def log_in(self, name: str, password: str) -> int:
        """Send the login page's form; the status of the answer."""
        async with self.http() as http:
            answer = await http.post("/login", data={"username": name, "password": password})
            self.cookies = http.cookies
        return answer.status_code

    async def threads(self) -> list[dict[str, Any]]:
        """What the sidebar lists."""
        asked = {"pagination": {"first": 20}, "filter": {}}
        async with self.http() as http:
            return list((await http.post("/project/threads", json=asked)).json()["data"])

    @property
    def thread(self) -> str:
        """The id of the conversation, as the page is told."""
        return str(self.named("first_interaction")[-1]["thread_id"])

    def named(self, *names: str) -> list[Any]:
        """The data of the events of these names."""
        return [data for name, data in self.heard if name in names]

    def galleries(self) -> list[dict[str, Any]]:
        """Props of the galleries shown, without places held for cards that come."""
        return [props for props in self.props("ProductGallery") if not props["searching"]]

    def props(self, name: str) -> list[dict[str, Any]]:
        """Props of the custom elements of a name, in the order in which the page heard them."""
        return [e["props"] for e in self.named("element") if e["name"] == name]

    async def press(self, name: str, **payload: object) -> httpx.Response:
        """Press a button of an element; what it sent over the socket is heard when this ends."""
        action = {"name": name, "payload": payload}
        async with self.http() as http:
            asked = {"sessionId": self.session, "action": action}
            answer = await http.post("/project/action", json=asked)
        # The answer can overtake what was sent before it, as they come on two connections.
        # Nothing listens to this event, and it is acknowledged after all that was sent earlier.
        await self._socket.call("window_message")
        return answer

    async def pick(self, act: str, on: dict[str, Any], *numbers: int, **limits: object) -> None:
        """Press a button of a gallery and wait until its turn has ended."""
        ended = len(self.named("task_end"))
        ids = [card["id"] for card in on["cards"]]
        where = {"listId": on["listId"], "ids": ids}
        answer = await self.press("pick", act=act, **where, numbers=numbers, limits=limits)
        assert answer.status_code == 200, answer.text
        await self.until(lambda: len(self.named("task_end")) > ended)

    def said(self) -> str:
        """All that the assistant has said as its page shows it: the Markdown's escapes read."""
        return re.sub(r"\\([!-/:-@\[-`{-~])|\u2060", r"\1", self.markdown())

    def markdown(self) -> str:
        """All that the assistant has said, streamed or not, in the newest version of each."""
        messages: dict[str, str] = {}
        for step in self.named("new_message", "update_message", "stream_start"):
            if step["type"] == "assistant_message":
                messages[step["id"]] = step["output"]
        return "\n".join(messages.values())

    def steps(self) -> list[dict[str, Any]]:
        """The steps shown, each in its newest version."""
        steps = {
            s["id"]: s for s in self.named("new_message", "update_message") if s["type"] == "tool"
        }
        return list(steps.values())

    async def until(self, true: Callable[[], object]) -> None:
        """Wait until something is true of what was heard."""
        async with asyncio.timeout(_PATIENCE_S):
            while not true():
                self._news.clear()
                await self._news.wait()

    def http(self) -> httpx.AsyncClient:
        """What the page asks besides its socket, with the cookies of this browser."""
        # As a header: a cookie for HTTPS alone is not sent by HTTP, and no test has a certificate.
        return httpx.AsyncClient(base_url=self.chat.url, headers=self._sent())

    def _sent(self) -> dict[str, str]:
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        proxy = {"x-forwarded-for": self.forwarded_for} if self.forwarded_for else {}
        return proxy | ({"cookie": cookies} if cookies else {})

    async def connect(self, **auth: object) -> None:
        """Open the session; `auth` beside or in place of what the page sends."""
        await self.open_socket(**auth)
        await self._socket.emit("connection_successful")
        await self.until(lambda: self.named("task_end"))
        if auth.get("threadId"):
            await self.until(lambda: self.named("resume_thread", "resume_thread_error"))

    async def open_socket(self, **auth: object) -> None:
        """Connect, and say nothing yet; `auth` as in `connect`."""
        if not self.cookies:
            async with self.http() as http:
                await http.get("/")
                self.cookies = http.cookies

        async def hear(name: str, *data: Any) -> None:
            self.heard.append((name, data[0] if data else None))
            self._news.set()

        async def lose() -> None:
            self.lost = True

        self._socket.on("*", hear)
        self._socket.on("disconnect", lose)
        await self._socket.connect(
            self.chat.url,
            socketio_path=f"{urlsplit(self.chat.url).path}/ws/socket.io",
            transports=["websocket"],
            headers=self._sent(),
            auth={"sessionId": self.session, "clientType": "webapp", "userEnv": "{}", **auth},
        )

    async def close_socket(self) -> None:
        """Leave, as a page does that is closed."""
        await self._socket.disconnect()


@asynccontextmanager
async def shopper(
    chat: RunningChat, *, cookies: httpx.Cookies | None = None, **auth: object
) -> AsyncIterator[Shopper]:
    """A connected session, until the block ends. `auth` is as in `Shopper.connect`."""
    someone = Shopper(chat, cookies=cookies or httpx.Cookies())
    async with connected(someone, **auth):
        yield someone


@asynccontextmanager
async def connected(someone: Shopper, **auth: object) -> AsyncIterator[None]:
    """The session is connected, until the block ends."""
    await someone.connect(**auth)
    try:
        yield
    finally:
        await someone.close_socket()


async def attached(someone: Shopper, color: str) -> str:
    """Upload a photo of a color; the id of the file."""
    buffer = io.BytesIO()
    photo_of(color).save(buffer, "PNG")
    answer = await someone.upload(buffer.getvalue(), f"{color}.png", "image/png")
    return str(answer.json()["id"])


def titles(someone: Shopper) -> list[str]:
    """Titles of the newest gallery."""
    return [card["title"] for card in someone.galleries()[-1]["cards"]]
