"""The order of candidates by what a shopper said as a whole, learned from conversations.

`wish_rank` goes by the words that a message was read as. Here the message itself is compared with
each product, with the one before it and with the words of the search: token by token (MaxSim of
ColBERT, Khattab and Zaharia 2020, over the vectors that the text model gives), as a whole, and by
full text. How much each token and each comparison counts, and what they mean together, was learned
on turns whose right products are known: `assistant/ranking_training.py` does it, and
`tools/search/README.md` has the figures.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load_file

from tools.catalogue.options import option_named
from tools.errors import ModelError
from tools.index.stemming import search_terms
from tools.search.exclusions import colors_in, says
from tools.search.quantities import quantities_in, unmet
from tools.search.token_store import SCALE, Codes
from tools.search.wish_rank import how_much_kind, kind_wanted, terms_of
from tools.search.wish_words import parts_of
from tools.text import fold

if TYPE_CHECKING:
    from tools.product import Product, Query

FloatArray = NDArray[np.float32]
WEIGHTS = Path(__file__).with_name("learned_rank.safetensors")
FEATURES = (
    "rank", "first", "listed", "kind",
    "said", "asked", "context",
    "said in title", "said in text", "asked in title",
    "older in text", "same kind", "called so", "amounts", "color",
    "denied", "for children", "children's",
    "like first shown", "first shown", "shown",
    "kind kept", "like kept",
)  # fmt: skip
"""What is known of a candidate besides its tokens; see `compare`."""
SEGMENTS = ("said", "before", "asked", "older")
"""The texts whose tokens are compared: the message, the one before, and the words of the search,
the newest part and what is older."""
_MOST_TERMS, _LONG = 60, 20
"""Words of a message that are looked for, and tokens of a long one."""
_CHILD = re.compile(
    r"\b(?:kid|child|toddler|bab(?:y|ie)|infant|newborn|(?:grand)?(?:son|daughter)|boy(?!friend)|"
    r"girl(?!friend)|niece|nephew|little one|pupil|teen(?:ager)?)(?:s|ren)?\b|"
    r"\b(?:\d+|two|three|four|five|six|seven|eight|nine|ten)(?: |-)?(?:years?|months?)(?: |-)old",
    re.IGNORECASE,
)
"""Speaks of a child."""
_CHILDREN = re.compile(
    r"\b(?:kids?|child(?:ren)?|toddlers?|bab(?:y|ies)|infants?|juniors?|youth|boys?|girls?)\b",
    re.IGNORECASE,
)
"""Is made for children."""
_LIMITS = frozenset(
    search_terms(
        "under below above over less more cheaper cheap most least max maximum at only now then ok "
        "dollars dollar euros euro pounds pound usd eur gbp bucks quid price budget cost costs "
        "expensive limit too much no thanks thank"
    ).split()
)
_SAYS_NOTHING = _LIMITS | frozenset(
    search_terms(
        "very nice great lovely perfect prefer should would like want spend pay paying go going "
        "good fine okay sure please though actually hmm really instead one ones something anything "
        "same just yes show see get make take thing things it's i'd i'm don't can't"
    ).split()
)
"""Words that speak of no thing, those of limits among them."""
_CLAUSES = re.compile(r"(?<=[,.;!?|]) | (?=(?:and|but|so)\b)")
"""Where a text of single spaces is cut."""
_JOIN = re.compile(r"^(?:and|but|so) ")
_REFUSES = re.compile(
    r"\b(?:don'?t|doesn'?t|hates?|never|isn'?t|aren'?t|avoids?|allergic|can'?t)\b", re.IGNORECASE
)
"""A clause with these is about what is not wanted from its beginning."""
_WITHOUT = re.compile(
    r"\b(?:no|not|without|nothing|anything but|except|instead of|rather than|less|nor)\b",
    re.IGNORECASE,
)
"""What is not wanted stands behind these."""
LEAST_SPREAD = 1e-12
"""Variance that equal values are taken to have."""
TURN_FEATURES = ("follows", "length", "older", "kind", "other kind")
"""What is known of a turn, whichever the candidate; see `about_turn`."""
N_HIDDEN, N_INPUTS = 16, len(FEATURES) + 1 + len(SEGMENTS) + len(TURN_FEATURES)
"""Units of the hidden layer, and its inputs: the features, how near all tokens come and those of
each segment, and what is known of the turn."""
BEYOND = 1.0
"""How much likelier a product outside a category has to be than those within, where the category is
let go of."""


@dataclass(frozen=True, slots=True)
class Compared:
    """Candidates beside what was said."""

    ids: tuple[str, ...]
    features: FloatArray
    """(candidates, FEATURES)."""
    tokens: Mapping[str, tuple[FloatArray, FloatArray]]
    """By segment: the vectors of its tokens (tokens, n), and how near each candidate's nearest
    token comes to each (tokens, candidates)."""
    follows: bool
    """Whether a message went before."""
    other_kind: float
    """How likely this one goes over to another kind of thing, 0 to 1."""


@dataclass(frozen=True, slots=True)
class RankWeights:
    """What was learned: a linear part, apart for a first message and for one that follows, and a
    hidden layer for both."""

    features: FloatArray
    """(2, FEATURES)."""
    tokens: FloatArray
    """(2, SEGMENTS, n): a token counts the softplus of its product with this, plus `bias`."""
    bias: FloatArray
    """(2, SEGMENTS)."""
    gain: FloatArray
    """(2,): how much the tokens count beside the features."""
    hidden: FloatArray
    """(N_HIDDEN, 1 + N_INPUTS): the bias of each unit, and its weights."""
    output: FloatArray
    """(N_HIDDEN,): how much the hyperbolic tangent of each unit counts."""


@cache
def load_weights(path: Path = WEIGHTS) -> RankWeights:
    """The weights that ship with Pounce. Raises ModelError where they are missing or damaged."""
    try:
        found = load_file(path)
        return RankWeights(
            **{name: found[name].astype(np.float32) for name in RankWeights.__annotations__}
        )
    except (OSError, SafetensorError, KeyError) as error:
        raise ModelError(f"{path.name} cannot be read: install Pounce again.") from error


def texts_of(query: Query) -> dict[str, str]:
    """The text of each segment; "" for one that a query lacks, of which "said" never is."""
    spoken = query.spoken
    asked, *older = parts_of(query.text) or [""]
    said = _wanted(spoken.said, query.filters.exclude_words)
    if not _tells(said):
        said = spoken.before or query.text
    return {
        "said": said,
        "before": spoken.before,
        "asked": asked or said,
        "older": " ".join(older),
    }


def says_filters_alone(query: Query) -> bool:
    """Whether all that was said are the names that a search filters by, limits aside, and one word
    for the thing: "a gray cap" among gray hats. Nothing of it tells one product from another."""
    filters, said = query.filters, query.spoken.said
    values = (option_named(option)[1] for option in filters.options)
    colors = (*filters.colors, *colors_in(said)) if filters.colors else ()
    names = search_terms(" ".join((*filters.categories, *colors, *filters.brands, *values)))
    words = search_terms(query.text).split()
    known = {*names.split(), *(words if len(words) == 1 else ()), *_LIMITS}
    told = (*search_terms(said).split(), *words)
    return bool(filters.categories) and all(t in known or not t.isalpha() for t in told)


def context_of(texts: Mapping[str, str], vectors: Mapping[str, FloatArray]) -> FloatArray:
    """(n,): the unit vector halfway between a message and the one before."""
    both: FloatArray = vectors[texts["said"]][0].copy()
    if texts["before"]:
        both += vectors[texts["before"]][0]
    both /= np.float32(np.linalg.norm(both) + 1e-9)
    return both


def compare(
    query: Query,
    products: Sequence[Product],
    codes: Mapping[str, Codes],
    listed: Sequence[str],
    vectors: Mapping[str, FloatArray],
    kinds: Collection[str] = (),
    *,
    other_kind: float,
) -> Compared:
    """The products that have codes beside what was said.

    `listed` are the ids that the search gives, the best first, as far as they are known; `vectors`
    are those of each of `texts_of`, see `Embedder.token_vectors`; `kinds` are what the shop calls
    products; `other_kind` is how likely the message goes over to another kind of thing.
    """
    spoken, known = query.spoken, [product for product in products if product.id in codes]
    texts = texts_of(query)
    said = texts["said"]

    wholes = np.stack([codes[p.id][0] for p in known]).astype(np.float32) / np.float32(SCALE)
    tokens = np.concatenate([codes[p.id][1:] for p in known]).astype(np.float32) / np.float32(SCALE)
    counts = [len(codes[p.id]) - 1 for p in known]
    starts = np.cumsum([0, *counts[:-1]])

    places = {each: place for place, each in enumerate(listed)}
    ranks = np.array([places.get(p.id, -1) for p in known])
    categories, colors = query.filters.categories, set(map(fold, query.filters.colors))
    kind, _ = kind_wanted(query.text, kinds)
    measured = [each for each in quantities_in(said) if each.dimension]
    amounts = list(dict.fromkeys((*quantities_in(query.text), *measured)))
    young = _CHILD.search(" ".join(texts.values())) is not None
    for_young = [_CHILDREN.search(f"{p.title} {p.description}") is not None for p in known]
    titles = [terms_of(" ".join((p.title, p.color, *p.category[-1:]))) for p in known]
    denied = [_denied(p, said) for p in known]
    described = [
        title | (terms_of(p.description) - lacked)
        for title, p, lacked in zip(titles, known, denied, strict=True)
    ]
    like_first = _likeness(wholes, vectors.get(next(iter(spoken.shown), "")))
    same_kind = np.array([bool(spoken.kind) and spoken.kind in p.category for p in known])
    columns = {
        "rank": np.where(ranks < 0, 0.0, 1 / np.maximum(1 + ranks, 1)),
        "first": ranks == 0,
        "listed": ranks >= 0,
        "kind": [_is_of(p, categories) for p in known],
        "said": _standard(wholes @ vectors[said][0]),
        "asked": _standard(wholes @ vectors[texts["asked"]][0]),
        "context": _standard(wholes @ context_of(texts, vectors)),
        "said in title": _share(said, titles),
        "said in text": _share(said, described),
        "asked in title": _share(texts["asked"], titles),
        "older in text": _share(texts["older"], described),
        "called so": [how_much_kind(p, kind) if kind else 0.0 for p in known],
        "amounts": [len(amounts) - len(unmet(amounts, p)) for p in known],
        "color": [fold(p.color) in colors for p in known],
        "denied": _share(said, denied, described),
        "for children": [young and each for each in for_young],
        "children's": [not young and each for each in for_young],
        "like first shown": like_first,
        "first shown": [p.title in spoken.shown[:1] for p in known],
        "shown": [p.title in spoken.shown for p in known],
        "same kind": same_kind,
        "kind kept": same_kind * (1 - other_kind),
        "like kept": like_first * (1 - other_kind),
    }
    features = np.stack([np.asarray(columns[name], np.float32) for name in FEATURES], axis=1)
    met: dict[str, tuple[FloatArray, FloatArray]] = {}
    for text in filter(None, texts.values()):
        if text not in met and len(own := vectors[text][1:]):
            unit = own / np.maximum(np.linalg.norm(own, axis=1, keepdims=True), 1e-9)
            met[text] = own, np.maximum.reduceat(unit @ tokens.T, starts, axis=1)
    near = {name: met[text] for name, text in texts.items() if text in met}
    return Compared(tuple(p.id for p in known), features, near, bool(spoken.before), other_kind)


def scores(compared: Compared, weights: RankWeights) -> dict[str, float]:
    """How likely each candidate is what was meant, by id; comparable inside one search only."""
    turn = int(compared.follows)
    matched = np.zeros((len(SEGMENTS), len(compared.ids)), np.float32)
    for name, (own, near) in compared.tokens.items():
        place = SEGMENTS.index(name)
        counts = _softplus(own @ weights.tokens[turn, place] + weights.bias[turn, place])
        matched[place] = counts @ near
    nearest = _standard(matched.sum(0))
    tokens = np.stack([nearest, *map(_standard, matched)], axis=1)
    told = np.tile(np.array(about_turn(compared), np.float32), (len(compared.ids), 1))
    inputs = np.concatenate([compared.features, tokens, told], axis=1)
    units = np.tanh(inputs @ weights.hidden[:, 1:].T + weights.hidden[:, 0])
    score = compared.features @ weights.features[turn] + weights.gain[turn] * nearest
    score = score + units @ weights.output
    return dict(zip(compared.ids, score.tolist(), strict=True))


def about_turn(compared: Compared) -> tuple[float, ...]:
    """TURN_FEATURES: whether a message went before, how long this one is, whether words of before
    are searched for too, whether any candidate is of the categories asked for, and how likely
    another kind of thing is wanted than before."""
    said = compared.tokens.get("said")
    return (
        float(compared.follows),
        0.0 if said is None else len(said[0]) / _LONG,
        float("older" in compared.tokens),
        float(compared.features[:, FEATURES.index("kind")].max()),
        compared.other_kind,
    )


def _tells(said: str) -> bool:
    """Whether a message names a thing, beyond limits and courtesies: "under 60" does not."""
    return any(term.isalpha() and term not in _SAYS_NOTHING for term in search_terms(said).split())


def _wanted(said: str, unwanted: Sequence[str]) -> str:
    """A message without what it says of things that are not wanted: "the blue one, but no stripes"
    speaks of stripes, which are left out by the filters."""
    terms = set(search_terms(" ".join(unwanted)).split())
    if not terms:
        return said
    kept = []
    for clause in _CLAUSES.split(" ".join(said.split())):
        match = _REFUSES.search(clause) or _WITHOUT.search(clause)
        if match is None or not terms.intersection(search_terms(clause).split()):
            kept.append(clause)
        elif match.re is _WITHOUT and _tells(_JOIN.sub("", clause[: match.start()])):
            kept.append(clause[: match.start()].strip())
    return " ".join(kept).strip()


def _likeness(wholes: FloatArray, led: FloatArray | None) -> FloatArray:
    """How like each is to the title of what the newest list begins with."""
    return np.zeros(len(wholes), np.float32) if led is None else _standard(wholes @ led[0])


def _is_of(product: Product, categories: Collection[str]) -> bool:
    names = {*product.category, " > ".join(product.category), *product.more_categories}
    return not names.isdisjoint(categories)


def _standard(values: NDArray[np.floating]) -> FloatArray:
    """The values as distances from their mean, in standard deviations."""
    found: FloatArray = (values - values.mean()) / np.sqrt(values.var() + LEAST_SPREAD)
    return found


def _softplus(values: FloatArray) -> FloatArray:
    found: FloatArray = np.logaddexp(0, values)
    return found


def _denied(product: Product, said: str) -> frozenset[str]:
    """The words that a description has and means to lack: "no rain cover"."""
    there = terms_of(said) & terms_of(product.description)
    return frozenset(term for term in there if not says(product.description, term))


def _share(
    said: str, texts: Sequence[Collection[str]], among: Sequence[Collection[str]] | None = None
) -> list[float]:
    """How much of the words each text has, those that few of `among` have counting more."""
    terms = list(dict.fromkeys(search_terms(said).split()))[:_MOST_TERMS]
    frequent = Counter(term for text in among or texts for term in terms if term in text)
    worth = {t: math.log(1 + len(texts) / (0.5 + frequent[t])) for t in terms if frequent[t]}
    whole = sum(worth.values()) or 1.0
    return [sum(value for term, value in worth.items() if term in text) / whole for text in texts]
