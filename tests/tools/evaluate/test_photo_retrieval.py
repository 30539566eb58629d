"""Pictures varied as another camera would, and what color alone finds among them."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PIL.Image import Image as Picture

from tests.support.color_shop import ColorEmbedder
from tools.demo.held_out import held_out_photo, photos_of
from tools.errors import SetupError
from tools.evaluate.inputs.photo_augmentation import augment_photo
from tools.evaluate.runs.color_histogram import SIMILARITIES, histogram, histograms
from tools.evaluate.runs.photo_retrieval import retrieve_augmented, retrieve_by_label


def noise(seed: int, wide: int = 120, tall: int = 90) -> Picture:
    """A picture with large shapes of its own colors."""
    rng = np.random.default_rng(seed)
    small = Image.fromarray(rng.integers(0, 255, (4, 5, 3), dtype=np.uint8))
    return small.resize((wide, tall), Image.Resampling.NEAREST)


def test_variation_is_the_same_for_a_seed_and_another_for_another() -> None:
    picture = noise(1)
    assert augment_photo(picture, 5).tobytes() == augment_photo(picture, 5).tobytes()
    assert augment_photo(picture, 5).tobytes() != augment_photo(picture, 6).tobytes()


@pytest.mark.parametrize("size", [(176, 120), (120, 176), (17, 9), (1, 1), (600, 40)])
@pytest.mark.parametrize("seed", range(6))
def test_variation_of_any_size_shows_a_part(size: tuple[int, int], seed: int) -> None:
    varied = augment_photo(noise(seed, *size), seed)
    assert varied.mode == "RGB"
    assert 1 <= varied.width <= size[0]
    assert 1 <= varied.height <= size[1]


def test_variation_keeps_what_a_picture_is_of() -> None:
    """Nearest by color, a variation is still its own picture for most; never quite the same."""
    pictures = [noise(seed) for seed in range(40)]
    varied = [augment_photo(picture, seed) for seed, picture in enumerate(pictures)]
    scores = SIMILARITIES["intersection"](histograms(varied), histograms(pictures))
    own = (scores.argmax(1) == np.arange(40)).mean()
    assert 0.3 < own <= 1
    assert scores.max() < 0.98


def test_histogram_counts_hue_saturation_and_value() -> None:
    half = Image.new("RGB", (10, 10), (255, 0, 0))
    half.paste((0, 0, 255), (0, 0, 5, 10))
    shares = histogram(half)
    assert shares.shape == (512,)
    assert sorted(shares[shares > 0]) == [0.5, 0.5]


@pytest.mark.parametrize("way", list(SIMILARITIES))
def test_histogram_is_most_like_itself(way: str) -> None:
    rows = histograms([noise(seed) for seed in range(6)])
    scores = SIMILARITIES[way](rows, rows)
    assert np.diag(scores) == pytest.approx(np.ones(6), abs=1e-5)
    assert (scores.argmax(1) == np.arange(6)).all()


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """Sixteen photos of one set and of three labels of another, one color each; half held out."""
    colors = {"apple": (200, 30, 30), "pear": (60, 180, 60), "plum": (90, 30, 140)}
    held = [name for name in names() if held_out_photo(Path(name))]
    kept = [name for name in names() if not held_out_photo(Path(name))]
    for place, name in enumerate([*held[:12], *kept[:4]]):
        label, color = list(colors.items())[place % 3]
        for path, picture in (
            (tmp_path / "clothing" / "t-shirt" / name, noise(place)),
            (tmp_path / "grocery" / label / name, Image.new("RGB", (40, 40), color)),
        ):
            path.parent.mkdir(parents=True, exist_ok=True)
            picture.save(path)
    return tmp_path


def names() -> list[str]:
    return [f"photo-{number}.jpg" for number in range(400)]


def test_photo_is_held_out_by_the_hash_of_its_id_wherever_it_lies() -> None:
    held = [name for name in names() if held_out_photo(Path(name))]
    assert 30 < len(held) < 70
    for name in held:
        assert hashlib.sha256(name.removesuffix(".jpg").encode()).digest()[0] % 8 == 0
        assert held_out_photo(Path("/elsewhere") / "label" / name)


def test_photos_of_a_set_come_in_the_order_of_their_ids(photos: Path) -> None:
    assert [path.stem for path in photos_of(photos, "grocery")] == sorted(
        path.stem for path in photos.glob("grocery/*/*.jpg")
    )
    assert photos_of(photos, "nothing") == []


def test_only_held_out_photos_are_measured_on(photos: Path) -> None:
    run = retrieve_augmented(ColorEmbedder(), photos)
    assert run.figures["photos.variation.n"] == 12
    assert all(held_out_photo(path) for path in run.pictures.values())
    assert retrieve_augmented(ColorEmbedder(), photos, count=5).figures["photos.variation.n"] == 5


def test_ratio_is_to_the_better_of_the_histograms(photos: Path) -> None:
    found = retrieve_augmented(ColorEmbedder(), photos).figures
    both = [found[f"photos.variation.histogram.{way}"] or 0 for way in SIMILARITIES]
    assert found["photos.variation.histogram"] == max(both)
    assert found["photos.variation.ratio"] == pytest.approx(
        (found["photos.variation.recall@1"] or 0) / max(both)
    )


def test_nearest_other_photo_of_a_color_has_its_label(photos: Path) -> None:
    run = retrieve_by_label(ColorEmbedder(), photos)
    assert run.figures["photos.label.n"] == 12
    assert run.figures["photos.label.accuracy"] == run.figures["photos.label.histogram"] == 1
    assert all(answer.query.qid not in answer.ids for answer in run.answers)


def test_label_with_a_single_photo_is_not_asked_for(photos: Path) -> None:
    for path in sorted(photos.glob("grocery/plum/*.jpg"))[1:]:
        path.unlink()
    asked = {
        answer.query.qid.split("/")[0]
        for answer in retrieve_by_label(ColorEmbedder(), photos).answers
    }
    assert asked == {"apple", "pear"}


def test_folder_without_photos_is_an_error_that_shows_the_layout(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match=r"FOLDER/<set>/<label>/<id>\.jpg"):
        retrieve_augmented(ColorEmbedder(), tmp_path)
