"""One constraint at a time: it is kept, it changes the answer, and the judge sees it broken."""

import random
from dataclasses import replace

import pytest

from manufold.judge.violations import violations
from manufold.model.errors import CannotMake
from manufold.model.network import Network
from manufold.model.schedule import Job, Slot, dispatch_lists
from manufold.scheduling.dispatch import RULES, dispatch
from manufold.scheduling.forecast import forecast
from manufold.scheduling.improve import Snapshot, improve
from manufold.scheduling.load import Load
from manufold.scheduling.objective import finishes_s
from manufold.scheduling.promise import promise
from scheduling.rich import FEATURES, only, rich_jobs, rich_shop
from scheduling.shops import MONDAY_S
from scheduling.test_all_constraints import promised, told

SEEDS = range(6)

#: what the judge says of a schedule made without the feature, in a shop that has it
BROKEN_WITHOUT = {
    "batches": {"judge.wrong_claim"},
    "calendars": {"judge.outside_calendar"},
    "lags": {"judge.lag_too_short"},
    "material": {"judge.before_material"},
    "operators": {"judge.no_operator"},
    "pausing": {"judge.broken_off"},
    "setups": {"judge.setup_too_short"},
    "subcontract": {"judge.wrong_length"},
    "tools": {"judge.too_few_tools"},
}
#: what it says of a schedule made with the feature, in a shop that lacks it
BROKEN_WITH = {
    "alternatives": {"judge.unknown_resource"},
    "assembly": {"judge.before_predecessor"},
    "overlap": {"judge.before_predecessor"},
    "seats": {"judge.no_such_seat"},
    "sites": {"judge.unknown_resource"},
}


def shop_with(feature: str, seed: int, count: int = 12) -> tuple[Network, list[Job]]:
    """Return a shop with one feature, the same otherwise for each."""
    rng = random.Random(seed)
    net = rich_shop(rng)
    return only(feature, net, rich_jobs(rng, count), random.Random(seed))


@pytest.mark.parametrize("feature", FEATURES)
@pytest.mark.parametrize("seed", SEEDS)
def test_whatever_is_handed_out_keeps_it(feature: str, seed: int) -> None:
    """Promised, dispatched, improved and forecast schedules are judged clean."""
    net, jobs = shop_with(feature, seed)
    slots, kept, load = promised(net, jobs)
    assert len(kept) >= 8
    assert told(slots, net, kept) == []
    more = [replace(job, holder=f"new {job.holder}") for job in kept]
    for rule in RULES[:2]:
        sent = dispatch(net, more, load, rule)
        assert told([*slots, *sent], net, [*kept, *more]) == []
    known = {job.holder: job for job in kept}
    found = improve(
        Snapshot(net, tuple(slots), known, MONDAY_S),
        lambda made: not violations(made, net, known),
        seed=seed,
        rounds=30,
    )
    gone = set(found.release)
    after = [*(slot for slot in slots if slot not in gone), *found.claim]
    assert told(after, net, kept) == []
    assert found.after <= found.before
    again = forecast(net, dispatch_lists(after, claims=True), known, {}, MONDAY_S)
    assert sorted(again.slots, key=str) == sorted(after, key=str)


@pytest.mark.parametrize("feature", FEATURES)
def test_it_changes_when_things_are_done(feature: str) -> None:
    """With the feature, jobs end at other times than without, in at least half of the shops."""
    changed = 0
    for seed in SEEDS:
        ends = [finishes_s(promised(*shop_with(one, seed, 30))[0]) for one in (feature, "")]
        changed += ends[0] != ends[1]
    assert changed >= len(SEEDS) // 2


@pytest.mark.parametrize("feature", FEATURES)
def test_the_judge_sees_it_broken(feature: str) -> None:
    """A schedule made with other rules is found out, and by the rule that says so."""
    seen: set[str] = set()
    for seed in SEEDS:
        with_it, without = shop_with(feature, seed), shop_with("", seed)
        made, judging = (without, with_it) if feature in BROKEN_WITHOUT else (with_it, without)
        slots, kept, _ = promised(*made)
        seen |= _codes(slots, judging, {job.holder for job in kept})
    assert seen >= {**BROKEN_WITHOUT, **BROKEN_WITH}[feature], seen


@pytest.mark.parametrize("seed", range(25))
def test_any_hold_may_vanish(seed: int) -> None:
    """Whichever holds expire, and whenever, what stands and what comes later is clean."""
    rng = random.Random(seed)
    net = rich_shop(rng)
    load = Load.of(net, from_s=MONDAY_S)
    slots: dict[str, tuple[Slot, ...]] = {}
    held: set[str] = set()
    known = {job.holder: job for job in rich_jobs(rng, 30)}
    for holder, job in known.items():
        try:
            found = promise(load, net, job)
        except CannotMake:
            continue
        firm = rng.random() < 0.5
        held |= set() if firm else {holder}
        load = load.with_slots(found.slots, firm=firm)
        slots[holder] = found.slots
        for gone in [one for one in sorted(held) if rng.random() < 0.1]:
            load = load.without_group(gone)
            held.remove(gone)
            del slots[gone]
        standing = [slot for own in slots.values() for slot in own]
        assert told(standing, net, [known[one] for one in slots]) == []
    assert len(slots) > 8


def _codes(slots: list[Slot], shop: tuple[Network, list[Job]], kept: set[str]) -> set[str]:
    """Return what the judge of a shop says of slots that were made elsewhere."""
    net, jobs = shop
    known = {job.holder: job for job in jobs if job.holder in kept}
    return {violation.code for violation in violations(slots, net, known)}
