"""A scripted conversation that meets every reply of the agent's tools, over the color shop.

`python -m tests.golden.agent_tools.conversation` writes `conversation.json` anew, for a change of
the replies that is meant.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from langchain_core.utils.function_calling import convert_to_openai_tool
from langgraph.checkpoint.memory import InMemorySaver

from assistant.budget import TurnLimits
from assistant.conversation import Assistant
from assistant.events import Message, Photo
from assistant.photo_store import PhotoStore
from tests.golden.agent_tools import FILE
from tests.support.color_shop import open_color_shop, photo_of
from tests.support.color_vision import ColorVision
from tests.support.scripted_model import ScriptedModel, search
from tools.agent_tools.rerank import make_rerank
from tools.catalogue.vocabulary import Vocabulary
from tools.product import Query, SearchResult
from tools.rerank.captions import CaptionCache
from tools.search.shop import Shop

Call = dict[str, Any]


def call(name: str, **arguments: Any) -> Call:
    return {"name": name, "args": arguments}


def keep(action: str, *numbers: int) -> Call:
    return call("shortlist", action=action, numbers=list(numbers))


LOOK = call("rerank", instruction="a phone case like this")
# Each turn: the colors of its photos, and what the model calls, one step each.
TURNS: list[tuple[list[str], list[Call]]] = [
    ([], [search(words="mug")]),
    ([], [call("product_details", number=2), call("product_details", number=77)]),
    ([], [call("compare_products", numbers=[1, 2, 5]), call("compare_products", numbers=[1])]),
    ([], [keep("add", 2, 5), keep("add", 2), keep("remove", 2), keep("remove", 9)]),
    (
        [],
        [
            search(words="mug", categories=["mugs"], colors=["red"], max_price=2, min_rating=4,
                   brands=["daybird"], without=["plus", "basic"]),
            search(words="mug", colors=["purple"]),
            search(words="mug", colors=["purple"]),
            search(words="rocket ship"),
            search(words="mug", sort="cheapest", min_price=9.5),
            search(sort="best rated"),
        ],
    ),
    ([], [search(words="mug", categories=["Mugs"])]),
    ([], [search(words="mug", categories=["Mugs"], skip_shown=True)]),
    ([], [search(like=2, max_price=20), search(words="case", not_like=1, limit=2)]),
    (["red"], [search(words="phone case", photo=1, categories=["Phone Cases"]), LOOK]),
    (["blue", "green"], [search(photo=1, second_photo=2), search(words="mug", not_photo=2)]),
    ([], [search(list=1), search(list=99), search(list=1, words="mug")]),
    ([], [keep("show"), call("product_details", number=1)]),
    ([], [search(limit="many", glitter=1), search(), search(words="x", min_price=9, max_price=1)]),
    ([], [search(words="mug", photo=40), search(words="mug", like=40), LOOK]),
    ([], [search(list=2), call("shortlist", action="add")]),
]  # fmt: skip
BARE_TURNS: list[tuple[list[str], list[Call]]] = [
    ([], [search(words="mug", max_price=20, min_rating=4), search(max_price=20)]),
]


class Bare:
    """A real shop that says of itself that none of its products has a price or a rating."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop
        self.name, self.product, self.count = shop.name, shop.product, shop.count
        self.kind_meant, self.seen_in = shop.kind_meant, shop.seen_in
        self.says_elsewhere, self.beyond_kind = shop.says_elsewhere, shop.beyond_kind
        self.named = shop.named
        self.answering, self.acts_in = shop.answering, shop.acts_in

    @property
    def vocabulary(self) -> Vocabulary:
        return replace(self._shop.vocabulary, min_price=None, max_price=None, rated=False)

    def search(self, query: Query, limit: int = 9) -> SearchResult:
        return self._shop.search(query, limit)


def _photo(store: PhotoStore, color: str) -> Photo:
    file = BytesIO()
    photo_of(color).save(file, "PNG")
    return store.add(file.getvalue(), f"{color}.png")


def _plain(value: Any) -> Any:
    """As JSON has it, with random ids numbered in the order in which they come up."""
    text = json.dumps(value, ensure_ascii=False, default=lambda each: each.model_dump())
    names: dict[str, str] = {}
    return json.loads(
        re.sub(
            r"\b[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}\b",
            lambda match: names.setdefault(match[0], f"id-{len(names) + 1}"),
            text,
        )
    )


def _schemas(assistant: Assistant, rerank: Any) -> Iterator[Mapping[str, Any]]:
    tools: Any = assistant._agent.nodes["tools"].bound
    for tool in [*tools.tools_by_name.values(), rerank]:
        yield convert_to_openai_tool(tool)


async def recorded(shop: Any, folder: Path, turns: list[Any]) -> dict[str, Any]:
    """What the tools said in these turns, what the model was told, and what is stored after it."""
    store = PhotoStore(folder / "photos")
    vision = ColorVision()
    captions = CaptionCache(vision)
    rerank = make_rerank(vision, captions, trust=1.0, timeout_s=30)
    model = ScriptedModel(script=[])
    assistant = Assistant(
        shop=shop,
        chat_model=model,
        checkpointer=InMemorySaver(),
        photos=store,
        limits=TurnLimits(model_calls=12, tool_calls=12),
        more_tools=[rerank],
        captions=captions,
    )
    rows = []
    for colors, calls in turns:
        model.script[:] = [*calls, "So."]
        model.heard.clear()
        message = Message("go on", photos=tuple(_photo(store, color) for color in colors))
        async for _ in assistant.turn("t", message):
            pass
        newest = model.heard[-1]
        start = max(place for place, m in enumerate(newest) if m.type == "human")
        said = [m for m in newest[start:] if m.type == "tool"]
        rows.append(
            {
                "calls": calls,
                "said": [[getattr(m, "status", ""), str(m.text)] for m in said],
                "told": str(newest[0].text),
            }
        )
    kept = await assistant._agent.aget_state({"configurable": {"thread_id": "t"}})
    state = {name: value for name, value in kept.values.items() if name != "messages"}
    return {"turns": rows, "state": _plain(state), "schemas": list(_schemas(assistant, rerank))}


async def recordings(folder: Path) -> dict[str, Any]:
    """Both conversations, by name."""
    shop = open_color_shop(folder / "shop")
    return {
        "whole": await recorded(shop, folder / "whole", TURNS),
        "bare": await recorded(Bare(shop), folder / "bare", BARE_TURNS),
    }


if __name__ == "__main__":
    with TemporaryDirectory() as name:
        new = asyncio.run(recordings(Path(name)))
    FILE.write_text(json.dumps(new, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
