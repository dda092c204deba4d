"""Units: what a file declares, what it means, and when to ask back instead of pricing."""

import io
import zipfile
from pathlib import Path

import numpy as np
import pytest
import trimesh

from design.part.conftest import Measure
from design.part.shapes import box, drilled_block, scaled, step_bytes
from manufold.design.contract import InputFile
from manufold.design.part.vertical import vertical
from manufold.model.design import Design
from manufold.model.errors import InputFault
from manufold.workers import KillablePool


def stl_bytes(*extents: float) -> bytes:
    return bytes(trimesh.creation.box(extents).export(file_type="stl"))


def three_mf(unit: str | None) -> bytes:
    """Return a 3MF of a tetrahedron with edges of 10 along the axes."""
    declared = f' unit="{unit}"' if unit else ""
    points = "".join(
        f'<vertex x="{x}" y="{y}" z="{z}"/>'
        for x, y, z in ((0, 0, 0), (10, 0, 0), (0, 10, 0), (0, 0, 10))
    )
    triangles = "".join(
        f'<triangle v1="{a}" v2="{b}" v3="{c}"/>'
        for a, b, c in ((0, 2, 1), (0, 1, 3), (0, 3, 2), (1, 2, 3))
    )
    model = (
        f'<?xml version="1.0"?><model{declared} xml:lang="en-US" '
        'xmlns="http://schemas.microsoft.com/3dmanufacturing/core/2015/02"><resources>'
        f'<object id="1" type="model"><mesh><vertices>{points}</vertices>'
        f"<triangles>{triangles}</triangles></mesh></object></resources>"
        '<build><item objectid="1"/></build></model>'
    )
    relations = (
        '<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/'
        '2006/relationships"><Relationship Target="/3D/3dmodel.model" Id="rel0" Type="http://'
        'schemas.microsoft.com/3dmanufacturing/2013/01/3dmodel"/></Relationships>'
    )
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        archive.writestr("3D/3dmodel.model", model)
        archive.writestr("_rels/.rels", relations)
    return held.getvalue()


def design_of(pool: KillablePool, name: str, content: bytes, **parameters: str) -> Design:
    return vertical.design([InputFile(name, content)], parameters, pool)


def codes(design: Design) -> list[tuple[str, str]]:
    return [(f.severity, f.reason.code) for f in design.findings]


@pytest.mark.parametrize(("declared", "shown"), [("MM", "mm"), ("INCH", "inch"), ("M", "m")])
def test_same_part_in_every_unit(
    declared: str, shown: str, measure: Measure, tmp_path: Path
) -> None:
    """One part written in millimetres, inches and metres measures the same, holes and all."""
    plain = measure("a.step", step_bytes(drilled_block(), tmp_path))
    found = measure("b.step", step_bytes(drilled_block(), tmp_path, declared))
    assert found.unit == shown
    assert found.volume_mm3 == pytest.approx(plain.volume_mm3, rel=1e-6)
    assert found.bbox_mm == pytest.approx((60, 40, 20), abs=1e-4)
    assert len(found.holes) == 3
    for one, other in zip(found.holes, plain.holes, strict=True):
        assert np.allclose(one.steps_mm, other.steps_mm, rtol=0, atol=1e-4)
        assert one.through == other.through


def test_stated_unit_overrides_the_file(measure: Measure, tmp_path: Path) -> None:
    """A part drawn in inches and written as millimetres gets its size back."""
    content = step_bytes(scaled(drilled_block(), 1 / 25.4), tmp_path)
    assert max(measure("a.step", content).bbox_mm) == pytest.approx(60 / 25.4, abs=1e-4)
    found = measure("a.step", content, "inch")
    assert found.bbox_mm == pytest.approx((60, 40, 20), abs=1e-4)
    assert sorted(round(hole.diameter_mm, 3) for hole in found.holes) == [5, 6, 8]


@pytest.mark.parametrize("name", ["partA", "partB"])
def test_part_of_67_metres_is_asked_back(name: str, parts: Path, pool: KillablePool) -> None:
    """A file in metres that means millimetres is not priced; told so, it is 67 mm long."""
    content = (parts / "aagnet_mit" / f"{name}.step").read_bytes()
    doubted = design_of(pool, "a.step", content)
    assert ("asks", "part.unit_doubtful") in codes(doubted)
    reason = doubted.findings[0].reason
    assert reason.params["unit"] == "m"
    assert float(str(reason.params["largest_mm"])) > 60_000
    assert vertical.plans(doubted, 1) == ()
    meant = design_of(pool, "a.step", content, unit="mm", material="al-6061")
    assert not meant.blocked
    box_mm = meant.facts["box_mm"]
    assert isinstance(box_mm, list)
    assert 60 < max(box_mm) < 90
    assert vertical.plans(meant, 1)


def test_size_is_believed_once_confirmed(parts: Path, pool: KillablePool) -> None:
    """Repeating the file's own unit confirms it: then the network decides whether it fits."""
    content = (parts / "aagnet_mit" / "partA.step").read_bytes()
    assert not design_of(pool, "a.step", content, unit="m").blocked


@pytest.mark.parametrize(
    ("extents", "blocked"),
    [
        ((0.4, 0.4, 0.4), True),
        ((0.6, 0.4, 0.4), False),
        ((9_999.0, 10, 10), False),
        ((10_001.0, 10, 10), True),
    ],
)
def test_plausible_sizes(
    extents: tuple[float, float, float], blocked: bool, pool: KillablePool
) -> None:
    """Below half a millimetre and above ten metres one asks; between them one does not."""
    design = design_of(pool, "a.stl", stl_bytes(*extents))
    assert (("asks", "part.unit_doubtful") in codes(design)) == blocked


def test_stl_unit_is_an_assumption(pool: KillablePool, measure: Measure) -> None:
    """An STL is taken in millimetres and says so; with a unit stated it is no assumption."""
    assumed = design_of(pool, "a.stl", stl_bytes(20, 10, 5))
    assert "part.unit_assumed" in {reason.code for reason in assumed.assumptions}
    stated = design_of(pool, "a.stl", stl_bytes(2, 1, 0.5), unit="cm")
    assert "part.unit_assumed" not in {reason.code for reason in stated.assumptions}
    assert stated.facts["volume_mm3"] == assumed.facts["volume_mm3"] == 1000


@pytest.mark.parametrize(
    ("unit", "edge_mm"),
    [(None, 10), ("millimeter", 10), ("inch", 254), ("centimeter", 100), ("meter", 10_000)],
)
def test_3mf_unit_is_respected(unit: str | None, edge_mm: float, measure: Measure) -> None:
    """A 3MF means the unit it declares, millimetres where it is silent."""
    facts = measure("a.3mf", three_mf(unit))
    assert facts.bbox_mm == pytest.approx((edge_mm,) * 3, rel=1e-6)
    assert facts.volume_mm3 == pytest.approx(edge_mm**3 / 6, rel=1e-6)
    assert facts.watertight


def test_unknown_unit_and_parameter_are_refused(pool: KillablePool, tmp_path: Path) -> None:
    """A unit or a parameter nobody knows is refused with what is known."""
    content = step_bytes(box((0, 0, 0), (10, 10, 10)), tmp_path)
    with pytest.raises(InputFault) as caught:
        design_of(pool, "a.step", content, unit="cubit")
    assert caught.value.code == "part.unit_unknown"
    assert "inch" in str(caught.value.params["known"])
    with pytest.raises(InputFault) as caught:
        design_of(pool, "a.step", content, colour="red")
    assert caught.value.code == "part.parameter_unknown"
    with pytest.raises(InputFault) as caught:
        design_of(pool, "a.step", content, material="unobtainium")
    assert caught.value.code == "part.material_unknown"
    assert "al-6061" in str(caught.value.params["known"])
