"""Which variants match the options that a buyer has chosen, and what may be chosen beside them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tools.catalogue.variants import SOLD_OUT, option_values
from tools.product import Variant
from tools.text import fold
from tools.ucp.products import featured
from tools.ucp.versions import Document


@dataclass(frozen=True, slots=True)
class Selection:
    """What is chosen in effect."""

    chosen: Mapping[str, str]
    """Option → value, in the shop's own words."""
    variants: tuple[Variant, ...]
    """All that match, the featured one first; never empty."""


def select(
    variants: Sequence[Variant],
    asked: Sequence[tuple[str, str]],
    preferences: Sequence[str] = (),
    exact: Variant | None = None,
) -> Selection:
    """The variants that match what was asked, of at least one.

    Where none matches all, options are dropped: those outside of `preferences` first, the last
    asked first, then from the end of `preferences`. Without a choice that is left, the options of
    the featured variant are chosen. `exact` is a variant that was asked for by its id: its options
    are chosen whatever else was asked.
    """
    first = exact or featured(variants)
    chosen = {} if exact else _known(variants, asked)
    order = [*(fold(name) for name in preferences)]
    while chosen and not _matching(variants, chosen):
        del chosen[_least(chosen, order)]
    if not chosen:
        chosen = dict(first.options)
    else:
        first = featured(_matching(variants, chosen))
    others = [each for each in _matching(variants, chosen) if each is not first]
    return Selection(chosen, (first, *others))


def signals(variants: Sequence[Variant], chosen: Mapping[str, str]) -> list[Document]:
    """The options with each value marked: whether a variant with it and all other chosen values
    exists, and whether one can be bought."""
    return [
        {"name": name, "values": [_signal(variants, chosen, name, value) for value in values]}
        for name, values in option_values(variants).items()
    ]


def _signal(
    variants: Sequence[Variant], chosen: Mapping[str, str], name: str, value: str
) -> Document:
    found = _matching(variants, {**chosen, name: value})
    buyable = any(each.availability not in SOLD_OUT for each in found)
    return {"label": value, "available": buyable, "exists": bool(found)}


def _known(variants: Sequence[Variant], asked: Sequence[tuple[str, str]]) -> dict[str, str]:
    """What was asked in the shop's own names and values; what it has no such option for is gone."""
    own = {fold(name): (name, values) for name, values in option_values(variants).items()}
    chosen: dict[str, str] = {}
    for name, label in asked:
        if fold(name) in own:
            shown, values = own[fold(name)]
            chosen[shown] = next((v for v in values if fold(v) == fold(label)), label)
    return chosen


def _matching(variants: Sequence[Variant], chosen: Mapping[str, str]) -> list[Variant]:
    """A variant that states nothing for an option comes in any value of it."""
    return [
        each
        for each in variants
        if all(dict(each.options).get(name, value) == value for name, value in chosen.items())
    ]


def _least(chosen: Mapping[str, str], order: Sequence[str]) -> str:
    """The option that is dropped first."""
    outside = [name for name in chosen if fold(name) not in order]
    if outside:
        return outside[-1]
    return max(chosen, key=lambda name: order.index(fold(name)))
