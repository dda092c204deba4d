"""The draws are what they claim to be, and each number of the settings says why."""

from dataclasses import fields, replace
from decimal import Decimal
from statistics import fmean, pstdev

import pytest
from tests.twin.world import NOW_S, made_network, made_plan

from manufold.model.calendar import Shift, WorkCalendar
from manufold.model.errors import InputFault
from manufold.model.units import SUFFIXES
from manufold.twin.luck import Luck
from manufold.twin.settings import TwinSettings
from manufold.twin.troubles import failures
from manufold.twin.worktime import WorkTime

MANY = 20_000


def test_factors_have_mean_one_and_the_spread_that_is_set() -> None:
    """True over standard time is 1 on average; its coefficient of variation is the setting's."""
    luck = Luck(3, TwinSettings())
    for draw, spread in ((luck.setup_factor, 0.25), (luck.run_factor, 0.10)):
        drawn = [draw(f"job-{number}") for number in range(MANY)]
        assert abs(fmean(drawn) - 1) < 4 * spread / MANY**0.5
        assert abs(pstdev(drawn) / spread - 1) < 0.05
        assert min(drawn) > 0


def test_scrap_follows_the_yield_and_a_perfect_yield_scraps_nothing() -> None:
    """As many pieces fail as the plan expects, within four standard deviations."""
    luck, operation = Luck(3, TwinSettings()), made_plan(0).operation["mill-it"]
    failed = len(luck.scrapped("job", operation, MANY))
    assert abs(failed - 0.03 * MANY) < 4 * (0.03 * 0.97 * MANY) ** 0.5
    perfect = replace(operation, yield_fraction=Decimal(1))
    assert luck.scrapped("job", perfect, MANY) == set()


def test_values_are_capable_also_at_a_one_sided_limit() -> None:
    """A two-sided value keeps its limits at four sigma, a one-sided one at three."""
    luck = Luck(3, TwinSettings())
    _, flat = made_plan(0).operation["mill-it"].characteristics
    values = [value for _, value in luck.measured("job", flat, MANY)]
    outside = sum(not flat.lower <= value <= flat.upper for value in values)
    assert outside < 0.003 * MANY
    middle = replace(flat, nominal=Decimal("0.025"))
    values = [value for _, value in luck.measured("job", middle, MANY)]
    assert sum(not flat.lower <= value <= flat.upper for value in values) <= 6
    exact = replace(flat, upper=Decimal(0))
    assert {value for _, value in luck.measured("job", exact, 5)} == {Decimal(0)}


@pytest.mark.parametrize(("share", "count"), [("0", 1), ("0.1", 1), ("0.34", 4), ("1", 10)])
def test_samples_are_spread_over_the_lot(share: str, count: int) -> None:
    """The share asked for, rounded up, at least one; no piece twice, all of the lot."""
    bore, _ = made_plan(0).operation["mill-it"].characteristics
    wanted = replace(bore, sample_fraction=Decimal(share))
    pieces = [piece for piece, _ in Luck(1, TwinSettings()).measured("job", wanted, 10)]
    assert len(set(pieces)) == len(pieces) == count
    assert min(pieces) == 1
    assert max(pieces) <= 10


def test_lots_are_of_a_site_a_material_and_a_week() -> None:
    """Jobs of one week share a lot, so that a recall has a scope; nothing else does."""
    luck = Luck(1, TwinSettings())
    monday_s = 604_800 * 300
    lot = luck.lot_id("berlin", "steel", monday_s)
    assert lot == luck.lot_id("berlin", "steel", monday_s + 604_799)
    others = {
        luck.lot_id("berlin", "steel", monday_s + 604_800),
        luck.lot_id("shanghai", "steel", monday_s),
        luck.lot_id("berlin", "copper", monday_s),
        Luck(2, TwinSettings()).lot_id("berlin", "steel", monday_s),
    }
    assert len(others | {lot}) == 5


def test_failures_come_in_working_hours_as_often_as_known() -> None:
    """Working time between failures and of repairs averages mtbf and mttr."""
    from manufold.twin.shop import ShopTwin

    twin = ShopTwin(made_network(mtbf_h=60), 5, now_s=NOW_S)
    unit = twin.unit("saw")
    found = failures(unit, twin.luck, twin.settings, NOW_S)
    gaps_h, repairs_h, before_s = [], [], NOW_S
    for _ in range(600):
        down_s, repaired_s = next(found)
        gaps_h.append(unit.time.between(before_s, down_s) / 3600)
        repairs_h.append(unit.time.between(down_s, repaired_s) / 3600)
        before_s = repaired_s
    assert abs(fmean(gaps_h) - 60) < 4 * 60 / 600**0.5
    assert abs(fmean(repairs_h) - 4) < 4 * 2 / 600**0.5
    assert list(failures(ShopTwin(made_network(mtbf_h=0), 5, now_s=NOW_S).unit("saw"),
                         twin.luck, twin.settings, NOW_S)) == []  # fmt: skip


def test_every_number_says_its_unit_and_why() -> None:
    """A setting without a unit, without a reason, or below zero is none."""
    for number in fields(TwinSettings):
        assert number.metadata["unit"] in SUFFIXES | {"factor": ""}
        assert number.name.endswith(f"_{number.metadata['unit']}")
        assert len(number.metadata["why"]) > 20
        with pytest.raises(InputFault):
            TwinSettings(**{number.name: -1})


def test_a_calendar_that_never_works_and_one_that_always_does() -> None:
    """Nothing is found in an empty calendar, in bounded time; all of time in a full one."""
    never = WorkTime((WorkCalendar("n", "UTC", ()),), NOW_S, TwinSettings())
    assert never.next_working(NOW_S) is None
    assert never.advance(NOW_S, 1) is None
    assert never.fitting(NOW_S, 1) is None
    week = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
    always = WorkTime(
        (WorkCalendar("a", "UTC", (Shift(week, "00:00", "24:00"),)),), NOW_S, TwinSettings()
    )
    assert always.advance(NOW_S, 10_000_000) == NOW_S + 10_000_000
    assert always.between(NOW_S - 5_000_000, NOW_S) == 5_000_000
    assert always.fitting(NOW_S, 9_000_000) == NOW_S


def test_what_fits_nowhere_begins_in_the_longest_stretch() -> None:
    """Without a stretch long enough, the longest of the next weeks is taken."""
    shifts = (Shift(("mon",), "08:00", "10:00"), Shift(("thu",), "08:00", "13:00"))
    time = WorkTime((WorkCalendar("s", "UTC", shifts),), NOW_S, TwinSettings())
    begin_s = time.fitting(NOW_S, 6 * 3600)
    assert begin_s is not None
    assert time.between(begin_s, begin_s + 5 * 3600) == 5 * 3600
    assert time.fitting(NOW_S, 2 * 3600 + 1) == begin_s
    assert time.fitting(NOW_S, 3600) == time.next_working(NOW_S)
