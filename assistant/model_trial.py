"""A trial of a chat model: whether it calls tools, streams, and keeps its thoughts to itself."""

from __future__ import annotations

from dataclasses import dataclass

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessageChunk, HumanMessage, SystemMessage

from assistant.grounding.sentences import answer_of, has_bare_end
from tools.agent_tools.multimodal_search import NAME
from tools.search.arguments import SearchArguments

_ASKED = "red mugs"
_PROMPT = f"You sell mugs. Call the tool {NAME} for what the shopper asks, and say nothing else."


@dataclass(frozen=True, slots=True)
class Trial:
    """What a chat model made of one request."""

    calls_tools: bool
    """Whether it called the tool that it was told to call."""
    pieces: int
    """In which its answer came; 1 where it does not stream."""
    thinks_aloud: bool
    """Whether a thought stands in its answer."""
    bare_thoughts: bool
    """Whether that thought has no opening tag."""
    said: str
    """Its answer without thoughts, up to 80 characters."""

    def sentence(self) -> str:
        """What it can do and what it cannot, in words."""
        can = ["calls tools" if self.calls_tools else f"calls no tool (it says {self.said!r})"]
        can.append("streams" if self.pieces > 1 else "does not stream: answers appear at once")
        if self.thinks_aloud:
            how = " without an opening tag" if self.bare_thoughts else ""
            can.append(
                f"writes its thoughts into the answer{how}: they are left out, and its answers "
                "appear later (vLLM: --reasoning-parser)"
            )
        return f"{'; '.join(can)}."


def try_chat_model(model: BaseChatModel) -> Trial:
    """Asks for one tool call, in a stream. Raises what the model's provider raises."""
    tool = {
        "type": "function",
        "function": {
            "name": NAME,
            "description": "Search the shop's products.",
            "parameters": SearchArguments.model_json_schema(),
        },
    }
    whole: AIMessageChunk | None = None
    pieces = 0
    for chunk in model.bind_tools([tool]).stream([SystemMessage(_PROMPT), HumanMessage(_ASKED)]):
        assert isinstance(chunk, AIMessageChunk)  # a chat model's stream has no others
        pieces += bool(chunk.text or chunk.tool_call_chunks)
        whole = chunk if whole is None else whole + chunk
    if whole is None:
        return Trial(False, 0, False, False, "")
    text = str(whole.text)
    return Trial(
        calls_tools=any(call["name"].endswith(NAME) for call in whole.tool_calls),
        pieces=pieces,
        thinks_aloud=answer_of(text).strip() != text.strip(),
        bare_thoughts=has_bare_end(text),
        said=answer_of(text).strip()[:80],
    )
