"""Chance for kernels: a stream of numbers from a seed, with its state in an array.

Source  xorshift64: G. Marsaglia, J. Stat. Softw. 8 (2003), doi:10.18637/jss.v008.i14.
"""

import numpy as np
from numpy.typing import NDArray

from manufold.scheduling.kernel import compiled

__all__ = ["Chance", "below", "chance_of"]

#: uint64, shape (1,), never zero
Chance = NDArray[np.uint64]


def chance_of(seed: int) -> Chance:
    """Return a stream of its own for a seed."""
    mixed = (seed * 0x9E3779B97F4A7C15 + 0x2545F4914F6CDD1D) % (1 << 64)
    chance = np.array([mixed or 1], dtype=np.uint64)
    for _ in range(8):
        below(chance, 2)
    return chance


@compiled
def below(chance: Chance, count: int) -> int:
    """Return a number from 0 to count - 1 and step the stream."""
    state = chance[0]
    state ^= state << np.uint64(13)
    state ^= state >> np.uint64(7)
    state ^= state << np.uint64(17)
    chance[0] = state
    return int(np.int64((state >> np.uint64(11)) % np.uint64(count)))
