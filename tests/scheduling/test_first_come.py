"""Behind everything: the same promise on a floor whose gaps are closed."""

import pytest

from manufold.model.schedule import Job
from manufold.scheduling.first_come import behind_everything
from manufold.scheduling.load import Load
from manufold.scheduling.promise import promise
from scheduling.made import middle_jobs, middle_shop, wrong
from scheduling.shops import MONDAY_S, booking, chain, network, unit

H = 3600


def test_gaps_are_closed_and_the_soonest_free_machine_is_taken() -> None:
    """Beside a day of gaps new work stands behind the last booking, on the seat that ends first;
    a free seat stays free, and the load that was given is as it was."""
    net = network([unit("a1", "cut"), unit("a2", "cut", seats=2)])
    taken = [
        booking("a1", 2 * H, 3 * H),
        booking("a1", 20 * H, 21 * H),
        booking("a2", 8 * H, 9 * H),
        booking("a2", 4 * H, 30 * H, seat=1),
    ]
    load = Load.of(net, taken, 0)
    closed = behind_everything(load)
    job = Job("new", chain(("cut", H)), 1)
    assert promise(load, net, job).slots[0].start_s == 0
    (slot,) = promise(closed, net, job).slots
    assert (slot.resource_id, slot.seat, slot.start_s) == ("a2", 0, 9 * H)
    only_a1 = Load.of(net, taken[:2], 0)
    (free,) = promise(behind_everything(only_a1), net, job).slots
    assert (free.resource_id, free.start_s) == ("a2", 0)


@pytest.mark.parametrize("seed", range(4))
def test_one_after_the_other_keeps_their_order_on_every_seat(seed: int) -> None:
    """Calendars, families, forks and lags: slots of each seat stand in the order of arrival, and
    the judge finds nothing."""
    net, jobs = middle_shop(seed), middle_jobs(seed, 40, tight=1.0)
    load, slots, turn = Load.of(net, (), MONDAY_S), [], {}
    for job in jobs:
        found = promise(behind_everything(load), net, job).slots
        load, turn[job.holder] = load.with_slots(found), len(turn)
        slots += found
    seats: dict[tuple[str, int], list[int]] = {}
    for slot in sorted(slots, key=lambda slot: slot.start_s):
        seats.setdefault((slot.resource_id, slot.seat), []).append(turn[slot.holder])
    assert len(slots) > 80 and all(turns == sorted(turns) for turns in seats.values())
    assert wrong(slots, net, jobs) == ()
