"""What is published of the shop: its profile, and the extension for pictures in a search."""

from __future__ import annotations

from ipaddress import ip_address
from urllib.parse import urlsplit

from tools.ucp.versions import LOOKUP, NEWEST, SEARCH, VERSIONS, Document, Version

_SPECIFICATION = "https://ucp.dev"
_PAGES: dict[Version, str] = {"2026-08-25": "shopping/catalog", "2026-04-08": "catalog"}
"""Where the specification of a version has its pages on catalogues."""


def business_profile(base: str, version: Version) -> Document:
    """The profile of one version; `base` is the address under which the endpoints are.

    The newest names the others.
    """
    site = f"{_SPECIFICATION}/{version}"
    capabilities = {
        name: [
            {
                "version": version,
                "spec": f"{site}/specification/{_PAGES[version]}/{page}",
                "schema": f"{site}/schemas/shopping/catalog_{page}.json",
            }
        ]
        for name, page in ((SEARCH, "search"), (LOOKUP, "lookup"))
    }
    if extension := like_capability(base):
        capabilities[extension] = [
            {
                "version": version,
                "spec": like_schema_address(base, version),
                "schema": like_schema_address(base, version),
                "extends": SEARCH,
            }
        ]
    endpoints = {
        "rest": (f"{base}/ucp/{version}", "rest.openapi.json"),
        "mcp": (f"{base}/ucp/{version}/mcp", "mcp.openrpc.json"),
    }
    ucp: Document = {
        "version": version,
        "services": {
            "dev.ucp.shopping": [
                {
                    "version": version,
                    "spec": f"{site}/specification/overview",
                    "transport": transport,
                    "endpoint": endpoint,
                    "schema": f"{site}/services/shopping/{file}",
                }
                for transport, (endpoint, file) in endpoints.items()
            ]
        },
        "capabilities": capabilities,
        "payment_handlers": {},
    }
    if version == NEWEST:
        ucp["supported_versions"] = {
            each: f"{base}/ucp/{each}/profile.json" for each in VERSIONS if each != NEWEST
        }
    return {"ucp": ucp}


def like_capability(base: str) -> str:
    """The name of the extension, in the namespace of the host; "" for a host that has none."""
    host = urlsplit(base).hostname or ""
    try:
        ip_address(host)
    except ValueError:
        parts = host.split(".")[::-1]
        return ".".join((*parts, "catalog", "like")) if len(parts) > 1 else ""
    return ""


def like_schema_address(base: str, version: Version) -> str:
    """Where the schema of the extension is."""
    return f"{base}/ucp/{version}/like.json"


def like_schema(base: str, version: Version) -> Document:
    """The schema of `like`, as Shopify's catalogues have it: the request of a search with one or
    two pictures or products to start from."""
    name = like_capability(base)
    entry: Document = {
        "type": "object",
        "oneOf": [{"required": ["image"]}, {"required": ["id"]}],
        "properties": {
            "id": {"type": "string", "description": "A product or variant of this catalogue."},
            "image": {
                "type": "object",
                "required": ["content_type", "data"],
                "properties": {
                    "content_type": {"type": "string", "examples": ["image/jpeg"]},
                    "data": {"type": "string", "description": "The file in base64."},
                },
            },
        },
    }
    like = {"type": "array", "minItems": 1, "maxItems": 2, "items": entry}
    core = f"{_SPECIFICATION}/{version}/schemas/shopping/catalog_search.json"
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": like_schema_address(base, version),
        "name": name,
        "version": version,
        "title": "Search by pictures",
        "description": "Products that look like a picture or another product; `query` leans on it.",
        "$defs": {
            "search_request": {
                "allOf": [
                    {"$ref": f"{core}#/$defs/search_request"},
                    {"type": "object", "properties": {"like": like}},
                ]
            }
        },
    }
