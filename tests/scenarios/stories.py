"""Stories: what is asked on what load, read from a folder and told to the real functions.

`input.json` holds a small network, what is booked, one job or several that are promised one after
the other, and perhaps what `improve` is given then. Times are RFC 3339.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

from manufold.carbon.footprint import planned_lines
from manufold.judge.violations import Violation, violations
from manufold.model.calendar import Shift, WorkCalendar
from manufold.model.errors import CannotMake
from manufold.model.material import BillOfMaterialsLine, Material
from manufold.model.network import (
    Capability,
    Network,
    Operator,
    SetupMatrix,
    Tool,
    WorkUnit,
)
from manufold.model.place import EnergyHours
from manufold.model.ports import Booking
from manufold.model.process_plan import Operation, ProcessPlan
from manufold.model.schedule import Job, Slot, dispatch_lists
from manufold.model.units import from_rfc3339, to_rfc3339
from manufold.offer.price import price_lines
from manufold.offer.started import quantity_to_start
from manufold.scheduling.forecast import Progress, forecast
from manufold.scheduling.improve import Snapshot, improve
from manufold.scheduling.load import Load
from manufold.scheduling.promise import Promised, promise
from manufold.services.candidates import material_at
from scheduling.shops import ALWAYS, OURS, booking, network, operation, plan, unit

HERE = Path(__file__).parent
STORIES = sorted(folder.name for folder in HERE.iterdir() if (folder / "input.json").exists())

Said = Mapping[str, Any]


@dataclass(frozen=True)
class Told:
    """A story as it was played.

    Args:
        bookings: of others, on the load from the beginning.
        before: what stood, where the story goes on to improve it.
        slots: the schedule at the end, what was fixed included.
        answer: what `expected.json` says.
    """

    story: Said
    network: Network
    jobs: Mapping[str, Job]
    bookings: tuple[Booking, ...]
    before: tuple[Slot, ...]
    slots: tuple[Slot, ...]
    answer: Said

    def wrong(self) -> tuple[Violation, ...]:
        """Return what the judge finds; what a forecast saw begin is history."""
        now = self.story.get("forecast", {}).get("now")
        now_s = None if now is None else from_rfc3339(now)
        return violations(self.slots, self.network, self.jobs, now_s=now_s)


def read(story: str, name: str) -> dict[str, Any]:
    """Return a file of a story."""
    found: dict[str, Any] = json.loads((HERE / story / name).read_text(encoding="utf-8"))
    return found


def told(name: str) -> Told:
    """Play a story."""
    story = read(name, "input.json")
    net = shop(story)
    bookings = tuple(map(booked, story.get("bookings", ())))
    asked = story.get("jobs") or [story | {"id": "new"}]
    first_s = min([from_rfc3339(said["release"]) for said in asked])
    if "now" in story:
        first_s = from_rfc3339(story["now"])
    load = Load.of(net, bookings, first_s)
    jobs: dict[str, Job] = {}
    slots: list[Slot] = []
    answers: dict[str, Said] = {}
    for said in asked:
        job = job_of(said)
        kept = [slot_of(job, *row) for row in said.get("fixed", ())]
        load = load.with_slots(kept)
        slots += kept
        if len(kept) == len(job.plan.operations):
            jobs[job.holder] = job
            continue
        fixed = {slot.operation_id: slot for slot in kept}
        try:
            found = promised(net, load, job, said, fixed)
        except CannotMake as refusal:
            answers[job.holder] = {"refused": refusal.code}
            slots = [slot for slot in slots if slot not in kept]
            continue
        jobs[job.holder] = job
        load = load.with_slots(found.slots)
        slots += found.slots
        answers[job.holder] = answer(net, job, said, found)
    before = tuple(slots)
    if "improve" in story:
        slots = improved(story["improve"], net, jobs, slots, first_s)
        answers = {"improved": {"slots": [row_of(slot) for slot in sorted(slots, key=_by_start)]}}
    for holder in story.get("cancel", ()):
        slots = [slot for slot in slots if slot.holder != holder]
        del jobs[holder]
    if "forecast" in story:
        slots = forecasted(story["forecast"], net, jobs, slots)
        shown = [row_of(slot) for slot in sorted(slots, key=_by_start)]
        answers = {**answers, "forecast": {"slots": shown}}
    whole = answers if "jobs" in story else next(iter(answers.values()))
    return Told(story, net, jobs, bookings, before, tuple(slots), whole)


def promised(net: Network, load: Load, job: Job, said: Said, fixed: Mapping[str, Slot]) -> Promised:
    """Promise a job as a story asks for it."""
    ready: dict[Any, int] = {
        tuple(key.split()): from_rfc3339(at) for key, at in said.get("ready", {}).items()
    }
    if "stock" in said:
        stock: dict[Any, Decimal] = {
            tuple(key.split()): Decimal(kg) for key, kg in said["stock"].items()
        }
        ready = dict(material_at(net, job.plan, job.quantity, stock, job.release_s).ready_s)
    return promise(
        load,
        net,
        job,
        to_site_or_zone=said.get("to"),
        ready_s=ready,
        fixed=fixed,
    )


def improved(
    said: Said, net: Network, jobs: Mapping[str, Job], slots: list[Slot], now_s: int
) -> list[Slot]:
    """Return the schedule that `improve` makes of slots."""
    pinned = frozenset((holder, name) for holder, name in said.get("pinned", ()))
    found = improve(
        Snapshot(net, tuple(slots), jobs, now_s, pinned),
        lambda made: not violations(made, net, jobs),
        seed=1,
        rounds=100,
    )
    gone = set(found.release)
    return [*(slot for slot in slots if slot not in gone), *found.claim]


def forecasted(said: Said, net: Network, jobs: Mapping[str, Job], slots: list[Slot]) -> list[Slot]:
    """Return where slots lead to, given what has begun by now."""
    progress = {
        (holder, name): Progress(from_rfc3339(started))
        for holder, name, started in said.get("begun", ())
    }
    now_s = from_rfc3339(said["now"])
    lists = dispatch_lists(slots, claims=True)
    return list(forecast(net, lists, jobs, progress, now_s).slots)


def answer(net: Network, job: Job, said: Said, found: Promised) -> Said:
    """Return what is said of a promised job."""
    shown: dict[str, Any] = {
        "slots": [row_of(slot) for slot in found.slots],
        "arrives": to_rfc3339(found.arrives_s),
        "binding": found.binding.code,
    }
    if "good" in said:
        shown["started"] = job.quantity
    if "energy" in said:
        count = {"quantity": job.quantity, "started": job.quantity, "slots": found.slots}
        zone = net.delivery_zone["home"]
        price = price_lines(net, job.plan, zone=zone, **count)  # type: ignore[arg-type]
        carbon = planned_lines(net, job.plan, zone_id="home", **count)  # type: ignore[arg-type]
        shown["energy_minor"] = [
            [line.basis.code, line.amount_minor] for line in price if line.kind == "energy"
        ]
        shown["energy_g"] = [line.carbon_g for line in carbon if line.kind == "energy"]
    return shown


def row_of(slot: Slot) -> list[Any]:
    """Return a slot as stories write it, with its claims where it has any."""
    row: list[Any] = [
        slot.operation_id if slot.holder == "new" else f"{slot.holder} {slot.operation_id}",
        slot.resource_id,
        slot.seat,
        to_rfc3339(slot.start_s),
        slot.setup_s,
        to_rfc3339(slot.end_s),
    ]
    claims = [
        [claim.resource_id, claim.seat, to_rfc3339(claim.start_s), to_rfc3339(claim.end_s)]
        for claim in slot.also
    ]
    return [*row, claims] if claims else row


def slot_of(
    job: Job, name: str, unit_id: str, seat: int, start: str, setup_s: int, end: str
) -> Slot:
    """Return a slot of a job that is placed already."""
    span = from_rfc3339(start), from_rfc3339(end)
    family = job.plan.operation[name].setup_family or "rev/plan"
    return Slot(unit_id, seat, span[0], setup_s, span[1], job.holder, name, job.quantity, family, 0)


def booked(said: list[Any] | Said) -> Booking:
    """Return a booking: [work unit, seat, from, to], or with names for family and state."""
    if isinstance(said, list):
        resource, seat, start, end = said
        return booking(resource, from_rfc3339(start), from_rfc3339(end), seat=seat)
    made = booking(
        said["unit"],
        from_rfc3339(said["from"]),
        from_rfc3339(said["to"]),
        seat=said.get("seat", 0),
        group=said.get("group", "g"),
        family=said.get("family", "f"),
    )
    detail = dict(made.detail)
    if "changeover_s" in said:
        detail["changeover_s"] = said["changeover_s"]
    return replace(made, detail=detail, state="held" if said.get("held") else "firm")


def calendar(name: str, said: Said) -> WorkCalendar:
    """Return a calendar as a story describes it."""
    shifts = tuple(
        Shift(tuple(s["days"]), s["start"], s["end"], tuple(map(tuple, s.get("breaks", ()))))
        for s in said["shifts"]
    )
    closed = tuple((from_rfc3339(a), from_rfc3339(b)) for a, b in said.get("closures", ()))
    return WorkCalendar(name, said["zone"], shifts, tuple(said.get("holidays", ())), closed)


def capability(said: str | Said) -> Capability:
    """Return a capability as a story describes it."""
    if isinstance(said, str):
        return Capability(said)
    limits = {name: Decimal(value) for name, value in said.get("limits", {}).items()}
    factor = Decimal(said.get("time_factor", "1"))
    return Capability(said["name"], factor, limits, lead_time_s=said.get("lead_time_s"))


def work_unit(said: Said) -> WorkUnit:
    """Return a work unit as a story describes it."""
    made = unit(
        said["id"],
        *map(capability, said["can"]),
        site=said.get("site", "a"),
        calendar=said.get("calendar", "always"),
        seats=said.get("seats", 1),
        matrix=said.get("matrix"),
    )
    return replace(made, batches=said.get("batches", False), power_w=said.get("power_w", 0))


def shop(story: Said) -> Network:
    """Return the network of a story."""
    net = network(
        [work_unit(said) for said in story["units"]],
        calendars=(ALWAYS, *(calendar(n, c) for n, c in story.get("calendars", {}).items())),
        lanes={tuple(way.split()): s for way, s in story.get("lanes", {}).items()},
        matrices=tuple(
            SetupMatrix(name, tuple((*entry, 0, 0) for entry in m["entries"]), m["default_s"])
            for name, m in story.get("matrices", {}).items()
        ),
        operators=tuple(
            Operator(
                o["id"], o.get("site", "a"), tuple(o["skills"]), o.get("calendar", "always"), 0
            )
            for o in story.get("operators", ())
        ),
        tools=tuple(
            Tool(t["id"], t["kind"], t.get("site", "a"), t.get("count", 1))
            for t in story.get("tools", ())
        ),
        frozen_zone_s=3600 * story.get("frozen_h", 0),
    )
    hours = tuple(
        EnergyHours(
            h["from_hour"],
            h["to_hour"],
            Decimal(h["minor_per_kwh"]),
            Decimal(h["g_per_kwh"]),
        )
        for h in story.get("energy_hours", ())
    )
    zone = story.get("site_zone", "UTC")
    sites = tuple(replace(site, zone=zone, energy_hours=hours) for site in net.sites)
    materials = tuple(
        Material(name, name, "kg", 0, "EUR", lead_s, Decimal(0), OURS)
        for name, lead_s in story.get("materials", {}).items()
    )
    return replace(net, sites=sites, materials=materials)


def job_of(said: Said) -> Job:
    """Return a job of a story; where it says how many must be good, it starts enough."""
    made = plan_of(said)
    quantity = said.get("quantity", 1)
    if "good" in said:
        quantity = quantity_to_start(said["good"], made.yield_fraction)
    due_s = from_rfc3339(said["due"]) if "due" in said else None
    return Job(said["id"], made, quantity, from_rfc3339(said["release"]), {}, due_s)


def plan_of(said: Said) -> ProcessPlan:
    """Return the plan of a job: its operations, and what they take."""
    made = plan(*steps(said["operations"]))
    lines = tuple(
        BillOfMaterialsLine(material, Decimal(each), "kg", one["id"])
        for one in said["operations"]
        for material, each in one.get("takes", {}).items()
    )
    return replace(made, bill_of_materials=lines)


def steps(operations: Iterable[Said]) -> list[Operation]:
    """Return operations, one after the other where they do not say after which."""
    made: list[Operation] = []
    for said in operations:
        skill = said.get("skill")
        made.append(
            operation(
                said["id"],
                said["needs"],
                said["run_s"],
                said.get("setup_s", 0),
                after=said.get("after", [made[-1].operation_id] if made else []),
                pausable=said.get("pausable", True),
                needs={name: Decimal(value) for name, value in said.get("least", {}).items()},
                skill=skill,
                attendance=said.get("attendance", "setup") if skill else "none",
                setup_family=said.get("family"),
                min_lag_s=said.get("min_lag_s", 0),
                max_lag_s=said.get("max_lag_s"),
                transfer_quantity=said.get("transfer"),
                tools=said.get("tools", {}),
                batch_family=said.get("batch"),
                yield_fraction=Decimal(said.get("yield", "1")),
            )
        )
    return made


def _by_start(slot: Slot) -> tuple[int, str]:
    return slot.start_s, slot.resource_id
