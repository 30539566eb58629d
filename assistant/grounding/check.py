"""Holds sentences against the known facts, and replaces those that fail."""

from __future__ import annotations

from collections.abc import Iterable

from langchain_core.messages import AIMessage

from assistant.grounding import claims
from assistant.grounding.facts import KnownFacts
from assistant.grounding.other_languages import in_one_form, promises_in_others
from assistant.grounding.sentences import answer_of, sentences


def is_true(sentence: str, facts: KnownFacts) -> bool:
    """Whether the model was told all that a sentence states."""
    sentence = claims.plain_text(sentence)
    if claims.is_tool_call(sentence):
        return False
    plain = in_one_form(sentence)
    spelled = claims.with_digits(plain)
    numbered = claims.card_numbers(spelled, ordinals=bool(facts.shown))
    if any(number not in facts.shown for number in numbered):
        return False
    titled = facts.titled(sentence)
    if numbered and not titled <= facts.same_title(numbered):
        return False
    return (
        _figures_are_true(spelled, {*numbered, *titled}, facts)
        and claims.other_numbers(claims.with_digits(plain, claims.FEW)) <= facts.numbers
        and not claims.has_address(sentence)
        and all(each in facts.said_by_tools for each in claims.shop_promises(sentence))
        and all(
            any(each in facts.said_by_tools for each in same)
            for same in promises_in_others(sentence)
        )
        and not facts.unseen_brand(sentence)
        and all(all(map(facts.knows_word, name)) for name in claims.names(sentence))
    )


def is_usable(text: str, facts: KnownFacts) -> bool:
    """Whether an answer can be given to a shopper once single sentences are replaced.

    An answer is refused when no sentence of it is true, when it writes out a tool call, and when
    part of it is untrue and no tool has answered in this turn.
    """
    parts = [part for part in sentences(answer_of(text)) if part.strip()]
    if any(claims.is_tool_call(part) for part in parts):
        return False
    true = [part for part in parts if is_true(part, facts)]
    return bool(true) and (facts.tool_answered or len(true) == len(parts))


def corrected(text: str, facts: KnownFacts, said: Iterable[str] = ()) -> str:
    """Replaces each untrue sentence with the catalogue's facts, at most once per product.

    A tool call that is written out ends the text. `said` are the sentences before the text.
    """
    every = list(said)
    before = len(every)
    for sentence in sentences(answer_of(text)):
        if claims.is_tool_call(sentence):
            break
        every.append(sentence if is_true(sentence, facts) else _replacement(sentence, facts, every))
    return "".join(every[before:])


def corrected_message(message: AIMessage, facts: KnownFacts) -> AIMessage:
    """The message for the history, so that the next turn reads nothing that was made up."""
    text = str(message.text)
    correct = corrected(text, facts)
    return message if correct == text else message.model_copy(update={"content": correct})


def _figures_are_true(spelled: str, cards: set[int], facts: KnownFacts) -> bool:
    """Whether the prices and ratings are known, and are those of `cards` where it has some."""
    prices = facts.prices_of(cards) if cards else facts.prices
    ratings = facts.ratings_of(cards) if cards else facts.ratings
    for known, pattern in ((prices, claims.PRICE), (ratings, claims.STARS)):
        for value, is_limit in claims.figures(spelled, pattern):
            if value not in known and not (is_limit and value in facts.asked):
                return False
    return claims.star_counts(spelled) <= ratings


def _replacement(sentence: str, facts: KnownFacts, said: Iterable[str]) -> str:
    """What the catalogue says of the products that a sentence names, or else of the first one.

    "" where that was said already, or nothing is shown.
    """
    spelled = claims.with_digits(in_one_form(claims.plain_text(sentence)))
    numbered = claims.card_numbers(spelled, ordinals=bool(facts.shown))
    named = [number for number in dict.fromkeys(numbered) if number in facts.shown]
    named = named[: claims.FEW] or [*facts.shown][:1]
    text = " ".join(facts.description(number) for number in named)
    return "" if not text or any(text in each for each in said) else f"{text} "
