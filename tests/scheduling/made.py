"""A middle-sized shop and its jobs from a seed: two sites, shifts, seats, families, lanes."""

import random
from collections.abc import Sequence

from manufold.judge.violation import Violation
from manufold.judge.violations import violations
from manufold.model.calendar import DAYS, Shift, WorkCalendar
from manufold.model.network import Network, SetupMatrix
from manufold.model.process_plan import Operation
from manufold.model.schedule import Job, Slot
from scheduling.shops import ALWAYS, EARLY, MONDAY_S, network, operation, plan, unit

LATE = WorkCalendar("late", "Europe/Berlin", (Shift(DAYS[:5], "22:00", "06:00"),))
FAMILIES = ("red", "blue", "green")
MATRIX = SetupMatrix(
    "m", tuple((a, b, 300, 0, 0) for a in FAMILIES for b in FAMILIES if a != b), default_s=900
)
SKILLS = ("cut", "bend", "weld", "paint", "pack")


def middle_shop(seed: int, units: int = 15) -> Network:
    """Return a network of two sites that can both make everything but painting."""
    rng = random.Random(seed)
    made = [
        unit(
            f"{name}_{site}{row}",
            name,
            site=site,
            calendar=rng.choice(["early", "early", "late", "always"]),
            seats=2 if name == "paint" else 1,
            matrix="m" if name in ("cut", "paint") else None,
        )
        for name in SKILLS
        for site in ("a", "b")
        for row in range(max(1, units // 10 + rng.randint(0, 1)))
        if (name, site) != ("paint", "b")
    ]
    lanes = {("a", "b"): 7200, ("b", "a"): 7200, ("a", "home"): 86400, ("b", "home"): 172800}
    return network(
        made, calendars=(ALWAYS, EARLY, LATE), lanes=lanes, matrices=(MATRIX,), frozen_zone_s=86400
    )


def middle_jobs(seed: int, count: int, tight: float = 3.0, days: int = 14) -> list[Job]:
    """Return jobs released over some days with due dates; some fork, some may not pause."""
    rng = random.Random(seed)
    jobs = []
    for number in range(count):
        steps: list[Operation] = []
        for row in range(rng.randint(2, 6)):
            before = [f"op{row}"] if row else []
            if row == 3 and rng.random() < 0.3:
                before = ["op2"]  # beside op3: a fork
            steps.append(
                operation(
                    f"op{row + 1}",
                    rng.choice(SKILLS),
                    rng.randint(30, 600),
                    rng.randint(0, 1800),
                    after=before,
                    pausable=rng.random() < 0.8,
                    setup_family=rng.choice([*FAMILIES, None]),
                    min_lag_s=rng.choice([0, 0, 0, 3600]) if row else 0,
                    max_lag_s=86400 * 5 if row and rng.random() < 0.05 else None,
                )
            )
        routing = plan(*steps, name=f"p{number}")
        release_s = MONDAY_S + rng.randint(0, days * 86400)
        quantity = rng.randint(1, 20)
        work_s = sum(float(step.setup_s + quantity * step.run_s) for step in steps)
        due_s = release_s + round(work_s * tight * rng.uniform(1.0, 3.0)) + 86400
        weight = rng.choice([1, 1, 2, 4])
        jobs.append(Job(f"j{number:05d}", routing, quantity, release_s, {}, due_s, weight))
    return jobs


def wrong(slots: Sequence[Slot], net: Network, jobs: Sequence[Job]) -> tuple[Violation, ...]:
    """Return what the judge finds."""
    return violations(slots, net, {job.holder: job for job in jobs})
