"""The JSON Schema of a network file, made from its shape; `contracts/` keeps the written copy.

It describes the TOML as parsed, dates as ISO text. What only shows across tables (references,
twins, a site without a way) is the reader's to find.
"""

from datetime import date, time
from decimal import Decimal
from typing import Any

from manufold.connect.network_file.kinds import KINDS
from manufold.connect.network_file.shape import FILE_VERSION, ROOT, SECTIONS, Key, Section

__all__ = ["as_json", "network_file_schema"]

Schema = dict[str, Any]


def network_file_schema() -> Schema:
    """Return the JSON Schema, draft 2020-12."""
    root = _table(ROOT)
    root["properties"]["manufold_network"]["maximum"] = FILE_VERSION
    for section in SECTIONS:
        root["properties"][section.name] = _section(section)
    root["required"] += [section.name for section in SECTIONS if section.needed]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "https://manufold.example/contracts/network_file.schema.json",
        "title": "Network file",
        "description": "A network of plants as parsed from its TOML, dates as ISO text.",
        **root,
    }


def as_json(value: Any) -> Any:
    """Return parsed TOML as the schema sees it."""
    if isinstance(value, dict):
        return {key: as_json(item) for key, item in value.items()}
    if isinstance(value, list):
        return [as_json(item) for item in value]
    if isinstance(value, (date, time)):
        return value.isoformat()
    if isinstance(value, Decimal):
        # as a float first: int() of 1e999999999 would fill the memory
        near = float(value)
        return int(near) if near.is_integer() and abs(near) < 2**53 else near
    return value


def _section(section: Section) -> Schema:
    row = _table(section.keys)
    schema: Schema = {"type": "array", "description": section.meaning}
    if section.needed:
        schema["minItems"] = 1
    if not section.csv:
        return schema | {"items": row}
    file = {"type": "string", "pattern": r"\S", "description": "a CSV file beside this one"}
    from_file = {
        "type": "object",
        "properties": {"csv": file},
        "required": ["csv"],
        "additionalProperties": False,
    }
    return schema | {"items": {"oneOf": [row, from_file]}}


def _table(keys: tuple[Key, ...]) -> Schema:
    return {
        "type": "object",
        "properties": {key.name: {"description": key.meaning} | _value(key) for key in keys},
        "required": [key.name for key in keys if not key.optional],
        "additionalProperties": False,
    }


def _value(key: Key) -> Schema:
    schema = _shaped(key)
    if key.default not in (None, ()):
        schema["default"] = key.default
    return schema


def _shaped(key: Key) -> Schema:
    if key.shape == "tables":
        table: Schema = _table(key.items)
        if key.short is not None:
            short = next(item for item in key.items if item.name == key.short)
            table = {"anyOf": [_one(short), table]}
        return _array(table, key)
    if key.shape == "list":
        return _array(_one(key), key)
    if key.shape == "map":
        names = {"pattern": KINDS["name"].schema["pattern"]}
        return {"type": "object", "propertyNames": names, "additionalProperties": _one(key)}
    return _one(key)


def _array(items: Schema, key: Key) -> Schema:
    return {"type": "array", "items": items} | ({} if key.optional else {"minItems": 1})


def _one(key: Key) -> Schema:
    return {"enum": list(key.words)} if key.kind == "word" else dict(KINDS[key.kind].schema)
