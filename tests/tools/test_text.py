"""One form for singular and plural, and one function for all who compare names."""

from __future__ import annotations

import pytest

from assistant.models.rules.lexicon.catalogue_names import Lexicon
from tools.catalogue.vocabulary import Vocabulary, resolve
from tools.product import Filters
from tools.text import singular


@pytest.mark.parametrize(
    ("one", "many"),
    [
        ("shelf", "shelves"), ("scarf", "scarves"), ("dress", "dresses"), ("watch", "watches"),
        ("brush", "brushes"), ("box", "boxes"), ("cookie", "cookies"), ("pony", "ponies"),
        ("mug", "mugs"), ("bus", "bus"), ("wall shelf", "wall shelves"),
    ],
)  # fmt: skip
def test_singular_and_plural_have_one_form(one: str, many: str) -> None:
    assert singular(one) == singular(many)


def test_filters_and_messages_agree_on_what_a_plural_is() -> None:
    # "shelves" was "shelve" to the filters and "shelf" to the built-in chat model.
    vocabulary = Vocabulary(categories={"Shelf": 3}, paths={"Shelf": 3})
    resolved, unknown = resolve(Filters(categories=("shelves",)), vocabulary)
    assert (resolved.categories, unknown) == (("Shelf",), ())
    assert (singular("shelves"),) in Lexicon.of(vocabulary).categories
