"""Dialogues made from a catalogue's own words: a kind, a color, a price limit, another color.

The turns are worded as shoppers speak, often unlike the catalogue: the last level of a path in the
singular, "hoodies" for "Hoodies & Sweatshirts", "women's dresses" for two levels, "lamps" for
"Table Lamps". A form that could mean another category as well is left out, so that each turn has
one right answer. Not covered: misspelt words, and words that the catalogue has in no form.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_CEILING, Decimal
from random import Random

from tools.catalogue.colors import BASE, plain_color
from tools.catalogue.vocabulary import LEVELS, Vocabulary
from tools.errors import SetupError
from tools.evaluate.inputs.constraints import violates
from tools.evaluate.inputs.labels import NO_LIMIT, Dialogue, DialogueTurn
from tools.money import to_decimal, to_minor
from tools.product import Filters, Product
from tools.text import fold

_PEOPLE = {
    "women": "women's", "woman": "women's", "ladies": "ladies'", "men": "men's", "man": "men's",
    "kids": "kids'", "children": "children's", "girls": "girls'", "boys": "boys'", "baby": "baby",
    "babies": "baby",
}  # fmt: skip
"""Levels that name people, and their possessive before a thing."""
_PAIRS = (
    "headphones", "earphones", "trousers", "pants", "jeans", "shorts", "leggings", "tights",
    "glasses", "sunglasses", "scissors", "pyjamas", "pajamas", "boots", "shoes", "sneakers",
    "trainers", "sandals", "slippers", "socks", "gloves",
)  # fmt: skip
_TOO_WIDE = (
    "accessories", "goods", "gear", "items", "products", "equipment", "supplies", "things", "stuff",
    "coverings", "textiles", "essentials", "care", "wear",
)  # fmt: skip
"""Last words of a name that are too general without the first."""

_KIND = (
    "{many}", "I'm looking for {one}", "show me {many}", "do you have any {many}?", "{Many} please",
    "hi, I need {one}", "can you show me your {many}", "i want to buy {one}", "any nice {many}?",
    "looking for {many}", "I'd like to see some {many}", "got {many}?", "Hi! Do you sell {many}?",
    "need {one} asap", "what {many} do you have", "find me {one} pls", "I am after {one}",
    "could you help me find {one}?", "we need {many} for our new place", "{one}",
    "what have you got in {many}?", "browsing for {many}", "let me see {many}",
)  # fmt: skip
_COLOR = (
    "in {color}", "{color} ones please", "{color}", "I'd like it in {color}", "only {color} ones",
    "do you have it in {color}?", "show me the {color} ones", "make it {color}", "{color} pls",
    "can I see {color}?", "preferably {color}", "it should be {color}", "ideally in {color}",
    "anything in {color}?", "just the {color} ones", "{color} would be nice", "must be {color}",
    "are there any {color} ones?", "I want {color}", "my favourite color is {color}",
)  # fmt: skip
_LIMIT = (
    "under {price}", "max {price}", "less than {price} please", "not more than {price}",
    "my budget is {price}", "up to {price}", "below {price}", "I can spend {price} at most",
    "{price} or less", "nothing over {price}", "cheaper than {price}", "no more than {price} tops",
    "I don't want to spend more than {price}", "within {price}", "{price} max", "under {price} pls",
    "it should cost less than {price}", "keep it under {price}", "for {price} or less",
    "i only have {price}", "can we stay below {price}?", "at most {price}",
)  # fmt: skip
_CHANGE = (
    "actually in {color}", "make it {color} instead", "do you have it in {color}?",
    "what about {color}?", "hmm, rather {color}", "and in {color}?", "how about {color} ones",
    "I changed my mind, {color} please", "{color} instead", "sorry, I meant {color}",
    "now show me {color} ones", "the same in {color}", "ok, then {color}", "could it be {color}?",
    "switch to {color}", "no wait, {color}", "maybe {color} is better", "let's try {color}",
    "are there {color} ones too?", "actually I'd prefer {color}",
)  # fmt: skip
_FEWEST = 2
"""Products of a kind that a dialogue is about."""


@dataclass(frozen=True, slots=True)
class _Kind:
    """A category, its spoken forms, and its products."""

    name: str
    """As a filter names it."""
    spoken: tuple[str, ...]
    """In the plural, as far as the catalogue has one."""
    products: tuple[Product, ...]


def make_dialogues(
    facts: Mapping[str, Product], vocabulary: Vocabulary, count: int, *, seed: int = 0
) -> list[Dialogue]:
    """So many dialogues of four turns, the same for the same catalogue and seed.

    Every kind comes up as often as any other. Raises SetupError for a catalogue without
    categories, prices or two colors.
    """
    kinds = list(_kinds(list(facts.values()), vocabulary))
    if not kinds:
        lacking = [n for n in vocabulary.lacking if n in ("categories", "colors", "prices")]
        why = f"no {' and no '.join(lacking)}" if lacking else "no category with two colors"
        raise SetupError(
            f"Dialogues of kind, color, price and another color cannot be made: this catalogue has "
            f"{why}. Name a file of dialogues of your own instead."
        )
    rng = Random(f"{seed} dialogues")
    rng.shuffle(kinds)
    return [
        _dialogue(f"made-{number + 1}", kinds[number % len(kinds)], facts, vocabulary, rng)
        for number in range(count)
    ]


def _kinds(products: Sequence[Product], vocabulary: Vocabulary) -> Iterator[_Kind]:
    if vocabulary.min_price is None:
        return
    for path in vocabulary.paths:
        levels = path.split(LEVELS)
        last = levels[-1]
        folded = [fold(last)]
        name = last
        people = next((level for level in levels[:-1] if fold(level) in _PEOPLE), None)
        same = [other for other in vocabulary.paths if fold(last) in map(fold, other.split(LEVELS))]
        spoken = _spoken(last, vocabulary)
        if people is not None:
            # There may be dresses for girls as well: the whole name says which.
            said = _PEOPLE[fold(people)]
            spoken = [f"{said} {form}" for form in spoken]
            name, folded = LEVELS.join((people, last)), [fold(people), fold(last)]
        elif len(same) > 1:
            same = [other for other in same if fold(other.split(LEVELS)[-1]) != fold(last)]
            if same:  # a level above others: only some of what it holds
                continue
        on = tuple(p for p in products if set(folded) <= set(map(fold, p.category)))
        colors = {plain_color(p.color) for p in on if p.color}
        priced = [p for p in on if p.price_minor is not None]
        if spoken and len(colors) > 1 and len(priced) >= _FEWEST:
            yield _Kind(name, tuple(spoken), on)


def _spoken(level: str, vocabulary: Vocabulary) -> list[str]:
    """Spoken forms of a level: the whole, a part, its last word, if no other level matches them."""
    parts = [part.strip() for part in re.split(r"\s*(?:&|/|,|\band\b)\s*", level) if part.strip()]
    forms = [level, *parts]
    words = re.findall(r"[^\W_]+(?:['-][^\W_]+)*", level)
    if len(parts) == 1 and len(words) > 1 and words[-1].casefold() not in _TOO_WIDE:
        forms.append(words[-1])
    others = [fold(name) for name in vocabulary.categories if fold(name) != fold(level)]
    alone = [
        form
        for form in dict.fromkeys(forms)
        if len(form) > 2
        and not any(f" {_one(fold(form))} " in f" {_one(other)} " for other in others)
        and not any(_one(fold(form)) in map(_one, re.findall(r"[\w'-]+", o)) for o in others)
    ]
    return [form if form.isupper() else form.lower() for form in alone]


def _dialogue(
    did: str,
    kind: _Kind,
    facts: Mapping[str, Product],
    vocabulary: Vocabulary,
    rng: Random,
) -> Dialogue:
    spoken = rng.choice(kind.spoken)
    first, second = _two_colors(kind.products, rng)
    limit = _limit(kind.products, vocabulary.currency, rng)
    amount, price = _amount(limit, vocabulary.currency, rng), to_minor(limit, vocabulary.currency)
    wanted = [Filters(categories=(kind.name,))]
    wanted.append(replace(wanted[0], colors=_holding(first, vocabulary)))
    wanted.append(replace(wanted[1], max_price=price))
    wanted.append(replace(wanted[2], colors=_holding(second, vocabulary)))
    said = (
        _filled(rng.choice(_KIND), spoken),
        rng.choice(_COLOR).format(color=first),
        rng.choice(_LIMIT).format(price=amount),
        rng.choice(_CHANGE).format(color=second),
    )
    currency = vocabulary.currency
    turns = []
    for user, each in zip(said, wanted, strict=True):
        whole = replace(each, currency=currency)
        bound = Filters(max_price=each.max_price, currency=currency)
        fit = frozenset(i for i, product in facts.items() if not violates(product, whole))
        turns.append(
            DialogueTurn(user, fit, bound if each.max_price is not None else NO_LIMIT, each)
        )
    return Dialogue(did, tuple(turns))


def _filled(template: str, spoken: str) -> str:
    one = _one(spoken)
    article = "some" if one == spoken else "an" if one[0] in "aeiou" else "a"
    one = f"{article} {one}"
    return template.format(many=spoken, Many=spoken[:1].upper() + spoken[1:], one=one)


def _one(name: str) -> str:
    """The singular of the last word; the name itself where it has none."""
    start, _, last = name.rpartition(" ")
    if last in _PAIRS or not last.endswith("s") or last.endswith(("ss", "us", "is", "'s")):
        return name
    if last.endswith("ies") and last not in ("hoodies", "ties", "beanies", "onesies", "movies"):
        last = f"{last[:-3]}y"
    elif last.endswith(("rves", "lves")):
        last = f"{last[:-3]}f"
    elif last.endswith(("sses", "ches", "shes", "xes")):
        last = last[:-2]
    else:
        last = last[:-1]
    return f"{start} {last}".strip()


def _two_colors(products: Sequence[Product], rng: Random) -> list[str]:
    """Two spoken colors of a kind, if possible such that neither contains the other.

    Gray comes in either spelling, and "Heather Grey" is sometimes just grey.
    """
    names = list(dict.fromkeys(p.color for p in products if p.color))
    rng.shuffle(names)
    first = names[0]
    others = [name for name in names[1:] if not _overlap(first, name)] or names[1:]
    said = [name.lower() for name in (first, others[0])]
    short = [name.split()[-1] if plain_color(name).split()[-1] in BASE else name for name in said]
    if rng.random() < 0.4 and not _overlap(*short):
        said = short
    grey = rng.choice(("grey", "gray"))
    return [re.sub(r"\bgr[ae]y\b", grey, name) for name in said]


def _overlap(one: str, other: str) -> bool:
    """Whether a filter by one color lets the other pass as well ("black", "matte black")."""
    first, second = f" {plain_color(one)} ", f" {plain_color(other)} "
    return first in second or second in first


def _holding(said: str, vocabulary: Vocabulary) -> tuple[str, ...]:
    """The catalogue's colors that hold these words: "black" stands for "matte black" too."""
    wanted = plain_color(said)
    return tuple(c for c in vocabulary.colors if f" {wanted} " in f" {plain_color(c)} ")


def _limit(products: Sequence[Product], currency: str, rng: Random) -> Decimal:
    """A price limit in major units, between the median and the highest price, mostly round."""
    prices = sorted(p.price_minor for p in products if p.price_minor is not None)
    price = to_decimal(prices[rng.randrange(len(prices) // 2, len(prices))], currency)
    if not price or rng.random() < 0.3:
        return price
    step = Decimal(5).scaleb(price.adjusted() - 1)
    return (price / step).to_integral_value(ROUND_CEILING) * step


def _amount(amount: Decimal, currency: str, rng: Random) -> str:
    """The limit as a shopper says it."""
    text = f"{amount.normalize():f}" if amount == amount.to_integral_value() else f"{amount:f}"
    ways = {
        "USD": ("${}", "{}", "{} dollars", "{} bucks", "$ {}"),
        "GBP": ("£{}", "{}", "{} pounds", "{} quid"),
        "EUR": ("€{}", "{}", "{} euros", "{} €"),
    }
    return rng.choice(ways.get(currency, ("{}",))).format(text)
