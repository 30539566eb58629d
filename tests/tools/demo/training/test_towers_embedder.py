"""What the towers embedder learns from, and that a run can go on where it stopped."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from tests.support.photo_folder import photo_folder
from tools.demo.drawing import Look
from tools.demo.held_out import Drawing, held_out_photo
from tools.demo.training import views as views_module
from tools.demo.training.generated_objects import make_objects
from tools.demo.training.kept import REAL, Kept
from tools.demo.training.lessons import SHARES, Lessons
from tools.demo.training.network_training import NetworkTrainer
from tools.demo.training.pictures import SIDE, draw_all
from tools.demo.training.sources import read_photos
from tools.demo.training.towers_embedder import start_network
from tools.demo.training.views import Pictures, View, ViewFeatures, plan_views, see_views
from tools.demo.training.words_cache import WordsCache
from tools.demo.training.words_pool import WordsPool, kept_name, make_pool
from tools.embedding.registry import BUILTIN
from tools.embedding.towers.efficientnet import EfficientNetLite0
from tools.embedding.towers.files import open_picture_tower, open_words, read_class_names

KINDS, PATTERNS, COLORS = ("mug", "lamp"), ("plain", "leopard", "stripes"), ("red", "blue", "tan")
LOOKS = [Look(k, p, c, "white", "ceramic") for k in KINDS for p in PATTERNS for c in COLORS]
NAMES = read_class_names(BUILTIN)


@pytest.fixture(scope="module")
def tower() -> EfficientNetLite0:
    return open_picture_tower(BUILTIN)


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Pictures:
    """A few of everything."""
    work = tmp_path_factory.mktemp("pictures")
    drawings = [Drawing(look, seed) for seed, look in enumerate(LOOKS)]
    prints = [
        Drawing(replace(look, kind="", color=color), 5, swatch=True)
        for look in LOOKS
        if look.pattern != "plain"
        for color in COLORS
    ][:8]
    paths = sorted(photo_folder(work / "photos", 54).glob("*/*/*.jpg"))
    learnt = read_photos([p for p in paths if not held_out_photo(p)], fronts=False)
    kept = read_photos([p for p in paths if held_out_photo(p)], fronts=False)
    return Pictures(
        drawings=drawings,
        products=draw_all(drawings, work / "products", workers=1, label="products"),
        prints=prints,
        print_pixels=draw_all(prints, work / "prints", workers=1, label="prints"),
        photos=learnt,
        kept=kept,
        objects=make_objects(4, 1),
        clothes=12,
        kept_clothes=len(kept) // 2,
    )


@pytest.fixture(scope="module")
def seen(
    pictures: Pictures, tower: EfficientNetLite0, tmp_path_factory: pytest.TempPathFactory
) -> ViewFeatures:
    return see_views(pictures, plan_views(pictures, 1), tower, tmp_path_factory.mktemp("views"))


@pytest.fixture(scope="module")
def cache() -> WordsCache:
    """Of the first layer alone: the pool's three thousand texts are read six times as fast."""
    words = open_words(BUILTIN)
    words.model.layers = words.model.layers[:1]
    return WordsCache(words)


@pytest.fixture(scope="module")
def pool(pictures: Pictures, cache: WordsCache) -> WordsPool:
    labels = sorted(set(pictures.photos.labels))
    return make_pool(pictures.drawings, labels, NAMES[::40], cache, 1)


def lessons_of(pictures: Pictures, seen: ViewFeatures, pool: WordsPool, seed: int = 1) -> Lessons:
    vectors = torch.nn.functional.normalize(torch.randn(1000, 384), dim=-1)
    return Lessons(pictures, seen, pool, vectors, seed)


def test_kept_out_photos_are_in_no_lesson(pictures: Pictures) -> None:
    views = plan_views(pictures, 1)
    assert {view.source for view in views if view.row >= len(pictures.photos)} <= {"product"}
    assert any(view.source == "kept" for view in views)


def test_views_seen_in_two_runs_are_those_of_one(
    pictures: Pictures, tower: EfficientNetLite0, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(views_module, "BATCH", 4)
    views = [View("product", row, "soft") for row in range(12)]
    whole = see_views(pictures, views, tower, tmp_path / "whole")
    broken = see_views(pictures, views, tower, tmp_path / "broken")
    (done,) = (tmp_path / "broken").glob("*/done.npy")
    np.save(done, np.array([1, 0, 1], np.uint8))
    again = see_views(pictures, views, tower, tmp_path / "broken", share=0.5)
    for name, part in whole[range(12)].parts().items():
        assert torch.equal(part, broken[range(12)].parts()[name])
        assert torch.equal(part, again[range(12)].parts()[name])


@pytest.mark.parametrize("name", SHARES)
def test_lessons_repeat_with_their_seed(
    name: str, pictures: Pictures, seen: ViewFeatures, pool: WordsPool
) -> None:
    torch.manual_seed(0)
    first = lessons_of(pictures, seen, pool).draw(name, 6)
    torch.manual_seed(0)
    again = lessons_of(pictures, seen, pool).draw(name, 6)
    assert (first.words, first.said, first.texts) == (again.words, again.said, again.texts)
    assert torch.equal(first.asked.pooled, again.asked.pooled)
    assert len(first.words) == len(first.asked)


def test_siblings_in_a_lesson_are_one_thing_in_different_tones(
    pictures: Pictures, seen: ViewFeatures, pool: WordsPool
) -> None:
    lesson = lessons_of(pictures, seen, pool).draw("recolored", 12)
    assert lesson.products is not None
    assert len({tuple(row.tolist()) for row in lesson.products.colors}) == len(lesson.words)


def test_labels_in_a_lesson_are_different_ones(
    pictures: Pictures, seen: ViewFeatures, pool: WordsPool
) -> None:
    lessons = lessons_of(pictures, seen, pool)
    drawn = [lessons.draw("labelled_photos", 8) for _ in range(10)]
    assert all(len(lesson.words) == 3 for lesson in drawn)  # there are three labels
    assert {bool(lesson.said) for lesson in drawn} == {True, False}


def test_names_kept_out_are_in_no_lesson(pool: WordsPool) -> None:
    assert not any(kept_name(name) for name in pool.names)
    assert sum(map(kept_name, NAMES)) > 80


def test_posterior_of_a_name_is_highest_where_it_is_called_alike(
    pictures: Pictures, seen: ViewFeatures, pool: WordsPool
) -> None:
    vectors = torch.nn.functional.normalize(torch.randn(1000, 384), dim=-1)
    vectors[7] = pool.name_vectors[3]
    lessons = Lessons(pictures, seen, pool, vectors, 1)
    assert all(int(lessons._posterior(3).argmax()) == 7 for _ in range(10))


def test_training_learns_and_goes_on_where_it_stopped(
    pictures: Pictures, seen: ViewFeatures, cache: WordsCache, pool: WordsPool, tmp_path: Path
) -> None:
    torch.manual_seed(1)
    trainer = NetworkTrainer(start_network(seen, cache, NAMES, 1), cache, 40)
    lesson = lessons_of(pictures, seen, pool).draw("drawn", 8)
    losses = [sum(trainer.train_on("drawn", lesson).values()) for _ in range(12)]
    assert losses[-1] < losses[0] * 0.8
    trainer.save(tmp_path / "run.pt", [{"step": 12.0}])
    other = NetworkTrainer(start_network(seen, cache, NAMES, 1), cache, 40)
    assert other.load(tmp_path / "run.pt") == [{"step": 12.0}]
    assert other.step == 12
    torch.manual_seed(2)
    expected = trainer.train_on("drawn", lesson)
    torch.manual_seed(2)
    assert other.train_on("drawn", lesson) == expected


def test_figures_of_what_was_kept_out_are_shares(
    pictures: Pictures, seen: ViewFeatures, cache: WordsCache
) -> None:
    figures = Kept(pictures, seen, cache, NAMES[:100]).figures(start_network(seen, cache, NAMES, 1))
    assert set(figures) == set(REAL)
    assert all(0 <= value <= 1 for value in figures.values())


def test_pictures_are_read_at_the_size_that_is_stored(pictures: Pictures) -> None:
    assert pictures.photos.pixels.shape[1:] == (SIDE, SIDE, 3)
