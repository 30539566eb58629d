"""A vision model that is opened while others answer: questions wait, and failures are told."""

from __future__ import annotations

import logging
from threading import Event

import numpy as np
import pytest
from PIL import Image

from tests.support.color_vision import ColorVision
from tools.errors import ModelError
from tools.rerank.deferred_vision import DeferredVision
from tools.rerank.vision_model import VisionModel

GRID = Image.new("RGB", (3 * 96, 96), "red")


def deferred(opened: Event, model: VisionModel | ModelError) -> DeferredVision:
    """One that is opened when the event is set."""

    def open_model() -> VisionModel:
        opened.wait()
        if isinstance(model, ModelError):
            raise model
        return model

    vision = DeferredVision(open_model, name="color", fingerprint="color-1", crop_side=96)
    vision.start()
    return vision


def test_question_waits_for_the_model_within_its_time() -> None:
    opened, model = Event(), ColorVision()
    vision = deferred(opened, model)
    with pytest.raises(TimeoutError):
        vision.caption(GRID, timeout_s=0.01)
    assert not model.asked
    opened.set()
    assert vision.caption(GRID, timeout_s=60) == model.caption(GRID)
    scores = vision.label_scores(GRID, "Which?", "", ["1", "2"])
    np.testing.assert_array_equal(scores, model.label_scores(GRID, "Which?", "", ["1", "2"]))


def test_model_that_cannot_be_opened_says_so_at_every_question(
    caplog: pytest.LogCaptureFixture,
) -> None:
    opened = Event()
    opened.set()
    with caplog.at_level(logging.ERROR):
        vision = deferred(opened, ModelError("The weights are damaged."))
        for _ in range(2):
            with pytest.raises(ModelError, match="damaged"):
                vision.caption(GRID, timeout_s=60)
    assert caplog.text.count("cannot be opened") == 1
