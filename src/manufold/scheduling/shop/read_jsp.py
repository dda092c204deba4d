"""Job shops: a row of `machine duration` pairs per job, machines from 0.

Jobs may differ in length and come back to a machine; rows may end with `-1 -1`, as those of the
large instances with known optima do.

Source  the format of J. E. Beasley's OR-Library; G. Da Col, E. Teppan, Operations Research
        Perspectives 9 (2022) 100249, doi:10.1016/j.orp.2022.100249, for the ending.
"""

import numpy as np

from manufold.model.errors import InputFault
from manufold.scheduling.kernel import seconds
from manufold.scheduling.shop.built import built
from manufold.scheduling.shop.problem import Shop
from manufold.scheduling.shop.read_numbers import counted, header, numbers

__all__ = ["read_jsp"]


def read_jsp(text: str | bytes) -> Shop:
    """Return a job shop.

    Raises:
        InputFault: `shop.*`: names line, fault and remedy.
    """
    found = numbers(text)
    jobs, machines = header(found, "jobs machines", least=2, most=2)
    counted(found, jobs)
    if jobs == 0:
        raise InputFault("shop.no_jobs", line=found.head_line)
    begin, end = found.row_ptr[:-1], found.row_ptr[1:].copy()
    long = end - begin >= 2
    last = np.where(long, end - 2, begin)
    ended = long & (found.value[last] == -1) & (found.value[end - 1] == -1)
    end[ended] -= 2
    wide = end - begin
    if (wide % 2).any():
        row = int(np.argmax(wide % 2))
        raise InputFault("shop.row_odd", line=int(found.row_line[row]), found=int(wide[row]))
    if (wide == 0).any():
        raise InputFault("shop.no_operation", line=int(found.row_line[np.argmax(wide == 0)]))
    kept = np.ones(len(found.value), dtype=bool)
    kept[end[ended]] = kept[end[ended] + 1] = False
    pairs = found.value[kept].reshape(-1, 2)
    job_ptr = seconds(np.concatenate(([0], np.cumsum(wide // 2))))
    machine, span_s = seconds(pairs[:, 0]), seconds(pairs[:, 1])
    wrong = (machine < 0) | (machine >= machines) | (span_s < 0)
    if wrong.any():
        op = int(np.argmax(wrong))
        row = int(np.searchsorted(job_ptr, op, side="right")) - 1
        line, m = int(found.row_line[row]), int(machine[op])
        if 0 <= m < machines:
            raise InputFault("shop.negative", line=line, found=int(span_s[op]))
        raise InputFault(
            "shop.machine_outside",
            line=line,
            operation=op - int(job_ptr[row]),
            found=m,
            first=0,
            last=machines - 1,
        )
    return built(job_ptr, seconds(np.arange(len(machine) + 1)), machine, span_s, machines)
