"""One message about shown products, answered by the built-in chat model from what they state."""

from __future__ import annotations

from collections.abc import Sequence

from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage, ToolMessage

from assistant.models.rules.chat_model import OfflineChatModel
from assistant.prompt.situation import ShownNote, Situation
from assistant.prompt.system_prompt import system_prompt
from tools.catalogue.vocabulary import count_vocabulary
from tools.product import Product
from tools.search.replies import DetailsReply, SeveralDetailsReply
from tools.search.rows import shown_row_of
from tools.search.statements import NearStatement

TOOLS = [
    {"type": "function", "function": {"name": name}}
    for name in ("multimodal_search", "product_details", "compare_products", "shortlist")
]


def asked(
    typed: str,
    products: Sequence[Product],
    before: Sequence[BaseMessage] = (),
    nearest: Sequence[tuple[NearStatement, ...]] = (),
    shop: Sequence[Product] = (),
) -> tuple[AIMessage, str]:
    """The first call and what is said in the end; no tool is called for a sentence.

    `shop` are the products whose names are known, those that are shown if left out.
    """
    now = Situation(
        shown=[
            ShownNote.model_validate({"number": number, **shown_row_of(product)})
            for number, product in enumerate(products, start=1)
        ],
        last_search={"words": "these"},
        catalogue={"currency": "USD"},
    )
    model = OfflineChatModel(vocabulary=lambda: count_vocabulary(shop or products))
    messages = [SystemMessage(system_prompt(now)), *before, HumanMessage(typed)]
    first = model.invoke(messages, tools=TOOLS)
    if not first.tool_calls or first.tool_calls[0]["name"] != "product_details":
        return first, str(first.text)
    given = first.tool_calls[0]["args"]
    numbers = given.get("numbers") or [given["number"]]
    call, heard = first, [*messages]
    while call.tool_calls:
        near = nearest if nearest and "question" in call.tool_calls[0]["args"] else None
        replies = [
            DetailsReply.of(n, products[n - 1], near[i] if near else ())
            for i, n in enumerate(numbers)
        ]
        text = SeveralDetailsReply(tuple(replies)).json()
        text = replies[0].json() if len(replies) == 1 else text
        called = call.tool_calls[0]["id"]
        heard += [call, ToolMessage(text, name="product_details", tool_call_id=called)]
        call = model.invoke(heard, tools=TOOLS)
    return first, str(call.text)
