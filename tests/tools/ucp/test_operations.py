"""Pages, currencies, pictures and wrong requests of the three operations."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterator
from typing import Any

import pytest
from PIL import Image

from tests.support.broken_shop import huge_png
from tests.support.ucp_schemas import problems
from tests.support.ucp_shop import AGENT, BASE, catalogue_of, open_ucp_shop, ucp_products
from tools.index.local_server import stop_server
from tools.product import Product
from tools.search.shop import Shop
from tools.ucp.catalogue import UcpCatalogue
from tools.ucp.errors import OutcomeError, TransportError
from tools.ucp.service import UcpService
from tools.ucp.versions import VERSIONS, Operation


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    folder = tmp_path_factory.mktemp("ucp")
    yield open_ucp_shop(folder)
    stop_server(folder / "milvus")


@pytest.fixture(scope="module")
def catalogue(shop: Shop) -> UcpCatalogue:
    return catalogue_of(shop)


@pytest.fixture(scope="module")
def products(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Product]:
    return {each.id: each for each in ucp_products(tmp_path_factory.mktemp("pictures"))}


def base64_of(image: Image.Image, kind: str = "PNG") -> str:
    buffer = io.BytesIO()
    image.save(buffer, kind)
    return base64.b64encode(buffer.getvalue()).decode()


def picture(data: str) -> dict[str, Any]:
    return {"like": [{"image": {"content_type": "image/png", "data": data}}]}


def test_pages_of_any_size_give_the_same_products_in_the_same_order(
    catalogue: UcpCatalogue,
) -> None:
    request = {"query": "running shoes", "filters": {"price": {"min": 100}}}
    whole = catalogue.search({**request, "pagination": {"limit": 50}})
    ids = [each["id"] for each in whole["products"]]
    assert whole["pagination"] == {"has_next_page": False, "total_count": len(ids)}
    for size in (1, 4, 7):
        found: list[str] = []
        cursor: dict[str, str] = {}
        while True:
            page = catalogue.search({**request, "pagination": {"limit": size, **cursor}})
            found += [each["id"] for each in page["products"]]
            if not page["pagination"]["has_next_page"]:
                break
            assert len(page["products"]) == size
            cursor = {"cursor": page["pagination"]["cursor"]}
        assert found == ids


def test_page_has_ten_unless_another_number_is_asked_for_and_fifty_at_most(
    catalogue: UcpCatalogue,
) -> None:
    assert len(catalogue.search({"query": "shoe"})["products"]) == 10
    more = catalogue.search({"query": "shoe", "pagination": {"limit": 10_000}})
    assert len(more["products"]) <= 50


def test_cursor_of_another_request_is_refused(catalogue: UcpCatalogue) -> None:
    cursor = catalogue.search({"query": "shoe"})["pagination"]["cursor"]
    for request in ({"query": "mug"}, {"query": "shoe", "filters": {"available": True}}):
        with pytest.raises(TransportError, match="does not belong"):
            catalogue.search({**request, "pagination": {"cursor": cursor}})


@pytest.mark.parametrize(
    ("product_id", "price"),
    [
        ("yen", {"amount": 1200, "currency": "JPY"}),  # has no minor unit
        ("dinar", {"amount": 105_000, "currency": "RSD"}),  # nobody pays its hundredths
        ("m1", {"amount": 1400, "currency": "USD"}),
    ],
)
def test_prices_are_in_minor_units_of_iso_4217(
    catalogue: UcpCatalogue, product_id: str, price: dict[str, Any]
) -> None:
    product = catalogue.product({"id": product_id})["product"]
    assert product["variants"][0]["price"] == price
    assert product["price_range"] == {"min": price, "max": price}


def test_variants_are_those_that_were_ingested(
    catalogue: UcpCatalogue, products: dict[str, Product]
) -> None:
    """Each with its own price, price before a sale, options, page, availability and picture."""
    seen = 0
    for product in products.values():
        for variant in product.variants:
            if variant.price is None:
                with pytest.raises(OutcomeError):
                    catalogue.product({"id": variant.id})
                continue
            shown = catalogue.product({"id": variant.id})["product"]
            assert shown["id"] == product.id
            first = shown["variants"][0]
            assert first["id"] == variant.id
            assert first["price"]["amount"] == variant.price
            was = first.get("list_price", {}).get("amount")
            assert was == variant.was
            options = tuple((each["name"], each["label"]) for each in first["options"])
            assert options == variant.options
            assert first.get("url") == (variant.link or product.link or None)
            assert ("media" in first) == bool(variant.picture)
            available = first.get("availability", {}).get("available")
            assert available is (variant.availability not in ("out of stock", "discontinued"))
            seen += 1
    assert seen > 80


def test_product_is_given_with_what_the_shop_states(catalogue: UcpCatalogue) -> None:
    vase = catalogue.product({"id": "vase 1/é"})["product"]
    assert vase["categories"] == [
        {"value": "Home > Vases", "taxonomy": "merchant"},
        {"value": "Gifts", "taxonomy": "merchant"},
    ]
    assert vase["url"] == "https://shop.example/vase?f%C3%A4rg=r%C3%B6d"
    assert vase["rating"] == {"value": 4.5, "scale_max": 5, "count": 12}
    assert vase["media"][0]["url"] == f"{BASE}/media/generated/vase%201%2F%C3%A9?w=1024"
    assert len(vase["media"]) == 2
    assert vase["tags"] == ["gift"]
    (variant,) = vase["variants"]
    assert variant["barcodes"] == [{"type": "GTIN", "value": "4006381333931"}]
    assert variant["metadata"] == {"codes": ["VASE-1"]}
    assert vase["metadata"]["brand"] == "Lehm"
    assert vase["metadata"]["attributes"] == {"Height": "30 cm"}
    assert "options" not in vase


def test_product_without_ratings_has_no_stars(catalogue: UcpCatalogue) -> None:
    assert "rating" not in catalogue.product({"id": "bowl"})["product"]


def test_answer_names_no_path_of_this_machine(catalogue: UcpCatalogue) -> None:
    whole = str(catalogue.search({"query": "vase", "pagination": {"limit": 50}}))
    assert ".png" not in whole
    assert "/tmp" not in whole


def test_picture_is_searched_from_alone_and_with_words(catalogue: UcpCatalogue) -> None:
    data = base64_of(Image.new("RGB", (64, 48), "red"))
    assert catalogue.search(picture(data))["products"]
    leaning = catalogue.search({**picture(data), "query": "vase"})["products"]
    assert leaning[0]["id"] == "vase 1/é"


def test_liked_products_are_not_among_the_results(catalogue: UcpCatalogue) -> None:
    liked = {"like": [{"id": "m1"}, {"id": "bowl-r"}], "pagination": {"limit": 50}}
    found = {each["id"] for each in catalogue.search(liked)["products"]}
    assert found
    assert not found & {"m1", "bowl"}


def test_liked_product_without_a_picture_is_known_by_its_title(catalogue: UcpCatalogue) -> None:
    found = [each["id"] for each in catalogue.search({"like": [{"id": "c1"}]})["products"]]
    assert found[0] in ("c2", "c3"), "another watch"


WRONG: list[tuple[Operation, Any, str]] = [
    ("search", None, "no JSON object"),
    ("search", [], "no JSON object"),
    ("search", {}, "give `query`, `like`"),
    ("search", {"query": ""}, "give `query`, `like`"),
    ("search", {"query": " \n"}, "give `query`, `like`"),
    ("search", {"filters": {"colour": ["red"]}}, "give `query`, `like`"),
    ("search", {"query": 5}, "query: "),
    ("search", {"query": ["mug"]}, "query: "),
    ("search", {"query": "x" * 501}, "query: "),
    ("search", {"query": "mug", "filters": []}, "filters: "),
    ("search", {"query": "mug", "filters": {"categories": "Mugs"}}, "filters.categories: "),
    ("search", {"query": "mug", "filters": {"price": {"max": 12.5}}}, "filters.price.max: "),
    ("search", {"query": "mug", "filters": {"price": {"max": "12"}}}, "filters.price.max: "),
    ("search", {"query": "mug", "filters": {"price": {"min": -1}}}, "filters.price.min: "),
    ("search", {"query": "mug", "filters": {"price": {"max": 10**30}}}, "filters.price.max: "),
    ("search", {"query": "mug", "filters": {"price": {"min": 9, "max": 1}}}, "Swap the two"),
    ("search", {"query": "mug", "filters": {"available": "yes"}}, "filters.available: "),
    ("search", {"query": "mug", "context": {"currency": 5}}, "context.currency: "),
    ("search", {"query": "mug", "attribution": {"utm_source": 5}}, "attribution.utm_source: "),
    ("search", {"query": "mug", "pagination": {"limit": 0}}, "pagination.limit: "),
    ("search", {"query": "mug", "pagination": {"limit": "10"}}, "pagination.limit: "),
    ("search", {"query": "mug", "pagination": {"cursor": "MTAuYWJj"}}, "does not belong"),
    ("search", {"query": "mug", "pagination": {"cursor": "é"}}, "does not belong"),
    ("search", {"like": [{}]}, "either `image` or `id`"),
    ("search", {"like": [{"id": "m1"}] * 3}, "like: "),
    ("search", {"like": [{"image": {"data": "AAAA"}}]}, "content_type: "),
    ("search", {"like": [{"image": {"content_type": "a/b", "data": "AAAA"}}]}, "content_type"),
    ("search", picture("!!"), "Send base64 of a JPEG"),
    ("search", picture("http://127.0.0.1/a.png"), "Send base64 of a JPEG"),
    ("search", picture("/etc/passwd"), "like[0].image"),
    ("search", picture(base64.b64encode(huge_png(20_000)).decode()), "send a smaller one"),
    ("search", picture("A" * 26_700_000), "20 MB"),
    ("lookup", {}, "ids: "),
    ("lookup", {"ids": []}, "ids: "),
    ("lookup", {"ids": "m1"}, "ids: "),
    ("lookup", {"ids": [1]}, "ids.0: "),
    ("lookup", {"ids": ["x" * 513]}, "ids.0: "),
    ("lookup", {"ids": [f"p{n}" for n in range(51)]}, "Send several requests"),
    ("product", {}, "id: "),
    ("product", {"id": 7}, "id: "),
    ("product", {"id": "r1", "selected": [{"name": "Color"}]}, "selected.0.label: "),
    ("product", {"id": "r1", "selected": [{"name": "Color", "value": "red"}]}, "0.label: "),
    ("product", {"id": "r1", "selected": [{"name": "A", "label": "b"}] * 2}, "twice"),
    ("product", {"id": "r1", "preferences": "Color"}, "preferences: "),
]  # fmt: skip


@pytest.mark.parametrize(("operation", "request_", "advice"), WRONG)
def test_wrong_request_is_told_what_is_wrong(
    catalogue: UcpCatalogue, operation: Operation, request_: Any, advice: str
) -> None:
    service = UcpService(catalogue, BASE)
    with pytest.raises(TransportError) as raised:
        service.answer(operation, request_, AGENT, VERSIONS[0])
    said = str(raised.value)
    assert advice.lower() in said.lower()
    assert raised.value.status == 400
    assert raised.value.number == -32602
    for leak in ("Traceback", "/tmp", "pydantic", "instance of", ".py"):
        assert leak not in said
    assert len(said) < 1300


def test_too_many_ids_have_a_code_of_their_own(catalogue: UcpCatalogue) -> None:
    with pytest.raises(TransportError) as raised:
        catalogue.lookup({"ids": [f"p{n}" for n in range(51)]})
    assert raised.value.code == "request_too_large"
    catalogue.lookup({"ids": [f"p{n}" for n in range(50)]})


def test_half_characters_do_not_break_an_answer(catalogue: UcpCatalogue) -> None:
    import json

    service = UcpService(catalogue, BASE)
    half = json.loads('"\\ud800"')
    for operation, request in (
        ("search", {"query": half}),
        ("search", {"query": "mug", "filters": {half: 1, "categories": [half]}}),
        ("lookup", {"ids": [half]}),
        ("product", {"id": half}),
        ("product", {"id": "r1", "selected": [{"name": half, "label": half}]}),
    ):
        try:
            answer = service.answer(operation, request, AGENT, VERSIONS[0])  # type: ignore[arg-type]  # from a table
        except TransportError as error:
            str(error).encode()
        else:
            json.dumps(answer, ensure_ascii=False).encode()


def test_unknown_fields_are_passed_over(catalogue: UcpCatalogue) -> None:
    """The schemas are open: a newer agent may send more."""
    found = catalogue.search({"query": "mug", "new": {"a": [1]}, "context": {"mood": "good"}})
    assert found["products"][0]["id"] == "m1"


def test_price_filter_of_another_currency_is_not_applied_and_said(
    catalogue: UcpCatalogue,
) -> None:
    request = {"query": "rug", "filters": {"price": {"max": 1}}, "context": {"currency": "EUR"}}
    answer = catalogue.search(request)
    assert answer["products"]
    (message,) = answer["messages"]
    assert message["code"] == "price_filter_ignored"
    assert "USD" in message["content"]
    assert not problems(
        "2026-08-25", "search_response", answer | {"ucp": {"version": "2026-08-25"}}
    )
