"""The document of the API: golden, whole, with examples that are true, and read offline."""

import json
import re
from typing import Any

from jsonschema import Draft202012Validator
from tests.api.door import Caller, made, sim
from tests.api.golden import GOLDEN, document, text_of

#: answers of the open route need no key, all others do
OPEN = {"/v1/health"}
#: they change nothing: asked again, they answer anew
ASKING = {"/v1/promises", "/v1/what-if"}


def operations() -> list[tuple[str, str, Any]]:
    """Return path, method and operation of the whole document."""
    return [
        (path, method, operation)
        for path, methods in document()["paths"].items()
        for method, operation in methods.items()
    ]


def test_the_document_is_golden() -> None:
    """What programs are built on changes on purpose only."""
    assert GOLDEN.read_text(encoding="utf-8") == text_of(document())


def test_every_operation_is_told() -> None:
    """Each has a tidy id, a summary, its key, its refusals, and for a POST its idempotency key."""
    seen = set()
    for path, method, operation in operations():
        name = operation["operationId"]
        assert re.fullmatch(r"[a-z]+(_[a-z]+)*", name), name
        assert name not in seen
        seen.add(name)
        assert operation["summary"]
        assert operation["description"]
        assert ("security" in operation) == (path not in OPEN), path
        codes = set(operation["responses"])
        if path not in OPEN:
            assert {"401", "422", "429"} <= codes, path
        if method == "post":
            told = operation.get("parameters", ())
            headers = {p["name"] for p in told if p["in"] == "header"}
            assert ("Idempotency-Key" in headers) == (path not in ASKING), path
    assert len(seen) >= 25
    scheme = document()["components"]["securitySchemes"]["key"]
    assert (scheme["type"], scheme["scheme"]) == ("http", "bearer")


def test_examples_are_what_they_are_examples_of() -> None:
    """Each example of a request keeps its schema, each one of a refusal has its own status."""
    whole = document()
    count = 0
    for name, schema in whole["components"]["schemas"].items():
        for example in schema.get("examples", []):
            count += 1
            held = {**schema, "components": whole["components"]}
            assert not list(Draft202012Validator(held).iter_errors(example)), name
    assert count >= 9
    problem = {
        **whole["components"]["schemas"]["ProblemOut"],
        "components": whole["components"],
    }
    for path, _method, operation in operations():
        for status, answer in operation["responses"].items():
            media = answer.get("content", {}).get("application/problem+json", {})
            for example in media.get("examples", {}).values():
                assert str(example["value"]["status"]) == status, path
                assert not list(Draft202012Validator(problem).iter_errors(example["value"]))


def test_every_reference_leads_somewhere() -> None:
    """No schema is named that is not there, and none is there that nothing names."""
    whole = document()
    text = json.dumps(whole)
    named = set(re.findall(r"#/components/schemas/(\w+)", text))
    assert named == set(whole["components"]["schemas"])


async def test_docs_work_offline() -> None:
    """The reading room names no other host; its files come from here, with their types."""
    call = Caller(made(sim()))
    page = (await call("GET", "/docs", 200)).text
    assert not re.findall(r"(?:https?:)?//[a-z0-9.-]+\.[a-z]{2,}", page)
    links = re.findall(r'(?:href|src)="([^"]+)"', page)
    assert len(links) >= 3
    for link in links:
        found = await call("GET", link, 200)
        assert len(found.content) > 100, link
    served = (await call("GET", "/openapi.json", 200)).json()
    assert served["openapi"].startswith("3.1")
    assert set(served["paths"]) == set(document()["paths"])
