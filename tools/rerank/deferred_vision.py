"""A vision model that is opened in a thread, while its users answer without it."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from threading import Thread
from typing import TYPE_CHECKING

from tools.embedding.base import FloatArray
from tools.rerank.vision_model import Constraint, VisionModel

if TYPE_CHECKING:
    from PIL.Image import Image

log = logging.getLogger(__name__)


class DeferredVision(VisionModel):
    """Opens a model once `start` is called; each question waits for it, within its own time.

    What opening the model raises is logged, and raised again at every question.
    """

    def __init__(
        self, open_model: Callable[[], VisionModel], *, name: str, fingerprint: str, crop_side: int
    ) -> None:
        """What is said of the model before it is open is given."""
        self.name, self.fingerprint, self.crop_side = name, fingerprint, crop_side
        self._open_model = open_model
        self._opened: Future[VisionModel] = Future()
        # A daemon: the end of the process does not wait for imports of several seconds.
        self._thread = Thread(target=self._open, name="pounce-vision", daemon=True)

    def start(self) -> None:
        """Begins to open the model. To be called once."""
        self._thread.start()

    def _open(self) -> None:
        try:
            self._opened.set_result(self._open_model())
        except BaseException as error:
            log.exception("the vision model %s cannot be opened", self.name)
            self._opened.set_exception(error)

    def _label_scores(
        self,
        picture: Image,
        prompt: str,
        answer_start: str,
        labels: Sequence[str],
        crops: int,
        timeout_s: float | None,
    ) -> FloatArray:
        model, left_s = self._model(timeout_s)
        return model._label_scores(picture, prompt, answer_start, labels, crops, left_s)

    def _generate(
        self,
        picture: Image | None,
        prompt: str,
        answer_start: str,
        crops: int,
        max_tokens: int,
        allow: Constraint | None,
        timeout_s: float | None,
    ) -> str:
        model, left_s = self._model(timeout_s)
        return model._generate(picture, prompt, answer_start, crops, max_tokens, allow, left_s)

    def _model(self, timeout_s: float | None) -> tuple[VisionModel, float | None]:
        """The model and what is left of the time. Raises TimeoutError where it is not open yet."""
        began = time.monotonic()
        model = self._opened.result(timeout_s)
        if timeout_s is None:
            return model, None
        return model, max(0.0, timeout_s - (time.monotonic() - began))
