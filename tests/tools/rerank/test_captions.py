"""Captions are asked for once for each picture, and again only where they failed."""

from __future__ import annotations

from threading import Event

import pytest
from PIL import Image

from tests.support.color_vision import ColorVision
from tools.errors import ModelError
from tools.rerank.captions import CaptionCache


def picture() -> Image.Image:
    return Image.new("RGB", (8, 8), "red")


def test_same_picture_is_asked_about_once() -> None:
    vision = ColorVision(answers=["A red thing.", "Another thing."])
    captions = CaptionCache(vision)
    assert [captions.get(key, picture, 5) for key in ("a", "a", "b")] == [
        "A red thing.",
        "A red thing.",
        "Another thing.",
    ]
    assert len(vision.asked) == 2


def test_two_who_ask_at_once_wait_for_one_answer() -> None:
    vision = ColorVision(stuck=Event())
    captions = CaptionCache(vision)
    first, second = captions.start("a", picture), captions.start("a", picture)
    assert vision.stuck is not None
    vision.stuck.set()
    assert first.result(60) == second.result(60) == "Something of one color."
    assert len(vision.asked) == 1


def test_failed_caption_is_asked_for_again() -> None:
    vision = ColorVision(error=ModelError("No memory."))
    captions = CaptionCache(vision)
    with pytest.raises(ModelError, match="No memory"):
        captions.get("a", picture, 60)
    vision.error = None
    assert captions.get("a", picture, 60) == "Something of one color."


def test_caption_that_is_not_there_in_time_is_a_timeout() -> None:
    stuck = Event()
    captions = CaptionCache(ColorVision(stuck=stuck))
    with pytest.raises(TimeoutError):
        captions.get("a", picture, 0.05)
    stuck.set()
    assert captions.get("a", picture, 60) == "Something of one color."
