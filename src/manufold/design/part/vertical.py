"""The trade of parts: a STEP, STL or 3MF file to a design, a design to process plans."""

from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Literal

from manufold.design.contract import Field, Form, InputFile
from manufold.design.part.findings import findings, millable
from manufold.design.part.geometry.facts import PartFacts, facts_from_json, facts_to_json
from manufold.design.part.geometry.requests import ENTRIES, GeometryRequest
from manufold.design.part.geometry.sniff import checked_format, sniffed_format
from manufold.design.part.geometry.units import UNIT_MM
from manufold.design.part.planning.milling import milled
from manufold.design.part.planning.printed import printed
from manufold.design.part.planning.terms import decimal
from manufold.design.part.planning.turning import turned_plan
from manufold.design.part.tables import PartMaterial, materials
from manufold.model.design import Design, DesignFile, design_revision
from manufold.model.errors import ExecutorFault, InputFault, Param, Reason
from manufold.model.ports import Executor
from manufold.model.process_plan import ProcessPlan

__all__ = ["PartVertical", "vertical"]

#: real parts take 0.1 to 3 s; damaged ones may never end
ANALYSIS_LIMIT_S = 20.0
#: real parts take up to 0.4 GB, the kernel included
ANALYSIS_MEMORY_MB = 1500

_MEDIA = {"step": "model/step", "stl": "model/stl", "3mf": "model/3mf"}
_SUFFIXES = (".step", ".stp", ".p21", ".stl", ".3mf")
_SURE = {"step": 0.9, "stl": 0.6, "3mf": 0.7}
_PARAMETERS = ("material", "unit")


class PartVertical:
    """Milled, turned and printed parts."""

    name = "part"
    level: Literal["bronze", "silver", "gold"] = "bronze"

    @property
    def form(self) -> Form:
        """Files only, and two parameters."""
        return Form(
            _SUFFIXES,
            (
                Field("material", "choice", "parameter", "al-6061", choices=tuple(materials())),
                Field("unit", "choice", "parameter", "mm", choices=tuple(UNIT_MM)),
            ),
        )

    def accepts(self, files: Sequence[InputFile]) -> float:
        """Return how sure it is that the file is a part: by content, and a little by suffix."""
        if len(files) != 1:
            return 0.0
        kind = sniffed_format(files[0].content)
        if kind is not None:
            return _SURE[kind]
        # a damaged or mislabelled part file is ours to refuse in words that help
        return 0.2 if files[0].name.lower().endswith(_SUFFIXES) else 0.0

    def design(
        self,
        files: Sequence[InputFile],
        parameters: Mapping[str, Param],
        executor: Executor,
    ) -> Design:
        """Return the design of one STEP, STL or 3MF file.

        Args:
            parameters: "material" (an id of `materials.toml`); "unit" (what one unit of the file
                means, where the file is silent or wrong).

        Raises:
            InputFault: `part.one_file`, `part.parameter_unknown`, `part.material_unknown`,
                `part.unit_unknown`; what `checked_format` and the workers refuse with;
                `part.file_breaks_kernel`, `part.file_too_slow`, `part.file_too_heavy`.
        """
        if len(files) != 1:
            raise InputFault("part.one_file", files=len(files))
        file = files[0]
        unit = _checked(parameters)
        kind = checked_format(file.name, file.content)
        request = GeometryRequest(file.name[:80], kind, file.content, unit)
        facts = _measured(executor, request)
        material, assumptions = _material(parameters, facts)
        if facts.format == "stl" and unit is None:
            assumptions.append(Reason("part.unit_assumed", {"unit": "mm"}))
        grade = "c" if material.processes[0].startswith("print") else "m"
        assumptions.append(Reason("part.tolerance_assumed", {"standard": f"ISO 2768-{grade}"}))
        stored = DesignFile(
            name=file.name[:200],
            media_type=_MEDIA[kind],
            size_bytes=len(file.content),
            sha256=sha256(file.content).hexdigest(),
        )
        return Design(
            vertical=self.name,
            revision=design_revision(self.name, (stored,), material.material_id, parameters),
            files=(stored,),
            material_id=material.material_id,
            parameters=dict(parameters),
            facts=_facts(facts, material),
            findings=findings(facts, material, unit_stated=unit is not None),
            assumptions=tuple(assumptions),
        )

    def plans(self, design: Design, quantity: int) -> tuple[ProcessPlan, ...]:
        """Return the plans its material and form allow; empty when a finding blocks it."""
        if quantity < 1:
            raise InputFault("part.quantity", quantity=quantity)
        if design.blocked:
            return ()
        geometry = design.facts["geometry"]
        assert isinstance(geometry, Mapping)
        facts = facts_from_json(geometry)
        material = materials()[design.material_id]
        if material.processes[0].startswith("print"):
            return (printed(facts, material, design.revision, quantity),)
        if facts.turned is not None and "turn" in material.processes:
            plan = turned_plan(facts, facts.turned, material, design.revision, quantity)
            if plan is not None:
                return (plan,)
        return (milled(facts, material, design.revision, quantity),) if millable(facts) else ()

    def warm(self, executor: Executor) -> None:
        """Let a worker load the CAD kernel beside whatever comes next."""
        executor.warm(ENTRIES["step"])


def _checked(parameters: Mapping[str, Param]) -> str | None:
    """Return the unit asked for, after all parameters are known ones."""
    for name in parameters:
        if name not in _PARAMETERS:
            raise InputFault(
                "part.parameter_unknown", parameter=name[:80], known=", ".join(_PARAMETERS)
            )
    unit = parameters.get("unit")
    if unit is None:
        return None
    if unit not in UNIT_MM:
        raise InputFault("part.unit_unknown", unit=str(unit)[:80], known=", ".join(UNIT_MM))
    return str(unit)


def _measured(executor: Executor, request: GeometryRequest) -> PartFacts:
    """Return the facts; a file that kills its worker is the file's fault, and said so."""
    try:
        facts = executor.run(
            ENTRIES[request.format],
            request,
            limit_s=ANALYSIS_LIMIT_S,
            memory_mb=ANALYSIS_MEMORY_MB,
        )
    except ExecutorFault as fault:
        if fault.code == "executor.busy":
            raise
        if fault.code == "executor.too_slow":
            raise InputFault(
                "part.file_too_slow", file=request.name, limit_s=f"{ANALYSIS_LIMIT_S:g}"
            ) from fault
        if fault.code == "executor.too_large":
            raise InputFault(
                "part.file_too_heavy", file=request.name, limit_mb=ANALYSIS_MEMORY_MB
            ) from fault
        detail = str(fault.params.get("detail", fault.code))[:120]
        raise InputFault("part.file_breaks_kernel", file=request.name, detail=detail) from fault
    assert isinstance(facts, PartFacts)
    return facts


def _material(
    parameters: Mapping[str, Param], facts: PartFacts
) -> tuple[PartMaterial, list[Reason]]:
    """Return the material asked for, or the likeliest one and the assumption it is."""
    known = materials()
    wanted = parameters.get("material")
    if wanted is not None:
        if wanted not in known:
            raise InputFault(
                "part.material_unknown", material=str(wanted)[:80], known=", ".join(known)
            )
        return known[str(wanted)], []
    cut = facts.format == "step" and (facts.turned is not None or millable(facts))
    material = known["al-6061" if cut else "pa12"]
    return material, [Reason("part.material_assumed", {"material": material.material_id})]


def _facts(facts: PartFacts, material: PartMaterial) -> Mapping[str, object]:
    """Return what people read first, and all of it below "geometry"."""
    return {
        "volume_mm3": decimal(facts.volume_mm3, 3),
        "area_mm2": decimal(facts.area_mm2, 3),
        "box_mm": [decimal(extent, 3) for extent in facts.bbox_mm],
        "mass_g": decimal(material.mass_g(facts.volume_mm3), 3),
        "format": facts.format.upper(),
        "unit": facts.unit,
        "solids": facts.solids,
        "faces": facts.faces,
        "holes": len(facts.holes),
        "geometry": facts_to_json(facts),
    }


#: what the entry point names
vertical = PartVertical()
