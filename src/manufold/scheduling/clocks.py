"""Clocks: the working time of a network's work units, alone and together with its operators."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from manufold.model.network import Network
from manufold.scheduling.calendar_rows import Calendars
from manufold.scheduling.kernel import seconds
from manufold.scheduling.worktime import Worktime, compiled_worktime, joint_worktime

__all__ = ["Clocks", "calendars_of", "clocks_of"]

#: a work unit's calendar, and its operators' where they attend
Name = tuple[str, str | None]


@dataclass(frozen=True, slots=True, eq=False)
class Clocks:
    """Working time by number.

    Args:
        number: (work unit's calendar, operator's calendar or None) -> number.
        worktime: by number.
        rows: the same for the kernels.
    """

    number: Mapping[Name, int]
    worktime: tuple[Worktime, ...]
    rows: Calendars


def clocks_of(network: Network, from_s: int, to_s: int) -> Clocks:
    """Return the clocks of a network over [from_s, to_s); joint ones where somebody may attend."""
    staff: dict[str, set[str]] = {}
    for operator in network.operators:
        staff.setdefault(operator.site_id, set()).add(operator.calendar_id)
    names: dict[Name, None] = {}
    for unit in network.work_units:
        names[unit.calendar_id, None] = None
        site_id = network.work_center[unit.work_center_id].site_id
        for calendar_id in sorted(staff.get(site_id, ())):
            names[unit.calendar_id, calendar_id] = None
    times = tuple(_worktime(network, name, from_s, to_s) for name in names)
    return Clocks({name: number for number, name in enumerate(names)}, times, calendars_of(times))


def calendars_of(times: Sequence[Worktime]) -> Calendars:
    """Return working times for the kernels, numbered as they come."""
    bounds = np.concatenate([[0], np.cumsum([len(one.start_s) for one in times])])
    columns = [
        np.concatenate([getattr(one, name) for one in times] or [seconds()])
        for name in ("start_s", "end_s", "before_s")
    ]
    return Calendars(seconds(bounds), np.array(columns, dtype=np.int64))


def _worktime(network: Network, name: Name, from_s: int, to_s: int) -> Worktime:
    unit, operator = name
    calendar = network.calendar[unit]
    if operator in (None, unit):
        return compiled_worktime(calendar, from_s, to_s)
    return joint_worktime(calendar, network.calendar[str(operator)], from_s, to_s)
