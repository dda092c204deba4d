"""`manufold draft`: a person's measures in, a garment's pattern and operations out."""

from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any, get_args

from manufold.design.verbs import Answered, Asked, Option, Verb

if TYPE_CHECKING:
    from manufold.design.garment.pattern.piece import Pattern
    from manufold.design.garment.reading import Told
    from manufold.design.garment.sewing.routing import Routing, Step

__all__ = ["DRAFT"]

#: a scan is far larger than measures; it is read to be named, not to be drafted from
FILE_BYTES_MOST = 400_000_000
#: options that change what another one writes, and nothing else
_OF_STRIP = ("repeat", "repeat-across")
_WAYS = ("both", "one")


def _draft(asked: Asked) -> Answered:
    from manufold.design.garment.pattern.fit import fit
    from manufold.design.garment.pattern.person import person
    from manufold.design.garment.pattern.publishing import drafted, published
    from manufold.design.garment.sewing.routing import routed
    from manufold.model.errors import Param, Reason

    _refuse_alone(asked)
    said = {name: str(asked.values[name]) for name in ("garment", "choose")}
    measures = _measured(asked)
    body = person({name: float(value) for name, value in measures.values.items()}, measures.sex)
    stretch = float(asked.values["stretch"]) / 100
    pattern = drafted(said["garment"], body, _choices(said["choose"]), stretch)
    routing = routed(pattern, published()[said["garment"]])
    girths = fit(pattern)
    told = {
        "garment": pattern.garment,
        "options": dict(pattern.options),
        "completed": list(body.completed),
        "intervals": {
            name: {"low": low, "high": high} for name, (low, high) in body.intervals.items()
        },
        "pieces": [
            {"name": one.name, "side": one.side, "cut": dict(one.cut)} for one in pattern.pieces
        ],
        "seams": len(pattern.seams),
        "sizes_mm": {name: round(size, 1) for name, size in pattern.sizes_mm.items()},
        "girths": [
            {
                "level": one.level,
                "body_mm": round(one.body_mm, 1),
                "finished_mm": round(one.finished_mm, 1),
                "ease_mm": round(one.ease_mm, 1),
            }
            for one in girths
        ],
        **_sewn(routing),
    }
    counts: dict[str, Param] = {"pieces": len(pattern.pieces), "seams": len(pattern.seams)}
    lines = [Reason("garment.drafted", {"garment": pattern.garment} | counts)]
    lines += [
        Reason(
            "garment.drafted_girth",
            {
                "level": one.level,
                "finished_mm": round(one.finished_mm),
                "body_mm": round(one.body_mm),
                "ease_mm": round(one.ease_mm),
            },
        )
        for one in girths
    ]
    sewn: dict[str, Param] = {
        "operations": len(routing.steps),
        "minutes": f"{routing.minutes:.1f}",
        "critical": f"{routing.critical_min:.1f}",
    }
    lines.append(Reason("garment.routed", sewn))
    return Answered(told, tuple(lines), _files(asked, pattern, routing), pattern.notes)


def _refuse_alone(asked: Asked) -> None:
    """Refuse an option that would change nothing."""
    from manufold.model.errors import InputFault

    for option in _OF_STRIP:
        if asked.values[option] and not asked.values["strip"]:
            raise InputFault("garment.option_alone", option=option, needs="strip")


def _sewn(routing: "Routing") -> dict[str, Any]:
    return {
        "minutes": float(routing.minutes),
        "critical_min": float(routing.critical_min),
        "critical": list(routing.critical),
        "operations": [_operation(step) for step in routing.steps],
    }


def _operation(step: "Step") -> dict[str, Any]:
    source = step.source
    return {
        "name": step.name,
        "section": step.section,
        "machine": step.machine,
        "attachment": step.attachment,
        "skill_grade": step.skill_grade,
        "minutes": float(step.minutes),
        "formula": step.formula,
        "seams": list(step.seams),
        "lining_seams": list(step.lined),
        "pieces": list(step.pieces),
        "after": list(step.after),
        "source": {"title": source.title, "year": source.year, "verified": source.verified},
    }


def _measured(asked: Asked) -> "Told":
    """Return the measures of a file: a person's, or what `manufold measure --json` printed."""
    import json

    from manufold.design.garment.reading import FILE_BYTES_MAX, Told, told
    from manufold.design.garment.scan_seen import seen
    from manufold.model.errors import InputFault

    if seen(asked.file):
        raise InputFault("garment.draft_of_scan", file=asked.file.name[:80])
    if len(asked.file.content) > FILE_BYTES_MAX:
        return told(asked.file)  # which refuses it
    try:
        answer = json.loads(asked.file.content)
    except (ValueError, RecursionError):
        answer = None
    if isinstance(answer, dict) and answer.get("schema") == "manufold/measure_answer/1":
        return Told("json", dict(_of_scan(answer)), {})
    return told(asked.file)


def _of_scan(answer: Mapping[str, Any]) -> Any:
    for name, measure in answer["measures"].items():
        unit = "deg" if "value_deg" in measure else "mm"
        if measure[f"value_{unit}"] is not None:  # over a hole there is none: it is completed
            bare = name.replace("_L", "_left").replace("_R", "_right")
            yield f"{bare}_{unit}", Decimal(str(measure[f"value_{unit}"]))


def _choices(said: str) -> dict[str, str]:
    from manufold.model.errors import InputFault

    found = {}
    for one in filter(None, (part.strip() for part in said.split(","))):
        name, equals, value = one.partition("=")
        if not equals:
            raise InputFault("garment.choose_form", said=one[:40])
        found[name.strip()] = value.strip()
    return found


def _files(asked: Asked, pattern: "Pattern", routing: "Routing") -> dict[str, bytes]:
    import json
    from dataclasses import replace

    from manufold.design.garment.marker.from_patterns import strip_of
    from manufold.design.garment.marker.match import Repeat
    from manufold.design.garment.marker.match_points import matching_of
    from manufold.design.garment.marker.strip_file import written
    from manufold.design.garment.pattern import dxf, pdf, svg
    from manufold.design.garment.pattern.publishing import published
    from manufold.design.garment.sewing import bulletin_file
    from manufold.model.errors import InputFault

    files, made = {}, published()[str(asked.values["garment"])]
    if asked.values["dxf"]:
        files["dxf"] = dxf.written(pattern, pattern.garment.upper())
    if asked.values["svg"]:
        files["svg"] = svg.drawn(pattern)
    if asked.values["pdf"]:
        paper = str(asked.values["paper"])
        if paper not in get_args(pdf.Paper):
            known = ", ".join(get_args(pdf.Paper))
            raise InputFault("garment.paper_unknown", paper=paper[:20], known=known)
        files["pdf"] = pdf.printed(pattern, paper, pattern.garment)  # type: ignore[arg-type]
    if asked.values["strip"]:
        width_mm, gap_mm = float(asked.values["cloth-width"]), float(asked.values["gap"])
        way = str(asked.values["way"])
        if way not in _WAYS:
            raise InputFault("garment.way_unknown", way=way[:20], known=", ".join(_WAYS))
        strip, names = strip_of((pattern,), "shell", width_mm, gap_mm, one_way=way == "one")
        repeat = Repeat(float(asked.values["repeat"]), float(asked.values["repeat-across"]))
        if any(repeat.sizes_mm):
            strip = replace(strip, matching=matching_of((pattern,), names, repeat))
        files["strip"] = json.dumps(written(strip)).encode()
    if asked.values["operations"]:
        files["operations"] = bulletin_file.written(routing, made)
    return files


DRAFT = Verb(
    "draft",
    "Draft a garment for one body, every seam checked, for cutter, paper and sewing line.",
    "A person's measures (JSON, CSV), or what `manufold measure --json` printed.",
    FILE_BYTES_MOST,
    (
        Option("garment", "text", "shirt, trousers, jacket or dress.", "shirt"),
        Option("choose", "text", "Options, e.g. fit=slim,collar=stand; the rest is usual.", ""),
        Option("stretch", "number", "Of the cloth across, per cent.", 0.0, 0.0, 100.0),
        Option("dxf", "out", "Where the pieces go for a cutter: DXF after AAMA, mm.", ""),
        Option("svg", "out", "Where the picture of all pieces goes.", ""),
        Option("pdf", "out", "Where the full-size pages go.", ""),
        Option("paper", "text", "Of the pages: A4 or A0.", "A4"),
        Option("strip", "out", "Where the pieces go for `manufold nest`.", ""),
        Option(
            "cloth-width", "number", "Of the strip, mm, selvedges left out.", 1450.0, 100.0, 5e4
        ),
        Option(
            "repeat",
            "number",
            "Of the cloth along its length, mm; stripes and checks.",
            0.0,
            0.0,
            1e3,
        ),
        Option("repeat-across", "number", "Of the cloth across its width, mm.", 0.0, 0.0, 1e3),
        Option("way", "text", "Pieces on the strip lie: both ways up, or one.", "both"),
        Option("operations", "out", "Where the bulletin of sewing operations goes: CSV.", ""),
        Option("gap", "number", "Between pieces on the strip, mm.", 1.0, 0.0, 100.0),
    ),
    _draft,
)
