"""Cards named by a description: "the tartan one", "the one from Mossgate"."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from assistant.models.rules.lexicon.bounded import bounded
from assistant.models.rules.lexicon.stop_words import FILLERS
from assistant.models.rules.lexicon.text import word_set, words_of
from assistant.prompt.situation import ShownNote
from tools.catalogue.colors import TONES
from tools.text import singular

_ONE = bounded(
    r"\b(?:the|that|this|your) (?P<before>(?:[a-z][\w'-]* ){1,3})one\b(?! of)|"
    r"\b(?:the|that) one (?:from|by|with|in|made of|made by) (?:the |a )?"
    r"(?P<behind>[a-z][\w'-]*(?: [a-z][\w'-]*)?)"
)
_NAMED = bounded(
    r"^(?P<verb>(?:please |can you |could you |i'd like to |now |ok |and )*"
    r"(?:keep|save|drop|remove|delete|bookmark|shortlist|tell me (?:more )?about|describe|"
    r"details (?:on|of|about)|more about|what about|how much is|how about|add|put|pop)) "
    r"the (?P<before>[a-z][\w'-]*(?: [a-z][\w'-]*){0,2})(?= please| to my| to the| on my|"
    r" on the| for me| \||$)"
)
_SMALL = bounded(r"\b(?:please|then|instead|ok|okay|and|now|i'll take|thanks)\b")
_NOT_LOOKS = word_set("first second third fourth last next other same cheapest best only new")


def number_described_cards(
    text: str, cards: Sequence[ShownNote], colors: Collection[str] = ()
) -> str:
    """The text with "number 3" in place of a description that fits exactly one shown card.

    "The dark blue one" alone, of `colors`, asks for a color and names no card.
    """
    if not cards:
        return text
    alone = _ONE.fullmatch(_SMALL.sub("", text).strip(" |"))
    said = (alone["before"] or alone["behind"] or "").split() if alone else []
    if said and all(word in colors or word in TONES for word in said):
        return text

    def number(match: re.Match[str]) -> str:
        said = match["before"] or match.groupdict().get("behind") or ""
        found = _alike(said, cards)
        if found is None:
            return match[0]
        verb = match.groupdict().get("verb")
        return f"{verb} number {found}" if verb else f"number {found}"

    return _NAMED.sub(number, _ONE.sub(number, text))


def _alike(said: str, cards: Sequence[ShownNote]) -> int | None:
    words = [singular(w) for w in words_of(said) if w not in FILLERS]
    if not words or any(word in _NOT_LOOKS for word in words):
        return None
    found = [card.number for card in cards if _says(card, words)]
    return found[0] if len(found) == 1 else None


def _says(card: ShownNote, words: Sequence[str]) -> bool:
    known = {singular(w) for w in words_of(f"{card.title} {card.color} {card.brand}".lower())}
    return all(word in known for word in words)
