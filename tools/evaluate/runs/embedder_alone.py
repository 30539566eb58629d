"""The embedder alone: queries against pictures by their vectors, without titles or an index."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tools.demo.drawing import Look
from tools.embedding.base import Embedder, Item
from tools.evaluate.inputs.demo_queries import gallery_picture
from tools.evaluate.inputs.labels import Answer, LabelledQuery
from tools.evaluate.progress import CountCallback
from tools.evaluate.runs.vector_gallery import VectorGallery

_BATCH = 64


def search_gallery(
    embedder: Embedder,
    looks: Mapping[str, Look],
    queries: Sequence[LabelledQuery],
    *,
    on_progress: CountCallback = lambda *_: None,
) -> list[Answer]:
    """What the embedder finds among these pictures, see `gallery_queries`."""
    total = len(looks) + len(queries)
    shown = [gallery_picture(look, identity) for identity, look in looks.items()]
    gallery = VectorGallery(tuple(looks), embedder.embed([Item("", picture) for picture in shown]))
    on_progress(len(looks), total)
    answers = []
    for start in range(0, len(queries), _BATCH):
        part = queries[start : start + _BATCH]
        items = [Item(query.text, query.photo() if query.photo else None) for query in part]
        vectors = embedder.embed(items)
        answers += [
            Answer(query, gallery.nearest(vector))
            for query, vector in zip(part, vectors, strict=True)
        ]
        on_progress(len(looks) + start + len(part), total)
    return answers
