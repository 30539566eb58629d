"""The negotiation: agents' profiles, and the profile of the shop."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.support.picture_host import picture_host
from tests.support.ucp_schemas import problems
from tests.support.ucp_shop import AGENT, BASE
from tools.media.http_client import RetryableError
from tools.media.public_network import FetchError
from tools.ucp.agents import AgentProfiles, fetch_profile
from tools.ucp.errors import TransportError
from tools.ucp.profile import business_profile, like_capability, like_schema
from tools.ucp.versions import LOOKUP, SEARCH, VERSIONS, Version


def document(version: object = "2026-08-25", **capabilities: object) -> bytes:
    return json.dumps({"ucp": {"version": version, "capabilities": capabilities}}).encode()


def serving(content: bytes | Exception) -> Callable[[str], bytes]:
    def fetch(_: str) -> bytes:
        if isinstance(content, Exception):
            raise content
        return content

    return fetch


@pytest.mark.parametrize(
    "address",
    ["", "agent.example", "http://agent.example/ucp", "ftp://agent.example/", "file:///etc/passwd",
     "https://", "https://me:word@agent.example/ucp", "https://[::bad/",
     f"https://a.example/{'a' * 3000}"],
)  # fmt: skip
def test_address_that_cannot_be_a_profile_is_not_fetched(address: str) -> None:
    profiles = AgentProfiles(serving(AssertionError("it was fetched")))
    with pytest.raises(TransportError, match="https") as raised:
        profiles.profile(address)
    assert (raised.value.code, raised.value.status) == ("invalid_profile_url", 400)
    assert raised.value.number == -32001


@pytest.mark.parametrize(
    ("content", "code", "status"),
    [
        (FetchError("its host answers 404"), "profile_unreachable", 424),
        (RetryableError("its host is too slow"), "profile_unreachable", 424),
        (b"", "profile_malformed", 422),
        (b"<html>", "profile_malformed", 422),
        (b"[" * 100_000, "profile_malformed", 422),
        (b"[]", "profile_malformed", 422),
        (b'{"ucp": []}', "profile_malformed", 422),
        (b'{"ucp": {"version": 5}}', "profile_malformed", 422),
        (b'{"ucp": {"version": "2026-08-25", "capabilities": ["a"]}}', "profile_malformed", 422),
        (document("2026-01-23"), "version_unsupported", 422),
        (document("2027-01-01"), "version_unsupported", 422),
    ],
)
def test_profile_that_cannot_be_used_is_told_why(
    content: bytes | Exception, code: str, status: int
) -> None:
    with pytest.raises(TransportError) as raised:
        AgentProfiles(serving(content)).profile(AGENT)
    assert (raised.value.code, raised.value.status) == (code, status)
    assert str(raised.value).endswith(".")
    assert ";" not in str(raised.value)


def test_profile_is_kept_for_minutes() -> None:
    asked, now = [], [0.0]

    def fetch(address: str) -> bytes:
        asked.append(address)
        return document(**{SEARCH: [{"version": "2026-08-25"}]})

    profiles = AgentProfiles(fetch, lambda: now[0])
    for _ in range(3):
        assert profiles.profile(AGENT).capabilities == {SEARCH}
    now[0] = 301
    profiles.profile(AGENT)
    assert len(asked) == 2


@pytest.mark.parametrize(
    "address",
    ["https://127.0.0.1/ucp", "https://localhost/ucp", "https://169.254.169.254/latest",
     "https://10.0.0.1/", "https://[::1]/ucp", "https://0x7f.1/ucp"],
)  # fmt: skip
def test_profile_on_a_private_address_is_not_fetched(address: str) -> None:
    with pytest.raises(TransportError, match="no public address") as raised:
        AgentProfiles().profile(address)
    assert raised.value.code == "profile_unreachable"


def test_redirect_is_not_followed(monkeypatch: pytest.MonkeyPatch) -> None:
    from tools.media import http_client

    with picture_host() as host, picture_host() as inner:
        host.elsewhere = inner.url("good/a.png")
        client = http_client.PublicHttpClient(
            accept="*/*", allowed_hosts=(host.name, inner.name), connections=1
        )
        with (
            pytest.raises(FetchError, match="leads to another one"),
            client.get(host.url("elsewhere/a.png"), silence_s=5, most_redirects=0),
        ):
            pass
        assert not inner.asked
        client.close()


def test_fetch_asks_public_hosts_alone() -> None:
    with picture_host() as host:
        with pytest.raises(FetchError, match="no public address"):
            fetch_profile(host.url("good/a.png"))
        assert not host.asked


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("base", [BASE, "http://localhost:8000", "https://shop.example/chat"])
def test_profile_of_the_shop_is_valid_in_its_version(version: Version, base: str) -> None:
    profile = business_profile(base, version)
    assert not problems(version, "business_profile", profile)
    ucp: dict[str, Any] = profile["ucp"]
    assert ucp["version"] == version
    assert {SEARCH, LOOKUP} <= ucp["capabilities"].keys()
    for service in ucp["services"]["dev.ucp.shopping"]:
        assert service["endpoint"].startswith(f"{base}/ucp/{version}")


def test_newest_profile_names_the_other_version() -> None:
    assert business_profile(BASE, "2026-08-25")["ucp"]["supported_versions"] == {
        "2026-04-08": f"{BASE}/ucp/2026-04-08/profile.json"
    }
    assert "supported_versions" not in business_profile(BASE, "2026-04-08")["ucp"]


@pytest.mark.parametrize(
    ("base", "name"),
    [
        (BASE, "example.shop.chat.catalog.like"),
        ("https://shop.example/chat", "example.shop.catalog.like"),
        ("http://localhost:8000", ""),
        ("http://192.0.2.1:8000", ""),
        ("http://[::1]:8000", ""),
    ],
)
def test_extension_is_named_after_the_host(base: str, name: str) -> None:
    assert like_capability(base) == name


def test_schema_of_the_extension_knows_what_is_published() -> None:
    from jsonschema import Draft202012Validator

    like = like_schema(BASE, "2026-08-25")["$defs"]["search_request"]["allOf"][1]
    validator = Draft202012Validator(like)
    picture = {"content_type": "image/png", "data": "AAAA"}
    assert validator.is_valid({"like": [{"image": picture}, {"id": "m1"}]})
    for wrong in ({}, {"id": 1}, {"id": "a", "image": picture}, {"image": {"data": "AAAA"}}):
        assert not validator.is_valid({"like": [wrong]})
