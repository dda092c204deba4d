"""Warm: compile every kernel before the first buyer waits for it."""

from dataclasses import replace
from decimal import Decimal

from manufold.model.calendar import DAYS, Shift, WorkCalendar
from manufold.model.material import Source
from manufold.model.network import Capability, DeliveryZone, Network, Site, WorkCenter, WorkUnit
from manufold.model.party import Party
from manufold.model.process_plan import Operation, ProcessPlan, StandardTime
from manufold.model.schedule import Job, dispatch_lists
from manufold.model.units import DAY_S
from manufold.scheduling.back import dropped_back
from manufold.scheduling.dispatch import RULES, dispatch
from manufold.scheduling.forecast import forecast
from manufold.scheduling.gaps import finish_s, unbroken_start_s, working_start_s
from manufold.scheduling.improve import Snapshot, improve
from manufold.scheduling.kernel import seconds
from manufold.scheduling.load import Load
from manufold.scheduling.promise import promise

__all__ = ["warm", "warm_search"]


def warm() -> None:
    """Compile all kernels of scheduling, or load them from the disk; idempotent."""
    opens, shuts, before = seconds([0]), seconds([9]), seconds([0])
    working_start_s(0, opens, shuts)
    unbroken_start_s(0, 1, opens, shuts)
    finish_s(0, 1, opens, shuts, before)
    network, job = _smallest()
    load = Load.of(network, from_s=0, horizon_s=2 * DAY_S)
    found = promise(load, network, job)
    assert found.waits is not None
    load.with_slots(found.slots).without_group(job.holder)
    dispatch(network, [job], load, RULES[0])
    forecast(network, dispatch_lists(found.slots), {job.holder: job}, {}, 0)
    dropped_back(network, found.slots, (), {job.holder: job}, 0)


def warm_search() -> None:
    """Compile what `improve` needs, or load it from the disk; idempotent."""
    network, job = _smallest()
    network = replace(network, sites=(replace(network.sites[0], frozen_zone_s=0),))
    jobs = {name: replace(job, holder=name, due_s=1) for name in ("one", "two")}
    load = Load.of(network, from_s=0, horizon_s=2 * DAY_S)
    slots = tuple(dispatch(network, tuple(jobs.values()), load, RULES[0]))
    found = improve(Snapshot(network, slots, jobs, 0), lambda _slots: True, seed=1, rounds=2)
    assert found.rounds == 2, found.why


def _smallest() -> tuple[Network, Job]:
    """Return a network of one work unit and a job for it."""
    source = Source("made to compile", 2026)
    site = Site("a", "A", "p", "DE", "UTC", "EUR", Decimal(0), source, Decimal(0))
    network = Network(
        "warm",
        "EUR",
        (Party("p", "P", ("supplier",), "DE"),),
        (site,),
        (WorkCenter("c", "C", "a"),),
        (WorkUnit("u", "U", "c", "k", (Capability("x"),), 0),),
        (WorkCalendar("k", "UTC", (Shift(DAYS, "00:00", "24:00"),)),),
        (),
        (),
        (),
        (DeliveryZone("z", "Z", "DE", "UTC", Decimal(0)),),
        (),
        (),
        (),
    )
    term = StandardTime("run", Decimal(60), "given", source)
    step = Operation("op10", "step", "x", (), (term,), attendance="none")
    return network, Job("j", ProcessPlan("p", "r", "x", (step,), (), Decimal(1)), 1)
