"""Small networks, plans and schedules for tests, written in few words."""

import random
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

from manufold.model.calendar import Shift, WorkCalendar
from manufold.model.material import Source
from manufold.model.network import (
    Capability,
    DeliveryZone,
    Lane,
    Network,
    Operator,
    SetupMatrix,
    Site,
    Tool,
    WorkCenter,
    WorkUnit,
)
from manufold.model.party import Party
from manufold.model.ports import Booking
from manufold.model.process_plan import Operation, ProcessPlan, StandardTime
from manufold.model.schedule import Slot

OURS = Source("made for a test", 2026)
ALWAYS = WorkCalendar(
    "always", "UTC", (Shift(("mon", "tue", "wed", "thu", "fri", "sat", "sun"), "00:00", "24:00"),)
)
#: Monday to Friday, 06:00 to 14:00 with half an hour of break, UTC
EARLY = WorkCalendar(
    "early",
    "UTC",
    (Shift(("mon", "tue", "wed", "thu", "fri"), "06:00", "14:00", (("10:00", "10:30"),)),),
)
#: Monday 2026-03-02T00:00Z
MONDAY_S = 194_572_800


def network(
    units: Sequence[WorkUnit],
    *,
    calendars: Sequence[WorkCalendar] = (ALWAYS, EARLY),
    lanes: Mapping[tuple[str, str], int] | None = None,
    matrices: Sequence[SetupMatrix] = (),
    operators: Sequence[Operator] = (),
    tools: Sequence[Tool] = (),
    frozen_zone_s: int = 0,
) -> Network:
    """Return a network; a unit's work center is named like its site, a zone `home` exists."""
    lane_ends = {name for way in lanes or {} for name in way} - {"home"}
    sites = sorted({unit.work_center_id for unit in units} | lane_ends)
    return Network(
        "tests",
        "EUR",
        (Party("owner", "Owner", ("supplier",), "DE"),),
        tuple(
            Site(
                name,
                name,
                "owner",
                "DE",
                "UTC",
                "EUR",
                Decimal(300),
                OURS,
                20,
                frozen_zone_s=frozen_zone_s,
            )
            for name in sites
        ),
        tuple(WorkCenter(name, name, name) for name in sites),
        tuple(units),
        tuple(calendars),
        tuple(operators),
        tuple(matrices),
        tuple(
            Lane(start, end, span_s, 0, 0, "EUR", Decimal(0), OURS)
            for (start, end), span_s in (lanes or {}).items()
        ),
        (DeliveryZone("home", "Home", "DE", "Europe/Berlin", Decimal("0.19")),),
        (),
        (),
        (),
        tools=tuple(tools),
    )


def unit(
    name: str,
    *capabilities: str | Capability,
    site: str = "a",
    calendar: str = "always",
    seats: int = 1,
    matrix: str | None = None,
) -> WorkUnit:
    """Return a work unit."""
    able = tuple(Capability(c) if isinstance(c, str) else c for c in capabilities)
    return WorkUnit(name, name, site, calendar, able, 0, seats=seats, setup_matrix_id=matrix)


def operation(
    name: str,
    capability: str,
    run_s: int | str,
    setup_s: int | str = 0,
    after: Iterable[str] = (),
    **more: object,
) -> Operation:
    """Return an operation of `run_s` seconds a piece."""

    def term(word: str, span_s: int | str) -> StandardTime:
        return StandardTime(word, Decimal(span_s), "given", OURS)

    fields: dict[str, object] = {"attendance": "none"} | more
    return Operation(
        name,
        name,
        capability,
        (term("set-up", setup_s),),
        (term("run", run_s),),
        after=tuple(after),
        **fields,  # type: ignore[arg-type]
    )


def plan(*operations: Operation, name: str = "plan") -> ProcessPlan:
    """Return a process plan."""
    return ProcessPlan(name, "rev", "test", operations, (), Decimal(1))


def chain(*steps: tuple[str, int], name: str = "plan", **more: object) -> ProcessPlan:
    """Return a chain of (capability, run seconds), named op1, op2, ..."""
    made: list[Operation] = []
    for row, (capability, run_s) in enumerate(steps):
        before = (made[-1].operation_id,) if made else ()
        made.append(operation(f"op{row + 1}", capability, run_s, after=before, **more))
    return plan(*made, name=name)


def booking(
    resource: str, from_s: int, to_s: int, *, seat: int = 0, group: str = "g", family: str = "f"
) -> Booking:
    """Return a firm booking."""
    detail = {"operation": "op", "quantity": 1, "setup_s": 0, "family": family}
    name = f"{resource}/{seat}/{from_s}/{group}"
    return Booking(name, resource, seat, from_s, to_s, group, group, "firm", None, detail)


def frozen(
    rng: random.Random, resource: str, seats: int, until_s: int, grain_s: int
) -> list[Booking]:
    """Return bookings of random lengths and gaps, none touching another of its seat."""
    made = []
    for seat in range(seats):
        at_s = rng.randrange(3) * grain_s
        while at_s < until_s:
            span_s = rng.randint(1, 6) * grain_s
            made.append(booking(resource, at_s, at_s + span_s, seat=seat, group=f"g{len(made)}"))
            at_s += span_s + rng.randint(0, 6) * grain_s
    return made


def by_operation(slots: Iterable[Slot]) -> dict[str, Slot]:
    """Return slots by operation."""
    return {slot.operation_id: slot for slot in slots}
