"""Order of a shift: what each step waits for, and which of those that wait for nothing is next."""

import numpy as np

from manufold.scheduling.kernel import Seconds, compiled
from manufold.scheduling.shift_rows import ShiftRows

__all__ = ["followers", "popped", "pushed"]


@compiled
def followers(rows: ShiftRows, steps: int) -> tuple[Seconds, Seconds, Seconds]:
    """Return per step where its followers stand, these, and how many steps it waits for."""
    ptr, left = np.zeros(steps + 1, dtype=np.int64), np.zeros(steps, dtype=np.int64)
    after = np.zeros(len(rows.list_steps) + len(rows.before), dtype=np.int64)
    for pas in range(2):
        for listed in range(len(rows.list_ptr) - 1):
            for row in range(rows.list_ptr[listed] + 1, rows.list_ptr[listed + 1]):
                first, second = rows.list_steps[row - 1], rows.list_steps[row]
                _follows(pas, first, second, ptr, after, left)
        for slot in range(len(rows.slots)):
            for row in range(rows.before_ptr[slot], rows.before_ptr[slot + 1]):
                first = rows.step_of[rows.before[row, 0]]
                _follows(pas, first, rows.step_of[slot], ptr, after, left)
        if pas == 0:  # each pointer at the end of its own, to be counted down
            for step in range(steps):
                ptr[step + 1] += ptr[step]
    return ptr, after, left


@compiled
def _follows(
    pas: int, first: int, second: int, ptr: Seconds, after: Seconds, left: Seconds
) -> None:
    if first == second:
        return
    if pas == 0:
        ptr[first] += 1
        left[second] += 1
    else:
        ptr[first] -= 1
        after[ptr[first]] = second


@compiled
def pushed(heap: Seconds, size: int, step: int) -> int:
    """Put a step on the heap; return how many are on it."""
    at = size
    while at > 0 and heap[(at - 1) // 2] > step:
        heap[at] = heap[(at - 1) // 2]
        at = (at - 1) // 2
    heap[at] = step
    return size + 1


@compiled
def popped(heap: Seconds, size: int) -> tuple[int, int]:
    """Return the lowest step, and how many are left."""
    lowest, last, size, at = heap[0], heap[size - 1], size - 1, 0
    while True:
        child = 2 * at + 1
        if child >= size:
            break
        if child + 1 < size and heap[child + 1] < heap[child]:
            child += 1
        if heap[child] >= last:
            break
        heap[at] = heap[child]
        at = child
    heap[at] = last
    return lowest, size
