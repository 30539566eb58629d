"""What the agent's tools said and stored when the files were written: `conversation.json`."""

from __future__ import annotations

from pathlib import Path

FILE = Path(__file__).with_name("conversation.json")
