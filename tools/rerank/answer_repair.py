"""A complete ranking from any answer of a vision model: every candidate exactly once.

A ranking is read from the field "ranking", never from the first brackets of free text. Not
covered: whether the order is good, and whether a reason is true. Reasons are a model's words and
must be shown as plain text.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

Outcome = Literal["complete", "repaired", "fell back"]

REASON_LIMIT = 160
"""Characters of a reason that are kept; a server may not hold to what was asked for."""

_READ_LIMIT = 20_000
_TRIES = 50
_RANKING = re.compile(r'"ranking"\s*:\s*\[([^\[\]{}]*)')
_REASONS = re.compile(r'"reasons"\s*:\s*\{(.*)', re.DOTALL)
_REASON = re.compile(r'"(\d{1,3})"\s*:\s*("(?:[^"\\]|\\.)*")')
_ONE_NUMBER = re.compile(r"(?:[A-Za-z]+\.?|#)?\s*(\d{1,3})(?:\.0+)?\s*[).:]?")


@dataclass(frozen=True, slots=True)
class RepairedRanking:
    """A complete order of the candidates."""

    order: tuple[int, ...]
    """The candidates' numbers, each exactly once, best first."""
    outcome: Outcome
    """`complete`: a whole answer that ranks every candidate once. `repaired`: the answer
    had faults. `fell back`: it ranks none, and the order is the retriever's."""
    why: str = ""
    """The faults, as a sentence; "" without any."""
    reasons: Mapping[int, str] = field(default_factory=dict)
    """By number, one line each; only what the answer said."""
    confidence: float | None = None
    """0 to 1; None where the answer has none."""


def repair_ranking(answer: object, numbers: Sequence[int]) -> RepairedRanking:
    """The order that an answer gives to the candidates; never raises.

    `numbers` are the candidates' own, each once, in the retriever's order. The answer is a model's
    text, JSON that was read already, or None for no answer. Ranked numbers come first, in their
    order; those that are missing follow in the order of `numbers`.
    """
    read, broken = _read(answer)
    if read is None:
        said = isinstance(answer, str) and answer.strip()
        why = "The answer holds no ranking." if said else "There was no answer."
        return RepairedRanking(tuple(numbers), "fell back", why)
    faults = ["it is not whole JSON"] if broken else []
    listed = read.get("ranking")
    ranked, wrong = _ranked(listed if isinstance(listed, list | tuple) else (), numbers)
    faults += wrong
    missing = [number for number in numbers if number not in ranked]
    if missing:
        faults.append(f"{_names(missing)} missing")
    why = f"About the answer: {'; '.join(faults)}." if faults else ""
    if missing and not ranked:
        return RepairedRanking(tuple(numbers), "fell back", why)
    return RepairedRanking(
        (*ranked, *missing),
        "repaired" if faults else "complete",
        why,
        _reasons(read.get("reasons"), numbers),
        _confidence(read.get("confidence")),
    )


def _read(answer: object) -> tuple[Mapping[object, object] | None, bool]:
    """What the answer says by name, and whether its JSON was broken; None without a ranking."""
    if isinstance(answer, Mapping):
        return (answer, False) if "ranking" in answer else (None, False)
    if isinstance(answer, list | tuple):
        return {"ranking": answer}, False
    if not isinstance(answer, str):
        return None, False
    text = answer[:_READ_LIMIT]
    whole, end = _json(text.strip())
    if isinstance(whole, list) and end == len(text.strip()):
        return {"ranking": whole}, False
    for brace in list(re.finditer(r"\{", text))[:_TRIES]:
        found, _ = _json(text[brace.start() :])
        if isinstance(found, dict) and isinstance(found.get("ranking"), list):
            return found, False
    listed = _RANKING.search(text)
    if listed is None:
        return None, False
    rest = _REASONS.search(text)
    reasons = {key: _json(said)[0] for key, said in _REASON.findall(rest[1])} if rest else {}
    ranking = [_json(piece.strip())[0] for piece in listed[1].split(",") if piece.strip()]
    return {"ranking": ranking, "reasons": reasons}, True


def _json(text: str) -> tuple[object, int]:
    """The JSON value that the text begins with, and where it ends; None where there is none."""
    try:
        return json.JSONDecoder(strict=False).raw_decode(text)
    except (ValueError, RecursionError):  # recursion: thousands of brackets in a row
        return None, 0


def _ranked(listed: Iterable[object], numbers: Sequence[int]) -> tuple[list[int], list[str]]:
    """The numbers that count, in their order, and what was wrong with the others."""
    ranked: list[int] = []
    as_text = repeated = unknown = 0
    for item in listed:
        number = _number(item)
        if number is None or number not in numbers:
            unknown += 1
        elif number in ranked:
            repeated += 1
        else:
            ranked.append(number)
            as_text += isinstance(item, str)
    faults = [
        f"{amount} {what}"
        for amount, what in (
            (as_text, "written as text"),
            (repeated, "named again"),
            (unknown, "not a candidate"),
        )
        if amount
    ]
    return ranked, faults


def _number(item: object) -> int | None:
    """A whole number, also where it is written 3.0, "3" or "no. 3"; None for anything else."""
    if isinstance(item, bool):
        return None
    if isinstance(item, int):
        return item
    if isinstance(item, float):
        return int(item) if math.isfinite(item) and item.is_integer() else None
    if isinstance(item, str):
        written = _ONE_NUMBER.fullmatch(item[:40].strip())
        return int(written[1]) if written else None
    return None


def _reasons(given: object, numbers: Sequence[int]) -> dict[int, str]:
    reasons: dict[int, str] = {}
    for key, said in given.items() if isinstance(given, Mapping) else ():
        number = _number(key)
        if number is None or number not in numbers or not isinstance(said, str):
            continue
        shown = "".join(letter if letter.isprintable() else " " for letter in said)
        line = " ".join(shown.split())
        if line:
            reasons.setdefault(number, line[:REASON_LIMIT].rstrip())
    return reasons


def _confidence(given: object) -> float | None:
    if isinstance(given, bool) or not isinstance(given, int | float):
        return None
    return float(given) if 0 <= given <= 1 else None


def _names(numbers: Iterable[int]) -> str:
    *most, last = map(str, numbers)
    return f"{', '.join(most)} and {last} are" if most else f"{last} is"
