"""Bars of the board: job orders, and what is held for offers, inside a window of time."""

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from manufold.model.execution import JobOrder, OrderState
from manufold.model.ports import Booking
from manufold.model.process_plan import ProcessPlan
from manufold.scheduling.bookings import is_claim
from manufold.services.context import Context
from manufold.services.documents import offer_of, plan_of

__all__ = ["Bar", "BarKind", "BarState", "Closed", "Interval", "bars_of_offers", "bars_of_orders"]

BarState = Literal["planned", "set_up", "running", "paused", "held", "finished"]
BarKind = Literal["offer", "firm", "begun"]

#: names of operations on hold that are kept
_NAMES_MOST = 10_000

Interval = tuple[int, int]

#: calendar -> when nothing works
Closed = Mapping[str, tuple[Interval, ...]]

_STATES: Mapping[str, BarState] = {
    "planned": "planned",
    "setting_up": "set_up",
    "set_up": "set_up",
    "setup_paused": "paused",
    "running": "running",
    "paused": "paused",
    "finished": "finished",
}


@dataclass(frozen=True, slots=True)
class Bar:
    """One job order, or one stretch held for an offer.

    Args:
        job_order_id: the booking's own id for what is held for an offer.
        order_id: "" for what is held for an offer.
        operation: its name.
        start_s, setup_end_s, end_s: as planned now; set-up counted in working time.
        state: "held" when a hold keeps it from going on.
        kind: "offer" is held for an offer until accepted, "begun" has an actual start.
    """

    job_order_id: str
    order_id: str
    operation_id: str
    operation: str
    work_unit_id: str
    seat: int
    start_s: int
    setup_end_s: int
    end_s: int
    state: BarState
    kind: BarKind
    quantity: int
    good: int = 0
    scrap: int = 0
    actual_start_s: int | None = None
    actual_end_s: int | None = None

    @property
    def from_s(self) -> int:
        """When it began, or shall begin."""
        return self.start_s if self.actual_start_s is None else self.actual_start_s

    @property
    def to_s(self) -> int:
        """When it ended, or shall end."""
        end_s = self.end_s if self.actual_end_s is None else self.actual_end_s
        return max(end_s, self.from_s + 1)


def bars_of_orders(
    ctx: Context,
    orders: Iterable[OrderState],
    sites: frozenset[str],
    window: Interval,
    closed: Closed,
) -> list[Bar]:
    """Return a bar for every job order at these sites that touches the window.

    Args:
        orders: as far as the viewer may see them.
    """
    bars: list[Bar] = []
    for order in orders:
        plan: ProcessPlan | None = None
        for job in order.jobs.values():
            if job.state == "cancelled" or job.site_id not in sites:
                continue
            start_s = job.start_s if job.actual_start_s is None else job.actual_start_s
            end_s = job.end_s if job.actual_end_s is None else job.actual_end_s
            if not (start_s < window[1] and max(end_s, start_s + 1) > window[0]):
                continue
            unit = ctx.network.work_unit.get(job.resource_id)
            if unit is None:
                continue  # a later network file no longer has it; its past is in the log
            plan = plan or plan_of(ctx, order.plan_digest)
            name = plan.operation[job.operation_id].name
            shut = closed.get(unit.calendar_id, ())
            bars.append(_bar(order, job, name, shut))
    return bars


def _bar(order: OrderState, job: JobOrder, operation: str, shut: tuple[Interval, ...]) -> Bar:
    return Bar(
        job.job_order_id,
        order.order_id,
        job.operation_id,
        operation,
        job.resource_id,
        job.seat,
        job.start_s,
        _setup_end_s(job.start_s, job.setup_s, job.end_s, shut),
        job.end_s,
        "held" if job.held and job.state != "finished" else _STATES[job.state],
        "firm" if job.actual_start_s is None else "begun",
        job.quantity_in,
        job.good,
        job.scrap,
        job.actual_start_s,
        job.actual_end_s,
    )


def _setup_end_s(start_s: int, setup_s: int, end_s: int, shut: tuple[Interval, ...]) -> int:
    """Return when so many working seconds from the start are over."""
    done_s = start_s + setup_s
    row = bisect_right(shut, (start_s, start_s))
    for shut_s, open_s in shut[max(0, row - 1) :]:
        if shut_s >= done_s:
            break
        if open_s > start_s:
            done_s += open_s - max(shut_s, start_s)
    return min(done_s, end_s)


def bars_of_offers(
    ctx: Context,
    sites: frozenset[str],
    window: Interval,
    closed: Closed,
    *,
    whole: bool,
) -> list[Bar]:
    """Return what is held for offers; options of one offer that want the same count once."""
    found: dict[tuple[object, ...], Bar] = {}
    network = ctx.network
    for booking in ctx.store.bookings(now_s=ctx.clock.now_s(), to_after_s=window[0]):
        unit = network.work_unit.get(booking.resource_id)
        if booking.state != "held" or unit is None or booking.from_s >= window[1]:
            continue
        if is_claim(booking):  # an oven's door is no bar of its own
            continue
        if network.site_of(booking.resource_id).site_id not in sites:
            continue
        key = (booking.holder, booking.resource_id, booking.seat, booking.from_s, booking.to_s)
        if key not in found:
            shut = closed.get(unit.calendar_id, ())
            name = _operation(ctx, booking)
            found[key] = _offer(booking, name, shut, len(found), whole=whole)
    return list(found.values())


def _offer(
    booking: Booking, name: str, shut: tuple[Interval, ...], number: int, *, whole: bool
) -> Bar:
    """Return the bar of a hold; whose offer it is, a supplier does not learn."""
    detail = booking.detail
    operation_id = str(detail.get("operation", ""))
    setup_s = int(detail.get("setup_s", 0))
    return Bar(
        booking.booking_id if whole else f"hold-{number + 1}",
        "",
        operation_id,
        name,
        booking.resource_id,
        booking.seat,
        booking.from_s,
        _setup_end_s(booking.from_s, setup_s, booking.to_s, shut),
        booking.to_s,
        "planned",
        "offer",
        int(detail.get("quantity", 0)),
    )


def _operation(ctx: Context, booking: Booking) -> str:
    """Return the name of the operation that a hold is for; kept, since an offer never changes."""
    offer_id, operation_id = (str(booking.detail.get(key, "")) for key in ("offer", "operation"))
    kept: dict[tuple[str, str], str] = ctx.kept.setdefault("board_holds", {})
    key = (booking.group, operation_id)
    name = kept.get(key)
    if name is None:
        offer = offer_of(ctx, offer_id)
        option = (
            next((o for o in offer.options if o.option_id == booking.group), None)
            if offer
            else None
        )
        if offer is None or option is None:
            return operation_id
        plan = plan_of(ctx, offer.pins[f"plan:{option.process_plan_id}"])
        name = plan.operation[operation_id].name
        if len(kept) > _NAMES_MOST:
            kept.clear()  # another board may be looking: what is returned is never read back
        kept[key] = name
    return name
