"""Somebody sets up when the operator a slot names has gone home or is busy, if anybody can."""

from dataclasses import replace

import pytest
from tests.twin.planned import STANDARD, Planned

from manufold.model.network import Operator
from manufold.model.schedule import Claim, Job, Slot
from scheduling.rich import LATE
from scheduling.shops import ALWAYS, EARLY, MONDAY_S, network, operation, plan, unit

H = 3600
#: the early one goes at 14:00; a set-up of an hour begins half an hour before
START_S = MONDAY_S + 13 * H + 1800
EMMA = Operator("emma", "a", ("setter",), "early", 0)
LEO = Operator("leo", "a", ("setter",), "late", 0)
BORIS = Operator("boris", "a", ("baker",), "late", 0)
ROUTING = plan(operation("op1", "cut", 600, H, skill="setter", attendance="setup"))


def set_up(*people: Operator, busy: str = "") -> tuple[tuple[int, int], ...]:
    """Return the stretches in which emma's set-up was done, with these people about.

    Args:
        busy: who has a set-up of their own on another machine just then.
    """
    net = network(
        [unit("mill", "cut"), unit("lathe", "cut")],
        calendars=(ALWAYS, EARLY, LATE),
        lanes={("a", "home"): H},
        operators=people,
    )
    slots = [claimed("mill", "one", "emma")]
    if busy:
        slots.append(claimed("lathe", "two", busy))
    jobs = {slot.holder: Job(slot.holder, ROUTING, 1) for slot in slots}
    world = Planned(net, jobs, MONDAY_S)
    world.accept(slots)
    world.run()
    assert {order.state for order in world.orders.values()} == {"delivered"}
    return world.job(slots[0]).setup_spells


def claimed(unit_id: str, holder: str, who: str) -> Slot:
    """Return a slot whose set-up somebody is to attend."""
    end_s = START_S + H + 600
    claim = Claim(who, 0, START_S, START_S + H)
    return Slot(unit_id, 0, START_S, H, end_s, holder, "op1", 1, "rev/plan", 0, (claim,))


def test_who_stays_longer_stands_in() -> None:
    """Leo is there until the set-up is done: it is not broken off until tomorrow."""
    assert set_up(EMMA, LEO) == ((START_S, START_S + H),)


@pytest.mark.parametrize("people", [(EMMA,), (EMMA, BORIS)])
def test_nobody_stands_in_without_the_skill(people: tuple[Operator, ...]) -> None:
    """Emma breaks off at two and goes on at six the next day."""
    assert set_up(*people) == ((START_S, MONDAY_S + 24 * H + 6 * H + 1800),)


def test_who_has_work_of_their_own_does_not_stand_in() -> None:
    """Leo sets up the lathe just then: emma does what she can herself."""
    assert set_up(EMMA, LEO, busy="leo") == ((START_S, MONDAY_S + 24 * H + 6 * H + 1800),)


def test_people_stay_as_long_as_the_settings_say() -> None:
    """Half an hour more and emma ends her set-up herself; a quarter, and the rest is tomorrow's."""
    for stay_s, end_s in ((1800, START_S + H), (900, MONDAY_S + 24 * H + 6 * H + 900)):
        net = network(
            [unit("mill", "cut")],
            calendars=(ALWAYS, EARLY),
            lanes={("a", "home"): H},
            operators=(EMMA,),
        )
        settings = replace(STANDARD, stay_s=stay_s)
        world = Planned(net, {"one": Job("one", ROUTING, 1)}, MONDAY_S, settings)
        slot = claimed("mill", "one", "emma")
        world.accept([slot])
        world.run()
        assert world.job(slot).setup_spells == ((START_S, end_s),)
