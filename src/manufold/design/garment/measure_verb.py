"""`manufold measure`: a scan in, the 22 data out; the work is done in a killable process."""

from typing import Any

from manufold.design.verbs import Answered, Asked, Option, Verb

__all__ = ["MEASURE"]

ENTRY = "manufold.design.garment.measure.body_scan:measured_scan"
#: a scan takes a second; what takes this long is no scan
LIMIT_S = 60.0
MEMORY_MB = 3000
FILE_BYTES_MOST = 400_000_000


def _measure(asked: Asked) -> Answered:
    from manufold.design.garment.measure.body_scan import BodyScan
    from manufold.design.garment.measure.picture import picture
    from manufold.model.errors import ExecutorFault, InputFault

    name = asked.file.name
    try:
        found = asked.executor.run(
            ENTRY, (name, asked.file.content), limit_s=LIMIT_S, memory_mb=MEMORY_MB
        )
    except ExecutorFault as fault:
        if fault.code == "executor.busy":
            raise
        raise InputFault("garment.scan_too_heavy", file=name[:80]) from fault
    assert isinstance(found, BodyScan)
    files = {"picture": picture(found)} if asked.values["picture"] else {}
    return Answered(_told(found), _lines(found), files, found.notes)


def _told(found: Any) -> dict[str, Any]:
    """Return the object of `contracts/measure_answer.schema.json`."""
    from manufold.design.garment.measure.definitions import unit_of

    measures = {}
    for name, measure in found.measures.items():
        value = None if measure.value is None else round(measure.value, 2)
        interval = None
        if value is not None:
            low, high = value - measure.half, value + measure.half
            interval = {"level": 0.95, "low": round(low, 2), "high": round(high, 2)}
        measures[name] = {
            f"value_{unit_of(name)}": value,
            "confidence": interval,
            "flags": [flag.code.partition(".")[2] for flag in measure.flags],
        }
    return {
        "measures": measures,
        "landmarks": {
            name: [round(at, 1) for at in point] for name, point in found.landmarks.items()
        },
        "levels_mm": {name: round(level, 1) for name, level in found.levels_mm.items()},
        "others_mm": {name: round(girth, 1) for name, girth in found.others_mm.items()},
        "scan": {"unit": found.unit, "up": found.up, "points": found.points_count},
    }


def _lines(found: Any) -> tuple[Any, ...]:
    from manufold.design.garment.measure.definitions import unit_of
    from manufold.model.errors import Reason

    lines: list[Any] = []
    for name, measure in found.measures.items():
        if measure.value is None:
            lines.append(Reason("garment.measured_none", {"measure": _term(name)}))
        else:
            params = {
                "measure": _term(name),
                "value": f"{measure.value:.1f}",
                "half": f"{measure.half:.1f}",
            }
            in_degrees = unit_of(name) == "deg"
            code = "garment.measured_deg" if in_degrees else "garment.measured_mm"
            lines.append(Reason(code, params))
        lines += measure.flags
    return tuple(lines)


def _term(name: str) -> str:
    """Return the word of the catalogue for a datum."""
    from manufold.design.garment.measure.definitions import unit_of

    sided = name.replace("_L", "_left").replace("_R", "_right")
    return f"{sided}_{unit_of(name)}"


MEASURE = Verb(
    "measure",
    "Measure a body scan: the 22 data a made-to-measure garment needs.",
    "A body scan: PLY, OBJ, STL or GLB; .gz is unpacked.",
    FILE_BYTES_MOST,
    (Option("picture", "out", "Where a drawing of what was taken where goes, as SVG.", ""),),
    _measure,
)
