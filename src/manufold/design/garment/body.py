"""Judge what a file says of a person, and complete what a shirt needs and was not said.

A number that cannot be is refused; one that looks like another unit is asked about, never
converted; measures that do not go together are asked about too, until the sender says that he
checked them. What is missing follows from regressions on 6,068 people, and is said to.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from manufold.design.garment.reading import Told
from manufold.design.garment.tables import Measure, completions, doubts, measures, shirt
from manufold.model.design import Finding, Severity
from manufold.model.errors import Fault, InputFault, Param, Reason

__all__ = ["Body", "body"]

#: millimetres in what people mistake for them
_UNITS = (("garment.unit_inches", Decimal("25.4")), ("garment.unit_cm", Decimal(10)))
_ARMS = ("arm_length_left_mm", "arm_length_right_mm")
_SLOPES = ("shoulder_slope_left_deg", "shoulder_slope_right_deg")


@dataclass(frozen=True, slots=True)
class Body:
    """A person as a shirt is drafted for.

    Args:
        given: measures as sent, whole millimetres, or tenths of a degree.
        completed: measures worked out, whole millimetres.
        spread_mm: of each completed one, the standard deviation of its regression.
    """

    given: Mapping[str, Decimal]
    completed: Mapping[str, Decimal]
    spread_mm: Mapping[str, Decimal]
    findings: tuple[Finding, ...]
    assumptions: tuple[Reason, ...]

    def __getitem__(self, name: str) -> Decimal:
        found = self.given.get(name)
        return self.completed[name] if found is None else found


def body(told: Told, *, checked: bool) -> Body:
    """Return the person of a file.

    Args:
        checked: the sender says that unusual measures are right.

    Raises:
        InputFault: `garment.measure_missing`, `garment.measure_not_positive`,
            `garment.measure_outside`, `garment.unit_inches`, `garment.unit_cm`; the first, with
            all the others beside it.
    """
    faults = [*_missing(told.values), *_impossible(told.values)]
    if faults:
        raise InputFault.of(faults[0].reason, faults=tuple(faults[1:]))
    given = {
        name: told.values[name].quantize(Decimal("0.1") if measure.is_angle else Decimal(1))
        for name, measure in measures().items()
        if name in told.values
    }
    completed, spread_mm, assumptions = _completed(given)
    return Body(
        given,
        completed,
        spread_mm,
        (*_doubted(given, checked=checked), *_uneven(given)),
        (*_taken_as(told), *assumptions),
    )


def _missing(values: Mapping[str, Decimal]) -> Iterator[Fault]:
    for name, measure in measures().items():
        if measure.for_shirt == "must" and name not in values:
            yield Fault(name, Reason("garment.measure_missing", {"field": name}))


def _impossible(values: Mapping[str, Decimal]) -> Iterator[Fault]:
    for name, value in values.items():
        measure = measures()[name]
        if measure.least <= value <= measure.most:
            continue
        params: dict[str, Param] = {"field": name, "value": _plain(value)}
        if value <= 0:
            yield Fault(name, Reason("garment.measure_not_positive", params))
            continue
        unit = None if measure.is_angle else _likely_unit(measure, value)
        if unit is not None:
            code, factor = unit
            params["meant_mm"] = _plain((value * factor).quantize(Decimal(1)))
            yield Fault(name, Reason(code, params))
            continue
        params |= {"least": measure.least, "most": measure.most}
        yield Fault(name, Reason("garment.measure_outside", params))


def _likely_unit(measure: Measure, value: Decimal) -> tuple[str, Decimal] | None:
    """Return the unit in which the number would be a measure of an ordinary person."""
    middle = Decimal(measure.least + measure.most) / 2
    found = [u for u in _UNITS if measure.least <= value * u[1] <= measure.most]
    return min(found, key=lambda unit: abs(value * unit[1] - middle), default=None)


def _completed(
    given: Mapping[str, Decimal],
) -> tuple[dict[str, Decimal], dict[str, Decimal], list[Reason]]:
    """Return what a shirt needs beside what was given, its spread, and how it came about."""
    completed: dict[str, Decimal] = {}
    spread_mm: dict[str, Decimal] = {}
    said: list[Reason] = []
    for name, measure in measures().items():
        if measure.for_shirt != "completed" or name in given:
            continue
        fit = completions()[name]
        other = _ARMS[1 - _ARMS.index(name)] if name in _ARMS else ""
        if other in given:
            completed[name] = given[other]
            said.append(Reason("garment.arm_taken_equal", {"measure": name}))
            continue
        completed[name] = fit.expected_mm(given)
        spread_mm[name] = fit.residual_sd_mm
        if name != _ARMS[1]:  # both arms are one sentence
            shown = "arm_length_mm" if name in _ARMS else name
            spread = _plain(fit.residual_sd_mm.quantize(Decimal(1)))
            said.append(Reason("garment.completed", {"measure": shown, "sd_mm": spread}))
    slopes = [name for name in _SLOPES if name not in given]
    for name in slopes:
        twin = _SLOPES[1 - _SLOPES.index(name)]
        completed[name] = given.get(twin, Decimal(shirt()["draft"]["slope_deg"]))
    if slopes:
        said.append(Reason("garment.slope_assumed", {}))
    return completed, spread_mm, said


def _taken_as(told: Told) -> Iterator[Reason]:
    """Yield what a table of ANSUR II measures in another way."""
    if told.kind == "ansur":
        yield Reason("garment.ansur_read", {})
    for name, match in told.taken_as.items():
        if match == "derived" and measures()[name].for_shirt:
            yield Reason("garment.ansur_derived", {"measure": name})


def _doubted(given: Mapping[str, Decimal], *, checked: bool) -> Iterator[Finding]:
    """Yield given measures that lie far from what the others lead one to expect, worst first."""
    severity: Severity = "warns" if checked else "asks"
    found: list[tuple[Decimal, Finding]] = []
    for name, fit in (*doubts().items(), *completions().items()):
        if name not in given:
            continue
        expected_mm = fit.expected_mm(given)
        off_mm = given[name] - expected_mm
        if abs(off_mm) <= fit.doubt_sd * fit.residual_sd_mm:
            continue
        params: dict[str, Param] = {
            "measure": name,
            "value": _plain(given[name]),
            "expected_mm": _plain(expected_mm),
            "parameter": "measures",  # by which all can be called right
        }
        code = "garment.unusual_large" if off_mm > 0 else "garment.unusual_small"
        far = abs(off_mm) / fit.residual_sd_mm
        found.append((far, Finding(severity, Reason(code, params))))
    yield from (finding for _far, finding in sorted(found, key=lambda one: -one[0]))


def _uneven(given: Mapping[str, Decimal]) -> Iterator[Finding]:
    """Yield sides that differ more than a careful measurer errs."""
    draft = shirt()["draft"]
    if all(name in given for name in _ARMS):
        off = abs(given[_ARMS[0]] - given[_ARMS[1]])
        if off > draft["uneven_arms_mm"]:
            yield Finding("informs", Reason("garment.arms_uneven", {"off_mm": _plain(off)}))
    if all(name in given for name in _SLOPES):
        off = abs(given[_SLOPES[0]] - given[_SLOPES[1]])
        if off > draft["uneven_slopes_deg"]:
            yield Finding("warns", Reason("garment.shoulders_uneven", {"off_deg": _plain(off)}))


def _plain(value: Decimal) -> str:
    """Return a number as people write it; a very long one cut short."""
    text = f"{value:f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return text if len(text) <= 20 else f"{text[:20]}…"
