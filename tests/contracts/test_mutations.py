"""Nonsense is refused at the wall and inside: each schema beside the reader of its noun."""

import json
import random
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
from tests.contracts.golden import golden
from tests.contracts.schemas import faults
from tests.contracts.test_schemas import DOCUMENTS

from manufold.model.codec import canonical, decoded, from_json, unstamped
from manufold.model.errors import InputFault

PATHS = {
    "design": "design/bracket.json",
    "process_plan": "process_plan/bracket_milled.json",
    "offer": "offer/bracket.json",
    "order": "order/bracket_in_production.json",
    "passport": "passport/bracket_sim.json",
    "reason": "reason/carbon_material.json",
    "command": "command/measure.json",
}
SEED = 20
CASES_EACH = 220

Path = tuple[str | int, ...]


@cache
def good(name: str) -> str:
    """Return the golden document of a name, as text, so that nobody can change it."""
    return canonical(golden()[PATHS[name]]).decode()


def places(node: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Yield every value of a document with the way to it."""
    if path:
        yield path, node
    if isinstance(node, dict):
        for name, value in node.items():
            yield from places(value, (*path, name))
    elif isinstance(node, list):
        for index, value in enumerate(node):
            yield from places(value, (*path, index))


def changed(name: str, path: Path, change: str, value: Any = None) -> str:
    """Return the document's text with one place changed."""
    document = json.loads(good(name))
    parent = document
    for step in path[:-1]:
        parent = parent[step]
    if change == "missing":
        del parent[path[-1]]
    elif change == "extra":
        parent[path[-1]]["surprise"] = 1
    else:
        parent[path[-1]] = value
    return json.dumps(document)


def wrong_types(value: Any) -> list[Any]:
    """Return values of other types than this one."""
    if isinstance(value, bool):
        return ["yes", 1, None]
    if isinstance(value, (int, float)):
        return ["1", True, [], {}]
    if isinstance(value, str):
        return [7, True, [], {}]
    if isinstance(value, list):
        return [{}, "x", 1, None]
    return [[], "x", 1] if isinstance(value, dict) else ["", {}, []]


@cache
def cases(name: str) -> tuple[tuple[str, Path, Any], ...]:
    """Return seeded mutations of a document: (change, where, value)."""
    found: list[tuple[str, Path, Any]] = []
    for path, value in places(json.loads(good(name))):
        if isinstance(path[-1], str):
            found.append(("missing", path, None))
        if isinstance(value, dict):
            found.append(("extra", path, None))
        found += [("type", path, wrong) for wrong in wrong_types(value)]
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            found.append(("negative", path, -5))
    random.Random(SEED).shuffle(found)
    return tuple(found[:CASES_EACH])


def read_by_schema(name: str, text: str) -> bool:
    """Return whether the schema takes a document."""
    return faults(name, json.loads(text)) == []


def read_by_code(name: str, text: str) -> bool:
    """Return whether the code reads a document; it may refuse in one way only."""
    try:
        decoded(DOCUMENTS[name], unstamped(from_json(text), name, 1))
    except InputFault:
        return False
    return True


#: fields whose least value only the schema refuses: inside, they are sums of our own counting or
#: figures of our own tables, and folding an event must not be slowed by looking at them again
ONLY_THE_SCHEMA_KNOWS = {
    "design": {"size_bytes"},
    "process_plan": {"year", "sample_fraction"},
    "offer": {"year", "quantity_started"},
    "order": {
        "quantity", "shipped", "delivered", "returned", "good", "scrap", "rework", "seat",
        "setup_s", "quantity_in", "stream_version", "under_tolerance", "over_tolerance",
        "energy_wh", "production_orders",
    },
    "passport": {"year", "quantity", "piece", "good", "scrap", "energy_wh", "seq"},
    "reason": set(),
    "command": set(),
}  # fmt: skip

#: fields that only the code refuses, because another field decides what they may be
ONLY_THE_CODE_KNOWS = {
    "process_plan": {"nominal", "lower", "upper"},
    "offer": {"promised_at_s", "p50_at_s", "ships_at_s", "finish_s", "start_s", "end_s"},
    "order": {"start_s", "end_s"},
}


@pytest.mark.parametrize("name", PATHS)
def test_schema_and_code_agree(name):
    """On seeded nonsense both say the same, but for the few things only one of them can know."""
    refused = 0
    for change, path, value in cases(name):
        text = changed(name, path, change, value)
        by_schema, by_code = read_by_schema(name, text), read_by_code(name, text)
        refused += not by_schema and not by_code
        if by_schema == by_code:
            continue
        names = [step for step in path if isinstance(step, str) and "_0" not in step]
        field = names[-1]  # of a mapping by id, the mapping's own name
        told = f"{name} {path} {change} {value!r}: schema {by_schema}, code {by_code}"
        if name == "command":  # `decide` reads what the kind needs, see test_commands
            assert by_code, told
            assert path[0] in ("data", "order_id", "job_order_id", "resource_id"), told
        else:
            assert change == "negative", told
            known = ONLY_THE_CODE_KNOWS if by_schema else ONLY_THE_SCHEMA_KNOWS
            assert field in known.get(name, set()), told
    assert refused >= 0.5 * len(cases(name))


@pytest.mark.parametrize(
    ("name", "path", "value"),
    [
        ("offer", ("quantity",), 0),
        ("offer", ("quantity",), -10),
        ("offer", ("currency",), "XAU"),
        ("offer", ("options",), []),
        ("offer", ("options", 0, "name"), "best"),
        ("offer", ("options", 0, "slots", 0, "quantity"), 0),
        ("offer", ("options", 0, "slots", 0, "seat"), -1),
        ("offer", ("options", 0, "price_lines", 0, "kind"), "bribe"),
        ("offer", ("options", 0, "price_lines", 0, "amount_minor"), 14.97),
        ("offer", ("options", 0, "reasons", 0, "code"), "nodot"),
        ("design", ("revision",), "abc"),
        ("design", ("findings", 0, "severity"), "hurts"),
        ("design", ("parameters",), {"units": 1.5}),
        ("process_plan", ("operations",), []),
        ("process_plan", ("operations", 0, "yield_fraction"), 0),
        ("process_plan", ("operations", 0, "yield_fraction"), 1.01),
        ("process_plan", ("operations", 0, "transfer_quantity"), 0),
        ("process_plan", ("operations", 0, "attendance"), "sometimes"),
        ("process_plan", ("operations", 0, "energy_wh"), -1),
        ("process_plan", ("operations", 0, "run_terms", 0, "span_s"), -1),
        ("process_plan", ("bill_of_materials", 0, "quantity"), 0),
        ("process_plan", ("bill_of_materials", 0, "unit"), "lb"),
        ("order", ("state",), "lost"),
        ("passport", ("world",), "dream"),
        ("passport", ("nonconformances", 0, "disposition"), "hide"),
        ("passport", ("carbon_lines", 0, "kind"), "magic"),
        ("command", ("kind",), "teleport"),
        ("command", ("at_s",), "2026-03-05"),
        ("reason", ("params",), {"a": None}),
    ],
)
def test_named_nonsense_is_refused_by_both(name, path, value):
    """Negative counts, unknown currencies, kinds, states and words, broken shares."""
    text = changed(name, path, "value", value)
    assert not read_by_schema(name, text)
    assert not read_by_code(name, text)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("operations", 0, "after"), ["op10"]),
        (("operations", 1, "after"), ["op99"]),
        (("bill_of_materials", 0, "at_operation"), "op99"),
        (("operations", 1, "operation_id"), "op10"),
    ],
)
def test_references_are_only_known_to_the_code(path, value):
    """A cyclic routing, a stranger, a name twice: the shape is right, the plan is not."""
    text = changed("process_plan", path, "value", value)
    assert read_by_schema("process_plan", text)
    assert not read_by_code("process_plan", text)


@pytest.mark.parametrize(
    ("path", "value"),
    [(("offer_id",), "ofr_1"), (("offer_id",), "ord_01GZ7Q4V0K_0000000000000001"),
     (("design_revision",), "abc"), (("party_id",), "")],
)  # fmt: skip
def test_shapes_of_text_are_only_known_to_the_schema(path, value):
    """Ids and digests are minted inside; what comes in by hand is checked by `checked_id`."""
    text = changed("offer", path, "value", value)
    assert not read_by_schema("offer", text)
    assert read_by_code("offer", text)
