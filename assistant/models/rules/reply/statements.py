"""What the shop states of a product, cut into statements that can be quoted one by one.

Not covered: a fact that a text says over several sentences.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from assistant.models.rules.lexicon.quantities import Quantity, quantities
from assistant.models.rules.lexicon.text import words_of
from tools.search.replies import DetailsReply
from tools.search.statements import clauses_of, sentences_of
from tools.text import singular

OWN_TABLE = ("title", "description", "link", "price", "rating", "category", "tags", "variants",
             "availability", "price before", "unit price")  # fmt: skip
"""Facts that are answered by their own names alone."""
_HYPHENED = re.compile(r"\b[a-z]+-[a-z]+\b")
_QUOTED_MOST = 300
"""Characters of a sentence in an answer."""


Sureness = Literal["yes", "no", "said", "near", "alike"]


@dataclass(frozen=True, slots=True)
class Clause:
    """A part of a statement, with its words in the singular, in order."""

    text: str
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Statement:
    """A sentence of the description, the title, or a fact under the shop's own name."""

    text: str
    """Whole, as the shop has it; of a fact the value alone."""
    label: str = ""
    """The name of a fact; "title", or "" for a sentence."""
    clauses: tuple[Clause, ...] = ()

    @property
    def words(self) -> frozenset[str]:
        """All words in the singular, those of the label too."""
        said = frozenset(word for clause in self.clauses for word in clause.words)
        return said if self.label in ("", "title") else said | set(plain(self.label))

    @property
    def quoted(self) -> str:
        """As an answer quotes it: "the shop says …"."""
        if self.label == "title":
            return f"the shop calls it “{self.text}”"
        if self.label:
            return f"the shop says {self.label}: {self.text}"
        text = self.text if len(self.text) <= _QUOTED_MOST else f"{self.text[:_QUOTED_MOST]}…"
        return f"the shop says: “{text}”"

    def quantities(self) -> Iterator[tuple[Quantity, Clause]]:
        """The quantities in it, each with the clause that it stands in."""
        for clause in self.clauses:
            yield from ((quantity, clause) for quantity in quantities(clause.text))


def statements_of(reply: DetailsReply) -> list[Statement]:
    """The statements of a product: its own facts, the sentences, the title."""
    facts: Mapping[str, str | None] = reply.facts
    stated = [
        _statement(str(value), name)
        for name, value in facts.items()
        if value and name not in OWN_TABLE
    ]
    stated += [_statement(each) for each in sentences_of(facts.get("description") or "")]
    return [*stated, _statement(facts.get("title") or "", "title")]


def plain(text: str) -> tuple[str, ...]:
    """The words of a text in the singular; "wi-fi" is "wi", "fi" and "wifi"."""
    lower = re.sub(r"['’]s\b", "", text.lower().replace("’", "'"))
    joined = [match[0].replace("-", "") for match in _HYPHENED.finditer(lower)]
    return tuple(singular(word) for word in (*words_of(lower), *joined) if word != "|")


def _statement(text: str, label: str = "") -> Statement:
    return Statement(text, label, tuple(Clause(part, plain(part)) for part in clauses_of(text)))


class Amount(NamedTuple):
    """A quantity in base units, or how many there are."""

    value: float
    said: str
    dimension: str = ""


@dataclass(frozen=True, slots=True)
class Evidence:
    """The statement that answers, and how."""

    statement: Statement
    sureness: Sureness
    """"yes" and "no" for a question that is answered so; "near" where words or a quantity
    answer it in part, "alike" where only the meaning is near."""
    quantity: Quantity | None = None
    number: float | None = None
    """A number of things, for "how many"."""

    @property
    def amount(self) -> Amount | None:
        """What products are ordered by: the quantity, else the number."""
        if self.quantity is not None:
            return Amount(self.quantity.value, self.quantity.said, self.quantity.dimension)
        return None if self.number is None else Amount(self.number, f"{self.number:g}")


def first_with(statements: Sequence[Statement], pattern: re.Pattern[str]) -> Evidence | None:
    """The first statement that has what a pattern says."""
    said = (each for each in statements if pattern.search(f"{each.label}: {each.text}"))
    found = next(said, None)
    return None if found is None else Evidence(found, "said")
