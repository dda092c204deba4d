"""One world with its services: what a person at a command line or in a notebook holds in hands."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import date, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any

from manufold.acting import Acting
from manufold.asking import command_of, instant_s, read_file
from manufold.design.contract import InputFile
from manufold.model.errors import InputFault, StoreFault
from manufold.model.evidence import Passport
from manufold.model.execution import OrderState
from manufold.model.network import Network
from manufold.model.offer import Offer
from manufold.model.party import Role
from manufold.model.ports import StoredEvent
from manufold.model.units import HOUR_S
from manufold.services import change, make, order, prove, quote
from manufold.services import schedule as scheduling
from manufold.services.context import Context
from manufold.services.explain import explain_offer
from manufold.services.explain_order import explain_order
from manufold.services.explained import Explained
from manufold.services.forget import forget_design, forget_offer
from manufold.services.hold_log import Hold, show_holds
from manufold.services.holding import extend_offer, release_offer
from manufold.services.instructions import Instructions, instructions
from manufold.services.kpis import KpiReport, kpis
from manufold.services.promises import PlanAsk, Promises, promises
from manufold.services.run import Told, run
from manufold.services.weights import Weights
from manufold.store import SqlStore
from manufold.store.home import Home
from manufold.world_planning import Planning

__all__ = ["Manufold"]

_HOURS_MOST = 87_660


class Manufold(Planning, AbstractContextManager["Manufold"]):
    """One world with its services; made by `open_home`, closed by leaving the `with` block.

    Every verb takes the party that acts; without one, the only party fit for it does, or the one
    that the setting `party` names.
    """

    def __init__(self, ctx: Context, store: SqlStore, home: Home, language: str) -> None:
        self.ctx = ctx
        self.store = store
        self.home = home
        self.language = language
        self.acting = Acting(ctx)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Release the store and the desk, and stop the workers."""
        self.ctx.executor.close()
        self.ctx.desk.close()
        self.ctx.store.close()

    @property
    def network(self) -> Network:
        """The network of this world."""
        return self.ctx.network

    @property
    def world(self) -> str:
        """Whether this world is "live" or "sim"."""
        return self.ctx.store.world

    def offer(
        self,
        *files: str | Path | InputFile,
        quantity: int = 1,
        material: str | None = None,
        to: str = "",
        by: str | None = None,
        party: str | None = None,
        vertical: str | None = None,
        **parameters: str | int | bool,
    ) -> quote.Quoted:
        """Return a binding offer for a design, its slots held.

        Args:
            files: paths, or files already read.
            by: wanted at the door by then: a date (end of that day in the zone) or RFC 3339.
            parameters: choices for the vertical.

        Raises:
            InputFault, CannotMake, Conflict: see `services.quote.offer`.
        """
        if material is not None:
            parameters["material"] = material
        by_s = None if by is None else instant_s(by, self.acting.zone(to))
        actor = self.acting.actor(party, "buyer")
        zone_id = to or self.ctx.settings.to or self.acting.zone_of(actor)
        ask = quote.Ask(
            [read_file(f) for f in files], quantity, zone_id, by_s, vertical, parameters
        )
        return quote.offer(self.ctx, actor, ask)

    def promise(
        self,
        plan: Mapping[str, Any],
        *,
        quantity: int = 1,
        to: str = "",
        by: str | None = None,
        weights: Weights | None = None,
        party: str | None = None,
    ) -> Promises:
        """Return what a process plan could be promised for now; nothing is held.

        Args:
            plan: as `contracts/process_plan.schema.json` has it.
            by: wanted at the door by then: a date (end of that day in the zone) or RFC 3339.

        Raises:
            InputFault, CannotMake: see `services.promises.promises`.
        """
        by_s = None if by is None else instant_s(by, self.acting.zone(to))
        actor = self.acting.actor(party, "buyer")
        zone_id = to or self.ctx.settings.to or self.acting.zone_of(actor)
        return promises(self.ctx, actor, PlanAsk(plan, quantity, zone_id, by_s, weights))

    def show_offer(self, offer_id: str, *, party: str | None = None) -> Offer:
        """Return an offer again."""
        return quote.show_offer(self.ctx, self.acting.actor(party, "buyer"), offer_id)

    def explain(self, name: str, option: str = "", *, party: str | None = None) -> Explained:
        """Return why this date, why this site, why late, and what a day earlier would cost.

        Args:
            name: an offer's id, with one of its options, or an order's.

        Raises:
            Conflict, InputFault: see `services.explain.explain_offer`,
                `services.explain_order.explain_order`.
        """
        if name.startswith("ofr_"):
            actor = self.acting.actor(party, "buyer")
            return explain_offer(self.ctx, actor, name, option)
        seer = self.acting.seer(party)
        return explain_order(self.ctx, seer, self.acting.order_id(seer, name))

    def accept(
        self, offer_id: str, option: str, *, key: str = "", party: str | None = None
    ) -> OrderState:
        """Return the order that accepting an option makes; the same call twice, the same order."""
        made = order.accept(self.ctx, self.acting.actor(party, "buyer"), offer_id, option, key)
        self.ctx.sign_head(self.store, self.ctx.clock.now_s())  # a witness to what now binds
        return made

    def extend(self, offer_id: str, *, party: str | None = None) -> Offer:
        """Return an offer after it was held for longer.

        Raises:
            Conflict: see `services.holding.extend_offer`.
        """
        return extend_offer(self.ctx, self.acting.actor(party, "buyer"), offer_id)

    def release(self, offer_id: str, *, party: str | None = None) -> None:
        """End an offer that is not wanted; its slots go free.

        Raises:
            Conflict: see `services.holding.release_offer`.
        """
        release_offer(self.ctx, self.acting.actor(party, "buyer"), offer_id)

    def forget(self, subject_id: str, *, party: str | None = None) -> bool:
        """Delete the files and measures behind an offer or an order; True when there were any.

        An offer that nobody accepted ends by it; an order must be over.

        Raises:
            Conflict: see `services.forget`.
        """
        actor = self.acting.actor(party, "buyer")
        if subject_id.startswith("ord_"):
            return forget_design(self.ctx, actor, subject_id)
        return forget_offer(self.ctx, actor, subject_id)

    def holds(
        self,
        *,
        since: str | None = None,
        until: str | None = None,
        site: str | None = None,
        only_open: bool = False,
        party: str | None = None,
    ) -> tuple[Hold, ...]:
        """Return who held what and how it ended, as far as the party may see it.

        Args:
            since, until: a day (its begin, its end) or RFC 3339; default the last seven days.

        Raises:
            InputFault: see `services.hold_log.show_holds`.
        """
        zone = self.acting.zone("")
        from_s = None if since is None else _begin_s(since, zone)
        to_s = None if until is None else _end_s(until, zone)
        seer = self.acting.seer(party)
        return show_holds(self.ctx, seer, from_s=from_s, to_s=to_s, site=site, only_open=only_open)

    def cancel(self, order_id: str, reason: str, *, party: str | None = None) -> OrderState:
        """Return the order after cancelling it."""
        actor = self.acting.actor(party, "buyer")
        return change.cancel(self.ctx, actor, self.acting.order_id(actor, order_id), reason)

    def order(self, order_id: str, *, party: str | None = None) -> OrderState:
        """Return what the party may see of an order."""
        seer = self.acting.seer(party)
        return order.show_order(self.ctx, seer, self.acting.order_id(seer, order_id))

    def orders(self, *, party: str | None = None) -> tuple[OrderState, ...]:
        """Return the orders the party may see."""
        return order.show_orders(self.ctx, self.acting.seer(party))

    def forecast_at_s(self, found: OrderState) -> int | None:
        """Return when an order is now expected at the door, None where that is not known."""
        return scheduling.forecast_at_s(self.ctx, found)

    def instructions(self, order_id: str, *, party: str | None = None) -> Instructions:
        """Return what a shop needs in its hands to make its part of an order.

        Raises:
            Conflict, InputFault: see `services.instructions.instructions`.
        """
        seer = self.acting.maker(party)
        return instructions(self.ctx, seer, self.acting.order_id(seer, order_id))

    def say(
        self,
        command: bytes | Mapping[str, Any],
        *,
        party: str | None = None,
        role: Role | None = None,
        now: bool = False,
    ) -> tuple[StoredEvent, ...]:
        """Say what has happened on the floor; return the events, none if it was said before.

        Args:
            command: as `contracts/command.schema.json` has it, read already or JSON.
            role: of who says it; a supplier's operator, a buyer, or the network operator if None.
            now: it happens now, whatever stands in `at_s`; said again, it is done once.

        Raises:
            Conflict, InputFault: see `services.make.say`.
        """
        at_s = self.ctx.clock.now_s() if now else None
        said = command_of(command, "", at_s)
        actor = self.acting.sayer(party, said.kind, role)
        return make.say(self.ctx, actor, said, now=now)

    def kpis(
        self,
        *,
        since: str | None = None,
        until: str | None = None,
        site: str | None = None,
        work_unit: str | None = None,
        party: str | None = None,
    ) -> KpiReport:
        """Return what can be measured and the party may see.

        Args:
            since, until: a day (its begin, its end) or RFC 3339; default the last 30 days.

        Raises:
            InputFault: see `services.kpis.kpis`; `app.instant_malformed`, `app.instant_outside`.
        """
        zone = self.acting.zone("")
        from_s = None if since is None else _begin_s(since, zone)
        to_s = None if until is None else _end_s(until, zone)
        actor = self.acting.seer(party)
        return kpis(self.ctx, actor, from_s=from_s, to_s=to_s, site=site, work_unit=work_unit)

    def run(
        self,
        *,
        until: str | None = None,
        hours: float | None = None,
        orders: Sequence[str] = (),
        told: Told | None = None,
    ) -> dict[str, Any]:
        """Let a simulated world run on, to an instant or until the orders are delivered.

        Raises:
            InputFault: `run.live_world` for a live one, which nobody can push on;
                `app.hours_wrong`, `run.time_past`, `run.order_unknown`.
        """
        until_s = None
        if until is not None:
            until_s = instant_s(until, self.acting.zone(""))
        elif hours is not None:
            if not 0 < hours <= _HOURS_MOST:
                raise InputFault("app.hours_wrong", hours=str(hours), most=_HOURS_MOST)
            until_s = self.ctx.clock.now_s() + round(hours * HOUR_S)
        seer = self.acting.seer(None)
        wanted = tuple(self.acting.order_id(seer, found) for found in orders)
        return run(self.ctx, until_s=until_s, orders=wanted, told=told)

    def passport(self, order_id: str, *, party: str | None = None) -> Passport:
        """Return what is proven about a delivered order."""
        seer = self.acting.seer(party, buyer_first=True)
        return prove.show_passport(self.ctx, seer, self.acting.order_id(seer, order_id))

    def verify(self) -> dict[str, Any]:
        """Return what was checked when everything stands.

        Raises:
            StoreFault: `store.verify_failed`, with each fault; `store.corrupt`.
        """
        damage = self.store.damage()
        if damage:
            raise StoreFault("store.corrupt", what=damage)
        report = self.home.verify(self.store)
        faults = [*report.faults, *prove.passport_faults(self.ctx)]
        if faults:
            raise StoreFault("store.verify_failed", faults=tuple(faults), count=len(faults))
        return {
            "world": self.world,
            "events": report.events,
            "heads": report.heads,
            "passports": prove.count_passports(self.ctx),
            "head": {"seq": report.head.seq, "hash": report.head.hash},
        }


def _begin_s(text: str, zone: str) -> int:
    """Return the instant at which a day begins, or the one that was written."""
    end_s = _end_s(text, zone)
    try:
        before = date.fromisoformat(text) - timedelta(days=1)
    except ValueError:
        return end_s
    return _end_s(before.isoformat(), zone) if before.year >= 2020 else 0


def _end_s(text: str, zone: str) -> int:
    """Return the instant at which a day is over, or the one that was written."""
    found_s = instant_s(text, zone)
    try:
        date.fromisoformat(text)
    except ValueError:
        return found_s
    return found_s + 1
