"""JSON Schema of a table, for editors: keys with their meanings, limits, units and examples."""

from __future__ import annotations

from typing import Any, cast

from pydantic import BaseModel

#: the version of JSON Schema
DIALECT = "https://json-schema.org/draft/2020-12/schema"


def json_schema(model: type[BaseModel], title: str) -> dict[str, Any]:
    """The schema of a TOML file that a model reads. TOML has no null, so no key may be null."""
    made = cast("dict[str, Any]", _written(model.model_json_schema()))
    return {"$schema": DIALECT, **made, "title": title}


def _written(schema: object) -> object:
    """The schema without null, without defaults that are null, and without titles that only repeat a key."""
    if isinstance(schema, list):
        return [_written(one) for one in cast("list[object]", schema)]
    if not isinstance(schema, dict):
        return schema
    found = cast("dict[str, Any]", schema)
    choices = found.get("anyOf")
    if isinstance(choices, list):
        rest = [one for one in cast("list[Any]", choices) if one != {"type": "null"}]
        found = {key: value for key, value in found.items() if key != "anyOf"} | (rest[0] if len(rest) == 1 else {"anyOf": rest})
    if isinstance(found.get("title"), str):
        found = {key: value for key, value in found.items() if key != "title"}
    return {key: _written(value) for key, value in found.items() if not (key == "default" and value is None)}
