"""Flexible assembly job shops: operations in a directed graph, machines from 0.

Below the header `operations arcs machines` stand the arcs, `before after` with operations from 0,
then one row per operation, `k (machine duration)*k`. The file names no jobs: all is one job, and an
operation keeps its number.

Source  E. G. Birgin, P. Feofiloff, C. G. Fernandes, E. L. de Melo, M. T. I. Oshiro, D. P. Ronconi,
        Optimization Letters 8 (2014) 1417-1431, doi:10.1007/s11590-013-0669-7.
"""

import numpy as np

from manufold.model.errors import InputFault
from manufold.scheduling.kernel import seconds
from manufold.scheduling.shop.built import built
from manufold.scheduling.shop.problem import Shop
from manufold.scheduling.shop.read_numbers import counted, header, numbers
from manufold.scheduling.shop.read_rows import operation_rows

__all__ = ["read_fajsp"]


def read_fajsp(text: str | bytes) -> Shop:
    """Return a flexible assembly job shop.

    Raises:
        InputFault: `shop.*`: names line, fault and remedy.
    """
    found = numbers(text)
    ops, arc_count, machines = header(found, "operations arcs machines", least=3, most=3)
    counted(found, ops + arc_count)
    if ops == 0:
        raise InputFault("shop.no_jobs", line=found.head_line)
    wide = np.diff(found.row_ptr[: arc_count + 1])
    if (wide != 2).any():
        row = int(np.argmax(wide != 2))
        raise InputFault("shop.arc_row", line=int(found.row_line[row]), found=int(wide[row]))
    arcs = found.value[: 2 * arc_count].reshape(-1, 2)
    wrong = ((arcs < 0) | (arcs >= ops)).any(axis=1)
    if wrong.any():
        row = int(np.argmax(wrong))
        shown = " ".join(map(str, arcs[row].tolist()))
        raise InputFault(
            "shop.arc_outside", line=int(found.row_line[row]), found=shown, last=ops - 1
        )
    rows = operation_rows(found, arc_count, ops, machines=machines, single=True)
    return built(seconds([0, ops]), rows.alt_ptr, rows.machine, rows.span_s, machines, arcs=arcs)
