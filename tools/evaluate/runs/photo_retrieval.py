"""Retrieval among real photos held out of training, by the embedder and by color alone.

Photos lie in `FOLDER/<set>/<label>/<id>.jpg`. Of the set `clothing`, 500 are strongly augmented,
and each must find its original among the 500. Of the set `grocery`, the nearest other photo must
have the same label.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from tools.demo.held_out import held_out_photo, photos_of
from tools.embedding.base import Embedder, FloatArray, Item
from tools.errors import SetupError
from tools.evaluate.figures.summary import MEASURES, Figures, figures
from tools.evaluate.inputs.labels import Answer, LabelledQuery
from tools.evaluate.inputs.photo_augmentation import augment_photo
from tools.evaluate.runs.color_histogram import SIMILARITIES, histograms
from tools.evaluate.runs.vector_gallery import VectorGallery, ranked_ids
from tools.media.images import open_photo

if TYPE_CHECKING:
    from PIL.Image import Image

    from tools.evaluate.progress import CountCallback

VARIED, LABELLED = "clothing", "grocery"
"""The sets that are varied, and searched by label."""
VARIATIONS = 500


@dataclass(frozen=True, slots=True)
class PhotoRun:
    """The embedder's answers on one set of photos, and the figures beside those of color."""

    answers: tuple[Answer, ...]
    figures: Figures
    pictures: Mapping[str, Path]
    """Where the photo of an id is."""


def retrieve_augmented(
    embedder: Embedder,
    folder: Path,
    *,
    count: int = VARIATIONS,
    on_progress: CountCallback = lambda *_: None,
) -> PhotoRun:
    """Finds held-out photos by strong augmentations of themselves, among all of them.

    Figures under `photos.variation.`: `n`, `recall@1` and `recall@9` of the embedder, `histogram`,
    what a color histogram's recall@1 is, and `ratio`. Raises SetupError where there are no photos.
    """
    paths = {path.stem: path for path in held_out_photos(folder, VARIED)[:count]}
    queries = [
        _query(identity, "variation", partial(_varied, path), [identity])
        for identity, path in paths.items()
    ]
    answers, color = _compared(
        embedder, paths, queries, on_progress=on_progress, leave_self_out=False
    )
    found = figures(answers)
    return PhotoRun(answers, _named("variation", "recall@1", found, color), paths)


def retrieve_by_label(
    embedder: Embedder, folder: Path, *, on_progress: CountCallback = lambda *_: None
) -> PhotoRun:
    """Finds the nearest other held-out photo of each; labels with a single photo are left out.

    Figures under `photos.label.`: `n`, `accuracy`, `histogram`, `ratio`; see `retrieve_augmented`.
    Raises SetupError where there are no photos.
    """
    paths = {f"{path.parent.name}/{path.stem}": path for path in held_out_photos(folder, LABELLED)}
    counts = Counter(path.parent.name for path in paths.values())
    queries = [
        _query(
            identity,
            "label",
            partial(open_photo, path),
            [i for i, p in paths.items() if p.parent.name == path.parent.name and i != identity],
        )
        for identity, path in paths.items()
        if counts[path.parent.name] > 1
    ]
    if not queries:
        raise SetupError(f"No label in {folder / LABELLED} has two held-out photos. Add photos.")
    answers, color = _compared(
        embedder, paths, queries, on_progress=on_progress, leave_self_out=True
    )
    return PhotoRun(answers, _named("label", "accuracy", figures(answers), color), paths)


def held_out_photos(folder: Path, name: str) -> list[Path]:
    """The photos of a set that no training shows. Raises SetupError where there are none."""
    paths = [path for path in photos_of(folder, name) if held_out_photo(path)]
    if not paths:
        raise SetupError(
            f"There are no photos to measure on in {folder / name}. "
            "They lie in FOLDER/<set>/<label>/<id>.jpg; check the folder given with --photos."
        )
    return paths


def _query(
    identity: str, kind: str, photo: Callable[[], Image], fits: Sequence[str]
) -> LabelledQuery:
    return LabelledQuery(
        qid=identity,
        kind=kind,
        photo=photo,
        grades=dict.fromkeys(fits, 1.0),
        relevant=frozenset(fits),
    )


def _varied(path: Path) -> Image:
    seed = int.from_bytes(hashlib.sha256(path.stem.encode()).digest()[8:12], "big")
    return augment_photo(open_photo(path), seed)


def _compared(
    embedder: Embedder,
    paths: Mapping[str, Path],
    queries: Sequence[LabelledQuery],
    *,
    on_progress: CountCallback,
    leave_self_out: bool,
) -> tuple[tuple[Answer, ...], dict[str, float]]:
    """The embedder's answers, and recall@1 of the color histogram by each way to compare two."""
    shown = [open_photo(path) for path in paths.values()]
    gallery = VectorGallery(tuple(paths), embedder.embed([Item("", picture) for picture in shown]))
    asked = [query.photo() for query in queries if query.photo]
    on_progress(len(shown), len(shown) + len(asked))
    vectors = embedder.embed([Item("", picture) for picture in asked])
    on_progress(len(shown) + len(asked), len(shown) + len(asked))
    own = [(query.qid,) if leave_self_out else () for query in queries]
    answers = tuple(
        Answer(query, gallery.nearest(vector, left_out))
        for query, vector, left_out in zip(queries, vectors, own, strict=True)
    )
    colors: tuple[FloatArray, FloatArray] = (histograms(asked), histograms(shown))
    by_color: dict[str, float] = {}
    for name, similarity in SIMILARITIES.items():
        found = [
            MEASURES["recall@1"](ranked_ids(gallery.ids, scores, left_out), query)
            for scores, query, left_out in zip(similarity(*colors), queries, own, strict=True)
        ]
        by_color[name] = sum(found) / len(found)
    return answers, by_color


def _named(part: str, name: str, found: Figures, by_color: Mapping[str, float]) -> Figures:
    best = max(by_color.values())
    own = found["recall@1"] or 0.0
    named: Figures = {
        f"photos.{part}.n": found["n"],
        f"photos.{part}.{name}": own,
        f"photos.{part}.recall@9": found["recall@9"],
        f"photos.{part}.histogram": best,
        f"photos.{part}.ratio": own / best if best else None,
    }
    return named | {f"photos.{part}.histogram.{way}": found for way, found in by_color.items()}
