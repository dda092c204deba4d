"""The board: what every work unit does, which orders come late and why; for people who work here.

A planner, an operator or an owner sees the work units and the work of its own sites, a network
operator all of them; nobody sees buyers or prices here. What late and at risk mean stands in
`services.standing`, the causes come from `services.why_late`.

Cost    one pass over orders and bookings; orders are kept decoded (`services.order_book`), and a
        board that was made for the same place in the log and the same instant is not made again.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from manufold.model.errors import InputFault, Reason
from manufold.model.execution import OrderState
from manufold.model.network import Network
from manufold.model.party import Actor
from manufold.model.units import DAY_S
from manufold.services.access import may_act, own_sites, visible_order
from manufold.services.board_bars import (
    Bar,
    Closed,
    Interval,
    bars_of_offers,
    bars_of_orders,
)
from manufold.services.context import Context
from manufold.services.documents import units_of
from manufold.services.order_book import order_book
from manufold.services.standing import Expected, expected, outlook_of
from manufold.services.why_late import why

__all__ = [
    "DAYS_MOST",
    "DONE_DAYS",
    "Board",
    "BoardOrder",
    "BoardRow",
    "BoardSite",
    "board",
]

#: longest window; a month of two thousand job orders is what a screen can show
DAYS_MOST = 60
#: how far from now a window may begin
_FAR_S = 800 * DAY_S
#: the punctuality shown is that of orders done in the last weeks
DONE_DAYS = 28
#: boards kept made
_KEPT_MOST = 8


@dataclass(frozen=True, slots=True)
class BoardSite:
    """A site on the board; its slots before `frozen_until_s` do not move."""

    site_id: str
    name: str
    zone: str
    frozen_until_s: int


@dataclass(frozen=True, slots=True)
class BoardRow:
    """One seat of a work unit.

    Args:
        calendar_id: of `Board.closed`.
        seats: of the work unit in all.
    """

    work_unit_id: str
    name: str
    site_id: str
    work_center_id: str
    work_center: str
    seat: int
    seats: int
    calendar_id: str
    down_since_s: int | None = None


@dataclass(frozen=True, slots=True)
class BoardOrder:
    """An order on the board: how it stands and, where it is late or at risk, why.

    Args:
        quantity: good pieces ordered.
        zone: IANA zone of the door, or of the gate.
        reasons: the cause to act on first; empty when it comes in time.
    """

    order_id: str
    state: str
    quantity: int
    zone: str
    sites: tuple[str, ...]
    expected: Expected
    requested_s: int | None = None
    reasons: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True)
class Board:
    """Everything a planner looks at, as of `seq` in the log and `now_s` on the world's clock.

    Args:
        closed: calendar -> when nothing works inside the window.
        orders: those with a bar in the window, and all that are late or at risk.
        late, at_risk: order ids, the latest first.
        done, done_kept: orders done in the last `DONE_DAYS` days, and those of them that kept
            their promised date.
        open_orders, in_production: orders not over, and those of them that have begun.
    """

    world: str
    seq: int
    now_s: int
    from_s: int
    to_s: int
    sites: tuple[BoardSite, ...]
    rows: tuple[BoardRow, ...]
    closed: Closed
    bars: tuple[Bar, ...]
    orders: Mapping[str, BoardOrder]
    late: tuple[str, ...]
    at_risk: tuple[str, ...]
    done: int
    done_kept: int
    open_orders: int
    in_production: int


def board(
    ctx: Context,
    actor: Actor,
    *,
    from_s: int | None = None,
    days: int = 7,
    site: str | None = None,
) -> Board:
    """Return the board of the actor's sites.

    Args:
        from_s: where the window begins; midnight UTC of today when not given.
        days: how long it is.
        site: only this one.

    Raises:
        InputFault: `access.role_may_not` for a buyer; `board.days_wrong`, `board.window_wrong`,
            `board.site_unknown`.
    """
    may_act(ctx.network, actor, "planner", "operator", "owner", "network_operator")
    sites = own_sites(ctx.network, actor)
    now_s = ctx.clock.now_s()
    if not 1 <= days <= DAYS_MOST:
        raise InputFault("board.days_wrong", days=str(days)[:20], most=DAYS_MOST)
    begins_s = now_s - now_s % DAY_S if from_s is None else from_s
    if abs(begins_s - now_s) > _FAR_S:
        raise InputFault("board.window_wrong", days=_FAR_S // DAY_S)
    if site is not None and site not in sites:
        raise InputFault("board.site_unknown", site=site[:80], known=", ".join(sorted(sites)))
    kept: dict[tuple[object, ...], Board] = ctx.kept.setdefault("boards", {})
    key = (ctx.store.head().seq, now_s, actor, begins_s, days, site)
    made = kept.get(key)
    if made is None:
        shown = sites if site is None else frozenset({site})
        made = _made(ctx, actor, shown, (begins_s, begins_s + days * DAY_S))
        for old in list(kept)[: -_KEPT_MOST + 1]:
            kept.pop(old, None)
        kept[key] = made
    return made


def _made(ctx: Context, actor: Actor, sites: frozenset[str], window: Interval) -> Board:
    book = order_book(ctx)
    units = {unit.resource_id: unit for unit in units_of(ctx)}
    outlook = outlook_of(ctx, units, book.orders)
    rows = _rows(ctx.network, sites, outlook.down)
    closed = {
        calendar_id: _closed(ctx.network.calendar[calendar_id].intervals(*window), window)
        for calendar_id in {row.calendar_id for row in rows}
    }
    seen = [
        order
        for one in book.orders.values()
        if (order := visible_order(ctx.network, actor, one)) is not None
        and any(job.site_id in sites for job in order.jobs.values())
    ]
    bars = bars_of_orders(ctx, seen, sites, window, closed)
    bars += bars_of_offers(ctx, sites, window, closed, whole=actor.role == "network_operator")
    barred = {bar.order_id for bar in bars}
    found = {order.order_id: expected(outlook, order) for order in seen}
    orders = {
        order.order_id: _order(ctx, order, found[order.order_id], why(outlook, order, one))
        for order in seen
        if (one := found[order.order_id]).standing in ("late", "at_risk")
        or order.order_id in barred
    }
    since_s = outlook.now_s - DONE_DAYS * DAY_S
    over = [
        one for one in found.values() if one.standing == "done" and (one.actual_s or 0) > since_s
    ]
    left = [o for o in seen if found[o.order_id].standing in ("on_time", "at_risk", "late")]
    return Board(
        world=ctx.store.world,
        seq=book.seq,
        now_s=outlook.now_s,
        from_s=window[0],
        to_s=window[1],
        sites=_sites(ctx.network, sites, outlook.now_s),
        rows=rows,
        closed=closed,
        bars=tuple(sorted(bars, key=lambda bar: (bar.work_unit_id, bar.seat, bar.from_s))),
        orders=orders,
        late=_worst(found, "late"),
        at_risk=_worst(found, "at_risk"),
        done=len(over),
        done_kept=sum(1 for one in over if not one.late_s),
        open_orders=len(left),
        in_production=sum(1 for order in left if order.state != "accepted"),
    )


def _sites(network: Network, sites: frozenset[str], now_s: int) -> tuple[BoardSite, ...]:
    return tuple(
        BoardSite(site.site_id, site.name, site.zone, now_s + site.frozen_zone_s)
        for site in network.sites
        if site.site_id in sites
    )


def _rows(network: Network, sites: frozenset[str], down: Mapping[str, int]) -> tuple[BoardRow, ...]:
    """Return a row per seat, by site, work center and work unit as the network lists them."""
    place = {site.site_id: at for at, site in enumerate(network.sites)}
    centers = {center.work_center_id: at for at, center in enumerate(network.work_centers)}
    found = [
        BoardRow(
            unit.work_unit_id,
            unit.name,
            center.site_id,
            center.work_center_id,
            center.name,
            seat,
            unit.seats,
            unit.calendar_id,
            down.get(unit.work_unit_id),
        )
        for unit in network.work_units
        if (center := network.work_center[unit.work_center_id]).site_id in sites
        for seat in range(unit.seats)
    ]
    return tuple(sorted(found, key=lambda row: (place[row.site_id], centers[row.work_center_id])))


def _closed(worked: Iterable[Interval], window: Interval) -> tuple[Interval, ...]:
    """Return what of the window is no working time."""
    shut: list[Interval] = []
    cursor_s = window[0]
    for start_s, end_s in worked:
        if start_s > cursor_s:
            shut.append((cursor_s, start_s))
        cursor_s = end_s
    if cursor_s < window[1]:
        shut.append((cursor_s, window[1]))
    return tuple(shut)


def _order(
    ctx: Context, order: OrderState, found: Expected, reasons: tuple[Reason, ...]
) -> BoardOrder:
    zone = ctx.network.delivery_zone.get(order.zone_id)
    sites = tuple(dict.fromkeys(job.site_id for job in order.jobs.values()))
    return BoardOrder(
        order.order_id,
        order.state,
        order.quantity,
        zone.zone if zone is not None else _zone_at(ctx.network, sites),
        sites,
        found,
        order.requested_at_s if found.where == "door" else None,
        reasons,
    )


def _zone_at(network: Network, sites: tuple[str, ...]) -> str:
    known = (network.site[site].zone for site in sites if site in network.site)
    return next(known, "UTC")


def _worst(found: Mapping[str, Expected], standing: str) -> tuple[str, ...]:
    """Return the orders of a standing, the one furthest behind its promise first."""

    def behind_s(order_id: str) -> int:
        one = found[order_id]
        return one.late_s or (one.p90_s or one.promised_s) - one.promised_s

    worst = [name for name, one in found.items() if one.standing == standing]
    return tuple(sorted(worst, key=lambda name: (-behind_s(name), name)))
