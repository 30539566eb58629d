"""Our own HTML pages."""

from __future__ import annotations

import pytest
from jinja2 import UndefinedError

from ui.chat.web.html import render


@pytest.mark.parametrize(
    ("count", "said"),
    [(0, "keeps no conversation of yours"), (1, "keeps 1 conversation of"), (2, "2 conversations")],
)
def test_your_data_counts_conversations_and_offers_to_delete_some(count: int, said: str) -> None:
    page = render("your_data.html", title="Shop", count=count)
    assert said in page
    assert ("your-data/delete" in page) == (count > 0)


def test_title_is_no_markup() -> None:
    page = render("your_data.html", title="<b>&", count=1)
    assert "<b>" not in page
    assert page.count("&lt;b&gt;&amp;") == 2


def test_missing_value_is_an_error() -> None:
    with pytest.raises(UndefinedError):
        render("your_data.html", title="Shop")
