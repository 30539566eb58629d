"""The settings panel: what is in stock alone, as a setting, a chip and a tag."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from tests.support.variant_shop import BARE, PRODUCTS
from tools.catalogue.vocabulary import count_vocabulary
from tools.product import Filters, Match
from ui.chat.cards.filter_chips import LimitsJson, chips, describe, tags
from ui.chat.page_config import PageConfig
from ui.chat.preferences import parse_settings, setting_fields, wishes_of, without


def test_in_stock_only_is_a_setting_where_the_shop_states_its_stock(tmp_path: Path) -> None:
    config = PageConfig(home=tmp_path)
    offered = [setting_fields({}, config, count_vocabulary(shop)) for shop in (PRODUCTS, BARE)]
    ids = [{field.id for field in fields} for fields in offered]
    assert "in_stock" in ids[0]
    assert "in_stock" not in ids[1]
    stored = parse_settings({"in_stock": True}, "USD")
    assert wishes_of(stored).in_stock
    assert not wishes_of(parse_settings({}, "USD")).in_stock
    assert not wishes_of(without(stored, Filters(in_stock=True))).in_stock
    assert wishes_of(without(stored, Filters(max_price=100))).in_stock


def test_in_stock_is_a_chip_where_there_is_some_of_both() -> None:
    jackets = [Match(each, 1.0) for each in PRODUCTS if each.id in ("j1", "j2")]
    labels = [chip["label"] for chip in chips(jackets, Filters(), "USD")]
    assert "In stock only" in labels
    assert "In stock only" not in [
        chip["label"] for chip in chips(jackets, Filters(in_stock=True), "USD")
    ]
    only = [match for match in jackets if match.product.id == "j1"]
    assert "In stock only" not in [chip["label"] for chip in chips(only, Filters(), "USD")]


def test_options_stock_and_sales_are_tags_that_name_what_they_let_go_of() -> None:
    filters = Filters(options=("size=M", "age_group=kids"), in_stock=True, on_sale=True)
    found = tags(filters, "USD")
    assert [tag["label"] for tag in found] == ["size M", "age group kids", "in stock", "on sale"]
    for tag in found:
        limits = LimitsJson.model_validate(tag["limits"]).filters()
        assert limits != Filters()
        assert set(limits.options) <= set(filters.options)
    assert describe(replace(filters, options=("size=M",)), "USD") == (
        "Only size M, In stock only, On sale only"
    )
