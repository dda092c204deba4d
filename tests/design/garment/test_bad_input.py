"""Bad files and impossible people: each is refused by name, with field, value and remedy."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from design.garment.people import LEAST, PERSON, as_csv, as_json, design
from manufold.design.contract import InputFile
from manufold.design.garment.body import Body, body
from manufold.design.garment.reading import FILE_BYTES_MAX, told
from manufold.design.garment.vertical import vertical
from manufold.model.errors import InputFault, ManufoldError
from manufold.words import LANGUAGES, word
from manufold.workers.inline import InlineExecutor


def refused(file: InputFile, **parameters: Any) -> InputFault:
    """Return the refusal of a file, worded in every language."""
    with pytest.raises(InputFault) as caught:
        design(file, **parameters)
    for language in LANGUAGES:
        for reason in (caught.value.reason, *(f.reason for f in caught.value.faults)):
            assert not word(reason, language).startswith(reason.code), reason
    return caught.value


def who(file: InputFile, *, checked: bool = False) -> Body:
    """Return the person of a file."""
    return body(told(file), checked=checked)


def raw(text: str | bytes, name: str = "me.json") -> InputFile:
    """Return a file of that text."""
    return InputFile(name, text if isinstance(text, bytes) else text.encode())


BAD_FILES = {
    "": "garment.file_empty",
    " \n\t ": "garment.file_empty",
    "\ufeff": "garment.file_empty",
    '""': "garment.file_empty",
    "hello": "garment.file_not_measures",
    "a,b\n1,2": "garment.file_not_measures",
    "{": "garment.json_malformed",
    '{"stature_mm": 1772': "garment.json_malformed",
    '{"stature_mm": 17 72}': "garment.json_malformed",
    '{"stature_mm": ' + "9" * 5000 + "}": "garment.json_malformed",
    '{"stature_mm": 1e99999999999999999999}': "garment.json_malformed",
    "[" * 100_000: "garment.json_too_deep",
    '{"note": ' * 50_000: "garment.json_too_deep",
    "[1772]": "garment.json_not_object",
    '{"type": "part"}': "garment.json_type",
    '{"type": null}': "garment.json_type",
    '{"version": 2}': "garment.json_version",
    '{"version": true}': "garment.json_version",
    '{"waist_girth_mm": 1, "waist_girth_mm": 2}': "garment.json_key_twice",
    '{"waist_girth_mm": NaN}': "garment.json_not_finite",
    '{"waist_girth_mm": -Infinity}': "garment.json_not_finite",
    '{"waist_girth_mm": "889"}': "garment.field_not_number",
    '{"waist_girth_mm": true}': "garment.field_not_number",
    '{"waist_girth_mm": null}': "garment.field_not_number",
    '{"waist_girth_mm": [889]}': "garment.field_not_number",
    '{"waist_girth_mm": {"mm": 889}}': "garment.field_not_number",
    '{"waist_girth_mm": 1e30}': "garment.field_no_length",
    '{"waistt_mm": 889}': "garment.field_unknown",
    '{"Waist_Girth": 889}': "garment.field_unknown",
    '{"waist_mm": 889}': "garment.measure_missing",
    '{"zzz": 889}': "garment.field_unheard_of",
    "stature_mm,waist_girth_mm": "garment.csv_rows",
    "stature_mm,waist_girth_mm\n1,2\n3,4\n5,6": "garment.csv_rows",
    "stature_mm,waist_girth_mm\n1,2,3": "garment.csv_cells",
    "stature_mm,stature_mm\n1,2": "garment.csv_column_twice",
    'stature_mm,waist_girth_mm\n"1,2': "garment.csv_malformed",
    "stature_mm,waist_girth_mm\n1,x": "garment.field_not_number",
    "stature_mm,waist_girth_mm\n1,nan": "garment.field_no_length",
    "stature_mm,waist_girth_mm\n1,inf": "garment.field_no_length",
    "stature_mm,waist_girth_mm\n1,1e999999": "garment.field_no_length",
    "stature_mm,waist_girth\n1,2": "garment.field_unknown",
}


@pytest.mark.parametrize(("text", "code"), BAD_FILES.items(), ids=lambda text: text[:30])
def test_bad_files(text, code):
    """Each kind of bad file has a refusal of its own, which does not repeat the file."""
    fault = refused(raw(text))
    assert fault.code == code
    assert all(len(str(value)) < 1200 for value in fault.params.values())


def test_files_that_are_no_text():
    """Pictures, UTF-16 and files of a hundred thousand people are refused at once."""
    assert refused(raw(b"\x89PNG\r\n\x1a\n" + bytes(80))).code == "garment.file_encoding"
    assert refused(raw(json.dumps(LEAST).encode("utf-16"))).code == "garment.file_encoding"
    assert refused(raw(b"\x80\x81\x01\x02")).code == "garment.file_encoding"
    assert refused(raw(b" " * (FILE_BYTES_MAX + 1))).code == "garment.file_too_large"


def test_more_people_than_one():
    """A whole table is refused with how many people it holds."""
    lines = [",".join(PERSON)] + [",".join(map(str, PERSON.values()))] * 12
    fault = refused(raw("\n".join(lines), "all.csv"))
    assert (fault.code, fault.params["rows"]) == ("garment.csv_rows", 12)
    with pytest.raises(InputFault, match="garment.one_file"):
        vertical.design([as_json(PERSON), as_json(PERSON)], {}, InlineExecutor())


def test_nearest_name():
    """A misspelt measure is refused with the one that was meant."""
    for said, meant in {
        "waistt_mm": "waist_girth_mm", "bust_girt_mm": "bust_girth_mm", "statur_mm": "stature_mm",
        "arm_length_mm": "arm_length_left_mm", "hip_girth": "hip_girth_mm",
    }.items():  # fmt: skip
        fault = refused(as_json(LEAST | {said: 800}))
        assert fault.code == "garment.field_unknown", said
        assert fault.params["nearest"] == meant, said


WRONG = {
    ("waist_girth_mm", 0): ("garment.measure_not_positive", {}),
    ("waist_girth_mm", -889): ("garment.measure_not_positive", {}),
    ("waist_girth_mm", 40): ("garment.unit_inches", {"meant": "1016"}),
    ("waist_girth_mm", 88.9): ("garment.unit_cm", {"meant": "889"}),
    ("stature_mm", 180): ("garment.unit_cm", {"meant": "1800"}),
    ("stature_mm", 71): ("garment.unit_inches", {"meant": "1803"}),
    ("stature_mm", 1.8): ("garment.unit_metres", {"meant": "1800"}),
    ("stature_mm", 5.9): ("garment.unit_feet", {"meant": "1798"}),
    ("waist_girth_mm", 400): ("garment.unit_inches", {"meant": "1016"}),
    ("bust_girth_mm", 508): ("garment.measured_flat", {"meant": "1016"}),
    ("hip_girth_mm", 10099): ("garment.digit_twice", {"meant": "1009"}),
    ("wrist_girth_mm", 935): ("garment.measure_outside", {"least": "105", "most": "248"}),
    ("stature_mm", 2800): ("garment.measure_outside", {"least": "1198", "most": "2292"}),
    ("neck_girth_mm", 15.5): ("garment.unit_inches", {"meant": "394"}),
    ("neck_girth_mm", 39): ("garment.unit_cm", {"meant": "390"}),
    ("neck_girth_mm", 1017): ("garment.measure_outside", {}),
    ("bust_girth_mm", 101): ("garment.unit_cm", {"meant": "1010"}),
    ("wrist_girth_mm", 7): ("garment.unit_inches", {"meant": "178"}),
    ("shoulder_slope_left_deg", 90): ("garment.measure_outside", {}),
}


@pytest.mark.parametrize(("said", "wanted"), WRONG.items(), ids=str)
def test_impossible_measures(said, wanted):
    """A number that cannot be is named with its value; one in another unit is asked about."""
    (field, value), (code, params) = said, wanted
    fault = refused(as_json(LEAST | {field: value}))
    assert (fault.code, fault.params["field"]) == (code, field)
    assert fault.params["value"] == f"{value:g}"
    assert params.items() <= fault.params.items()


def test_waist_40_at_stature_180():
    """The question of the brief: both are asked about at once, and nothing is converted."""
    fault = refused(as_json(LEAST | {"stature_mm": 180, "waist_girth_mm": 40}))
    asked = {f.reason.params["field"]: f.reason.code for f in fault.faults}
    asked[str(fault.params["field"])] = fault.code
    assert asked == {"stature_mm": "garment.unit_cm", "waist_girth_mm": "garment.unit_inches"}
    assert "inches?" in word(fault.faults[0].reason)


def test_missing_measures():
    """All that is missing is named at once, and what can be worked out is not missed."""
    fault = refused(as_json({"hip_girth_mm": 1009}))
    codes = [fault.code, *(f.reason.code for f in fault.faults)]
    assert codes == ["garment.measure_missing", "garment.girths_missing"]
    assert fault.faults[0].where == "bust_girth_mm"
    for least in (LEAST, {"stature_mm": 1772, "bust_girth_mm": 1017, "hip_girth_mm": 1009}):
        assert {f.severity for f in who(as_json(least)).findings} <= {"warns"}


UNUSUAL = [
    {"waist_girth_mm": 1480},
    {"bust_girth_mm": 1500},
    {"bust_girth_mm": 700, "waist_girth_mm": 1100},
    {"neck_girth_mm": 560},
    {"hip_girth_mm": 700},
    {"wrist_girth_mm": 240},
    {"arm_length_left_mm": 400},
]


@pytest.mark.parametrize("unusual", UNUSUAL, ids=str)
def test_measures_that_do_not_go_together(unusual):
    """They are asked about, and the sender's word that he checked them counts."""
    asked = who(as_json(PERSON | unusual))
    question = next(f for f in asked.findings if f.severity == "asks")
    assert question.reason.code.startswith("garment.unusual_")
    assert str(question.reason.params["measure"]) in unusual
    for language in LANGUAGES:
        assert not word(question.reason, language).startswith("garment.")
    said = who(as_json(PERSON | unusual), checked=True)
    assert {f.severity for f in said.findings} <= {"warns", "informs"}


def test_no_plan_while_a_question_is_open():
    """An arm 200 mm short is asked about; checked, it is made."""
    unusual = as_json(PERSON | {"arm_length_left_mm": 400})
    asked = design(unusual)
    assert asked.blocked
    assert vertical.plans(asked, 1) == ()
    assert len(vertical.plans(design(unusual, measures="checked"), 1)) == 1


def test_the_likeliest_slip_is_named():
    """Hip and waist in each other's field: exchanged? A value typed in another way: what it was."""
    found = who(as_json(PERSON | {"hip_girth_mm": 840, "waist_girth_mm": 1009})).findings
    assert [f.reason.code for f in found] == ["garment.unusual_exchanged"]
    assert {found[0].reason.params[k] for k in ("measure", "other")} == {
        "hip_girth_mm", "waist_girth_mm",
    }  # fmt: skip
    (turned,) = who(as_json(PERSON | {"back_waist_length_mm": 649})).findings
    assert turned.reason.code == "garment.unusual_turned"
    assert turned.reason.params["meant"] == "469 mm"
    assert "469 mm" in word(turned.reason)


def test_a_girth_that_is_hardly_known_is_asked_for():
    """Sex, stature and weight make a body, and the chest should be taken; with the chest, not."""
    least = {"sex": "female", "stature_mm": 1680, "weight_kg": 64}
    made = who(as_json(least))
    assert made.sex == "female" and made.weight_kg == 64
    assert len(made.completed) == 22 - 1
    warned = {f.reason.params["measure"] for f in made.findings if f.severity == "warns"}
    assert {"bust_girth_mm", "waist_girth_mm"} <= warned
    for name in warned:
        one = made.interval(str(name))
        assert one.low < made[str(name)] < one.high
    girths = {"bust_girth_mm": 900, "waist_girth_mm": 740, "neck_girth_mm": 335}
    assert who(as_json(least | girths)).findings == ()
    assert refused(as_json(least | {"sex": "maybe"})).code == "garment.sex_unknown"
    assert refused(as_json(least | {"weight_kg": 640})).code == "garment.measure_outside"


def test_uneven_sides():
    """Arms and shoulders that differ more than a tape errs are said; a hair's breadth is not."""
    sides = {"arm_length_right_mm": 631, "shoulder_slope_left_deg": 18}
    found = who(as_json(PERSON | sides | {"shoulder_slope_right_deg": 24})).findings
    assert [(f.severity, f.reason.code) for f in found] == [
        ("informs", "garment.arms_uneven"),
        ("warns", "garment.shoulders_uneven"),
    ]
    assert who(as_json(PERSON)).findings == ()


def test_bad_choices():
    """Parameters and choices that do not exist are refused with those that do."""
    for parameters, code in (
        ({"colour": "red"}, "garment.parameter_unknown"),
        ({"material": "al-6061"}, "garment.choice_unknown"),
        ({"fit": 3}, "garment.choice_unknown"),
        ({"cuff": True}, "garment.choice_unknown"),
        ({"measures": "perhaps"}, "garment.choice_unknown"),
    ):
        fault = refused(as_json(PERSON), **parameters)
        assert fault.code == code
        assert fault.params["known"]
    with pytest.raises(InputFault, match="garment.quantity"):
        vertical.plans(design(as_json(PERSON)), 0)


NUMBERS = st.one_of(
    st.integers(-(10**9), 10**9), st.floats(allow_nan=False, allow_infinity=False), st.booleans(),
    st.none(), st.text(max_size=8), st.lists(st.integers(), max_size=2),
)  # fmt: skip


@settings(max_examples=300)
@given(st.dictionaries(st.sampled_from([*PERSON, "note", "zz", "waist"]), NUMBERS, max_size=8))
def test_any_object_ends_in_a_person_or_a_refusal(values):
    """Whatever stands in a JSON, the answer is a whole person or a worded refusal."""
    ends_well(as_json(LEAST | values))


@settings(max_examples=300)
@given(st.binary(max_size=200), st.integers(0, 400), st.integers(0, 40))
def test_any_damage_ends_in_a_person_or_a_refusal(junk, at, cut):
    """Bytes overwritten and cut anywhere, in both kinds of file, raise nothing but refusals."""
    for file in (as_json(PERSON), as_csv(PERSON)):
        content = file.content[:at] + junk + file.content[at + cut :]
        ends_well(InputFile(file.name, content))


def ends_well(file: InputFile) -> None:
    """Assert that a file leads to a whole person, asked about or not, or to a worded refusal."""
    assert 0 <= vertical.accepts([file]) <= 1
    refusal, findings, known = None, (), 22
    try:
        made = who(file)
        findings, known = made.findings, len({**made.given, **made.completed})
    except ManufoldError as fault:
        refusal = fault.reason
    assert known == 22
    for reason in (*([refusal] if refusal else []), *(one.reason for one in findings)):
        assert not word(reason).startswith((reason.code, "(")), reason
