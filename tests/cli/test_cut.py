"""`manufold cut` plans a day of cutting, keeps its contract and names what is wrong."""

import json

import ezdxf
import pytest
from tests.contracts.schemas import faults

from manufold.design.garment.marker.overlaps import faults as wrongly_laid
from manufold.design.garment.marker.strip import Layout, Placement
from manufold.design.garment.marker.strip_file import read_strip

MEASURES = "stature_mm,neck_girth_mm,bust_girth_mm,waist_girth_mm"
ORDERS = f"""order,garment,cloth,due,choose,suit,shade,{MEASURES}
A1,shirt,white,09:30,fit=slim,,,1781,392,1004,861
A2,shirt,white,11:00,,,,1702,371,958,842
A3,trousers,grey,12:00,,K,g1,1702,371,958,842
A4,trousers,grey,12:00,,K,,1781,392,1004,861
A5,trousers,grey,12:00,,,,1690,360,940,830
"""
ROLLS = """roll,cloth,width_mm,length_mm,shade,flaws
W,white,1450,9000,w,1000-1100
G1,grey,1450,9000,g1,
G2,grey,1450,9000,g2,
"""


@pytest.fixture
def tables(tmp_path):
    """Write both tables."""
    places = tmp_path / "orders.csv", tmp_path / "rolls.csv"
    places[0].write_text(ORDERS)
    places[1].write_text(ROLLS)
    return places


def test_a_day_is_planned_drawn_and_written(bare, tables, tmp_path):
    """Answer, folder and plan keep the contract; each layout passes the judge; DXF holds all."""
    out = tmp_path / "out"
    told = bare.json(
        "cut_answer", "cut", tables[0], "--rolls", tables[1], "--out", out, "--seconds", 4,
        "--workers", 2,
    )  # fmt: skip
    assert faults("cut_answer", json.loads((out / "plan.json").read_text())) == []
    assert sorted(one for marker in told["markers"] for one in marker["rows"]) == [
        "A1", "A2", "A3", "A4", "A5",
    ]  # fmt: skip
    suit = next(marker for marker in told["markers"] if "K" in marker["orders"])
    assert suit["shade"] == "g1" and {"A3", "A4"} <= set(suit["rows"])
    white = [marker for marker in told["markers"] if marker["cloth"] == "white"]
    assert all(marker["from_mm"] >= 1100 or marker["to_mm"] <= 1000 for marker in white)
    assert told["late"] == told["left_out"] == []
    assert not told["alone_laid"] and told["length_mm"] < told["alone_mm"] * 1.05
    for marker in told["markers"]:
        dxf, svg, layout = (out / name for name in marker["files"])
        drawn = json.loads(layout.read_text())
        strip = read_strip(json.dumps(drawn["strip"]).encode())
        lying = [Placement(**one) for one in drawn["layout"]["placements"]]
        assert wrongly_laid(strip, Layout(marker["laid_mm"] + 0.1, tuple(lying))) == []
        lines = ezdxf.readfile(dxf).modelspace().query("POLYLINE[layer=='1']")
        assert len(lines) == len(lying)
        reached = max(point[0] for line in lines for point in line.points())
        assert reached == pytest.approx(marker["laid_mm"], abs=2.5)  # hollows are filled
        assert svg.read_text().count('class="cut"') == len(lying)
    again = bare.words("cut", tables[0], "--rolls", tables[1], "--out", tmp_path)
    assert again.code == 2 and "cut.out_taken" not in again.err and "other files" in again.err


SPOILS = {
    "cut.column_missing": (ORDERS.replace("due", "ready", 1), ROLLS),
    "cut.column_unknown": (ORDERS.replace("choose", "colour", 1), ROLLS),
    "cut.value": (ORDERS.replace("09:30", "half past nine"), ROLLS),
    "cut.twice": (ORDERS.replace("A2,", "A1,"), ROLLS),
    "cut.times_mixed": (ORDERS.replace("09:30", "2026-11-24 09:30"), ROLLS),
    "cut.table_row": (ORDERS.replace("1781,392,1004,861", "1781,392,1004"), ROLLS),
    "cut.table_empty": (ORDERS.splitlines()[0], ROLLS),
    "cut.suit_parted": (ORDERS.replace("A4,trousers,grey", "A4,trousers,white"), ROLLS),
    "cut.rows": (ORDERS.replace("A2,shirt,white", "A2,shirt,pink"), ROLLS),
    "cut.value ": (ORDERS, ROLLS.replace("1000-1100", "1100-1000")),
}


@pytest.mark.parametrize("code", SPOILS)
def test_a_spoilt_table_is_refused_by_its_place(bare, tables, tmp_path, code):
    """Each fault has its code and names the row or the column; nothing is laid."""
    for place, text in zip(tables, SPOILS[code], strict=True):
        place.write_text(text)
    found = bare.refusal(2, "cut", tables[0], "--rolls", tables[1], "--out", tmp_path / "out")
    assert found["code"] == code.strip()
    if code == "cut.rows":
        assert [one["where"] for one in found["faults"]] == ["row 3, A2"]
        assert found["faults"][0]["code"] == "cut.no_roll"
