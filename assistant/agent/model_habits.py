"""How a chat model's answers come out, where that differs from provider to provider."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from assistant.grounding.sentences import sounds_like_thought, without_torn_end

_RAN_OUT = ("length", "max_tokens", "model_length", "max_output_tokens", "incomplete")
"""Finish reasons of providers for an answer that was cut off at its most tokens."""
_REASONS = ("finish_reason", "stop_reason", "done_reason", "status")
_ALWAYS_ENDS = ("openai",)
"""Providers whose streams end with a finish reason, unless the line breaks."""


@dataclass(slots=True)
class ModelHabits:
    """What was learned of one chat model, for all turns of the process."""

    bare_thoughts: bool = False
    """Whether its thoughts come without an opening tag: they can be told from the answer only once
    they have ended."""
    plain: bool = False
    """Whether a message of it ended without such a thought. Until then any of its sentences may be
    one."""


def is_cut_off(metadata: Mapping[str, Any]) -> bool:
    """Whether an answer stops before its end, by what the provider says of it."""
    reason = next((str(metadata[name]) for name in _REASONS if metadata.get(name)), "")
    if not reason:
        return metadata.get("model_provider") in _ALWAYS_ENDS
    return reason.lower() in _RAN_OUT


def uncut(text: str, habits: ModelHabits) -> str:
    """The whole sentences of an answer that was cut off; "" where it was cut within a thought.

    `text` has no tagged thoughts.
    """
    if habits.bare_thoughts or sounds_like_thought(text):
        return ""
    return without_torn_end(text)
