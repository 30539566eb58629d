"""How much each list of a search counts, by what a query has and by the embedder in use."""

from __future__ import annotations

from collections.abc import Mapping

Weights = Mapping[str, Mapping[str, float]]
"""How much each list counts, by what a query has: words, a photo, both, or a product of the shop.

`picture` and `words` are nearest vectors of the products' pictures and texts, `bm25` is full text
of what was asked for, and `alike` full text of what the shop itself says about the product that
was pointed at: the same thing in another color is called the same.
"""

BALANCED: Weights = {
    # The model is not made for words against bare pictures, so the texts count more.
    "words": {"words": 1.0, "bm25": 1.0, "picture": 0.5},
    "photo": {"picture": 1.0},
    "both": {"picture": 1.0, "bm25": 0.5},
    "like": {"picture": 1.0, "bm25": 0.5, "alike": 0.6},
}
"""For Visualized BGE with its published weights; a guess by what is published, not measured."""

TOWERS: Weights = {
    "words": {"picture": 0.15, "words": 0.5, "bm25": 1.0},
    "photo": {"picture": 1.0},
    "both": {"picture": 1.0, "words": 0.4, "bm25": 0.2},
    "like": {"picture": 1.0, "words": 0.5, "bm25": 0.4, "alike": 0.4},
}
"""For the built-in embedder; `words` of a query with a picture is its joint vector.

Chosen, with how full text is weighed in `tools.search.shop`, on the queries of the built-in shop
and of a real one: the curve stands in `tools/embedding/README.md`.
"""

JOINT: Weights = {
    "words": {"words": 1.0, "bm25": 1.0},
    "photo": {"picture": 1.0},
    "both": {"picture": 1.0, "bm25": 0.2},
    "like": {"picture": 1.0, "bm25": 0.2, "alike": 0.6},
}
"""For models that place a picture with words and no words alone; `words` is then plain CLIP.

Not measured: no published weights of MagicLens could be had where this was written. Beside a
picture full text is a tie-breaker, as it was measured for the built-in model.
"""

LISTS: Mapping[str, Weights] = {
    "balanced": BALANCED,
    "towers": TOWERS,
    "joint": JOINT,
}
"""By the names that `tools.embedding.registry` gives them."""
