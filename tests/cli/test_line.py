"""`manufold line` plans a line from two files, keeps its contract and names what is wrong."""

import csv

import pytest

LINE = """
zone = "Europe/Berlin"
loop_s = 60
hand_s = 5
walk_s = 4
orders_most = 6
extra_permille = [216, 108, 54]

[[shift]]
start = "07:30"
end = "16:00"
breaks = [["12:00", "12:30"]]

[[station]]
name = "saw 1"
machine = "saw"
at_s = 0
places = 4

[[station]]
name = "press 1"
machine = "press"
at_s = 20
places = 4
attachments = ["jig"]

[[operator]]
name = "Ann"
pace_permille = { saw = 1000, press = 800 }
away = ["2026-12-01"]

[[operator]]
name = "Ben"
pace_permille = { press = 1100, saw = 700 }

[[style]]
name = "red"
[[style.step]]
name = "saw"
machine = "saw"
minutes = 1.5
variant = "red"
[[style.step]]
name = "press"
machine = "press"
minutes = 2
attachment = "jig"
after = ["saw"]

[[style]]
name = "blue"
[[style.step]]
name = "saw"
machine = "saw"
minutes = 1.25
variant = "blue"
[[style.step]]
name = "press"
machine = "press"
minutes = 2
attachment = "jig"
after = ["saw"]
"""
HEAD = "order,style,release,due,weight\n"
ORDERS = HEAD + "".join(
    f"A{at},{'red' if at % 3 else 'blue'},2026-11-30T07:30:00+01:00,"
    f"2026-11-30T{8 + at // 12:02}:{at % 12 * 5:02}:00+01:00,1\n"
    for at in range(40)
)


@pytest.fixture
def files(tmp_path):
    """Write the line and the orders."""
    places = tmp_path / "line.toml", tmp_path / "orders.csv"
    places[0].write_text(LINE)
    places[1].write_text(ORDERS)
    return places


def test_a_line_is_planned_and_its_lists_are_written(bare, files, tmp_path):
    """The answer keeps its contract and agrees with the lists, which hold every step once."""
    out = tmp_path / "lists.csv"
    asked = ("line", files[0], "--orders", files[1], "--out", out, "--plans", 60)
    told = bare.json("line_answer", *asked)
    assert told["orders"] == 40
    assert told["lots"] is None
    assert told["plans"] == 60
    assert told["inside_most"] <= told["orders_most"] <= 6
    assert sorted(row["enters"] for row in told["released"]) == [
        row["enters"] for row in told["released"]
    ]
    assert told["late"] == sum(row["finishes"] > row["due"] for row in told["released"])
    with out.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 80
    assert {(row["order"], row["step"]) for row in rows} == {
        (f"A{at}", step) for at in range(40) for step in ("saw", "press")
    }
    ends = {row["order"]: row["end"] for row in rows if row["step"] == "press"}
    assert ends == {row["order"]: row["finishes"] for row in told["released"]}
    again = bare.json("line_answer", *asked)
    assert again | {"seconds": 0} == told | {"seconds": 0}


def test_lots_tell_what_one_piece_costs(bare, files, tmp_path):
    """Asked for lots of ten, the answer says what they would come to: longer, and less work."""
    out = tmp_path / "lists.csv"
    asked = ("line", files[0], "--orders", files[1], "--out", out, "--plans", 20, "--lots", 10)
    told = bare.json("line_answer", *asked)
    assert told["lots"]["lead_s"] > told["lead_s"]
    assert told["lots"]["change_s"] < told["change_s"]
    assert "In lots an order would take" in bare.words(*asked).out


def test_a_person_reads_the_lists_in_both_languages(bare, files, tmp_path):
    """Release list, stations and figures are told in words."""
    asked = ("line", files[0], "--orders", files[1], "--out", tmp_path / "lists.csv", "--plans", 3)
    said = bare.words(*asked).out
    assert "40 orders" in said
    assert "A0 (blue) enters" in said
    assert "saw 1: " in said
    assert "min before it is due" in said
    assert "进线" in bare.words(*asked, "--language", "zh").out


WRONG = [
    ("line.file_malformed", "zone = ", ORDERS),
    ("line.file_missing", LINE.replace("loop_s = 60", ""), ORDERS),
    ("line.file_value", LINE.replace("minutes = 1.5", 'minutes = "long"'), ORDERS),
    ("line.file_value", LINE.replace("places = 4", "places = -1"), ORDERS),
    ("line.file_value", LINE.replace('[["12:00", "12:30"]]', '["12:00"]'), ORDERS),
    ("line.file_value", LINE.replace('[["12:00", "12:30"]]', "5"), ORDERS),
    ("line.file_value", LINE.replace("[216, 108, 54]", "216"), ORDERS),
    ("line.file_value", LINE.replace("minutes = 1.5", "minutes = nan"), ORDERS),
    ("line.file_value", LINE.replace("pace_permille = { saw = 1000, press = 800 }", ""), ORDERS),
    ("calendar.zone_unknown", LINE.replace("Europe/Berlin", "Mars"), ORDERS),
    ("calendar.date_malformed", LINE.replace("2026-12-01", "tomorrow"), ORDERS),
    (
        "line.steps_count",
        LINE + '[[style]]\nname = "bare"\n',
        ORDERS + ORDERS[len(HEAD) :].replace("A", "B").replace("red", "bare"),
    ),
    ("line.days_many", LINE, HEAD + "A,red,2026-11-30T07:30:00Z,2626-11-30T08:30:00Z,1\n"),
    ("line.twice", LINE.replace('name = "blue"', 'name = "red"'), ORDERS),
    ("line.step_order", LINE.replace('after = ["saw"]', 'after = ["dye"]'), ORDERS),
    ("line.beyond_loop", LINE.replace("at_s = 20", "at_s = 90"), ORDERS),
    ("line.no_station", LINE.replace('attachments = ["jig"]', ""), ORDERS),
    ("line.table_columns", LINE, "order,style,release\nA,red,2026-11-30T07:30:00+01:00\n"),
    ("line.table_columns", LINE, HEAD),
    ("line.row_style", LINE, HEAD + "A,green,2026-11-30T07:30:00Z,2026-11-30T08:30:00Z,1\n"),
    ("line.row_value", LINE, HEAD + "A,red,Monday,2026-11-30T08:30:00Z,1\n"),
    ("line.row_value", LINE, HEAD + "A,red,2026-11-30T07:30:00Z,2026-11-30T08:30:00Z,-1\n"),
    ("line.row_value", LINE, HEAD + ",red,2026-11-30T07:30:00Z,2026-11-30T08:30:00Z,1\n"),
    ("line.twice", LINE, HEAD + 2 * "A,red,2026-11-30T07:30:00Z,2026-11-30T08:30:00Z,1\n"),
]


@pytest.mark.parametrize(("code", "line", "orders"), WRONG, ids=[str(n) for n in range(len(WRONG))])
def test_what_is_wrong_is_named(bare, tmp_path, code, line, orders):
    """A fault of either file is refused by its code, and no list is written."""
    places = tmp_path / "line.toml", tmp_path / "orders.csv", tmp_path / "lists.csv"
    places[0].write_text(line)
    places[1].write_text(orders)
    asked = ("line", places[0], "--orders", places[1], "--out", places[2], "--plans", 2)
    exit_code = 3 if code == "line.no_station" else 2
    assert bare.refusal(exit_code, *asked)["code"] == code
    assert not places[2].exists()


def test_options_outside_are_refused(bare, files, tmp_path):
    """No time at all, and a place that is the file itself, are refused."""
    asked = ("line", files[0], "--orders", files[1])
    told = bare.refusal(2, *asked, "--out", tmp_path / "lists.csv", "--seconds", 0)
    assert told["code"] == "line.option_outside"
    assert bare.refusal(2, *asked, "--out", files[1])["code"] == "file.out_unwritable"
