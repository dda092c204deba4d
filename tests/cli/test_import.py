"""`manufold network import`: from a log to a network file that can be put to work."""

from pathlib import Path

import pytest

from manufold.connect.network_file import check_network

ROWS = [
    f"o{day}-{hour},mill,M1,2026-03-{2 + day:02} {hour:02}:00,2026-03-{2 + day:02} {hour:02}:50,p7"
    for day in range(12)
    for hour in (7, 8, 9)
]


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """A log of a mill, one of its rows bad."""
    file = tmp_path / "log.csv"
    bad = "x,mill,M1,never,2026-03-02 08:00,p7"
    file.write_text(
        "\n".join(["order,step,machine,start,end,worker", *ROWS, bad]), encoding="utf-8"
    )
    return file


def test_a_log_becomes_a_network_in_use(bare, log, tmp_path):
    """The answer counts every row, the file has no fault, and a home can be made of it."""
    out = tmp_path / "plant.toml"
    arguments = ("network", "import", log, "--out", out, "--zone", "Europe/Berlin")
    answer = bare.json("network_import_answer", *arguments, "--name", "Mühle", "--country", "DE")
    assert (answer["rows"], answer["used"], answer["orders"]) == (37, 36, 36)
    (left,) = answer["left_out"]
    assert (left["rows"], left["where"], left["code"]) == (1, "38", "log.time_malformed")
    assert {"log.shifts_mined", "log.money_unknown"} <= {a["code"] for a in answer["assumptions"]}
    assert check_network(out) == ()
    assert all(f"# {a['text']}" in out.read_text("utf-8") for a in answer["assumptions"])
    used = bare.json("network_use_answer", "network", "use", out)
    assert used["network"] == "Mühle"
    refused = bare.refusal(2, *arguments)
    assert refused["code"] == "log.out_exists"


def test_people_read_it_in_their_language(bare, log, tmp_path):
    """Without --json the assumptions and what was left out are told in words."""
    out = tmp_path / "plant.toml"
    arguments = ["network", "import", log, "--out", out, "--zone", "Asia/Shanghai"]
    told = bare.words(*arguments, "--language", "zh")
    assert told.code == 0
    assert "36 orders" in told.out
    assert "班次" in told.err and "log." not in told.err
    assert out.read_text("utf-8").startswith("# ")


@pytest.mark.parametrize(
    ("more", "code"),
    [
        (("--zone", "Nowhere"), "calendar.zone_unknown"),
        (("--zone", "UTC", "--alternatives", "all"), "log.alternatives_unknown"),
        (("--zone", "UTC", "--column", "case"), "log.option_wrong"),
        (("--zone", "UTC", "--column", "case=nr"), "log.column_unknown"),
        (("--zone", "UTC", "--country", "Germany"), "log.option_wrong"),
        (("--zone", "UTC", "--name", ""), "log.option_wrong"),
        (("--zone", "UTC", "--currency", "XXX"), "units.currency_unknown"),
        (("--zone", "UTC", "--date-order", "x"), "log.date_order_unknown"),
        (("--zone", "UTC", "--encoding", "x"), "log.encoding_unknown"),
        ((), "cli.usage"),
    ],
)
def test_what_is_wrong_is_refused_and_nothing_written(bare, log, tmp_path, more, code):
    """Each option names its fault; no file is left behind."""
    out = tmp_path / "plant.toml"
    assert bare.refusal(2, "network", "import", log, "--out", out, *more)["code"] == code
    assert not out.exists()


def test_a_folder_that_is_not_there_is_refused(bare, log, tmp_path):
    """Nothing is made on the way."""
    out = tmp_path / "no" / "plant.toml"
    refused = bare.refusal(2, "network", "import", log, "--out", out, "--zone", "UTC")
    assert refused["code"] == "log.not_written"
