"""Reads loosely typed arguments of a chat model, where only one meaning is possible.

Models write null, "null", "[]", "" or 0 for what they leave out, a string where a list belongs, and
an object where a string belongs. Whatever could mean two things stays as it is, for the check to
refuse. Not covered: names of products and categories, which the search looks up.
"""

from __future__ import annotations

import json
import re
import types
from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel

_NOTHING = ("", "null", "none", "nil", "undefined", "n/a", "[]", "{}", '""', "''")
_VALUE = ("value", "text", "amount", "name", "number", "query")
"""Fields of an object that hold what is meant."""
_PAIRS = ("options",)
"""Arguments that are lists of NAME=VALUE."""
_NUMBERS = re.compile(r"\s*#?\d{1,3}(?:\s*(?:,|;|&|\band\b)\s*#?\d{1,3})*\s*")
_ONE_NUMBER = re.compile(r"\s*(?:#|no\.?\s?|[a-z]{1,12}\s+#?)?(\d{1,3})\s*", re.IGNORECASE)
_MONEY = re.compile(
    r"\s*(?:[$€£¥]|[A-Za-z]{3}\s?)?\s*(\d{1,9}(?:\.\d{1,2})?)\s*(?:[$€£¥]|[A-Za-z]{3})?\s*"
)


def read_loosely(model: type[BaseModel], arguments: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments as their fields are typed, without those that say nothing."""
    read = {}
    for name, value in arguments.items():
        field = model.model_fields.get(name)
        if field is None:
            if not _is_nothing(value):
                read[name] = value
            continue
        kinds = _kinds(field.annotation)
        value = _pairs(value) if name in _PAIRS else _unwrapped(value)
        if _is_nothing(value) or (_is_zero(value) and not field.is_required() and _counts(kinds)):
            continue
        if list in kinds:
            read[name] = _list(value, numbers=int in kinds)
        else:
            read[name] = _single(value, kinds)
    return read


def _kinds(annotation: Any) -> set[type]:
    """The plain types that an annotation is made of: {list, str} for `list[str] | None`."""
    origin = get_origin(annotation)
    if origin is Annotated:
        return _kinds(get_args(annotation)[0])
    if origin in (Union, types.UnionType):
        return set().union(*map(_kinds, get_args(annotation)))
    if origin is Literal:
        return {str}
    if origin is list:
        return {list}.union(*map(_kinds, get_args(annotation)))
    return set() if annotation is type(None) else {annotation}


def _counts(kinds: set[type]) -> bool:
    """Whether 0 says nothing: numbers of cards and photos begin at 1, and no bound is 0."""
    return bool(kinds & {int, float, Decimal}) and not kinds & {list, bool}


def _is_nothing(value: Any) -> bool:
    if isinstance(value, str):
        return value.strip().lower() in _NOTHING
    return value is None or (isinstance(value, list | dict) and not value)


def _is_zero(value: Any) -> bool:
    if isinstance(value, bool):
        return False
    return value == 0 or (
        isinstance(value, str) and re.fullmatch(r"0+(\.0+)?", value.strip()) is not None
    )


def _from_json(value: Any) -> Any:
    """The list or object that a text spells; anything else as it is."""
    if isinstance(value, str) and value.strip()[:1] in ("[", "{"):
        try:
            return json.loads(value)
        except (ValueError, RecursionError):  # no JSON, or nested without end
            return value
    return value


def _pairs(value: Any) -> Any:
    """NAME=VALUE for each field of an object, or of the objects in a list."""
    value = _from_json(value)
    if isinstance(value, list):
        return [pair for each in value for pair in (_pairs(each) if _is_object(each) else [each])]
    if not isinstance(value, dict):
        return value
    if value.keys() == {"name", "value"}:
        value = {value["name"]: value["value"]}
    return [
        f"{name}={each}"
        for name, given in value.items()
        for each in (given if isinstance(given, list) else [given])
        if not _is_nothing(each)
    ]


def _is_object(value: Any) -> bool:
    return isinstance(_from_json(value), dict)


def _unwrapped(value: Any) -> Any:
    """What an object with one field holds, or one with a field that is called "value"."""
    value = _from_json(value)
    if isinstance(value, dict):
        named = [value[name] for name in _VALUE if name in value]
        inner = list(value.values()) if len(value) == 1 else named
        if len(inner) == 1 and not isinstance(inner[0], dict):
            return inner[0]
    return value


def _list(value: Any, *, numbers: bool) -> Any:
    """A list of what is meant, without what says nothing; a value of another kind as it is."""
    if isinstance(value, str) and numbers and _NUMBERS.fullmatch(value):
        return [int(number) for number in re.findall(r"\d+", value)]
    if isinstance(value, str | int) and not isinstance(value, bool):
        value = [value]
    if not isinstance(value, list):
        return value
    kept = [each for each in map(_unwrapped, value) if not _is_nothing(each)]
    return [_single(each, {int}) for each in kept] if numbers else kept


def _single(value: Any, kinds: set[type]) -> Any:
    """One value where a list of one or a number in words stands."""
    if isinstance(value, list):
        if kinds == {str} and all(isinstance(each, str) for each in value):
            return " ".join(value)
        if len(value) == 1:
            value = value[0]
    if isinstance(value, str):
        if int in kinds and (match := _ONE_NUMBER.fullmatch(value)):
            return int(match[1])
        if Decimal in kinds and (match := _MONEY.fullmatch(value)):
            return match[1]
    if kinds == {str} and isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return value
