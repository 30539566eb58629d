"""All that is kept of a user, as a zip: conversations as JSON, photos as JPEGs."""

from __future__ import annotations

import asyncio
import io
import json
import zipfile
from typing import Any

from tools.errors import PhotoError
from ui.chat.conversations.store import Thread, ThreadStore
from ui.chat.ports import Photos


async def zip_of(threads: ThreadStore, photos: Photos, user_id: str) -> bytes:
    """A zip with `conversations.json` and `photos/*.jpg`; both may be empty."""
    every = await threads.list_threads(user_id, first=100_000)
    exported = [await _exported(threads, thread) for thread in every]
    refs = {ref for one in exported for ref in one["photos"]}
    return await asyncio.to_thread(_zipped, exported, sorted(refs), photos)


async def _exported(threads: ThreadStore, thread: Thread) -> dict[str, Any]:
    return {
        "name": thread.name,
        "begun": thread.created,
        "steps": await threads.steps(thread.id),
        "shown": await threads.elements(thread.id),
        "photos": await threads.pictures(thread.id),
    }


def _zipped(exported: list[dict[str, Any]], refs: list[str], photos: Photos) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("conversations.json", json.dumps(exported, ensure_ascii=True, indent=1))
        for ref in refs:
            try:
                data = photos.read(ref)
            except PhotoError:
                continue  # its file was removed by hand; the conversation still refers to it
            file.writestr(f"photos/{ref}.jpg", data)
    return buffer.getvalue()
