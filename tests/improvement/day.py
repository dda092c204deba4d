"""A day on one mill, told as events: set-up, run over a break, breakdown, pause, scrap, rework.

The mill works 08:00-12:00 and 12:30-16:30. Its time factor is 1.25 and the plan says 240 s a piece,
so a piece is planned at 300 s (PRI); the plan expects 10 % scrap.
"""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from tests.services.world import world
from tests.shop import SOURCE, shop_network, shop_plan

from manufold.improvement.remember import Remembered
from manufold.model.calendar import DAYS, Shift, WorkCalendar
from manufold.model.codec import encoded, stamped
from manufold.model.execution import EVENTS, JobOrder
from manufold.model.fakes import ManualClock, MemoryStore
from manufold.model.network import Capability, Network
from manufold.model.ports import Batch, NewEvent
from manufold.model.process_plan import ProcessPlan, StandardTime
from manufold.model.units import DAY_S, from_rfc3339
from manufold.services.context import Context

__all__ = [
    "DAY",
    "at",
    "day_events",
    "day_network",
    "day_plan",
    "order_events",
    "remembered",
    "told",
]

DAY = from_rfc3339("2026-03-02T00:00:00+00:00")  # a Monday


def at(clock: str, day: int = 0) -> int:
    """Return the instant of HH:MM on the day or a day later."""
    hours, minutes = clock.split(":")
    return DAY + day * DAY_S + int(hours) * 3600 + int(minutes) * 60


def day_network() -> Network:
    """Return the shop with the mill's day."""
    one = shop_network()
    shift = Shift(DAYS, "08:00", "16:30", (("12:00", "12:30"),))
    factor = Capability("mill.3axis", Decimal("1.25"), {"x_mm": Decimal(500)})
    return replace(
        one,
        calendars=(replace(one.calendars[0]), WorkCalendar("day", "UTC", (shift,))),
        work_units=(replace(one.work_units[0], calendar_id="day", capabilities=(factor,)),),
    )


def day_plan() -> ProcessPlan:
    """Return the plan: 240 s a piece, one in ten scrapped."""
    plan = shop_plan()
    run = StandardTime("cut", Decimal(240), "4 min", SOURCE)
    operation = replace(plan.operations[0], run_terms=(run,), yield_fraction=Decimal("0.9"))
    return replace(plan, operations=(operation,))


def event(stream: str, kind: str, at_s: int, **data: Any) -> NewEvent:
    """Return an event of today's version."""
    return NewEvent(stream, kind, EVENTS[kind], data, at_s, "manufold")


def order_events(
    name: str, accepted_s: int, quantity: int, started: int, *, unit: str = "mill-1", **more: Any
) -> list[NewEvent]:
    """Return the acceptance of an order of one job order `name`; `more` are dates and the like."""
    job = JobOrder(name, f"pro-{name}", "op10", (), unit, 0, "plant", 0, 0, 0, started)
    data: dict[str, Any] = {
        "order_id": f"ord-{name}",
        "offer_id": "",
        "option_id": "",
        "party_id": "anna",
        "design_revision": "a" * 64,
        "design_blob": "",
        "vertical": "toy",
        "plan_digest": "d" * 64,
        "plan": stamped("process_plan", 1, day_plan()),
        "quantity": quantity,
        "zone_id": "door",
        "price_minor": 0,
        "currency": "EUR",
        "carbon_g": 0,
        "promised_at_s": at("16:00", 5),
        "p50_at_s": at("16:00", 4),
        "requested_at_s": None,
        "due_s": at("16:00", 4),
        "under_tolerance": 0,
        "over_tolerance": 0,
        "production_orders": {f"pro-{name}": started},
        "jobs": [encoded(job)],
    }
    return [event(f"order:ord-{name}", "OrderAccepted", accepted_s, **(data | more))]


def job_event(
    name: str, kind: str, at_s: int, *, unit: str = "mill-1", seat: int = 0, **data: Any
) -> NewEvent:
    """Return an event of the job order."""
    place = (
        {"resource_id": unit, "seat": seat} if kind not in ("EnergyRead", "JobCancelled") else {}
    )
    return event(f"order:ord-{name}", kind, at_s, job_order_id=name, **place, **data)


def report(name: str, at_s: int, good: int, scrap: int, rework: int, complete: bool) -> NewEvent:
    """Return a report of pieces."""
    counts = {"good": good, "scrap": scrap, "rework": rework, "complete": complete}
    return job_event(name, "Finished", at_s, **counts)


def day_events() -> list[NewEvent]:
    """Return the day: order A made and delivered, order B begun and finished the next morning."""
    dates = {"promised_at_s": at("15:00"), "p50_at_s": at("15:00"), "requested_at_s": at("15:10")}
    passport = {"carbon_lines": [{"carbon_g": 900}], "quantity": 18}
    return [
        event("network", "NetworkLoaded", at("08:00", -1), name="shop", revision="0" * 64),
        *order_events("A", at("08:00", -1), 18, 20, **dates),
        *order_events("B", at("08:00", -1), 20, 21),
        job_event("A", "SetupStarted", at("08:00")),
        job_event("A", "SetupEnded", at("08:30")),
        job_event("A", "RunStarted", at("08:30")),
        event("unit:mill-1", "BrokeDown", at("10:00"), resource_id="mill-1", reason="belt"),
        job_event("A", "Paused", at("10:00"), reason="breakdown"),
        event("unit:mill-1", "Repaired", at("10:45"), resource_id="mill-1"),
        job_event("A", "Resumed", at("10:50")),
        report("A", at("12:00"), 10, 1, 2, False),
        job_event("A", "EnergyRead", at("14:00"), energy_wh=5000),
        report("A", at("14:00"), 8, 1, 0, True),
        event("order:ord-A", "Shipped", at("14:30"), site_id="plant", zone_id="door", quantity=18),
        event("order:ord-A", "PromiseRevised", at("14:45"), promised_at_s=at("16:00")),
        job_event("B", "RunStarted", at("15:00")),
        event("order:ord-A", "Received", at("15:30"), zone_id="door", quantity=18),
        event("order:ord-A", "PassportIssued", at("15:40"), passport_id="p", passport=passport),
        job_event("B", "Paused", at("16:00"), reason="tool"),
        job_event("B", "Resumed", at("16:10")),
        report("B", at("09:00", 1), 20, 1, 0, True),
    ]


def told(events: Sequence[NewEvent], now_s: int, network: Network | None = None) -> Context:
    """Return a world whose log says these events, at an instant."""
    store = MemoryStore("sim")
    store.append(Batch(tuple(events), now_s=now_s))
    ctx = world(day_network() if network is None else network, store)
    ctx.clock = ManualClock(now_s)
    return ctx


def remembered(ctx: Context) -> Remembered:
    """Return the log as it is measured."""
    log = Remembered()
    for found in ctx.store.read():
        log.take(found)
    return log
