"""One sentence about each picture that a search started from, asked for once, kept in memory."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Future
from threading import Lock, Thread
from typing import TYPE_CHECKING

from tools.rerank.vision_model import VisionModel

if TYPE_CHECKING:
    from PIL.Image import Image

_MAX_CAPTIONS = 1000


class CaptionCache:
    """The captions of one vision model, by a key that stands for the picture's content.

    Safe from any thread. A caption that failed is asked for again the next time.
    """

    def __init__(self, vision: VisionModel, *, timeout_s: float = 30) -> None:
        """`timeout_s` is the model's time for one picture."""
        self._vision, self._timeout_s = vision, timeout_s
        self._lock = Lock()
        self._captions: OrderedDict[str, Future[str]] = OrderedDict()

    def start(self, key: str, open_picture: Callable[[], Image]) -> Future[str]:
        """The future caption; returns at once. The result may be ignored, errors included."""
        with self._lock:
            known = self._captions.get(key)
            if known is not None and not (known.done() and known.exception()):
                self._captions.move_to_end(key)
                return known
            caption: Future[str] = Future()
            self._captions[key] = caption
            while len(self._captions) > _MAX_CAPTIONS:
                self._captions.popitem(last=False)
        work = (open_picture, caption)
        # A daemon thread: a model that hangs must not keep the process alive.
        Thread(target=self._work, args=work, name="pounce-caption", daemon=True).start()
        return caption

    def get(self, key: str, open_picture: Callable[[], Image], timeout_s: float) -> str:
        """The caption. Raises what opening and the model raise, and TimeoutError."""
        return self.start(key, open_picture).result(timeout_s)

    def _work(self, open_picture: Callable[[], Image], caption: Future[str]) -> None:
        try:
            picture = open_picture()
            caption.set_result(self._vision.caption(picture, timeout_s=self._timeout_s))
        except BaseException as error:  # noqa: BLE001 - raised again where it is waited for
            caption.set_exception(error)
