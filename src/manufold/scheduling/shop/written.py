"""An answer as the JSON that anybody can judge, written by a compiled loop.

Everything counts from 0. A slot reads
`{"job":0,"operation":1,"machine":2,"start_s":3,"end_s":7}`, with `"worker"` where the shop has
workers. A million slots take a fraction of a second.
"""

import numpy as np
from numpy.typing import NDArray

from manufold.scheduling.kernel import Seconds, compiled
from manufold.scheduling.shop.problem import Answer, Shop, ends_s

__all__ = ["written"]

DIGITS_MOST = 20
ZERO = 48


def written(shop: Shop, answer: Answer, *, objective: int, bound: int, took_s: float) -> bytes:
    """Return the JSON of an answer.

    Args:
        shop: that was scheduled.
        answer: feasible.
        objective: its value.
        bound: no answer is below.
        took_s: seconds spent.
    """
    keys = ["job", "operation", "machine", "start_s", "end_s"]
    columns = [
        shop.job_of,
        np.arange(len(shop.job_of)) - shop.job_ptr[shop.job_of],
        shop.alt_machine[answer.alt],
        answer.start_s,
        ends_s(shop, answer),
    ]
    if shop.worker_count:
        keys.insert(3, "worker")
        columns.insert(3, shop.alt_worker[answer.alt])
    words = [f'{"," if i else "{"}"{key}":'.encode() for i, key in enumerate(keys)]
    text = np.frombuffer(b"".join(words), dtype=np.uint8)
    word_ptr = np.cumsum([0, *map(len, words)])
    head = f'{{"objective":{objective},"bound":{bound},"seconds":{took_s:.3f},"slots":[\n'.encode()
    body = _rows(np.ascontiguousarray(np.stack(columns, axis=1)), text, word_ptr)
    return b"".join((head, body.tobytes(), b"\n]}\n"))


@compiled
def _rows(
    cells: NDArray[np.int64], text: NDArray[np.uint8], word_ptr: Seconds
) -> NDArray[np.uint8]:
    """Return the rows of a table as objects of JSON, a comma and a new line between them."""
    rows, columns = cells.shape
    largest, digits = cells.max(), 1
    while largest >= 10:
        largest //= 10
        digits += 1
    out = np.zeros(rows * (len(text) + columns * digits + 3), np.uint8)
    number = np.zeros(DIGITS_MOST, np.uint8)
    at = 0
    for row in range(rows):
        for column in range(columns):
            for i in range(word_ptr[column], word_ptr[column + 1]):
                out[at] = text[i]
                at += 1
            left, count = cells[row, column], 0
            while left > 0 or count == 0:
                number[count] = ZERO + left % 10
                left //= 10
                count += 1
            while count > 0:
                count -= 1
                out[at] = number[count]
                at += 1
        out[at] = 125
        at += 1
        if row + 1 < rows:
            out[at], out[at + 1] = 44, 10
            at += 2
    return out[:at]
