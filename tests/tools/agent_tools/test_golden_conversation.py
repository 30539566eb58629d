"""Every kind of reply, prompt and stored row of a conversation, byte for byte as they were.

Chat models read the replies, and conversations on disk hold the rows: neither may change by
accident. `conversation.json` was written before the replies had types.
"""

from __future__ import annotations

import json
from pathlib import Path

from tests.golden.agent_tools import FILE
from tests.golden.agent_tools.conversation import recordings


async def test_replies_prompts_rows_and_schemas_are_as_they_were(tmp_path: Path) -> None:
    golden = json.loads(FILE.read_text(encoding="utf-8"))
    for name, now in (await recordings(tmp_path)).items():
        before = golden[name]
        for number, turns in enumerate(zip(now["turns"], before["turns"], strict=True), start=1):
            new, old = turns
            assert new["calls"] == old["calls"], f"{name}, turn {number}"
            assert new["said"] == old["said"], f"{name}, turn {number}"
            assert new["told"] == old["told"], f"{name}, turn {number}"
        assert now["state"] == before["state"]
        # The order of a model's arguments is part of what it reads.
        assert json.dumps(now["schemas"]) == json.dumps(before["schemas"])


async def test_descriptions_are_one_line_each(tmp_path: Path) -> None:
    # Python 3.13 takes the indentation from further lines of a docstring, and 3.11 does not.
    (schemas, *_) = [now["schemas"] for now in (await recordings(tmp_path)).values()]
    described = [each["function"]["description"] for each in schemas]
    assert described
    assert not [text for text in described if "\n" in text]
