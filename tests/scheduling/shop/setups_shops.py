"""Random shops with set-ups, workers or assembly, and what the judge says of their answers."""

import numpy as np
from tests.scheduling.shop.tiny import slots_of

from manufold.judge.shop_rules import shop_violations
from manufold.judge.violation import Violation
from manufold.scheduling.shop.built import built
from manufold.scheduling.shop.problem import Search, Shop

#: what one shop of `shop_of` may have
KINDS = ("setups", "workers", "assembly", "all")


def shop_of(kind: str, seed: int, jobs: int, ops: int, machines: int, choices: int = 2) -> Shop:
    """Return a shop of `ops` operations in all, dealt to the jobs as they fall.

    Spans may be zero, jobs may come back to a machine, set-ups break the triangle inequality.
    """
    rng = np.random.default_rng(seed)
    cuts = np.sort(rng.choice(np.arange(1, ops), jobs - 1, replace=False)) if jobs > 1 else []
    job_ptr = np.array([0, *cuts, ops], dtype=np.int64)
    workers = machines + 1 if kind in ("workers", "all") else 0
    machine, worker, span_s, alt_ptr = [], [], [], [0]
    for _ in range(ops):
        for at in rng.choice(machines, min(machines, int(rng.integers(1, choices + 1))), False):
            for who in rng.choice(workers, int(rng.integers(1, 3)), False) if workers else [-1]:
                machine.append(at)
                worker.append(who)
                span_s.append(int(rng.integers(0, 20)))
        alt_ptr.append(len(machine))
    arcs = None
    if kind in ("assembly", "all"):
        pairs = [(i, j) for i in range(ops) for j in range(i + 1, ops) if rng.random() < 0.25]
        names = rng.permutation(ops)
        arcs = np.array([(names[i], names[j]) for i, j in pairs], dtype=np.int64).reshape(-1, 2)
    setup_s = None
    if kind in ("setups", "all"):
        setup_s = rng.integers(0, 12, (machines, ops, ops)).astype(np.int32)
        setup_s[rng.random(setup_s.shape) < 0.1] = 60
    return built(
        job_ptr,
        np.array(alt_ptr, dtype=np.int64),
        np.array(machine, dtype=np.int64),
        np.array(span_s, dtype=np.int64),
        machines,
        worker=np.array(worker, dtype=np.int64) if workers else None,
        workers=workers,
        arcs=arcs,
        release_s=rng.integers(0, 10, jobs) if seed % 2 else None,
        setup_s=setup_s,
    )


def faults(shop: Shop, search: Search) -> tuple[Violation, ...]:
    """Return what the judge finds wrong with the best answer of a search."""
    return shop_violations(shop, slots_of(shop, search.best), objective=search.value)
