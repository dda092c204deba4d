"""Scenarios: what a planner asks "what if" about, read from a document.

A scenario is a list of changes that happen together. Instants are RFC 3339 with an offset, or a
time from now, such as +36h or +2d12h.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

from manufold.model.codec import decoded
from manufold.model.errors import InputFault
from manufold.model.units import DAY_S, HOUR_S, from_rfc3339

__all__ = ["CHANGES_MOST", "KINDS", "SCENARIOS_MOST", "Change", "Scenario", "scenarios_of"]

ChangeKind = Literal["down", "absent", "extra_shift", "rush", "late_material", "cancel", "weight"]
KINDS: tuple[str, ...] = get_args(ChangeKind)
SCENARIOS_MOST, CHANGES_MOST = 4, 50
#: kind -> fields that it needs; of those joined by | one
_NEEDS: Mapping[str, tuple[str, ...]] = {
    "down": ("work_unit", "from", "to"),
    "absent": ("operator", "from", "to"),
    "extra_shift": ("work_unit|site", "from", "to"),
    "rush": ("order|offer", "by"),
    "late_material": ("order", "to"),
    "cancel": ("order",),
    "weight": ("order", "weight"),
}
_MAY: Mapping[str, tuple[str, ...]] = {
    "rush": ("option", "quantity"),
    "late_material": ("operation",),
}
WEIGHT_MOST = 1000
_FROM_NOW = re.compile(r"\+(?:(\d{1,4})d)?(?:(\d{1,4})h)?(?:(\d{1,4})min)?")


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that happens.

    Args:
        from_s, to_s: when it begins and ends; of late material, `to_s` is when it is there.
        by_s: when a rush order is wanted at the door.
        option: of the offer that a rush order takes.
        quantity: good pieces of a rush order, 0 for the offer's own.
        operation: whose material is late, "" for all that take some.
    """

    kind: ChangeKind
    work_unit: str = ""
    operator: str = ""
    site: str = ""
    order: str = ""
    offer: str = ""
    option: str = ""
    operation: str = ""
    quantity: int = 0
    weight: int = 1
    from_s: int = 0
    to_s: int = 0
    by_s: int = 0


@dataclass(frozen=True, slots=True)
class Scenario:
    """Changes that happen together."""

    name: str
    changes: tuple[Change, ...] = field(default=())


def scenarios_of(document: Any, quantity_most: int, now_s: int) -> tuple[Scenario, ...]:
    """Return the scenarios of a document: {"scenarios": [{"name", "changes": [...]}]}.

    Args:
        quantity_most: pieces that one offer may be for, `settings.quantity_max`.
        now_s: from which times from now are counted.

    Raises:
        InputFault: `what_if.no_scenarios`, `what_if.too_many`, `what_if.kind_unknown`,
            `what_if.field_needed`, `what_if.field_idle`, `what_if.backwards`,
            `what_if.number_outside`, `codec.*`, `what_if.instant_malformed`.
    """
    if not isinstance(document, Mapping) or not isinstance(document.get("scenarios"), list):
        raise InputFault("what_if.no_scenarios")
    listed = document["scenarios"]
    if not 1 <= len(listed) <= SCENARIOS_MOST:
        raise InputFault("what_if.too_many", found=len(listed), most=SCENARIOS_MOST)
    found = []
    for at, one in enumerate(listed):
        if not isinstance(one, Mapping) or not isinstance(one.get("changes"), list):
            raise InputFault("what_if.no_scenarios")
        if not 1 <= len(one["changes"]) <= CHANGES_MOST:
            raise InputFault("what_if.too_many", found=len(one["changes"]), most=CHANGES_MOST)
        name = str(one.get("name") or f"scenario {at + 1}")[:80]
        changes = tuple(
            _change(change, f"{name}, {row + 1}", quantity_most, now_s)
            for row, change in enumerate(one["changes"])
        )
        found.append(Scenario(name, changes))
    return tuple(found)


def _instant_s(text: Any, where: str, now_s: int) -> int:
    """Return the engine instant of RFC 3339 or of a time from now."""
    found = _FROM_NOW.fullmatch(text) if isinstance(text, str) and len(text) > 1 else None
    if found is not None:
        days, hours, minutes = (int(count or 0) for count in found.groups())
        return now_s + days * DAY_S + hours * HOUR_S + minutes * 60
    try:
        return from_rfc3339(text if isinstance(text, str) else "")
    except InputFault:
        raise InputFault("what_if.instant_malformed", where=where, text=str(text)[:80]) from None


def _change(document: Any, where: str, quantity_most: int, now_s: int) -> Change:
    kind = document.get("kind") if isinstance(document, Mapping) else None
    if kind not in KINDS:
        raise InputFault("what_if.kind_unknown", found=str(kind)[:80], known=", ".join(KINDS))
    fields = dict(document)
    needs, may = _NEEDS[kind], _MAY.get(kind, ())
    for need in needs:
        if sum(name in fields for name in need.split("|")) != 1:
            raise InputFault("what_if.field_needed", where=where, kind=kind, field=need)
    known = {"kind", *may, *(name for need in needs for name in need.split("|"))}
    idle = sorted(set(fields) - known)
    if idle:
        raise InputFault("what_if.field_idle", where=where, kind=kind, field=idle[0][:80])
    for name in ("from", "to", "by"):
        if name in fields:
            fields[f"{name}_s"] = _instant_s(fields.pop(name), where, now_s)
    change = decoded(Change, fields, where)
    if "from" in needs and change.from_s >= change.to_s:
        raise InputFault("what_if.backwards", where=where)
    pieces = change.quantity if "quantity" in fields else 1
    if not 1 <= change.weight <= WEIGHT_MOST or not 1 <= pieces <= quantity_most:
        raise InputFault(
            "what_if.number_outside", where=where, most=WEIGHT_MOST, pieces=quantity_most
        )
    return change
