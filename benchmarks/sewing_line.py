"""A sewing line of one-piece orders: ours, lots of 20, first come first served, on the same line.

    python benchmarks/sewing_line.py [--orders 1000] [--seeds 3] [--seconds 12] [--load 0.9]
           [--loss 1]

A thousand shirts of 36 styles reach the line hour by hour, as the cutters cut them; operations and
minutes are the shirt bulletin's. 60 stations on a hanger loop, 40 people of different skill and
pace, two of them half days and two away for a day. All ways of working meet the same people, the
same loop, the same loss by style changes and the same clock of the simulator; each gets the same
seconds of search where it searches at all, and may hold as many pieces inside as suits it best.

- ours        one piece each, balanced by skill, ranks and limits searched
- rules       the same without search: earliest due date, the best of six limits
- lots wait   lots of 20 of one style that wait until they are full, balanced by skill, searched
- lots came   lots of up to 20 of what came together, which wait for nobody; balanced, searched
- fcfs        one piece each, first come first served, balanced by standard minutes; the best
              of six limits
- fcfs skill  the same on our balance

Times are from the moment an order's cut pieces are there. Lateness counts what is late, over all
orders. Labour is hands at work, walking and waiting left out. The judges look at every plan.
"""

import argparse
import tomllib
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from random import Random
from statistics import mean
from time import process_time

from row import row

from manufold.design.garment.pattern.person import person
from manufold.design.garment.pattern.publishing import drafted, published
from manufold.design.garment.sewing.routing import Routing, routed
from manufold.judge.line_rules import line_violations
from manufold.judge.violations import violations
from manufold.model.calendar import Shift, WorkCalendar
from manufold.model.line import Line, LineOperator, LineOrder, Station, Step
from manufold.model.units import DAY_S, HOUR_S
from manufold.scheduling.line.booked import line_jobs, line_network, network_slots
from manufold.scheduling.line.figures import Figures, figures
from manufold.scheduling.line.improve import INSIDE as INSIDE_PARTS
from manufold.scheduling.line.improve import Asked, Policy, ranked
from manufold.scheduling.line.lots import lots_of, lots_that_came
from manufold.scheduling.line.plan import LinePlan, Ready, planned, prepared

#: Monday, 6 January 2020
MONDAY_S = 5 * DAY_S
DAYS = ("mon", "tue", "wed", "thu", "fri")
STATIONS = {
    "lockstitch": 34,
    "press": 9,
    "manual": 4,
    "edge cutter": 3,
    "overlock": 3,
    "feed-off-arm": 2,
    "buttonhole": 2,
    "button sewer": 2,
    "fusing press": 1,
}
#: every machine of a class has these; `FOLDERS` go round the lockstitch machines
FITTED = {
    "lockstitch": ("compensating foot", "edge guide", "jig"),
    "press": ("jig",),
    "manual": ("jig", "point turner"),
    "feed-off-arm": ("lap folder",),
    "buttonhole": ("gauge",),
    "button sewer": ("gauge",),
}
FOLDERS = ("hemmer", "placket folder", "hemmer", "label guide", "")
PLACES = 12
APART_S, HAND_S, WALK_S = 4, 8, 5
LOT = 20
#: pieces inside: ours may hold five a head; lots need room for lots
INSIDE, INSIDE_LOTS = 200, 1_040
CLOTHS = {"white": 0.45, "blue": 0.35, "check": 0.20}
#: share of the orders, and working hours of the line from release to due
DUE = ((0.2, 3), (0.5, 6), (0.3, 12))
#: sewn by machine, so that another colour is another thread
STITCHED = {"lockstitch", "overlock", "feed-off-arm", "buttonhole", "button sewer"}
#: bodies that the shirts are drafted for, girths against the reference
BODIES = (0.94, 1.0, 1.07)
GIVEN = ("stature_mm", "neck_girth_mm", "bust_girth_mm", "waist_girth_mm")


def extra_permille() -> tuple[int, ...]:
    """Return what a style change adds, as `style_change.toml` says."""
    path = Path(__file__).with_name("style_change.toml")
    return tuple(tomllib.loads(path.read_text(encoding="utf-8"))["extra_permille"])


@cache
def routing(choices: tuple[tuple[str, str], ...], scale: float) -> Routing:
    """Return how a shirt is sewn for a body."""
    shirt = published()["shirt"]
    body = shirt.operations["reference"]["body"]
    return routed(
        drafted(shirt, person({n: scale * float(body[n]) for n in GIVEN}), dict(choices)), shirt
    )


@cache
def steps_of(choices: tuple[tuple[str, str], ...], cloth: str, scale: float) -> tuple[Step, ...]:
    """Return the steps of a shirt; the work of two differs where minutes or pieces of the same body
    do, and where another thread is sewn."""
    alike = {step.name: step for step in routing(choices, 1.0).steps}
    found = []
    for step in routing(choices, scale).steps:
        like = alike[step.name]
        ways = [str(like.minutes), *like.pieces, cloth if step.machine in STITCHED else ""]
        skill = step.machine
        if step.machine == "lockstitch":
            skill = f"{step.machine}/{step.section}"
        standard_ms = round(step.minutes * 60_000)
        found.append(
            Step(
                step.name,
                step.machine,
                skill,
                standard_ms,
                "/".join(ways),
                step.after,
                step.attachment,
            )
        )
    return tuple(found)


def the_line(dice: Random) -> Line:
    """Return sixty stations round a loop and forty people, who differ by the seed."""
    spots = sorted(
        ((at + 0.5) / count, machine, at)
        for machine, count in STATIONS.items()
        for at in range(count)
    )
    stations = tuple(
        Station(
            f"{machine} {at + 1}",
            machine,
            APART_S * place,
            PLACES,
            FITTED.get(machine, ()) + ((FOLDERS[at % 5],) if machine == "lockstitch" else ()),
        )
        for place, (_, machine, at) in enumerate(spots)
    )
    minutes: dict[str, float] = {}
    for step in steps_of((), "white", 1.0):
        minutes[step.skill] = minutes.get(step.skill, 0.0) + step.standard_ms
    sewn = sorted(skill for skill in minutes if "/" in skill)
    others = sorted(skill for skill in minutes if "/" not in skill)
    people = []
    for at in range(40):
        level = dice.uniform(0.75, 1.1)
        mine, also = (sewn, others) if at < 26 else (others, sewn)
        known = {mine[at % len(mine)]}
        while len(known) < 4:
            known.add(dice.choices(mine, [minutes[skill] for skill in mine])[0])
        paces = dict.fromkeys(sorted(known), level)
        if at % 2:
            paces[dice.choice(also)] = level * 0.85
        drawn = {
            skill: min(1200, max(500, round(1000 * pace * dice.uniform(0.85, 1.12))))
            for skill, pace in sorted(paces.items())
        }
        people.append(LineOperator(f"op {at + 1}", drawn, _hours(at)))
    loop_s = APART_S * len(stations)
    day = _calendar("line", "16:30")
    return Line(
        tuple(stations), tuple(people), day, loop_s, HAND_S, WALK_S, INSIDE, extra_permille()
    )


def _calendar(name: str, end: str, holidays: tuple[str, ...] = ()) -> WorkCalendar:
    breaks = (("09:30", "09:45"), ("12:00", "12:30"))
    return WorkCalendar(name, "UTC", (Shift(DAYS, "07:30", end, breaks),), holidays)


def _hours(at: int) -> WorkCalendar:
    if at in (5, 19):
        return _calendar("half", "13:00")
    if at in (11, 30):
        return _calendar(f"away {at}", "16:30", ("2020-01-07",))
    return _calendar("whole", "16:30")


def the_orders(dice: Random, count: int, line: Line, load: float) -> tuple[LineOrder, ...]:
    """Return shirts that are cut hour by hour, as fast as the line is loaded."""
    drawn = []
    for _ in range(count):
        cloth = dice.choices([*CLOTHS], [*CLOTHS.values()])[0]
        long = dice.random() < 0.8
        choices = {
            "collar": "turn-down" if dice.random() < 0.85 else "stand",
            "cuff": "double" if long and dice.random() < 0.2 else "single",
            "pocket": "one" if dice.random() < 0.5 else "none",
            "sleeve": "long" if long else "short",
        }
        name = " ".join((cloth, *choices.values()))
        drawn.append((name, steps_of(tuple(choices.items()), cloth, dice.choice(BODIES))))
    found = []
    for number, ((name, steps), release_s) in enumerate(
        zip(drawn, _waves([steps for _, steps in drawn], line, load), strict=True)
    ):
        hours = dice.choices([h for _, h in DUE], [share for share, _ in DUE])[0]
        due_s = worked(line, release_s, hours * HOUR_S)
        found.append(LineOrder(f"order {number + 1}", name, steps, release_s, due_s))
    return tuple(found)


def worked(line: Line, from_s: int, work_s: int) -> int:
    """Return when the line has run for so long: nobody is promised a shirt at midnight."""
    for opens, shuts in line.calendar.intervals(from_s, from_s + 14 * DAY_S):
        if work_s <= shuts - opens:
            return opens + work_s
        work_s -= shuts - opens
    raise ValueError("a fortnight is not enough")


def _waves(drawn: Sequence[tuple[Step, ...]], line: Line, load: float) -> list[int]:
    """Return when each order is released: hourly, so much work as the line does at this load."""
    to_s = MONDAY_S + 14 * DAY_S
    hours = [
        (begin, sum(max(0, min(end, begin + HOUR_S) - max(start, begin)) for start, end in spans))
        for begin in range(MONDAY_S, to_s, HOUR_S)
        if (spans := line.calendar.intervals(begin, begin + HOUR_S))
    ]
    trial = prepared(
        line,
        tuple(LineOrder(f"{n}", f"{n}", s, MONDAY_S, to_s) for n, s in enumerate(drawn)),
        periods_s=(MONDAY_S,),
        to_s=MONDAY_S + DAY_S,
    )
    day_s = sum(end - start for start, end in line.calendar.intervals(MONDAY_S, MONDAY_S + DAY_S))
    spread_s = trial.balances[0].need_factor * day_s / load
    found, gone_s = [], 0.0
    for begin, worked_s in hours:
        while len(found) < len(drawn) and len(found) / len(drawn) * spread_s < gone_s + worked_s:
            found.append(begin)
        gone_s += worked_s
    return found


def ways(
    line: Line, orders: tuple[LineOrder, ...], seconds_each: float, seed: int
) -> dict[str, tuple[LinePlan, float]]:
    """Return a plan for each way of working, with the processor seconds it took."""
    to_s = MONDAY_S + 28 * DAY_S
    periods = tuple(MONDAY_S + half * DAY_S // 2 + half % 2 * HOUR_S for half in range(56))
    lots_line = replace(line, orders_most=INSIDE_LOTS)
    found: dict[str, tuple[LinePlan, float]] = {}

    def ready(on: Line, lots: list[tuple[int, ...]] | None, balance: str) -> Ready:
        return prepared(on, orders, periods_s=periods, to_s=to_s, lots=lots, balance=balance)

    for name, on, lots, balance, searched in (
        ("ours", line, None, "skilled", True),
        ("rules", line, None, "skilled", False),
        ("lots wait", lots_line, lots_of(orders, LOT), "skilled", True),
        ("lots came", lots_line, lots_that_came(orders, LOT), "skilled", True),
        ("fcfs", line, None, "standard", False),
        ("fcfs skill", line, None, "skilled", False),
    ):
        began_s = process_time()
        own = ready(on, lots, balance)
        until_s = process_time() + seconds_each
        if searched:
            plan = planned(own, seed=seed, left_s=lambda until_s=until_s: until_s - process_time())
        else:
            asked = Asked.of(on, orders, own.rows, own.posts, own.carriers)
            rule = "arrival" if name.startswith("fcfs") else "due"
            rank = ranked(asked, rule)
            policies = [Policy(rank, 0, round(part * on.orders_most)) for part in INSIDE_PARTS]
            plan = planned(own, policy=min(policies, key=lambda p: asked.tried(p)[0]))
        found[name] = plan, process_time() - began_s
    return found


def judged(plan: LinePlan) -> int:
    """Return how many violations both judges find."""
    line, orders, slots = plan.ready.line, plan.ready.orders, plan.slots()
    named = zip(orders, plan.entered_s, strict=True)
    entered = {order.order_id: int(at) for order, at in named}
    network, jobs = line_network(line), line_jobs(orders)
    return len(line_violations(line, orders, slots, entered_s=entered)) + len(
        violations(network_slots(line, orders, slots), network, jobs)
    )


def main() -> None:
    """Compare the ways of working and print a table and a row."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--orders", type=int, default=1000)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--first-seed", type=int, default=101)
    parser.add_argument("--seconds", type=float, default=12, help="of search, where one searches")
    parser.add_argument("--load", type=float, default=0.9)
    parser.add_argument("--loss", type=float, default=1.0, help="times the calibrated loss")
    told = parser.parse_args()
    sums: dict[str, list[tuple[Figures, float, int]]] = {}
    print(
        "seed way        lead h  p95 h  in h  late h  late%  min/pc  change   /h"
        " inside   most  plans  cpu s wrong"
    )
    for seed in range(told.first_seed, told.first_seed + told.seeds):
        dice = Random(seed)
        line = the_line(dice)
        orders = the_orders(dice, told.orders, line, told.load)
        extras = tuple(round(told.loss * extra) for extra in line.extra_permille)
        line = replace(line, extra_permille=extras)  # the same orders at the same hours
        for name, (plan, spent_s) in ways(line, orders, told.seconds, seed).items():
            one, wrong = figures(plan), judged(plan)
            sums.setdefault(name, []).append((one, spent_s, wrong))
            print(
                f"{seed:4} {name:10} {one.lead_s / 3600:6.2f} {one.lead_p95_s / 3600:6.2f}"
                f" {one.inside_s / 3600:5.2f} {one.late_s / 3600:7.3f} {one.late_fraction:6.1%}"
                f" {one.work_s / 60:7.2f} {one.change_s / 60:7.2f} {one.per_hour:4.0f}"
                f" {one.inside:6.0f} {one.inside_most:6} {plan.tried:6} {spent_s:6.1f} {wrong:4}",
                flush=True,
            )
    ours = sums["ours"]
    for name, rows in sums.items():
        pairs = [(a[0], b[0]) for a, b in zip(ours, rows, strict=True)]
        lead = 1 - mean(a.lead_s for a, _ in pairs) / mean(b.lead_s for _, b in pairs)
        late = 1 - mean(a.late_s for a, _ in pairs) / max(1.0, mean(b.late_s for _, b in pairs))
        work = mean(a.work_s for a, _ in pairs) / mean(b.work_s for _, b in pairs) - 1
        print(
            f"ours against {name:10}: lead {lead:+.1%} shorter, late {late:+.1%} less,"
            f" work {work:+.1%}"
        )
    print(
        row(
            "line",
            f"{told.seeds} seeds",
            *(f"{n}: {mean(f.lead_s for f, _, _ in r) / 3600:.2f} h" for n, r in sums.items()),
        )
    )


if __name__ == "__main__":
    main()
