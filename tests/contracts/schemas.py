"""The schemas of `contracts/`, ready to hold any document to them."""

import json
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from referencing import Registry, Resource

CONTRACTS = Path(__file__).parents[2] / "contracts"


@cache
def _all() -> tuple[dict[str, dict[str, Any]], Registry[Any]]:
    found = {
        path.name.removesuffix(".schema.json"): json.loads(path.read_text(encoding="utf-8"))
        for path in sorted(CONTRACTS.glob("*.schema.json"))
    }
    named = [(schema["$id"], Resource.from_contents(schema)) for schema in found.values()]
    return found, Registry().with_resources(named)


def schema_names() -> tuple[str, ...]:
    """Return the names of all schemas."""
    return tuple(_all()[0])


def schema(name: str) -> dict[str, Any]:
    """Return one schema."""
    return _all()[0][name]


@cache
def validator(name: str) -> Draft202012Validator:
    """Return the validator of one schema, references between files resolved."""
    found, registry = _all()
    return Draft202012Validator(found[name], registry=registry)


def faults(name: str, document: Any) -> list[str]:
    """Return what is wrong with a plain JSON document, as `place: fault`."""
    return [
        f"{fault.json_path}: {fault.message[:200]}"
        for fault in validator(name).iter_errors(document)
    ]
