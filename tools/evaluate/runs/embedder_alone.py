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
    pictures = [Item("", picture) for picture in shown]
    spaces = {True: embedder.spaces[0].name, False: _space_of_words(embedder)}
    """By whether a query has a photo."""
    galleries = {
        space: VectorGallery(tuple(looks), embedder.embed(pictures, space))
        for space in dict.fromkeys(spaces.values())
    }
    on_progress(len(looks), total)
    answers = []
    for start in range(0, len(queries), _BATCH):
        part = queries[start : start + _BATCH]
        items = [Item(query.text, query.photo() if query.photo else None) for query in part]
        chosen = [spaces[item.photo is not None] for item in items]
        found: dict[int, tuple[str, ...]] = {}
        for space, gallery in galleries.items():
            rows = [row for row, name in enumerate(chosen) if name == space]
            vectors = embedder.embed([items[row] for row in rows], space)
            found |= {row: gallery.nearest(v) for row, v in zip(rows, vectors, strict=True)}
        answers += [Answer(query, found[row]) for row, query in enumerate(part)]
        on_progress(len(looks) + start + len(part), total)
    return answers


def _space_of_words(embedder: Embedder) -> str:
    """The first space of pictures in which words alone have a place."""
    return next(
        space.name for space in embedder.spaces if space.words_alone and space.holds != "text"
    )
