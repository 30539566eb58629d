"""Several shoppers at once: each gets their own answer, and no search holds the loop.

For how long the loop is held measures `python -m tests.bench.crowd`.
"""

from __future__ import annotations

from pathlib import Path

from tests.support.chat_client import color_chat
from tests.support.color_shop import COLORS, KINDS
from tests.support.crowd import visit

_WANTED = [(color, kind.split(" > ")[-1].lower()) for color in COLORS for kind in KINDS]


async def test_five_shoppers_at_once_get_their_own_answers(tmp_path: Path) -> None:
    """A search on the thread of the loop fails there; see `tests.support.color_chat`."""
    with color_chat(tmp_path, tmp_path / "shop") as chat:
        crowd = await visit(chat, 5, 3, 0, _WANTED)
    assert not crowd.wrong
    assert len(crowd.first_card_s) == 15
