"""Words for full-text search, brought to one form on both sides: "Mugs" finds "mug".

Done here and not by Milvus' analyzers, since Milvus Lite has no stemmer: the same words then
match the same products on every Milvus.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from tools.catalogue.cells import without_end
from tools.catalogue.facts import full_text

if TYPE_CHECKING:
    from tools.product import Product

_STOP_WORDS = frozenset(
    re.findall(
        r"\w+",
        """
        a an and any are as at be but by can do for from get give good has have i in is it its like
        looking me my need of on one or please show so some something such than that the them these
        this those to want was we what which with would you your same
        instead available
        """,
    )
)


@cache
def _stem(word: str) -> str:
    from snowballstemmer import stemmer

    stemmed: str = stemmer("english").stemWord(word)
    return stemmed


def search_terms(text: str) -> str:
    """The words of a query or document, stemmed, without stop words, joined by blanks."""
    words = re.findall(r"\w+", text.casefold().replace("-", " ").replace("'s", ""))
    kept = [word for word in words if word not in _STOP_WORDS]
    return " ".join(map(_stem, kept or words))


def product_terms(product: Product) -> str:
    """What BM25 sees of a product: its title counts twice, so a name beats a mention."""
    return without_end(search_terms(f"{product.title}\n{full_text(product)}"), 60_000)
