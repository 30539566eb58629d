"""Feeds of Google Merchant, Meta, OpenAI, Heureka, Yandex and Prisjakt, in columns and XML."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tools.catalogue.detection import find_source, kind_of
from tools.catalogue.reader import Numbered, Reading, read_products
from tools.errors import CatalogueError
from tools.product import Product

I = "https://i.test"  # noqa: E741 - short for the rows below


def read(path: Path, text: str) -> tuple[dict[str, Product], Reading]:
    path.write_text(text)
    reading = Reading()
    items = list(read_products(path, reading=reading))
    assert all(isinstance(item, Numbered) for item in items), items
    found = [item.product for item in items if isinstance(item, Numbered)]
    return {product.id: product for product in found}, reading


GOOGLE = f"""\
id\ttitle\tlink\timage_link\tprice\tsale_price\tsale_price_effective_date\tavailability\tcolor\tsize\
\tmaterial\tgender\titem_group_id\tgtin\tproduct_detail\tunit_pricing_measure\
\tunit_pricing_base_measure
a-s\tRunner - Red 38\thttps://s.test/a-s\t{I}/r.jpg\t50.00 EUR\t40.00 EUR\t\
2020-04-30T09:30-08:00/2099-05-30T23:59-08:00\tin_stock\tRed\t38\tsuede\tfemale\tA\t4006381333931\
\tSole:Heel:3 cm,Sole:Grip:Rubber\t\t
x\tMug\thttps://s.test/x\t{I}/x.jpg\t4.00 EUR\t3.00 EUR\t2020-01-01/2020-02-01\tout of stock\tBlue\
\t\tclay\t\t\t\t\t750 ml\t100 ml
a-m\tRunner - Blue 39\thttps://s.test/a-m\t{I}/b.jpg\t55.00 EUR\t\t\tout_of_stock\tBlue\t39\tsuede\
\tfemale\tA\t\t\t\t
"""


def test_rows_of_one_item_group_are_one_product_wherever_they_stand(tmp_path: Path) -> None:
    products, _ = read(tmp_path / "feed.tsv", GOOGLE)
    assert kind_of(find_source(tmp_path / "feed.tsv")).name.startswith("a feed for Google")
    assert set(products) == {"A", "x"}
    runner, mug = products["A"], products["x"]
    assert (runner.title, runner.material, runner.gender) == ("Runner", "suede", "female")
    assert [(v.id, dict(v.options), v.price, v.was, v.availability) for v in runner.variants] == [
        ("a-s", {"Color": "Red", "Size": "38"}, 4000, 5000, "in stock"),
        ("a-m", {"Color": "Blue", "Size": "39"}, 5500, None, "out of stock"),
    ]
    assert runner.variants[0].sale_until == "2099-05-31T07:59:00+00:00"
    assert [v.link or runner.link for v in runner.variants] == [
        "https://s.test/a-s", "https://s.test/a-m"
    ]  # fmt: skip
    assert [v.picture or runner.image for v in runner.variants] == [f"{I}/r.jpg", f"{I}/b.jpg"]
    # Its sale ended.
    assert (mug.price_minor, mug.was, mug.unit_price) == (400, None, "€0.53 per 100 ml")
    assert mug.codes == ()


def test_metas_comments_above_the_header_are_passed_over(tmp_path: Path) -> None:
    text = (
        '# Required | A unique id,"# Required | title",,,\n'
        "\n"
        "id,title,image_link,link,price,availability,quantity_to_sell_on_facebook\n"
        f"1,Mug,{I}/m.jpg,https://s.test/1,4.00 USD,in stock,7\n"
    )
    products, _ = read(tmp_path / "meta.csv", text)
    assert (products["1"].price_minor, products["1"].quantity) == (400, 7)


def openai(**more: object) -> dict[str, object]:
    return {
        "item_id": "t-r", "title": "Tee red", "description": "Soft", "url": "https://s.test/r",
        "brand": "Co", "seller_name": "S", "image_url": f"{I}/r.jpg", "availability": "in_stock",
        "price": "79.99 USD", "group_id": "T", "listing_has_variations": True,
        "variant_dict": {"color": "Red", "size": "M"}, **more,
    }  # fmt: skip


@pytest.mark.parametrize("old", [False, True])
def test_openai_s_feed_is_read_by_its_names_of_today_and_before(tmp_path: Path, old: bool) -> None:
    rows = [
        openai(),
        openai(
            item_id="t-b", title="Tee blue", variant_dict={"color": "Blue", "size": "M"},
            sale_price="59.99 USD", availability="pre_order",
        ),
        openai(item_id="off", group_id="", variant_dict={}, is_eligible_search=False),
    ]  # fmt: skip
    if old:
        names = {"url": "link", "image_url": "image_link", "group_id": "item_group_id"}
        rows = [{names.get(name, name): cell for name, cell in row.items()} for row in rows]
    text = "\n".join(map(json.dumps, rows))
    products, reading = read(tmp_path / "feed.jsonl", text)
    (tee,) = products.values()
    assert [(v.id, dict(v.options), v.price, v.was, v.availability) for v in tee.variants] == [
        ("t-r", {"Color": "Red"}, 7999, None, "in stock"),
        ("t-b", {"Color": "Blue"}, 5999, 7999, "preorder"),
    ]
    assert (tee.id, tee.title, tee.attributes) == ("T", "Tee", (("Size", "M"),))
    assert reading.switched_off == {"not published": 1}


RSS = f"""<?xml version="1.0"?><rss xmlns:g="http://base.google.com/ns/1.0"><channel>
<item><g:id>a-s</g:id><g:title>Tee red S</g:title><g:image_link>{I}/r.jpg</g:image_link>
<g:price>20.00 EUR</g:price><g:item_group_id>A</g:item_group_id><link>https://s.test/r</link>
<g:availability>in stock</g:availability>
<g:variant_option><g:name>Cut</g:name><g:value>slim</g:value></g:variant_option>
<g:product_detail><g:attribute_name>Heel</g:attribute_name>
<g:attribute_value>3 cm</g:attribute_value></g:product_detail></item>
<item><g:id>a-m</g:id><g:title>Tee red M</g:title><g:image_link>{I}/r.jpg</g:image_link>
<g:price>21.00 EUR</g:price><g:item_group_id>A</g:item_group_id><link>https://s.test/m</link>
<g:variant_option><g:name>Cut</g:name><g:value>wide</g:value></g:variant_option></item>
</channel></rss>"""
HEUREKA = f"""<?xml version="1.0" encoding="utf-8"?><SHOP>
<SHOPITEM><ITEM_ID>1</ITEM_ID><PRODUCTNAME>Tee red</PRODUCTNAME><URL>https://s.test/r</URL>
<IMGURL>{I}/r.jpg</IMGURL><PRICE_VAT>20</PRICE_VAT><CATEGORYTEXT>Home | Tops</CATEGORYTEXT>
<ITEMGROUP_ID>A</ITEMGROUP_ID><DELIVERY_DATE>0</DELIVERY_DATE><EAN>4006381333931</EAN>
<PARAM><PARAM_NAME>Cut</PARAM_NAME><VAL>slim</VAL></PARAM></SHOPITEM>
<SHOPITEM><ITEM_ID>2</ITEM_ID><PRODUCTNAME>Tee blue</PRODUCTNAME><URL>https://s.test/m</URL>
<IMGURL>{I}/r.jpg</IMGURL><PRICE_VAT>21</PRICE_VAT><CATEGORYTEXT>Home | Tops</CATEGORYTEXT>
<ITEMGROUP_ID>A</ITEMGROUP_ID>
<PARAM><PARAM_NAME>Cut</PARAM_NAME><VAL>wide</VAL></PARAM></SHOPITEM></SHOP>"""
YANDEX = f"""<?xml version="1.0" encoding="UTF-8"?><yml_catalog date="2026-01-01"><shop>
<url>https://s.test</url><currencies><currency id="EUR" rate="1"/></currencies>
<categories><category id="1">Home</category><category id="2" parentId="1">Tops</category>
</categories><offers>
<offer id="1" available="true" group_id="A"><name>Tee red</name><url>https://s.test/r</url>
<price>20</price><oldprice>25</oldprice><categoryId>2</categoryId><picture>{I}/r.jpg</picture>
<param name="Cut">slim</param><vendor>Co</vendor></offer>
<offer id="2" available="false" group_id="A"><name>Tee blue</name><url>https://s.test/m</url>
<price>21</price><oldprice>21</oldprice><categoryId>2</categoryId><picture>{I}/r.jpg</picture>
<param name="Cut">wide</param><vendor>Co</vendor></offer></offers></shop></yml_catalog>"""


@pytest.mark.parametrize("feed", [RSS, HEUREKA, YANDEX], ids=["google", "heureka", "yandex"])
def test_groups_of_a_feed_in_xml_are_products(tmp_path: Path, feed: str) -> None:
    products, _ = read(tmp_path / "products.yml", feed)
    (tee,) = products.values()
    assert (tee.id, tee.title.split()[0]) == ("A", "Tee")
    assert [(v.price, dict(v.options)["Cut"]) for v in tee.variants] == [
        (2000, "slim"), (2100, "wide"),
    ]  # fmt: skip
    assert [v.link or tee.link for v in tee.variants] == ["https://s.test/r", "https://s.test/m"]
    assert (tee.image, tee.variants[0].availability) == (f"{I}/r.jpg", "in stock")
    if feed != RSS:
        assert tee.category == ("Home", "Tops")


def test_yandex_s_old_price_and_made_to_order_are_read(tmp_path: Path) -> None:
    products, _ = read(tmp_path / "products.yml", YANDEX)
    first, second = products["A"].variants
    assert (first.was, second.was, second.availability) == (2500, None, "backorder")
    assert (products["A"].currency, products["A"].brand) == ("EUR", "Co")


def test_flat_list_of_product_elements_is_read(tmp_path: Path) -> None:
    text = f"""<?xml version="1.0"?><products>
<product><product_name>Lamp</product_name><product_id>7</product_id><price>10.50 SEK</price>
<image_url>{I}/l.jpg</image_url><product_url>https://s.test/7</product_url>
<stock_status>in stock</stock_status><manufacturer>Co</manufacturer><ean>4006381333931</ean>
<category>Home &gt; Lamps</category></product></products>"""
    products, _ = read(tmp_path / "prisjakt.xml", text)
    lamp = products["7"]
    assert (lamp.title, lamp.price_minor, lamp.currency) == ("Lamp", 1050, "SEK")
    assert (lamp.availability, lamp.link, lamp.brand) == ("in stock", "https://s.test/7", "Co")
    assert (lamp.category, lamp.codes) == (("Home", "Lamps"), ("4006381333931",))


def test_page_of_html_is_called_one(tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text("<!DOCTYPE html>\n<html><body><br></body></html>")
    with pytest.raises(CatalogueError, match="is a page of HTML"):
        list(read_products(tmp_path / "page.html"))
