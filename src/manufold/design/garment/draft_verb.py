"""`manufold draft`: a person's measures in, a garment's pattern out; cheap to import."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, get_args

from manufold.design.verbs import Answered, Asked, Option, Verb

if TYPE_CHECKING:
    from manufold.design.garment.pattern.piece import Pattern

__all__ = ["DRAFT"]

FILE_BYTES_MOST = 2_000_000


def _draft(asked: Asked) -> Answered:
    from manufold.design.garment.pattern.fit import fit
    from manufold.design.garment.pattern.person import person
    from manufold.design.garment.pattern.publishing import drafted
    from manufold.model.errors import Param, Reason

    said = {name: str(asked.values[name]) for name in ("garment", "choose")}
    body = person(_measured(asked))
    stretch = float(asked.values["stretch"]) / 100
    pattern = drafted(said["garment"], body, _choices(said["choose"]), stretch)
    girths = fit(pattern)
    told = {
        "garment": pattern.garment,
        "options": dict(pattern.options),
        "completed": list(body.completed),
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
    return Answered(told, tuple(lines), _files(asked, pattern), pattern.notes)


def _measured(asked: Asked) -> Mapping[str, float]:
    """Return the measures of a file: a person's, or what `manufold measure --json` printed."""
    import json

    from manufold.design.garment.reading import told

    try:
        answer = json.loads(asked.file.content)
    except (ValueError, RecursionError):
        answer = None
    if isinstance(answer, dict) and answer.get("schema") == "manufold/measure_answer/1":
        return dict(_of_scan(answer))
    return {name: float(value) for name, value in told(asked.file).values.items()}


def _of_scan(answer: Mapping[str, Any]) -> Any:
    for name, measure in answer["measures"].items():
        unit = "deg" if "value_deg" in measure else "mm"
        if measure[f"value_{unit}"] is not None:  # over a hole there is none: it is completed
            bare = name.replace("_L", "_left").replace("_R", "_right")
            yield f"{bare}_{unit}", float(measure[f"value_{unit}"])


def _choices(said: str) -> dict[str, str]:
    from manufold.model.errors import InputFault

    found = {}
    for one in filter(None, (part.strip() for part in said.split(","))):
        name, equals, value = one.partition("=")
        if not equals:
            raise InputFault("garment.choose_form", said=one[:40])
        found[name.strip()] = value.strip()
    return found


def _files(asked: Asked, pattern: "Pattern") -> dict[str, bytes]:
    import json

    from manufold.design.garment.marker.from_patterns import strip_of
    from manufold.design.garment.marker.strip_file import written
    from manufold.design.garment.pattern import dxf, pdf, svg
    from manufold.model.errors import InputFault

    files = {}
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
        strip, _ = strip_of((pattern,), "shell", width_mm, gap_mm, one_way=False)
        files["strip"] = json.dumps(written(strip)).encode()
    return files


DRAFT = Verb(
    "draft",
    "Draft a garment for one body, every seam checked, for the cutter and for paper.",
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
        Option("gap", "number", "Between pieces on the strip, mm.", 1.0, 0.0, 100.0),
    ),
    _draft,
)
