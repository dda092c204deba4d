"""KPIs: what the log says of work units, sites and orders, measured for whoever may see it.

Suppliers see their own sites, the network operator all of them, a buyer how its own orders came.
Of orders a supplier is told only where every job order stands at sites of its own: a date that
another owner may have missed is not its figure.

The log is read once and remembered in this process; asking again reads what is new.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from threading import Lock
from typing import Literal

from manufold.improvement.delivery import delivery_kpis
from manufold.improvement.elements import Elements, Worked, elements_of, up_of
from manufold.improvement.ends import last_jobs
from manufold.improvement.equipment import equipment_kpis, notes_on
from manufold.improvement.kpi import Kpi
from manufold.improvement.lots import lot_kpis, lots_of
from manufold.improvement.records import JobRecord, OrderRecord, UnitRecord, Window
from manufold.improvement.remember import Remembered
from manufold.improvement.stretches import Measured
from manufold.model.errors import InputFault, Reason
from manufold.model.network import Network
from manufold.model.party import Actor
from manufold.model.ports import World
from manufold.model.units import DAY_S, to_rfc3339
from manufold.services.access import actor_of, may_act, own_sites
from manufold.services.context import Context
from manufold.services.project import risen

__all__ = ["DEFAULT_S", "KpiNode", "KpiReport", "Level", "kpis"]

#: measured when nobody says from when
DEFAULT_S = 30 * DAY_S

Level = Literal["all", "site", "work_center", "work_unit"]


@dataclass(frozen=True, slots=True)
class KpiNode:
    """One place in the hierarchy of equipment.

    Args:
        node_id: of the site, work center or work unit; "" for all that was looked at.
        parent_id: of the node above, "" below `all` and for `all` itself.
        elements: what was counted.
        notes: what these figures leave out or cannot see.
    """

    level: Level
    node_id: str
    parent_id: str
    elements: Elements
    kpis: tuple[Kpi, ...]
    notes: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class KpiReport:
    """What was measured in a window.

    Args:
        from_s, to_s: the window, not before the log begins and not after the world's clock.
        sites: those looked at, sorted.
        nodes: from all down to work units; empty for a buyer.
        orders: of the orders looked at; empty where one work unit was asked for.
        notes: what was changed about the question.
    """

    world: World
    from_s: int
    to_s: int
    sites: tuple[str, ...]
    nodes: tuple[KpiNode, ...]
    orders: tuple[Kpi, ...]
    notes: tuple[Reason, ...]


def kpis(
    ctx: Context,
    actor: Actor,
    *,
    from_s: int | None = None,
    to_s: int | None = None,
    site: str | None = None,
    work_unit: str | None = None,
) -> KpiReport:
    """Return the key performance indicators that the actor may see.

    Args:
        from_s, to_s: default the last 30 days up to the world's clock.
        site, work_unit: only this one.

    Raises:
        InputFault: `kpi.window_empty`, `kpi.nothing_happened`, `kpi.site_unknown`,
            `kpi.unit_unknown`, `access.role_may_not` for a buyer that asks for a site, and what
            `access.actor_of` raises.
    """
    actor_of(ctx.network, actor)
    if site is not None or work_unit is not None:
        may_act(ctx.network, actor, *_ROLES)
    sites, units = _asked(ctx.network, actor, site, work_unit)
    lock: Lock = ctx.kept.setdefault("kpi_lock", Lock())
    with lock:
        log = _read(ctx)
        window, notes = _window(log, ctx.clock.now_s(), from_s, to_s)
        jobs = [job for job in log.jobs.values() if job.resource_id in units]
        nodes = () if actor.role == "buyer" else _nodes(ctx.network, log, window, units, jobs)
        seen = () if work_unit is not None else _orders(ctx.network, actor, log, sites)
        orders = () if work_unit is not None else delivery_kpis(seen, window)
    return KpiReport(
        ctx.store.world,
        window.from_s,
        window.to_s,
        tuple(sorted(sites)),
        nodes,
        orders,
        notes,
    )


_ROLES = ("planner", "operator", "quality_engineer", "owner", "network_operator")


def _asked(
    network: Network, actor: Actor, site: str | None, work_unit: str | None
) -> tuple[frozenset[str], frozenset[str]]:
    """Return the sites and work units to look at; another owner's do not exist."""
    sites = own_sites(network, actor)
    if site is not None:
        if site not in sites:
            known = ", ".join(sorted(sites))
            raise InputFault("kpi.site_unknown", site=site[:80], known=known)
        sites = frozenset({site})
    units = frozenset(
        unit.work_unit_id
        for unit in network.work_units
        if network.site_of(unit.work_unit_id).site_id in sites
    )
    if work_unit is None:
        return sites, units
    if work_unit not in units:
        raise InputFault("kpi.unit_unknown", unit=work_unit[:80])
    return frozenset({network.site_of(work_unit).site_id}), frozenset({work_unit})


def _read(ctx: Context) -> Remembered:
    log: Remembered = ctx.kept.setdefault("kpi_log", Remembered())
    for event in ctx.store.read(log.seq):
        log.take(risen(event))
    return log


def _window(
    log: Remembered, now_s: int, from_s: int | None, to_s: int | None
) -> tuple[Window, tuple[Reason, ...]]:
    """Return the window that can be measured, and in which way it is not the one asked for."""
    if log.first_s is None:
        raise InputFault("kpi.nothing_happened")
    wanted_to_s = now_s if to_s is None else to_s
    wanted_from_s = min(wanted_to_s, now_s) - DEFAULT_S if from_s is None else from_s
    window = Window(max(wanted_from_s, log.first_s), min(wanted_to_s, now_s))
    if window.from_s >= window.to_s:
        raise InputFault(
            "kpi.window_empty",
            asked=f"{to_rfc3339(wanted_from_s, 'UTC')} - {to_rfc3339(wanted_to_s, 'UTC')}",
            known=f"{to_rfc3339(log.first_s, 'UTC')} - {to_rfc3339(now_s, 'UTC')}",
        )
    notes = []
    if wanted_from_s < log.first_s:
        days = -((wanted_from_s - log.first_s) // DAY_S)
        notes.append(Reason("kpi.before_the_log", {"days": days}))
    if wanted_to_s > now_s:
        notes.append(Reason("kpi.after_the_clock", {}))
    return window, tuple(notes)


def _nodes(
    network: Network,
    log: Remembered,
    window: Window,
    names: Iterable[str],
    jobs: Sequence[JobRecord],
) -> tuple[KpiNode, ...]:
    units = _units(network, log, window, names, jobs)
    site_of = {name: unit.site_id for name, unit in units.items()}
    leave_site, leave_all = last_jobs(jobs, site_of)
    by_unit: dict[str, list[JobRecord]] = {name: [] for name in units}
    for job in jobs:
        by_unit[job.resource_id].append(job)
    counted = {
        name: elements_of(unit, by_unit[name], window, leave_site=leave_site, leave_all=leave_all)
        for name, unit in units.items()
    }
    whole = Elements.total(counted.values())
    lives: dict[str, Worked] = {}

    def lots(made: Iterable[JobRecord]) -> tuple[Kpi, ...]:
        return lot_kpis(lots_of(made, units, window, lives))

    nodes = [_node("all", "", "", whole, (*equipment_kpis(whole, whole.leaving_all), *lots(jobs)))]
    for site_id in sorted(set(site_of.values())):
        here = [name for name in units if site_of[name] == site_id]
        total = Elements.total(counted[name] for name in here)
        made = [job for job in jobs if site_of[job.resource_id] == site_id]
        found = (*equipment_kpis(total, total.leaving_site), *lots(made))
        nodes.append(_node("site", site_id, "", total, found))
        for center_id in sorted({units[name].work_center_id for name in here}):
            inside = sorted(name for name in here if units[name].work_center_id == center_id)
            total = Elements.total(counted[name] for name in inside)
            nodes.append(_node("work_center", center_id, site_id, total))
            nodes += [_node("work_unit", name, center_id, counted[name]) for name in inside]
    return tuple(nodes)


def _node(
    level: Level,
    node_id: str,
    parent_id: str,
    elements: Elements,
    found: tuple[Kpi, ...] | None = None,
) -> KpiNode:
    """Return a node; of a work unit or a work center, which make operations and not goods, nothing
    is told per good piece or per production order."""
    measured = equipment_kpis(elements) if found is None else found
    return KpiNode(level, node_id, parent_id, elements, measured, notes_on(elements))


def _units(
    network: Network,
    log: Remembered,
    window: Window,
    names: Iterable[str],
    jobs: Iterable[JobRecord],
) -> dict[str, UnitRecord]:
    """Return the work units with their calendars compiled as far as their work reaches."""
    from_s = min([window.from_s, *(job.begun_s for job in jobs if job.begun_s is not None)])
    to_s = max(window.to_s, log.last_s) + 1
    working: dict[str, tuple[tuple[int, int], ...]] = {}
    found: dict[str, UnitRecord] = {}
    for name in sorted(names):
        unit = network.work_unit[name]
        if unit.calendar_id not in working:
            calendar = network.calendar[unit.calendar_id]
            working[unit.calendar_id] = calendar.intervals(from_s, to_s)
        open_s = working[unit.calendar_id]
        downs = tuple((down_s or 0, up_s) for down_s, up_s in log.downs.get(name, ()))
        site = network.site_of(name)
        found[name] = UnitRecord(
            name,
            unit.work_center_id,
            site.site_id,
            unit.seats,
            Measured(open_s),
            Measured(up_of(open_s, downs, to_s) if downs else open_s),
            downs,
            {one.name: Fraction(one.time_factor) for one in unit.capabilities},
            Fraction(site.grid_g_per_kwh),
        )
    return found


def _orders(
    network: Network, actor: Actor, log: Remembered, sites: frozenset[str]
) -> tuple[OrderRecord, ...]:
    """Return the orders whose dates are the actor's to see."""
    if actor.role == "buyer":
        return tuple(o for o in log.orders.values() if o.party_id == actor.party_id)
    if actor.role == "network_operator" and len(sites) == len(network.site):
        return tuple(log.orders.values())
    ours = {
        unit.work_unit_id
        for unit in network.work_units
        if network.site_of(unit.work_unit_id).site_id in sites
    }
    return tuple(
        order
        for order in log.orders.values()
        if order.jobs and all(log.jobs[name].resource_id in ours for name in order.jobs)
    )
