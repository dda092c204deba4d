"""What the design room asks a geometry worker, and which entry answers it."""

from dataclasses import dataclass

from manufold.design.part.geometry.facts import PartFormat

__all__ = ["ENTRIES", "GeometryRequest"]

#: the entry per format; two modules, so that a mesh never waits for the CAD kernel to load
ENTRIES: dict[PartFormat, str] = {
    "step": "manufold.design.part.geometry.step_worker:analyse",
    "stl": "manufold.design.part.geometry.mesh_worker:analyse",
    "3mf": "manufold.design.part.geometry.mesh_worker:analyse",
}


@dataclass(frozen=True, slots=True)
class GeometryRequest:
    """One file to be measured.

    Args:
        name: for messages only.
        unit: what one unit of the file means against the file's own word; None = believe it.
    """

    name: str
    format: PartFormat
    content: bytes
    unit: str | None = None
