"""A table of many people is read whole, or refused with the row and column of every fault in it."""

from decimal import Decimal

import pytest

from design.garment.people import PERSON, rows
from manufold.design.contract import InputFile
from manufold.design.garment.body import body
from manufold.design.garment.people import FAULTS_MOST, ROWS_MOST, people
from manufold.model.errors import InputFault
from manufold.words import LANGUAGES, word


def table(*lines: str) -> InputFile:
    """Return a table of those lines."""
    return InputFile("orders.csv", "\n".join(lines).encode())


def refused(file: InputFile, *beside: str) -> dict[str, str]:
    """Return by place the code of each fault, after each was worded in every language."""
    with pytest.raises(InputFault) as caught:
        people(file, beside)
    reasons = [caught.value.reason, *(fault.reason for fault in caught.value.faults)]
    for reason in reasons:
        for language in LANGUAGES:
            assert not word(reason, language).startswith(reason.code), reason
    return {
        f"{reason.params.get('row', '')}:{reason.params.get('column', '')}": reason.code
        for reason in reasons
    }


HEADER = "order;garment;sex;stature_cm;Chest (cm);waist_in;weight_lb"


def test_people_come_with_what_stands_beside_them():
    """Units are the header's, empty cells are empty, and the caller's columns are kept as text."""
    file = table(HEADER, "17;shirt;f;168;94;30,5;", "", "18;trousers;;180;;36;176")
    with pytest.raises(InputFault, match="table_girths_missing|table_cells_missing"):
        people(file, ("order", "garment"))
    file = table(HEADER, "17;shirt;f;168;94;30,5;", "", "18;trousers;m;180;;36;176")
    one, two = people(file, ("order", "garment"))
    assert (one.row, two.row) == (2, 4)
    assert two.beside == {"order": "18", "garment": "trousers"}
    assert one.told.values == {
        "stature_mm": 1680, "bust_girth_mm": 940, "waist_girth_mm": Decimal("774.7"),
    }  # fmt: skip
    assert (one.told.sex, two.told.sex) == ("female", "male")
    assert two.told.values["weight_kg"] == pytest.approx(Decimal("79.83"), abs=Decimal("0.01"))
    made = body(two.told, checked=False)
    assert made.completed["bust_girth_mm"] == pytest.approx(1010, abs=40)
    said = {reason.code: reason.params for reason in made.assumptions}
    assert said["garment.units_read"] == {"units": "cm, in, lb"}


def test_each_fault_is_told_with_row_and_column():
    """Words, holes, impossible numbers, other units and torn rows, all at once."""
    ours = "stature_mm,bust_girth_mm,waist_girth_mm,hip_girth_mm"
    file = table(
        ours,
        "1772,1017,889,1009",
        "1772,abc,889,1009",
        ",1017,889,1009",
        "1772,101.7,889,1009",
        "1772,1017,,",
        "1772,1017",
        "1772,1017,0,1e9",
        "1772,1017,889,7777",
    )
    assert refused(file) == {
        "3:bust_girth_mm": "garment.table_not_number",
        "4:stature_mm": "garment.table_cell_missing",
        "5:bust_girth_mm": "garment.table_cm",
        "6:waist_girth_mm": "garment.table_cells_missing",
        "7:": "garment.table_cells",
        "8:hip_girth_mm": "garment.table_no_length",
        "8:waist_girth_mm": "garment.table_not_positive",
        "9:hip_girth_mm": "garment.table_outside",
    }


def test_waist_40_cm_at_stature_180_cm():
    """The sentence of the purpose: typed in inches? It names the place and what was meant."""
    file = table("stature_cm,chest_cm,waist_cm", "180,102,90", "180,102,40")
    with pytest.raises(InputFault) as caught:
        people(file)
    assert word(caught.value.reason) == (
        "Row 3, column waist_cm: 40 cm is no such measure: inches? In cm write 101.6, if so."
    )


@pytest.mark.parametrize(
    ("header", "beside", "wanted"),
    [
        ("bust_girth_mm,waist_girth_mm", (), {":stature_mm": "garment.table_column_missing"}),
        ("stature_mm,bust_girth_mm", (), {":": "garment.table_girths_missing"}),
        ("stature_mm,sex,weight_kg", ("order",), {":order": "garment.table_column_missing"}),
        ("stature_mm,waist,hip_cm,bust_cm", (), {":": "garment.field_unknown"}),
        (
            "stature_mm,waist_cm,waist_girth_mm,bust_cm",
            (),
            {":waist_girth_mm": "garment.table_column_again"},
        ),
    ],
)
def test_columns_are_told_before_any_row(header, beside, wanted):
    """What no row can say is a fault of the header, told once."""
    cells = ",".join(["1"] * len(header.split(",")))
    assert refused(table(header, cells, cells), *beside) == wanted


def test_there_is_an_end_to_faults_and_to_people():
    """Fifty are told, the rest counted; an empty table and an endless one are refused."""
    ours = "stature_mm,bust_girth_mm,waist_girth_mm"
    bad = table(ours, *["1772,x,889"] * 70)
    with pytest.raises(InputFault) as caught:
        people(bad)
    assert len(caught.value.faults) == FAULTS_MOST - 1
    assert caught.value.faults[-1].reason.params == {"more": 21}
    assert refused(table(ours)) == {":": "garment.table_rows"}
    assert refused(table(ours, *["1772,1017,889"] * (ROWS_MOST + 1))) == {":": "garment.table_rows"}
    assert refused(InputFile("a.json", b"{}")) == {":": "garment.table_json"}


def test_a_table_is_the_same_people_one_by_one():
    """Rows read together are the files read alone; a table of ANSUR II is read as well."""
    lines = [",".join(PERSON), *(",".join(str(v + k) for v in PERSON.values()) for k in range(5))]
    together = people(table(*lines))
    assert [one.told.values["stature_mm"] for one in together] == [1772 + k for k in range(5)]


def test_the_survey_is_read(test_data):
    """Two thousand women in one table, none refused."""
    everybody = rows(test_data)
    header = everybody[-1][0]
    women = [row for head, row in everybody if head == header][:300]
    found = people(InputFile("women.csv", "\n".join([header, *women]).encode("latin-1")))
    assert len(found) == 300
    assert {one.told.kind for one in found} == {"ansur"}
