"""The trade of garments: one person's measures to a made-to-measure shirt and its plan."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from hashlib import sha256
from typing import Literal

from manufold.design.contract import Field, Form, InputFile
from manufold.design.garment.body import Body, body
from manufold.design.garment.planning import shirt_plan
from manufold.design.garment.reading import recognised, told
from manufold.design.garment.shirt import Style, area_mm2, buttons, marker, sheet, size
from manufold.design.garment.tables import measures, shirt
from manufold.model.design import Design, DesignFile, design_revision
from manufold.model.errors import InputFault, Param, Reason
from manufold.model.ports import Executor
from manufold.model.process_plan import ProcessPlan

__all__ = ["GarmentVertical", "vertical"]

_MEDIA = {"json": "application/json", "csv": "text/csv", "ansur": "text/csv"}
#: parameter -> its choices; the first is taken, and said to be, where nothing was chosen
_CHOICES: Mapping[str, tuple[str, ...]] = {
    "fit": ("regular", "slim", "relaxed"),
    "sleeve": ("long", "short"),
    "collar": ("turn-down", "stand"),
    "cuff": ("single", "double"),
    "pocket": ("one", "none"),
}
_ASSUMED = {
    "material": Reason("garment.material_assumed", {}),
    "fit": Reason("garment.fit_assumed", {}),
    "sleeve": Reason("garment.sleeve_assumed", {}),
    "collar": Reason("garment.collar_assumed", {}),
    "cuff": Reason("garment.cuff_assumed", {}),
    "pocket": Reason("garment.pocket_assumed", {}),
}


class GarmentVertical:
    """Made-to-measure shirts."""

    name = "garment"
    level: Literal["bronze", "silver", "gold"] = "bronze"

    @property
    def form(self) -> Form:
        """Measures by hand or in a file, and the choices of a shirt."""
        asked = [
            Field(
                name,
                "number",
                "file",
                measure.example,
                measure.least,
                measure.most,
                required=measure.for_shirt == "must",
            )
            for name, measure in measures().items()
            if measure.for_shirt
        ]
        chosen = [
            Field("material", "choice", "parameter", _materials()[0], choices=_materials()),
            *(
                Field(name, "choice", "parameter", choices[0], choices=choices)
                for name, choices in _CHOICES.items()
            ),
            Field("measures", "choice", "parameter", "", choices=("checked",)),
        ]
        return Form((".json", ".csv", ".tsv", ".txt"), (*asked, *chosen))

    def accepts(self, files: Sequence[InputFile]) -> float:
        """Return how sure it is that the file holds a person's measures, by content."""
        return recognised(files[0]) if len(files) == 1 else 0.0

    def design(
        self,
        files: Sequence[InputFile],
        parameters: Mapping[str, Param],
        executor: Executor,
    ) -> Design:
        """Return the shirt for the person of one file.

        Args:
            parameters: "material"; "fit", "sleeve", "collar", "cuff", "pocket"; "measures" =
                "checked" where unusual measures are right.

        Raises:
            InputFault: `garment.one_file`, `garment.parameter_unknown`, `garment.choice_unknown`;
                what `reading.told` and `body.body` refuse with.
        """
        if len(files) != 1:
            raise InputFault("garment.one_file", files=len(files))
        _check(parameters)
        file = files[0]
        said = told(file)
        person = body(said, checked=parameters.get("measures") == "checked")
        style = _style(parameters)
        material_id = str(parameters.get("material", _materials()[0]))
        stored = DesignFile(
            name=file.name[:200],
            media_type=_MEDIA[said.kind],
            size_bytes=len(file.content),
            sha256=sha256(file.content).hexdigest(),
        )
        assumed = [
            reason
            for name, reason in _ASSUMED.items()
            if name not in parameters and not (name == "cuff" and not style.long)
        ]
        sizes = sheet(person, style)
        return Design(
            vertical=self.name,
            revision=design_revision(self.name, (stored,), material_id, parameters),
            files=(stored,),
            material_id=material_id,
            parameters=dict(parameters),
            facts=_facts(person, style, sizes),
            findings=person.findings,
            assumptions=(*assumed, *person.assumptions),
            personal=_personal(person, style, sizes),
        )

    def plans(self, design: Design, quantity: int) -> tuple[ProcessPlan, ...]:
        """Return the one way a shirt is made here; none while a question is open."""
        if quantity < 1:
            raise InputFault("garment.quantity", quantity=quantity)
        if design.blocked:
            return ()
        piece_mm2 = Decimal(str(design.personal["pieces_mm2"]))
        laid = marker(piece_mm2, quantity)
        return (shirt_plan(_style(design.parameters), design.material_id, laid, design.revision),)

    def warm(self, executor: Executor) -> None:
        """Nothing heavy is needed."""


def _materials() -> tuple[str, ...]:
    return tuple(row["id"] for row in shirt()["material"])


def _check(parameters: Mapping[str, Param]) -> None:
    known = {"material": _materials(), **_CHOICES, "measures": ("checked",)}
    for name, value in parameters.items():
        if name not in known:
            raise InputFault(
                "garment.parameter_unknown", parameter=name[:80], known=", ".join(known)
            )
        if value not in known[name]:
            raise InputFault(
                "garment.choice_unknown",
                parameter=name,
                value=str(value)[:80],
                known=", ".join(known[name]),
            )


def _style(parameters: Mapping[str, Param]) -> Style:
    chosen = {name: str(parameters.get(name, known[0])) for name, known in _CHOICES.items()}
    return Style(**chosen)


def _facts(person: Body, style: Style, sizes: Mapping[str, Decimal]) -> Mapping[str, object]:
    """Return what anybody may know of the shirt: nothing finer than its size class."""
    single = marker(area_mm2(sizes, style), 1)
    facts = {
        "style": "shirt",
        "size_class": size(person["bust_girth_mm"]),
        "fit": style.fit,
        "collar": style.collar,
        "sleeve": style.sleeve,
        "pocket": style.pocket,
        "bust_ease_mm": int(shirt()["ease"][style.fit]["bust_mm"]),
        "cloth_m": single.each_mm / 1000,
        "buttons": buttons(style),
        "measures_given": len(person.given),
        "measures_worked_out": len(person.completed),
    }
    if style.long:
        facts["cuff"] = style.cuff
    return facts


def _personal(person: Body, style: Style, sizes: Mapping[str, Decimal]) -> Mapping[str, object]:
    """Return what is the person's own: what was measured, worked out, and cut by."""
    return {
        "given": dict(person.given),
        "worked_out": dict(person.completed),
        "spread_mm": dict(person.spread_mm),
        "sheet": dict(sizes),
        "pieces_mm2": area_mm2(sizes, style).quantize(Decimal(1)),
    }


#: what the entry point names
vertical = GarmentVertical()
