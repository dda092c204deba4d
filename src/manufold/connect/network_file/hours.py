"""Shifts as tables write them, closures without an end, people who never meet their machine."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from manufold.connect.network_file.faults import Faults
from manufold.connect.network_file.tables import Record
from manufold.model.calendar import Shift, WorkCalendar
from manufold.model.errors import InputFault
from manufold.model.units import DAY_S

__all__ = ["built_shift", "check_hours"]

#: no promise looks further ahead than this
_CLOSED_DAYS_MOST = 720
#: a span of plain weeks, with summer and winter time in it, over which hours are compared
_WEEKS_S = (157_766_400, 157_766_400 + 364 * DAY_S)

Sections = dict[str, list[Record]]


def built_shift(shift: Mapping[str, Any]) -> Shift:
    """Return a shift of a calendar's table.

    Raises:
        InputFault: `calendar.breaks_overlap`, and what a shift itself refuses.
    """
    days = tuple(dict.fromkeys(day for some in shift["days"] for day in some))
    built = Shift(days, shift["start"], shift["end"], shift["breaks"])
    worked_min = sum(end - start for start, end in built.stretches_min())
    paused_min = sum((_minutes(end) - _minutes(start)) % 1440 for start, end in built.breaks)
    if worked_min != built.end_min - _minutes(built.start) - paused_min:
        raise InputFault("calendar.breaks_overlap", start=built.start, end=built.end)
    return built


def check_hours(sections: Sections, usual_skills: Mapping[str, str], faults: Faults) -> None:
    """Warn of calendars closed for longer than anybody promises, and of work units that work when
    nobody does who has the skill that plans usually ask for with what they can.

    Args:
        usual_skills: by capability.
    """
    for calendar in sections["calendar"]:
        for i, closure in enumerate(calendar.get("closures") or ()):
            try:
                days = (closure["to"] - closure["from"]).days
            except TypeError:  # one with an offset, one without: told when it is built
                continue
            if days > _CLOSED_DAYS_MOST:
                faults.warning(
                    calendar.place("closures", i),
                    "network.calendar_closed",
                    calendar=str(calendar.get("id")),
                    days=days,
                    most=_CLOSED_DAYS_MOST,
                )
    weeks = {r["id"]: _week(r) for r in sections["calendar"] if r.sound}
    centers = {r.get("id"): r.get("site") for r in sections["work_center"]}
    able: dict[tuple[object, str], set[str]] = defaultdict(set)
    for operator in sections["operator"]:
        for skill in operator.get("skills") or ():
            able[operator.get("site"), skill].add(operator.get("calendar") or "")
    said: set[tuple[object, object, str]] = set()
    for unit in sections["work_unit"]:
        site, calendar_id = centers.get(unit.get("work_center")), unit.get("calendar")
        own = weeks.get(calendar_id or "")
        for i, capability in enumerate(unit.get("capabilities") or ()):
            skill = usual_skills.get(capability["name"], "")
            theirs = [weeks.get(one) for one in able.get((site, skill), ())]
            told = (site, calendar_id, skill)
            if not own or not theirs or not all(theirs) or told in said:
                continue
            if not any(_meet(own, one) for one in theirs if one):
                said.add(told)
                faults.warning(
                    unit.place("capabilities", i),
                    "network.never_attended",
                    work_unit=str(unit.get("id")),
                    site=str(site),
                    skill=skill,
                    capability=capability["name"],
                )


def _week(record: Record) -> tuple[tuple[int, int], ...]:
    """Return when a calendar works in plain weeks; nothing where it is at fault, as told later."""
    try:
        shifts = tuple(built_shift(shift) for shift in record["shifts"])
        return WorkCalendar(record["id"], record["zone"], shifts).intervals(*_WEEKS_S)
    except InputFault:
        return ()


def _meet(one: Iterable[tuple[int, int]], other: Iterable[tuple[int, int]]) -> bool:
    """Return whether two sorted lists of intervals share a second."""
    edges = sorted([(start, end, 0) for start, end in one] + [(s, e, 1) for s, e in other])
    until = [0, 0]
    for start, end, whose in edges:
        if start < until[1 - whose]:
            return True
        until[whose] = max(until[whose], end)
    return False


def _minutes(clock: str) -> int:
    hours, minutes = clock.split(":")
    return 60 * int(hours) + int(minutes)
