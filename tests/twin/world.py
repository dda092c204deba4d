"""A small network in two zones of the world, orders on it, and a driver that keeps their states."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from random import Random

from manufold.execution import decide, fold_order, fold_unit, progress
from manufold.model.calendar import Shift, WorkCalendar
from manufold.model.codec import encoded
from manufold.model.execution import Command, JobOrder, OrderState, UnitState
from manufold.model.material import BillOfMaterialsLine, Material, Source
from manufold.model.network import (
    Capability,
    DeliveryZone,
    Lane,
    Network,
    SetupMatrix,
    Site,
    WorkCenter,
    WorkUnit,
)
from manufold.model.party import Party
from manufold.model.ports import NewEvent
from manufold.model.process_plan import Characteristic, Operation, ProcessPlan, StandardTime
from manufold.model.units import from_rfc3339
from manufold.model.work_content import setup_family, work_content, worst_changeover_s
from manufold.twin.settings import TwinSettings
from manufold.twin.shop import ShopTwin
from manufold.twin.worktime import WorkTime

SOURCE = Source("made for the test", 2026)
WEEK = ("mon", "tue", "wed", "thu", "fri")
#: the week in which Berlin's clocks go back
NOW_S = from_rfc3339("2026-10-19T05:00:00+00:00")
YEAR_S = 365 * 86400
PLACES = {"saw": "berlin", "mill": "berlin", "oven": "shanghai", "bench": "shanghai"}


def made_network(*, mtbf_h: int = 60) -> Network:
    """Return two sites: a saw and a mill in Berlin, an oven of three seats, a bench in Shanghai."""
    early = Shift(WEEK, "06:00", "14:00", (("09:00", "09:30"),))
    late = Shift(WEEK, "14:00", "22:00")
    night = Shift((*WEEK, "sat"), "22:00", "06:00")

    def unit(name: str, calendar: str, seats: int = 1, matrix: str | None = None) -> WorkUnit:
        capability = Capability(name, Decimal("1.1"))
        return WorkUnit(
            name,
            name,
            f"{PLACES[name]}-center",
            calendar,
            (capability,),
            6000,
            3000,
            seats,
            matrix,
            mtbf_h,
            4,
        )

    def site(name: str, country: str, zone: str) -> Site:
        return Site(
            name, name, f"{name}-owner", country, zone, "EUR", Decimal(400), SOURCE, Decimal(20)
        )  # fmt: skip

    def lane(start: str, to: str, time_s: int) -> Lane:
        return Lane(start, to, time_s, 100, 10, "EUR", Decimal(100), SOURCE)

    return Network(
        "two towns",
        "EUR",
        (
            Party("berlin-owner", "B", ("supplier",), "DE"),
            Party("shanghai-owner", "S", ("supplier",), "CN"),
            Party("anna", "Anna", ("buyer",), "DE"),
        ),
        (site("berlin", "DE", "Europe/Berlin"), site("shanghai", "CN", "Asia/Shanghai")),
        (
            WorkCenter("berlin-center", "B", "berlin"),
            WorkCenter("shanghai-center", "S", "shanghai"),
        ),
        (
            unit("saw", "two-shifts"),
            unit("mill", "nights", matrix="families"),
            unit("oven", "shanghai", 3),
            unit("bench", "shanghai"),
        ),
        (
            WorkCalendar("two-shifts", "Europe/Berlin", (early, late), ("2026-12-25",)),
            WorkCalendar("nights", "Europe/Berlin", (late, night)),
            WorkCalendar("shanghai", "Asia/Shanghai", (early, late)),
        ),
        (),
        (SetupMatrix("families", (("red", "blue", 900, 0, 0),), 600),),
        (
            lane("berlin", "shanghai", 5 * 86400),
            lane("shanghai", "door", 6 * 86400),
            lane("berlin", "door", 86400),
        ),
        (DeliveryZone("door", "The door", "DE", "Europe/Berlin", Decimal("0.19")),),
        (Material("steel", "Steel", "kg", 400, "EUR", 0, Decimal(2000), SOURCE),),
        (),
        (),
    )


def made_plan(number: int) -> ProcessPlan:
    """Return a plan: saw, mill (measured, scrap), and for odd numbers oven and bench abroad."""

    def operation(
        name: str, after: tuple[str, ...], setup_s: int, run_s: int, **more: object
    ) -> Operation:
        return Operation(
            f"{name}-it",
            name,
            name,
            (StandardTime("set up", Decimal(setup_s), "-", SOURCE),) if setup_s else (),
            (StandardTime("run", Decimal(run_s), "-", SOURCE),),
            after=after,
            energy_wh=Decimal("12.5"),
            **more,  # type: ignore[arg-type]
        )

    bore = Characteristic(
        "bore", "Bore", "mm", Decimal(12), Decimal("11.98"), Decimal("12.03"), Decimal("0.5")
    )
    flat = Characteristic("flat", "Flatness", "mm", Decimal(0), Decimal(0), Decimal("0.05"))
    operations = (
        operation("saw", (), 0, 300),
        operation(
            "mill",
            ("saw-it",),
            1800,
            900,
            characteristics=(bore, flat),
            yield_fraction=Decimal("0.97"),
            setup_family="red" if number % 3 else "blue",
        ),
    )
    if number % 2:
        operations += (
            operation("oven", ("mill-it",), 600, 1200, pausable=False, min_lag_s=7200),
            operation("bench", ("oven-it",), 300, 240),
        )
    lines = (BillOfMaterialsLine("steel", Decimal("0.75"), "kg", "saw-it"),)
    return ProcessPlan(f"plan-{number % 6}", "a" * 64, "mill", operations, lines, Decimal(500))


@dataclass
class World:
    """Orders, work units and everything said and written; slots placed one after the other."""

    network: Network
    seed: int = 7
    origin_s: int = NOW_S
    settings: TwinSettings = field(default_factory=TwinSettings)
    orders: dict[str, OrderState] = field(default_factory=dict)
    plans: dict[str, ProcessPlan] = field(default_factory=dict)
    units: dict[str, UnitState] = field(default_factory=dict)
    commands: list[Command] = field(default_factory=list)
    events: list[NewEvent] = field(default_factory=list)
    remakes: int = 0

    def __post_init__(self) -> None:
        self.units = {
            unit.work_unit_id: UnitState(unit.work_unit_id) for unit in self.network.work_units
        }
        self.twin = ShopTwin(self.network, self.seed, now_s=self.origin_s, settings=self.settings)
        self.times = {
            calendar.calendar_id: WorkTime((calendar,), NOW_S, self.settings)
            for calendar in self.network.calendars
        }
        self.free_s: dict[tuple[str, int], int] = {}

    def time(self, resource_id: str) -> WorkTime:
        """Return the working time of a work unit."""
        return self.times[self.network.work_unit[resource_id].calendar_id]

    def place(self, lot: str, plan: ProcessPlan, quantity: int, from_s: int) -> list[JobOrder]:
        """Return job orders in the first free stretch of a seat, one operation after the other."""
        jobs: dict[str, JobOrder] = {}
        for operation in plan.operations:
            unit = self.network.work_unit[operation.capability]
            site_id = PLACES[unit.work_unit_id]
            capability = unit.capability(operation.capability)
            assert capability is not None
            change_s = worst_changeover_s(self.network, unit, setup_family(plan, operation))
            content = work_content(operation, capability, quantity, change_s)
            ready_s = from_s
            for before in (jobs[name] for name in operation.after):
                lane_s = self.network.lane_s(before.site_id, site_id)
                assert lane_s is not None
                ready_s = max(ready_s, before.end_s + operation.min_lag_s, before.end_s + lane_s)
            seat = min(
                range(unit.seats),
                key=lambda number: self.free_s.get((unit.work_unit_id, number), 0),
            )
            key = (unit.work_unit_id, seat)
            span_s = 1 if operation.pausable else content.total_s
            time = self.time(unit.work_unit_id)
            start_s = time.fitting(max(ready_s, self.free_s.get(key, 0)), span_s)
            assert start_s is not None
            end_s = time.advance(start_s, content.total_s)
            assert end_s is not None
            self.free_s[key] = end_s
            jobs[operation.operation_id] = JobOrder(
                f"{lot}-{operation.name}",
                f"{lot}-{site_id}",
                operation.operation_id,
                tuple(jobs[name].job_order_id for name in operation.after),
                unit.work_unit_id,
                seat,
                site_id,
                start_s,
                content.setup_s,
                end_s,
                quantity,
                operation.setup_s > 0,
            )
        return list(jobs.values())

    def accept(self, number: int, *, at_s: int = NOW_S, quantity: int | None = None) -> OrderState:
        """Place an order, fold its acceptance and let the twin follow it."""
        plan = made_plan(number)
        wanted = Random(number).randint(3, 12) if quantity is None else quantity
        name, started = f"ord-{number:04d}", wanted + 2
        jobs = self.place(name, plan, started, at_s)
        data = {
            "order_id": name,
            "offer_id": "",
            "option_id": "",
            "party_id": "anna",
            "design_revision": plan.design_revision,
            "plan_digest": plan.process_plan_id,
            "quantity": wanted,
            "zone_id": "door",
            "price_minor": 1,
            "currency": "EUR",
            "promised_at_s": at_s + YEAR_S,
            "p50_at_s": at_s,
            "requested_at_s": None,
            "due_s": at_s + YEAR_S,
            "under_tolerance": 0,
            "over_tolerance": 0,
            "production_orders": {job.production_order_id: started for job in jobs},
            "jobs": [encoded(job) for job in jobs],
        }
        self.plans[name] = plan
        self.fold(NewEvent(f"order:{name}", "OrderAccepted", 1, data, at_s, "anna/buyer"))
        self.twin.add(self.orders[name], plan)
        return self.orders[name]

    def fold(self, event: NewEvent) -> None:
        """Remember an event in its order and in every work unit."""
        self.events.append(event)
        kind, name = event.stream.split(":")
        if kind == "order":
            self.orders[name] = fold_order(self.orders.get(name), event)
        self.units = {name: fold_unit(unit, event) for name, unit in self.units.items()}

    def write(self, order_id: str, kind: str, data: Mapping[str, object], at_s: int) -> None:
        """Write an event of a planner and tell the twin."""
        self.fold(NewEvent(f"order:{order_id}", kind, 1, data, at_s, "manufold"))
        self.twin.moved(self.orders[order_id])

    def hear(self, command: Command) -> None:
        """Decide a command of anybody and fold the answer; a refusal is the test's failure."""
        order = self.orders.get(command.order_id)
        plan = self.plans.get(command.order_id)
        self.commands.append(command)
        for event in decide(order, self.units.get(command.resource_id), plan, command):
            self.fold(event)

    def run(self, until_s: int = NOW_S + YEAR_S, *, remake: bool = True) -> "World":
        """Let the twin speak until an instant or until nothing is left; remake what is short."""
        while True:
            while (command := self.twin.next_command(until_s)) is not None:
                assert command.at_s <= until_s
                self.hear(command)
            short = self.twin.short if remake else ()
            if not short:
                return self
            for name in short:
                self.remake(name)

    def remake(self, name: str) -> None:
        """Plan what an order is short by as another lot behind all others."""
        order = self.orders[name]
        pieces = progress(order).short_by
        self.remakes += 1
        jobs = self.place(f"{name}-r{self.remakes}", self.plans[name], pieces + 1, order.last_at_s)
        data = {
            "production_order_id": jobs[-1].production_order_id,
            "quantity": pieces + 1,
            "jobs": [encoded(job) for job in jobs],
            "code": "execution.remake_short",
            "params": {"short": pieces},
        }
        self.write(name, "RemakePlanned", data, order.last_at_s)

    def of(self, *kinds: str) -> Sequence[Command]:
        """Return the commands of these kinds."""
        return [command for command in self.commands if command.kind in kinds]
