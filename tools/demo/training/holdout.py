"""What a trained embedder finds among combinations that it never saw; titles are hidden.

The measurement is that of `pounce evaluate demo`, so that its figures and a model's card agree.
"""

from __future__ import annotations

from tools.embedding.base import Embedder
from tools.evaluate.figures.summary import by_kind, figures
from tools.evaluate.inputs.demo_queries import gallery_queries
from tools.evaluate.runs.embedder_alone import search_gallery


def measure(embedder: Embedder) -> dict[str, float]:
    """Recall@1 and recall@9 by kind of query, over one picture of each held-out combination.

    A product counts as found when it has the kind, pattern and color that were asked for.
    """
    looks, queries = gallery_queries()
    return {
        f"{kind} {name}": round(found[name] or 0.0, 3)
        for kind, answers in by_kind(search_gallery(embedder, looks, queries)).items()
        for found in [figures(answers)]
        for name in ("recall@1", "recall@9")
    }
