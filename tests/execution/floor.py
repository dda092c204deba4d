"""One order of ten pieces through two sites, and a hand that says commands and folds them."""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from manufold.execution import decide, fold_order, fold_unit
from manufold.model.codec import encoded
from manufold.model.execution import Command, JobOrder, OrderState, UnitState
from manufold.model.material import BillOfMaterialsLine, Source
from manufold.model.ports import NewEvent
from manufold.model.process_plan import Characteristic, Operation, ProcessPlan, StandardTime

SOURCE = Source("made for the test", 2026)
NOW_S = 200_000_000


def made_plan(**of_op20: Any) -> ProcessPlan:
    """Return cut (measured, takes steel), then turn, then wash."""

    def operation(name: str, after: tuple[str, ...], **more: Any) -> Operation:
        return Operation(
            name,
            name,
            "any",
            (StandardTime("set up", Decimal(600), "-", SOURCE),),
            (StandardTime("run", Decimal(60), "-", SOURCE),),
            after=after,
            **more,
        )

    width = Characteristic("width", "Width", "mm", Decimal(20), Decimal("19.9"), Decimal("20.1"))
    height = Characteristic("height", "Height", "mm", Decimal(5), Decimal(4), Decimal(6))
    return ProcessPlan(
        "milled",
        "a" * 64,
        "mill",
        (
            operation("cut", (), characteristics=(width, height)),
            operation("turn", ("cut",), **of_op20),
            operation("wash", ("turn",)),
        ),
        (BillOfMaterialsLine("steel", Decimal("0.5"), "kg", "cut"),),
        Decimal("120.5"),
    )


def made_jobs(lot: str = "", quantity: int = 10) -> tuple[JobOrder, ...]:
    """Return the three job orders; cutting is done at another site than the rest."""
    places = (("cut", "saw", "north"), ("turn", "lathe", "south"), ("wash", "bath", "south"))
    return tuple(
        JobOrder(
            f"{name}{lot}",
            f"pro-{site}{lot}",
            name,
            (f"{places[step - 1][0]}{lot}",) if step else (),
            unit,
            0,
            site,
            NOW_S + 3600 * step,
            600,
            NOW_S + 3600 * (step + 1),
            quantity,
        )
        for step, (name, unit, site) in enumerate(places)
    )


def accepted(*, quantity: int = 10, under: int = 0, over: int = 0) -> NewEvent:
    """Return the event that makes the order; ten pieces are started whatever is ordered."""
    data = {
        "order_id": "ord-1",
        "offer_id": "",
        "option_id": "",
        "party_id": "anna",
        "design_revision": "a" * 64,
        "design_blob": "",
        "vertical": "part",
        "plan_digest": "d",
        "quantity": quantity,
        "zone_id": "door",
        "price_minor": 1000,
        "currency": "EUR",
        "carbon_g": 1,
        "promised_at_s": NOW_S + 9 * 86400,
        "p50_at_s": NOW_S + 8 * 86400,
        "requested_at_s": None,
        "due_s": NOW_S + 7 * 86400,
        "under_tolerance": under,
        "over_tolerance": over,
        "production_orders": {"pro-north": 10, "pro-south": 10},
        "jobs": [encoded(job) for job in made_jobs()],
    }
    return NewEvent("order:ord-1", "OrderAccepted", 1, data, NOW_S, "anna/buyer")


def remake(quantity: int, lot: str = "-again", at_s: int = NOW_S) -> NewEvent:
    """Return the event that plans another lot through all three operations."""
    data = {
        "production_order_id": f"pro-south{lot}",
        "quantity": quantity,
        "jobs": [encoded(job) for job in made_jobs(lot, quantity)],
        "code": "execution.remake_short",
        "params": {"short": quantity},
    }
    return NewEvent("order:ord-1", "RemakePlanned", 1, data, at_s, "manufold")


@dataclass
class Floor:
    """The order, its work units and everything that happened; time passes a minute a command."""

    plan: ProcessPlan = field(default_factory=made_plan)
    events: list[NewEvent] = field(default_factory=lambda: [accepted()])
    units: dict[str, UnitState] = field(default_factory=dict)
    at_s: int = NOW_S

    def __post_init__(self) -> None:
        self.order: OrderState = fold_order(None, self.events[0])

    def say(
        self,
        kind: Any,
        job: str = "",
        *,
        on: str | None = None,
        at_s: int | None = None,
        **data: Any,
    ) -> tuple[NewEvent, ...]:
        """Decide a command at its job order's unit, fold what it answers, and return that."""
        self.at_s += 60
        planned = self.order.jobs.get(job)
        resource = on if on is not None else planned.resource_id if planned else ""
        command = Command(
            f"c{self.at_s}",
            kind,
            self.at_s if at_s is None else at_s,
            "maker/operator",
            "" if kind in ("breakdown", "repaired") else "ord-1",
            job,
            resource,
            data,
        )
        events = decide(self.order, self.units.get(resource), self.plan, command)
        for event in events:
            self.fold(event)
        return events

    def fold(self, event: NewEvent) -> None:
        """Remember one event in the order and in every work unit."""
        self.events.append(event)
        if event.stream.startswith("order:"):
            self.order = fold_order(self.order, event)
        named = event.data.get("resource_id")
        if isinstance(named, str) and named not in self.units:
            self.units[named] = UnitState(named)
        self.units = {name: fold_unit(unit, event) for name, unit in self.units.items()}

    def make(self, job: str, *, scrap: int = 0) -> None:
        """Set a job order up, run it to the end, and bring its pieces to the next site."""
        self.say("setup_start", job)
        self.say("setup_end", job)
        self.say("start", job)
        good = self.order.jobs[job].quantity_in - scrap
        self.say("finish", job, good=good, scrap=scrap)
        if job.startswith("cut") and good:
            self.say("move", job, to_id="south", quantity=good)

    def make_all(self, lot: str = "") -> None:
        """Make all three operations of a lot without scrap."""
        for name in ("cut", "turn", "wash"):
            self.make(f"{name}{lot}")
