"""Small random shops of every kind, and an answer as the judge reads it."""

import numpy as np

from manufold.judge.shop_rules import ShopSlots
from manufold.scheduling.shop.built import built
from manufold.scheduling.shop.problem import Answer, Shop, ends_s

KINDS = ("job", "flexible", "late", "workers", "setups", "graph")


def tiny(kind: str, seed: int, *, jobs: int = 4, machines: int = 3) -> Shop:
    """Return a random shop: jobs of unequal length, revisits, durations of zero."""
    dice = np.random.default_rng(seed)
    lengths = dice.integers(1, 5, jobs)
    ops = int(lengths.sum())
    choices = np.ones(ops, dtype=int) if kind == "job" else dice.integers(1, 4, ops)
    alt_ptr = np.concatenate(([0], np.cumsum(choices)))
    alts = int(alt_ptr[-1])
    job_ptr = np.concatenate(([0], np.cumsum(lengths)))
    more = {}
    if kind == "late":
        more["release_s"] = dice.integers(0, 12, jobs)
        more["due_s"] = more["release_s"] + dice.integers(1, 20, jobs)
        more["weight"] = dice.integers(0, 5, jobs)
    if kind == "workers":
        more |= {"worker": dice.integers(0, 2, alts), "workers": 2}
    if kind == "setups":
        more["setup_s"] = dice.integers(0, 9, (machines, ops, ops)).astype(np.int32)
    if kind == "graph":
        job_ptr = np.array([0, ops])
        pairs = dice.integers(0, ops, (ops, 2))
        name = dice.permutation(ops)
        pairs = np.sort(pairs[pairs[:, 0] != pairs[:, 1]], axis=1)
        more["arcs"] = name[pairs]
    return built(
        job_ptr,
        alt_ptr,
        dice.integers(0, machines, alts),
        dice.integers(0, 10, alts),
        machines,
        **more,
    )


def hard_job_shop(jobs: int, machines: int, seed: int = 1) -> str:
    """Return the text of a job shop, each job once on each machine, whose bound is not reached."""
    dice = np.random.default_rng(seed)
    rows = [
        np.stack((dice.permutation(machines), dice.integers(1, 100, machines)), axis=1).ravel()
        for _ in range(jobs)
    ]
    lines = [f"{jobs} {machines}", *(" ".join(map(str, row.tolist())) for row in rows)]
    return "\n".join(lines) + "\n"


def slots_of(shop: Shop, answer: Answer) -> ShopSlots:
    """Return an answer as columns."""
    return ShopSlots(
        shop.job_of,
        np.arange(len(shop.job_of)) - shop.job_ptr[shop.job_of],
        shop.alt_machine[answer.alt],
        shop.alt_worker[answer.alt],
        answer.start_s,
        ends_s(shop, answer),
    )
