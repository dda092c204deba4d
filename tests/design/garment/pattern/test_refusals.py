"""Bodies and choices that make no garment are refused with their reason; none comes out twisted."""

from dataclasses import replace

import pytest

from design.garment.pattern.bodies import BEN, body
from manufold.design.garment.pattern.checks import faults
from manufold.design.garment.pattern.person import person
from manufold.design.garment.pattern.publishing import asked, drafted, published
from manufold.model.errors import CannotMake, InputFault, ManufoldError


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({"neck_girth_mm": 560, "shoulder_width_mm": 300}, "pattern_contradiction", "neck"),
        ({"wrist_girth_mm": 240, "upper_arm_girth_mm": 200}, "pattern_contradiction", "wrist"),
        ({"waist_girth_mm": 1500, "hip_girth_mm": 900}, "pattern_contradiction", "waist"),
        ({"inside_leg_height_mm": 1000}, "pattern_contradiction", "inside_leg"),
        ({"bust_girth_mm": 102}, "measure_outside", "bust"),
    ],
)
def test_contradictions_are_refused(changes: dict[str, float], code: str, field: str):
    """Measures that no body has together are named, with the bound that they break."""
    with pytest.raises(InputFault) as refused:
        body(**changes)
    assert refused.value.code == f"garment.{code}"
    shown = refused.value.params.get("measure", refused.value.params.get("field"))
    assert str(shown).startswith(field)


def test_what_is_missing_is_named_or_completed():
    """Stature and two girths, or sex and weight, are enough; the rest is worked out, with an
    interval, and said to be."""
    least = {name: BEN[name] for name in ("stature_mm", "bust_girth_mm", "waist_girth_mm")}
    found = person(least)
    assert len(found.completed) == len(found.intervals) == 19
    for name, (low, high) in found.intervals.items():
        assert low < BEN[name] < high, name
        assert low < found[name] < high, name
    assert found["shoulder_slope_left_deg"] == 21
    with pytest.raises(InputFault) as refused:
        person({name: least[name] for name in ("stature_mm", "bust_girth_mm")})
    assert refused.value.code == "garment.girths_missing"
    with pytest.raises(InputFault) as refused:
        person({"stature_mm": 1792.0, "weight_kg": 84.0})
    assert refused.value.code == "garment.girths_missing"
    weighed = person({"stature_mm": 1792.0, "weight_kg": 84.0}, "male")
    assert weighed["bust_girth_mm"] == pytest.approx(BEN["bust_girth_mm"], rel=0.06)
    one_arm = person(least | {"arm_length_left_mm": 640.0})
    assert one_arm["arm_length_right_mm"] == 640
    assert one_arm.intervals["arm_length_right_mm"] == (630, 650)


def test_an_arm_too_thick_is_refused_and_a_thick_one_gets_a_deeper_armhole():
    """The armhole goes deeper for a strong arm and says so; beyond all depth it is refused."""
    strong = drafted("jacket", body(upper_arm_girth_mm=400))
    assert [note.code for note in strong.notes] == ["garment.pattern_armhole_deeper"]
    jacket = published()["jacket"]
    ask = asked(jacket, body(upper_arm_girth_mm=470), {})
    with pytest.raises(CannotMake) as refused:
        jacket.draft(replace(ask, ease={**ask.ease, "upper_arm_mm": 150}))
    assert refused.value.params == {"where": "armhole", "measure": "upper_arm_girth_mm"}


@pytest.mark.parametrize(
    ("choices", "stretch", "code"),
    [
        ({"colour": "red"}, 0.0, "garment.pattern_option"),
        ({"collar": "wing"}, 0.0, "garment.pattern_choice"),
        ({}, float("nan"), "garment.pattern_stretch"),
        ({}, -0.1, "garment.pattern_stretch"),
    ],
)
def test_unknown_choices_are_refused(choices: dict[str, str], stretch: float, code: str):
    """A choice that is not there is refused, and those that are there are named."""
    with pytest.raises(InputFault) as refused:
        drafted("shirt", body(), choices, stretch)
    assert refused.value.code == code
    with pytest.raises(InputFault) as refused:
        drafted("cape", body())
    assert refused.value.params["known"] == "dress, jacket, shirt, trousers"


@pytest.mark.parametrize("name", ["dress", "jacket", "shirt", "trousers"])
def test_odd_bodies_are_sound_or_refused(name: str):
    """Each measure alone bent by a fifth both ways: a sound pattern or a refusal, nothing else."""
    drawn, said = 0, []
    for key in BEN:
        for factor in (0.8, 1.2):
            try:
                of = body(**{key: BEN[key] * factor})
                pattern = published()[name].draft(asked(published()[name], of, {}))
            except ManufoldError as fault:
                said.append(fault.code)
                continue
            assert faults(pattern) == ()
            drawn += 1
    assert drawn > 25
    assert set(said) <= {
        "garment.measure_outside",
        "garment.pattern_contradiction",
        "garment.pattern_no_room",
    }


def test_every_garment_words_what_it_notes():
    """Notes of the drafter are reasons with whole numbers for people."""
    stout = body(waist_girth_mm=1150, hip_girth_mm=1080)
    for name in published():
        for note in drafted(name, stout).notes:
            assert note.code.startswith("garment.pattern_")
            assert all(str(value).isdigit() for value in note.params.values())
