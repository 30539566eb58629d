"""Every tool by the SDK's own client: it checks each answer against the schema it was told."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.mcp_client import called, connected, text_of
from tests.support.mcp_shop import link, open_mcp_shop, photo_base64
from tests.support.picture_host import picture_host
from tests.support.variant_shop import varied
from tools.index.local_server import stop_server
from tools.mcp_server.answers import ProductFacts, details_answer
from tools.mcp_server.shop_tools import ShopTools
from tools.product import Product


@pytest.fixture(scope="module")
def tools(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ShopTools]:
    folder = tmp_path_factory.mktemp("mcp")
    yield ShopTools(open_mcp_shop(folder))
    stop_server(folder / "home" / "milvus")


async def found(tools: ShopTools, **arguments: Any) -> list[str]:
    """Ids of a search, best first."""
    result = await called(tools, "search_products", arguments)
    assert not result.isError, text_of(result)
    assert result.structuredContent is not None
    return [product["id"] for product in result.structuredContent["products"]]


async def test_three_tools_are_listed_as_read_only_with_their_schemas(tools: ShopTools) -> None:
    async with connected(tools) as client:
        listed = (await client.list_tools()).tools
    assert [tool.name for tool in listed] == ["search_products", "get_product", "compare_products"]
    for tool in listed:
        assert tool.annotations is not None
        assert tool.annotations.readOnlyHint
        assert tool.outputSchema
        for name, argument in tool.inputSchema["properties"].items():
            assert argument.get("description"), (tool.name, name)


async def test_words_find_the_product_with_the_facts_of_the_shop(tools: ShopTools) -> None:
    result = await called(tools, "search_products", {"words": "canvas backpack", "limit": 1})
    assert result.structuredContent is not None
    assert result.structuredContent["searched"] == 4
    (product,) = result.structuredContent["products"]
    facts = {"price": 13.0, "currency": "USD", "availability": "in stock", "color": "green"}
    assert product.items() >= (facts | {"link": link("backpack"), "variant": None}).items()
    text = text_of(result)
    for said in ("Canvas backpack", "$13.00", "in stock", "id backpack", link("backpack")):
        assert said in text


async def test_photo_in_base64_finds_what_it_shows(tools: ShopTools) -> None:
    photo = photo_base64()
    wrapped = base64.encodebytes(base64.b64decode(photo)).decode()
    for given in (photo, wrapped, f"data:image/png;base64,{photo}"):
        assert (await found(tools, photo=given))[0] == "backpack"


async def test_words_lean_on_the_photo(tools: ShopTools) -> None:
    assert (await found(tools, photo=photo_base64("blue-mug"), words="mug"))[0] == "blue-mug"


async def test_photo_at_an_address_is_fetched_where_its_host_is_allowed(tools: ShopTools) -> None:
    with picture_host() as host:
        allowing = ShopTools(tools.shop, allowed_hosts=(host.name,))
        assert len(await found(allowing, photo=host.url("good/a.png"))) == 4
        refused = await called(tools, "search_products", {"photo": host.url("good/b.png")})
    assert refused.isError
    assert "no public address" in text_of(refused)
    assert "--allow-host" not in text_of(refused)
    assert host.asked["/good/b.png"] == 0


async def test_liked_product_is_searched_from_and_left_out(tools: ShopTools) -> None:
    assert (await found(tools, like="red-mug"))[0] == "blue-mug"
    assert "red-mug" not in await found(tools, like="red-mug")


async def test_search_without_words_is_not_told_that_no_product_says_them(
    tools: ShopTools,
) -> None:
    """A search from a product's picture was told so."""
    result = await called(tools, "search_products", {"like": "red-mug"})
    assert "says these words" not in text_of(result)


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({"max_price": 11}, {"red-mug", "blue-mug"}),
        ({"min_price": 11.5, "max_price": 12}, {"lamp"}),
        ({"in_stock": True}, {"red-mug", "blue-mug", "backpack"}),
        ({"options": ["gender=female"]}, {"red-mug", "lamp", "backpack"}),
        ({"options": ["gender=female"], "colors": ["red"], "in_stock": True}, {"red-mug"}),
        ({"categories": ["mugs"]}, {"red-mug", "blue-mug"}),
        ({"without": ["linen"], "colors": ["red"]}, {"red-mug"}),
    ],
)
async def test_filters_hold(tools: ShopTools, filters: dict[str, Any], expected: set[str]) -> None:
    assert set(await found(tools, words="thing", **filters)) == expected


async def test_sort_and_limit_hold(tools: ShopTools) -> None:
    assert await found(tools, sort="cheapest", limit=2) == ["red-mug", "blue-mug"]


async def test_empty_search_says_what_each_filter_lets_through(tools: ShopTools) -> None:
    asked = {"words": "backpack", "max_price": 11, "categories": ["Backpacks"]}
    result = await called(tools, "search_products", asked)
    assert not result.isError
    assert result.structuredContent is not None
    assert result.structuredContent["products"] == []
    assert "Without the price filter there are 1, the cheapest at 13.00 USD." in text_of(result)


async def test_what_the_shop_does_not_list_is_said_and_not_filtered_by(tools: ShopTools) -> None:
    result = await called(tools, "search_products", {"words": "mug", "options": ["size=M"]})
    assert result.structuredContent is not None
    assert result.structuredContent["products"]
    assert "This shop lists no sizes" in text_of(result)


async def test_details_are_all_that_the_shop_states(tools: ShopTools) -> None:
    result = await called(tools, "get_product", {"id": "lamp"})
    assert result.structuredContent is not None
    facts = result.structuredContent["facts"]
    assert facts.items() >= {"Price": "$12.00", "Color": "red"}.items()
    assert result.structuredContent["product"]["link"] == link("lamp")
    assert "Bedside lamp with linen shade" in text_of(result)


async def test_comparison_puts_products_side_by_side(tools: ShopTools) -> None:
    result = await called(tools, "compare_products", {"ids": ["lamp", "red-mug", "lamp"]})
    assert result.structuredContent is not None
    assert result.structuredContent["ids"] == ["lamp", "red-mug"]
    rows = {row["name"]: row for row in result.structuredContent["facts"]}
    assert rows["Price"]["values"] == ["$12.00", "$10.00"]
    assert rows["Price"]["differs"]
    assert not rows["Color"]["differs"]


async def test_no_answer_holds_a_path_of_this_machine(tools: ShopTools) -> None:
    for name, arguments in (
        ("search_products", {"words": "mug"}),
        ("get_product", {"id": "lamp"}),
        ("compare_products", {"ids": ["lamp", "red-mug"]}),
    ):
        whole = (await called(tools, name, arguments)).model_dump_json()
        assert ".png" not in whole
        assert "/home" not in whole


async def test_several_calls_at_once_are_each_answered(tools: ShopTools) -> None:
    async with connected(tools) as client:
        names = [("lamp", "red-mug", "blue-mug", "backpack")[n % 4] for n in range(12)]
        answers = await asyncio.gather(
            *(client.call_tool("get_product", {"id": name}) for name in names)
        )
    got = [each.structuredContent["product"]["id"] for each in answers if each.structuredContent]
    assert got == names


def test_variants_are_listed_with_their_own_price_stock_and_link() -> None:
    shirt = Product("shirt", "Shirt", price_minor=1000)
    product = varied(shirt, {"Size": ("M", "L")}, gone=(("L",),), more={"L": 200})
    content = details_answer(product).content.model_dump()
    medium, large = content["variants"]
    assert medium["options"] == {"Size": "M"}
    assert (large["price"], large["availability"]) == (12.0, "out of stock")
    assert large["link"] == "https://shop.example/shirt?v=l"
    shown = ProductFacts.of(product, product.variants[0])
    assert shown.variant is not None
    assert shown.variant.id == "shirt-m"
