"""Several people's garments in one marker: what each wants, how long they will lie, and the lay.

Only the cloth that a garment is made of is laid here; linings and interlinings are cut by others.
"""

import tomllib
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from manufold.design.lays import Cloth, Laid, Wanted

if TYPE_CHECKING:
    from manufold.design.garment.marker.strip import Strip
    from manufold.design.garment.pattern.piece import Pattern
    from manufold.model.ports import Executor

__all__ = ["LAYS", "GarmentLays"]

SHELL = "shell"
#: for a search that is asked when time is up already; one that is late by more than so much is lost
LEAST_S, GRACE_S = 0.2, 20.0
#: for a process to load and compile everything, on a machine with much to do
READY_S = 120.0
MEMORY_MB = 2000
OWN_COLUMNS = ("garment", "choose", "stretch_percent")


class GarmentLays:
    """Garments that share a cloth; see `design.lays.LaysTogether`. Cheap to import."""

    @property
    def columns(self) -> tuple[str, ...]:
        """The garment, its options, the stretch of its cloth, and every measure."""
        from manufold.design.garment.tables import measures

        return (*OWN_COLUMNS, *measures())

    def wanted(self, name: str, row: Mapping[str, str]) -> Wanted:
        """Return the pieces of a row's garment, drafted for the row's body.

        Raises:
            InputFault: a code of `garment.*`; CannotMake: where no garment fits this body.
        """
        from manufold.design.garment.marker.from_patterns import strip_of
        from manufold.design.garment.marker.strip import area_of, around_mm
        from manufold.design.garment.pattern.person import person
        from manufold.design.garment.pattern.publishing import drafted

        body = person(_measured(name, row))
        stretch = _percent(row.get("stretch_percent", "")) / 100
        pattern = drafted(row["garment"], body, _choices(row.get("choose", "")), stretch)
        strip, _ = strip_of((pattern,), SHELL, _ANY_WIDTH_MM, 0.0, one_way=False)
        copies = [(item.outline, item.demand) for item in strip.items]
        return Wanted(
            name,
            pattern,
            sum(demand for _, demand in copies),
            sum(area_of(outline) * demand for outline, demand in copies),
            sum(around_mm(outline) * demand for outline, demand in copies),
        )

    def check_fits(self, wanted: Wanted, cloth: Cloth) -> None:
        """Refuse a garment with a piece broader than the cloth.

        Raises:
            CannotMake: `garment.cloth_narrow`.
        """
        _strip((wanted,), cloth)

    def estimated_mm(self, group: Sequence[Wanted], cloth: Cloth, seconds: float) -> float:
        """Return how long a group will lie, from the efficiency of markers that were laid."""
        kinds = [_pattern(one).garment for one in group]
        pieces = sum(one.pieces for one in group)
        table = _table()
        rows = [table["garment"].get(kind, table["other"]) for kind in kinds]
        bare_mm = sum(one.area_mm2 / row["at_best"] for one, row in zip(group, rows, strict=True))
        bare_mm /= cloth.width_mm
        edge_mm = sum(row["edge_mm"] for row in rows) / len(rows)
        hurried = table["hurry"]["times"] * pieces / max(seconds, 0.1) ** 0.5
        one_way = table["one_way"]["times"] if cloth.one_way else 1.0
        return float((bare_mm * (1 + hurried) + edge_mm) * one_way)

    def laid(
        self,
        group: Sequence[Wanted],
        cloth: Cloth,
        *,
        left_s: Callable[[], float],
        seed: int,
        executor: "Executor",
    ) -> Laid:
        """Return a marker that `overlaps.faults` finds nothing wrong with."""
        from manufold.design.garment.marker.close_search import ENTRY, CloseRequest
        from manufold.design.garment.marker.from_patterns import strip_of
        from manufold.design.garment.marker.overlaps import faults
        from manufold.design.garment.marker.shelves import shelved
        from manufold.design.garment.marker.strip import Layout
        from manufold.model.errors import ExecutorFault, Reason

        patterns = [_pattern(one) for one in group]
        strip, names = strip_of(
            patterns, SHELL, cloth.width_mm, cloth.gap_mm, one_way=cloth.one_way
        )
        layout, lost = shelved(strip), []
        owners = tuple(owner for owner, _ in names)
        try:
            self.ready(executor)
            request = CloseRequest(strip, owners, max(LEAST_S, left_s()), seed)
            found: Layout = executor.run(
                ENTRY, request, limit_s=request.limit_s + GRACE_S, memory_mb=MEMORY_MB
            )
            wrong = faults(strip, found)
            if wrong:
                lost.append(Reason("garment.nest_unsound", {"faults": len(wrong)}))
            elif found.width_mm < layout.width_mm:
                layout = found
        except ExecutorFault as fault:
            lost.append(Reason(fault.code, fault.params))
        return Laid(layout.width_mm, strip.density(layout.width_mm), layout, tuple(lost))

    def ready(self, executor: "Executor") -> None:
        """Get one worker ready for `laid`."""
        from manufold.design.garment.marker.close_search import READY

        executor.run(READY, "", limit_s=READY_S, memory_mb=MEMORY_MB)

    def drawn(self, group: Sequence[Wanted], cloth: Cloth, laid: Laid) -> Mapping[str, bytes]:
        """Return the marker as DXF, as SVG, and as the JSON of the layout and its strip."""
        import json
        from typing import cast

        from manufold.design.garment.marker import marker_drawing
        from manufold.design.garment.marker.from_patterns import strip_of
        from manufold.design.garment.marker.strip import Layout, document
        from manufold.design.garment.marker.strip_file import written

        patterns = [_pattern(one) for one in group]
        strip, names = strip_of(
            patterns, SHELL, cloth.width_mm, cloth.gap_mm, one_way=cloth.one_way
        )
        layout = cast(Layout, laid.what)
        pieces = marker_drawing.lying(patterns, [one.name for one in group], names, layout)
        told = {"strip": written(strip), "layout": document(strip, layout)}
        return {
            "dxf": marker_drawing.dxf(pieces, laid.length_mm, cloth.width_mm),
            "svg": marker_drawing.svg(pieces, laid.length_mm, cloth.width_mm),
            "json": json.dumps(told).encode(),
        }


LAYS = GarmentLays()

#: broader than any piece
_ANY_WIDTH_MM = 1e5


def _pattern(wanted: Wanted) -> "Pattern":
    from typing import cast

    return cast("Pattern", wanted.what)


def _strip(group: Sequence[Wanted], cloth: Cloth) -> "Strip":
    from manufold.design.garment.marker.from_patterns import strip_of

    patterns = [_pattern(one) for one in group]
    return strip_of(patterns, SHELL, cloth.width_mm, cloth.gap_mm, one_way=cloth.one_way)[0]


def _measured(name: str, row: Mapping[str, str]) -> dict[str, float]:
    """Return the measures of a row, read as a file of one person is."""
    import csv
    import io

    from manufold.design.contract import InputFile
    from manufold.design.garment.reading import told
    from manufold.design.garment.tables import measures

    given = {one: row[one] for one in measures() if row.get(one)}
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(given)
    writer.writerow(given.values())
    file = InputFile(f"{name}.csv", text.getvalue().encode())
    return {one: float(value) for one, value in told(file).values.items()}


def _choices(said: str) -> dict[str, str]:
    from manufold.model.errors import InputFault

    found = {}
    for part in filter(None, (one.strip() for one in said.replace(";", ",").split(","))):
        option, equals, value = part.partition("=")
        if not equals:
            raise InputFault("garment.choose_form", said=part[:40])
        found[option.strip()] = value.strip()
    return found


def _percent(said: str) -> float:
    from manufold.model.errors import InputFault

    try:
        return float(said or 0)
    except ValueError:
        raise InputFault("garment.pattern_stretch", value=said[:20]) from None


@cache
def _table() -> Mapping[str, Any]:
    text = (files("manufold.design.garment.marker") / "estimate.toml").read_text("utf-8")
    return tomllib.loads(text)
