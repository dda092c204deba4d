"""The schemas say what the nouns say: same fields, same duties, same closed lists."""

import dataclasses
from collections.abc import Iterator
from typing import Any, get_args

import pytest
from jsonschema import Draft202012Validator
from tests.contracts.schemas import schema, schema_names, validator

from manufold.model import design, evidence, execution, material, offer, process_plan, schedule
from manufold.model.errors import Reason
from manufold.model.ports import StoredEvent
from manufold.model.units import CURRENCIES

MINE = (
    "command", "design", "error", "event", "nouns", "offer", "offer_answer", "order",
    "passport", "process_plan", "reason",
)  # fmt: skip

DOCUMENTS = {
    "command": execution.Command,
    "design": design.Design,
    "event": StoredEvent,
    "offer": offer.Offer,
    "order": execution.OrderState,
    "passport": evidence.Passport,
    "process_plan": process_plan.ProcessPlan,
    "reason": Reason,
}

NOUNS = {
    "reason": Reason,
    "source": material.Source,
    "price_line": offer.PriceLine,
    "carbon_line": offer.CarbonLine,
    "slot": schedule.Slot,
    "job_order": execution.JobOrder,
    "standard_time": process_plan.StandardTime,
    "characteristic": process_plan.Characteristic,
    "operation": process_plan.Operation,
    "bill_of_materials_line": material.BillOfMaterialsLine,
    "option": offer.Option,
    "reservation": offer.Reservation,
    "design_file": design.DesignFile,
    "finding": design.Finding,
    "measurement": evidence.Measurement,
    "lot_use": evidence.LotUse,
    "nonconformance": evidence.Nonconformance,
    "operation_record": evidence.OperationRecord,
    "signed_head": evidence.SignedHead,
}


def fields_of(noun: Any) -> tuple[set[str], set[str]]:
    """Return all fields of a noun, and those without a default."""
    fields = [f for f in dataclasses.fields(noun) if f.init]
    bare = dataclasses.MISSING
    needed = {f.name for f in fields if f.default is bare and f.default_factory is bare}
    return {f.name for f in fields}, needed


def objects(node: Any, path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every part of a schema that lists properties of its own."""
    if isinstance(node, dict):
        if "properties" in node and node.get("type") == "object":
            yield path, node
        for name, value in node.items():
            yield from objects(value, f"{path}/{name}")
    elif isinstance(node, list):
        for index, value in enumerate(node):
            yield from objects(value, f"{path}/{index}")


def test_every_contract_is_here():
    """A schema that no test knows would hold nobody to anything."""
    assert set(MINE) <= set(schema_names())


@pytest.mark.parametrize("name", MINE)
def test_schema_is_sound_and_closed(name):
    """Each schema obeys draft 2020-12, refuses unknown fields and describes each field."""
    Draft202012Validator.check_schema(schema(name))
    found = list(objects(schema(name)))
    for path, part in found:
        assert part["additionalProperties"] is False, path
        assert set(part["required"]) <= set(part["properties"]), path
        for field, about in part["properties"].items():
            text = about.get("description", "")
            told = text or "$ref" in about or "const" in about or "enum" in about
            assert told, f"{path}/{field} has no description"
            if text:
                assert text.rstrip().endswith("."), f"{path}/{field}: {text}"
    assert len(found) == len({id(part) for _, part in found})


@pytest.mark.parametrize("name", MINE)
def test_every_reference_leads_somewhere(name):
    """A dangling reference would only fail on the document that needs it."""

    def references(node: Any) -> Iterator[str]:
        if isinstance(node, dict):
            if "$ref" in node:
                yield node["$ref"]
            for value in node.values():
                yield from references(value)
        elif isinstance(node, list):
            for value in node:
                yield from references(value)

    resolver = validator(name)._resolver
    for target in set(references(schema(name))):
        assert resolver.lookup(target).contents, target


@pytest.mark.parametrize("name", DOCUMENTS)
def test_document_has_the_fields_of_its_noun(name):
    """A field added to a noun must be added to its contract, and the other way round."""
    everything, needed = fields_of(DOCUMENTS[name])
    stamp = set() if name == "event" else {"type", "version"}
    assert set(schema(name)["properties"]) == everything | stamp
    assert set(schema(name)["required"]) == needed | stamp


@pytest.mark.parametrize("name", NOUNS)
def test_inner_noun_has_the_fields_of_its_class(name):
    """The same for nouns that stand inside documents."""
    everything, needed = fields_of(NOUNS[name])
    part = schema("nouns")["$defs"][name]
    assert set(part["properties"]) == everything
    assert set(part["required"]) == needed


def test_closed_lists_are_the_models():
    """Kinds, states and currencies are listed once in the model; the contracts repeat them."""
    nouns = schema("nouns")["$defs"]
    event, command, order = schema("event"), schema("command"), schema("order")
    assert set(event["properties"]["kind"]["enum"]) == set(execution.EVENTS)
    assert set(event["$defs"]) == set(execution.EVENTS)
    assert tuple(command["properties"]["kind"]["enum"]) == execution.COMMANDS
    assert set(command["$defs"]) == set(execution.COMMANDS)
    assert tuple(order["properties"]["state"]["enum"]) == execution.ORDER_STATES
    assert set(nouns["job_order"]["properties"]["state"]["enum"]) == set(execution.JOB_STATES)
    assert set(nouns["currency"]["enum"]) == set(CURRENCIES)
    assert tuple(nouns["price_line"]["properties"]["kind"]["enum"]) == offer.PRICE_KINDS
    assert tuple(nouns["carbon_line"]["properties"]["kind"]["enum"]) == offer.CARBON_KINDS
    assert tuple(nouns["option"]["properties"]["name"]["enum"]) == offer.OPTION_NAMES
    assert tuple(nouns["material_unit"]["enum"]) == get_args(material.MaterialUnit)
    dispositions = nouns["nonconformance"]["properties"]["disposition"]["enum"]
    assert tuple(dispositions) == get_args(evidence.Disposition)


def test_event_versions_are_the_models():
    """Each kind's data is held at the version written today."""
    held = {
        part["if"]["properties"]["kind"]["const"]: part["then"]["properties"]["version"]["const"]
        for part in schema("event")["allOf"]
    }
    assert held == dict(execution.EVENTS)
