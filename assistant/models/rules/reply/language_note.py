"""Says once, in the shopper's language, that English is understood best."""

from __future__ import annotations

from collections.abc import Iterable

from assistant.models.rules.parse.languages import language_of, note_on_language
from tools.money import format_price, to_minor
from tools.search.arguments import SearchArguments


def note_on_other_language(
    typed: str, before: Iterable[str], search: SearchArguments, currency: str
) -> str:
    """The sentences for a message that is not in English; "" for one that is, and for a language
    that was answered before in this conversation.
    """
    language = language_of(typed)
    if not language or any(language_of(each) == language for each in before):
        return ""
    parts = [*search.colors, *search.brands, *(search.categories or search.words.split())]
    for sign, bound in (("≥", search.min_price), ("≤", search.max_price)):
        if bound is not None:
            parts.append(f"{sign} {format_price(to_minor(bound, currency), currency)}")
    return note_on_language(language, ", ".join(dict.fromkeys(parts)))
