"""Verbs of whoever plans: look at the schedule, better it, ask what if, repair it, make a round."""

from collections.abc import Callable, Iterable, Sequence

from manufold.acting import Acting
from manufold.model.instants import happened_s
from manufold.model.schedule import Slot
from manufold.scheduling.outages import Outage
from manufold.services import schedule as scheduling
from manufold.services.context import Context
from manufold.services.repair_schedule import RepairAsk, RepairDone, repair_schedule
from manufold.services.rounds import Round, round_now
from manufold.services.scenario import Scenario
from manufold.services.schedule import Bettered
from manufold.services.what_if import WhatIf, what_if

__all__ = ["Planning"]


class Planning:
    """The planning verbs of `Manufold`."""

    ctx: Context
    acting: Acting

    def schedule(
        self,
        *,
        site: str | None = None,
        work_unit: str | None = None,
        days: int = 7,
        party: str | None = None,
    ) -> tuple[Slot, ...]:
        """Return the slots of the next days at the party's sites."""
        actor = self.acting.planner(party)
        return scheduling.show_slots(self.ctx, actor, site=site, work_unit=work_unit, days=days)

    def improve(
        self,
        *,
        seconds: float = 10.0,
        rounds: int | None = None,
        seed: int | None = None,
        dry_run: bool = False,
        workers: int | None = None,
        ray: str | None = None,
        should_stop: Callable[[], bool] = lambda: False,
        party: str | None = None,
    ) -> Bettered:
        """Better the schedule without breaking a promise; return what was gained.

        Raises:
            InputFault: see `services.schedule.improve_schedule`.
        """
        search = scheduling.Search(seconds, rounds, seed, dry_run, workers, ray)
        actor = self.acting.keeper(party)
        return scheduling.improve_schedule(self.ctx, actor, search, should_stop=should_stop)

    def what_if(self, scenarios: Sequence[Scenario], *, party: str | None = None) -> WhatIf:
        """Return what scenarios would bring, beside the schedule as it is; nothing is moved.

        Raises:
            InputFault, Conflict, CannotMake: see `services.what_if.what_if`.
        """
        return what_if(self.ctx, self.acting.planner(party), scenarios)

    def repair(
        self,
        *,
        down: Iterable[tuple[str, str, str]] = (),
        absent: Iterable[tuple[str, str, str]] = (),
        fewest: bool = False,
        dry_run: bool = False,
        party: str | None = None,
    ) -> RepairDone:
        """Repair the schedule around what is down, away or late; return what moved and why.

        Args:
            down: work units that will be down, each with the instants from and to (RFC 3339).
            absent: operators who will be away, likewise.
            fewest: whether as few operations shall move as will do.

        Raises:
            InputFault, Conflict, CannotMake: see `services.repair_schedule.repair_schedule`.
        """

        def told(listed: Iterable[tuple[str, str, str]]) -> tuple[Outage, ...]:
            return tuple(
                Outage(name, happened_s(None, from_at), happened_s(None, to_at))
                for name, from_at, to_at in listed
            )

        wanted = RepairAsk(told(down), told(absent), fewest, dry_run)
        return repair_schedule(self.ctx, self.acting.planner(party), wanted)

    def round(self, *, party: str | None = None) -> Round:
        """Make a planner's round: slots follow the floor, what came out short is planned again."""
        return round_now(self.ctx, self.acting.planner(party))
