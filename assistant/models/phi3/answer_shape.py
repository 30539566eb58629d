"""The form of an answer: free text, JSON of a schema, or text or one tool call.

Phi-3 has no format for tool calls. So the tools are listed in the system's turn, and an
answer is one JSON object: `{"tool": name, "arguments": {…}}` or `{"say": "…"}`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from assistant.models.phi3.narrowed_schema import narrowed

LONGEST_WORDS = 2_000
"""Characters of what is said beside the tools."""

Schema = Mapping[str, Any]
Choice = str | bool | Mapping[str, Any] | None
"""Which tool, as LangChain and OpenAI say it."""


@dataclass(frozen=True, slots=True)
class Shape:
    """The form of an answer, and the instructions that tell the model."""

    kind: Literal["words", "json", "tools"] = "words"
    instructions: str = ""
    """For the system's turn."""
    schema: Schema | None = None
    """Of the whole answer; None for words."""


WORDS = Shape()


def chosen(choice: Choice) -> str:
    """The choice as one word: "auto", "any", "none" or a tool's name."""
    if isinstance(choice, Mapping):
        choice = choice.get("function", choice).get("name")
    if choice in (None, False, ""):
        return "auto"
    return "any" if choice in (True, "required") else str(choice)


def shape_of(tools: Sequence[Mapping[str, Any]], choice: Choice) -> Shape:
    """The shape under these tools; free text where there are none, or none may be used."""
    word = chosen(choice)
    return tools_shape(tools, word) if tools and word != "none" else WORDS


def json_shape(schema: Schema) -> Shape:
    """An answer that is one value of this JSON schema."""
    fields = _fields(schema, schema)
    about = [str(schema["description"])] if schema.get("description") else []
    lines = ["Answer with JSON alone:", *about, *(fields or [_kind(schema, schema)])]
    return Shape("json", "\n".join(lines), _own_root(schema, "answer"))


def tools_shape(tools: Sequence[Mapping[str, Any]], choice: str) -> Shape:
    """Words or a call ("auto"), a call ("any"), or a call of the tool of this name.

    `tools` are in OpenAI's form. Raises ValueError for no tools or a choice that is none of them.
    """
    functions = [tool["function"] for tool in tools]
    names = [function["name"] for function in functions]
    if choice not in ("auto", "any", *names):
        raise ValueError(f"tool_choice {choice!r} is none of the tools: {', '.join(names)}.")
    lines, forms = ["Tools:"], []
    answers: list[Schema] = []
    parts: dict[str, Any] = {}
    for number, function in enumerate(functions):
        name, wanted = function["name"], function.get("parameters") or {}
        wanted = {"type": "object", "properties": {}, **wanted}
        lines += [f"{name}: {' '.join(function.get('description', '').split())}"]
        lines += [f"  {field}" for field in _fields(wanted, wanted)]
        if choice in ("auto", "any", name):
            arguments = _own_root(wanted, f"t{number}")
            parts |= arguments["$defs"]
            fields = {"tool": {"const": name}, "arguments": {"$ref": arguments["$ref"]}}
            answers.append(_closed(fields))
    forms.append(f'{{"tool": {json.dumps(choice if choice in names else "name")}, "arguments": …}}')
    if choice == "auto":
        # It does not begin blank, because a shopper would see nothing come.
        spoken = {"type": "string", "pattern": r"^\S", "maxLength": LONGEST_WORDS}
        answers.append(_closed({"say": spoken}))
        forms.append('{"say": "your answer"}')
    lines.append(f"Answer with one JSON object: {' or '.join(forms)}")
    return Shape("tools", "\n".join(lines), {"anyOf": answers, "$defs": parts})


def _closed(fields: Mapping[str, Schema]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": fields,
        "required": list(fields),
        "additionalProperties": False,
    }


def _own_root(schema: Schema, name: str) -> dict[str, Any]:
    """The narrowed schema under `$defs` of another one, its own definitions beside it."""
    narrow = narrowed(schema)
    parts = {}
    for key in ("$defs", "definitions"):
        for part, each in narrow.pop(key, {}).items():
            parts[f"{name}.{part}"] = _moved(each, name)
    return {"$ref": f"#/$defs/{name}", "$defs": {name: _moved(narrow, name), **parts}}


def _moved(value: Any, name: str) -> Any:
    """A part of a schema with its references following the definitions that were moved."""
    if isinstance(value, list):
        return [_moved(each, name) for each in value]
    if not isinstance(value, dict):
        return value
    moved = {key: _moved(each, name) for key, each in value.items()}
    target = moved.get("$ref")
    if target == "#":
        moved["$ref"] = f"#/$defs/{name}"
    elif isinstance(target, str):
        for place in ("#/$defs/", "#/definitions/"):
            if target.startswith(place):
                moved["$ref"] = f"#/$defs/{name}.{target.removeprefix(place)}"
    return moved


def _fields(schema: Schema, root: Schema) -> list[str]:
    """A line for each property: name, "?" where it may be left out, kind and description."""
    schema = _target(schema, root)
    needed = schema.get("required", ())
    lines = []
    for name, field in schema.get("properties", {}).items():
        about = " ".join(str(field.get("description", "")).split())
        kind = f"{name}{'' if name in needed else '?'}: {_kind(field, root)}"
        lines.append(f"{kind}. {about}" if about else kind)
    return lines


def _kind(schema: Any, root: Schema, depth: int = 0) -> str:
    """A schema in a few words, as people write types; deep down only "object"."""
    if not isinstance(schema, Mapping):
        return "anything"
    schema = _target(schema, root)
    if "const" in schema or "enum" in schema:
        values = [schema["const"]] if "const" in schema else schema["enum"]
        return "|".join(json.dumps(value, ensure_ascii=False) for value in values)
    for key in ("anyOf", "oneOf", "allOf"):
        if key in schema:
            kinds = [_kind(choice, root, depth) for choice in schema[key]]
            return "|".join(dict.fromkeys(kinds))
    kind = schema.get("type", "anything")
    if not isinstance(kind, str):
        return "|".join(kind)
    if kind == "array":
        return f"[{_kind(schema.get('items', True), root, depth + 1)}, …]"
    if kind == "object" and schema.get("properties") and depth < 3:
        needed = schema.get("required", ())
        inside = (
            f'"{name}"{"" if name in needed else "?"}: {_kind(field, root, depth + 1)}'
            for name, field in schema["properties"].items()
        )
        return f"{{{', '.join(inside)}}}"
    return kind


def _target(schema: Schema, root: Schema) -> Schema:
    """What a reference inside `root` leads to."""
    for _ in range(8):  # a reference to itself leads nowhere
        target = schema.get("$ref")
        if not isinstance(target, str) or not target.startswith("#"):
            break
        found: Any = root
        for step in target.removeprefix("#").strip("/").split("/") if target != "#" else ():
            found = found.get(step, {}) if isinstance(found, Mapping) else {}
        schema = found
    return schema
