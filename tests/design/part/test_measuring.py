"""Facts of public parts against what other code measured and their makers documented."""

import json
import os
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from manufold.design.part.geometry.facts import PartFacts, facts_from_json, facts_to_json
from manufold.model.codec import canonical, from_json

Measured = Callable[[str], PartFacts]
BESIDE = Path(__file__).parents[4] / "shared" / "data"
DATA = Path(os.environ.get("MANUFOLD_TEST_DATA") or BESIDE, "parts", "measured_facts.json")
NAMES = sorted(json.loads(DATA.read_text())) if DATA.is_file() else []


@pytest.mark.parametrize("name", NAMES)
def test_facts_table(name: str, measured: Measured, expected: dict[str, Any]) -> None:
    """Solids, faces, triangles, volume, surface and box of every public part are as measured."""
    found, wanted = measured(name), expected[name]
    # half a unit of the table's last digit, where that is coarser than 1e-4 of the value
    assert found.volume_mm3 == pytest.approx(wanted["volume_mm3"], rel=1e-4, abs=0.05)
    assert found.area_mm2 == pytest.approx(wanted["area_mm2"], rel=1e-4, abs=0.05)
    assert found.bbox_mm == pytest.approx(wanted["bbox_mm"], abs=0.02)
    if "solids" in wanted:
        assert (found.solids, found.faces) == (wanted["solids"], wanted["faces"])
        assert sum(found.face_kinds.values()) == found.faces
        assert found.watertight
        assert not found.repaired
    else:
        assert found.triangles == wanted["triangles"]
        assert found.watertight
        assert found.repaired != wanted["watertight"]


#: holes: made parts by construction; FTC-06 documented by its makers; the others agreed upon by
#: two independent recognisers
HOLES = {
    "generated_cc0/milled_bracket.step": (8, 6),
    "generated_cc0/turned_shaft.step": (2, 1),
    "generated_cc0/sheet_u.step": (5, 5),
    "nist_ctc_ftc/nist_ftc_06_asme1_rd.stp": (12, 10),
    "nist_ctc_ftc/nist_ctc_01_asme1_ap242-e1.stp": (10, 8),
    "nist_ctc_ftc/nist_ctc_03_asme1_rc.stp": (15, 15),
    "nist_ctc_ftc/nist_ctc_04_asme1_rd.stp": (56, None),
    "nist_ctc_ftc/nist_ctc_05_asme1_rd.stp": (21, None),
    "nist_ctc_ftc/nist_ftc_10_asme1_rb.stp": (30, None),
    "nist_ctc_ftc/nist_ftc_11_asme1_rb.stp": (1, 1),
}


@pytest.mark.parametrize("name", sorted(HOLES))
def test_hole_counts(name: str, measured: Measured) -> None:
    """Round holes of documented parts are counted right, those going through as well."""
    count, through = HOLES[name]
    holes = measured(name).holes
    assert len(holes) == count
    if through is not None:
        assert sum(hole.through for hole in holes) == through
    faces = [face for hole in holes for face in hole.faces]
    assert len(faces) == len(set(faces)), "a face belongs to one hole"


def test_counterbores_of_the_bracket(measured: Measured) -> None:
    """The four counterbored holes are one hole of two steps each, sizes exact."""
    stepped = [
        hole
        for hole in measured("generated_cc0/milled_bracket.step").holes
        if len(hole.steps_mm) > 1
    ]
    assert len(stepped) == 4
    for hole in stepped:
        assert sorted(hole.steps_mm) == [
            (pytest.approx(6.6), pytest.approx(13.5)),
            (pytest.approx(11), pytest.approx(6.5)),
        ]


def test_spline_cylinders_are_recognised(measured: Measured) -> None:
    """All 70 cylinders that as1-oc-214 stores as freeform surfaces are cylinders, with radii."""
    facts = measured("stepcode_bsd/as1-oc-214.stp")
    assert facts.face_kinds["cylinder"] == 70
    assert [c.recognised for c in facts.cylinders] == [True] * 70
    radii = Counter((round(c.radius_mm, 4), c.internal) for c in facts.cylinders)
    assert radii == {(5.0, True): 44, (5.0, False): 14, (7.5, False): 12}
    assert len(facts.holes) == 22
    assert facts.unit == "mm"
    assert facts.products[0] == "as1"


def test_loose_shells_are_left_out(measured: Measured) -> None:
    """Surfaces beside the solid are counted, not measured."""
    assert measured("nist_ctc_ftc/nist_ctc_02_asme1_rc.stp").loose_shells == 1


@pytest.mark.parametrize(
    ("name", "round_"),
    [
        ("generated_cc0/turned_shaft.step", True),
        ("odri_bsd3/motor_antigravity_4004_custom_shaft.STEP", True),
        ("kicad_ccbysa4/Mounting_Wuerth_WA-SMSI-M3_H10mm_9774100360.step", True),
        ("nist_ctc_ftc/nist_ftc_11_asme1_rb.stp", True),
        ("generated_cc0/milled_bracket.step", False),
        ("nist_ctc_ftc/nist_ctc_05_asme1_rd.stp", False),
        ("occt_lgpl21/screw.step", False),
        ("odri_bsd3/transmission_pulley_at3_t10_center.STEP", False),
    ],
)
def test_turned_or_not(name: str, round_: bool, measured: Measured) -> None:
    """Only what is round about one axis, outermost surface included, is called turned."""
    assert (measured(name).turned is not None) == round_


def test_turned_shaft(measured: Measured) -> None:
    """The made shaft is 30 mm across, 130 long, with its bore, and its keyway stands apart."""
    turned = measured("generated_cc0/turned_shaft.step").turned
    assert turned is not None
    assert turned.diameter_mm == pytest.approx(30)
    assert turned.length_mm == pytest.approx(130)
    assert turned.bore_mm == pytest.approx(8)
    assert len(turned.other_faces) == 7  # five of the keyway, two of the cross hole


@pytest.mark.parametrize(
    ("name", "thickness_mm"),
    [
        ("generated_cc0/sheet_u.step", 2.0),
        ("nist_ctc_ftc/nist_ctc_03_asme1_rc.stp", 1.9075),
        ("generated_cc0/thin_box.step", 0.0),
        ("generated_cc0/milled_bracket.step", 0.0),
        ("prusa_i3_gpl2/psu-cover-DELTA.step", 0.0),
    ],
)
def test_sheet_or_not(name: str, thickness_mm: float, measured: Measured) -> None:
    """Bent sheet has its thickness; a thin printed box is no sheet."""
    assert measured(name).sheet_thickness_mm == pytest.approx(thickness_mm, abs=0.005)


def test_facts_travel_through_json(measured: Measured) -> None:
    """Facts written as JSON and read again are the same facts, and write the same bytes."""
    for name in ("generated_cc0/turned_shaft.step", "prusa_i3_gpl2/fs-cover.stl"):
        plain = facts_to_json(measured(name))
        again = facts_from_json(from_json(canonical(plain)))
        assert again == facts_from_json(plain)
        assert canonical(facts_to_json(again)) == canonical(plain)
        assert again.volume_mm3 == pytest.approx(measured(name).volume_mm3, abs=1e-8)


@pytest.mark.parametrize(
    "pair",
    ["LCD-knob", "fs-cover", "fs-lever", "print-fan-support", "y-belt-idler"],
)
def test_mesh_and_solid_agree(pair: str, measured: Measured) -> None:
    """STL and STEP of one part have one volume and one size."""
    mesh = measured(f"prusa_i3_gpl2/{pair}.stl")
    solid = measured(f"prusa_i3_gpl2/{pair}.stp")
    assert mesh.volume_mm3 == pytest.approx(solid.volume_mm3, rel=3e-3)
    assert sorted(mesh.bbox_mm) == pytest.approx(sorted(solid.bbox_mm), abs=0.05)
