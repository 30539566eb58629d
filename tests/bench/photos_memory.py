"""What the chat's server takes while twelve photos of 50 megapixels arrive at once, and after.

Run as `python -m tests.bench.photos_memory [FORMAT...]`; the last line is JSON. It exits with 1
for more than RAISED_MB above an idle server that has seen a photo, or KEPT_MB some seconds later.
Not covered: the process of the index, and other systems than Linux.
"""

from __future__ import annotations

import asyncio
import io
import json
import sys
import tempfile
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import httpx
from PIL import Image

from tests.support.chat_client import RunningChat, Shopper, scripted_chat, shopper
from tools.media.images import register_heif

PHOTOS = 12
SIZE = 8160, 6144
RAISED_MB, KEPT_MB = 500, 60
_FORMATS: dict[str, tuple[str, dict[str, int]]] = {
    "jpeg": ("JPEG", {"quality": 40}),
    "progressive": ("JPEG", {"quality": 40, "progressive": True}),
    "png": ("PNG", {"compress_level": 6}),
    "heic": ("HEIF", {"quality": 30}),
}


def photo(kind: str, options: Mapping[str, int], size: tuple[int, int] = SIZE) -> bytes:
    """A picture of soft shades, small as a file."""
    image = Image.linear_gradient("L").resize(size).convert("RGB")
    image.paste((200, 30, 40), (size[0] // 4, size[1] // 4, size[0] // 2, size[1] // 2))
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def memory_mb(chat: RunningChat) -> float:
    """The memory of the server and of the processes that it started."""
    pids, total = [chat.process.pid], 0
    while pids:
        pid = pids.pop()
        with suppress(OSError):
            for line in Path(f"/proc/{pid}/status").read_text().splitlines():
                if line.startswith("VmRSS"):
                    total += int(line.split()[1])
            for task in Path(f"/proc/{pid}/task").iterdir():
                pids += map(int, (task / "children").read_text().split())
    return total / 1000


async def measure(chat: RunningChat, kind: str, options: Mapping[str, int]) -> dict[str, float]:
    """The figures of one format."""
    data = photo(kind, options)
    async with shopper(chat) as someone:
        await _send(someone, photo(kind, options, (640, 480)), 0)
        before = peak = memory_mb(chat)
        start = time.perf_counter()
        sending = asyncio.gather(*(_send(someone, data, n) for n in range(PHOTOS)))
        while not sending.done():
            peak = max(peak, await asyncio.to_thread(memory_mb, chat))
            await asyncio.sleep(0.02)
        await sending
        seconds = time.perf_counter() - start
        await asyncio.sleep(3)
        after = memory_mb(chat)
    return {
        "file_mb": round(len(data) / 1e6, 2),
        "before_mb": round(before),
        "raised_mb": round(peak - before),
        "kept_mb": round(after - before),
        "seconds": round(seconds, 1),
    }


async def _send(someone: Shopper, data: bytes, number: int) -> None:
    async with someone.http() as http:
        answer = await http.post(
            "/project/file",
            params={"session_id": someone.session},
            files={"file": (f"{number}.jpg", io.BytesIO(data), "image/jpeg")},
            timeout=httpx.Timeout(300),
        )
    assert answer.status_code == 200, answer.text


def main() -> None:
    """Measure and print."""
    register_heif()
    figures = {}
    for name in sys.argv[1:] or _FORMATS:
        with tempfile.TemporaryDirectory() as home, scripted_chat(Path(home)) as chat:
            figures[name] = asyncio.run(measure(chat, *_FORMATS[name]))
    print(json.dumps(figures))  # noqa: T201 - what the script is for
    too_much = any(
        row["raised_mb"] > RAISED_MB or row["kept_mb"] > KEPT_MB for row in figures.values()
    )
    sys.exit(1 if too_much else 0)


if __name__ == "__main__":
    main()
