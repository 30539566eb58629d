"""What a shop says of a product in its own words, for an answer that no sentence was found for.

A shopper sees in it what is said in other words than those of the question.
"""

from __future__ import annotations

from collections.abc import Sequence

from tools.search.replies import DetailsReply
from tools.search.statements import sentences_of

_MOST_CHARACTERS, _MOST_COMPARED = 350, 200
"""Of a quoted text, and of each where several are compared; a shorter description is quoted
whole."""


def words_on(replies: Sequence[DetailsReply]) -> str:
    """The shop's words on the likeliest of several products; "" where no text is known.

    These are the first and the one whose text is nearest in meaning to the question.
    """
    known = [reply for reply in replies if _text(reply)]
    if not known:
        return ""
    nearest = max(known, key=_likelihood)
    quoted = [known[0]]
    if _likelihood(nearest) > _likelihood(known[0]) and _text(nearest) != _text(known[0]):
        quoted.append(nearest)
    if len(replies) == 1:
        return f"Its words: “{_excerpt(quoted[0])}”"
    return " ".join(_quoted(reply, known) for reply in quoted)


def own_sentences(descriptions: Sequence[str]) -> list[str]:
    """Of each description the first sentences that the others do not have, as far as there is
    room; "" where it has none."""
    sentences = [sentences_of(text) for text in descriptions]
    told = []
    for place, own in enumerate(sentences):
        others = {each for other in sentences[:place] + sentences[place + 1 :] for each in other}
        kept, room = list[str](), _MOST_COMPARED
        for sentence in own:
            if sentence in others:
                continue
            if len(sentence) > room and kept:
                break
            whole = len(sentence) <= room
            kept.append(sentence if whole else f"{sentence[:room].rpartition(' ')[0]} …")
            room -= len(sentence)
        told.append(" ".join(kept))
    return told


def _quoted(reply: DetailsReply, replies: Sequence[DetailsReply]) -> str:
    """The quotation with the numbers of all products that it stands on."""
    same = [str(each.number) for each in replies if _text(each) == _text(reply)]
    if len(same) == 1:
        who = f"number {reply.number}, {reply.facts['title']}"
    else:
        who = f"numbers {', '.join(same[:-1])} and {same[-1]}"
    return f"Its words on {who}: “{_excerpt(reply)}”"


def _text(reply: DetailsReply) -> str:
    return (reply.facts.get("description") or "").strip()


def _likelihood(reply: DetailsReply) -> float:
    """Likelihood of the clause that likeliest answers the question; 0.0 where none does."""
    return max((each.likelihood for each in reply.nearest), default=0.0)


def _excerpt(reply: DetailsReply) -> str:
    """The description, of a long one the sentences that are nearest to the question in meaning,
    and the first ones where there is room."""
    text = _text(reply)
    if len(text) <= _MOST_CHARACTERS:
        return text
    sentences = sentences_of(text)
    likelihoods = [
        max((near.likelihood for near in reply.nearest if near.text in each), default=0.0)
        for each in sentences
    ]
    chosen: list[int] = []
    room = _MOST_CHARACTERS
    for place in sorted(range(len(sentences)), key=lambda place: -likelihoods[place]):
        if not chosen or len(sentences[place]) < room:
            chosen.append(place)
            room -= len(sentences[place]) + 3
    parts, before = [], -1
    for place in sorted(chosen):
        parts += (["…"] if place > before + 1 else []) + [sentences[place][:_MOST_CHARACTERS]]
        before = place
    return " ".join([*parts, *(["…"] if before < len(sentences) - 1 else [])])
