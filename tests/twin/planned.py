"""A world in which everything takes its standard time, on a schedule that somebody made."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from manufold.execution import decide, fold_order, fold_unit
from manufold.model.codec import encoded
from manufold.model.execution import Command, JobOrder, OrderState, UnitState
from manufold.model.network import Network
from manufold.model.ports import NewEvent
from manufold.model.schedule import Job, Slot
from manufold.services.order import job_order
from manufold.twin.settings import TwinSettings
from manufold.twin.shop import ShopTwin

#: nothing is left to luck
STANDARD = TwinSettings(
    setup_cv_fraction=0,
    run_cv_fraction=0,
    lane_cv_fraction=0,
    repair_cv_fraction=0,
    energy_cv_fraction=0,
    stay_s=0,
)
FOR_EVER_S = 1 << 40
#: (holder, operation)
Key = tuple[str, str]


@dataclass
class Planned:
    """Orders whose job orders stand where slots are, and a twin that works on them.

    Args:
        settings: how much luck there is.
    """

    network: Network
    jobs: Mapping[str, Job]
    now_s: int
    settings: TwinSettings = STANDARD
    seed: int = 7
    orders: dict[str, OrderState] = field(default_factory=dict)
    units: dict[str, UnitState] = field(default_factory=dict)
    commands: list[Command] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.units = {u.work_unit_id: UnitState(u.work_unit_id) for u in self.network.work_units}
        self.begin(self.now_s)

    def begin(self, at_s: int) -> None:
        """Make the twin anew from the states."""
        self.twin = ShopTwin(
            self.network,
            self.seed,
            now_s=self.now_s,
            settings=self.settings,
            units=self.units.values(),
            resumed_s=at_s,
        )
        for name, order in self.orders.items():
            self.twin.add(order, self.jobs[name].plan)

    def accept(self, slots: Iterable[Slot]) -> None:
        """Accept an order for each holder of slots."""
        by_holder: dict[str, list[Slot]] = {}
        for slot in slots:
            by_holder.setdefault(slot.holder, []).append(slot)
        for holder, found in by_holder.items():
            job = self.jobs[holder]
            named = {slot.operation_id: f"{holder}/{slot.operation_id}" for slot in found}
            made = [job_order(self.network, job.plan, s, named, f"pro-{holder}") for s in found]
            data = {
                "order_id": holder,
                "offer_id": "",
                "option_id": "",
                "party_id": "anna",
                "design_revision": job.plan.design_revision,
                "plan_digest": job.plan.process_plan_id,
                "quantity": job.quantity,
                "zone_id": "home",
                "price_minor": 1,
                "currency": "EUR",
                "promised_at_s": self.now_s,
                "p50_at_s": self.now_s,
                "requested_at_s": None,
                "due_s": self.now_s,
                "under_tolerance": 0,
                "over_tolerance": 0,
                "production_orders": {f"pro-{holder}": job.quantity},
                "jobs": [encoded(one) for one in made],
            }
            self.fold(NewEvent(f"order:{holder}", "OrderAccepted", 1, data, self.now_s, "anna"))
            self.twin.add(self.orders[holder], job.plan)

    def move(self, slots: Iterable[Slot], at_s: int) -> None:
        """Give planned job orders new slots, as a planner's round does."""
        moves: dict[str, list[dict[str, object]]] = {}
        for slot in slots:
            job = self.job(slot)
            if job.state in ("finished", "cancelled"):
                continue
            move = {
                "job_order_id": job.job_order_id,
                "resource_id": slot.resource_id,
                "seat": slot.seat,
                "site_id": job.site_id,
                "start_s": slot.start_s,
                "setup_s": slot.setup_s,
                "end_s": slot.end_s,
                "also": encoded(slot.also),
            }
            moves.setdefault(slot.holder, []).append(move)
        for holder, found in moves.items():
            data = {"moves": found, "code": "schedule.caught_up", "params": {}}
            self.fold(NewEvent(f"order:{holder}", "SlotsMoved", 1, data, at_s, "manufold"))
        for holder in moves:
            self.twin.moved(self.orders[holder])

    def run(self, until_s: int = FOR_EVER_S) -> "Planned":
        """Let the twin speak until an instant; a refusal is the test's failure."""
        while (command := self.twin.next_command(until_s)) is not None:
            self.hear(command)
        return self

    def hear(self, command: Command) -> None:
        """Decide a command and fold the answer."""
        order, plan = self.orders.get(command.order_id), None
        if order is not None:
            plan = self.jobs[command.order_id].plan
        self.commands.append(command)
        for event in decide(order, self.units.get(command.resource_id), plan, command):
            self.fold(event)

    def fold(self, event: NewEvent) -> None:
        """Remember an event in its order and in every work unit."""
        kind, name = event.stream.split(":", 1)
        if kind == "order":
            self.orders[name] = fold_order(self.orders.get(name), event)
        self.units = {name: fold_unit(unit, event) for name, unit in self.units.items()}

    def job(self, slot: Slot) -> JobOrder:
        """Return the job order that a slot became."""
        jobs = self.orders[slot.holder].jobs
        return jobs[f"{slot.holder}/{slot.operation_id}"]
