"""Dates at the door are dates on which somebody opens it."""

from datetime import datetime

from hypothesis import given
from hypothesis import strategies as st
from tests.services.world import quoted, two_plants, world

from manufold.model.units import from_rfc3339, to_rfc3339
from manufold.services.door import door_dates, opens_s

ZONE = two_plants().delivery_zone["door"]


def test_sunday_night_waits_for_monday_morning() -> None:
    """Three in the morning of a Sunday becomes Monday at eight, Friday at five stays."""
    sunday = from_rfc3339("2026-11-29T03:18:00+01:00")
    assert opens_s(ZONE, sunday) == from_rfc3339("2026-11-30T08:00:00+01:00")
    friday = from_rfc3339("2026-11-27T17:00:00+01:00")
    assert opens_s(ZONE, friday) == friday


@given(st.integers(200_000_000, 240_000_000))
def test_a_door_is_never_earlier_and_always_open(arrives_s: int) -> None:
    """The instant is at or after arrival, on a weekday, from eight to before six."""
    found = datetime.fromisoformat(to_rfc3339(opens_s(ZONE, arrives_s), ZONE.zone))
    assert opens_s(ZONE, arrives_s) >= arrives_s
    assert found.weekday() < 5
    assert 8 <= found.hour < 18


@given(st.integers(0, 10**6), st.integers(0, 10**6), st.integers(0, 10**6))
def test_later_work_is_never_sooner_at_the_door(one: int, more: int, lane_s: int) -> None:
    """P50 <= promised, and a later P90 never gives an earlier promise."""
    ctx = world()
    base = 216_000_000
    sooner = door_dates(ctx, ZONE, base, base + one, lane_s)
    later = door_dates(ctx, ZONE, base, base + one + more, lane_s)
    assert sooner.p50_at_s <= sooner.promised_at_s <= later.promised_at_s
    assert sooner.ships_at_s <= sooner.promised_at_s


def test_every_offer_promises_an_open_door() -> None:
    """Promised and P50 of an offer are instants at which the zone's doors are open."""
    for option in quoted(world()).offer.options:
        assert opens_s(ZONE, option.promised_at_s) == option.promised_at_s
        assert opens_s(ZONE, option.p50_at_s) == option.p50_at_s
