"""The trade of garments: a body scan or measures to a made-to-measure garment and its plan.

A scan is measured and a marker laid in worker processes; all else is drawn and reckoned here. What
is a person's own stands in `Design.personal` and nowhere else: plans round.
"""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import TYPE_CHECKING, Literal

from manufold.design.contract import Field, Form, InputFile
from manufold.design.garment.drawings import packed
from manufold.design.garment.laying import Marker, booked, inner_mm2, laid, strip
from manufold.design.garment.marker.quick import ENTRY as MARKER_BY
from manufold.design.garment.minutes import factor
from manufold.design.garment.parameters import Chosen, chosen, fields, options_of
from manufold.design.garment.planning import Making, garment_plan
from manufold.design.garment.sent import MEASURED_BY, Sent, recognised_files, sent
from manufold.design.garment.tables import known, measures, site
from manufold.model.design import Design, Finding, design_revision
from manufold.model.errors import Fault, InputFault, Param, Reason
from manufold.model.ports import Executor
from manufold.model.process_plan import ProcessPlan

if TYPE_CHECKING:
    from manufold.design.garment.pattern.fit import Girth
    from manufold.design.garment.pattern.piece import Pattern
    from manufold.design.garment.sewing import Routing

__all__ = ["GarmentVertical", "vertical"]

_SUFFIXES = (".json", ".csv", ".tsv", ".txt", ".ply", ".obj", ".stl", ".glb", ".gz")


class GarmentVertical:
    """Made-to-measure garments."""

    name = "garment"
    level: Literal["bronze", "silver", "gold"] = "silver"

    @property
    def form(self) -> Form:
        """A scan or measures, by hand or in a file, and the choices of all garments."""
        asked = [
            Field(
                name,
                "number",
                "file",
                measure.example,
                measure.least,
                measure.most,
                required=measure.must,
            )
            for name, measure in measures().items()
            if measure.asked_for
        ]
        asked.append(Field("sex", "choice", "file", "male", choices=("female", "male")))
        weight = known()["weight_kg"]
        asked.append(Field("weight_kg", "number", "file", "82", weight.least, weight.most))
        return Form(_SUFFIXES, (*asked, *fields()))

    def accepts(self, files: Sequence[InputFile]) -> float:
        """Return how sure it is that the files hold a person's scan or measures, by content."""
        return recognised_files(files)

    def design(
        self,
        files: Sequence[InputFile],
        parameters: Mapping[str, Param],
        executor: Executor,
    ) -> Design:
        """Return the garment for the person of one file, or of a scan and a file of measures.

        Args:
            parameters: "garment", "material", the garment's options; "stretch" in per cent;
                "measures" = "checked" where unusual measures are right; "keep_scan" = "yes" where
                a scan may be kept.

        Raises:
            InputFault: what `parameters.chosen` and `sent.sent` refuse with.
            CannotMake: what `publishing.drafted` and `laying.strip` refuse with.
        """
        from manufold.design.garment.pattern.fit import fit
        from manufold.design.garment.pattern.person import person
        from manufold.design.garment.pattern.publishing import drafted

        asked = chosen(parameters)
        who = sent(files, executor, checked=asked.checked, keep_scan=asked.keep_scan)
        values = {name: float(value) for name, value in _values(who).items()}
        pattern = drafted(asked.goods.made, person(values), asked.options, asked.stretch_fraction)
        girths = fit(pattern)
        marker, routing, drawn = _made(pattern, girths, asked, who, executor)
        assumptions = [*asked.assumptions, *who.assumptions, *_of_use(who, asked)]
        if marker.layout is None:
            assumptions.append(Reason("garment.marker_estimated", {}))
        return Design(
            vertical=self.name,
            revision=design_revision(self.name, who.files, asked.material_id, parameters),
            files=who.files,
            material_id=asked.material_id,
            parameters=dict(parameters),
            facts=_facts(asked, who, marker),
            findings=(*who.body.findings, *_fitting(pattern, girths)),
            assumptions=tuple(assumptions),
            personal={
                **_measured(who),
                "sheet": _sheet(pattern, asked),
                "girths": {
                    g.level: {"body_mm": _tenth(g.body_mm), "finished_mm": _tenth(g.finished_mm)}
                    for g in girths
                },
                "marker": _laid(marker),
                "inner_mm2": dict(inner_mm2(pattern)),
                "sewing_min": {step.name: step.minutes for step in routing.steps},
                "sewing_factor": factor(routing, asked.goods),
                "pictures": drawn,
            },
        )

    def plans(self, design: Design, quantity: int) -> tuple[ProcessPlan, ...]:
        """Return the one way a garment is made here; none while a question is open."""
        if quantity < 1:
            raise InputFault("garment.quantity", quantity=quantity)
        if design.blocked:
            return ()
        goods, options = options_of(design.parameters)
        found, inner = design.personal["marker"], design.personal["inner_mm2"]
        assert isinstance(found, Mapping)
        assert isinstance(inner, Mapping)
        made = Making(
            goods,
            options,
            design.material_id,
            booked(Decimal(str(found["length_mm"])), goods, quantity),
            {cloth: Decimal(str(area_mm2)) for cloth, area_mm2 in inner.items()},
            Decimal(str(design.personal["sewing_factor"])),
        )
        return (garment_plan(made, design.revision),)

    def own_faults(self) -> tuple[Fault, ...]:
        """Return what the published garments break, a designer's own among them."""
        from manufold.design.garment.pattern.conformance import published_faults

        return published_faults()

    def warm(self, executor: Executor) -> None:
        """Let workers load what measures a scan and what lays a marker."""
        executor.warm(MEASURED_BY)
        executor.warm(MARKER_BY)


def _made(
    pattern: "Pattern",
    girths: "tuple[Girth, ...]",
    asked: Chosen,
    who: Sent,
    executor: Executor,
) -> "tuple[Marker, Routing, dict[str, str]]":
    """Return the marker, laid in a worker; beside it the routing, and the drawings, packed."""
    from manufold.design.garment.drawings import marker_drawing, pictures
    from manufold.design.garment.sewing import routed

    wanted = strip(pattern)
    with ThreadPoolExecutor(1) as beside:
        laying = beside.submit(laid, wanted, asked.goods, executor)
        routing = routed(pattern, asked.goods.made)
        drawn = {name: packed(one) for name, one in pictures(pattern, girths, who.scan).items()}
        marker = laying.result()
    if marker.layout is not None:
        drawn["marker"] = packed(marker_drawing(marker, pattern))
    return marker, routing, drawn


def _values(who: Sent) -> Mapping[str, Decimal]:
    return {**who.body.completed, **who.body.given}


def _of_use(who: Sent, asked: Chosen) -> tuple[Reason, ...]:
    """Return what was assumed of the person, but for measures that the garment does not hang on."""
    part = asked.goods.asked_for
    wanted = {name for name, one in known().items() if part in (one.asked_for or (part,))}
    return tuple(
        one
        for one in who.body.assumptions
        if "measure" not in one.params or site(str(one.params["measure"])) in wanted
    )


def _fitting(pattern: "Pattern", girths: "tuple[Girth, ...]") -> tuple[Finding, ...]:
    """Return what the drafter decided, and levels at which the garment would not close."""
    tight = [g for g in girths if g.ease_mm < 0]
    notes = [Finding("warns", note) for note in pattern.notes]
    notes += [Finding("warns", Reason("garment.fit_tight", {"level": g.level})) for g in tight]
    return tuple(notes)


def _facts(asked: Chosen, who: Sent, marker: Marker) -> Mapping[str, object]:
    """Return what anybody may know of the garment: nothing finer than its size class."""
    goods, options = asked.goods, asked.options
    ease = goods.made.table["ease"][options["fit"]]
    sized = str(goods.table["sizes"]["measure"])
    single = booked(Decimal(str(_laid(marker)["length_mm"])), goods, 1)
    facts: dict[str, object] = {
        "style": goods.name,
        "size_class": goods.size(who.body[sized]),
        **{name: choice for name, choice in options.items() if name != "buttons"},
        "cloth_m": single.each_mm / 1000,
        "measures_given": len(who.body.given),
        "measures_worked_out": len(who.body.completed),
    }
    if "bust_mm" in ease:
        facts["bust_ease_mm"] = int(ease["bust_mm"])
    buttons = sum(n for name, n, _g in goods.trims(options) if name.startswith("buttons"))
    if buttons:
        facts["buttons"] = buttons
    return facts


def _measured(who: Sent) -> dict[str, object]:
    """Return what was measured on the person, and what follows from it."""
    found: dict[str, object] = {
        "given": dict(who.body.given),
        "worked_out": dict(who.body.completed),
        "spread_mm": dict(who.body.spread_mm),
    }
    if who.scan is not None:
        found["scan_half"] = dict(who.half)
    if who.texts:
        found["files"] = dict(who.texts)
    return found


def _laid(marker: Marker) -> dict[str, object]:
    """Return what was found, and where each piece lies: item, degrees, x and y, a line each."""
    placements = () if marker.layout is None else marker.layout.placements
    written = "\n".join(f"{p.item} {p.rotation_deg:g} {p.x:.1f} {p.y:.1f}" for p in placements)
    return {
        "length_mm": _tenth(marker.length_mm),
        "efficiency": Decimal(f"{marker.efficiency_fraction:.4f}"),
        "placements": packed(written.encode()),
    }


def _tenth(value: float) -> Decimal:
    return Decimal(f"{value:.1f}")


def _sheet(pattern: "Pattern", asked: Chosen) -> dict[str, Decimal]:
    """Return the finished sizes in mm that the garment is cut and inspected by."""
    sizes = dict(pattern.sizes_mm)
    there = {piece.name: piece for piece in pattern.pieces}
    for row in asked.goods.table["measured"]:
        parts = [there[name] for name in row.get("high", ()) if name in there]
        if parts and row["key"] not in sizes:
            sizes[row["key"]] = sum(_high_mm(part.outline(1.0)) for part in parts)
    return {f"{name}_mm": Decimal(round(size)) for name, size in sizes.items()}


def _high_mm(outline: list[complex]) -> float:
    """Return how high a piece lies; of a cuff or a band, which lie across, how wide it is."""
    high = max(z.imag for z in outline) - min(z.imag for z in outline)
    wide = max(z.real for z in outline) - min(z.real for z in outline)
    return min(high, wide) if min(high, wide) < _BAND_MM else high


_BAND_MM = 160.0

#: what the entry point names
vertical = GarmentVertical()
