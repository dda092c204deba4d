"""The composition root: the one place that knows every part and puts them together.

`open_home` gives a `Manufold`: the services on one store, with the defaults a person at a command
line or a notebook expects. Edges call the same verbs.
"""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from datetime import date, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any

from manufold.acting import Acting
from manufold.asking import instant_s, read_file
from manufold.connect.network_file import read_network
from manufold.demo import demo_network_path
from manufold.design.contract import InputFile, Vertical, verticals
from manufold.model.codec import canonical, decoded, from_json, stamped, unstamped
from manufold.model.errors import Conflict, InputFault, StoreFault
from manufold.model.evidence import Passport, SignedHead
from manufold.model.execution import OrderState
from manufold.model.network import Network
from manufold.model.offer import Offer
from manufold.model.ports import Batch, Executor, Ids, Store, World
from manufold.model.schedule import Slot
from manufold.model.units import HOUR_S
from manufold.services import change, order, prove, quote
from manufold.services import schedule as scheduling
from manufold.services.backlog import import_backlog
from manufold.services.context import Context
from manufold.services.documents import event
from manufold.services.kpis import KpiReport, kpis
from manufold.services.project import project
from manufold.services.run import Told, run
from manufold.settings import Settings, default_home
from manufold.store import SqlStore, SystemClock
from manufold.store.home import Home, create_home
from manufold.store.home import open_home as opened
from manufold.store.ids import SimIds
from manufold.workers.pool import KillablePool

__all__ = ["Manufold", "open_home", "use_network"]

_HOURS_MOST = 87_660
_NOBODY: Callable[[str], None] = lambda text: None  # noqa: E731


class Manufold(AbstractContextManager["Manufold"]):
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

    def show_offer(self, offer_id: str, *, party: str | None = None) -> Offer:
        """Return an offer again."""
        return quote.show_offer(self.ctx, self.acting.actor(party, "buyer"), offer_id)

    def accept(
        self, offer_id: str, option: str, *, key: str = "", party: str | None = None
    ) -> OrderState:
        """Return the order that accepting an option makes; the same call twice, the same order."""
        made = order.accept(self.ctx, self.acting.actor(party, "buyer"), offer_id, option, key)
        self.ctx.sign_head(self.store, self.ctx.clock.now_s())  # a witness to what now binds
        return made

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

    def schedule(
        self,
        *,
        site: str | None = None,
        work_unit: str | None = None,
        days: int = 7,
        party: str | None = None,
    ) -> tuple[Slot, ...]:
        """Return the slots of the next days at the party's sites."""
        actor = self.acting.seer(party)
        return scheduling.show_slots(self.ctx, actor, site=site, work_unit=work_unit, days=days)

    def improve(self, *, party: str | None = None) -> dict[str, Any]:
        """Better the schedule without breaking a promise; return what was gained."""
        return scheduling.improve_schedule(self.ctx, self.acting.planner(party))

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


def open_home(
    home: str | Path | None = None,
    *,
    language: str | None = None,
    say: Callable[[str], None] = _NOBODY,
    make: bool = True,
    start: str | None = None,
    executor: Executor | None = None,
) -> Manufold:
    """Open a home; one that does not exist yet is made as a simulated world on the demo network.

    Args:
        home: the state folder; default MANUFOLD_HOME, else `.manufold` in the user's folder.
        language: of sentences; default the setting `language`.
        say: told, once each, what a person should know.
        make: make a home that does not exist yet; else `home.missing`.
        start: where the clock of a world made now begins, RFC 3339; the same start and the same
            seed make the same world, to the byte. Now, when not given.
        executor: where designs are read, perhaps warm already; closed with the home.

    Raises:
        StoreFault: the store is locked, corrupt or from a newer version.
        InputFault: a setting or the network file is at fault.
    """
    path = default_home() if home is None else Path(home)
    if make and not (path / "home.toml").exists():
        say(f"making {path}: a simulated world on the demo network")
        start_s = None if start is None else instant_s(start, "UTC")
        use_network(path, demo_network_path(), world="sim", backlog=True, start_s=start_s)
    return _composed(opened(path), path, language, executor)


def use_network(
    home: str | Path | None,
    file: str | Path,
    *,
    world: str | None = None,
    database: str | None = None,
    backlog: bool = False,
    start_s: int | None = None,
) -> dict[str, Any]:
    """Make a home for a network, or give an existing home a new revision of its network.

    Args:
        world: of a new home, "sim" unless told; an existing one keeps its own.
        backlog: load a simulated world with a seeded backlog, so that no promise is made on
            empty factories.
        start_s: where the clock of a new simulated world begins; now, when not given.

    Raises:
        InputFault: `network.file_faults` with every fault; `app.world_unknown`.
        Conflict: `home.exists` of another world.
        StoreFault: `home.*` when the folder cannot be a home.
    """
    if world not in (None, "sim", "live"):
        raise InputFault("app.world_unknown", world=world[:40])
    path = default_home() if home is None else Path(home)
    network = read_network(file)
    if (path / "home.toml").exists():
        made = opened(path)
        if world not in (None, made.world):
            raise Conflict("home.exists", path=str(path), world=made.world)
    else:
        wanted: World = "live" if world == "live" else "sim"
        made = create_home(path, wanted, database, sim_start_s=start_s)
    document = canonical(stamped("network", 1, network))
    made.keep_network(network.revision, {"network.json": document})
    with _composed(made, path, None) as m:
        ctx = m.ctx
        loaded = ctx.store.get("network", "now")
        if loaded is None or loaded.get("revision") != network.revision:
            now_s = ctx.clock.now_s()
            data = {"name": network.name, "revision": network.revision}
            said = event("network", "NetworkLoaded", data, now_s, "manufold")
            ctx.store.append(Batch((said,), now_s=now_s))
        if backlog:
            import_backlog(ctx)
    return {
        "schema": "manufold/network_use_answer/1",
        "home": str(path),
        "network": network.name,
        "revision": network.revision,
        "world": made.world,
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


def _composed(
    home: Home, path: Path, language: str | None, executor: Executor | None = None
) -> Manufold:
    settings = Settings.read(path)
    network = _network_of(home)
    if home.world == "sim" and not (path / "clock.json").exists():
        raise StoreFault("store.clock_damaged", path=str(path / "clock.json"))  # never begin anew
    found: dict[str, Vertical] = verticals()
    store = home.store(project)
    public = home.signing_key().public.public_bytes_raw().hex()

    def sign(_store: Store, at_s: int) -> SignedHead:
        head = home.sign_head(store, at_s)
        return SignedHead(head.seq, head.hash, head.at_s, head.signature, public)

    ctx = Context(
        store=store,
        blobs=home.blobs(),
        clock=home.clock(),
        ids=_ids(home, settings, store),
        network=network,
        executor=executor or KillablePool(),
        verticals=found,
        settings=settings,
        sign_head=sign,
        secret=home.secret(),
        desk=home.desk(),
        wall=SystemClock(),
    )
    return Manufold(ctx, store, home, language or settings.language)


def _ids(home: Home, settings: Settings, store: SqlStore) -> Ids:
    if home.world == "live":
        return home.ids()
    return SimIds(home.clock(), settings.twin_seed, lambda: store.head().seq)


def _network_of(home: Home) -> Network:
    kept = home.network()
    if kept is None:
        raise StoreFault("app.home_without_network", home=str(home.path))
    document = from_json(kept[1]["network.json"])
    return decoded(Network, unstamped(document, "network", 1))
