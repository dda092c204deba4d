"""Draw the pictures of the constraints: a small Gantt of each story, from its real answer.

    python docs/pictures/constraints.py

Plays the stories of `tests/scenarios` and writes one SVG a page beside this file. Nothing is
random and no clock is read, so a picture changes only when an answer does; a test compares.
"""

import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from html import escape
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE.parents[1] / "tests")]

from manufold.model.energy_hours import energy_shares  # noqa: E402
from manufold.model.schedule import Slot  # noqa: E402
from manufold.model.units import EPOCH, from_rfc3339  # noqa: E402
from scenarios.stories import Told, told  # noqa: E402

#: page -> story
PICTURES = {
    "alternatives": "alternatives",
    "assembly": "assembly",
    "batches": "batches",
    "calendars": "calendars",
    "energy": "energy",
    "frozen": "frozen",
    "lags": "lags",
    "material": "stock",
    "operators": "operators",
    "overlap": "overlap",
    "pausing": "pausing",
    "seats": "seats",
    "setups": "setups",
    "sites": "lanes",
    "subcontracting": "subcontract",
    "tools": "tools",
    "yield": "yield",
}

WIDTH, LEFT, RIGHT, TOP, ROW, BAR = 760, 104, 16, 34, 28, 18
#: mid tones: white letters are read on them, on light and on dark pages
COLOURS = ("#3b78c4", "#b3592e", "#3a8a5c", "#8a5bb0", "#a8842c", "#b04a75")
STEPS_S = (900, 1800, 3600, 7200, 10800, 21600, 43200, 86400)
STYLE = """
text { font: 11px system-ui, sans-serif; fill: #57606a }
.in { fill: #fff } .grid { stroke: #8c959f; stroke-opacity: .25 }
.shut { fill: #8c959f; fill-opacity: .22 } .others { fill: #8c959f }
.held { fill: none; stroke: #8c959f; stroke-dasharray: 4 3 }
.set { fill: #000; fill-opacity: .28 } .way { stroke: #57606a; fill: none; stroke-dasharray: 3 3 }
.now { stroke: #cf222e; stroke-width: 1.5 } .band { fill: #3b78c4; fill-opacity: .2 }
@media (prefers-color-scheme: dark) { text { fill: #adbac7 } .in { fill: #fff }
.way { stroke: #adbac7 } }
"""

#: (resource, seat)
Place = tuple[str, int]


@dataclass(frozen=True)
class Bar:
    """A stretch of a row: what of it is worked, and what is written on it."""

    worked: tuple[tuple[int, int], ...]
    start_s: int
    set_up_s: int
    end_s: int
    fill: str
    labels: tuple[str, ...]


class Picture:
    """One story as an SVG."""

    def __init__(self, played: Told) -> None:
        self.played, self.net = played, played.network
        self.improves = "improve" in played.story
        self.names = list(played.jobs)
        self.from_s, self.to_s = self._span()
        self.rows = self._rows()
        self.parts: list[str] = []

    def drawn(self) -> str:
        """Return the picture."""
        panels = [("", self.played.slots)]
        if self.improves:
            panels = [("before", self.played.before), ("after", self.played.slots)]
        height = TOP + len(panels) * len(self.rows) * ROW
        self._axis(height)
        self._bands(height)
        for number, (title, slots) in enumerate(panels):
            top = TOP + number * len(self.rows) * ROW
            for row, place in enumerate(self.rows):
                self._row(top + row * ROW, place, slots, title)
            self._ways(top, slots)
        height = self._legend(height + 8)
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" '
            f'width="{WIDTH}" height="{height}" role="img">\n'
            f"<title>{escape(self.played.story['story'])}</title>\n<style>{STYLE}</style>\n"
            + "\n".join(self.parts)
            + "\n</svg>\n"
        )

    def _span(self) -> tuple[int, int]:
        played = self.played
        slots = (*played.before, *played.slots)
        starts = [*(s.start_s for s in slots), *(b.from_s for b in played.bookings)]
        ends = [*(s.end_s for s in slots), *(b.to_s for b in played.bookings)]
        first_s = min([*starts, *(job.release_s for job in played.jobs.values())])
        step_s = _step(first_s, max(ends))
        return first_s - first_s % step_s, -(-max(ends) // step_s) * step_s

    def _rows(self) -> list[Place]:
        """Return the work units by seats that are used, then operators, then tools."""
        used = {(s.resource_id, s.seat) for s in self.played.slots}
        used |= {(c.resource_id, c.seat) for s in self.played.slots for c in s.also}
        used |= {(b.resource_id, b.seat) for b in self.played.bookings}
        units = [
            (unit.work_unit_id, seat)
            for unit in self.net.work_units
            for seat in range(unit.seats)
            if seat == 0 or (unit.work_unit_id, seat) in used
        ]
        people = [(one.operator_id, 0) for one in self.net.operators]
        return [*units, *people, *((t.tool_id, n) for t in self.net.tools for n in range(t.count))]

    def _axis(self, height: int) -> None:
        step_s = _step(self.from_s, self.to_s)
        day = ""
        for at_s in range(self.from_s, self.to_s + 1, step_s):
            x, moment = self._x(at_s), EPOCH + timedelta(seconds=at_s)
            self.parts.append(
                f'<line class="grid" x1="{x}" y1="{TOP - 6}" x2="{x}" y2="{height}"/>'
            )
            clock = moment.strftime("%H:%M") if step_s < 86400 else ""
            if clock:
                self._text(x, TOP - 10, clock, "middle")
            date = f"{moment.strftime('%a')} {moment.day} {moment.strftime('%b')}"
            if date != day and at_s < self.to_s:
                self._text(x, TOP - 22, date, "middle")
            day = date
        self._text(8, TOP - 10, "UTC")

    def _row(self, top: int, place: Place, slots: Iterable[Slot], title: str) -> None:
        resource, seat = place
        unit = self.net.work_unit.get(resource)
        tool = self.net.tool.get(resource)
        count = unit.seats if unit else tool.count if tool else 1
        name = f"{resource} {seat + 1}" if count > 1 else resource
        self._text(8, top + 18, f"{name}, {title}" if title else name)
        for start_s, end_s in _gaps(self._open(place), self.from_s, self.to_s):
            self._rect("shut", start_s, end_s, top + 2, ROW - 4)
        bars = sorted(self._bars(place, slots), key=lambda bar: bar.start_s)
        for number, bar in enumerate(bars):
            free_s = bars[number + 1].start_s if number + 1 < len(bars) else self.to_s
            self._bar(top + (ROW - BAR) // 2, bar, free_s)

    def _bars(self, place: Place, slots: Iterable[Slot]) -> Iterator[Bar]:
        for one in self.played.bookings:
            if (one.resource_id, one.seat) == place:
                family = one.detail["family"]
                text = "booked" if family == "f" else family
                if one.state == "held":
                    text = f"hold: {text}"
                whole = (one.from_s, one.to_s)
                fill = "held" if one.state == "held" else "others"
                yield Bar((whole,), *whole[:1], one.from_s, one.to_s, fill, (text,))
        for slot in slots:
            number = self.names.index(slot.holder) % len(COLOURS)
            labels = self._labels(slot)
            open_s = self._open((slot.resource_id, slot.seat))
            if (slot.resource_id, slot.seat) == place:
                worked = _cut(open_s, slot.start_s, slot.end_s)
                set_up_s = _after(worked, slot.setup_s) if slot.setup_s else slot.start_s
                if slot.setup_s == sum(b - a for a, b in worked):
                    set_up_s = slot.start_s  # nothing but set-up, as of an oven
                yield Bar(worked, slot.start_s, set_up_s, slot.end_s, COLOURS[number], labels)
            for claim in slot.also:
                if (claim.resource_id, claim.seat) == place:
                    span = (claim.start_s, claim.end_s)
                    yield Bar((span,), *span[:1], span[0], span[1], COLOURS[number], labels)

    def _labels(self, slot: Slot) -> tuple[str, ...]:
        """Return what may be written on a slot, the longest first."""
        job = self.played.jobs[slot.holder]
        name = slot.operation_id
        if "good" in self.played.story:
            return (f"{job.quantity} pieces started for {self.played.story['good']} good ones",)
        if len(self.names) > 1:
            return (slot.holder,)
        plan = job.plan.operation[name]
        return (name,) if name == plan.capability else (f"{name}: {plan.capability}", name)

    def _open(self, place: Place) -> tuple[tuple[int, int], ...]:
        unit = self.net.work_unit.get(place[0])
        person = self.net.operator.get(place[0])
        if unit is None and person is None:
            return ((self.from_s, self.to_s),)
        calendar_id = unit.calendar_id if unit else person.calendar_id if person else ""
        return self.net.calendar[calendar_id].intervals(self.from_s, self.to_s)

    def _bar(self, top: int, bar: Bar, free_s: int) -> None:
        style = f'fill="{bar.fill}"' if bar.fill.startswith("#") else f'class="{bar.fill}"'
        if len(bar.worked) > 1:
            self._box(style, bar.start_s, bar.end_s, top + BAR // 2 - 2, 4, 0)
        for start_s, end_s in bar.worked:
            self._box(style, start_s, end_s, top, BAR, 2)
        if bar.set_up_s > bar.start_s:
            self._rect("set", bar.start_s, bar.set_up_s, top, BAR)
        inside = max(bar.worked, key=lambda piece: piece[1] - piece[0])
        room = self._x(inside[1]) - self._x(inside[0]) - 6
        for label in bar.labels:
            if _wide(label) <= room:
                middle = (self._x(inside[0]) + self._x(inside[1])) / 2
                kind = "" if bar.fill == "held" else "in"
                self._text(middle, top + 13, label, "middle", kind)
                return
        for label in bar.labels:
            if _wide(label) <= self._x(free_s) - self._x(bar.end_s) - 6:
                self._text(self._x(bar.end_s) + 3, top + 5, label)
                return

    def _ways(self, top: int, slots: Iterable[Slot]) -> None:
        """Draw what leads from an operation to the next: goods on their way, lots handed on."""
        placed = {(slot.holder, slot.operation_id): slot for slot in slots}
        for slot in placed.values():
            job = self.played.jobs[slot.holder]
            self._material(top, slot)
            for name in job.plan.operation[slot.operation_id].after:
                before = placed[slot.holder, name]
                lot = job.plan.operation[name].transfer_quantity
                y_from, y_to = (self._middle(top, one) for one in (before, slot))
                edge = BAR / 2 if y_to > y_from else -BAR / 2
                if lot is None:
                    self._way(
                        (self._x(before.end_s), y_from),
                        (self._x(slot.start_s), y_from),
                        (self._x(slot.start_s), y_to - edge),
                    )
                    continue
                span_s = before.end_s - before.start_s
                for done in range(lot, before.quantity + 1, lot):
                    at_s = before.start_s + span_s * done // before.quantity
                    points = [(self._x(at_s), y_from + edge), (self._x(at_s), y_to - edge)]
                    if at_s < slot.start_s:
                        points[1:] = [(self._x(at_s), y_to), (self._x(slot.start_s), y_to)]
                    self._way(*points)

    def _material(self, top: int, slot: Slot) -> None:
        """Draw what an order waits for that has to be bought."""
        story = self.played.story
        plan = self.played.jobs[slot.holder].plan
        takes = [line.material_id for line in plan.bill_of_materials]
        release_s = self.played.jobs[slot.holder].release_s
        if "materials" in story and slot.start_s > release_s and takes:
            earlier = [one.end_s for one in self.played.slots if one.end_s <= slot.start_s]
            from_x, to_x = self._x(max([release_s, *earlier])), self._x(slot.start_s)
            y = self._middle(top, slot)
            self._way((from_x, y), (to_x, y))
            self._text((from_x + to_x) / 2, y - 4, f"{takes[0]} for {slot.holder}", "middle")

    def _way(self, *points: tuple[float, float]) -> None:
        drawn = " ".join(f"{x:g},{y:g}" for x, y in points)
        self.parts.append(f'<polyline class="way" points="{drawn}"/>')

    def _middle(self, top: int, slot: Slot) -> float:
        return top + self.rows.index((slot.resource_id, slot.seat)) * ROW + ROW / 2

    def _bands(self, height: int) -> None:
        """Draw now, the frozen zone, and the hours of other electricity."""
        if self.improves:
            now_s = from_rfc3339(self.played.story["now"])
            frozen_s = now_s + max(site.frozen_zone_s for site in self.net.sites)
            self._rect("band", now_s, frozen_s, TOP, height - TOP)
            x = self._x(now_s)
            self.parts.append(f'<line class="now" x1="{x}" y1="{TOP}" x2="{x}" y2="{height}"/>')
        for site in self.net.sites:
            for at_s in range(self.from_s, self.to_s, 900):
                ((hours, _share),) = energy_shares(site, (), at_s, at_s + 900)
                if hours is not None:
                    self._rect("band", at_s, at_s + 900, TOP - 4, height - TOP + 8)

    def _legend(self, top: int) -> int:
        """Write what colours and shades mean, and what was refused; return where it ends."""
        said: list[tuple[str, str]] = []
        if len(self.names) > 1:
            for number, name in enumerate(self.names):
                said.append((f'fill="{COLOURS[number % len(COLOURS)]}"', self._told(name)))
        if any(_gaps(self._open(row), self.from_s, self.to_s) for row in self.rows):
            said.append(('class="shut"', "closed"))
        if any(bar.set_up_s > bar.start_s for bar in self._all_bars()):
            said.append(('class="set"', "set-up"))
        if self.improves:
            said += [('class="band"', "frozen zone"), ('class="now" fill="#cf222e"', "now")]
        if "energy" in self.played.story:
            said.append(('class="band"', "cheaper, cleaner hours"))
        for name, found in self.played.answer.items():
            if isinstance(found, dict) and "refused" in found:
                said.append(('fill="none"', f"{name}: refused, {found['refused']}"))
        x = float(LEFT)
        for style, text in said:
            if x + 18 + _wide(text) > WIDTH - RIGHT:
                x, top = float(LEFT), top + 18
            for one in ('class="others"', style) if style == 'class="set"' else (style,):
                self.parts.append(f'<rect {one} x="{x:g}" y="{top + 2}" width="11" height="11"/>')
            self._text(x + 16, top + 12, text)
            x += 34 + _wide(text)
        return top + (24 if said else 4)

    def _told(self, name: str) -> str:
        job = self.played.jobs[name]
        families = {o.setup_family or o.batch_family for o in job.plan.operations} - {None}
        return f"{name} ({', '.join(sorted(map(str, families)))})" if families else name

    def _all_bars(self) -> Iterator[Bar]:
        for row in self.rows:
            yield from self._bars(row, self.played.slots)

    def _x(self, at_s: int) -> float:
        share = (at_s - self.from_s) / (self.to_s - self.from_s)
        return round(LEFT + share * (WIDTH - LEFT - RIGHT), 1)

    def _rect(self, kind: str, start_s: int, end_s: int, top: int, height: int) -> None:
        self._box(f'class="{kind}"', start_s, end_s, top, height, 0)

    def _box(
        self, style: str, start_s: int, end_s: int, top: int, height: int, round_: int
    ) -> None:
        x = self._x(start_s)
        wide = round(self._x(end_s) - x, 1)
        corner = f' rx="{round_}"' if round_ else ""
        self.parts.append(
            f'<rect {style} x="{x}" y="{top}" width="{wide}" height="{height}"{corner}/>'
        )

    def _text(self, x: float, y: float, text: str, anchor: str = "start", kind: str = "") -> None:
        classed = f' class="{kind}"' if kind else ""
        self.parts.append(
            f'<text x="{x:g}" y="{y:g}" text-anchor="{anchor}"{classed}>{escape(text)}</text>'
        )


def _step(from_s: int, to_s: int) -> int:
    """Return the span between two lines of the axis: at most thirteen of them."""
    return next(step for step in STEPS_S if (to_s - from_s) <= 13 * step)


def _wide(text: str) -> float:
    """Return about how many pixels a text takes."""
    return 6.1 * len(text)


def _gaps(opened: Iterable[tuple[int, int]], from_s: int, to_s: int) -> tuple[tuple[int, int], ...]:
    """Return what lies between intervals."""
    edges = [from_s, *(edge for pair in opened for edge in pair), to_s]
    return tuple((a, b) for a, b in zip(edges[::2], edges[1::2], strict=True) if a < b)


def _cut(opened: Iterable[tuple[int, int]], from_s: int, to_s: int) -> tuple[tuple[int, int], ...]:
    return tuple((max(a, from_s), min(b, to_s)) for a, b in opened if a < to_s and from_s < b)


def _after(worked: Iterable[tuple[int, int]], left_s: int) -> int:
    """Return when so many seconds of stretches are over."""
    at_s = 0
    for start_s, end_s in worked:
        at_s = min(end_s, start_s + left_s)
        left_s -= at_s - start_s
        if left_s <= 0:
            break
    return at_s


def main() -> None:
    """Write every picture."""
    for page, story in PICTURES.items():
        (HERE / "constraints" / f"{page}.svg").write_text(
            Picture(told(story)).drawn(), encoding="utf-8"
        )


if __name__ == "__main__":
    main()
