"""Sixty recorded requests in both versions: each answer against the schemas of its version."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.ucp_schemas import FOLDER, FOLDERS, problems
from tests.support.ucp_shop import AGENT, BASE, catalogue_of, open_ucp_shop, recorded_requests
from tools.index.local_server import stop_server
from tools.ucp.service import UcpService
from tools.ucp.versions import VERSIONS, Version

RECORDED = recorded_requests()
RESPONSES = {
    "search": "search_response",
    "lookup": "lookup_response",
    "product": "get_product_response",
}


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[UcpService]:
    folder = tmp_path_factory.mktemp("ucp")
    yield UcpService(catalogue_of(open_ucp_shop(folder)), BASE)
    stop_server(folder / "milvus")


def test_sixty_are_recorded() -> None:
    assert len(RECORDED) == 60
    assert {each["operation"] for each in RECORDED} == set(RESPONSES)


@pytest.mark.parametrize("version", VERSIONS)
def test_requests_are_valid_themselves(version: Version) -> None:
    names = {
        "search": "search_request",
        "lookup": "lookup_request",
        "product": "get_product_request",
    }
    for each in RECORDED:
        assert not problems(version, names[each["operation"]], each["request"]), each


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("recorded", RECORDED, ids=range(len(RECORDED)))
def test_answer_is_valid_and_as_recorded(
    service: UcpService, recorded: dict[str, Any], version: Version
) -> None:
    operation, expected = recorded["operation"], recorded["expect"]
    answer = service.answer(operation, recorded["request"], AGENT, version)
    failed = answer["ucp"]["status"] == "error"
    name = "error_response" if failed and operation == "product" else RESPONSES[operation]
    assert not problems(version, name, answer)
    assert answer["ucp"]["version"] == version
    assert failed == (expected.get("status") == "error")
    assert [each["code"] for each in answer.get("messages", [])] == expected.get("codes", [])
    products = answer.get("products", [answer["product"]] if "product" in answer else [])
    if "paged" not in expected:
        more = answer.get("pagination", {}).get("has_next_page", False)
        assert more is expected.get("more", False)
    found = {p["id"]: [variant["id"] for variant in p["variants"]] for p in products}
    assert found == expected.get("variants", found)
    assert len(found) == expected.get("count", len(found))
    assert set(expected.get("holds", ())) <= found.keys()
    assert not set(expected.get("lacks", ())) & found.keys()
    bounds = recorded["request"].get("filters", {}).get("price", {})
    if bounds and "price_filter_ignored" not in expected.get("codes", []):
        for variant in (each for product in products for each in product["variants"]):
            assert variant["price"]["currency"] == "USD"
            amount = variant["price"]["amount"]
            assert bounds.get("min", amount) <= amount <= bounds.get("max", amount)


@pytest.mark.parametrize("version", sorted(FOLDERS))
def test_schemas_refuse_what_is_known_to_be_invalid(version: str) -> None:
    """The check is worth something: it finds each mistake of the samples."""
    import json

    for file in sorted((FOLDER / "samples").glob("*.json")):
        document = json.loads(file.read_text("utf-8"))
        kind = file.name.split(".")[0]
        if kind == "invalid":
            assert problems(version, "search_response", document), file.name
        elif file.name.startswith(version):
            name = file.name.split(".")[1].replace("search_empty", "search_response")
            assert not problems(version, name, document), file.name
        elif not file.name.startswith("2026"):
            assert not problems(version, kind, document), file.name
