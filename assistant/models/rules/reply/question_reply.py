"""Answers to questions about shown products, from what the shop states and nothing else.

The statement that answers is quoted. What the shop does not state is said so: nothing is concluded
from what is not there.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from assistant.models.rules.lexicon.materials import COLOR
from assistant.models.rules.lexicon.text import words_of
from assistant.models.rules.parse.product_questions import ProductQuestion
from assistant.models.rules.parse.question_topic import Topic, has_content, topics_of
from assistant.models.rules.reply.description_quote import words_on
from assistant.models.rules.reply.evidence import evidence_for
from assistant.models.rules.reply.fact_reply import comes_in, stock, values
from assistant.models.rules.reply.measured import answers
from assistant.models.rules.reply.statements import Evidence, plain
from tools.search.replies import DetailsReply
from tools.text import singular

UNSAID = "the shop does not say"
_UNREAD = f"as far as I can read, {UNSAID}"
"""Of what no sentence was found for: the shop may say it in other words, which are quoted."""
_UNSURE = "I can't tell for sure from what the shop says"
"""Of what may be said in words that nobody but a person understands: they are quoted."""
_MAYBE = 0.1
"""Likelihood that a text answers from which it is not said that it does not. Of questions about
products of three shops that were kept out of training, 2 of 248 that the text answers are below
it, and 29 of 158 that it leaves open; below .2 are 7 and 62."""
_NO_MORE = "More than that I can't tell."
"""Of a measure that is asked for, where no quantity is given."""
_OF_NONE = "As far as I can read, the shop does not say it of any of these"
_UNSURE_OF_ALL = f"{_UNSURE} of these"
_STATED = ("price", "rating", "brand", "category")
"""Facts that every product has a place for."""
_PARTS_OF_A_PRICE = frozenset(
    ["shipping", "delivery", "postage", "warranty", "refill", "replacement", "return", "filter",
     "installation", "tax", "subscription", "spare", "extra", "deposit", "assembly"]
)  # fmt: skip
_WHICH = re.compile(r"\bwhich\b|\b(?:is|are|does|do|has|have|can|will) (?:one|some) of\b")
"""Asks for those of several that do, not of each whether it does."""
_MOST_GROUPS, _MOST_NAMED = 5, 2
"""Sentences of an answer about several products, and products of one that are called by title."""
_MOST_WORDS = 3
"""Words of a question that an answer names."""
_SPOKEN = {"fit": "how it fits"}
"""Facts that are called otherwise in a sentence."""


def answer_question(replies: Sequence[DetailsReply], question: ProductQuestion) -> str:
    """The answer about one product or several, in the order of their numbers."""
    if question.topic == "fact" and not is_silent(replies, question):
        said = _answered(replies, question, question.heard)
        mended = _answered(replies, question, question.about)
        return mended if _says_nothing(said) and not _says_nothing(mended) else said
    return _answered(replies, question, question.heard or question.about)


def _answered(replies: Sequence[DetailsReply], question: ProductQuestion, text: str) -> str:
    """The answers to the questions of a text; those that the shop answers come first."""
    topics = topics_of(text)
    topics = [topic for topic in topics if has_content(topic)] or topics[:1]
    answers = [_about_topic(replies, question, topic) for topic in topics]
    known = [each for each in dict.fromkeys(answers) if not _says_nothing(each)]
    unread = [topic for topic, answer in zip(topics, answers, strict=True) if _is_unread(answer)]
    if len(answers) == 1 or not known:
        said = answers[:1]
    else:
        said = [*known, *(each for each in answers if each not in known)]
    return " ".join([*said, *([words_on(replies)] if unread else [])]).strip()


def _is_unread(answer: str) -> bool:
    """Whether an answer is that no sentence was found, or none for sure, which may be for want of
    understanding."""
    said = any(f": {each}" in answer for each in (_UNREAD, _UNSURE))
    return said or answer.startswith((_OF_NONE, _UNSURE_OF_ALL))


def _says_nothing(answer: str) -> bool:
    """Whether an answer is only that the shop does not say it, of all that was asked about."""
    silent = any(f": {each}" in answer for each in (UNSAID, _UNREAD, _UNSURE))
    of_none = answer.startswith((_OF_NONE, _UNSURE_OF_ALL))
    return of_none or (silent and "Numbers" not in answer)


def is_silent(replies: Sequence[DetailsReply], question: ProductQuestion) -> bool:
    """Whether no product says anything of what is asked."""
    if question.topic != "fact":
        return False
    texts = dict.fromkeys((question.heard, question.about))
    topics = [topic for text in texts for topic in topics_of(text)]
    if any(topic.fact in _STATED for topic in topics):
        return False
    return not any(evidence_for(topic, reply) for topic in topics for reply in replies)


def _about_topic(replies: Sequence[DetailsReply], question: ProductQuestion, topic: Topic) -> str:
    if len(replies) == 1:
        return f"{_name(replies[0])}: {_ended(_one(replies[0], question, topic))}"
    if topic.direction and (topic.measure is not None or topic.counted):
        return _ranked(replies, topic)
    several = replace(topic, several=True)
    return _grouped([(reply, _one(reply, question, several)) for reply in replies], topic)


def _one(reply: DetailsReply, question: ProductQuestion, topic: Topic) -> str:
    """What is said of one product, in small letters and without its name."""
    match question.topic:
        case "values":
            return _or_said(values(reply, question.option), reply, question.option)
        case "comes in":
            return _or_said(comes_in(reply, question), reply, "color" * bool(question.colors))
        case "stock":
            return stock(reply)
        case _:
            return _fact(reply, topic)


def _or_said(answer: str, reply: DetailsReply, option: str) -> str:
    """The answer, or what a text says of the color where no fact does."""
    if option != "color" or not answer.startswith(UNSAID):
        return answer
    found = evidence_for(Topic("", fact="color"), reply)
    return answer if found is None else found.statement.quoted


def _fact(reply: DetailsReply, topic: Topic) -> str:
    facts = {name: value for name, value in reply.facts.items() if value}
    leftover = [word for word in topic.words if word in _PARTS_OF_A_PRICE]
    match topic.fact:
        case "price before":
            was, price = facts.get("price before"), facts.get("price")
            if was:
                return f"the shop gives {was} as its price before; now it costs {price}"
            return "the shop does not say that it cost more before"
        case "stock":
            return stock(reply)
        case "gender":
            return _named(facts, ("gender", "age group"), topic, reply)
        case "condition":
            return _named(facts, ("condition",), topic, reply)
        case fact if fact in _STATED and not leftover:
            value = facts.get(fact)
            return f"the {fact} is {value}" if value else f"{UNSAID} its {fact}"
        case ("color" | "material") as fact if not _parts(reply, topic) and fact in facts:
            return f"the shop says {fact}: {facts[fact]}"
        case _:
            found = evidence_for(topic, reply)
            if found is None and topic.words and all(map(COLOR.fullmatch, topic.words)):
                return _other_color(reply, topic)
            return _evident(found, topic, reply)


def _other_color(reply: DetailsReply, topic: Topic) -> str:
    """Of a color that is asked for and not stated: the one that is."""
    stated = reply.facts.get("color")
    if stated:
        return f"{UNSAID}{_about(topic)}; it says color: {stated}"
    found = evidence_for(Topic("", fact="color"), reply)
    if found is None:
        return _unsaid(topic, reply)
    return f"{UNSAID}{_about(topic)}; {found.statement.quoted.replace('the shop', 'it', 1)}"


def _named(
    facts: dict[str, str],
    names: Sequence[str],
    topic: Topic,
    reply: DetailsReply,
) -> str:
    """The facts of these names, else what a text says of the same."""
    stated = [f"{name}: {facts[name]}" for name in names if name in facts]
    if stated:
        return f"the shop says {'; '.join(stated)}"
    return _evident(evidence_for(topic, reply), topic, reply)


def _parts(reply: DetailsReply, topic: Topic) -> list[str]:
    """The words of a question that name a part of the product."""
    kind = {*plain(reply.facts.get("title") or ""), *plain(reply.facts.get("category") or "")}
    named = {"color", "colour", "shade", "material", "fabric", "outer", "main"}
    return [word for word in topic.words if word not in kind | named]


def _evident(found: Evidence | None, topic: Topic, reply: DetailsReply) -> str:
    if found is None:
        return _unsaid(topic, reply)
    quoted = found.statement.quoted
    if found.statement.label == "title" and found.quantity is not None:
        quoted = f"the shop gives {found.quantity.said} in its name"
    match found.sureness:
        case "yes" | "no":
            return f"{found.sureness}, {quoted}"
        case "near" | "alike":
            vague = topic.measure is not None and not answers(found.statement.text, topic.measure)
            near = f"nearest to that, {quoted}"  # who reads it sees whether it answers
            return f"{_ended(near)} {_NO_MORE}" if vague else near
        case _:
            return quoted


def _unsaid(topic: Topic, reply: DetailsReply) -> str:
    if topic.measure is not None and topic.measure.name and not topic.words:
        return f"{_UNREAD} {topic.measure.name}"
    if topic.fact in _SPOKEN:
        return f"{_UNREAD} {_SPOKEN[topic.fact]}"
    maybe = sum(near.likelihood for near in reply.nearest) >= _MAYBE
    return f"{_UNSURE if maybe else _UNREAD}{_about(topic)}"


def _about(topic: Topic) -> str:
    """What a question is about, in brackets, where its words stand together in it; else ""."""
    about = " ".join(topic.words) or topic.fact
    said = " ".join(map(singular, words_of(topic.text.replace("-", " "))))
    together = len(topic.words) <= _MOST_WORDS and f" {about} " in f" {said} "
    return f" ({about})" if about and (together or not topic.words) else ""


def _ranked(replies: Sequence[DetailsReply], topic: Topic) -> str:
    """The products in the order of a quantity, those without it named apart."""
    kin = _alike(replies)
    found = [(reply, evidence_for(topic, reply)) for reply in kin]
    measured = [
        (reply, evidence, amount)
        for reply, evidence in found
        if evidence is not None and (amount := evidence.amount) is not None
    ]
    if not measured:
        whole = [(reply, _evident(evidence_for(topic, reply), topic, reply)) for reply in replies]
        return _grouped(whole, topic)
    kinds = [quantity.dimension for _, _, quantity in measured]
    kind = max(dict.fromkeys(kinds), key=kinds.count)
    alike = [each for each in measured if each[2].dimension == kind]
    alike.sort(key=lambda each: -topic.direction * each[2].value)
    best = alike[0][2].value
    first = [(r, e, q) for r, e, q in alike if q.value == best]
    names = _and([_name(r, small=place > 0) for place, (r, _, _) in enumerate(first)])
    which = "has" if len(first) == 1 else "have"
    most = "the most" if topic.direction > 0 else "the least"
    parts = [f"{names} {which} {most}: {first[0][2].said}."]
    rest = alike[len(first) :]
    if rest:
        listed = "; ".join(f"number {r.number}, {q.said}" for r, _, q in rest)
        parts.append(f"Then {listed}.")
    elif len(first) > 1:
        parts.append("They are the same in that.")
    known = {r.number for r, _, _ in alike}
    unknown = [reply.number for reply in kin if reply.number not in known]
    if unknown:
        parts.append(f"{_begun(_UNREAD)} it of {_numbers(unknown)}.")
    quoted = first[0][1].statement
    if quoted.label == "":
        parts.insert(1, f"{_ended(_begun(quoted.quoted))}")
    return " ".join(parts)


def _alike(replies: Sequence[DetailsReply]) -> list[DetailsReply]:
    """The products of the first one's category, where it is not alone: a list goes on with others
    that do not compare."""
    of_kind = [r for r in replies if r.facts.get("category") == replies[0].facts.get("category")]
    return of_kind if len(of_kind) > 1 else list(replies)


def _grouped(said: Sequence[tuple[DetailsReply, str]], topic: Topic) -> str:
    """One sentence for each thing that is said, with the numbers that it is said of."""
    groups: dict[str, list[DetailsReply]] = {}
    for reply, text in said:
        groups.setdefault(text, []).append(reply)
    unsaid = [
        text for text in groups if text.startswith((UNSAID, _UNREAD, _UNSURE)) and ";" not in text
    ]
    unsure = [r.number for text in unsaid if text.startswith(_UNSURE) for r in groups.pop(text)]
    silent = [r.number for text in unsaid if text in groups for r in groups.pop(text)]
    named = _about(topic)
    if not groups:
        if unsure:
            return f"{_UNSURE_OF_ALL}{named}."
        flat = not any(text.startswith(_UNREAD) for text in unsaid)
        return f"{_begun(UNSAID)} it of any of these{named}." if flat else f"{_OF_NONE}{named}."
    parts = []
    for text, replies in list(groups.items())[:_MOST_GROUPS]:
        if len(replies) <= _MOST_NAMED:
            who = _and([_name(reply, small=place > 0) for place, reply in enumerate(replies)])
        else:
            who = _numbers([reply.number for reply in replies])
        parts.append(f"{_begun(who)}: {_ended(text)}")
    left = [r.number for replies in list(groups.values())[_MOST_GROUPS:] for r in replies]
    if left:
        parts.append(f"It says something else of {_numbers(left)}: ask me about one of them.")
    if _WHICH.search(topic.text):
        return " ".join(parts)
    if unsure:
        parts.append(f"{_UNSURE} of {_numbers(unsure)}{named}.")
    if silent:
        unread = any(text.startswith(_UNREAD) for text in unsaid)
        parts.append(f"{_begun(_UNREAD if unread else UNSAID)} it of {_numbers(silent)}{named}.")
    return " ".join(parts)


def _name(reply: DetailsReply, *, small: bool = False) -> str:
    return f"{'number' if small else 'Number'} {reply.number}, {reply.facts['title']}"


def _begun(text: str) -> str:
    return text[0].upper() + text[1:]


def _numbers(numbers: Sequence[int]) -> str:
    return f"number{'s' if len(numbers) > 1 else ''} {_and([str(number) for number in numbers])}"


def _and(names: Sequence[str]) -> str:
    return " and ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else "".join(names)


def _ended(text: str) -> str:
    """The text with a full stop, unless a quotation has it."""
    return text if text.endswith((".", "!", "?", ".”", "!”", "?”", "…”")) else f"{text}."
