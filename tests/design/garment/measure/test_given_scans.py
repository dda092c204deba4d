"""The given scans and bodies of another model are measured as published, within generous limits."""

import json

import pytest

from manufold.design.garment.measure import LIMITS, NAMES, measured


@pytest.mark.parametrize("name", ["scan_01", "scan_02", "scan_03"])
def test_a_given_scan_is_measured_as_published(test_data, name):
    """Every datum within one and a half classes of the truth or flagged, twenty within one."""
    home = test_data / "garment" / "scans"
    told = json.loads((home / "ground_truth.json").read_text())[name]
    found = measured(told["file"], (home / told["file"]).read_bytes())
    off = {
        key: abs(found.measures[key].value - told["measures"][key]) / LIMITS[key]
        for key in NAMES
        if found.measures[key].value is not None
    }
    assert sum(error <= 1.0 for error in off.values()) >= 20, off
    assert max(off.values()) <= 1.5, off
    assert (found.unit, found.up) == (told["unit"], told["up_axis"].lower())


@pytest.mark.parametrize("name", ["mean_all", "mean_female", "mean_male"])
def test_a_body_of_another_model_is_measured_as_published(test_data, name):
    """Bust, hip and smallest waist within 9 mm, height within 4."""
    home = test_data / "garment" / "bodies_independent"
    told = json.loads((home / "published_measures.json").read_text())[name]
    said = {key: 10 * value for key, value in told["published_measures_cm"].items()}
    found = measured(told["file"], (home / told["file"]).read_bytes())
    assert found.measures["bust_girth"].value == pytest.approx(said["bust"], abs=9.0)
    assert found.measures["hip_girth"].value == pytest.approx(said["hips"], abs=9.0)
    assert found.others_mm["waist_girth_min"] == pytest.approx(said["waist"], abs=9.0)
    assert found.measures["stature"].value == pytest.approx(said["height"], abs=4.0)
