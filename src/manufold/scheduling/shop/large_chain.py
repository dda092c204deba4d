"""Job shops as chains: one machine for each operation, jobs in a row, both directions of time.

A flexible shop becomes a chain once each operation has chosen its alternative. Read backwards, a
chain is a chain again (last operation first), and its schedule is one of the shop, mirrored.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from manufold.scheduling.kernel import Seconds, compiled, seconds
from manufold.scheduling.shop.problem import Answer, Shop

__all__ = ["Chain", "answer_of", "backwards", "chain_of", "floor_s", "is_chain", "mirrored"]

#: numbers of operations, jobs and machines, shape (n,)
Numbers = NDArray[np.int32]


class Chain(NamedTuple):
    """A shop whose operations have chosen; operations are numbered as in the shop.

    Args:
        job_ptr: int64, shape (jobs + 1,).
        job_of: int32, shape (ops,).
        machine: int32, shape (ops,).
        span_s: int64, shape (ops,).
        tail_s: int64, shape (ops,), work of the job from here on, this operation included.
        release_s: int64, shape (jobs,).
        load_s: int64, shape (machines,).
    """

    job_ptr: Seconds
    job_of: Numbers
    machine: Numbers
    span_s: Seconds
    tail_s: Seconds
    release_s: Seconds
    load_s: Seconds


def is_chain(shop: Shop) -> bool:
    """Tell whether nothing but machines and the order within each job binds a shop."""
    if shop.worker_count or shop.setup_s.shape[0]:
        return False
    ops = np.arange(len(shop.job_of))
    first = np.isin(ops, shop.job_ptr[:-1])
    if not np.array_equal(np.diff(shop.before_ptr), (~first).astype(np.int64)):
        return False
    return bool(np.array_equal(shop.before_op, ops[~first] - 1))


def chain_of(shop: Shop, alt: Seconds) -> Chain:
    """Return the chain that a choice of alternatives makes of a shop.

    Args:
        shop: that `is_chain`.
        alt: int64, shape (ops,), row of the alternative of each operation.
    """
    machine = shop.alt_machine[alt]
    span_s = seconds(shop.alt_span_s[alt])
    load_s = np.zeros(shop.machine_count, np.int64)
    np.add.at(load_s, machine, span_s)
    return Chain(
        shop.job_ptr,
        shop.job_of.astype(np.int32),
        machine.astype(np.int32),
        span_s,
        _tails(shop.job_ptr, span_s),
        shop.release_s,
        load_s,
    )


def backwards(chain: Chain) -> Chain:
    """Return the chain read from its end; operation i is i-th from the end. No releases."""
    ops, jobs = len(chain.job_of), len(chain.release_s)
    job_ptr = seconds(ops - chain.job_ptr[::-1])
    span_s = seconds(chain.span_s[::-1])
    return chain._replace(
        job_ptr=job_ptr,
        job_of=np.ascontiguousarray(jobs - 1 - chain.job_of[::-1]).astype(np.int32),
        machine=np.ascontiguousarray(chain.machine[::-1]),
        span_s=span_s,
        tail_s=_tails(job_ptr, span_s),
    )


def floor_s(chain: Chain) -> int:
    """Return what no schedule of the chain is below: the longest job, the heaviest machine."""
    first = chain.job_ptr[:-1][np.diff(chain.job_ptr) > 0]
    longest_s = chain.tail_s[first] + chain.release_s[chain.job_of[first]]
    earliest_s = int(chain.release_s.min()) if len(chain.release_s) else 0
    return max(int(longest_s.max()), int(chain.load_s.max()) + earliest_s)


def mirrored(chain: Chain, start_s: Seconds) -> Seconds:
    """Return the starts of a schedule as its `backwards` sees them."""
    end_s = start_s + chain.span_s
    return seconds((end_s.max() - end_s)[::-1])


def answer_of(alt: Seconds, start_s: Seconds) -> Answer:
    """Return an answer of its own arrays."""
    return Answer(alt, seconds(start_s.copy()))


@compiled
def _tails(job_ptr: Seconds, span_s: Seconds) -> Seconds:
    tail_s = span_s.copy()
    for job in range(len(job_ptr) - 1):
        for op in range(job_ptr[job + 1] - 2, job_ptr[job] - 1, -1):
            tail_s[op] += tail_s[op + 1]
    return tail_s
