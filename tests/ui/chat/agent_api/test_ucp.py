"""The Universal Commerce Protocol over REST and MCP: the same answers, and the errors of each."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from mcp.shared.exceptions import McpError

from tests.support.agent_server import KEY, KEYS, agent_server, http_client
from tests.support.mcp_broken_calls import check_harmless
from tests.support.ucp_schemas import problems
from tests.support.ucp_shop import AGENT, BASE, open_ucp_shop, recorded_requests
from tools.index.local_server import stop_server
from tools.media.public_network import FetchError
from tools.search.shop import Shop
from tools.ucp.agents import AgentProfiles
from tools.ucp.versions import LOOKUP, SEARCH, VERSIONS, Version
from ui.chat.agent_api.api import AgentSettings

TOOLS = {"search": "search_catalog", "lookup": "lookup_catalog", "product": "get_product"}
HEADERS = {"x-api-key": KEY, "ucp-agent": f'profile="{AGENT}"'}
NEWEST = VERSIONS[0]
ROOT = f"/ucp/{NEWEST}"
PROFILES = {
    AGENT: {"version": "2026-08-25", "capabilities": {SEARCH: [], LOOKUP: []}},
    "https://old.example/": {"version": "2026-01-23", "capabilities": {SEARCH: []}},
    "https://orders.example/": {"version": "2026-08-25", "capabilities": {"dev.ucp.x.order": []}},
    "https://pictures.example/": {
        "version": "2026-08-25",
        "capabilities": {SEARCH: [], "example.shop.chat.catalog.like": []},
    },
    "https://broken.example/": {},
}


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    folder = tmp_path_factory.mktemp("ucp-http")
    yield open_ucp_shop(folder)
    stop_server(folder / "milvus")


def fetch(address: str) -> bytes:
    if address not in PROFILES:
        raise FetchError("its host answers 404")
    return json.dumps({"ucp": PROFILES[address]}).encode()


@pytest.fixture(scope="module")
def url(shop: Shop) -> Iterator[str]:
    settings = AgentSettings(KEYS, ucp="keys", base=BASE, per_minute=100_000, at_once=100)
    with agent_server(shop, settings, AgentProfiles(fetch)) as address:
        yield address


def post(url: str, path: str, body: object, **headers: str) -> httpx.Response:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    sent = {"content-type": "application/json", **HEADERS, **headers}
    return httpx.post(f"{url}{path}", content=content, headers=sent, timeout=60)


def arguments(catalog: object, agent: str = AGENT) -> dict[str, Any]:
    return {"meta": {"ucp-agent": {"profile": agent}}, "catalog": catalog}


@pytest.mark.parametrize("version", VERSIONS)
async def test_recorded_requests_have_the_same_answers_over_rest_and_mcp(
    url: str, version: Version
) -> None:
    recorded = recorded_requests()
    async with http_client(f"{url}/ucp/{version}/mcp") as client, httpx.AsyncClient() as http:
        listed = {tool.name for tool in (await client.list_tools()).tools}
        assert listed == set(TOOLS.values())
        for each in recorded:
            operation, request = each["operation"], each["request"]
            path = f"{url}/ucp/{version}/catalog/{operation}"
            rest = await http.post(path, json=request, headers=HEADERS, timeout=60)
            assert rest.status_code == 200, rest.text
            called = await client.call_tool(TOOLS[operation], arguments(request))
            assert called.structuredContent == rest.json()
            assert json.loads(called.content[0].text) == rest.json()  # type: ignore[union-attr]  # it is text
            assert not called.isError


def test_profile_is_public_valid_and_kept(url: str) -> None:
    answer = httpx.get(f"{url}/.well-known/ucp")
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "public, max-age=300"
    assert not problems(NEWEST, "business_profile", answer.json())
    ucp = answer.json()["ucp"]
    older = ucp["supported_versions"]["2026-04-08"].removeprefix(BASE)
    assert not problems("2026-04-08", "business_profile", httpx.get(f"{url}{older}").json())
    for capability in ucp["capabilities"].values():
        schema = capability[0]["schema"]
        if schema.startswith(BASE):
            assert httpx.get(f"{url}{schema.removeprefix(BASE)}").json()["$id"] == schema


def test_endpoints_of_the_profile_answer(url: str) -> None:
    for service in httpx.get(f"{url}/.well-known/ucp").json()["ucp"]["services"][
        "dev.ucp.shopping"
    ]:
        path = service["endpoint"].removeprefix(BASE)
        if service["transport"] == "rest":
            assert post(url, f"{path}/catalog/product", {"id": "m1"}).status_code == 200
        else:
            ping = {"jsonrpc": "2.0", "id": 1, "method": "ping"}
            assert post(url, path, ping, accept="application/json").json()["result"] == {}


BROKEN: list[tuple[str, object, dict[str, str], int, str]] = [
    ("search", b"{", {}, 400, "invalid_request"),
    ("search", b"[" * 100_000, {}, 400, "invalid_request"),
    ("search", b"\xff", {}, 400, "invalid_request"),
    ("search", {}, {}, 400, "invalid_request"),
    ("search", {"query": 1}, {}, 400, "invalid_request"),
    ("search", {"query": "mug", "pagination": {"cursor": "x"}}, {}, 400, "invalid_request"),
    ("lookup", {"ids": []}, {}, 400, "invalid_request"),
    ("lookup", {"ids": ["a"] + [f"p{n}" for n in range(60)]}, {}, 400, "request_too_large"),
    ("product", {"id": None}, {}, 400, "invalid_request"),
    ("search", {"query": "mug"}, {"x-api-key": ""}, 401, "unauthorized"),
    ("search", {"query": "mug"}, {"x-api-key": "wrong"}, 401, "unauthorized"),
    ("search", {"query": "mug"}, {"host": "evil.example"}, 403, "forbidden"),
    ("search", {"query": "mug"}, {"origin": "https://evil.example"}, 403, "forbidden"),
    ("search", {"query": "mug"}, {"ucp-agent": ""}, 400, "invalid_profile_url"),
    ("search", {"query": "mug"}, {"ucp-agent": AGENT}, 400, "invalid_profile_url"),
    ("search", {"query": "mug"}, {"ucp-agent": 'profile="http://agent.example/"'}, 400,
     "invalid_profile_url"),
    ("search", {"query": "mug"}, {"ucp-agent": 'profile="https://gone.example/"'}, 424,
     "profile_unreachable"),
    ("search", {"query": "mug"}, {"ucp-agent": 'profile="https://broken.example/"'}, 422,
     "profile_malformed"),
    ("search", {"query": "mug"}, {"ucp-agent": 'profile="https://old.example/"'}, 422,
     "version_unsupported"),
]  # fmt: skip


@pytest.mark.parametrize(("operation", "body", "headers", "status", "code"), BROKEN)
def test_request_that_is_not_processed_has_the_error_of_the_specification(
    url: str, operation: str, body: object, headers: dict[str, str], status: int, code: str
) -> None:
    for version in VERSIONS:
        answer = post(url, f"/ucp/{version}/catalog/{operation}", body, **headers)
        assert answer.status_code == status
        document = answer.json()
        assert not problems(version, "error_response", document)
        assert document["messages"][0]["code"] == code
        check_harmless(document["messages"][0]["content"])
        assert KEY not in answer.text


@pytest.mark.parametrize(
    ("tool", "given", "number", "code"),
    [
        ("search_catalog", {"catalog": {"query": "mug"}}, -32001, "invalid_profile_url"),
        ("search_catalog", {"meta": 5, "catalog": {"query": "mug"}}, -32001, "invalid_profile_url"),
        ("search_catalog", arguments({"query": "mug"}, "https://gone.example/"), -32001,
         "profile_unreachable"),
        ("search_catalog", arguments({"query": "mug"}, "https://old.example/"), -32001,
         "version_unsupported"),
        ("search_catalog", {"meta": {"ucp-agent": {"profile": AGENT}}}, -32602, "invalid_request"),
        ("search_catalog", arguments({}), -32602, "invalid_request"),
        ("search_catalog", arguments("mug"), -32602, "invalid_request"),
        ("lookup_catalog", arguments({"ids": [f"p{n}" for n in range(51)]}), -32602,
         "request_too_large"),
        ("get_product", arguments({}), -32602, "invalid_request"),
        ("create_checkout", arguments({}), -32602, "invalid_request"),
    ],
)  # fmt: skip
async def test_call_that_is_not_processed_is_an_error_of_json_rpc(
    url: str, tool: str, given: dict[str, Any], number: int, code: str
) -> None:
    async with http_client(f"{url}{ROOT}/mcp") as client:
        with pytest.raises(McpError) as raised:
            await client.call_tool(tool, given)
    assert raised.value.error.code == number
    assert raised.value.error.data == {"code": code}
    check_harmless(raised.value.error.message)


async def test_product_that_is_not_there_is_an_outcome_and_no_error_of_the_transport(
    url: str,
) -> None:
    async with http_client(f"{url}{ROOT}/mcp") as client:
        called = await client.call_tool("get_product", arguments({"id": "none"}))
    rest = post(url, f"{ROOT}/catalog/product", {"id": "none"})
    assert rest.status_code == 200
    assert called.structuredContent == rest.json()
    assert rest.json()["ucp"]["status"] == "error"


def test_agent_without_the_capability_is_told_so(url: str) -> None:
    named = {"ucp-agent": 'profile="https://orders.example/"'}
    answer = post(url, f"{ROOT}/catalog/search", {"query": "mug"}, **named)
    assert answer.status_code == 200
    assert answer.json()["ucp"]["status"] == "error"
    assert answer.json()["messages"][0]["code"] == "capabilities_incompatible"
    assert not problems(NEWEST, "search_response", answer.json())


def test_extension_is_active_where_the_agent_has_it_too(url: str) -> None:
    named = {"ucp-agent": 'v=1, profile="https://pictures.example/"'}
    for headers, active in (({}, {SEARCH}), (named, {SEARCH, "example.shop.chat.catalog.like"})):
        answer = post(url, f"{ROOT}/catalog/search", {"like": [{"id": "m1"}]}, **headers).json()
        assert answer["ucp"]["capabilities"].keys() == active
        assert not problems(NEWEST, "search_response", answer)


def test_identity_of_a_request_is_given_back(url: str) -> None:
    identity = "0b6f5a52-0a52-4a3c-9a1c-2b1f6f0f7a11"
    answer = post(url, f"{ROOT}/catalog/product", {"id": "m1"}, **{"request-id": identity})
    assert answer.headers["request-id"] == identity


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", f"{ROOT}/catalog/search", 405),
        ("POST", "/.well-known/ucp", 405),
        ("POST", "/ucp/2026-01-23/catalog/search", 404),
        ("POST", f"{ROOT}/catalog/none", 404),
        ("POST", "/mcp", 404),
    ],
)
def test_other_addresses_are_not_there(url: str, method: str, path: str, status: int) -> None:
    assert httpx.request(method, f"{url}{path}", headers=HEADERS).status_code == status


def test_open_catalogue_needs_no_key_and_counts_by_address(shop: Shop) -> None:
    settings = AgentSettings({}, ucp="open", base=BASE, per_minute=3, checks_profiles=False)
    with agent_server(shop, settings) as address:
        path = f"{ROOT}/catalog/product"
        found = [post(address, path, {"id": "m1"}, **{"x-api-key": ""}) for _ in range(4)]
    assert [each.status_code for each in found] == [200, 200, 200, 429]
    over = found[-1].json()
    assert not problems(NEWEST, "error_response", over)
    assert over["messages"][0]["code"] == "rate_limited"
    assert over["messages"][0]["severity"] == "recoverable"
    assert int(found[-1].headers["retry-after"]) > 0


class _DownShop:
    """Whose index does not answer; what it says is for whoever runs the shop."""

    name = "down"

    def __getattr__(self, name: str) -> Callable[..., Any]:
        raise RuntimeError("/home/shop/.pounce: Milvus at 10.0.0.1 does not answer.")


async def test_fault_of_the_shop_is_an_incident_and_not_its_text(
    caplog: pytest.LogCaptureFixture,
) -> None:
    settings = AgentSettings(KEYS, ucp="keys", base=BASE, checks_profiles=False)
    with agent_server(_DownShop(), settings) as address:  # type: ignore[arg-type]  # it has nothing
        rest = post(address, f"{ROOT}/catalog/product", {"id": "m1"})
        async with http_client(f"{address}{ROOT}/mcp") as client:
            with pytest.raises(McpError) as raised:
                await client.call_tool("get_product", arguments({"id": "m1"}))
    assert rest.status_code == 500
    said = rest.json()["messages"][0]["content"]
    for sentence in (said, raised.value.error.message):
        assert "Try again later" in sentence
        check_harmless(sentence)
        assert "10.0.0.1" not in sentence
        incident = sentence.rpartition(" ")[2].rstrip(".")
        assert any(incident in each.getMessage() for each in caplog.records)
