"""Electricity by the hour: shares of the working time, counted by the site's wall clock."""

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from random import Random

import pytest
from tests.shop import shop_network

from manufold.model.calendar import DAYS
from manufold.model.energy_hours import energy_shares
from manufold.model.place import EnergyHours, Site
from manufold.model.units import DAY_S, EPOCH, HOUR_S, from_rfc3339


def site_with(*hours: EnergyHours, zone: str = "Europe/Berlin") -> Site:
    """Return a site with these hours."""
    return replace(shop_network().sites[0], zone=zone, energy_hours=hours)


def hours(from_hour: int, to_hour: int, *days: str) -> EnergyHours:
    """Return a tariff told apart by its hours."""
    return EnergyHours(from_hour, to_hour, Decimal(from_hour), Decimal(to_hour), days)


def counted(site: Site, intervals: list[tuple[int, int]], start_s: int, end_s: int) -> dict:
    """Return the shares as counted second by second in the slowest way there is."""
    from datetime import timedelta
    from zoneinfo import ZoneInfo

    found: dict[EnergyHours | None, int] = {}
    for at_s in range(start_s, end_s):
        if not any(from_s <= at_s < to_s for from_s, to_s in intervals):
            continue
        local = (EPOCH + timedelta(seconds=at_s)).astimezone(ZoneInfo(site.zone))
        fits = (
            one
            for one in site.energy_hours
            if one.from_hour <= local.hour < one.to_hour
            and (not one.days or DAYS[local.weekday()] in one.days)
        )
        tariff = next(fits, None)
        found[tariff] = found.get(tariff, 0) + 1
    total = sum(found.values())
    return {one: Fraction(count, total) for one, count in found.items()}


def test_without_hours_everything_is_usual() -> None:
    """Nothing is asked of the calendar where electricity has one price."""
    assert energy_shares(site_with(), (), 0, 60) == ((None, Fraction(1)),)


@pytest.mark.parametrize(
    ("zone", "night"),
    [
        ("Europe/Berlin", "2026-10-25T00:00:00+02:00"),
        ("Europe/Berlin", "2026-03-29T00:00:00+01:00"),
        ("Asia/Kolkata", "2026-03-02T00:00:00+05:30"),
        ("Australia/Lord_Howe", "2026-04-05T00:00:00+11:00"),
    ],
)
def test_shares_are_those_counted_second_by_second(zone: str, night: str) -> None:
    """Also when the clocks change, and where the hour begins at half past."""
    random, begins_s = Random(4), from_rfc3339(night)
    site = site_with(hours(0, 2, "sun"), hours(1, 3), hours(22, 24), zone=zone)
    for _ in range(4):
        start_s = begins_s + random.randrange(-2 * HOUR_S, 4 * HOUR_S)
        end_s = start_s + random.randrange(1, 5 * HOUR_S)
        pause_s = random.randrange(start_s, end_s)
        intervals = [(begins_s - DAY_S, pause_s), (pause_s + 600, begins_s + DAY_S)]
        if end_s <= pause_s + 600 and start_s == pause_s:
            continue
        found = energy_shares(site, intervals, start_s, end_s)
        assert sum(share for _hours, share in found) == 1
        assert dict(found) == counted(site, intervals, start_s, end_s)


def test_the_first_that_fits_counts_and_days_are_local() -> None:
    """A Sunday tariff named first wins on Sundays only; at 23:00 UTC Berlin is in Monday."""
    sunday, always = hours(0, 24, "sun"), hours(0, 24)
    site = site_with(sunday, always)
    begins_s = from_rfc3339("2026-03-01T22:00:00Z")
    (first, second) = energy_shares(site, [(0, 2**40)], begins_s, begins_s + 4 * HOUR_S)
    assert first == (sunday, Fraction(1, 4)) and second == (always, Fraction(3, 4))


def test_where_nobody_works_the_stretch_is_shared_out() -> None:
    """A slot outside its calendar still has a price."""
    site = site_with(hours(0, 24))
    assert energy_shares(site, [], 0, 60) == ((site.energy_hours[0], Fraction(1)),)
