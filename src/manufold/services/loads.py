"""The load of now: read from the bookings when the log has moved, kept in memory otherwise.

A promise is made on it optimistically; the store refuses what went to somebody else in between,
and the caller reads it again.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from manufold.model.execution import UnitState
from manufold.model.ports import Booking
from manufold.model.schedule import Slot
from manufold.model.units import DAY_S
from manufold.scheduling.bookings import is_claim
from manufold.scheduling.load import Load
from manufold.scheduling.outages import with_outages
from manufold.services.catch_up import catch_up
from manufold.services.context import Context
from manufold.services.documents import orders_of, units_of
from manufold.services.outages import outages_of

__all__ = ["CATCH_UP_S", "Seen", "booked_load", "current_load", "forget_load", "seen_load"]

#: how often, at most, a promise first brings overdue work in line with the floor
CATCH_UP_S = 300


@dataclass(frozen=True, slots=True)
class Seen:
    """The load as it stands, and whether some booked work should be over by now and is not."""

    load: Load
    overdue: bool


def current_load(ctx: Context, now_s: int) -> Load:
    """Return the load as the store has it now, without the work units that are down.

    Holds that are over by `now_s` do not count. Work that is overdue is brought in line with the
    floor first: a machine still busy with it is no place for a promise.
    """
    found = _loaded(ctx, now_s)
    if found is not None:
        return found
    with ctx.reading:
        found = _loaded(ctx, now_s)  # whoever was before may have read it
        if found is not None:
            return found
        seq, bookings = ctx.store.head().seq, ctx.store.bookings(now_s=now_s)
        if not _overdue(ctx, bookings, now_s):
            return _remembered(ctx, bookings, now_s, seq)
    with ctx.floor:  # the world may have gone on while this waited for its turn
        now_s = max(now_s, ctx.clock.now_s())
        orders = {order.order_id: order for order in orders_of(ctx)}
        catch_up(ctx, now_s, orders, units_of(ctx))
    with ctx.reading:
        seq, bookings = ctx.store.head().seq, ctx.store.bookings(now_s=now_s)
        return _remembered(ctx, bookings, now_s, seq)


def seen_load(ctx: Context, now_s: int) -> Seen:
    """Return the load as the store has it now; nothing of the floor is moved, nothing written.

    Overdue work is told of instead of brought in line. What is seen with such work on the floor is
    kept apart, so that the next offer looks for itself.
    """
    found = _seen(ctx, now_s)
    if found is not None:
        return found
    with ctx.reading:
        found = _seen(ctx, now_s)  # whoever was before may have read it
        if found is not None:
            return found
        seq, bookings = ctx.store.head().seq, ctx.store.bookings(now_s=now_s)
        if not any(_is_overdue(booking, now_s) for booking in bookings):
            ctx.kept.pop("seen_load", None)
            return Seen(_remembered(ctx, bookings, now_s, seq), overdue=False)
        fresh, fresh_until_s = _load(ctx, bookings, units_of(ctx), now_s, seq)
        seen = Seen(fresh, overdue=True)
        ctx.kept["seen_load"] = seen, min(fresh_until_s, now_s + CATCH_UP_S)
        return seen


def _loaded(ctx: Context, now_s: int) -> Load | None:
    """Return the load that is kept, when it still stands."""
    loaded = ctx.loaded
    if loaded is None or loaded.seq != ctx.store.head().seq or now_s >= ctx.fresh_until_s:
        return None
    return loaded


def _seen(ctx: Context, now_s: int) -> Seen | None:
    """Return what is kept to be seen, when it still stands."""
    seq, loaded = ctx.store.head().seq, ctx.loaded
    if loaded is not None and loaded.seq == seq and now_s < ctx.fresh_until_s:
        return Seen(loaded, overdue=False)
    kept: tuple[Seen, int] | None = ctx.kept.get("seen_load")
    if kept is not None and kept[0].load.seq == seq and now_s < kept[1]:
        return kept[0]
    return None


def _remembered(ctx: Context, bookings: Sequence[Booking], now_s: int, seq: int) -> Load:
    """Return the load of bookings, kept for whoever comes next.

    When the log has moved on since `seq`, some of its newer bookings may be in: then `booked_load`
    would take them in a second time, so it is not kept.
    """
    fresh, fresh_until_s = _load(ctx, bookings, units_of(ctx), now_s, seq)
    if ctx.store.head().seq == seq:
        ctx.loaded, ctx.fresh_until_s = fresh, fresh_until_s
    return fresh  # another thread may have forgotten it already


def _load(
    ctx: Context, bookings: Sequence[Booking], units: Iterable[UnitState], now_s: int, seq: int
) -> tuple[Load, int]:
    """Return the load of bookings read at a place in the log, and until when it stands."""
    held = [b.expires_s for b in bookings if b.expires_s is not None]
    from_s = now_s - now_s % DAY_S
    network = with_outages(ctx.network, outages_of(ctx.network, units, now_s))
    fresh = Load.of(network, bookings, from_s, ctx.settings.horizon_days * DAY_S, seq=seq)
    stale_s = from_s + DAY_S if network is ctx.network else now_s + CATCH_UP_S
    return fresh, min([stale_s, *held])


def booked_load(ctx: Context, slots: Sequence[Slot], seq: int, expires_s: int) -> None:
    """Take slots that this process has just booked into the load, if nothing came in between.

    Args:
        slots: by their own holders, all held until `expires_s`.
        seq: of the one event that booked them.
    """
    loaded = ctx.loaded
    if loaded is not None and loaded.seq == seq - 1:
        ctx.loaded = loaded.with_slots(slots, seq=seq, firm=False)
        ctx.fresh_until_s = min(ctx.fresh_until_s, expires_s)


def _overdue(ctx: Context, bookings: Sequence[Booking], now_s: int) -> bool:
    """Return whether work that should be over by now still keeps its slot, and nobody looked."""
    looked_s = int(ctx.kept.get("caught_up_s", now_s - CATCH_UP_S))
    late = any(_is_overdue(booking, now_s) for booking in bookings)
    return late and now_s - looked_s >= CATCH_UP_S


def _is_overdue(booking: Booking, now_s: int) -> bool:
    return booking.state != "held" and booking.to_s <= now_s and not is_claim(booking)


def forget_load(ctx: Context) -> None:
    """Read the bookings again next time."""
    ctx.loaded = None
    ctx.kept.pop("seen_load", None)
