"""A person is measured as he is, however the scan stands and whatever it lacks."""

import numpy as np
import pytest
from generated_scans import Fault, scan

from manufold.design.garment.measure import LIMITS, NAMES, measured
from manufold.model.errors import InputFault

from .conftest import ply, someone

#: beside its class, what a datum may be off on one body: its mean has to be within the class
LENIENCE = 1.6


def off(found, truth):
    """Return each datum's error in its class."""
    return {
        name: abs(found.measures[name].value - truth.data[name].value) / LIMITS[name]
        for name in NAMES
        if found.measures[name].value is not None
    }


def test_all_22_data_are_as_the_person_is(anna, bare_points):
    """Twenty of 22 within their class, none far beyond it, and the intervals hold them."""
    found = measured("anna.ply", ply(bare_points))
    errors = off(found, anna.truth)
    assert len(errors) == 22
    assert sum(error <= 1.0 for error in errors.values()) >= 20, errors
    assert max(errors.values()) < LENIENCE, errors
    held = [abs(m.value - anna.truth.data[k].value) <= m.half for k, m in found.measures.items()]
    assert sum(held) >= 20
    assert (found.unit, found.points_count) == ("m", 30_000)


@pytest.mark.parametrize(
    ("order", "scale", "unit", "up"),
    [((1, 2, 0), 0.1, "cm", "y"), ((2, 0, 1), 1.0, "mm", "x")],
)
def test_unit_axis_and_facing_are_found(anna, bare_points, order, scale, unit, up):
    """The same points in another unit, with another axis up, give the same person."""
    turned = np.zeros_like(bare_points)
    for to, came in enumerate(order):
        turned[:, to] = bare_points[:, came]
    found = measured("anna.ply", ply(turned, scale))
    assert (found.unit, found.up) == (unit, up)
    assert max(off(found, anna.truth).values()) < LENIENCE


def test_a_floor_and_strays_change_nothing(anna):
    """Floor points and half a percent of strays are left out."""
    points, truth = scan(anna, Fault(noise_mm=1.0, count=30_000, floor=True, outliers=0.005), 3)
    found = measured("anna.ply", ply(points))
    errors = off(found, truth)
    assert sum(error <= 1.0 for error in errors.values()) >= 20, errors


def test_arms_and_lean_are_corrected(anna):
    """Arms at 42 degrees and a lean of 5: the data are those of the standard pose."""
    points, truth = scan(anna, Fault(noise_mm=1.0, arms=(14.0, 14.0), lean_deg=5.0), 4)
    errors = off(measured("anna.ply", ply(points)), truth)
    assert sum(error <= 1.0 for error in errors.values()) >= 19, errors


def test_over_a_wide_hole_there_is_no_value(anna):
    """No bust where no bust was scanned, and the reason says how wide the hole is."""
    fault = Fault(noise_mm=1.0, holes=("bust",), hole_mm=80.0)
    found = measured("anna.ply", ply(scan(anna, fault, 6)[0]))
    bust = found.measures["bust_girth"]
    assert bust.value is None
    assert [flag.code for flag in bust.flags] == ["garment.datum_hole"]
    assert 90 < bust.flags[0].params["wide_mm"] < 260
    assert found.measures["calf_girth"].value is not None


def test_a_band_that_was_not_scanned_costs_its_girth_only(anna, bare_points):
    """No points for 15 cm about the waist: no waist girth, yet a calf and no second person."""
    waist_mm = anna.truth.levels_mm["waist"]
    left = bare_points[np.abs(bare_points[:, 2] - waist_mm) > 75.0]
    found = measured("anna.ply", ply(left))
    assert found.measures["waist_girth"].value is None
    assert abs(found.measures["calf_girth"].value - anna.truth.data["calf_girth"].value) < 4.0


def test_a_body_without_its_head_is_not_measured_silently(anna, bare_points):
    """Cut off above the shoulders: no likely body explains it, and every datum says so."""
    cut = anna.truth.levels_mm["axilla"] + 180.0
    found = measured("anna.ply", ply(bare_points[bare_points[:, 2] < cut]))
    assert all(measure.flags for measure in found.measures.values())


def test_an_arm_on_the_trunk_is_flagged(anna):
    """Hands on the hips: the girths they touch say so, others do not."""
    found = measured("anna.ply", ply(scan(anna, Fault(arms=(-29.0, -29.0)), 4)[0]))
    touched = {
        name
        for name, m in found.measures.items()
        if "garment.datum_touched" in [flag.code for flag in m.flags]
    }
    assert "hip_girth" in touched and "calf_girth" not in touched


def test_repeated_scans_agree(anna):
    """Scanned anew, turned anew: girths agree within 2 mm, lengths within 3 (one sd)."""
    again = [
        measured("a.ply", ply(scan(anna, Fault(noise_mm=1.0, count=26_000), seed)[0]))
        for seed in range(20, 24)
    ]
    for name in NAMES:
        spread = float(np.std([found.measures[name].value for found in again], ddof=1))
        assert spread < (2.0 if "girth" in name else 3.0), (name, spread)


def test_what_is_no_single_upright_person_is_refused(bare_points):
    """Two people, head down, a ball, a strange scale: each is named."""
    points = bare_points - [*np.median(bare_points[:, :2], axis=0), 0.0]
    ball = np.random.default_rng(1).normal(size=(30_000, 3))
    ball *= [[300, 200, 900]] / np.linalg.norm(ball, axis=1, keepdims=True)
    wrong = {
        "garment.scan_two_people": ply(np.concatenate([points, points + np.array([1300, 0, 0])])),
        "garment.scan_upside_down": ply(points * [1, -1, -1]),
        "garment.scan_not_body": ply(ball),
        "garment.scan_scale": ply(points, 0.01 / 2.54),
    }
    for code, content in wrong.items():
        with pytest.raises(InputFault) as refused:
            measured("scan.ply", content)
        assert refused.value.code == code


def test_loose_clothing_is_refused_or_flagged():
    """A coat is refused; a thick pullover is measured over, and every datum says so."""
    person = someone(8)
    with pytest.raises(InputFault) as refused:
        measured("coat.ply", ply(scan(person, Fault(clothing_mm=80.0), 3)[0]))
    assert refused.value.code == "garment.scan_loose_clothing"
    over = measured("pullover.ply", ply(scan(person, Fault(clothing_mm=20.0), 3)[0]))
    assert all(m.flags for m in over.measures.values())


def test_a_chair_and_a_cylinder_are_no_bodies_and_a_child_is_not_scaled(bare_points):
    """What is no person is "not a body", not "scale unclear"; a person of 1.1 m is the latter."""
    rng = np.random.default_rng(2)
    angle = rng.uniform(0.0, 2.0 * np.pi, 30_000)
    around = np.column_stack([np.cos(angle), np.sin(angle)])
    cylinder = np.column_stack([250.0 * around, rng.uniform(0.0, 1750.0, 30_000)])
    stool = rng.uniform([-220.0, -220.0, 0.0], [220.0, 220.0, 450.0], (30_000, 3))
    for points, code in (
        (cylinder, "garment.scan_not_body"),
        (stool, "garment.scan_not_body"),
        (bare_points * 0.6, "garment.scan_scale"),
    ):
        with pytest.raises(InputFault) as refused:
            measured("scan.ply", ply(points))
        assert refused.value.code == code


def test_a_chair_beside_the_person_changes_nothing(anna, bare_points):
    """As dense as half the body, and wider with it than tall: it is left out."""
    points = bare_points - [*np.median(bare_points[:, :2], axis=0), 0.0]
    seat = np.random.default_rng(3).uniform([1000, -220, 0], [1450, 220, 900], (9_000, 3))
    found = measured("scan.ply", ply(np.concatenate([points, seat])))
    assert found.up == "z"
    assert max(off(found, anna.truth).values()) < LENIENCE


def test_soles_nobody_saw_are_said_where_no_floor_tells(anna, bare_points):
    """Cut 15 mm above the ground and lifted: heights are flagged, girths are not."""
    lifted = bare_points[bare_points[:, 2] > 15.0] + [0.0, 0.0, 100.0]
    found = measured("scan.ply", ply(lifted))
    for name in ("stature", "inside_leg_height", "outside_leg_length_L"):
        assert "garment.datum_bridged" in [flag.code for flag in found.measures[name].flags]
    assert not found.measures["waist_girth"].flags


def test_a_thin_loose_shirt_is_told_by_its_folds():
    """A shirt that stands 8 mm off with folds is seen; the same person bare is not flagged."""
    person = someone(8)
    points, _ = scan(person, Fault(noise_mm=0.7), 3)
    bare = measured("bare.ply", ply(points))
    assert not any(
        flag.code == "garment.datum_dressed" for m in bare.measures.values() for flag in m.flags
    )
    shirt, _ = scan(person, Fault(noise_mm=0.7, shirt_mm=8.0), 3)
    over = measured("shirt.ply", ply(shirt))
    assert all("garment.datum_dressed" in [f.code for f in m.flags] for m in over.measures.values())
