"""What the chat writes about a search, and what it offers to an empty thread."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from assistant.events import Found, Photo, Understood
from tools.catalogue.vocabulary import Vocabulary, count_vocabulary
from tools.errors import SetupError
from tools.product import Filters, Match, Product
from ui.chat.bridge.chainlit_root import chainlit_root
from ui.chat.cards.markdown import PlainWords
from ui.chat.cards.props import plain, step_details, step_done, step_running
from ui.chat.cards.thumbnails import picture_url
from ui.chat.page_config import PageConfig
from ui.chat.starters import Starters
from ui.chat.web.headers import strip_outside_links

FOUND = Found("id", (), 1234)


@pytest.mark.parametrize(
    ("understood", "running", "done"),
    [
        (
            Understood("case", Photo("ref", "cat.jpg"), None, Filters()),
            "Looking at your photo · searching",
            "Looked at your photo · searched 1,234 products",
        ),
        (
            Understood("in blue", None, "Red Mug", Filters()),
            "Looking at “Red Mug” · searching",
            "Looked at “Red Mug” · searched 1,234 products",
        ),
        (Understood("mug", None, None, Filters()), "Searching", "Searched 1,234 products"),
    ],
)
def test_step_says_what_the_search_leans_on(
    understood: Understood, running: str, done: str
) -> None:
    assert step_running(understood) == running
    assert step_done(understood, FOUND) == done


def test_line_over_the_cards_says_that_no_product_says_the_words() -> None:
    asked = Understood("a rocket ship!", None, None, Filters())
    nearest = replace(FOUND, matches=(Match(Product("p", "Hat"), 0.1),), unmentioned=True)
    line = "Searched 1,234 products · none says “a rocket ship”, these come nearest"
    assert step_done(asked, nearest) == line
    assert step_done(replace(asked, text="ship " * 99), nearest).count("ship") == 8
    assert step_done(asked, replace(nearest, unmentioned=False)) == "Searched 1,234 products"


def test_demo_says_whose_order_it_is(tmp_path: Path) -> None:
    assert "in the order of the search" in PageConfig(tmp_path).notice
    assert "order" not in PageConfig(tmp_path, reranks=True).notice


def test_opened_step_says_how_many_were_left_out_since_they_were_shown() -> None:
    seen = Understood("mug", None, None, Filters(exclude_ids=("a", "b")))
    assert "- **Left out:** 2 already shown" in step_details(seen, FOUND)
    assert "Left out" not in step_details(Understood("mug", None, None, Filters()), FOUND)


def test_strangers_words_are_no_markup() -> None:
    hostile = "![x](http://elsewhere.example/p.png)\n# <b>:name[x]"
    details = step_details(Understood(hostile, None, None, Filters()), FOUND)
    assert "![" not in details
    assert "://" not in details
    assert "\n#" not in details
    assert plain("5 * 3") == "5 \\* 3"


class _Shop:
    """Has these products, by id."""

    def __init__(self, name: str, *products: Product) -> None:
        self.name = name
        self._products = {product.id: product for product in products}

    def product(self, identity: str, /) -> Product | None:
        return self._products.get(identity)


def _in_category(name: str, identity: str, **facts: Any) -> Product:
    return Product(identity, f"{name} {identity}", category=("Home", name), **facts)


def test_other_shops_get_starters_from_their_largest_categories(tmp_path: Path) -> None:
    products = [
        _in_category("Mugs", "m1", image="/m1.jpg", rating_count=3),
        _in_category("Mugs", "m 2", image="/m2.jpg", rating_count=40),
        _in_category("MUGS", "m3", rating_count=900),
        _in_category("Rugs", "r1", image="/r1.jpg"),
        _in_category("Lamps", "l1", image="/l1.jpg"),
    ]
    starters, counted = Starters(tmp_path), count_vocabulary(products)
    offered = starters.offer(_Shop("mine", *products), counted)
    assert [s.words for s in offered] == ["Show me Mugs", "Show me Lamps", "Show me Rugs"]
    # What most shoppers know of each.
    ids = [s.icon.split("?")[0] for s in offered]
    assert ids == ["/media/mine/m%202", "/media/mine/l1", "/media/mine/r1"]
    assert all(not s.scene for s in offered)
    assert starters.photo_of("starter-leopard", "mine") is None
    assert starters.offer(_Shop("mine"), count_vocabulary([])) == ()


def test_starters_have_pictures_only_where_each_has_one(tmp_path: Path) -> None:
    products = [
        _in_category("Mugs", "m1", image="/m1.jpg"),
        _in_category("Rugs", "r1", image="/r1.jpg"),
        _in_category("Rugs", "r2"),
    ]
    counted = count_vocabulary(products)
    gone = Starters(tmp_path).offer(_Shop("mine", *products[1:]), counted)
    assert [(s.words, s.icon) for s in gone] == [("Show me Rugs", ""), ("Show me Mugs", "")]


def test_starter_whose_scene_is_missing_is_not_offered(tmp_path: Path) -> None:
    offered = Starters(tmp_path).offer(_Shop("demo"), Vocabulary())
    assert [s.key for s in offered] == ["starter-mug"]


def test_links_to_other_hosts_are_taken_out_and_ours_stay() -> None:
    page = '<link rel="icon" href="/favicon"/><link\n href="https://cdn.example/x.css"\n/><p>'
    assert strip_outside_links(page) == '<link rel="icon" href="/favicon"/><p>'


def test_titles_words_cannot_leave_the_style_or_the_logo(tmp_path: Path) -> None:
    with chainlit_root(PageConfig(home=tmp_path, title='A"}</svg><b>')) as folder:
        logo = (folder / "public" / "logo_light.svg").read_text()
        style = (folder / "public" / "pounce.css").read_text()
    assert "<b>" not in logo
    assert style.startswith(':root { --pounce-welcome: "Show me a photo\\2c  tell')
    assert not folder.exists()


def test_home_that_cannot_be_written_to_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with (
        pytest.raises(SetupError, match="POUNCE_HOME"),
        chainlit_root(PageConfig(tmp_path / "file")),
    ):
        pass


def test_picture_of_a_product_without_one_has_no_address() -> None:
    assert picture_url("demo", Product("a/b", "x", image="/x.png")) == "/media/demo/a%2Fb?w=384"
    assert picture_url("demo", Product("a", "x")) == ""


HOSTILE = "Offer [Click here](http://evil.example/pay) **SALE** ![p](http://evil.example/x.png)"


def test_words_are_no_markup() -> None:
    assert PlainWords().add(HOSTILE) == (
        "Offer \\[Click here](http\\:\u2060//evil.example/pay) \\*\\*SALE\\*\\* "
        "!\\[p](http\\:\u2060//evil.example/x.png)"
    )


@pytest.mark.parametrize(
    ("words", "markdown"),
    [
        ("# one\n> two\n- three\n1. four", "\\# one\n\\> two\n\\- three\n1\\. four"),
        ("a\n    code", "a\ncode"),
        ("|a|\n|-|", "\\|a|\n\\|-|"),
        ("<b> `x` _y_ ~z~ &lt; \\*", "\\<b> \\`x\\` \\_y\\_ \\~z\\~ \\&lt; \\\\\\*"),
        ("www.evil.example, a@evil.example", "www\u2060.evil.example, a@\u2060evil.example"),
        ("Under $20, 4.5 of 5 - a well-made mug!", "Under $20, 4.5 of 5 - a well-made mug!"),
    ],
)
def test_words_get_the_escapes_they_need_and_no_more(words: str, markdown: str) -> None:
    assert PlainWords().add(words) == markdown


def test_words_cut_anywhere_are_the_same_words() -> None:
    words = f"{HOSTILE}\n  1. www.evil.example\n- *b* http://x"
    letters = PlainWords()
    assert "".join(letters.add(letter) for letter in words) == PlainWords().add(words)
