"""Two policies on the same orders, machines and luck: the pairs are pairs, and the laws hold."""

import json
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from functools import cache
from itertools import pairwise

import pytest

from manufold.connect.network_file import read_network
from manufold.demo import demo_network_path
from manufold.improvement.paired import paired
from manufold.judge.violations import violations
from manufold.model.errors import InputFault
from manufold.model.network import Capability, Network
from manufold.model.units import HOUR_S
from manufold.services.compare import ArmAsk, Plan, arm_values, compare
from manufold.services.compare_arm import Arm, run_arm
from manufold.services.compare_measures import MEASURES, measured, verdict_of
from manufold.services.compare_policies import POLICIES, policy_of
from manufold.services.compare_stream import BEGINS_S, Arrival, Stream, stream
from manufold.services.floor import floor_of
from manufold.settings import Settings
from manufold.twin.luck import Luck
from manufold.twin.settings import TwinSettings
from manufold.twin.shop import ShopTwin
from manufold.twin.troubles import failures
from manufold.workers.inline import InlineExecutor
from manufold.workers.pool import KillablePool
from scheduling.shops import chain, unit
from scheduling.shops import network as shops

SETTINGS = Settings()


@cache
def demo() -> Network:
    """Return the demo network."""
    return read_network(demo_network_path())


@cache
def arm(policy: str, seed: int = 5, orders: int = 30) -> Arm:
    """Return an arm on the demo network, crowded enough that queues and troubles come."""
    found = stream(demo(), SETTINGS, seed, orders, 1.3)
    return run_arm(demo(), SETTINGS, seed, found, policy_of(policy))


def arrival(number: int, at_h: float, wanted_h: float, **more: object) -> Arrival:
    """Return an order for one piece that is cut for an hour and bent for an hour."""
    made = chain(("cut", HOUR_S), ("bend", HOUR_S), name=f"plan-{number}")
    at_s = BEGINS_S + round(at_h * HOUR_S)
    one = Arrival(
        number, at_s, made, 1, 1, {}, "home", "buyer", BEGINS_S + round(wanted_h * HOUR_S), 0
    )
    return replace(one, **more)  # type: ignore[arg-type]


def small() -> Network:
    """Return a saw, a press and an hour's way home; nothing ever breaks down."""
    return shops([unit("saw", "cut"), unit("press", "bend")], lanes={("a", "home"): HOUR_S})


def on_time(
    policy: str, *arrivals: Arrival, shop: Network | None = None, seed: int = 1
) -> tuple[list[bool], dict[str, float]]:
    """Return which orders are in time under a policy, and all measures."""
    found = Stream(arrivals, BEGINS_S + 72 * HOUR_S)
    made = run_arm(shop or small(), SETTINGS, seed, found, policy_of(policy))
    times = [(order.actual_at_s or 2**60) for order in made.orders.values()]
    hits = [t <= a.requested_at_s for t, a in zip(times, arrivals, strict=True)]
    return hits, measured(made, found)


#: the first waits a day for its material; the second could be made meanwhile
WAITS = arrival(1, 0, 40, ready_s={"op1": BEGINS_S + 24 * HOUR_S})
MEANWHILE = arrival(2, 1, 12)


def test_by_hand_a_gap_is_filled_by_ours_and_not_by_the_queue():
    """A saw booked for tomorrow's material stands idle today: behind it the second order is a day
    late; in the gap it is done in four hours. First in, first out at the machine does it too."""
    queue, a = on_time("fcfs", WAITS, MEANWHILE)
    ours, b = on_time("ours", WAITS, MEANWHILE)
    assert (queue, ours) == ([True, False], [True, True])
    assert (a["on_time_fraction"], b["on_time_fraction"]) == (0.5, 1.0)
    assert a["tardiness_s"] > 5 * HOUR_S and b["tardiness_s"] == 0
    assert a["undelivered"] == b["undelivered"] == 0
    assert on_time("fifo", WAITS, MEANWHILE)[0] == [True, True]


def test_by_hand_where_ours_loses_it_is_said():
    """A long job just fits before one that waits for its material, and there ours puts it. Where
    luck makes it longer, the one behind it comes late; the queue, which sent the long job to a slow
    saw, keeps both dates. Five such seeds: worse, with all five against it, and nothing clipped."""
    saws = [unit("fast", "cut"), unit("slow", Capability("cut", time_factor=Decimal(2)))]
    shop = shops([*saws, unit("press", "bend")], lanes={("a", "home"): HOUR_S})
    waits = arrival(1, 0, 13.6, ready_s={"op1": BEGINS_S + 10 * HOUR_S})
    fills = arrival(2, 0.5, 60, plan=chain(("cut", round(9.4 * HOUR_S)), name="long"))
    pairs = []
    for seed in range(200):
        queue, a = on_time("fcfs", waits, fills, shop=shop, seed=seed)
        ours, b = on_time("ours", waits, fills, shop=shop, seed=seed)
        if queue == [True, True] and ours == [False, True]:
            pairs.append((a, b))
        if len(pairs) == 5:
            break
    assert len(pairs) == 5
    for measure in MEASURES[0], MEASURES[2]:
        told = paired([a[measure.name] for a, _ in pairs], [b[measure.name] for _, b in pairs])
        assert verdict_of(measure, told) == "worse", measure
        assert 5 in (told.above, told.below)
    assert told.mean_a == 0 and told.difference == told.mean_b > 0


def test_an_arm_against_itself_is_exactly_nothing():
    """The same policy twice: nought in every pair and every measure, and told as it goes on."""
    seen: list[tuple[int, int]] = []
    found = compare(
        demo(),
        SETTINGS,
        InlineExecutor(),
        Plan(8, (1, 2), 1.8, ("ours", "ours")),
        told=lambda done, of: seen.append((done, of)),
    )
    assert seen == [(done, 4) for done in range(5)]
    assert [pair.seed for pair in found.pairs] == [1, 2]
    for pair in found.pairs:
        assert pair.a == pair.b and pair.a["lead_time_s"] > 0
    for told in found.measures.values():
        assert (told.difference, told.above, told.below, told.same) == (0.0, 0, 0, 2)


def test_the_same_seed_says_the_same_bytes():
    """Orders, luck, bettering and measures repeat themselves to the last digit, in another process
    whose hashes are salted otherwise too."""
    ask = ArmAsk(demo(), SETTINGS, 3, 8, 1.5, "ours")
    here = json.dumps(arm_values(ask))
    with KillablePool() as pool:
        entry = "manufold.services.compare:arm_values"
        there = json.dumps(pool.run(entry, ask, limit_s=300, memory_mb=4000))
    assert here == there


def test_the_stream_knows_no_policy():
    """The same orders for both arms: by arrival, wanted after the shortest possible time."""
    found = stream(demo(), SETTINGS, 5, 30, 1.3)
    assert found == stream(demo(), replace(SETTINGS, twin_seed=99), 5, 30, 1.3)
    assert [a.number for a in found.arrivals] == list(range(1, 31))
    for one, after in pairwise(found.arrivals):
        assert BEGINS_S <= one.at_s <= after.at_s < found.ends_s
    for one in found.arrivals:
        assert 1.49 < (one.requested_at_s - one.at_s) / one.shortest_s < 4.01
        assert one.started > one.quantity  # a share will be scrapped
    half = stream(demo(), SETTINGS, 5, 30, 0.65)
    assert half.ends_s - BEGINS_S == pytest.approx(2 * (found.ends_s - BEGINS_S), abs=2)


def _jobs(one: Arm) -> Iterator[tuple[int, str, int, object]]:
    for order_id, order in one.orders.items():
        number = one.arrived[order_id].number
        for at, name in enumerate(order.production_orders):
            for job in order.jobs.values():
                if job.production_order_id == name:
                    yield number, job.operation_id, at, job


@pytest.mark.slow
def test_luck_is_common():
    """Job orders have the same ids in both arms, so the same luck: of a lot of the same size just
    as many pieces fail, on the same machine with the same changeover it runs just as long."""
    a = {(n, op, at): job for n, op, at, job in _jobs(arm("fcfs"))}
    b = {(n, op, at): job for n, op, at, job in _jobs(arm("ours"))}
    both = a.keys() & b.keys()
    assert len(both) > 120
    scrapped = same_machine = elsewhere = 0
    for key in both:
        one, other = a[key], b[key]
        assert one.job_order_id == other.job_order_id
        if one.good + one.scrap == other.good + other.scrap:
            assert (one.good, one.scrap) == (other.good, other.scrap), key
            scrapped += one.scrap > 0
            if one.resource_id == other.resource_id and one.operation_id != "op10":
                same_machine += 1
        elsewhere += one.start_s != other.start_s
    assert scrapped > 10 and same_machine > 30 and elsewhere > 60
    luck = Luck(5, TwinSettings())
    job = next(iter(both))
    name = a[job].job_order_id
    before = luck.run_factor(name)
    luck.setup_factor("job_somebody"), luck.run_factor("job_else")
    assert luck.run_factor(name) == before == Luck(5, TwinSettings()).run_factor(name)


def test_breakdowns_are_common():
    """A work unit fails at the n-th failure of its own sequence, whatever it does; nothing else."""
    twin = ShopTwin(demo(), 5, now_s=BEGINS_S)
    told = 0
    for policy in ("fcfs", "ours"):
        one = arm(policy)
        for event in one.ctx.store.read():
            if event.kind == "BrokeDown":
                told += 1
                name = event.stream.removeprefix("unit:")
                sequence = failures(twin.unit(name), twin.luck, twin.settings, BEGINS_S)
                times = {down_s for down_s, _ in (next(sequence) for _ in range(60))}
                assert event.at_s in times, (policy, name)
    assert told > 10


@pytest.mark.parametrize("seed", [5])
def test_first_come_is_first_served_on_every_seat(seed: int):
    """On each seat work starts in the order in which it was given out: orders as they arrived,
    remakes when they were planned; slips, breakdowns and scrap notwithstanding."""
    one = arm("fcfs", seed)
    given: dict[str, int] = {}
    for event in one.ctx.store.read():
        if event.kind in ("OrderAccepted", "RemakePlanned"):
            given |= {job["job_order_id"]: event.seq for job in event.data["jobs"]}
    seats: dict[tuple[str, int], list[tuple[int, int]]] = {}
    for order in one.orders.values():
        for job in order.jobs.values():
            if job.actual_start_s is not None:
                place = (job.actual_start_s, given[job.job_order_id])
                seats.setdefault((job.resource_id, job.seat), []).append(place)
    assert sum(len(turns) for turns in seats.values()) > 120
    for seat, turns in seats.items():
        order = [turn for _start_s, turn in sorted(turns)]
        assert order == sorted(order), seat


@pytest.mark.parametrize("policy", POLICIES)
def test_no_policy_breaks_a_rule_of_the_shop(policy: str):
    """At every arrival and every round the judge finds nothing in the slots of all open orders."""
    found = stream(demo(), SETTINGS, 8, 16, 1.3)
    looked = 0

    def watch(one: Arm, now_s: int) -> None:
        nonlocal looked
        floor = floor_of(one.ctx, one.open_orders.values(), one.units.values(), now_s)
        assert violations(floor.slots, demo(), floor.jobs, now_s=now_s) == ()
        looked += 1

    ended = run_arm(demo(), SETTINGS, 8, found, policy_of(policy), watch)
    assert looked > 40
    assert all(order.state == "delivered" for order in ended.orders.values())
    assert all(order.delivered == order.quantity for order in ended.orders.values())


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"orders": 0}, "compare.orders_outside"),
        ({"orders": 5000}, "compare.orders_outside"),
        ({"seeds": ()}, "compare.seeds_outside"),
        ({"load": 0.0}, "compare.load_outside"),
        ({"load": float("nan")}, "compare.load_outside"),
        ({"policies": ("fcfs",)}, "compare.two_policies"),
        ({"policies": ("fcfs", "best")}, "compare.policy_unknown"),
    ],
)
def test_nonsense_is_refused_by_name(given: dict[str, object], code: str):
    """What cannot be compared is refused before anything is simulated."""
    with pytest.raises(InputFault) as refusal:
        Plan(**given)  # type: ignore[arg-type]
    assert refusal.value.code == code


def test_a_network_that_makes_nothing_known_is_refused():
    """Where no site can do a trade there is no stream; where nobody buys, neither."""
    with pytest.raises(InputFault) as refusal:
        stream(small(), SETTINGS, 1, 5, 0.8)
    assert refusal.value.code == "backlog.nothing_to_make"
    mute = replace(demo(), parties=tuple(p for p in demo().parties if "buyer" not in p.roles))
    with pytest.raises(InputFault) as refusal:
        stream(mute, SETTINGS, 1, 5, 0.8)
    assert refusal.value.code == "compare.no_buyer"
