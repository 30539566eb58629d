"""What `with_structured_output` is given, as a JSON schema and the parser of its answers."""

from __future__ import annotations

from typing import Any

from langchain_core.output_parsers import JsonOutputParser, PydanticOutputParser
from langchain_core.utils.function_calling import convert_to_json_schema
from pydantic import BaseModel, TypeAdapter
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema


def schema_and_parser(given: dict[str, Any] | type) -> tuple[dict[str, Any], JsonOutputParser]:
    """The JSON schema of a pydantic class, a TypedDict, a schema or a function in OpenAI's form.

    The parser gives instances of a pydantic class, and else what the JSON says.
    """
    if isinstance(given, dict):
        wanted = given.get("function", given)
        return wanted.get("parameters", wanted), JsonOutputParser()
    if issubclass(given, BaseModel):
        schema = given.model_json_schema(schema_generator=_DecimalsAsNumbers)
        return schema, PydanticOutputParser(pydantic_object=given)
    try:
        return convert_to_json_schema(given), JsonOutputParser()
    except TypeError:  # LangChain's reading of NotRequired, among others
        return TypeAdapter(given).json_schema(), JsonOutputParser()


class _DecimalsAsNumbers(GenerateJsonSchema):
    """Pydantic's own schemas, but a Decimal is a number with its places, not any text as well."""

    def decimal_schema(self, schema: core_schema.DecimalSchema) -> JsonSchemaValue:
        whole = super().decimal_schema(schema)
        number: JsonSchemaValue = next(
            (each for each in whole.get("anyOf", ()) if each.get("type") == "number"), whole
        )
        places, digits = schema.get("decimal_places"), schema.get("max_digits")
        if places is not None:
            number.setdefault("multipleOf", float(f"1e-{places}"))
        if digits is not None:
            # One digit less than allowed, so that no bound has to be written with all of them.
            most = 10 ** max(digits - (places or 0), 0) - 1
            number.setdefault("maximum", most)
            number.setdefault("minimum", -most)
        return number
