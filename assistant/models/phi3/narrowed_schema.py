"""JSON schemas made narrower, so that every answer to them is short and every number is finite.

What fits the narrow schema fits the given one. The bounds stop a model that would write without
end: texts, lists, numbers and objects get bounds where they have none, objects have only the
properties that they name, "anything" is a plain value. Formats that readers of Python check more
strictly than the specification (there is no 31st of February) become patterns.

Not covered: `uniqueItems` is dropped where at most one item is needed anyway, and a set leaves
the repeats to whoever reads it. What a grammar cannot hold (`not`, `if`, look-around in a pattern)
stays, so that the engine refuses it.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

LONGEST_TEXT = 500
"""Characters of a text that has no bound of its own, or a higher one."""
LONGEST_NAME = 40
"""Characters of a property's name where names are free."""
MOST_ITEMS = 20
"""Of a list or an object without fixed properties."""
LARGEST = 999_999_999
"""Magnitude of a number without a bound."""
DECIMALS = 4
"""Places of a number behind the point, unless its bounds have more."""

_DAY = (
    "(19|20)[0-9]{2}-((01|03|05|07|08|10|12)-(0[1-9]|[12][0-9]|3[01])"
    "|(04|06|09|11)-(0[1-9]|[12][0-9]|30)|02-(0[1-9]|1[0-9]|2[0-8]))"
)
_TIME = "([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]Z"
_HOST = "([a-z][a-z0-9]{0,29}[.]){1,3}[a-z]{2,6}"
_FORMATS = {
    "date": _DAY,
    "time": _TIME,
    "date-time": f"{_DAY}T{_TIME}",
    "duration": "P([1-9][0-9]{0,3}D|T[1-9][0-9]{0,3}[HMS])",
    "email": f"[a-z][a-z0-9]{{0,19}}([.][a-z0-9]{{1,20}})?@{_HOST}",
    "uri": f"https?://{_HOST}(/[A-Za-z0-9._/-]{{0,100}})?",
}
_FREE_FORMATS = ("binary", "password", "path", "file-path", "directory-path")
"""Formats that any text has."""
_NOTES = (
    *("title", "description", "default", "examples", "deprecated"),
    *("readOnly", "writeOnly", "$comment", "$schema", "$id"),
)
"""Keywords that say nothing about what fits."""
_LOOK_AROUND = ("(?=", "(?!", "(?<=", "(?<!")


def narrowed(schema: Any) -> Any:
    """A schema that allows no more than the given one, with bounds everywhere."""
    if not isinstance(schema, Mapping):
        return narrowed({}) if schema is True else schema
    narrow = {key: value for key, value in schema.items() if key not in _NOTES}
    if not narrow:
        return {"anyOf": [narrowed({"type": kind}) for kind in ("string", "number", "boolean")]}
    for key in ("$defs", "definitions", "properties", "patternProperties"):
        if key in narrow:
            narrow[key] = {name: narrowed(each) for name, each in narrow[key].items()}
    for key in ("anyOf", "oneOf", "allOf", "prefixItems"):
        if key in narrow:
            narrow[key] = [narrowed(each) for each in narrow[key]]
    if "anyOf" in narrow:
        narrow["anyOf"] = _writable(narrow["anyOf"])
    kinds = narrow.get("type", ())
    kinds = (kinds,) if isinstance(kinds, str) else tuple(kinds)
    if "const" in narrow or "enum" in narrow:
        return narrow
    if "string" in kinds:
        _bound_text(narrow)
    if "integer" in kinds or "number" in kinds:
        _bound_number(narrow, whole="number" not in kinds)
    if "array" in kinds:
        _bound_list(narrow)
    if "object" in kinds or "properties" in narrow:
        _bound_object(narrow)
    return narrow


def _writable(choices: list[Any]) -> list[Any]:
    """The alternatives without those by a pattern that no grammar can hold, if others are left.

    Such is the text that pydantic takes in place of a Decimal.
    """
    kept = [
        choice
        for choice in choices
        if not any(mark in str(choice.get("pattern", "")) for mark in _LOOK_AROUND)
    ]
    return kept or choices


def _bound_text(schema: dict[str, Any]) -> None:
    form = schema.get("format")
    if form in _FREE_FORMATS:
        del schema["format"]
    if form in _FORMATS and "pattern" not in schema:
        schema["pattern"] = f"^{_FORMATS[schema.pop('format')]}$"
    least = schema.get("minLength", 0)
    schema["maxLength"] = min(schema.get("maxLength", LONGEST_TEXT), max(LONGEST_TEXT, least))


def _bound_number(schema: dict[str, Any], *, whole: bool) -> None:
    low = schema.get("exclusiveMinimum", schema.get("minimum"))
    high = schema.get("exclusiveMaximum", schema.get("maximum"))
    if low is None:
        schema["minimum"] = -LARGEST if high is None else min(-LARGEST, high - LARGEST)
    if high is None:
        schema["maximum"] = LARGEST if low is None else max(LARGEST, low + LARGEST)
    if not whole and "multipleOf" not in schema:
        places = max(DECIMALS, *(_places(bound) for bound in (low, high)))
        schema["multipleOf"] = float(Decimal(1).scaleb(-places))


def _places(number: float | None) -> int:
    exponent = Decimal(str(number or 0)).as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def _bound_list(schema: dict[str, Any]) -> None:
    least, first = schema.get("minItems", 0), schema.get("prefixItems", ())
    if least <= 1:
        schema.pop("uniqueItems", None)
    if "items" in schema or not first:
        schema["items"] = narrowed(schema.get("items", True))
        most = max(MOST_ITEMS, least)
    else:
        schema["items"], most = False, len(first)
    schema["maxItems"] = min(schema.get("maxItems", most), most)


def _bound_object(schema: dict[str, Any]) -> None:
    others = schema.pop("additionalProperties", True)
    schema["additionalProperties"] = False
    if "properties" in schema or "patternProperties" in schema or others is False:
        return
    names = schema.pop("propertyNames", {})
    if "enum" in names:
        schema["properties"] = {name: narrowed(others) for name in names["enum"]}
        return
    most = min(names.get("maxLength", LONGEST_NAME), LONGEST_NAME)
    free = f'^[^\\x00-\\x1f"\\\\]{{1,{most}}}$'
    schema["patternProperties"] = {names.get("pattern", free): narrowed(others)}
    limit = max(MOST_ITEMS, schema.get("minProperties", 0))
    schema["maxProperties"] = min(schema.get("maxProperties", limit), limit)
