"""The plan of a garment: its marker, minutes, cloths and trims; each choice changes them."""

from decimal import Decimal
from itertools import combinations, pairwise

import pytest
from manifold3d import CrossSection, JoinType

from design.garment.people import LEAST, PERSON, as_json, design, planned
from manufold.design.garment.drawings import unpacked
from manufold.design.garment.goods import making, offered
from manufold.design.garment.laying import booked, laid, strip
from manufold.design.garment.marker.overlaps import faults
from manufold.design.garment.marker.quick import QuickRequest
from manufold.design.garment.marker.quick_search import _laid, quickly_laid
from manufold.design.garment.marker.strip import placed
from manufold.design.garment.parameters import chosen
from manufold.design.garment.pattern.person import person
from manufold.design.garment.pattern.publishing import drafted
from manufold.model.codec import canonical, encoded
from manufold.model.errors import CannotMake, ExecutorFault, InputFault
from manufold.model.process_plan import ProcessPlan
from manufold.words import word
from manufold.workers.inline import InlineExecutor

#: minutes of a plain long-sleeved shirt in the published study, and how near a plan must come
PUBLISHED_MIN, NEAR = 22.32, 0.10
GARMENTS = tuple(offered())
VALUES = {name: float(value) for name, value in PERSON.items()}


def used(plan: ProcessPlan) -> dict[str, Decimal]:
    """Return the bill of materials by material."""
    return {line.material_id: line.quantity for line in plan.bill_of_materials}


def sewn_min(plan: ProcessPlan) -> float:
    """Return the standard minutes of sewing."""
    return float(plan.operation["op20"].run_s) / 60


def test_a_plain_shirt_takes_the_published_minutes():
    """All operations together are within a tenth of the published total, and each choice counts."""
    plain = sewn_min(planned(PERSON))
    assert plain == pytest.approx(PUBLISHED_MIN, rel=NEAR)
    assert sewn_min(planned(PERSON, sleeve="short")) < plain - 3
    assert sewn_min(planned(PERSON, collar="stand")) < plain - 1
    assert sewn_min(planned(PERSON, pocket="none")) < plain - 1
    assert sewn_min(planned(PERSON, cuff="double")) > plain


@pytest.mark.parametrize("garment", GARMENTS)
def test_every_garment_has_a_plan(garment: str):
    """Each is drafted, laid and planned for one person, with a source for every time."""
    plan = planned(PERSON, garment=garment)
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
    goods = offered()[garment]
    assert plan.operation["op10"].needs["x_mm"] == used(plan)[goods.materials[0]] * 1000
    assert 100 < plan.piece_mass_g < 2000
    inside = {row["material"] for row in goods.table["inner"]}
    assert inside <= set(used(plan))
    assert len(plan.operation["op40"].characteristics) == len(goods.table["measured"]) >= 4


def test_what_is_booked_is_what_the_marker_takes():
    """Booked cloth is the marker found, its ends, and less than one step more."""
    made = design(as_json(PERSON))
    length_mm = Decimal(str(made.personal["marker"]["length_mm"]))
    each_mm = used(planned(PERSON))["cotton-poplin"] * 1000
    assert 0 <= each_mm - length_mm - 20 < 50
    assert each_mm % 50 == 0
    assert float(made.personal["marker"]["efficiency"]) >= 0.72
    lines = unpacked(made.personal["marker"]["placements"]).decode().splitlines()
    assert len(lines) == 18
    assert len({line.split()[0] for line in lines}) == 18


@pytest.mark.parametrize("garment", GARMENTS)
def test_the_quick_marker_is_sound_and_the_same_each_time(garment: str):
    """Found anew it is the same to the last digit, without a fault, and with its gap kept."""
    goods = offered()[garment]
    wanted = strip(drafted(goods.made, person(VALUES)))
    request = QuickRequest(wanted, float(goods.table["marker"]["enough"]))
    one, two = quickly_laid(request), _laid(request)
    assert one == two
    assert quickly_laid(request) is one
    assert faults(wanted, one) == []
    least = min(request.enough_fraction, 0.70)
    assert wanted.density(one.width_mm) > least
    for first, other in combinations(placed(wanted, one.placements), 2):
        grown = CrossSection([first.tolist()]).offset(wanted.gap_mm - 0.01, JoinType.Round)
        assert (grown ^ CrossSection([other.tolist()])).area() < 1e-3


def test_a_lost_worker_is_said_and_made_up_for():
    """Where no worker lays the marker, a table books more cloth, and the buyer reads so."""

    class Lost(InlineExecutor):
        def run(self, entry, request, *, limit_s, memory_mb):
            raise ExecutorFault("executor.crashed", entry=entry, detail="gone")

    class Busy(InlineExecutor):
        def run(self, entry, request, *, limit_s, memory_mb):
            raise ExecutorFault("executor.busy", entry=entry, waiting=9)

    goods = offered()["shirt"]
    wanted = strip(drafted(goods.made, person(VALUES)))
    found, lost = laid(wanted, goods, InlineExecutor()), laid(wanted, goods, Lost())
    assert found.layout is not None
    assert lost.layout is None
    assert lost.length_mm > found.length_mm
    with pytest.raises(ExecutorFault, match="executor.busy"):
        laid(wanted, goods, Busy())


def test_more_garments_share_a_marker():
    """Up to four lie in one marker as measured: less cloth each, none beyond the table's length."""
    goods = offered()["shirt"]
    found = [booked(Decimal(1200), goods, quantity) for quantity in (1, 2, 3, 4, 40)]
    assert [one.together for one in found][:2] == [1, 2]
    assert all(one.each_mm >= two.each_mm for one, two in pairwise(found))
    assert booked(Decimal(800), goods, 4).saved_fraction == Decimal("0.069")
    for one in found:
        assert one.whole_mm <= making()["cloth"]["marker_most_mm"]
    assert booked(Decimal(3900), goods, 10).together == 1  # a giant still gets his shirt


def test_each_choice_changes_the_materials_the_right_way():
    """Cloth, interlining and buttons follow the choices; thread follows the cloth."""
    plain = used(planned(PERSON))
    assert plain["buttons"] == 14
    assert used(planned(PERSON, sleeve="short"))["buttons"] == 8
    assert used(planned(PERSON, cuff="double"))["buttons"] == 10
    short, relaxed = used(planned(PERSON, sleeve="short")), used(planned(PERSON, fit="relaxed"))
    assert short["cotton-poplin"] < plain["cotton-poplin"]
    assert used(planned(PERSON, collar="stand"))["interlining"] < plain["interlining"]
    assert set(used(planned(PERSON, material="cotton-twill"))) - set(plain) == {"cotton-twill"}
    for bill in (plain, short, relaxed):
        assert abs(bill["thread"] * 5000 - bill["cotton-poplin"] * Decimal("92.4")) < Decimal("0.5")


def test_stretch_takes_ease_off():
    """A cloth that stretches across makes the garment narrower; nonsense is refused."""
    plain = design(as_json(PERSON)).personal["sheet"]["chest_mm"]
    assert design(as_json(PERSON), stretch=10).personal["sheet"]["chest_mm"] < plain - 30
    assert design(as_json(PERSON), stretch="0").personal["sheet"]["chest_mm"] == plain
    for wrong in (-1, 61, "x", True, "nan"):
        with pytest.raises(InputFault, match="garment.stretch_wrong"):
            design(as_json(PERSON), stretch=wrong)


def test_options_belong_to_their_garment():
    """An option or choice of another garment is refused with those that there are."""
    with pytest.raises(InputFault, match="garment.parameter_unknown"):
        chosen({"colour": "red"})
    with pytest.raises(InputFault, match="garment.choice_unknown") as caught:
        chosen({"garment": "kilt"})
    assert "shirt" in str(caught.value.params["known"])
    with pytest.raises(InputFault, match="garment.choice_unknown"):
        chosen({"pocket": "flap"})
    if "trousers" in GARMENTS:
        with pytest.raises(InputFault, match="garment.option_elsewhere") as caught:
            chosen({"garment": "trousers", "collar": "stand"})
        assert "shirt" in word(caught.value.reason)


def test_what_cannot_be_drafted_is_no_plan():
    """A body no garment can be cut for is refused in words, not drawn."""
    with pytest.raises((CannotMake, InputFault)) as caught:
        design(
            as_json(LEAST | {"shoulder_width_mm": 300, "neck_girth_mm": 500}), measures="checked"
        )
    assert word(caught.value.reason) != caught.value.code


def test_what_is_not_chosen_or_measured_is_said():
    """Each measure that was not given is named with its spread; none that was given is."""
    least, whole = design(as_json(LEAST)), design(as_json(PERSON))
    said = {r.params.get("measure"): r for r in least.assumptions}
    assert {"hip_girth_mm", "shoulder_width_mm", "wrist_girth_mm"} <= set(said)
    assert not {r.params.get("measure") for r in whole.assumptions} & set(PERSON)
    options = {name: choices[0] for name, choices in offered()["shirt"].made.options.items()}
    quiet = design(as_json(PERSON), garment="shirt", material="cotton-twill", **options)
    assert {r.code for r in quiet.assumptions}.isdisjoint(
        {"garment.options_assumed", "garment.material_assumed", "garment.garment_assumed"}
    )


def test_the_size_sheet_follows_the_body():
    """Finished sizes are the body's and the ease; both sleeves follow their own arm."""
    sizes = design(as_json(PERSON), fit="slim").personal["sheet"]
    assert sizes["chest_mm"] == PERSON["bust_girth_mm"] + 80
    assert 0 < sizes["collar_mm"] - PERSON["neck_girth_mm"] < 30
    assert sizes["sleeve_right_mm"] - sizes["sleeve_left_mm"] == pytest.approx(2, abs=1)
    assert abs(sizes["sleeve_left_mm"] - PERSON["arm_length_left_mm"]) < 40


def like(values: dict[str, int]) -> dict[str, int]:
    """Return somebody a little different whose garment takes as much cloth."""
    cloth = design(as_json(values)).facts["cloth_m"]
    for off in range(1, 9):
        other = values | {"neck_girth_mm": values["neck_girth_mm"] - off}
        other["wrist_girth_mm"] = values["wrist_girth_mm"] + off
        if design(as_json(other)).facts["cloth_m"] == cloth:
            return other
    raise AssertionError("nobody takes as much cloth")


def test_plans_tell_nothing_finer_than_a_size_class():
    """Two people of one size class and one length of cloth have the same plan to the byte."""
    other = like(PERSON)
    one, two = design(as_json(PERSON)), design(as_json(other))
    assert one.personal != two.personal
    assert one.facts == two.facts
    assert one.assumptions == two.assumptions
    for quantity in (1, 4):
        plans = [encoded(planned(values, quantity)) for values in (PERSON, other)]
        for plan in plans:
            plan.pop("design_revision")
        assert canonical(plans[0]) == canonical(plans[1])


def test_minutes_of_the_own_seams_stay_with_the_person():
    """A plan has the reference body's minutes times a whole step; the own ones are personal."""
    big = {name: round(value * 1.15) for name, value in PERSON.items()}
    made = design(as_json(big), measures="checked")
    step = making()["sew"]["factor_step"]
    factor = made.personal["sewing_factor"]
    assert factor % step == 0
    assert factor > design(as_json(PERSON)).personal["sewing_factor"]
    plan = planned(big, measures="checked")
    small = planned(PERSON)
    ratio = sewn_min(plan) / sewn_min(small)  # of the same style
    assert ratio == pytest.approx(
        float(factor / design(as_json(PERSON)).personal["sewing_factor"]), rel=1e-3
    )
    own = made.personal["sewing_min"]
    assert set(own) == {term.term for term in plan.operation["op20"].run_terms}
    assert sum(own.values()) == pytest.approx(Decimal(sewn_min(plan)), rel=Decimal("0.05"))
