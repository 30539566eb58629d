"""What to say about shown products, from what the tools said and nothing else."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from langchain_core.messages import ToolMessage

from assistant.models.rules.parse.product_questions import meaning_asked
from assistant.models.rules.parse.questions import Ask
from assistant.models.rules.reply.description_quote import own_sentences
from assistant.models.rules.reply.order_reply import order_answer
from assistant.models.rules.reply.question_reply import answer_question, is_silent
from assistant.prompt.situation import Situation
from tools.agent_tools.compare_products import NAME as COMPARE
from tools.agent_tools.product_details import NAME as DETAILS
from tools.search.arguments import SearchArguments
from tools.search.comparison import UNKNOWN
from tools.search.replies import ComparisonReply, DetailsReply, SeveralDetailsReply, ShortlistReply

_TOPICS = (
    ("price", re.compile(r"\b(?:price|costs?|how much|expensive|cheap)\b")),
    ("rating", re.compile(r"\b(?:rating|rated|stars?|reviews?|ratings|score)\b")),
    ("color", re.compile(r"\bcolou?rs?\b")),
    ("brand", re.compile(r"\b(?:brand|who makes|who made|maker|manufacturer)\b")),
    ("category", re.compile(r"\b(?:category|department|section)\b")),
)


def about(said: ToolMessage, ask: Ask | None, now: Situation) -> str:
    """The answer from a result of another tool than the search."""
    text = str(said.text)
    if said.status == "error":
        return text
    if said.name == COMPARE:
        return _compared(ComparisonReply.of_json(text))
    if said.name == DETAILS:
        replies = SeveralDetailsReply.of_json(text).products
        reply = replies[0]
        if ask is not None and ask.kind == "why":
            return _why(reply, SearchArguments.unchecked(now.last_search or {}))
        if ask is not None and ask.question is not None and ask.question.topic == "order":
            return order_answer(ask.question, now.shown)
        if ask is not None and ask.question is not None:
            return answer_question(replies, ask.question)
        return _details(reply, ask.topic if ask else "")
    return _kept(ShortlistReply.of_json(text))


def asks_for_meaning(
    said: ToolMessage, given: Mapping[str, Any], ask: Ask | None
) -> dict[str, Any] | None:
    """The arguments of a second look, for the statements that are nearest in meaning, where no
    product of several says it in the words that were asked; None where it is not needed.

    Comparing all that several products say takes half a second, so words come first.
    """
    if ask is None or ask.question is None or said.name != DETAILS or said.status == "error":
        return None
    question = meaning_asked(ask.question)
    if "question" in given or not question:
        return None
    replies = SeveralDetailsReply.of_json(str(said.text)).products
    if len(replies) == 1 or not is_silent(replies, ask.question):
        return None
    return {**given, "question": question}


def _details(reply: DetailsReply, asked: str) -> str:
    name = f"Number {reply.number}, {reply.facts['title']}"
    for topic, pattern in _TOPICS:
        if pattern.search(asked):
            value = reply.facts[topic]
            return (
                f"{name}: the {topic} is {value}."
                if value
                else f"{name}: the shop does not give its {topic}."
            )
    text = reply.facts["description"]
    if not text:
        return f"{name}: the shop says no more about it than its card."
    return f"{name}. The shop says: {text}"


def _why(reply: DetailsReply, search: SearchArguments) -> str:
    """The wishes of the newest search that this product meets, each by its own fact."""
    facts, reasons = reply.facts, []
    if search.photo or search.like:
        reasons.append("its picture is near the one that you searched from")
    path = facts["category"] or ""
    if any(name.lower() in path.lower() for name in search.categories):
        reasons.append(f"it stands under {path}")
    text = " ".join(value for value in (str(reply.number), *facts.values()) if value).lower()
    said = [word for word in search.words.split() if word.lower() in text]
    if said:
        reasons.append(f"the shop says “{' '.join(said)}” of it")
    if search.colors:
        reasons.append(f"its color is {facts['color']}")
    if search.min_price is not None or search.max_price is not None:
        reasons.append(f"its price, {facts['price']}, is within your limit")
    if search.min_rating is not None:
        reasons.append(f"it is rated {facts['rating']}")
    if search.without:
        reasons.append(f"the shop does not say {' or '.join(search.without)} of it")
    name = f"Number {reply.number}, {facts['title']}"
    if not reasons:
        return f"{name}, is the nearest that the search found."
    return f"{name}: {'; '.join(reasons)}."


def _compared(reply: ComparisonReply) -> str:
    numbers = " and ".join(map(str, reply.numbers))
    short = [fact for fact in reply.facts if fact.name not in ("title", "description")]
    differ = [f"{f.name} ({' against '.join(f.values)})" for f in short if f.differs]
    same = [f"{f.name} ({f.values[0]})" for f in short if not f.differs]
    sentences = []
    if differ:
        sentences.append(f"Numbers {numbers} differ in {', '.join(differ)}.")
    if same:
        which = "both" if len(reply.numbers) == 2 else "all"
        sentences.append(f"The same in {which}: {', '.join(same)}.")
    texts = next((fact.values for fact in reply.facts if fact.name == "description"), ())
    told = own_sentences(["" if text == UNKNOWN else text for text in texts])
    sentences += [
        f"Of number {number} the shop says: “{text}”"
        for number, text in zip(reply.numbers, told, strict=bool(told))
        if text
    ]
    return " ".join(sentences) or f"The shop says the same of numbers {numbers}."


def _kept(reply: ShortlistReply) -> str:
    if reply.shown is not None:
        rows = reply.shown
        if not rows:
            return 'Nothing is kept yet. Say "keep 2" to keep number 2.'
        noun = "product" if len(rows) == 1 else "products"
        listed = "; ".join(f"{n} is {row['title']}" for n, row in enumerate(rows, start=1))
        return f"You keep {len(rows)} {noun}: {listed}."
    total = f"Kept in all: {reply.kept_in_all}."
    if reply.added is not None:
        titles = [f"number {row['number']}, {row['title']}" for row in reply.added]
        return f"Kept {'; '.join(titles)}. {total}" if titles else f"That is kept already. {total}"
    gone = "; ".join(row["title"] for row in reply.removed or ())
    return f"Let go of {gone}. {total}"
