"""Every stretch an operation could take beside frozen bookings, found by trying every start.

Shares nothing with the planner but the network: calendars are intersected, walked and compared
interval by interval. Starts are tried at every tick and, where it can matter (what must wait for
lots, or may not wait long), one second behind it: all data being whole ticks, a schedule that
begins anywhere between two ticks can be moved to the first second between them.
"""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from functools import cache
from typing import NamedTuple

from manufold.model.network import Operator, WorkUnit
from manufold.model.ports import Booking
from manufold.model.process_plan import Operation
from manufold.model.work_content import changeover_s, setup_family, work_content, worst_changeover_s
from scheduling.exact_shops import TICK_S, ExactShop, FilledOven

Stretches = tuple[tuple[int, int], ...]


class Candidate(NamedTuple):
    """One way to do an operation.

    Args:
        gap: between which frozen rows of which seat, "" where that is nobody's business.
        before: the own operation it changes over from, "" for frozen work.
        last: whether frozen work comes next on its seat.
        uses: seats and operators, each until when.
        tools_free: seats of tools that are free as long as it lasts.
        comes: when each of its lots is done; its end where it hands on all at once.
        wanted: until when each lot of its predecessors must have come, by predecessor.
    """

    site: str
    start: int
    end: int
    gap: str = ""
    before: str = ""
    last: bool = True
    uses: tuple[tuple[str, int], ...] = ()
    tools_free: tuple[str, ...] = ()
    comes: tuple[int, ...] = ()
    wanted: tuple[tuple[int, ...], ...] = ()


def lots_of(operation: Operation, quantity: int) -> tuple[tuple[int, int], ...]:
    """Return (pieces before, pieces up to and with) each lot an operation hands on."""
    lot = operation.transfer_quantity or quantity
    return tuple((done, min(done + lot, quantity)) for done in range(0, quantity, lot))


def wanted_by(one: Candidate, number: int, lot: int) -> int:
    """Return until when a lot of a predecessor must have come; the first one before it starts."""
    return one.wanted[number][lot] if lot else one.start


class Candidates:
    """All stretches of all operations of a shop's job up to an instant.

    Args:
        until_s: nothing that ends later is tried.
        apart: no two operations can meet at a seat, an operator or a tool.
    """

    def __init__(self, shop: ExactShop, until_s: int, apart: bool, meeting: frozenset[str]) -> None:
        self.network, self.job, self.ovens = shop.network, shop.job, shop.ovens
        self.until_s, self.apart, self.meeting = until_s, apart, meeting
        self.rows: dict[tuple[str, int], list[Booking]] = {}
        for booking in sorted(shop.bookings, key=lambda one: one.from_s):
            self.rows.setdefault((booking.resource_id, booking.seat), []).append(booking)
        steps = shop.job.plan.operations
        fine = any(
            step.max_lag_s is not None or len(lots_of(step, shop.job.quantity)) > 1
            for step in steps
        )
        ticks = range(0, until_s, TICK_S)
        starts = [at + odd for at in ticks for odd in (0, 1)] if fine else list(ticks)
        self.starts = [at for at in starts if at >= shop.job.release_s]
        self.hours = cache(self._hours)
        self.ran = cache(self._ran)  # by names: nouns with mappings have no hash

    def of(self, operation: Operation) -> set[Candidate]:
        """Return every way to do an operation, each once."""
        found: set[Candidate] = set()
        for unit in self.network.work_units:
            if unit.capability(operation.capability) is None:
                continue
            site = self.network.site_of(unit.work_unit_id).site_id
            people: list[Operator | None] = [None]
            if operation.skill is not None and operation.attendance != "none":
                people = [
                    who
                    for who in self.network.operators
                    if who.site_id == site and operation.skill in who.skills
                ]
            for who in people:
                found.update(self._on(operation, unit, site, who))
        return found

    def _on(
        self, operation: Operation, unit: WorkUnit, site: str, who: Operator | None
    ) -> Iterator[Candidate]:
        if unit.batches:
            yield from self._baked(operation, unit, site, who)
            return
        family = setup_family(self.job.plan, operation)
        for seat in range(unit.seats):
            rows = self.rows.get((unit.work_unit_id, seat), [])
            for gap in range(len(rows) + 1):
                frozen_s = self._change_s(unit, rows[:gap], family)
                fits = self._leaves_room(unit, rows[gap:], family)
                changes = {("", frozen_s)}
                if unit.setup_matrix_id and self._meets(operation):
                    changes |= {
                        (other.operation_id, self._between_s(unit, other, family))
                        for other in self._others(operation)
                    }
                low = rows[gap - 1].to_s if gap else 0
                high = rows[gap].from_s if gap < len(rows) else self.until_s
                place = f"{unit.work_unit_id}/{seat}"
                for before, change_s in changes:
                    for one in self._between(
                        operation, unit, site, who, change_s, (low, high), place
                    ):
                        kept = one._replace(gap=f"{place}/{gap}", before=before)
                        yield from self._ends(operation, unit, kept, fits)

    def _ends(
        self, operation: Operation, unit: WorkUnit, one: Candidate, fits: bool
    ) -> Iterator[Candidate]:
        """Yield a candidate as one that frozen work follows, and as one that own work follows."""
        if unit.setup_matrix_id is None or not self._meets(operation):
            if fits:
                yield one._replace(gap="", before="")
            return
        if fits:
            yield one
        yield one._replace(last=False)

    def _meets(self, operation: Operation) -> bool:
        return operation.operation_id in self.meeting

    def _others(self, operation: Operation) -> list[Operation]:
        return [
            other
            for other in self.job.plan.operations
            if other is not operation and other.capability == operation.capability
        ]

    def _between_s(self, unit: WorkUnit, other: Operation, family: str) -> int:
        return changeover_s(self.network, unit, setup_family(self.job.plan, other), family)

    def _change_s(self, unit: WorkUnit, rows: Sequence[Booking], family: str) -> int:
        """Return what is booked behind rows: holds may vanish, firm rows stay."""
        if unit.setup_matrix_id is None:
            return 0
        found = []
        for row in reversed(rows):
            found.append(changeover_s(self.network, unit, row.detail["family"], family))
            if row.state == "firm":
                return max(found)
        return max([*found, worst_changeover_s(self.network, unit, family)])

    def _leaves_room(self, unit: WorkUnit, rows: Sequence[Booking], family: str) -> bool:
        """Return whether rows that follow keep the changeover they have booked."""
        if unit.setup_matrix_id is None:
            return True
        for row in rows:
            booked_s = row.detail["changeover_s"]
            needed_s = changeover_s(self.network, unit, family, row.detail["family"])
            if booked_s is not None and booked_s < needed_s:
                return False
            if row.state == "firm":
                return True
        return True

    def _between(
        self,
        operation: Operation,
        unit: WorkUnit,
        site: str,
        who: Operator | None,
        change_s: int,
        gap: tuple[int, int],
        place: str,
    ) -> Iterator[Candidate]:
        """Yield all stretches inside a gap of a seat."""
        ready_s = max(gap[0], self.job.ready_s.get(operation.operation_id, 0))
        for start in self.starts:
            if start < ready_s:
                continue
            if start >= gap[1]:
                return
            made = self.ran(operation.operation_id, unit.work_unit_id, _name(who), change_s, start)
            if made is None or made[1] > gap[1]:
                continue
            one = self._beside(operation, unit, site, who, start, *made, place, None)
            if one is not None:
                yield one

    def _baked(
        self, operation: Operation, unit: WorkUnit, site: str, who: Operator | None
    ) -> Iterator[Candidate]:
        """Yield batches that can be opened, and those that can be joined."""
        ready_s = self.job.ready_s.get(operation.operation_id, 0)
        place = f"{unit.work_unit_id}/door"
        for start in self.starts:
            made = self.ran(operation.operation_id, unit.work_unit_id, _name(who), 0, start)
            if start < ready_s or made is None:
                continue
            if self._free((unit.work_unit_id, unit.seats), start, made[1], ""):
                one = self._beside(operation, unit, site, who, start, *made, place, None)
                if one is not None:
                    yield one
            for filled in self.ovens:
                if not self._like(operation, unit, filled, start, made[1]):
                    continue
                if not any(
                    self._free((unit.work_unit_id, seat), start, made[1], "")
                    for seat in range(unit.seats)
                ):
                    continue
                one = self._beside(operation, unit, site, who, start, *made, place, filled)
                if one is not None:
                    yield one

    def _like(
        self, operation: Operation, unit: WorkUnit, filled: FilledOven, start: int, end: int
    ) -> bool:
        skill = operation.skill if operation.attendance != "none" else None
        return (
            operation.batch_family is not None
            and (filled.unit_id, filled.start_s, filled.end_s) == (unit.work_unit_id, start, end)
            and (filled.family, filled.skill, filled.pausable)
            == (operation.batch_family, skill, operation.pausable)
        )

    def _beside(
        self,
        operation: Operation,
        unit: WorkUnit,
        site: str,
        who: Operator | None,
        start: int,
        set_up: int,
        end: int,
        place: str,
        joins: FilledOven | None,
    ) -> Candidate | None:
        """Return a stretch on a free seat when its operator and its tools are free, too."""
        uses = [(place, end)]
        until = end if operation.attendance == "all" else set_up
        if who is not None and until > start:
            if not self._free((who.operator_id, 0), start, until, joins.name if joins else ""):
                return None
            uses.append((who.operator_id, until))
        tools: list[str] = []
        for kind, count in operation.tools.items():
            free = [
                f"{tool.tool_id}/{seat}"
                for tool in self.network.tools
                if (tool.kind, tool.site_id) == (kind, site)
                for seat in range(tool.count)
                if self._free((tool.tool_id, seat), start, end, "")
            ]
            if len(free) < count:
                return None
            tools += free
        comes, wanted = self._lots(operation, unit, who, set_up, end)
        if self.apart:
            return Candidate(site, start, end, comes=comes, wanted=wanted)
        return Candidate(
            site,
            start,
            end,
            uses=tuple(uses),
            tools_free=tuple(tools),
            comes=comes,
            wanted=wanted,
        )

    def _lots(
        self, operation: Operation, unit: WorkUnit, who: Operator | None, set_up: int, end: int
    ) -> tuple[tuple[int, ...], tuple[tuple[int, ...], ...]]:
        """Return when lots are done, and until when those of predecessors must be there."""
        hours = self.hours(unit.work_unit_id, _name(who) if operation.attendance == "all" else None)
        capability = unit.capability(operation.capability)
        assert capability is not None
        content = work_content(operation, capability, self.job.quantity)
        run_s, quantity = content.total_s - content.setup_s, self.job.quantity
        comes: tuple[int, ...] = (end,)
        if len(lots_of(operation, quantity)) > 1:
            comes = tuple(
                _worked_until(hours, set_up, run_s * made // quantity) or end
                for _done, made in lots_of(operation, quantity)
            )
        wanted = []
        for name in operation.after:
            lots = lots_of(self.job.plan.operation[name], quantity)
            wanted.append(
                tuple(_turn_comes(hours, set_up, run_s * done // quantity) for done, _made in lots)
                if len(lots) > 1
                else ()
            )
        return comes, tuple(wanted)

    def _free(self, seat: tuple[str, int], start: int, end: int, share: str) -> bool:
        for row in self.rows.get(seat, ()):
            if row.from_s >= end:
                return True
            if row.to_s > start and not (share and row.detail.get("shared_as") == share):
                return False
        return True

    def _hours(self, unit: str, who: str | None) -> Stretches:
        """Return when a work unit, and somebody beside it, works."""
        network = self.network
        own = network.calendar[network.work_unit[unit].calendar_id].intervals(0, self.until_s)
        if who is None:
            return own
        theirs = network.calendar[network.operator[who].calendar_id].intervals(0, self.until_s)
        both = [(max(a, c), min(b, d)) for a, b in own for c, d in theirs]
        return tuple(sorted((a, b) for a, b in both if a < b))

    def _ran(
        self, name: str, unit: str, who: str | None, change_s: int, start: int
    ) -> tuple[int, int] | None:
        """Return (end of set-up, end) of work that begins at a second, None where it cannot."""
        operation = self.job.plan.operation[name]
        capability = self.network.work_unit[unit].capability(operation.capability)
        assert capability is not None
        content = work_content(operation, capability, self.job.quantity, change_s)
        attended, alone = self.hours(unit, who), self.hours(unit, None)
        running = attended if operation.attendance == "all" else alone
        setup_s, run_s = content.setup_s, content.total_s - content.setup_s
        if not _inside(attended if setup_s else running, start, start + 1):
            return None
        if not operation.pausable:
            set_up, end = start + setup_s, start + setup_s + run_s
            if setup_s and not _inside(attended, start, set_up):
                return None
            return (set_up, end) if _inside(running, start, end) else None
        set_up_at = _worked_until(attended, start, setup_s) if setup_s else start
        if set_up_at is None:
            return None
        end_at = _worked_until(running, set_up_at, run_s) if run_s else set_up_at
        return None if end_at is None else (set_up_at, end_at)


def _name(who: Operator | None) -> str | None:
    return None if who is None else who.operator_id


def _row_at(hours: Stretches, instant: int) -> int:
    """Return the last stretch that opens at or before an instant, -1 before all."""
    return bisect_right(hours, (instant, 1 << 62)) - 1


def _inside(hours: Stretches, start: int, end: int) -> bool:
    row = _row_at(hours, start)
    return row >= 0 and end <= hours[row][1]


def _worked_until(hours: Stretches, start: int, span_s: int) -> int | None:
    """Return when so many seconds were worked from an instant on, None beyond all hours."""
    for opens, shuts in hours[max(0, _row_at(hours, start)) :]:
        from_s = max(opens, start)
        if from_s + span_s <= shuts and from_s < shuts:
            return from_s + span_s
        span_s -= max(0, shuts - from_s)
    return None


def _turn_comes(hours: Stretches, start: int, span_s: int) -> int:
    """Return when the second behind so many worked ones begins."""
    after = _worked_until(hours, start, span_s + 1)
    return (1 << 40) if after is None else after - 1
