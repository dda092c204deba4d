"""Flexible job shops with due dates, and a plain check of their answers."""

from itertools import pairwise

import numpy as np

from manufold.scheduling.shop.built import built
from manufold.scheduling.shop.problem import Answer, Shop


def late_shop(seed: int, *, ops: int, machines: int, load: float, cell: int = 5) -> Shop:
    """Return a shop of machine cells: 3 to 9 operations a job, 2 or 3 machines an operation."""
    dice = np.random.default_rng(seed)
    sizes: list[int] = []
    while sum(sizes) < ops:
        sizes.append(min(int(dice.integers(3, 10)), ops - sum(sizes)))
    choices = dice.integers(2, 4, ops)
    nominal = dice.integers(10, 100, ops)
    chosen = [
        int(dice.integers(machines // cell)) * cell + dice.permutation(cell)[:k] for k in choices
    ]
    spans = [
        np.maximum(1, n * dice.uniform(0.8, 1.2, k)) for n, k in zip(nominal, choices, strict=True)
    ]
    job_ptr = np.concatenate(([0], np.cumsum(sizes)))
    work = np.add.reduceat(nominal, job_ptr[:-1])
    release = np.sort(dice.uniform(0, nominal.sum() / machines / load, len(sizes)))
    return built(
        job_ptr,
        np.concatenate(([0], np.cumsum(choices))),
        np.concatenate(chosen),
        np.concatenate(spans).astype(np.int64),
        machines,
        release_s=release.astype(np.int64),
        due_s=(release + dice.uniform(1.2, 3.0, len(sizes)) * work).astype(np.int64),
        weight=dice.choice([1, 2, 4], len(sizes)),
    )


def faults(shop: Shop, answer: Answer) -> list[str]:
    """Return what is wrong with an answer, found operation by operation."""
    found = []
    on: dict[int, list[tuple[int, int]]] = {}
    end = [int(answer.start_s[o] + shop.alt_span_s[a]) for o, a in enumerate(answer.alt)]
    for op, alt in enumerate(answer.alt):
        start = int(answer.start_s[op])
        if not shop.alt_ptr[op] <= alt < shop.alt_ptr[op + 1]:
            found.append(f"{op} takes a foreign alternative")
        if start < shop.release_s[shop.job_of[op]]:
            found.append(f"{op} begins before its release")
        for before in shop.before_op[shop.before_ptr[op] : shop.before_ptr[op + 1]]:
            if end[before] > start:
                found.append(f"{op} begins before {before} ends")
        on.setdefault(int(shop.alt_machine[alt]), []).append((start, end[op]))
    for machine, slots in on.items():
        slots.sort()
        for (_, free), (begin, _) in pairwise(slots):
            if begin < free:
                found.append(f"{machine} does two things at {begin}")
    return found
