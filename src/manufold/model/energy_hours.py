"""Which share of some work falls into which hours of electricity at a site."""

from collections.abc import Iterable, Iterator
from datetime import timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

from manufold.model.calendar import DAYS
from manufold.model.place import EnergyHours, Site
from manufold.model.units import EPOCH, HOUR_S

__all__ = ["energy_shares", "tariff_steps"]

#: all zones are apart, and change, by multiples of it: a local hour never ends inside
_QUARTER_S = 900

Interval = tuple[int, int]


def energy_shares(
    site: Site, intervals: Iterable[Interval], start_s: int, end_s: int
) -> tuple[tuple[EnergyHours | None, Fraction], ...]:
    """Return the shares of the working time of [start_s, end_s) by tariff; they sum to one.

    Hours count by the site's wall clock; of those that fit the first in `site.energy_hours`
    counts, None stands for the site's usual electricity. Where nobody works in the stretch, the
    stretch itself is shared out.

    Args:
        intervals: working intervals of the work unit's calendar, UTC.
    """
    if not site.energy_hours:
        return ((None, Fraction(1)),)
    worked = [
        (max(from_s, start_s), min(to_s, end_s))
        for from_s, to_s in intervals
        if from_s < end_s and start_s < to_s
    ]
    spent: dict[int | None, int] = {}
    zone = ZoneInfo(site.zone)
    for from_s, to_s in worked or [(start_s, end_s)]:
        for begin_s, until_s, row in tariff_steps(site, zone, from_s, to_s):
            spent[row] = spent.get(row, 0) + until_s - begin_s
    total_s = sum(spent.values())
    return tuple(
        (None if row is None else site.energy_hours[row], Fraction(span_s, total_s))
        for row, span_s in spent.items()
    )


def tariff_steps(
    site: Site, zone: ZoneInfo, from_s: int, to_s: int
) -> Iterator[tuple[int, int, int | None]]:
    """Yield the stretches (from, to, row of `site.energy_hours` or None) of [from_s, to_s), each as
    long as it lasts."""
    while from_s < to_s:
        row, until_s = _tariff(site, zone, from_s), from_s
        while until_s < to_s and _tariff(site, zone, until_s) == row:
            until_s = min(to_s, _until_s(zone, until_s))
        yield from_s, until_s, row
        from_s = until_s


def _until_s(zone: ZoneInfo, at_s: int) -> int:
    """Return an instant up to which a local hour lasts at least."""
    local = (EPOCH + timedelta(seconds=at_s)).astimezone(zone)
    hour_ends_s = at_s + HOUR_S - 60 * local.minute - local.second
    later = (EPOCH + timedelta(seconds=hour_ends_s - 1)).astimezone(zone)
    if later.utcoffset() == local.utcoffset():
        return hour_ends_s
    return at_s + _QUARTER_S - at_s % _QUARTER_S


def _tariff(site: Site, zone: ZoneInfo, at_s: int) -> int | None:
    local = (EPOCH + timedelta(seconds=at_s)).astimezone(zone)
    day = DAYS[local.weekday()]
    for row, hours in enumerate(site.energy_hours):
        fits = not hours.days or day in hours.days
        if fits and hours.from_hour <= local.hour < hours.to_hour:
            return row
    return None
