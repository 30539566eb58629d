"""Several shoppers at once: each gets their own answer, and nothing holds the loop."""

from __future__ import annotations

import json
import time
from pathlib import Path

from tests.support.chat_client import watched_color_chat
from tests.support.color_shop import COLORS, KINDS
from tests.support.crowd import HELD_MS, visit

_WANTED = [(color, kind.split(" > ")[-1].lower()) for color in COLORS for kind in KINDS]


async def test_five_shoppers_at_once_get_their_own_answers_and_the_loop_is_free(
    tmp_path: Path,
) -> None:
    held = tmp_path / "held.json"
    with watched_color_chat(tmp_path, tmp_path / "shop", held) as chat:
        await visit(chat, 1, 1, 0, _WANTED)  # the first turn imports what it needs
        begun = time.time()
        crowd = await visit(chat, 5, 3, 0, _WANTED)
    assert not crowd.wrong
    assert len(crowd.first_card_s) == 15
    rows = [row for row in json.loads(held.read_text()) if row["at"] > begun]
    assert not [row for row in rows if row["ms"] > HELD_MS]
