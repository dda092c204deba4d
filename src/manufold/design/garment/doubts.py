"""Measures that cannot be, or do not go together: what most likely happened, and asking.

A given measure is doubted when it lies farther from what all others lead one to expect than
anybody of 6,068 people does. The farthest is doubted first and then left out, so that one slip
does not make its neighbours look odd. For each, the usual slips are tried: another unit, two
fields exchanged, a digit typed twice or turned round, a girth measured flat. What brings it back
among people is named; nothing is ever converted.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from itertools import combinations
from math import log

from manufold.design.garment.body import plain
from manufold.design.garment.population import WITHIN_SD, Misfit, expected, misfits, unlikely
from manufold.design.garment.reading import Said, Sex, Told
from manufold.design.garment.tables import Measure, known, measures, sides, site
from manufold.model.design import Finding, Severity
from manufold.model.errors import Fault, Param, Reason

__all__ = ["doubted", "impossible"]

#: nobody of 6,068 people lies that far from the rest of himself (4.9 at most), whatever is given
_FAR_SD = 5.0
#: a slip is believed when it brings a measure that near
_NEAR_SD = 3.0
#: two fields are exchanged when that makes all measures together likelier by so much; of 6,068
#: people nobody passes 15.4
_SWAP_GAIN = 18.0
#: by unit that was said: what the number may be in, and how many mm or kg that has
_UNITS: Mapping[str, Mapping[str, Decimal]] = {
    "mm": {"inches": Decimal("25.4"), "cm": Decimal(10), "metres": Decimal(1000)},
    "cm": {"inches": Decimal("25.4"), "mm": Decimal(1), "metres": Decimal(1000)},
    "in": {"cm": Decimal(10), "mm": Decimal(1)},
    "m": {"cm": Decimal(10), "mm": Decimal(1), "inches": Decimal("25.4")},
    "kg": {"pounds": Decimal("0.45359237")},
    "lb": {"kg": Decimal(1)},
}
#: longer numbers were not typed by a person
_DIGITS_MOST = 8
_FEET = Decimal("304.8")
#: a number of millimetres that came of inches taken for centimetres
_INCHES_AS_CM = Decimal("2.54")
#: what may have happened: its code where the value cannot be, its code where it is unusual, and
#: how many standard deviations squared it must explain better than the plainest slip
_SLIPS = {
    "inches": ("garment.unit_inches", "garment.unusual_inches", 0),
    "cm": ("garment.unit_cm", "garment.unusual_cm", 0),
    "mm": ("garment.unit_mm", "garment.unusual_mm", 0),
    "metres": ("garment.unit_metres", "garment.unusual_metres", 0),
    "feet": ("garment.unit_feet", "garment.unusual_feet", 0),
    "pounds": ("garment.unit_pounds", "garment.unusual_pounds", 0),
    "kg": ("garment.unit_kg", "garment.unusual_kg", 0),
    "digit": ("garment.digit_twice", "garment.unusual_digit", 2),
    "flat": ("garment.measured_flat", "garment.unusual_flat", 2),
    "turned": ("garment.digits_turned", "garment.unusual_turned", 4),
}


@dataclass(frozen=True, slots=True)
class _Slip:
    """What may have happened: a key of `_SLIPS`, and the value that was meant, mm or kg."""

    kind: str
    meant: Decimal


def impossible(told: Told) -> Iterator[Fault]:
    """Yield values that no person has, with the likeliest slip that makes one of them."""
    within = {
        name: value
        for name, value in told.values.items()
        if _measure(name).least <= value <= _measure(name).most
    }
    for name, value in told.values.items():
        if name in within:
            continue
        measure, said = _measure(name), told.as_said(name)
        params: dict[str, Param] = {"field": said.column, "value": plain(said.value)}
        if value <= 0:
            yield Fault(name, Reason("garment.measure_not_positive", params))
            continue
        slip = None if measure.is_angle else _likeliest(name, said, within, told.sex)
        if slip is not None:
            meant = slip.meant / said.factor
            params |= {"meant": plain(_rounded(meant, said)), "unit": said.unit}
            yield Fault(name, Reason(_SLIPS[slip.kind][0], params))
            continue
        least, most = (Decimal(v) / said.factor for v in (measure.least, measure.most))
        params |= {"least": plain(_rounded(least, said)), "most": plain(_rounded(most, said))}
        yield Fault(name, Reason("garment.measure_outside", params))


def doubted(told: Told, *, checked: bool) -> Iterator[Finding]:
    """Yield given measures that lie far from what the others lead one to expect, worst first."""
    severity: Severity = "warns" if checked else "asks"
    values = {name: value for name, value in told.values.items() if not _is_angle(name)}
    pair = _exchanged(values, told.sex)
    if pair is not None:
        one, other = pair
        params: dict[str, Param] = {"measure": one, "value": plain(values[one]), "other": other}
        params |= {"other_mm": plain(values[other]), "parameter": "measures"}
        yield Finding(severity, Reason("garment.unusual_exchanged", params))
        values[one], values[other] = values[other], values[one]
    for name, usual in _far(values, told.sex):
        kept = {other: value for other, value in told.values.items() if other in values}
        slip = _likeliest(name, told.as_said(name), kept, told.sex)
        unit = "kg" if name.endswith("_kg") else "mm"
        params = {
            "measure": name,
            "value": f"{plain(told.values[name])} {unit}",
            "expected": f"{plain(usual)} {unit}",
            "parameter": "measures",  # by which all can be called right
        }
        large = told.values[name] > usual
        code = "garment.unusual_large" if large else "garment.unusual_small"
        if slip is not None:
            code = _SLIPS[slip.kind][1]
            params["meant"] = f"{plain(slip.meant.quantize(Decimal(1)))} {unit}"
        yield Finding(severity, Reason(code, params))


def _far(values: dict[str, Decimal], sex: Sex | None) -> Iterator[tuple[str, Decimal]]:
    """Yield name and expectation of the farthest measure, take it out, and begin anew."""
    while True:
        found = [
            (abs(float(misfit.far_sd)), name, misfit.expected)
            for world in _worlds(values)
            for name, misfit in _named(values, world, sex)
        ]
        if not found or max(found)[0] <= _FAR_SD:
            return
        _far_sd, name, expected = max(found)
        yield name, Decimal(float(expected)).quantize(Decimal(1))
        del values[name]


def _worlds(values: Mapping[str, Decimal]) -> tuple[tuple[str, ...], ...]:
    """Return which measures stand together for a body of one side each: the left's, the right's."""
    both = [pair for pair in sides().values() if all(name in values for name in pair)]
    if not both:
        return (tuple(values),)
    return tuple(
        tuple(name for name in values if not any(name == pair[1 - at] for pair in both))
        for at in (0, 1)
    )


def _named(
    values: Mapping[str, Decimal], world: tuple[str, ...], sex: Sex | None
) -> Iterator[tuple[str, Misfit]]:
    names = {site(name): name for name in world}
    found = misfits({one: float(values[name]) for one, name in names.items()}, sex)
    yield from ((names[one], misfit) for one, misfit in found.items())


def _exchanged(values: Mapping[str, Decimal], sex: Sex | None) -> tuple[str, str] | None:
    """Return two girths that go with everything else, and far better, when they are exchanged."""
    girths = [name for name in values if name.endswith("_girth_mm")]
    told = {site(name): float(value) for name, value in values.items()}
    before = float(unlikely(told, sex))
    found: list[tuple[float, tuple[str, str]]] = []
    for one, other in combinations(girths, 2):
        turned = told | {one: told[other], other: told[one]}
        gain = before - float(unlikely(turned, sex))
        if gain > _SWAP_GAIN:
            left = misfits(turned, sex)
            if all(abs(float(left[name].far_sd)) <= _NEAR_SD for name in (one, other)):
                found.append((gain, (one, other)))
    return max(found)[1] if found else None


def _likeliest(
    name: str, said: Said, others: Mapping[str, Decimal], sex: Sex | None
) -> _Slip | None:
    """Return the slip that makes a value go best with the others, if any makes it go."""
    measure = _measure(name)
    told = {
        site(one): float(value)
        for one, value in others.items()
        if site(one) != site(name) and not _is_angle(one)
    }
    hoped = expected(told, sex)[site(name)]
    scale = log(hoped.high / hoped.low) / (2 * WITHIN_SD)
    found: list[tuple[float, str, Decimal]] = []
    for kind, meant in _slips(measure, said):
        if measure.least <= meant <= measure.most:
            off_sd = log(float(meant) / hoped.middle) / scale
            if abs(off_sd) <= _NEAR_SD:
                found.append((_SLIPS[kind][2] + off_sd**2, kind, meant))
    return None if not found else _Slip(*min(found)[1:])


def _slips(measure: Measure, said: Said) -> Iterator[tuple[str, Decimal]]:
    """Yield what may have happened to a value, and what was meant then, in mm or kg."""
    for unit, factor in _UNITS[said.unit].items():
        yield unit, said.value * factor
    if said.unit == "mm":
        yield "inches", said.value * _INCHES_AS_CM
    if measure.name == "stature_mm":
        yield "feet", said.value * _FEET
    if measure.name.endswith("_girth_mm"):
        yield "flat", said.value * said.factor * 2
    text = f"{said.value:f}"
    if len(text) > _DIGITS_MOST:
        return
    for at in range(len(text) - 1):
        if text[at] == text[at + 1]:
            yield "digit", Decimal(text[:at] + text[at + 1 :]) * said.factor
        elif text[at : at + 2].isdigit():
            turned = text[:at] + text[at + 1] + text[at] + text[at + 2 :]
            yield "turned", Decimal(turned) * said.factor


def _measure(name: str) -> Measure:
    return known()[name] if name in known() else measures()[name]


def _is_angle(name: str) -> bool:
    return _measure(name).is_angle


def _rounded(value: Decimal, said: Said) -> Decimal:
    """Return a value as people would write it in the unit that was said."""
    exact = {"mm": Decimal(1), "m": Decimal("0.001")}.get(said.unit, Decimal("0.1"))
    return value.quantize(exact)
