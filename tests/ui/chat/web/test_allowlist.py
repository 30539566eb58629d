"""The hosts that browsers may call the chat by, where other machines reach it.

For a chat that only this machine reaches see `test_server` and `test_entry`.
"""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from tests.support.chat_client import scripted_chat

OWN = {"localhost", "127.0.0.1", "[::1]"}
OTHERS = {"shop.example", "evil.example"}


@pytest.mark.parametrize(
    ("more", "answered"), [((), OWN | OTHERS), (("shop.example",), {"shop.example"})]
)
async def test_names_that_browsers_may_call_the_chat_by(
    more: tuple[str, ...], answered: set[str], tmp_path: Path
) -> None:
    found = set()
    with scripted_chat(tmp_path, host="0.0.0.0", names=more) as chat:
        async with httpx.AsyncClient(base_url=chat.url) as http:
            for name in OWN | OTHERS:
                answer = await http.get("/health", headers={"host": name})
                found |= {name} if answer.status_code == 200 else set()
    assert found == answered
