"""The model's words on their way to the shopper."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import Any

from langchain_core.messages import AIMessage, AIMessageChunk

from assistant.agent.middleware.fallback import BUILT_IN, fallback_notice
from assistant.agent.turn import Turn
from assistant.events import Event, Words
from assistant.grounding.check import corrected, is_true
from assistant.grounding.sentences import OPEN_THOUGHT, sentences, without_thoughts

logger = logging.getLogger("pounce.assistant")

_LONGEST_ANSWER = 4000
"""Characters. A chat model is asked for a sentence or two."""


class Speaker:
    """Publishes the words of the model, and nothing of what tools and hooks write.

    A chat model's words are held until their sentence ends and is checked. From the first untrue
    sentence on they are held until the message ends; `Fallback` may discard the message. The
    built-in model's words are published as they come.
    """

    def __init__(self, publish: Callable[[Event], None], turn: Turn) -> None:
        self._publish_event = publish
        self._turn = turn
        self._message_id = ""
        self._pending = ""
        """The begun sentence; for the built-in model what precedes its first words."""
        self._length = 0
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
            self._fell_back, self._withheld = True, []
            why = self._turn.fell_back
            self._pending = f"{fallback_notice(why)} " if why else ""
        if not chunk.text or (self._fell_back and not built_in):
            return
        text = str(chunk.text)
        new_message = bool(self._message_id) and chunk.id != self._message_id
        self._message_id = chunk.id or self._message_id
        if self._fell_back or self._turn.known_facts is None:
            self._publish_unchecked(text, new_message)
            return
        if new_message:
            self.finish()
            self._pending = "\n\n" if self._spoke else ""
        self._pending = without_thoughts(self._pending + text)
        self._length += len(text)
        if self._length > _LONGEST_ANSWER:
            self._turn.stop_model_call()
        if OPEN_THOUGHT.search(self._pending):
            return
        whole = sentences(self._pending)
        ended = self._pending.endswith(" ") and self._pending.rstrip().endswith((".", "!", "?"))
        self._pending = "" if ended or not whole else whole.pop()
        for sentence in whole:
            self._publish_checked(sentence)

    def finish(self) -> None:
        """Publish the last sentence, and the corrected form of what was withheld."""
        pending, self._pending = self._pending, ""
        facts = self._turn.known_facts
        if self._fell_back or self._turn.fell_back or facts is None:
            return
        if pending:
            self._publish_checked(OPEN_THOUGHT.split(pending)[0])
        withheld, self._withheld = "".join(self._withheld), []
        if text := corrected(withheld, facts, self._said):
            logger.warning("an answer was corrected", extra={"model_text": withheld[:300]})
            self._publish(text)

    def _publish_unchecked(self, text: str, new_message: bool) -> None:
        notice, self._pending = self._pending, ""
        gap = "\n\n" if new_message and self._spoke else ""
        self._publish(f"{gap}{notice}{text}")

    def _publish_checked(self, sentence: str) -> None:
        facts = self._turn.known_facts
        assert facts is not None  # words are held for no other reason
        if self._withheld or not is_true(sentence, facts):
            self._withheld.append(sentence)
            return
        self._said.append(sentence)
        self._publish(sentence)

    def _publish(self, words: str) -> None:
        self._spoke = True
        self._publish_event(Words(words))
