"""A shop with every constraint at once, from a seed: crews, tools, ovens, lots, families, sites."""

import random
from dataclasses import replace
from decimal import Decimal

from manufold.model.calendar import DAYS, Shift, WorkCalendar
from manufold.model.network import Capability, Network, Operator, SetupMatrix, Tool, WorkUnit
from manufold.model.process_plan import Operation
from manufold.model.schedule import Job
from scheduling.shops import ALWAYS, EARLY, MONDAY_S, network, operation, plan, unit

LATE = WorkCalendar("late", "Europe/Berlin", (Shift(DAYS[:5], "13:30", "22:00"),))
CREW = WorkCalendar(
    "crew",
    "Asia/Shanghai",
    (Shift(DAYS[:6], "08:00", "20:00", (("12:00", "13:00"),)),),
    ("2026-03-05",),
)
FAMILIES = ("red", "blue", "green")
MATRIX = SetupMatrix(
    "m",
    (
        *((a, b, 300, 0, 0) for a in FAMILIES for b in FAMILIES if a != b),
        ("green", "red", 1500, 0, 0),
    ),
    default_s=900,
)
WORK = ("cut", "turn", "bake", "pack", "coat")


def rich_shop(rng: random.Random) -> Network:
    """Return a network of one or two sites with people, tools and an oven."""
    sites = ("a", "b") if rng.random() < 0.6 else ("a",)
    units: list[WorkUnit] = []
    people: list[Operator] = []
    tools: list[Tool] = []
    for site in sites:
        for name in ("cut", "turn", "pack"):
            units += (
                unit(
                    f"{name}_{site}{row}",
                    Capability(name, Decimal(rng.choice(["1", "1.2", "0.85"]))),
                    site=site,
                    calendar=rng.choice(["always", "early", "late"]),
                    seats=rng.choice([1, 1, 2]),
                    matrix=rng.choice([None, "m"]),
                )
                for row in range(rng.randint(1, 2))
            )
        oven = unit(f"oven_{site}", "bake", site=site, seats=rng.randint(2, 3), matrix=None)
        units.append(replace(oven, batches=True))
        for number in range(rng.randint(1, 3)):
            skills = tuple(s for s in ("setter", "baker") if rng.random() < 0.7) or ("setter",)
            shift = rng.choice(["early", "late", "crew"])
            people.append(Operator(f"op_{site}{number}", site, skills, shift, 0))
        people.append(Operator(f"op_{site}x", site, ("setter", "baker"), "early", 0))
        tools.append(Tool(f"jaws_{site}", "jaws", site, rng.randint(2, 3)))
    coater = Capability("coat", lead_time_s=rng.randint(1, 3) * 86400)
    units.append(unit("coater", coater, site=sites[-1], seats=9))
    lanes = {(a, b): 3600 for a in sites for b in sites if a != b}
    lanes |= {(site, "home"): 86400 for site in sites}
    return network(
        units,
        calendars=(ALWAYS, EARLY, LATE, CREW),
        lanes=lanes,
        matrices=(MATRIX,),
        operators=people,
        tools=tools,
    )


def rich_job(rng: random.Random, name: str) -> Job:
    """Return a job of one to five operations that ask for all kinds of things."""
    steps: list[Operation] = []
    for row in range(rng.randint(1, 5)):
        work = rng.choice(WORK)
        before = [f"op{row - 1}"] if row else []
        if row == 2 and rng.random() < 0.3:
            before = ["op0"]
        if row == 3 and "op1" not in before and rng.random() < 0.3:
            before = ["op1", "op2"]
        attendance = rng.choice(["none", "setup", "setup", "all"])
        baking = work == "bake"
        steps.append(
            operation(
                f"op{row}",
                work,
                0 if baking else rng.randint(20, 400),
                3600 if baking else rng.choice([0, 300, 1200]),
                after=before,
                pausable=rng.random() < 0.8,
                skill=None if attendance == "none" else "baker" if baking else "setter",
                attendance=attendance,
                setup_family=rng.choice([*FAMILIES, None]),
                tools={"jaws": rng.randint(1, 2)} if rng.random() < 0.25 else {},
                batch_family="bread" if baking and rng.random() < 0.8 else None,
                transfer_quantity=rng.randint(1, 6) if rng.random() < 0.3 else None,
                min_lag_s=rng.choice([0, 0, 1800]) if row else 0,
                max_lag_s=86400 * 9 if row and rng.random() < 0.1 else None,
            )
        )
    release_s = MONDAY_S + rng.randint(0, 4 * 86400)
    due_s = release_s + rng.randint(1, 9) * 86400
    return Job(
        name,
        plan(*steps, name=name),
        rng.randint(1, 12),
        release_s,
        {},
        due_s,
        rng.choice([1, 2, 4]),
    )


def rich_jobs(rng: random.Random, count: int) -> list[Job]:
    """Return jobs, some of which share a plan."""
    jobs: list[Job] = []
    for number in range(count):
        if jobs and rng.random() < 0.3:
            jobs.append(replace(rng.choice(jobs), holder=f"j{number}", quantity=rng.randint(1, 12)))
        else:
            jobs.append(rich_job(rng, f"j{number}"))
    return jobs


#: what can be taken out of a rich shop and its jobs, so that one thing is seen alone
FEATURES = (
    "alternatives",
    "assembly",
    "batches",
    "calendars",
    "lags",
    "material",
    "operators",
    "overlap",
    "pausing",
    "seats",
    "setups",
    "sites",
    "subcontract",
    "tools",
)
#: what a feature shows itself on, and therefore keeps too
WITH = {"pausing": ("calendars",)}


def only(
    feature: str, net: Network, jobs: list[Job], rng: random.Random
) -> tuple[Network, list[Job]]:
    """Return a shop and jobs in which one feature is left, "" for none.

    Args:
        rng: of what a rich shop does not have by itself: material that comes later.
    """
    kept = {feature, *WITH.get(feature, ())}
    units = [_unit_with(kept, unit) for unit in net.work_units]
    if "sites" not in kept:
        units = [unit for unit in units if unit.work_center_id == "b" or len(net.sites) == 1]
    if "alternatives" not in kept:
        first = {(u.work_center_id, u.capabilities[0].name): u for u in reversed(units)}
        units = [unit for unit in units if unit in first.values()]
    here = {unit.work_center_id for unit in units}
    people = tuple(o for o in net.operators if o.site_id in here)
    if "operators" in kept and rng.random() < 0.5:
        people = people[-1:] if "sites" not in kept else people
    smaller = replace(
        net,
        work_units=tuple(units),
        operators=people if "operators" in kept else (),
        tools=tuple(tool for tool in net.tools if tool.site_id in here),
    )
    return smaller, [_job_with(kept, job, rng) for job in jobs]


def _unit_with(kept: set[str], unit: WorkUnit) -> WorkUnit:
    """Return a work unit without what is not kept."""
    coats = unit.capabilities[0].name == "coat"
    able = unit.capabilities[0]
    if "subcontract" not in kept:
        able = replace(able, lead_time_s=None)
    if "alternatives" not in kept:
        able = replace(able, time_factor=Decimal(1))
    more = "seats" in kept or (unit.batches and "batches" in kept) or (coats and able.lead_time_s)
    return replace(
        unit,
        capabilities=(able,),
        calendar_id=unit.calendar_id if "calendars" in kept else "always",
        seats=unit.seats if more else 1,
        setup_matrix_id=unit.setup_matrix_id if "setups" in kept else None,
        batches=unit.batches and "batches" in kept,
    )


def _job_with(kept: set[str], job: Job, rng: random.Random) -> Job:
    """Return a job whose operations ask for nothing that is not kept."""
    steps: list[Operation] = []
    ready_s: dict[str, int] = {}
    for one in job.plan.operations:
        made = replace(
            one,
            after=one.after if "assembly" in kept else tuple(s.operation_id for s in steps[-1:]),
            batch_family=one.batch_family if "batches" in kept else None,
            min_lag_s=one.min_lag_s if "lags" in kept else 0,
            max_lag_s=one.max_lag_s if "lags" in kept else None,
            pausable=one.pausable if "pausing" in kept else True,
            setup_family=one.setup_family if "setups" in kept else None,
            tools=one.tools if "tools" in kept else {},
            transfer_quantity=one.transfer_quantity if "overlap" in kept else None,
        )
        if "operators" not in kept:
            made = replace(made, skill=None, attendance="none")
        if "material" in kept and rng.random() < 0.4:
            ready_s[one.operation_id] = job.release_s + rng.randint(1, 8) * 43200
        steps.append(made)
    return replace(job, plan=replace(job.plan, operations=tuple(steps)), ready_s=ready_s)
