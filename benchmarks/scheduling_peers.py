"""Solve one shop with one peer, in a process of its own; the answer goes to a file.

`python benchmarks/scheduling_peers.py PEER FILE FORMAT SECONDS WORKERS SEED OUT`. A peer has what
is left of the seconds after reading and building its model, as for anybody who uses it.

cp-sat: the natural model of OR-Tools CP-SAT: optional intervals, no-overlap, circuits for set-ups.
pyjobshop: PyJobShop's own model, on OR-Tools. dispatch: the best of the plain rules (FIFO, SPT,
EDD, MWKR, ATC), machines never wait.
"""

import gzip
import importlib.metadata
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from manufold.scheduling.shop.problem import Goal, Shop, value_of
from manufold.scheduling.shop.read import GOALS, read

__all__ = ["PEERS", "version"]

Slots = list[dict[str, int]]
Found = tuple[Slots | None, float | None]
BEGAN_S = time.monotonic()
#: a solver is given at least so long, however long its model took to build
LEAST_S = 1.0


def version(peer: str) -> str:
    """Return the version of a peer.

    Raises:
        ModuleNotFoundError: it is not installed here.
    """
    packages = {"cp-sat": ["ortools"], "pyjobshop": ["pyjobshop", "ortools"], "dispatch": []}
    told = [f"{name} {importlib.metadata.version(name)}" for name in packages[peer]]
    return ", ".join(told)


def cp_sat(shop: Shop, goal: Goal, limit_s: float, workers: int, seed: int) -> Found:
    """Solve with CP-SAT."""
    from ortools.sat.python import cp_model

    model = cp_model.CpModel()
    horizon_s = int(shop.release_s.max() + shop.alt_span_s.sum() + shop.setup_s.max(initial=0))
    if len(shop.setup_s):
        horizon_s += int(shop.setup_s.max()) * len(shop.job_of)
    machines: list[list[tuple[int, Any, Any]]] = [[] for _ in range(shop.machine_count)]
    people: list[list[Any]] = [[] for _ in range(shop.worker_count)]
    starts, ends, chosen = [], [], []
    for op in range(len(shop.job_of)):
        start = model.new_int_var(int(shop.release_s[shop.job_of[op]]), horizon_s, "")
        end = model.new_int_var(0, horizon_s, "")
        alts = range(int(shop.alt_ptr[op]), int(shop.alt_ptr[op + 1]))
        taken = [model.new_bool_var("") for _ in alts]
        model.add_exactly_one(taken)
        for alt, literal in zip(alts, taken, strict=True):
            interval = model.new_optional_interval_var(
                start, int(shop.alt_span_s[alt]), end, literal, ""
            )
            machines[shop.alt_machine[alt]].append((op, literal, interval))
            if shop.alt_worker[alt] >= 0:
                people[shop.alt_worker[alt]].append(interval)
        for before in shop.before_op[shop.before_ptr[op] : shop.before_ptr[op + 1]]:
            if before < op:
                model.add(start >= ends[before])
        starts.append(start)
        ends.append(end)
        chosen.append(taken)
    for op in range(len(shop.job_of)):
        for before in shop.before_op[shop.before_ptr[op] : shop.before_ptr[op + 1]]:
            if before >= op:
                model.add(starts[op] >= ends[before])
    for m, rows in enumerate(machines):
        model.add_no_overlap([interval for _, _, interval in rows])
        if len(shop.setup_s):
            _circuit(model, shop, m, rows, starts, ends)
    for intervals in people:
        model.add_no_overlap(intervals)
    _objective(model, shop, goal, horizon_s, ends)
    solver = cp_model.CpSolver()
    solver.parameters.num_workers, solver.parameters.random_seed = workers, seed
    solver.parameters.max_time_in_seconds = max(LEAST_S, limit_s - (time.monotonic() - BEGAN_S))
    status = solver.solve(model)
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return None, None
    alt = [
        int(shop.alt_ptr[op]) + next(i for i, one in enumerate(taken) if solver.value(one))
        for op, taken in enumerate(chosen)
    ]
    return _slots(shop, alt, [solver.value(start) for start in starts]), solver.best_objective_bound


def _circuit(model: Any, shop: Shop, m: int, rows: Any, starts: Any, ends: Any) -> None:
    """Order the operations of a machine, with the set-up between each two neighbours."""
    arcs = [(0, 0, model.new_bool_var(""))]
    for i, (op, literal, _) in enumerate(rows, 1):
        arcs += [(0, i, model.new_bool_var("")), (i, 0, model.new_bool_var(""))]
        arcs.append((i, i, ~literal))
        for j, (after, _, _) in enumerate(rows, 1):
            if after != op:
                follows = model.new_bool_var("")
                arcs.append((i, j, follows))
                setup_s = int(shop.setup_s[m, op, after])
                model.add(starts[after] >= ends[op] + setup_s).only_enforce_if(follows)
    model.add_circuit(arcs)


def _objective(model: Any, shop: Shop, goal: Goal, horizon_s: int, ends: Any) -> None:
    if goal == "makespan":
        last = model.new_int_var(0, horizon_s, "")
        model.add_max_equality(last, ends)
        model.minimize(last)
        return
    late = []
    for job in range(len(shop.due_s)):
        tardiness = model.new_int_var(0, horizon_s, "")
        for op in range(int(shop.job_ptr[job]), int(shop.job_ptr[job + 1])):
            model.add(tardiness >= ends[op] - int(shop.due_s[job]))
        late.append(int(shop.weight[job]) * tardiness)
    model.minimize(sum(late))


def py_job_shop(shop: Shop, goal: Goal, limit_s: float, workers: int, seed: int) -> Found:
    """Solve with PyJobShop."""
    from pyjobshop import Model

    model = Model()
    jobs = [
        model.add_job(weight=int(w), release_date=int(r), due_date=int(d))
        for w, r, d in zip(shop.weight, shop.release_s, shop.due_s, strict=True)
    ]
    machines = [model.add_machine() for _ in range(shop.machine_count)]
    people = [model.add_machine() for _ in range(shop.worker_count)]
    tasks = [model.add_task(job=jobs[job]) for job in shop.job_of]
    for op, task in enumerate(tasks):
        for alt in range(int(shop.alt_ptr[op]), int(shop.alt_ptr[op + 1])):
            needed = [machines[shop.alt_machine[alt]]]
            if shop.alt_worker[alt] >= 0:
                needed.append(people[shop.alt_worker[alt]])
            model.add_mode(task, needed, duration=int(shop.alt_span_s[alt]))
        for before in shop.before_op[shop.before_ptr[op] : shop.before_ptr[op + 1]]:
            model.add_end_before_start(tasks[before], task)
    for m in range(len(shop.setup_s)):
        for i, one in enumerate(tasks):
            for j, two in enumerate(tasks):
                if i != j:
                    model.add_setup_time(machines[m], one, two, int(shop.setup_s[m, i, j]))
    if goal == "tardiness":
        model.set_objective(weight_total_tardiness=1)
    left_s = max(LEAST_S, limit_s - (time.monotonic() - BEGAN_S))
    result = model.solve(time_limit=left_s, display=False, num_workers=workers, random_seed=seed)
    if not result.best.tasks:
        return None, None
    order = dict(enumerate(result.best.tasks))
    modes = model.data().modes
    first = {}
    for number, mode in enumerate(modes):
        first.setdefault(mode.task, number)
    alt = [int(shop.alt_ptr[op]) + order[op].mode - first[op] for op in range(len(shop.job_of))]
    return _slots(shop, alt, [order[op].start for op in range(len(tasks))]), result.lower_bound


def plain_rules(shop: Shop, goal: Goal, limit_s: float, workers: int, seed: int) -> Found:
    """Dispatch by each rule that the literature compares with."""
    from manufold.scheduling.shop.dispatch import LOOK_AHEADS, Rule, dispatch
    from manufold.scheduling.shop.dispatch_kernel import ATC, EDD, FIFO, MWKR, SPT

    rules = [Rule(FIFO), Rule(SPT), Rule(MWKR)]
    if goal == "tardiness":
        rules = [Rule(FIFO), Rule(SPT), Rule(EDD), *(Rule(ATC, k) for k in LOOK_AHEADS)]
    answers = (dispatch(shop, rule) for rule in rules)
    best = min(answers, key=lambda answer: value_of(shop, answer, goal))
    return _slots(shop, best.alt.tolist(), best.start_s.tolist()), None


def _slots(shop: Shop, alt: list[int], start_s: list[int]) -> Slots:
    slots = []
    for op, (row, begin_s) in enumerate(zip(alt, start_s, strict=True)):
        job = int(shop.job_of[op])
        slot = {"job": job, "operation": op - int(shop.job_ptr[job])}
        slot |= {"machine": int(shop.alt_machine[row]), "start_s": int(begin_s)}
        slot["end_s"] = int(begin_s) + int(shop.alt_span_s[row])
        if shop.worker_count:
            slot["worker"] = int(shop.alt_worker[row])
        slots.append(slot)
    return slots


PEERS: dict[str, Callable[[Shop, Goal, float, int, int], Found]] = {
    "cp-sat": cp_sat,
    "pyjobshop": py_job_shop,
    "dispatch": plain_rules,
}


def main() -> None:
    """Solve what the arguments say."""
    peer, file, form, limit, workers, seed, out = sys.argv[1:]
    raw = Path(file).read_bytes()
    shop = read(gzip.decompress(raw) if file.endswith(".gz") else raw, form)
    goal = GOALS[form]
    slots, bound = PEERS[peer](shop, goal, float(limit), int(workers), int(seed))
    answer: dict[str, Any] = {"bound": bound, "slots": slots, "objective": None}
    if slots is not None:
        done_s = [0] * len(shop.due_s)
        for slot in slots:
            done_s[slot["job"]] = max(done_s[slot["job"]], slot["end_s"])
        answer["objective"] = max(done_s)
        if goal == "tardiness":
            late = zip(shop.weight.tolist(), done_s, shop.due_s.tolist(), strict=True)
            answer["objective"] = sum(w * max(0, done - due) for w, done, due in late)
    Path(out).write_text(json.dumps(answer), encoding="utf-8")


if __name__ == "__main__":
    main()
