"""A line's plan in the words of the network, so that the same judge looks at it.

Stations become work units, machine classes with their attachments capabilities, operators bring
their skills and calendars. The network knows no pace of a person: a work unit's own time is that of
the fastest who has the skill, and what a slot takes beyond is booked as its set-up. So the judge
sees seats, people, skills, hours and precedence, and that nothing is shorter than it could ever be;
exact lengths, ways, places and lots are `judge.line_rules`'.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from decimal import ROUND_FLOOR, Decimal

from manufold.model.calendar import WorkCalendar
from manufold.model.line import STANDARD_PERMILLE, Line, LineOrder, LineSlot, Station
from manufold.model.material import Source
from manufold.model.network import Capability, Network, Operator, WorkCenter, WorkUnit
from manufold.model.party import Party
from manufold.model.place import Site
from manufold.model.process_plan import Operation, ProcessPlan, StandardTime
from manufold.model.schedule import Claim, Job, Slot
from manufold.model.units import whole_s
from manufold.scheduling.line.rows import worked_between_s

__all__ = ["line_jobs", "line_network", "network_slots"]

_SOURCE = Source("the line's own table of steps", 2026, verified=False)


def line_network(line: Line, zone: str = "UTC") -> Network:
    """Return the line as a network of one site."""
    calendars = {line.calendar: "line"}
    for operator in line.operators:
        calendars.setdefault(operator.calendar, f"calendar {len(calendars)}")
    site = Site("line", "Line", "maker", "DE", zone, "EUR", Decimal(0), _SOURCE, Decimal(0))
    return Network(
        "line",
        "EUR",
        (Party("maker", "Maker", ("supplier",), "DE"),),
        (site,),
        (WorkCenter("stations", "Stations", "line"),),
        tuple(_unit(line, station) for station in line.stations),
        tuple(_named(calendar, name) for calendar, name in calendars.items()),
        tuple(
            Operator(o.operator_id, "line", tuple(o.pace_permille), calendars[o.calendar], 0)
            for o in line.operators
        ),
        (),
        (),
        (),
        (),
        (),
        (),
    )


def _named(calendar: WorkCalendar, name: str) -> WorkCalendar:
    return replace(calendar, calendar_id=name)


def _unit(line: Line, station: Station) -> WorkUnit:
    factor = _fastest_factor(line)
    capabilities = tuple(
        Capability(_capability(station.machine, fitted), factor)
        for fitted in ("", *station.attachments)
    )
    name = station.station_id
    return WorkUnit(name, name, "stations", "line", capabilities, 0)


def _capability(machine: str, attachment: str) -> str:
    return f"{machine} + {attachment}" if attachment else machine


def _fastest_factor(line: Line) -> Decimal:
    """Return the time of the fastest over the standard, rounded down: nobody is ever faster."""
    paces = (pace for operator in line.operators for pace in operator.pace_permille.values())
    exact = Decimal(STANDARD_PERMILLE) / max(paces)
    return exact.quantize(Decimal("0.0001"), rounding=ROUND_FLOOR)


def line_jobs(orders: Iterable[LineOrder]) -> dict[str, Job]:
    """Return what the judge holds the slots to, one job of one piece for each order."""
    plans: dict[tuple[object, ...], ProcessPlan] = {}
    found = {}
    for order in orders:
        if order.steps not in plans:
            plans[order.steps] = _plan(order, len(plans))
        found[order.order_id] = Job(
            order.order_id, plans[order.steps], 1, order.release_s, due_s=order.due_s
        )
    return found


def _plan(order: LineOrder, number: int) -> ProcessPlan:
    operations = tuple(
        Operation(
            operation_id=step.step_id,
            name=step.step_id,
            capability=_capability(step.machine, step.attachment),
            setup_terms=(),
            run_terms=(
                StandardTime("step", Decimal(step.standard_ms) / 1000, "standard", _SOURCE),
            ),
            after=step.after,
            skill=step.skill,
            attendance="all",
        )
        for step in order.steps
    )
    return ProcessPlan(f"style {number}", "line", "line", operations, (), Decimal(0))


def network_slots(
    line: Line, orders: Sequence[LineOrder], slots: Iterable[LineSlot]
) -> tuple[Slot, ...]:
    """Return slots of work units that claim their operators."""
    steps = {(o.order_id, step.step_id): step for o in orders for step in o.steps}
    factor = _fastest_factor(line)
    hours = worked_between_s(line, slots := tuple(slots))
    found = []
    for slot, worked_s in zip(slots, hours, strict=True):
        step = steps[slot.order_id, slot.step_id]
        own_s = max(1, whole_s(Decimal(step.standard_ms) / 1000 * factor))
        claim = Claim(slot.operator_id, 0, slot.start_s, slot.end_s)
        found.append(
            Slot(
                slot.station_id,
                0,
                slot.start_s,
                max(0, worked_s - own_s),
                slot.end_s,
                slot.order_id,
                slot.step_id,
                1,
                also=(claim,),
            )
        )
    return tuple(found)
