"""A chat model that behaves badly in every way that was seen of one, chosen from a seed.

Everything that it makes up is marked by words and figures that no shop of the tests has, so that a
test can look for them.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

from langchain_core.messages import BaseMessage
from pydantic import Field, PrivateAttr

from tests.support.scripted_model import ScriptedModel, search

INVENTED = ("zorblax", "hyper mug", "quindle", "vantrex", "3.33", "777", "8,812", "4.97",
            "three hundred and thirty", "number ninety")  # fmt: skip
"""Parts of what it makes up, in small letters: none may be shown."""
NEVER_SHOWN = (*INVENTED, "multimodal_search", "order_pizza", '"arguments"', "tool_call",
               "0xdeadbeef", "traceback", "validation error", "input should be")  # fmt: skip
_PROSE = (
    "The Zorblax Hyper Mug is yours for $3.33.",
    "It costs three hundred and thirty dollars and is made by Quindle.",
    "Number 1 is only $777.",
    "Number ninety is the best, rated 4.97 by 8,812 people.",
    "I recommend the **vantrex tumbler** by Quindle!",
    "All of them have 4.97 stars and 777 reviews.",
    "1. Zorblax One ($3.33)\n2. Quindle Two ($777)",
)
_CALLS_IN_WORDS = (
    '{"name": "multimodal_search", "arguments": {"words": "zorblax", "max_price": 3.33}}',
    '```json\n{\n "tool": "multimodal_search",\n "words": "zorblax"\n}\n```',
    "Let me look. <tool_call>multimodal_search zorblax</tool_call>",
    "Action: multimodal_search\nAction Input: zorblax for 3.33",
    'multimodal_search(words="zorblax", max_price=3.33)',
    "<|python_tag|>multimodal_search.call(zorblax)",
)
Line = Callable[[random.Random, int], Any]


def _prose(chance: random.Random, said: int) -> Any:
    return " ".join(chance.sample(_PROSE, chance.randint(1, 3)))


def _fault(chance: random.Random, said: int) -> Any:
    faults = (RuntimeError, ConnectionError, TimeoutError, ValueError)
    return chance.choice(faults)("validation error at 0xdeadbeef")


KINDS: dict[str, Line] = {
    "exception": _fault,
    "empty answer": lambda chance, said: chance.choice(["", "   ", "\n"]),
    "call in words": lambda chance, said: chance.choice(_CALLS_IN_WORDS),
    "unknown tool": lambda chance, said: {"name": "order_pizza", "args": {"size": said}},
    "wrong types": lambda chance, said: chance.choice(
        [
            search(words=["mug"], max_price="cheap", limit="many"),
            search(words=7, min_rating="five", photo="this"),
            {"name": "compare_products", "args": {"numbers": "all"}},
            {"name": "shortlist", "args": {"action": "burn", "numbers": ["x"]}},
            {"name": "product_details", "args": {}},
        ]
    ),
    "out of range": lambda chance, said: chance.choice(
        [
            search(words="mug", like=90 + said),
            search(words="mug", photo=-said - 2),
            search(words="mug", max_price=-3.33),
            search(list=9000),
            {"name": "product_details", "args": {"number": 9999}},
            {"name": "compare_products", "args": {"numbers": [0, 90]}},
            {"name": "shortlist", "args": {"action": "add", "numbers": [-4]}},
        ]
    ),
    "only talk": _prose,
    # From here on it finds something before it errs, so that the thread is not what it would be.
    "search, then made up": lambda chance, said: (
        _prose(chance, said) if said else search(words="mug")
    ),
    "search, then fault": lambda chance, said: (
        _fault(chance, said) if said else search(words="boots")
    ),
    "same call for ever": lambda chance, said: search(words="mug"),
    "other call for ever": lambda chance, said: search(words=f"mug {said}"),
    "many calls at once": lambda chance, said: [search(words=f"thing {n}") for n in range(12)],
}
HARMLESS = list(KINDS)[:7]
"""They leave nothing behind: the turn must end as if the model had not been asked."""


class BadModel(ScriptedModel):
    """One kind for a whole turn, or one for each call where `kinds` holds several."""

    script: list[Any] = Field(default_factory=list)
    kinds: list[str]
    seed: int = 0
    asked: list[int] = Field(default_factory=list)
    """Calls by turn."""
    _chance: random.Random = PrivateAttr(default_factory=random.Random)
    _turn: str = PrivateAttr("")

    def model_post_init(self, context: Any, /) -> None:
        super().model_post_init(context)
        self._chance = random.Random(self.seed)

    def _line(self, messages: list[BaseMessage]) -> tuple[str, list[dict[str, Any]]]:
        start = max(i for i, message in enumerate(messages) if message.type == "human")
        if str(messages[start].id) != self._turn:
            self._turn = str(messages[start].id)
            self.asked.append(0)
        said = self.asked[-1]
        self.asked[-1] += 1
        line = KINDS[self._chance.choice(self.kinds)](self._chance, said)
        self.script = [line]
        return super()._line(messages)
