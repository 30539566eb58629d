"""Addresses of PostgreSQL servers: what is said of wrong ones, and that no password is."""

from __future__ import annotations

import logging
import sys
from pathlib import Path

import pytest

from assistant.settings import load_settings
from tests.support.postgres import PASSWORD, PostgresServer
from tools.errors import SetupError
from tools.postgres import connection_info, open_pool, set_up, storable
from ui.chat.auth.secret import secret_of


@pytest.mark.parametrize(
    "url", ["postgresql://shop:hunter2%zz@db/x", "postgresql://shop:hunter2@db:port/x?no=such"]
)
def test_address_that_cannot_be_read_is_not_quoted(url: str) -> None:
    with pytest.raises(SetupError, match=r"cannot be read as an address\. Write postg") as raised:
        connection_info(url)
    assert "hunter2" not in str(raised.value)
    assert raised.value.__suppress_context__


@pytest.mark.parametrize("url", ["mysql://shop:hunter2@db/x", "shop:hunter2@db", "//a:hunter2/@b"])
def test_address_of_another_kind_is_refused_without_its_password(url: str) -> None:
    with pytest.raises(SetupError, match="begins with postgresql://") as raised:
        load_settings(database_url=url)
    assert "hunter2" not in str(raised.value)


def test_address_is_no_part_of_printed_settings() -> None:
    assert "hunter2" not in repr(load_settings(database_url="postgresql://shop:hunter2@db/x"))


@pytest.mark.parametrize("package", ["psycopg", "psycopg_pool"])
def test_missing_package_says_what_to_install(
    package: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(SetupError, match=r"pip install 'pounce\[postgres\]'"):
        connection_info("postgresql://shop@db/x")


async def test_server_that_is_not_there_is_one_sentence() -> None:
    with pytest.raises(SetupError, match=r"cannot be used: .*refused.* Check that it runs"):
        async with open_pool("postgresql://shop:hunter2@127.0.0.1:1/x", 1):
            pass


async def test_wrong_password_and_database_are_said_and_not_shown(
    postgres: PostgresServer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    wrong = postgres.url().replace("hunter2", "hunter3")
    with pytest.raises(SetupError, match=r"password authentication failed.*pounce") as raised:
        async with open_pool(wrong, 1):
            pass
    with pytest.raises(SetupError, match='database "nowhere" does not exist') as missing:
        set_up(postgres.url("nowhere"), lambda _: None)
    told = f"{raised.value} {missing.value} {caplog.text}"
    assert "hunter3" not in told
    assert PASSWORD not in told


def test_secret_is_one_for_all_homes_of_a_database(
    postgres: PostgresServer, tmp_path: Path
) -> None:
    url = postgres.new_database()
    secrets = {secret_of(tmp_path / str(number), url) for number in range(3)}
    assert len(secrets) == 1
    assert len(secrets.pop()) > 32
    assert secret_of(tmp_path, postgres.new_database()) not in secrets
    assert not list(tmp_path.iterdir())


def test_what_postgres_cannot_store_is_replaced() -> None:
    given = {"a\0": ["\ud800", ("🐆", 1, None)], "b": True}
    assert storable(given) == {"a\ufffd": ["?", ["🐆", 1, None]], "b": True}
