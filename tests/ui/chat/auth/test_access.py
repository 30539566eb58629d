"""Who may enter: users, passwords, cookies, and what is nobody else's."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import io
import json
import stat
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from urllib.parse import parse_qs, urlsplit

import httpx
import jwt
import pytest
import socketio
from PIL import Image

from assistant.settings import load_settings
from tests.support.chat_client import RunningChat, Shopper, color_chat, shopper
from tests.support.color_shop import photo_of
from tests.support.command_line import run
from tests.support.quick_hash import quick_hash
from tools.errors import SetupError
from ui.chat.auth import password_login
from ui.chat.auth.access import LOCAL, AccessPolicy, parse_users
from ui.chat.auth.passwords import dearest, hash_password, is_hash, matches
from ui.chat.auth.secret import secret_of
from ui.chat.deployment import deployment_of

PASSWORD = "correct horse"
HASH = quick_hash(PASSWORD)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def chat(home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningChat]:
    users = ",".join(f"{name}={HASH}" for name in ("anna", "ben", "cleo", "dora"))
    settings = {"users": users, "messages_per_minute": "3", "messages_per_day": "4"}
    with color_chat(home, tmp_path_factory.mktemp("shop"), **settings) as running:
        yield running


async def logged_in(chat: RunningChat, name: str) -> httpx.Cookies:
    """The cookies of a login, which may have to wait until wrong ones of before are forgotten."""
    someone = Shopper(chat)
    for _ in range(120):
        status = await someone.log_in(name, PASSWORD)
        if status != 429:
            break
        await asyncio.sleep(0.5)
    assert status == 200
    return someone.cookies


async def test_wrong_password_and_unknown_name_are_refused_alike(chat: RunningChat) -> None:
    answers = []
    async with httpx.AsyncClient(base_url=chat.url) as http:
        for name, password in (("anna", "wrong"), ("nobody", PASSWORD), ("", "")):
            form = {"username": name, "password": password}
            answers.append(await http.post("/login", data=form))
    assert {answer.status_code for answer in answers[:2]} == {401}
    assert answers[0].json() == answers[1].json()
    assert answers[2].status_code in (401, 422)
    assert not any(answer.cookies for answer in answers)


async def test_without_a_login_there_is_the_login_page_and_nothing_else(chat: RunningChat) -> None:
    async with httpx.AsyncClient(base_url=chat.url) as http:
        page = await http.get("/")
        assert page.status_code == 200
        assert not page.cookies
        assert (await http.get("/auth/config")).json()["passwordAuth"]
        for path in ("/user", "/project/settings", "/your-data", "/your-data.zip"):
            assert (await http.get(path)).status_code == 401, path
        assert (await http.post("/auth/header")).status_code in (400, 401)
    with pytest.raises(socketio.exceptions.ConnectionError):
        await Shopper(chat).connect()


async def test_threads_and_photos_of_one_user_are_never_anothers(chat: RunningChat) -> None:
    anna, ben = await logged_in(chat, "anna"), await logged_in(chat, "ben")
    async with shopper(chat, cookies=anna) as owner:
        buffer = io.BytesIO()
        photo_of("red").save(buffer, "PNG")
        file = (await owner.upload(buffer.getvalue(), "mine.png", "image/png")).json()["id"]
        await owner.ask("a mug with this", (file,))
        thread, step = owner.thread, owner.named("new_message")[0]["id"]
        (ref,) = [path.stem for path in (chat.home / "photos").iterdir()]
        mine = await _reach(chat, anna, owner, thread, step, ref, file)
        theirs = await _reach(chat, ben, owner, thread, step, ref, file)
        nobodys = await _reach(chat, httpx.Cookies(), owner, thread, step, ref, file)
        assert mine == [200] * 5
        assert all(status in (401, 404) for status in theirs + nobodys), (theirs, nobodys)
        async with shopper(chat, cookies=ben, threadId=thread) as other:
            assert other.named("resume_thread_error") == ["Thread not found."]
            assert not other.named("resume_thread")
            assert await other.threads() == []
        with pytest.raises(socketio.exceptions.ConnectionError):  # the session's own name
            await Shopper(chat, session=owner.session, cookies=ben).connect()
        uploaded = await Shopper(chat, session=owner.session, cookies=ben).upload(
            buffer.getvalue(), "theirs.png", "image/png"
        )
        assert uploaded.status_code == 404
        changed = await _change(chat, ben, thread, step)
        assert all(status in (401, 404) for status in changed), changed
        assert [each["id"] for each in await owner.threads()] == [thread]


async def _reach(
    chat: RunningChat,
    cookies: httpx.Cookies,
    owner: Shopper,
    thread: str,
    step: str,
    ref: str,
    file: str,
) -> list[int]:
    """Statuses of what reads a thread, with somebody's cookies."""
    gallery = owner.named("element")[-1]["id"]
    paths = (
        f"/project/thread/{thread}",
        f"/project/thread/{thread}/element/{gallery}",
        f"/photos/{ref}.jpg",
        f"/project/file/{file}?session_id={owner.session}",
    )
    async with httpx.AsyncClient(base_url=chat.url, cookies=cookies) as http:
        read = [(await http.get(path)).status_code for path in paths]
        thumb = {"feedback": {"forId": step, "value": 1}, "sessionId": owner.session}
        return [*read, (await http.put("/feedback", json=thumb)).status_code]


async def _change(chat: RunningChat, cookies: httpx.Cookies, thread: str, step: str) -> list[int]:
    """Statuses of what changes a thread, with somebody's cookies."""
    async with httpx.AsyncClient(base_url=chat.url, cookies=cookies) as http:
        renamed = await http.put("/project/thread", json={"threadId": thread, "name": "x"})
        thumb = {"feedback": {"forId": step, "value": 0, "threadId": thread}}
        judged = await http.put("/feedback", json={**thumb, "sessionId": thread})
        deleted = await http.request("DELETE", "/project/thread", json={"threadId": thread})
        return [renamed.status_code, judged.status_code, deleted.status_code]


async def test_messages_past_the_limits_get_a_sentence(chat: RunningChat) -> None:
    async with shopper(chat, cookies=await logged_in(chat, "ben")) as someone:
        for number in range(3):
            await someone.ask(f"red mugs {number}")
        shown = len(someone.galleries())
        await someone.ask("one more")
        assert "a lot of messages in a minute" in someone.said()
        assert len(someone.galleries()) == shown


async def test_cookie_of_another_way_or_secret_opens_nothing(chat: RunningChat, home: Path) -> None:
    good = await logged_in(chat, "anna")
    (name,) = good
    secret = secret_of(home)
    claims = jwt.decode(good[name], secret, algorithms=["HS256"])
    forged = [
        jwt.encode({**claims, "identifier": LOCAL}, secret, algorithm="HS256"),
        jwt.encode({**claims, "identifier": "user:removed"}, secret, algorithm="HS256"),
        jwt.encode({**claims, "identifier": "oauth:github:anna"}, secret, algorithm="HS256"),
        jwt.encode({**claims, "exp": 1}, secret, algorithm="HS256"),
        jwt.encode(claims, "another secret that is long enough", algorithm="HS256"),
        jwt.encode(claims, "", algorithm="none"),
        "nonsense",
    ]
    async with httpx.AsyncClient(base_url=chat.url) as http:
        for token in forged:
            answer = await http.get("/user", headers={"cookie": f"{name}={token}"})
            assert answer.status_code == 401, token
        bearer = {"authorization": f"Bearer {good[name]}"}
        assert (await http.get("/user", headers=bearer)).status_code == 401
        assert (await http.get("/user", headers={"cookie": f"{name}={good[name]}"})).json()


async def test_password_cannot_be_tried_at_the_speed_of_the_machine(chat: RunningChat) -> None:
    someone = Shopper(chat)
    tried = [await someone.log_in("mallory", str(number)) for number in range(11)]
    assert set(tried) == {401}
    assert "too many wrong passwords" in chat.log_text()


async def test_shopper_whose_name_others_try_can_log_in(chat: RunningChat) -> None:
    """Ten wrong passwords locked the shopper out for five minutes."""
    stranger = Shopper(chat)
    assert {await stranger.log_in("dora", str(number)) for number in range(10)} == {401}
    assert await Shopper(chat).log_in("dora", PASSWORD) == 200


async def test_logins_past_a_burst_are_told_when_to_try_again(chat: RunningChat) -> None:
    async with httpx.AsyncClient(base_url=chat.url, timeout=60) as http:
        form = {"username": "burst", "password": "x"}
        answers = await asyncio.gather(*(http.post("/login", data=form) for _ in range(30)))
    refused = [answer for answer in answers if answer.status_code == 429]
    assert refused
    assert {answer.status_code for answer in answers} == {401, 429}
    assert all(0 < int(answer.headers["retry-after"]) < 60 for answer in refused)
    assert "wait" in refused[0].json()["detail"]


async def test_cookie_is_dead_after_logout_and_the_next_login_lives(chat: RunningChat) -> None:
    cookies = await logged_in(chat, "anna")
    other = await logged_in(chat, "anna")
    (name,) = cookies
    assert cookies[name] != other[name]
    flipped = cookies[name][:-1] + ("A" if cookies[name][-1] != "A" else "B")
    gone = asyncio.Event()
    async with shopper(chat, cookies=cookies) as someone:
        someone._socket.on("disconnect", lambda *_: gone.set())
        async with someone.http() as http:
            assert (await http.post("/logout", headers={"origin": "http://x"})).status_code == 403
            assert (await http.get("/user")).status_code == 200
            assert (await http.post("/logout")).status_code == 200
            for path in ("/user", "/your-data", "/project/settings"):
                assert (await http.get(path)).status_code == 401, path
            spelt = {"cookie": f"{name}={flipped}"}
            assert (await http.get("/user", headers=spelt)).status_code == 401
        await asyncio.wait_for(gone.wait(), 10)
    with pytest.raises(socketio.exceptions.ConnectionError):
        await Shopper(chat, cookies=cookies).connect()
    for living in (other, await logged_in(chat, "anna")):
        async with Shopper(chat, cookies=living).http() as http:
            assert (await http.get("/user")).status_code == 200


OLD_HASH = "scrypt.15.AAECAwQFBgcICQoLDA0ODw.{}"


def test_hash_of_an_older_cost_stays_good() -> None:
    salt = bytes(range(16))
    key = hashlib.scrypt(b"correct horse", salt=salt, n=2**15, r=8, p=1, maxmem=2**31 - 1, dklen=32)
    old = OLD_HASH.format(base64.urlsafe_b64encode(key).decode().rstrip("="))
    assert matches(PASSWORD, old)
    assert not matches("wrong horse", old)
    new = hash_password(PASSWORD)
    assert new.startswith("scrypt.17.")
    assert dearest([old, new]) == new
    assert not matches(PASSWORD, None, old)


async def test_passwords_are_hashed_two_at_a_time_beside_the_pool_that_all_share(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    at_once, most = 0, 0
    threads = set()

    def slow(password: str, hashed: str | None, unknown: str) -> bool:
        nonlocal at_once, most
        at_once += 1
        most = max(most, at_once)
        threads.add(threading.current_thread().name)
        time.sleep(0.02)
        at_once -= 1
        return False

    monkeypatch.setattr(password_login, "matches", slow)
    logins = password_login.PasswordLogin({"anna": HASH})
    await asyncio.gather(*(logins.check(f"n{n}", "x", f"10.0.0.{n}") for n in range(12)))
    assert most == 2
    assert all(name.startswith("passwords") for name in threads)


def test_hash_fits_its_password_alone_and_no_shell_minds_it() -> None:
    hashed = hash_password("pässwörd")
    assert matches("pässwörd", hashed)
    assert not matches("password", hashed)
    assert not matches("", None)
    assert hashed != hash_password("pässwörd")
    assert set(hashed) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-")
    assert not any(map(is_hash, ("", "password", "scrypt.99.a.b", hashed[:-9], "scrypt.15.é.é")))


def test_command_makes_the_line_that_the_setting_takes(tmp_path: Path) -> None:
    made = run("password", "anna", home=tmp_path, stdin=f"{PASSWORD}\n")
    assert made.returncode == 0, made.stderr
    assert matches(PASSWORD, parse_users(made.stdout)["anna"])
    assert "at least 8 letters" in run("password", "anna", home=tmp_path, stdin="short\n").stderr
    refused = run("password", "an na", home=tmp_path, stdin=f"{PASSWORD}\n")
    assert "no blanks" in refused.stderr


@pytest.mark.parametrize(
    "setting",
    [
        {"host": "0.0.0.0"},
        {"public_url": "https://shop.example/chat"},
        {"allowed_hosts": "shop.example"},
    ],
    ids=str,
)
def test_chat_that_others_reach_without_a_login_is_refused_and_says_how(
    setting: dict[str, str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    settings = load_settings(home=tmp_path, **setting)
    with pytest.raises(SetupError, match=r"POUNCE_USERS.*pounce password.*OAUTH_.*POUNCE_GUESTS"):
        deployment_of(settings, settings.host)
    for way in ({"users": f"anna={HASH}"}, {"guests": True}):
        assert deployment_of(load_settings(home=tmp_path, **setting, **way), settings.host).access
    monkeypatch.setenv("OAUTH_GITHUB_CLIENT_ID", "id")
    assert deployment_of(settings, settings.host).access.oauth


@pytest.mark.parametrize("users", ["anna", "anna=secret", "a b=x", "=x", "anna:hash"])
def test_user_that_is_none_is_refused_without_being_shown(users: str) -> None:
    with pytest.raises(SetupError, match="user number 1 is not NAME=HASH") as raised:
        parse_users(users)
    assert "secret" not in str(raised.value)


def test_each_way_in_has_names_of_its_own() -> None:
    local, users = AccessPolicy(), AccessPolicy(users={"anna": "x"})
    guests, oauth = AccessPolicy(guests=True), AccessPolicy(oauth=True)
    named = [LOCAL, "user:anna", "guest:6f3c1f0e-5d1b-4a52-9c1e-0b8f2d6a7e11", "oauth:github:anna"]
    for entry, own in zip((local, users, guests, oauth), named, strict=True):
        assert [name for name in named if entry.admits(name)] == [own]
    assert not users.admits("user:ben")


def test_secret_is_made_once_and_only_for_its_owner(tmp_path: Path) -> None:
    first = secret_of(tmp_path / "home")
    assert secret_of(tmp_path / "home") == first
    path = tmp_path / "home" / "secret"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    path.chmod(0o644)
    with pytest.raises(SetupError, match="chmod 600"):
        secret_of(tmp_path / "home")
    assert secret_of(tmp_path / "other") != first
    assert [each.name for each in (tmp_path / "home").iterdir()] == ["secret"]


async def test_guests_have_a_history_each(tmp_path: Path, chat: RunningChat) -> None:
    """The shop of colors is open already, and the settings let everybody in."""
    shop = chat.home.parent / "guests"
    with color_chat(tmp_path, shop, guests="true", allowed_hosts="shop.example") as guests:
        async with shopper(guests) as one, shopper(guests) as other:
            await asyncio.gather(one.ask("a red mug"), other.ask("a blue mug"))
            names = [[t["name"] for t in await each.threads()] for each in (one, other)]
            assert names == [["Mugs, red"], ["Mugs, blue"]]
            async with one.http() as http:
                assert (await http.get("/metrics")).status_code == 404  # others reach it
                for name, status in (("shop.example", 200), ("localhost", 200), ("x.example", 403)):
                    answer = await http.get("/health", headers={"host": name})
                    assert answer.status_code == status, name


async def test_cleared_cookies_bring_a_guest_no_more_messages(
    tmp_path: Path, chat: RunningChat
) -> None:
    shop = chat.home.parent / "guests"
    settings = {"guests": "true", "messages_per_minute": "2", "trusted_proxies": "127.0.0.1"}
    with color_chat(tmp_path, shop, **settings) as guests:
        for refused in (False, False, True):
            async with shopper(guests) as someone:  # each with a cookie of its own
                await someone.ask("a red mug")
                assert ("a lot of messages in a minute" in someone.said()) == refused
        buffer = io.BytesIO()
        Image.new("RGB", (8, 8), "red").save(buffer, "PNG")
        statuses = []
        for _ in range(9):
            async with shopper(guests) as someone:
                answer = await someone.upload(buffer.getvalue(), "a.png", "image/png")
                statuses.append(answer.status_code)
        assert statuses == [200] * 8 + [429]
        elsewhere = Shopper(guests, forwarded_for="203.0.113.9")
        await elsewhere.connect()
        await elsewhere.ask("a red mug")
        assert "a lot of messages" not in elsewhere.said()
        await elsewhere._socket.disconnect()


@pytest.mark.parametrize(
    ("settings", "counted"),
    [
        ({}, 1),
        ({"guests_per_address": 20}, 20),
        ({"public_url": "https://shop.example"}, 0),
        ({"public_url": "https://shop.example", "trusted_proxies": "10.0.0.0/8"}, 1),
    ],
    ids=str,
)
def test_addresses_count_where_they_are_the_browsers(
    tmp_path: Path, settings: dict[str, str], counted: int
) -> None:
    loaded = load_settings(home=tmp_path, guests=True, **settings)
    assert deployment_of(loaded, "0.0.0.0").guests_per_address == counted


def test_proxy_that_is_no_address_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match=r"POUNCE_TRUSTED_PROXIES.*no IP address or network"):
        load_settings(home=tmp_path, trusted_proxies="nginx")


class Provider(BaseHTTPRequestHandler):
    """A provider of OAuth that vouches for Anna."""

    def do_POST(self) -> None:
        self._tell({"access_token": "t"})

    def do_GET(self) -> None:
        self._tell({"email": "anna@example.com"})

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: it is a test."""

    def _tell(self, answer: dict[str, str]) -> None:
        data = json.dumps(answer).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


async def test_provider_of_oauth_lets_in_whom_it_vouches_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, chat: RunningChat
) -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), Provider) as provider:
        Thread(target=provider.serve_forever, daemon=True).start()
        there = f"http://127.0.0.1:{provider.server_port}"
        for name, value in {
            "CLIENT_ID": "pounce",
            "CLIENT_SECRET": "secret",
            "AUTH_URL": f"{there}/auth",
            "TOKEN_URL": f"{there}/token",
            "USER_INFO_URL": f"{there}/me",
            "SCOPES": "email",
        }.items():
            monkeypatch.setenv(f"OAUTH_GENERIC_{name}", value)
        # The shop of colors that the other chat has open.
        with color_chat(
            tmp_path, chat.home.parent / "guests", public_url="http://localhost/x"
        ) as own:
            async with httpx.AsyncClient(base_url=own.url) as http:
                asked = await http.get("/auth/oauth/generic")
                query = parse_qs(urlsplit(asked.headers["location"]).query)
                assert query["redirect_uri"] == ["http://localhost/x/auth/oauth/generic/callback"]
                back = "/auth/oauth/generic/callback"
                wrong = await http.get(back, params={"code": "c", "state": "guessed"})
                assert (await http.get("/user")).status_code == 401
                # Encoded, as a provider sends it back: it may hold what an address reads anew.
                right = await http.get(back, params={"code": "c", "state": query["state"][0]})
                assert wrong.headers["location"].startswith("/x/login?error")
                assert right.headers["location"].startswith("/x/login/callback")
                user = (await http.get("/user")).json()
        provider.shutdown()
    assert user["identifier"] == "oauth:generic:anna@example.com"


def test_settings_of_one_user_in_a_file(tmp_path: Path) -> None:
    file = tmp_path / "users"
    file.write_text(f"# the shop\nanna={HASH}\n\nben={HASH}\n")
    settings = load_settings(home=tmp_path, users_file=str(file), host="0.0.0.0")
    assert set(deployment_of(settings, "0.0.0.0").access.users) == {"anna", "ben"}


async def test_photos_count_against_the_limits_of_who_sends_them(chat: RunningChat) -> None:
    buffer = io.BytesIO()
    Image.new("RGB", (8, 8), "red").save(buffer, "PNG")
    cookies = await logged_in(chat, "cleo")
    async with shopper(chat, cookies=cookies) as someone:
        answers = [await someone.upload(buffer.getvalue(), "a.png", "image/png") for _ in range(13)]
    assert [answer.status_code for answer in answers] == [200] * 12 + [429]
    assert "a lot of photos" in answers[-1].json()["detail"]
