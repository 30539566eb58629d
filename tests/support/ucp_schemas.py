"""Documents of the Universal Commerce Protocol against the published schemas, offline."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from jsonschema import Draft202012Validator
from referencing import Registry, Resource

from tests.support.paths import DATA

FOLDER = DATA / "ucp"
_DRAFT = "draft-2026-08-22"
FOLDERS = {"2026-04-08": "2026-04-08", "2026-08-25": _DRAFT}
"""Version → folder of its schemas; the draft is that of three days before the release."""


def problems(version: str, name: str, document: object) -> list[str]:
    """What is wrong with a document; [] for a valid one.

    `name` is search_request, search_response, lookup_request, lookup_response,
    get_product_request, get_product_response, business_profile or error_response.
    """
    return [
        f"{'/'.join(map(str, each.absolute_path))}: {each.message[:200]}"
        for each in _validator(version, name).iter_errors(document)
    ]


@cache
def _validator(version: str, name: str) -> Any:
    documents = [json.loads(p.read_text("utf-8")) for p in _files(version)]
    registry: Registry[Any] = Registry().with_resources(
        (each["$id"], Resource.from_contents(each)) for each in documents
    )
    draft = FOLDERS[version] == _DRAFT
    root = f"https://ucp.dev/{'draft' if draft else version}/schemas"
    if name == "business_profile":
        schema: dict[str, Any] = {
            "type": "object",
            "required": ["ucp"],
            "properties": {"ucp": {"$ref": f"{root}/ucp.json#/$defs/business_schema"}},
        }
    elif name == "error_response":
        schema = {"$ref": f"{root}/{'common' if draft else 'shopping'}/types/error_response.json"}
    else:
        file = "search" if name.startswith("search") else "lookup"
        schema = {"$ref": f"{root}/shopping/catalog_{file}.json#/$defs/{name}"}
    return Draft202012Validator(
        schema, registry=registry, format_checker=Draft202012Validator.FORMAT_CHECKER
    )


def _files(version: str) -> list[Any]:
    return sorted((FOLDER / FOLDERS[version] / "schemas").rglob("*.json"))
