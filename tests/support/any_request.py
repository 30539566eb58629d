"""What strangers send, as Hypothesis makes it up: paths, queries, bodies, arguments of agents."""

from __future__ import annotations

import uuid
from typing import Any

from hypothesis import strategies as st
from pydantic import BaseModel

from tools.mcp_server.arguments import CompareProducts, GetProduct, SearchProducts
from tools.ucp.requests import LookupRequest, ProductRequest, SearchRequest
from tools.ucp.versions import OPERATIONS, VERSIONS

SESSION = str(uuid.uuid4())
READ = (
    "/", "/thread/{}", "/assets/{}", "/public/{}", "/public/scenes/{}.jpg", "/avatars/{}",
    "/media/{}/{}", "/favicon", "/logo", "/project/settings", "/project/translations",
    "/project/file/{}", "/project/thread/{}", "/project/thread/{}/element/{}", "/auth/config",
    "/user", "/login", "/login/callback", "/auth/oauth/{}", "/auth/oauth/{}/callback",
    "/photos/{}.jpg", "/shop/{}", "/your-data", "/your-data.zip", "/health", "/healthz", "/readyz",
    "/metrics", "/widget.js", "/ws/socket.io/", "/mcp", "/.well-known/ucp", "/ucp/{}/{}",
    *(f"/ucp/{version}/{name}.json" for version in VERSIONS for name in ("profile", "like")),
    "/{}",
)  # fmt: skip
CHANGED = (
    ("POST", "/set-session-cookie"), ("POST", "/login"), ("POST", "/logout"),
    ("POST", "/auth/header"), ("POST", "/project/threads"), ("POST", "/your-data/delete"),
    ("POST", "/project/action"), ("POST", "/project/file"), ("POST", "/ws/socket.io/"),
    ("POST", "/auth/oauth/azure-ad-hybrid/callback"), ("PUT", "/feedback"),
    ("PUT", "/project/thread"), ("DELETE", "/feedback"), ("DELETE", "/project/thread"),
)  # fmt: skip
ODD = st.sampled_from(
    ["", ".", "..", "%", "\0", "\ud800", "a" * 300, "x" * 20_000, "../../etc/passwd", "null", "-1",
     "1e999", "99999999999999999999999", "NaN", "'", '"', "\\", "\r\n", "\u202e", "🙂", "%00", "*",
     SESSION, "demo", "case/0 é"]
)  # fmt: skip
WORDS = ODD | st.text(st.characters(exclude_categories=()), max_size=12)
NAMES = st.sampled_from(
    ["session_id", "sessionId", "threadId", "thread_id", "name", "filter", "search", "userId",
     "feedback", "pagination", "first", "cursor", "forId", "value", "comment", "feedbackId",
     "action", "payload", "id", "ids", "listId", "numbers", "limits", "act", "number", "wide",
     "language", "w", "n", "text", "like", "files", "greet", "code",
     "state", "error", "EIO", "transport", "sid", "t", "id_token",
     "username", "password", "grant_type", "scope", "client_id"]
)  # fmt: skip
LEAVES = (
    st.none() | st.booleans() | st.integers() | st.floats() | WORDS
    | st.sampled_from(["pick", "keep", "let go", "open list", "gone", "more like", "not this",
                       "refine", "relax", "misread", "compare", "look", "ask", "polling",
                       "websocket", "4"])
)  # fmt: skip
VALUES: st.SearchStrategy[Any] = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES | WORDS, inner, max_size=5),
    max_leaves=12,
)
OBJECTS = st.dictionaries(NAMES, VALUES, max_size=6)
LIKELY = st.one_of(
    st.fixed_dictionaries({"pagination": OBJECTS, "filter": OBJECTS}),
    st.fixed_dictionaries({"threadId": WORDS, "name": WORDS}),
    st.fixed_dictionaries({"feedback": OBJECTS, "sessionId": WORDS}),
    st.fixed_dictionaries(
        {"sessionId": st.just(SESSION),
         "action": st.fixed_dictionaries({"name": LEAVES, "payload": OBJECTS})}
    ),
)  # fmt: skip
KINDS = st.sampled_from(
    ["application/json", "application/x-www-form-urlencoded", "multipart/form-data; boundary=b",
     "multipart/form-data", "text/plain", "", "application/json; charset=\udcff", "é/é"]
)  # fmt: skip
QUERIES = st.dictionaries(NAMES, WORDS | st.integers().map(str), max_size=4)


TOOLS: dict[str, type[BaseModel]] = {
    "search_products": SearchProducts,
    "get_product": GetProduct,
    "compare_products": CompareProducts,
}
CATALOG: dict[str, type[BaseModel]] = {
    "search_catalog": SearchRequest,
    "lookup_catalog": LookupRequest,
    "get_product": ProductRequest,
}
RPC_PATHS = ("/mcp", "/mcp/", *(f"/ucp/{version}/mcp" for version in VERSIONS))
REST_PATHS = tuple(f"/ucp/{v}/catalog/{o}" for v in VERSIONS for o in OPERATIONS)
_FITTING = st.sampled_from(
    ["red mug", "Mugs", "red", "Daybird", "color=red", "size=M", "red-mug-basic", "USD", "EUR",
     "https://shop.example/a.jpg", "http://127.0.0.1/a.jpg", "data:image/png;base64,iVBORw0KGgo=",
     "cheapest", 1, 9, 24, 0.5, 4.5, -1, 10**14, 10**30, [], {}, ["red"], ["red-mug-basic"],
     ["red-mug-basic", "blue-mug-basic"], True]
)  # fmt: skip
_ANY: st.SearchStrategy[Any] = _FITTING | VALUES
_FIELDS = st.sampled_from(
    [*sorted({f for m in (*TOOLS.values(), *CATALOG.values()) for f in m.model_fields}),
     "price", "min", "max", "available", "currency", "cursor", "image", "content_type", "data",
     "label", "name"]
)  # fmt: skip
_PARTS = st.dictionaries(_FIELDS | WORDS, _ANY, max_size=3)
ARGUMENTS = st.dictionaries(
    _FIELDS | WORDS, _ANY | _PARTS | st.lists(_PARTS, max_size=2), max_size=4
)
"""Of a tool, or of an operation of UCP."""
_AGENT = st.fixed_dictionaries({"ucp-agent": st.fixed_dictionaries({"profile": _ANY})}) | OBJECTS
_CALL = st.one_of(
    st.fixed_dictionaries({"name": st.sampled_from([*TOOLS]), "arguments": ARGUMENTS}),
    st.fixed_dictionaries(
        {"name": st.sampled_from([*CATALOG]),
         "arguments": st.fixed_dictionaries({"meta": _AGENT, "catalog": ARGUMENTS | VALUES})}
    ),
    OBJECTS,
)  # fmt: skip
RPC: st.SearchStrategy[Any] = VALUES | st.fixed_dictionaries(
    {"jsonrpc": st.just("2.0"), "id": st.just(1) | LEAVES,
     "method": st.sampled_from(["tools/call"] * 6 + ["tools/list", "initialize", "ping"]) | WORDS,
     "params": _CALL}
)  # fmt: skip
"""Messages to an MCP server; most are calls of a tool."""
AGENT_HEADERS = st.dictionaries(
    st.sampled_from(["accept", "ucp-agent", "request-id", "mcp-session-id", "authorization",
                     "mcp-protocol-version", "x-api-key", "last-event-id", "idempotency-key"]),
    st.sampled_from(["application/json", "text/event-stream", "*/*", "2025-06-18", "1999-01-01",
                     'profile="https://agent.example/"', "Bearer x"]) | WORDS,
    max_size=3,
)  # fmt: skip
