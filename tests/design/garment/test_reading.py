"""Every way a person is told to us says the same person; what is no person is not ours."""

import random

import pytest

from design.garment.people import LEAST, PERSON, as_csv, as_json
from manufold.design.contract import InputFile, chosen, filled, verticals
from manufold.design.garment.body import Body, body
from manufold.design.garment.reading import told
from manufold.design.garment.vertical import vertical


def who(file: InputFile) -> Body:
    """Return the person of a file."""
    return body(told(file), checked=False)


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "latin-1"])
def test_a_table_says_what_json_says(separator, encoding):
    """One row of our names is the same person, whatever separates and encodes it."""
    file = as_csv(PERSON | {"note": "café"}, separator, encoding)
    assert who(file) == who(as_json(PERSON))
    assert (told(file).kind, told(as_json(PERSON)).kind) == ("csv", "json")


def test_the_order_of_columns_tells_nothing():
    """Fifty shuffled tables are one person; so are shuffled objects."""
    wanted = who(filled("garment", PERSON))
    chance = random.Random(7)
    for _ in range(50):
        shuffled = dict(chance.sample(list(PERSON.items()), len(PERSON)))
        assert who(as_csv(shuffled)) == wanted
        assert who(as_json(shuffled)) == wanted


def test_what_stands_beside_the_measures_is_left_alone():
    """Metadata change nothing that is made; decimals are rounded to what a tape can tell."""
    plain = who(as_json(LEAST))
    assert who(as_json(LEAST, note="after lunch", meta={"scanner": ["x", {"y": 1}]})) == plain
    fine = who(as_json(LEAST | {"stature_mm": 1772.4}))
    assert fine == plain


def test_files_are_known_by_content():
    """Ours are accepted under any name, everything else under no name."""
    for file in (as_json(PERSON), as_csv(PERSON), filled("garment", LEAST)):
        for name in (file.name, "x", "part.step"):
            assert vertical.accepts([InputFile(name, file.content)]) >= 0.9, name
    for content in (
        b"", b" ", b"\n\n", b"{", b"[1]", b"{}", b"\xff" * 64, b"solid x\nfacet", b"a,b\n1,2\n",
        b"ISO-10303-21;\nHEADER;", b"PK\x03\x04" + bytes(50), b'{"type":"part"}', bytes(100),
    ):  # fmt: skip
        assert vertical.accepts([InputFile("me.json", content)]) == 0, content
    assert chosen(verticals(), [as_json(PERSON)]) is verticals()["garment"]


def test_a_damaged_file_of_ours_is_ours_to_refuse():
    """Half of our JSON is still accepted, so that its sender reads what is wrong with it."""
    whole = as_json(PERSON)
    for share in (0.2, 0.5, 0.9):
        cut = InputFile("me.json", whole.content[: int(len(whole.content) * share)])
        assert vertical.accepts([cut]) > 0, share
