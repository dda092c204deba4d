"""What every vertical must keep: the checks behind `manufold vertical check`.

A vertical shows its demo folder: `vertical.toml` names the level, the sources and the demos; each
demo is files, parameters, a quantity, and the plans expected from them. Checked: it is found by
its own name, accepts its demos and not rubbish, reads them twice to the same design, makes valid
plans that name a source for every standard time, and the expected ones; damaged demos end in a
refusal, its form can be filled in, its sentences are there in both languages, and nothing that was
measured on a person leaves the design.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping
from importlib import import_module
from importlib.metadata import entry_points
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

from manufold.design.contract import GROUP, InputFile, Vertical
from manufold.design.form_checks import accepted, form_faults, unworded, words_faults
from manufold.model.codec import canonical, encoded, from_json
from manufold.model.design import Design
from manufold.model.errors import Fault, ManufoldError, Reason
from manufold.model.ports import Executor
from manufold.model.process_plan import ProcessPlan

__all__ = ["demos", "faults"]

_LEVELS = ("bronze", "silver", "gold")
_RUBBISH = (
    InputFile("notes.txt", b"remember the milk\n"),
    InputFile("photo.png", b"\x89PNG\r\n\x1a\n" + bytes(64)),
)


def faults(name: str, vertical: Vertical, executor: Executor) -> tuple[Fault, ...]:
    """Return everything that a vertical of that entry point name breaks; empty when it conforms."""
    found: list[Fault] = []
    try:
        card = _card(vertical)
        shown = list(demos(vertical))
    except (OSError, ValueError, KeyError, TypeError, AttributeError, ManufoldError) as fault:
        why = f"{type(fault).__name__}: {fault}"[:120]
        return (_fault(name, "conformance.card_unreadable", why=why),)
    found += _card_faults(name, vertical, card)
    for file in _RUBBISH:
        if accepted(vertical, [file]) != 0:
            found.append(_fault(name, "conformance.accepts_rubbish", file=file.name))
    if not shown:
        found.append(_fault(name, "conformance.no_demo"))
    for demo in shown:
        found += _demo_faults(f"{name}/{demo['name']}", vertical, demo, executor)
    found += form_faults(name, vertical, executor)
    found += words_faults(name, vertical.form, _folder(vertical))
    return tuple(fault for at, fault in enumerate(found) if fault not in found[:at])


def demos(vertical: Vertical) -> Iterator[dict[str, Any]]:
    """Yield each demo: name, files (InputFile), parameters, quantity, expected (or None)."""
    folder = _folder(vertical)
    for entry in _card(vertical).get("demo", []):
        expected = folder / "demo" / str(entry.get("expected", ""))
        yield {
            "name": str(entry["name"]),
            "files": [
                InputFile(name, (folder / "demo" / name).read_bytes()) for name in entry["files"]
            ],
            "parameters": dict(entry.get("parameters", {})),
            "quantity": int(entry.get("quantity", 1)),
            "expected": from_json(expected.read_bytes()) if entry.get("expected") else None,
        }


def _folder(vertical: Vertical) -> Traversable:
    """Return the vertical's folder: the package that holds its class, or of its module."""
    return files(_package(vertical))


def _package(vertical: Vertical) -> str:
    module = type(vertical).__module__
    return import_module(module).__package__ or module


def _card(vertical: Vertical) -> Mapping[str, Any]:
    return tomllib.loads((_folder(vertical) / "vertical.toml").read_text(encoding="utf-8"))


def _card_faults(name: str, vertical: Vertical, card: Mapping[str, Any]) -> Iterator[Fault]:
    if not name == vertical.name == card.get("name"):
        other = str(card.get("name"))
        yield _fault(name, "conformance.names_differ", one=vertical.name, other=other)
    if card.get("level") not in _LEVELS or card.get("level") != vertical.level:
        yield _fault(name, "conformance.level_wrong", level=str(card.get("level")))
    if not card.get("sources"):
        yield _fault(name, "conformance.no_sources")
    package = _package(vertical)
    for point in entry_points(group=GROUP, name=name):
        module = import_module(point.module)
        if module.__package__ != package:  # the words would be sought elsewhere than the card
            other = str(module.__package__)
            yield _fault(name, "conformance.folders_differ", one=package, other=other)


def _demo_faults(
    where: str, vertical: Vertical, demo: Mapping[str, Any], executor: Executor
) -> Iterator[Fault]:
    if not 0 < accepted(vertical, demo["files"]) <= 1:
        yield _fault(where, "conformance.refuses_demo")
    suffixes = vertical.form.suffixes
    for file in demo["files"]:
        if not file.name.lower().endswith(suffixes):
            yield _fault(where, "conformance.suffix_unlisted", file=file.name)
    yield from _damage_faults(where, vertical, demo, executor)
    try:
        design = vertical.design(demo["files"], demo["parameters"], executor)
        again = vertical.design(demo["files"], demo["parameters"], executor)
        plans = vertical.plans(design, demo["quantity"])
        more = vertical.plans(design, demo["quantity"] * 10)
    except ManufoldError as error:
        yield Fault(where, error.reason)
        return
    if canonical(encoded(design)) != canonical(encoded(again)):
        yield _fault(where, "conformance.not_repeatable")
    if not plans:
        yield _fault(where, "conformance.no_plan")
    yield from _plan_faults(where, design, plans)
    yield from _personal_faults(where, design, plans)
    for reason in unworded(vertical.name, _said(design, plans), _folder(vertical)):
        yield Fault(where, reason)
    if {p.process_plan_id for p in plans} - {p.process_plan_id for p in more}:
        yield _fault(where, "conformance.plan_lost_with_quantity")
    if demo["expected"] is not None:
        made = [encoded(plan) for plan in plans]
        if canonical(made) != canonical(demo["expected"]):
            yield _fault(where, "conformance.plans_differ")


def _damage_faults(
    where: str, vertical: Vertical, demo: Mapping[str, Any], executor: Executor
) -> Iterator[Fault]:
    """Yield when a damaged demo ends otherwise than in a design or a refusal."""
    first, *others = demo["files"]
    half = first.content[: len(first.content) // 2]
    for content in (b"", half, b"\xff\x00" * 20):
        given = [InputFile(first.name, content), *others]
        if not 0 <= accepted(vertical, given) <= 1:
            yield _fault(where, "conformance.accepts_raises")
        try:
            vertical.design(given, demo["parameters"], executor)
        except ManufoldError:
            continue
        except Exception as fault:  # noqa: BLE001 - whatever it is, it is no refusal
            why = f"{type(fault).__name__}: {fault}"[:120]
            yield _fault(where, "conformance.crashes", why=why)


def _personal_faults(where: str, design: Design, plans: tuple[ProcessPlan, ...]) -> Iterator[Fault]:
    """Yield each figure of a person's own that stands where the log would keep it."""
    own = {text for text in _numbers(encoded(design.personal)) if float(text) >= 100}
    public = [design.facts, design.assumptions, *plans]
    for text in sorted(own & _numbers([encoded(noun) for noun in public])):
        yield _fault(where, "conformance.personal_leaks", value=text)


def _numbers(document: Any) -> set[str]:
    """Return every number of a document, those within its texts too, plainly written."""
    texts = re.findall(r"(?<![\w.])\d+(?:\.\d+)?(?![\w.]*\d)", canonical(document).decode())
    return {text.rstrip("0").rstrip(".") if "." in text else text for text in texts}


def _said(design: Design, plans: tuple[ProcessPlan, ...]) -> list[Reason]:
    """Return every reason that a demo's design and plans give."""
    said = [*design.assumptions, *(finding.reason for finding in design.findings)]
    for plan in plans:
        said += [*plan.reasons, *plan.assumptions]
    return said


def _plan_faults(where: str, design: Design, plans: tuple[ProcessPlan, ...]) -> Iterator[Fault]:
    ids = [plan.process_plan_id for plan in plans]
    if len(set(ids)) < len(ids):
        yield _fault(where, "conformance.plan_twice")
    for plan in plans:
        place = f"{where}/{plan.process_plan_id}"
        if plan.design_revision != design.revision:
            yield _fault(place, "conformance.revision_differs")
        if plan.piece_mass_g <= 0:
            yield _fault(place, "conformance.massless")
        if not plan.bill_of_materials:
            yield _fault(place, "conformance.no_material")
        for operation in plan.operations:
            for term in (*operation.setup_terms, *operation.run_terms):
                if not term.formula or not term.source.title:
                    yield _fault(
                        place,
                        "conformance.time_unsourced",
                        operation=operation.operation_id,
                        term=term.term,
                    )


def _fault(where: str, code: str, **params: str) -> Fault:
    return Fault(where, Reason(code, params))
