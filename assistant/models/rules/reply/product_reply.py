"""What to say about shown products, from what the tools said and nothing else."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from langchain_core.messages import ToolMessage

from assistant.models.rules.parse.questions import Ask
from assistant.prompt.situation import Situation
from tools.agent_tools.product_tools import COMPARE, DETAILS

_TOPICS = (
    ("price", re.compile(r"\b(?:price|costs?|how much|expensive|cheap)\b")),
    ("rating", re.compile(r"\b(?:rating|rated|stars?|reviews?|ratings|score)\b")),
    ("color", re.compile(r"\bcolou?rs?\b")),
    ("brand", re.compile(r"\b(?:brand|who makes|who made|maker|manufacturer)\b")),
    ("category", re.compile(r"\b(?:category|department|section)\b")),
)


def about(said: ToolMessage, ask: Ask | None, now: Situation) -> str:
    """The answer from a result of another tool than the search."""
    if said.status == "error":
        return str(said.text)
    result: Mapping[str, Any] = json.loads(str(said.text))
    if said.name == COMPARE:
        return _compared(result)
    if said.name == DETAILS:
        if ask is not None and ask.kind == "why":
            return _why(result, now.last_search or {})
        return _details(result, ask.topic if ask else "")
    return _kept(result)


def _details(facts: Mapping[str, Any], asked: str) -> str:
    name = f"Number {facts['number']}, {facts['title']}"
    for topic, pattern in _TOPICS:
        if pattern.search(asked):
            value = facts[topic]
            return (
                f"{name}: the {topic} is {value}."
                if value
                else f"{name}: the shop does not give its {topic}."
            )
    text = facts["description"]
    if not text:
        return f"{name}: the shop says no more about it than its card."
    return f"{name}. The shop says: {text}"


def _why(facts: Mapping[str, Any], search: Mapping[str, Any]) -> str:
    """The wishes of the newest search that this product meets, each by its own fact."""
    reasons = []
    if search.get("photo") or search.get("like"):
        reasons.append("its picture is near the one that you searched from")
    path = str(facts["category"] or "")
    if any(str(name).lower() in path.lower() for name in search.get("categories", ())):
        reasons.append(f"it stands under {path}")
    text = " ".join(str(value) for value in facts.values() if value).lower()
    said = [word for word in str(search.get("words", "")).split() if word.lower() in text]
    if said:
        reasons.append(f"the shop says “{' '.join(said)}” of it")
    if search.get("colors"):
        reasons.append(f"its color is {facts['color']}")
    if search.get("min_price") is not None or search.get("max_price") is not None:
        reasons.append(f"its price, {facts['price']}, is within your limit")
    if search.get("min_rating") is not None:
        reasons.append(f"it is rated {facts['rating']}")
    if search.get("without"):
        reasons.append(f"the shop does not say {' or '.join(search['without'])} of it")
    name = f"Number {facts['number']}, {facts['title']}"
    if not reasons:
        return f"{name}, is the nearest that the search found."
    return f"{name}: {'; '.join(reasons)}."


def _compared(table: Mapping[str, Any]) -> str:
    numbers = " and ".join(map(str, table["numbers"]))
    facts: Sequence[Mapping[str, Any]] = table["facts"]
    short = [fact for fact in facts if fact["name"] not in ("title", "description")]
    differ = [f"{f['name']} ({' against '.join(f['values'])})" for f in short if f["differs"]]
    same = [f"{f['name']} ({f['values'][0]})" for f in short if not f["differs"]]
    sentences = []
    if differ:
        sentences.append(f"Numbers {numbers} differ in {', '.join(differ)}.")
    if same:
        sentences.append(
            f"The same in both: {', '.join(same)}.".replace(
                "in both" if len(table["numbers"]) > 2 else "\0", "in all"
            )
        )
    return " ".join(sentences) or f"The shop says the same of numbers {numbers}."


def _kept(result: Mapping[str, Any]) -> str:
    if "kept" in result:
        rows = result["kept"]
        if not rows:
            return 'Nothing is kept yet. Say "keep 2" to keep number 2.'
        noun = "product" if len(rows) == 1 else "products"
        listed = "; ".join(f"{row['number']} is {row['title']}" for row in rows)
        return f"You keep {len(rows)} {noun}: {listed}."
    total = f"Kept in all: {result['kept_in_all']}."
    if "added" in result:
        titles = [f"number {row['number']}, {row['title']}" for row in result["added"]]
        return f"Kept {'; '.join(titles)}. {total}" if titles else f"That is kept already. {total}"
    gone = "; ".join(row["title"] for row in result["removed"])
    return f"Let go of {gone}. {total}"
