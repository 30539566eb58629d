"""Labelled queries through a shop's own search, one after the other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from tools.catalogue.vocabulary import Vocabulary
from tools.errors import PhotoError, RequestError
from tools.evaluate.inputs.constraints import resolve_constraints, violates
from tools.evaluate.inputs.labels import SHOWN, Answer, LabelledQuery, SkippedRow
from tools.evaluate.progress import CountCallback
from tools.product import Filters, Product, Query
from tools.search.list_weights import Weights
from tools.search.shop import Shop


@dataclass(frozen=True, slots=True)
class SearchRun:
    """The answers of a search to labelled queries, and what could not be used."""

    answers: tuple[Answer, ...]
    unusable: tuple[SkippedRow, ...]
    unknown_names: Mapping[str, int]
    """Names of filters that the catalogue does not know, such as "color mauve", with how many
    queries had them in their words instead."""
    unknown_ids: tuple[str, ...]
    """Relevant products that the catalogue does not have; they count as not found."""


def run_queries(
    shop: Shop,
    queries: Sequence[LabelledQuery],
    facts: Mapping[str, Product],
    vocabulary: Vocabulary,
    *,
    filters: bool = True,
    on_progress: CountCallback = lambda *_: None,
) -> SearchRun:
    """Searches as the chat does: filters in the catalogue's own names, unknown ones as words.

    `facts` and `vocabulary` are those of the whole products, whatever of them the shop may see;
    constraints are checked on these. Without `filters` the search is not told of any.
    """
    answers: list[Answer] = []
    unusable: list[SkippedRow] = []
    names: Counter[str] = Counter()
    for done, labelled in enumerate(queries, start=1):
        stated = resolve_constraints(labelled.stated, vocabulary).filters
        asked = resolve_constraints(labelled.stated, shop.vocabulary) if filters else None
        missed = asked.unknown if asked else ()
        limits = asked.filters if asked else Filters()
        # What no filter knows is said in words, as the chat does; a search needs some words.
        words = " ".join([*(miss.name for miss in missed), labelled.text]).strip()
        if not words and not labelled.photo and not labelled.reference:
            words = " ".join((*limits.colors, *limits.brands, *limits.categories))
        try:
            query = Query(
                text=words,
                photo=labelled.photo() if labelled.photo else None,
                like=labelled.reference or None,
                filters=replace(limits, exclude_ids=labelled.exclude),
            )
            result = shop.search(query, SHOWN)
        except (RequestError, PhotoError) as error:
            unusable.append(SkippedRow(labelled.qid, str(error)))
            continue
        finally:
            on_progress(done, len(queries))
        names.update(f"{miss.field} {miss.name}" for miss in missed)
        ids = tuple(match.product.id for match in result.matches)
        answers.append(
            Answer(
                query=labelled,
                ids=ids,
                broken=frozenset(
                    match.product.id
                    for match in result.matches
                    if match.product.id in labelled.violations
                    or violates(facts.get(match.product.id, match.product), stated)
                ),
                constrained=bool(labelled.violations) or stated != Filters(),
                timings_ms=result.timings_ms,
                matches=result.matches,
            )
        )
    relevant = {identity for answer in answers for identity in answer.query.relevant}
    unknown = tuple(sorted(relevant - facts.keys()))
    return SearchRun(tuple(answers), tuple(unusable), dict(names.most_common()), unknown)


def check_searchable(weights: Weights, queries: Sequence[LabelledQuery]) -> None:
    """Raises RequestError where the lists that are left can't find what some query asks for."""
    said = {"words": "words alone", "photo": "a picture alone", "both": "a picture with words"}
    for query in queries:
        leans = bool(query.photo or query.reference)
        kind = "words" if not leans else "both" if query.text else "photo"
        if kind not in weights:
            raise RequestError(
                f"Of the lists named with --lists, none searches by {said[kind]}, as "
                f"{query.qid!r} asks. Name `{'words' if kind == 'words' else 'picture'}` as well."
            )
