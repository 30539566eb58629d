"""Keys of agents: made once, stored as hashes, and refused with a sentence."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from starlette.datastructures import Headers

from assistant.settings import load_settings
from tools.errors import SetupError
from ui.chat.agent_api.api import agent_settings_of
from ui.chat.agent_api.keys import (
    given_key,
    hash_key,
    name_of_key,
    new_key,
    parse_keys,
    read_keys,
)


def test_key_is_found_by_its_hash_alone() -> None:
    keys = {name: new_key() for name in ("anna", "bot")}
    stored = parse_keys(",".join(f"{name}={hash_key(key)}" for name, key in keys.items()))
    for name, key in keys.items():
        assert key not in str(stored)
        assert name_of_key(key, stored) == name
    for wrong in ("", new_key(), keys["anna"][:-1], stored["anna"], "é"):
        assert name_of_key(wrong, stored) == ""


def test_keys_come_from_the_setting_and_the_file(tmp_path: Path) -> None:
    file = tmp_path / "keys"
    file.write_text(f"# of partners\nbot={hash_key('a')}  # until May\n\nother={hash_key('b')}\n")
    assert set(read_keys(f"own={hash_key('c')}", str(file))) == {"own", "bot", "other"}


@pytest.mark.parametrize(
    "text", ["pounce_key-itself", "anna=pounce_key-itself", "=sha256:00", "a b=sha256:00"]
)
def test_what_is_no_line_of_a_key_is_refused_and_not_repeated(text: str) -> None:
    with pytest.raises(SetupError, match="pounce key NAME") as raised:
        parse_keys(text)
    assert "itself" not in str(raised.value)


def test_name_that_stands_twice_is_refused() -> None:
    with pytest.raises(SetupError, match="twice"):
        parse_keys(f"a={hash_key('a')},a={hash_key('b')}")


def test_file_that_is_gone_is_named(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match="POUNCE_AGENT_KEYS_FILE"):
        read_keys("", str(tmp_path / "none"))


@pytest.mark.parametrize(
    ("headers", "key"),
    [
        ({"authorization": "Bearer abc"}, "abc"),
        ({"authorization": "bearer  abc "}, "abc"),
        ({"x-api-key": "abc"}, "abc"),
        ({"authorization": "Basic abc", "x-api-key": "abc"}, "abc"),
        ({"authorization": "Basic abc"}, ""),
        ({"x-api-key": "x" * 1000}, ""),
        ({}, ""),
    ],
)
def test_key_comes_by_either_header(headers: dict[str, str], key: str) -> None:
    assert given_key(Headers(headers)) == key


def test_endpoint_without_a_key_is_not_started(tmp_path: Path) -> None:
    assert agent_settings_of(load_settings(home=tmp_path)) is None
    with pytest.raises(SetupError, match="pounce key NAME"):
        agent_settings_of(load_settings(home=tmp_path, mcp=True))
    with pytest.raises(SetupError, match="pounce key NAME"):
        agent_settings_of(load_settings(home=tmp_path, ucp="keys", public_url="https://a.example"))
    with pytest.raises(SetupError, match="POUNCE_PUBLIC_URL"):
        agent_settings_of(load_settings(home=tmp_path, ucp="open"))
    found = agent_settings_of(
        load_settings(home=tmp_path, ucp="open", public_url="https://a.example/chat/")
    )
    assert found is not None
    assert found.base == "https://a.example/chat"


def test_command_prints_the_line_and_shows_the_key_once() -> None:
    command = [sys.executable, "-c", "from ui.cli import main; main()", "key", "bot"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    shown = done.stderr.split()[-1]
    assert name_of_key(shown, parse_keys(done.stdout)) == "bot"
    assert shown not in done.stdout
