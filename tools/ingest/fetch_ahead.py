"""Products with their pictures on this machine, many fetched at a time, in the file's order."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

from tools.catalogue.cells import SetAside
from tools.catalogue.reader import Numbered
from tools.media.fetch import PictureFetcher
from tools.media.public_network import FetchError

AHEAD = 128
"""Products that are fetched for beyond the one that is waited for: what the memory holds."""
_WORKERS = 16

Fetched = tuple[Numbered | SetAside, SetAside | None]
"""An item of the file; beside a product why it has no picture, or None."""


def fetch_pictures(
    items: Iterable[Numbered | SetAside], fetcher: PictureFetcher, *, ahead: int = AHEAD
) -> Iterator[Fetched]:
    """Each item in its order; the picture of a product is a file, or there is a reason beside it.

    Closes the fetcher when it ends or is ended.
    """
    waiting: deque[tuple[Numbered | SetAside, Future[Path] | None]] = deque()
    pool = ThreadPoolExecutor(_WORKERS, thread_name_prefix="fetch")
    try:
        for item in items:
            fetched = None
            if isinstance(item, Numbered) and is_address(item.product.image):
                fetched = pool.submit(fetcher.fetch, item.product.image)
            waiting.append((item, fetched))
            if len(waiting) > ahead:
                yield _fetched(*waiting.popleft())
        while waiting:
            yield _fetched(*waiting.popleft())
    finally:
        fetcher.close()
        pool.shutdown(cancel_futures=True)


def is_address(image: str) -> bool:
    """Whether something is to be fetched; else it is the path of a file."""
    return image[:7].lower() == "http://" or image[:8].lower() == "https://"


def _fetched(item: Numbered | SetAside, fetched: Future[Path] | None) -> Fetched:
    if fetched is None or isinstance(item, SetAside):
        return item, None
    address, host = item.product.image, ""
    try:
        return replace(item, product=replace(item.product, image=str(fetched.result()))), None
    except FetchError as error:
        reason = f"the picture at {address[:200]} was not fetched: {error}"
        host = error.unreachable
    except OSError as error:
        reason = f"the picture at {address[:200]} cannot be kept ({error.strerror or error})"
    return item, SetAside(item.line, "image", reason, "Check the picture's address.", host=host)
