"""The load of now: read from the bookings when the log has moved, kept in memory otherwise.

A promise is made on it optimistically; the store refuses what went to somebody else in between,
and the caller reads it again.
"""

from collections.abc import Sequence

from manufold.model.schedule import Slot
from manufold.model.units import DAY_S
from manufold.scheduling.load import Load
from manufold.services.context import Context

__all__ = ["booked_load", "current_load", "forget_load"]


def current_load(ctx: Context, now_s: int) -> Load:
    """Return the load as the store has it now; holds that are over by `now_s` do not count."""
    head = ctx.store.head()
    loaded = ctx.loaded
    if loaded is not None and loaded.seq == head.seq and now_s < ctx.fresh_until_s:
        return loaded
    bookings = ctx.store.bookings(now_s=now_s, to_after_s=now_s)
    held = [b.expires_s for b in bookings if b.expires_s is not None]
    from_s = now_s - now_s % DAY_S
    fresh = Load.of(ctx.network, bookings, from_s, ctx.settings.horizon_days * DAY_S, seq=head.seq)
    ctx.loaded = fresh
    ctx.fresh_until_s = min([from_s + DAY_S, *held])
    return fresh  # another thread may have forgotten it already


def booked_load(ctx: Context, slots: Sequence[Slot], seq: int, expires_s: int) -> None:
    """Take slots that this process has just booked into the load, if nothing came in between.

    Args:
        slots: by their own holders, all held until `expires_s`.
        seq: of the one event that booked them.
    """
    loaded = ctx.loaded
    if loaded is not None and loaded.seq == seq - 1:
        ctx.loaded = loaded.with_slots(slots, seq=seq)
        ctx.fresh_until_s = min(ctx.fresh_until_s, expires_s)


def forget_load(ctx: Context) -> None:
    """Read the bookings again next time."""
    ctx.loaded = None
