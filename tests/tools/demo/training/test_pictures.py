"""What the built-in models are trained on beside the drawn shop: made-up things, photos, colors."""

from __future__ import annotations

from pathlib import Path
from random import Random

import numpy as np
import pytest
import torch
from PIL import Image, ImageDraw

from tests.support.photo_folder import photo_folder
from tools.demo.held_out import held_out_photo
from tools.demo.training.augment import augment, vary
from tools.demo.training.color_names import TONES, pick_tones, recolor
from tools.demo.training.generated_objects import make_objects
from tools.demo.training.photo_batches import SIBLINGS, UndrawnSampler
from tools.demo.training.pictures import SIDE
from tools.demo.training.sources import front, read_photos, training_photos


def test_same_seed_makes_the_same_things_and_another_seed_others() -> None:
    first, again, other = make_objects(4, 1), make_objects(4, 1), make_objects(4, 2)
    assert np.array_equal(first.pixels, again.pixels)
    assert not np.array_equal(first.pixels, other.pixels)
    assert all(len(np.unique(first.pixels[n])) > 10 for n in range(4))


def test_recolored_front_has_its_tone_and_the_rest_stays() -> None:
    pixels = torch.full((1, 32, 32, 3), 120, dtype=torch.uint8)
    masks = torch.zeros((1, 32, 32, 2), dtype=torch.uint8)
    masks[:, 8:16, :, 0], masks[:, 16:24, :, 1] = 255, 255
    found = recolor(pixels, masks, ["red|navy"])[0].numpy().astype(int)
    assert np.abs(found[8:16] - TONES["red"]).max() <= 2
    assert np.abs(found[16:24] - TONES["navy"]).max() <= 2
    assert (found[:8] == 120).all()
    assert (found[24:] == 120).all()


def test_light_and_shadow_of_a_recolored_front_stay() -> None:
    ramp = torch.linspace(60, 200, 32).view(1, 32, 1, 1).expand(1, 32, 32, 3).to(torch.uint8)
    masks = torch.zeros((1, 32, 32, 2), dtype=torch.uint8)
    masks[..., 0] = 255
    rows = recolor(ramp, masks, ["blue"])[0].float().mean((1, 2))
    assert (rows.diff() >= -1).all()
    assert rows[-1] > rows[0] + 40


def test_tones_of_one_list_can_be_told_apart() -> None:
    for seed in range(30):
        tones = pick_tones(4, Random(seed))
        colors = [np.array(TONES[tone]) for tone in tones]
        apart = [np.linalg.norm(a - b) for n, a in enumerate(colors) for b in colors[:n]]
        assert min(apart) > 45


def test_what_stands_in_front_is_found_on_a_plain_ground() -> None:
    picture = Image.new("RGB", (SIDE, SIDE), "white")
    ImageDraw.Draw(picture).ellipse((34, 34, 94, 94), fill="darkgreen")
    mask = front(picture)
    assert mask[64, 64] > 220
    assert mask[:20].max() < 40


def test_held_out_photos_are_never_read_for_training(tmp_path: Path) -> None:
    folder = photo_folder(tmp_path, 60)
    paths = training_photos(folder)
    assert paths
    assert not any(held_out_photo(path) for path in paths)
    assert len(paths) < 60


@pytest.mark.parametrize("way", ["vary", "augment"])
def test_varied_pictures_are_finite_and_repeat_with_their_seed(way: str) -> None:
    pictures = torch.from_numpy(make_objects(6, 3).pixels)

    def once() -> torch.Tensor:
        generator = torch.Generator().manual_seed(5)
        if way == "vary":
            return vary(pictures, 96, generator)
        return augment(pictures, 96, 1.0, generator)

    found = once()
    assert found.shape == (6, 3, 96, 96)
    assert torch.isfinite(found).all()
    assert torch.equal(found, once())


def test_siblings_in_a_batch_are_one_thing_in_different_tones(tmp_path: Path) -> None:
    photos = read_photos(training_photos(photo_folder(tmp_path, 60)))
    sampler = UndrawnSampler(photos, len(photos), make_objects(20, 1), seed=1)
    batch = sampler.recolored(16, made_up=True)
    assert len(batch.leaning) == len(batch.products) == 16
    for start in range(0, 16, SIBLINGS):
        group = batch.products[start : start + SIBLINGS].astype(int)
        assert len({each.tobytes() for each in group}) == SIBLINGS
        # Their grounds and fixed parts are the same: only the body has changed.
        assert (np.ptp(group, axis=0).max(-1) <= 2).mean() > 0.2


def test_views_and_labels_are_of_the_photos_asked_for(tmp_path: Path) -> None:
    photos = read_photos(training_photos(photo_folder(tmp_path, 60)))
    sampler = UndrawnSampler(photos, len(photos), make_objects(20, 1), seed=1)
    views = sampler.views(8)
    assert np.abs(views.products.astype(int) - views.queries.astype(int)).mean() < 6  # JPEG alone
    labelled = sampler.labelled(8)
    assert len(labelled.requests) == 3  # there are three labels
