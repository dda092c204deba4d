"""At the door: when goods leave and arrive, counted in hours in which somebody is there.

Carriers collect when work ends and drive through; a door opens on weekdays from eight to six in
its own zone. What would arrive outside waits for the next opening: a promise for three o'clock on
Sunday morning is no date.
"""

from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from manufold.model.calendar import DAYS, Interval, Shift, WorkCalendar
from manufold.model.network import DeliveryZone
from manufold.model.units import DAY_S, whole_s
from manufold.services.context import Context

__all__ = ["DoorDates", "door_dates", "nearest_open_s", "opens_s"]

_OPEN = Shift(DAYS[:5], "08:00", "18:00")


@dataclass(frozen=True, slots=True)
class DoorDates:
    """When it leaves on the P90, and when it is at the door on the P50 and on the P90."""

    ships_at_s: int
    p50_at_s: int
    promised_at_s: int


def door_dates(
    ctx: Context, zone: DeliveryZone, p50_finish_s: int, p90_finish_s: int, lane_s: int
) -> DoorDates:
    """Return the dates at the door for finishes of the last operation.

    Args:
        lane_s: standard seconds of the way from the last site to the zone.
    """
    ships_at_s = p90_finish_s + ctx.settings.handover_s
    late_lane_s = whole_s(Decimal(str(ctx.settings.lane_p90_factor)) * lane_s)
    promised_at_s = opens_s(zone, ships_at_s + late_lane_s)
    there_s = p50_finish_s + ctx.settings.handover_s + lane_s
    p50_at_s = nearest_open_s(zone, there_s, made_s=p50_finish_s)
    return DoorDates(ships_at_s, min(p50_at_s, promised_at_s), promised_at_s)


def nearest_open_s(zone: DeliveryZone, arrives_s: int, *, made_s: int) -> int:
    """Return the instant nearest to `arrives_s` at which the zone's doors are open.

    A promised date is never rounded down; an even chance is: pushed to the next opening each time,
    two orders of three would be there by a P50 (decision 0016).

    Args:
        made_s: nothing is there before it is made.
    """
    opens = opens_s(zone, arrives_s)
    before = [until_s for start_s, until_s in _opened(zone, arrives_s) if start_s < arrives_s]
    closed_s = min(before[-1], arrives_s)
    nearer = arrives_s - closed_s < opens - arrives_s
    return closed_s if nearer and closed_s > made_s else opens


def opens_s(zone: DeliveryZone, arrives_s: int) -> int:
    """Return the first instant from `arrives_s` on at which the zone's doors are open."""
    opened = _opened(zone, arrives_s)
    return next(max(start_s, arrives_s) for start_s, until_s in opened if arrives_s < until_s)


def _opened(zone: DeliveryZone, at_s: int) -> tuple[Interval, ...]:
    """Return when the zone's doors are open from days before an instant to days after it."""
    return _opened_around(zone.zone, at_s // DAY_S)


@lru_cache(maxsize=4096)
def _opened_around(zone: str, day: int) -> tuple[Interval, ...]:
    door = WorkCalendar("door", zone, (_OPEN,))
    return door.intervals((day - 5) * DAY_S, (day + 6) * DAY_S)
