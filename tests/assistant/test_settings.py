from __future__ import annotations

from pathlib import Path

import pytest

from assistant.budget import TurnLimits
from assistant.settings import Settings, load_settings
from assistant.settings_table import END, README, START, settings_table, with_table
from tools.errors import SetupError


@pytest.fixture(autouse=True)
def _nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_profile_sets_what_is_not_set_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    assert load_settings().embedder == "builtin"
    assert load_settings(profile="local").embedder == "visualized-bge-base"
    monkeypatch.setenv("POUNCE_EMBEDDER", "visualized-bge-m3")
    assert load_settings(profile="local").embedder == "visualized-bge-m3"


def test_flag_wins_over_environment_over_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".env").write_text("POUNCE_PORT=1111\nPOUNCE_RESULTS=3\nOTHER=x\n")
    assert load_settings().port == 1111
    monkeypatch.setenv("POUNCE_PORT", "2222")
    assert load_settings().port == 2222
    assert load_settings(port=3333).port == 3333
    assert load_settings(port=None).results == 3


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "eighty"),
        ("PORT", "70000"),
        ("PROFILE", "dmeo"),
        ("EMBEDDER", "clip"),
        ("RESULTS", "0"),
        ("TURN_SECONDS", "-1"),
        ("TURN_RECORDS", "-1"),
        ("TURN_RECORDS_MB", "nan"),
        ("CURRENCY", "dollars"),
        ("DEVICE", "tpu"),
        ("HOME", "~nosuchuser/x"),
        ("MILVUS_URI", "milvus:19530"),
        ("MILVUS_URI", "./milvus.db"),
        ("MILVUS_URI", "http://"),
        ("RERANK_TRUST", "1.5"),
        ("RERANK_TRUST", "nan"),
        ("RERANK_TIMEOUT_S", "0"),
    ],
)
def test_offending_value_is_in_the_error(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(f"POUNCE_{name}", value)
    with pytest.raises(SetupError, match=f"POUNCE_{name}={value}"):
        load_settings()


def test_vision_model_reranks_unless_it_is_not_trusted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POUNCE_VISION_MODEL", "none")
    assert not load_settings().reranks
    monkeypatch.setenv("POUNCE_VISION_MODEL", "microsoft/Phi-3.5-vision-instruct")
    assert load_settings().reranks
    monkeypatch.setenv("POUNCE_RERANK_TRUST", "0")
    assert not load_settings().reranks


def test_server_profile_asks_for_the_address_of_milvus(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SetupError, match="POUNCE_MILVUS_URI"):
        load_settings(profile="server")
    monkeypatch.setenv("POUNCE_MILVUS_URI", "http://milvus:19530")
    assert load_settings(profile="server").milvus_uri == "http://milvus:19530"


@pytest.mark.parametrize("uri", ["https://a.example", "tcp://1.2.3.4:19530", "unix:/run/m.sock"])
def test_addresses_of_milvus_are_taken_as_it_takes_them(uri: str) -> None:
    assert load_settings(milvus_uri=uri).milvus_uri == uri


def test_settings_file_that_is_no_utf8_is_named(tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes(b"POUNCE_SHOP_TITLE=Caf\xe9\n")
    with pytest.raises(SetupError, match=r"\.env is not UTF-8"):
        load_settings()


def test_home_may_start_at_the_user_s_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/someone")
    assert load_settings().home_path == Path("/home/someone/.pounce")


def test_what_a_turn_may_cost_has_one_default() -> None:
    assert load_settings().turn_limits == TurnLimits()


def test_picture_hosts_are_split_once_for_everybody(monkeypatch: pytest.MonkeyPatch) -> None:
    assert load_settings().picture_hosts == ()
    monkeypatch.setenv("POUNCE_PICTURE_HOSTS", " media.local:8080, ,10.0.0.7 ")
    assert load_settings().picture_hosts == ("media.local:8080", "10.0.0.7")
    assert load_settings(picture_hosts="a,b").picture_hosts == ("a", "b")


def test_every_setting_says_what_it_means() -> None:
    assert [name for name, each in Settings.model_fields.items() if not each.description] == []


def test_table_of_settings_in_the_readme_is_fresh() -> None:
    """Stale? Run: python -m assistant.settings_table"""
    text = README.read_text("utf-8")
    assert with_table(text) == text


def test_table_names_variables_defaults_and_profiles() -> None:
    rows = {row.split("`")[1]: row for row in settings_table().splitlines()[2:]}
    assert list(rows) == [f"POUNCE_{name.upper()}" for name in Settings.model_fields]
    assert "| `30` |" in rows["POUNCE_RERANK_TIMEOUT_S"]
    assert "`POUNCE_TURN_SECONDS`" in rows["POUNCE_RERANK_TIMEOUT_S"]
    assert "demo: `builtin`; local, server: `visualized-bge-base`" in rows["POUNCE_EMBEDDER"]


def test_text_without_markers_gets_no_table() -> None:
    assert with_table(f"a\n{START}\nold\n{END}\nb").startswith(f"a\n{START}\n| setting |")
    with pytest.raises(ValueError, match="followed by"):
        with_table(f"{END} {START}")
