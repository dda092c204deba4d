"""The plan of a shirt: minutes, cloth and trims by stated formulas; each choice changes them."""

import json
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import pytest

from design.garment.people import LEAST, PERSON, as_json, design, planned
from manufold.design.garment.planning import sewing_terms
from manufold.design.garment.shirt import Style, area_mm2, buttons, marker
from manufold.design.garment.tables import sewing, shirt
from manufold.model.codec import canonical, encoded
from manufold.model.process_plan import ProcessPlan

PLAIN = Style("regular", "turn-down", "single", "long", "one")
#: minutes of a plain long-sleeved shirt in the published study, and how near a plan must come
PUBLISHED_MIN, NEAR = 22.32, 0.10


def used(plan: ProcessPlan) -> dict[str, Decimal]:
    """Return the bill of materials by material."""
    return {line.material_id: line.quantity for line in plan.bill_of_materials}


def minutes(style: Style) -> float:
    """Return the standard minutes of sewing."""
    return float(sum((term.span_s for term in sewing_terms(style)), Decimal(0))) / 60


def test_a_plain_shirt_takes_the_published_minutes():
    """All operations of the bulletin together are within a tenth of the published total."""
    assert minutes(PLAIN) == pytest.approx(PUBLISHED_MIN, rel=NEAR)
    assert minutes(PLAIN) == pytest.approx(PUBLISHED_MIN, abs=0.05)  # it is that study's own shirt


def test_the_bulletin_is_the_published_one(test_data: Path):
    """Every published operation stands in the table with its minutes, and no other claims to."""
    found = json.loads((test_data / "garment/sewing/shirt_bulletin_reference.json").read_text())
    published = sorted(row["sam_min"] for row in found["operations"])
    ours = [row for row in sewing()["operation"] if row["source"] == "gsd"]
    assert sorted(float(row["minutes"]) for row in ours) == published
    rest = [row for row in sewing()["operation"] if row["source"] == "gsd-rest"]
    each = 13  # buttons and holes of the plain shirt
    total = sum(float(row.get("minutes", 0)) + each * float(row.get("each_min", 0)) for row in rest)
    assert total == pytest.approx(found["assembly_remainder_min"], abs=0.03)


def test_each_choice_changes_minutes_the_right_way():
    """Short sleeves, a stand collar and no pocket save work; double cuffs cost some."""
    plain = minutes(PLAIN)
    assert minutes(Style("regular", "turn-down", "single", "short", "one")) < plain - 4
    assert minutes(Style("regular", "stand", "single", "long", "one")) < plain - 1
    assert minutes(Style("regular", "turn-down", "single", "long", "none")) == pytest.approx(
        plain - 0.542 - 0.28 - 0.861
    )
    assert minutes(Style("regular", "turn-down", "double", "long", "one")) > plain + 0.5
    assert minutes(Style("slim", "turn-down", "single", "long", "one")) == plain
    terms = [term.term for term in sewing_terms(PLAIN)]
    assert len(terms) == len(set(terms)) > 30


def test_each_choice_changes_the_materials_the_right_way():
    """Cloth, interlining and buttons follow the choices; thread follows the cloth."""
    plain = used(planned(PERSON))
    assert plain["buttons"] == 14
    assert used(planned(PERSON, sleeve="short"))["buttons"] == 8
    assert used(planned(PERSON, cuff="double"))["buttons"] == 10
    short, relaxed = used(planned(PERSON, sleeve="short")), used(planned(PERSON, fit="relaxed"))
    assert short["cotton-poplin"] < plain["cotton-poplin"] < relaxed["cotton-poplin"]
    assert used(planned(PERSON, fit="slim"))["cotton-poplin"] < plain["cotton-poplin"]
    assert used(planned(PERSON, collar="stand"))["interlining"] < plain["interlining"]
    assert used(planned(PERSON, cuff="double"))["interlining"] > plain["interlining"]
    assert set(used(planned(PERSON, material="cotton-twill"))) - set(plain) == {"cotton-twill"}
    for bill in (plain, short, relaxed):
        metres = bill["thread"] * 5000
        wanted = bill["cotton-poplin"] * 22 * Decimal("4.2")
        assert abs(metres - wanted) < Decimal("0.3")


def test_cloth_is_what_the_pieces_take():
    """Booked cloth times width and efficiency covers the pieces, by less than one step too much."""
    person = design(as_json(PERSON))
    pieces_mm2 = Decimal(str(person.personal["pieces_mm2"]))
    sizes = {name: Decimal(str(value)) for name, value in person.personal["sheet"].items()}
    assert area_mm2(sizes, PLAIN).quantize(Decimal(1)) == pieces_mm2
    laid = marker(pieces_mm2, 1)
    spare_mm = laid.each_mm - 20 - pieces_mm2 / (1500 * laid.efficiency_fraction)
    assert 0 <= spare_mm < 50
    assert 1100 < laid.each_mm < 1700


def test_more_shirts_share_a_marker():
    """Up to four lie in one marker as measured: less cloth each, none beyond the table's length."""
    pieces_mm2 = Decimal(str(design(as_json(PERSON)).personal["pieces_mm2"]))
    laid = [marker(pieces_mm2, quantity) for quantity in (1, 2, 3, 4, 40)]
    assert [m.shirts for m in laid][:2] == [1, 2]
    assert all(one.each_mm >= two.each_mm for one, two in pairwise(laid))
    assert laid[0].efficiency_fraction == Decimal("0.799")
    small = marker(Decimal(1_000_000), 4)
    assert (small.shirts, small.efficiency_fraction) == (4, Decimal("0.858"))
    for m in laid:
        assert m.whole_mm <= shirt()["cloth"]["marker_most_mm"]
    assert marker(Decimal(9_000_000), 10).shirts == 1  # a giant still gets his shirt


def test_a_larger_person_takes_more_cloth():
    """Adding to any one measure never takes less cloth; adding to all takes more."""
    before = design(as_json(PERSON)).personal["pieces_mm2"]
    for name in PERSON:
        more = design(as_json(PERSON | {name: PERSON[name] + 30})).personal["pieces_mm2"]
        assert more >= before, name
    bigger = {name: round(value * 1.1) for name, value in PERSON.items()}
    assert design(as_json(bigger)).personal["pieces_mm2"] > before * Decimal("1.1")


def test_the_routing_is_one_a_shirt_line_can_take():
    """Cut, sew, press, inspect, pack, each after the one before, with a source for each time."""
    plan = planned(PERSON)
    asked = [(o.capability, o.skill) for o in plan.operations]
    assert asked == [
        ("cut.fabric", "cutting"),
        ("sew", "sewing"),
        ("press", "pressing"),
        ("inspect.garment", "inspection"),
        ("pack", "packing"),
    ]
    assert [o.after for o in plan.operations] == [(), ("op10",), ("op20",), ("op30",), ("op40",)]
    for operation in plan.operations:
        for term in (*operation.setup_terms, *operation.run_terms):
            assert term.source.title
            assert term.source.year > 2000
            assert term.formula
    assert plan.operation["op10"].needs["x_mm"] == used(plan)["cotton-poplin"] * 1000
    assert plan.operation["op10"].setup_family == "cotton-poplin"
    assert 150 < plan.piece_mass_g < 350


def test_what_is_worked_out_is_said():
    """Each measure that was not given is named with its spread; none that was given is."""
    least, whole = design(as_json(LEAST)), design(as_json(PERSON))
    said = {r.params.get("measure"): r for r in least.assumptions}
    assert said["hip_girth_mm"].params["sd_mm"] == "33"
    assert {"shoulder_width_mm", "arm_length_mm", "wrist_girth_mm"} <= set(said)
    assert "garment.completed" not in {r.code for r in whole.assumptions}
    one_arm = {k: v for k, v in PERSON.items() if k != "arm_length_right_mm"}
    taken = [r for r in design(as_json(one_arm)).assumptions if "arm_" in r.code]
    assert [r.params["measure"] for r in taken] == ["arm_length_right_mm"]
    chosen = {"fit": "slim", "sleeve": "short", "collar": "stand", "pocket": "none"}
    quiet = design(as_json(PERSON), material="cotton-twill", **chosen)
    assert [r.code for r in quiet.assumptions] == ["garment.slope_assumed"]


def test_the_size_sheet_follows_the_body():
    """Finished sizes are the body's and the ease; both sleeves follow their own arm."""
    person = design(as_json(PERSON), fit="slim")
    sizes = person.personal["sheet"]
    assert sizes["chest_mm"] == PERSON["bust_girth_mm"] + 80
    assert sizes["collar_mm"] == PERSON["neck_girth_mm"] + 15
    assert sizes["sleeve_right_mm"] - sizes["sleeve_left_mm"] == 2
    assert "cuff_mm" not in design(as_json(PERSON), sleeve="short").personal["sheet"]


def test_plans_tell_nothing_finer_than_a_size_class():
    """Two people of one size class and one length of cloth have the same plan to the byte."""
    less = {"stature_mm": 1775, "neck_girth_mm": 386, "bust_girth_mm": 1012, "wrist_girth_mm": 171}
    other = PERSON | less
    one, two = design(as_json(PERSON)), design(as_json(other))
    assert one.personal != two.personal
    assert one.facts == two.facts
    assert one.assumptions == two.assumptions
    for quantity in (1, 4):
        plans = [encoded(planned(values, quantity)) for values in (PERSON, other)]
        for plan in plans:
            plan.pop("design_revision")
        assert canonical(plans[0]) == canonical(plans[1])


def test_buttons_are_counted():
    """Fourteen with the spare one on a plain shirt, as sewn in the study plus one."""
    assert buttons(PLAIN) == 14
