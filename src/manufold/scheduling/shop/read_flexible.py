"""Flexible job shops: plain, with due dates, with workers, with sequence-dependent set-ups.

Source  the formats of Brandimarte (1993) and of its extensions; machines count from 0 in `fjsp` and
        `fjsp-tardiness`, machines and workers from 1 in `fjsp-w`, machines from 1 in `fjsp-sdst`.
"""

import numpy as np

from manufold.model.errors import InputFault
from manufold.scheduling.shop.built import built
from manufold.scheduling.shop.problem import Shop
from manufold.scheduling.shop.read_numbers import counted, header, numbers
from manufold.scheduling.shop.read_rows import Rows, operation_rows

__all__ = ["read_fjsp", "read_fjsp_sdst", "read_fjsp_tardiness", "read_fjsp_w"]

#: a set-up is stored in int32
LONGEST_SETUP_S = 2**31 - 1


def read_fjsp(text: str | bytes) -> Shop:
    """Return a flexible job shop; each job is a row `nops`, then `k (machine duration)*k` each.

    Raises:
        InputFault: `shop.*`: names line, fault and remedy.
    """
    found = numbers(text)
    jobs, machines = header(found, "jobs machines", least=2, most=3)
    counted(found, jobs)
    rows = operation_rows(found, 0, jobs, machines=machines)
    return _shop(rows, machines)


def read_fjsp_tardiness(text: str | bytes) -> Shop:
    """Return a flexible job shop whose rows begin with `release due weight`.

    Raises:
        InputFault: `shop.*`: names line, fault and remedy.
    """
    found = numbers(text)
    jobs, machines = header(found, "jobs machines", least=2, most=2)
    counted(found, jobs)
    rows = operation_rows(found, 0, jobs, machines=machines, leads=True)
    release_s, due_s, weight = rows.lead.T
    return built(
        rows.job_ptr,
        rows.alt_ptr,
        rows.machine,
        rows.span_s,
        machines,
        release_s=release_s,
        due_s=due_s,
        weight=weight,
    )


def read_fjsp_w(text: str | bytes) -> Shop:
    """Return a shop whose alternatives read `machine nworkers (worker duration)*nworkers`.

    Raises:
        InputFault: `shop.*`: names line, fault and remedy.
    """
    found = numbers(text)
    jobs, machines, workers = header(found, "jobs machines workers", least=3, most=4)
    counted(found, jobs)
    if workers < 1:
        raise InputFault("shop.no_workers", line=found.head_line)
    rows = operation_rows(found, 0, jobs, machines=machines, workers=workers, base=1)
    return built(
        rows.job_ptr,
        rows.alt_ptr,
        rows.machine,
        rows.span_s,
        machines,
        worker=rows.worker,
        workers=workers,
    )


def read_fjsp_sdst(text: str | bytes) -> Shop:
    """Return a flexible job shop with one square matrix of set-ups per machine below its jobs.

    Raises:
        InputFault: `shop.*`: names line, fault and remedy.
    """
    found = numbers(text)
    jobs, machines = header(found, "jobs machines mean", least=2, most=3)
    if found.rows < jobs:
        raise InputFault("shop.rows_missing", found=found.rows, wanted=jobs)
    rows = operation_rows(found, 0, jobs, machines=machines, base=1)
    ops = len(rows.alt_ptr) - 1
    counted(found, jobs + machines * ops)
    wide = np.diff(found.row_ptr[jobs:])
    if (wide != ops).any():
        row = int(np.argmax(wide != ops))
        raise InputFault(
            "shop.setup_row", line=int(found.row_line[jobs + row]), found=int(wide[row]), wanted=ops
        )
    setup_s = found.value[found.row_ptr[jobs] :]
    wrong = (setup_s < 0) | (setup_s > LONGEST_SETUP_S)
    if wrong.any():
        at = int(np.argmax(wrong))
        line = found.line_of(int(found.row_ptr[jobs]) + at)
        raise InputFault("shop.setup_outside", line=line, found=int(setup_s[at]))
    matrices = np.ascontiguousarray(setup_s.reshape(machines, ops, ops), dtype=np.int32)
    return built(rows.job_ptr, rows.alt_ptr, rows.machine, rows.span_s, machines, setup_s=matrices)


def _shop(rows: Rows, machines: int) -> Shop:
    return built(rows.job_ptr, rows.alt_ptr, rows.machine, rows.span_s, machines)
