"""Judge what a file says of a person, and complete what was not said.

A number that cannot be is refused; one that looks like another unit is asked about, never
converted; measures that do not go together are asked about too, with what most likely happened,
until the sender says that he checked them. What is missing of the 22 follows from all that was
given, with an interval, and is said to.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from manufold.design.garment.reading import Sex, Told
from manufold.design.garment.tables import enough, measures, sides, site, slope, sure, uneven
from manufold.model.design import Finding
from manufold.model.errors import Fault, InputFault, Param, Reason

__all__ = ["Body", "Interval", "body", "completed", "lacking"]

_ARMS = ("arm_length_left_mm", "arm_length_right_mm")
_SLOPES = ("shoulder_slope_left_deg", "shoulder_slope_right_deg")
_WITHIN_SD = Decimal("1.96")


@dataclass(frozen=True, slots=True)
class Interval:
    """What is expected of a measure that was not given: 95 of 100 lie between low and high."""

    low: Decimal
    middle: Decimal
    high: Decimal

    @property
    def half(self) -> Decimal:
        """Half of its width."""
        return (self.high - self.low) / 2


@dataclass(frozen=True, slots=True)
class Body:
    """A person as a garment is drafted for: all 22 data, given or completed.

    Args:
        given: measures as sent, whole millimetres, or tenths of a degree.
        completed: measures worked out, in the same units.
        spread_mm: of each completed length or girth, its standard deviation.
        intervals: of each completed measure, 95 %.
        sex, weight_kg: as sent, if they were; only what is worked out depends on them.
    """

    given: Mapping[str, Decimal]
    completed: Mapping[str, Decimal]
    spread_mm: Mapping[str, Decimal]
    findings: tuple[Finding, ...]
    assumptions: tuple[Reason, ...]
    intervals: Mapping[str, Interval] = field(default_factory=dict)
    sex: Sex | None = None
    weight_kg: Decimal | None = None

    def __getitem__(self, name: str) -> Decimal:
        found = self.given.get(name)
        return self.completed[name] if found is None else found

    def interval(self, name: str) -> Interval:
        """Return within what a measure lies; one that was given stays as it was given."""
        if name in self.given:
            return Interval(self.given[name], self.given[name], self.given[name])
        return self.intervals[name]


def body(told: Told, *, checked: bool) -> Body:
    """Return the person of a file.

    Args:
        checked: the sender says that unusual measures are right.

    Raises:
        InputFault: `garment.measure_missing`, `garment.girths_missing`,
            `garment.measure_not_positive`, `garment.measure_outside`, `garment.unit_*`,
            `garment.digit_twice`; the first, with all the others beside it.
    """
    from manufold.design.garment.doubts import doubted, impossible

    faults = [*lacking(told.values, told.sex), *impossible(told)]
    if faults:
        raise InputFault.of(faults[0].reason, faults=tuple(faults[1:]))
    given = {
        name: told.values[name].quantize(Decimal("0.1") if measure.is_angle else Decimal(1))
        for name, measure in measures().items()
        if name in told.values
    }
    weight_kg = told.values.get("weight_kg")
    known = given if weight_kg is None else {**given, "weight_kg": weight_kg}
    intervals = completed(known, told.sex)
    spread_mm = {
        name: (one.half / _WITHIN_SD).quantize(Decimal("0.1"))
        for name, one in intervals.items()
        if not measures()[name].is_angle
    }
    return Body(
        given,
        {name: one.middle for name, one in intervals.items()},
        spread_mm,
        (*doubted(told, checked=checked), *_unsure(intervals), *_uneven(given)),
        (*_taken_as(told), *_said(given, intervals, told)),
        intervals,
        told.sex,
        weight_kg,
    )


def lacking(values: Mapping[str, object], sex: Sex | None) -> Iterator[Fault]:
    """Yield what must be given and was not: stature, and two girths or sex and weight."""
    if "stature_mm" not in values:
        yield Fault("stature_mm", Reason("garment.measure_missing", {"field": "stature_mm"}))
    if sex is not None and "weight_kg" in values:
        return
    girths, count = enough()
    missing = [name for name in girths if name not in values]
    if len(girths) - len(missing) < count:
        params: dict[str, Param] = {"fields": ", ".join(girths), "count": count}
        yield Fault(missing[0], Reason("garment.girths_missing", params))


def completed(values: Mapping[str, Decimal], sex: Sex | None) -> dict[str, Interval]:
    """Return, by name, an interval of each of the 22 that was not given.

    Args:
        values: what was given, by our names; weight, and others, may be among them.
        sex: "female", "male", or None where it was not said.
    """
    from manufold.design.garment.population import expected

    told = _by_site(values)
    found = expected({name: float(value) for name, value in told.items()}, sex)
    answer: dict[str, Interval] = {}
    for name, measure in measures().items():
        if name in values:
            continue
        exact = Decimal("0.1") if measure.is_angle else Decimal(1)
        if site(name) in told:  # the other side was given
            middle, off = told[site(name)], _WITHIN_SD * measure.sides_differ
            one = Interval(middle - off, middle, middle + off)
        elif measure.is_angle:
            level, off = Decimal(slope()["middle_deg"]), _WITHIN_SD * slope()["sd_deg"]
            one = Interval(level - off, level, level + off)
        else:
            got = found[site(name)]
            one = Interval(*(Decimal(float(v)) for v in (got.low, got.middle, got.high)))
        answer[name] = Interval(*(v.quantize(exact) for v in (one.low, one.middle, one.high)))
    return answer


def _by_site(values: Mapping[str, Decimal]) -> dict[str, Decimal]:
    """Return the values by site; of both sides, their mean."""
    found: dict[str, list[Decimal]] = {}
    for name, value in values.items():
        found.setdefault(site(name), []).append(Decimal(value))
    return {name: sum(several, Decimal(0)) / len(several) for name, several in found.items()}


def _said(
    given: Mapping[str, Decimal], intervals: Mapping[str, Interval], told: Told
) -> Iterator[Reason]:
    """Yield how what a person is asked for, and was not given, came about.

    Offers keep these sentences for good: how well a measure is known is told of people in general,
    by which measures were given, and never of this one.
    """
    from manufold.design.garment.population import usual_spread

    usual = usual_spread([*_by_site(told.values)], sex_said=told.sex is not None)
    for name in intervals:
        measure = measures()[name]
        if not measure.asked_for or measure.is_angle:
            continue
        left, right = sides().get(site(name), (name, name))
        if {left, right} & given.keys():
            yield Reason("garment.arm_taken_equal", {"measure": name})
        elif name == left:  # both arms are one sentence
            params: dict[str, Param] = {"measure": site(name), "sd_mm": f"{usual[site(name)]:.0f}"}
            yield Reason("garment.completed", params)
    if any(name not in given for name in _SLOPES):
        yield Reason("garment.slope_assumed", {})


def _taken_as(told: Told) -> Iterator[Reason]:
    """Yield what the table measures in another way or unit."""
    if told.kind == "ansur":
        yield Reason("garment.ansur_read", {})
    for name, match in told.taken_as.items():
        if match == "derived" and measures()[name].asked_for:
            yield Reason("garment.ansur_derived", {"measure": name})
    units = sorted({one.unit for one in told.said.values()})
    if units:
        yield Reason("garment.units_read", {"units": ", ".join(units)})


def _unsure(intervals: Mapping[str, Interval]) -> Iterator[Finding]:
    """Yield girths that a garment hangs on and that are worked out too loosely."""
    for name, limit_mm in sure().items():
        if name in intervals and intervals[name].half > limit_mm:
            params: dict[str, Param] = {
                "measure": name,
                "expected_mm": plain(intervals[name].middle),
                "off_mm": plain(intervals[name].half.quantize(Decimal(1))),
            }
            yield Finding("warns", Reason("garment.girth_unsure", params))


def _uneven(given: Mapping[str, Decimal]) -> Iterator[Finding]:
    """Yield sides that differ more than a careful measurer errs."""
    most = uneven()
    if all(name in given for name in _ARMS):
        off = abs(given[_ARMS[0]] - given[_ARMS[1]])
        if off > most["arms_mm"]:
            yield Finding("informs", Reason("garment.arms_uneven", {"off_mm": plain(off)}))
    if all(name in given for name in _SLOPES):
        off = abs(given[_SLOPES[0]] - given[_SLOPES[1]])
        if off > most["slopes_deg"]:
            yield Finding("warns", Reason("garment.shoulders_uneven", {"off_deg": plain(off)}))


def plain(value: Decimal) -> str:
    """Return a number as people write it; a very long one cut short."""
    text = f"{value:f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return text if len(text) <= 20 else f"{text[:20]}…"
