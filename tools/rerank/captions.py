"""One sentence about each picture that was searched from, asked for once and kept in memory."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Future
from threading import Lock, Thread
from typing import TYPE_CHECKING

from tools.rerank.vision_model import VisionModel

if TYPE_CHECKING:
    from PIL.Image import Image

_MOST = 1000


class CaptionCache:
    """The captions of one vision model, by a key that stands for the picture's content.

    Safe from any thread. A caption that failed is asked for again the next time.
    """

    def __init__(self, vision: VisionModel, *, timeout_s: float = 30) -> None:
        """`timeout_s` is what the model has for one picture."""
        self._vision, self._timeout_s = vision, timeout_s
        self._lock = Lock()
        self._kept: OrderedDict[str, Future[str]] = OrderedDict()

    def begin(self, key: str, open_picture: Callable[[], Image]) -> Future[str]:
        """The caption to come; does not wait. Nobody needs to ask for what comes of it."""
        with self._lock:
            kept = self._kept.get(key)
            if kept is not None and not (kept.done() and kept.exception()):
                self._kept.move_to_end(key)
                return kept
            coming: Future[str] = Future()
            self._kept[key] = coming
            while len(self._kept) > _MOST:
                self._kept.popitem(last=False)
        work = (open_picture, coming)
        # A daemon: a model that does not come back must not keep the program from ending.
        Thread(target=self._work, args=work, name="pounce-caption", daemon=True).start()
        return coming

    def wait(self, key: str, open_picture: Callable[[], Image], timeout_s: float) -> str:
        """The caption. Raises what opening and the model raise, and TimeoutError."""
        return self.begin(key, open_picture).result(timeout_s)

    def _work(self, open_picture: Callable[[], Image], coming: Future[str]) -> None:
        try:
            picture = open_picture()
            coming.set_result(self._vision.caption(picture, timeout_s=self._timeout_s))
        except BaseException as error:  # noqa: BLE001 - raised again where it is waited for
            coming.set_exception(error)
