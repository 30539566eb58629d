"""The model's words on their way to the shopper."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from langchain_core.messages import AIMessage, AIMessageChunk

from assistant.agent.middleware.fallback import BUILT_IN, fallback_notice
from assistant.agent.model_habits import is_cut_off, uncut
from assistant.agent.turn import Turn
from assistant.events import Event, Words
from assistant.grounding.check import corrected, is_true
from assistant.grounding.sentences import (
    answer_of,
    has_bare_end,
    has_open_thought,
    sentences,
    sounds_like_thought,
    without_thoughts,
)

if TYPE_CHECKING:
    from assistant.grounding.facts import KnownFacts

logger = logging.getLogger("pounce.assistant")

_LONGEST_ANSWER = 4000
"""Characters. A chat model is asked for a sentence or two."""
SETTLE_S = 1.5
"""Seconds until the first sentences of a message are published, where it has not ended by then and
the model is known not to think aloud. A thought without an opening tag is recognized by its end."""


class Speaker:
    """Publishes the words of the model, and nothing of what tools and hooks write.

    A chat model's words are held until their sentence ends and is checked. From the first untrue
    sentence on they are held until the message ends; `Fallback` may discard the message. What
    reads like a thought is held until the message ends, and dropped where a thought ends behind it.
    The built-in model's words are published as they come. Lives on the event loop for one turn.
    """

    def __init__(self, publish: Callable[[Event], None], turn: Turn) -> None:
        self._publish_event = publish
        self._turn = turn
        self._message_id = ""
        self._facts: KnownFacts | None = None
        """What the model was told before the message."""
        self._metadata: dict[str, Any] = {}
        """What the provider says of the message, as far as it has come."""
        self._pending = ""
        """The begun sentence."""
        self._before = ""
        """What precedes the next words: a gap between messages, or a notice."""
        self._length = 0
        self._held: list[str] = []
        """Whole sentences of a message that may still turn out to be a thought."""
        self._settled = False
        self._timer: asyncio.TimerHandle | None = None
        self._withheld: list[str] = []
        self._said: list[str] = []
        self._fell_back = self._spoke = False

    def on_chunk(self, chunk: Any, metadata: Mapping[str, Any]) -> None:
        """One piece of LangGraph's "messages" stream."""
        if metadata.get("langgraph_node") != "model":
            return
        if not isinstance(chunk, AIMessage | AIMessageChunk):
            return
        built_in = BUILT_IN in (metadata.get("tags") or ())
        if built_in and not self._fell_back:
            self._begin_fallback()
        if self._fell_back and not built_in:
            return
        if self._fell_back or self._turn.known_facts is None:
            if chunk.text:
                self._note_message(chunk)
                self._publish(str(chunk.text))
            return
        if chunk.text:
            self._note_message(chunk)
            self._facts = self._turn.known_facts
            self._length += len(chunk.text)
            if self._length > _LONGEST_ANSWER:
                self._turn.stop_model_call()
            self._add(str(chunk.text))
        self._metadata |= chunk.response_metadata
        if getattr(chunk, "chunk_position", "last") == "last":
            self.finish()

    def _note_message(self, chunk: AIMessage) -> None:
        """Note whose words come; the first words of another message stand apart."""
        if self._message_id and chunk.id != self._message_id:
            self.finish()
            self._before = self._before or ("\n\n" if self._spoke else "")
        self._message_id = chunk.id or self._message_id

    def finish(self) -> None:
        """Publish the last sentence, and the corrected form of what was withheld."""
        facts, metadata = self._facts, self._metadata
        pending, self._pending, self._metadata = answer_of(self._pending), "", {}
        self._stop_timer()
        if self._fell_back or facts is None:
            return
        if self._turn.fell_back:
            self._end_of_failed_message()
            return
        self._held += [pending] if pending else []
        if is_cut_off(metadata):
            self._held = sentences(uncut("".join(self._held), self._turn.habits))
        elif self._held and not self._turn.habits.bare_thoughts:
            self._turn.habits.plain = True
        self._settled = True
        if "".join(self._held).strip():
            self._publish_held()
        self._held, self._settled = [], False
        withheld, self._withheld = "".join(self._withheld), []
        if text := corrected(withheld, facts, self._said):
            logger.warning("an answer was corrected", extra={"model_text": withheld[:300]})
            self._publish(text)

    def close(self) -> None:
        """Publish nothing more."""
        self._stop_timer()

    def _add(self, text: str) -> None:
        """Append words of the chat model, and publish the sentences that are whole."""
        if self._timer is None and not self._settled:
            self._timer = asyncio.get_running_loop().call_later(SETTLE_S, self._settle)
        joined = self._pending + text
        if has_bare_end(joined):
            self._turn.habits.bare_thoughts = True
            self._held, self._settled = [], True  # the answer follows
        self._pending = without_thoughts(joined)
        if has_open_thought(self._pending):
            return
        whole = sentences(self._pending)
        ended = self._pending.endswith(" ") and self._pending.rstrip().endswith((".", "!", "?"))
        self._pending = "" if ended or not whole else whole.pop()
        self._held += whole
        self._publish_held()

    def _settle(self) -> None:
        """Publish what is held where it is no thought as far as can be told by now.

        The first message of a model waits until it ends: what the model does is known then.
        """
        if self._turn.habits.plain and not self._may_be_thought():
            self._settled = True
            self._publish_held()

    def _may_be_thought(self) -> bool:
        return self._turn.habits.bare_thoughts or sounds_like_thought("".join(self._held))

    def _publish_held(self) -> None:
        if self._settled:
            held, self._held = self._held, []
            for sentence in held:
                self._publish_checked(sentence)

    def _begin_fallback(self) -> None:
        self._end_of_failed_message()
        self._fell_back = True
        why = self._turn.fell_back
        gap = "\n\n" if self._spoke and self._message_id else ""
        self._before = f"{gap}{fallback_notice(why)} " if why else ""

    def _end_of_failed_message(self) -> None:
        """Publish the whole sentences of a message that was cut off, and drop one of no use."""
        self._stop_timer()
        if self._turn.fell_back in ("failed", "late") and not self._may_be_thought():
            self._settled = True
            self._publish_held()
        self._held, self._withheld, self._pending = [], [], ""

    def _publish_checked(self, sentence: str) -> None:
        facts = self._facts
        assert facts is not None  # words are held for no other reason
        if self._withheld or not is_true(sentence, facts):
            self._withheld.append(sentence)
            return
        self._said.append(sentence)
        self._publish(sentence)

    def _publish(self, words: str) -> None:
        before, self._before = self._before, ""
        self._spoke = True
        self._publish_event(Words(f"{before}{words}"))

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
