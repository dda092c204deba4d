"""A stranger's CSV is read whole or says what is wrong with it; no row goes without a count."""

import gzip
import io
import random

import pytest

from connect.event_logs import HEAD, ZONE, csv_file, plain_week, read
from manufold.connect.event_log import files as log_files
from manufold.connect.event_log import read_log
from manufold.connect.event_log import rows as log_rows
from manufold.model.errors import InputFault
from manufold.model.units import from_rfc3339
from manufold.words import LANGUAGES, word

GOOD = plain_week(3)


def refused(call, *given, **named):
    """Return what a call refuses."""
    with pytest.raises(InputFault) as found:
        call(*given, **named)
    return found.value


def left_out(log):
    """Return the places and codes of what was left out, after checking that all rows count."""
    assert log.row_count == log.used_count + len(log.left_out)
    assert sum(log.counts.values()) == len(log.left_out)
    for fault in log.left_out:
        for language in LANGUAGES:
            assert not word(fault.reason, language).startswith(fault.reason.code)
    return [(fault.where, fault.reason.code) for fault in log.left_out]


def test_a_plain_log_is_read_in_its_zone(tmp_path):
    """Wall time is that of the zone told; the offset changes with its clocks."""
    log = read(tmp_path, *GOOD, "o9,mill,M1,2026-03-30 07:00,2026-03-30 08:00")
    assert left_out(log) == []
    assert log.events[0].start_s == from_rfc3339("2026-03-02T07:00:00+01:00")
    assert log.events[-1].start_s == from_rfc3339("2026-03-30T07:00:00+02:00")
    assert log.columns == {
        "case": "case id",
        "activity": "activity",
        "resource": "resource",
        "start": "start",
        "complete": "complete",
    }


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2026-03-02T07:00:00", "2026-03-02T07:00:00+01:00"),
        ("2026-03-02T07:00:00Z", "2026-03-02T07:00:00+00:00"),
        ("2026-03-02 07:00:00.123+05:30", "2026-03-02T07:00:00+05:30"),
        ("2026/3/2 7:00", "2026-03-02T07:00:00+01:00"),
        ("2026年3月2日 7:00", "2026-03-02T07:00:00+01:00"),
        ("2026-03-29 02:30", "2026-03-29T03:30:00+02:00"),  # a wall time that does not exist
        ("2026-10-25 02:30", "2026-10-25T02:30:00+02:00"),  # one that exists twice
    ],
)
def test_moments_are_read_as_people_write_them(tmp_path, text, instant):
    """Offsets win over the zone; wall times that the clocks skip or repeat are decided."""
    log = read(tmp_path, f"a,b,c,{text},2026-12-01 00:00".replace("2026-12-01 00:00", text))
    assert log.events[0].start_s == from_rfc3339(instant)


def test_dates_that_end_in_the_year_need_their_order(tmp_path):
    """3/4/2026 is two dates: it is refused until somebody says which."""
    row = "a,b,c,3/4/2026 07:00,3/4/2026 08:00"
    error = refused(read, tmp_path, row)
    assert (error.code, error.faults[0].reason.code) == (
        "log.too_much_left_out",
        "log.date_ambiguous",
    )
    april = read(tmp_path, row, date_order="dmy").events[0].start_s
    march = read(tmp_path, row, date_order="mdy").events[0].start_s
    assert april == from_rfc3339("2026-04-03T07:00:00+02:00")
    assert march == from_rfc3339("2026-03-04T07:00:00+01:00")
    assert refused(read, tmp_path, row, date_order="ydm").code == "log.date_order_unknown"


def test_an_old_log_keeps_its_dates_and_weekdays(tmp_path):
    """2012 is planned in 2040: 28 years on, the same date is the same weekday."""
    log = read(tmp_path, "a,b,c,2012-02-29 07:00,2012-02-29 08:00")
    assert log.years_on == 28
    assert log.events[0].start_s == from_rfc3339("2040-02-29T07:00:00+01:00")
    assert "log.years_moved" in {reason.code for reason in log.assumptions}


BAD = [
    ("x,mill,M1,2026-02-30 07:00,2026-03-02 08:00", "log.time_malformed"),
    ("x,mill,M1,yesterday,2026-03-02 08:00", "log.time_malformed"),
    ("x,mill,M1,2026-03-02 25:00,2026-03-03 08:00", "log.time_malformed"),
    ("x,mill,M1,0001-01-01 00:00+14:00,2026-03-02 08:00", "log.time_malformed"),
    ("x,mill,M1,9999-12-31 23:59,9999-12-31 23:59", "log.time_outside"),
    ("x,mill,M1,2026-03-02 09:00,2026-03-02 08:00", "log.ends_before_start"),
    ("x,mill,M1,2026-03-02 09:00,2026-09-02 08:00", "log.lasts_too_long"),
    ("x,mill,M1,,2026-03-02 08:00", "log.cell_empty"),
    ("x,mill,M1,2026-03-02 07:00,", "log.cell_empty"),
    (",mill,M1,2026-03-02 07:00,2026-03-02 08:00", "log.cell_empty"),
    ("x,mill,,2026-03-02 07:00,2026-03-02 08:00", "log.cell_empty"),
    ("x,mill,M1,2026-03-02 07:00", "log.row_torn"),
    ("x,mill,M1,2026-03-02 07:00,2026-03-02 08:00,more", "log.row_torn"),
    (f"x,{'m' * 3000},M1,2026-03-02 07:00,2026-03-02 08:00", "log.cell_too_long"),
    (GOOD[0], "log.row_twice"),
]


@pytest.mark.parametrize(("row", "code"), BAD)
def test_a_bad_row_is_left_out_and_said(tmp_path, row, code):
    """Its place, its reason and its remedy are told, and the rest of the log is used."""
    log = read(tmp_path, *GOOD, row)
    assert left_out(log) == [(str(len(GOOD) + 2), code)]
    assert log.used_count == len(GOOD) == len(log.events)


def test_a_log_of_which_little_would_remain_is_refused(tmp_path):
    """More than a tenth left out is no slip of a pen; every row is named in the refusal."""
    bad = [f"x{i},mill,M1,never,2026-03-02 08:00" for i in range(4)]
    error = refused(read, tmp_path, *GOOD, *bad)
    assert error.code == "log.too_much_left_out"
    assert [fault.where for fault in error.faults] == [str(len(GOOD) + 2 + i) for i in range(4)]
    assert dict(error.faults[0].reason.params) == {"column": "start", "found": "never"}


def test_the_order_of_rows_does_not_matter(tmp_path):
    """A shuffled log gives the same events."""
    shuffled = GOOD[:]
    random.Random(5).shuffle(shuffled)
    told = [(e.case, e.start_s, e.end_s) for e in read(tmp_path, *GOOD).events]
    assert [(e.case, e.start_s, e.end_s) for e in read(tmp_path, *shuffled).events] == told


@pytest.mark.parametrize(
    ("head", "role"),
    [
        ("工单号,工序,设备,开始时间,结束时间", "工单号"),
        ("Case ID;Activity;Machine;Start Timestamp;Complete Timestamp", "Case ID"),
        ("Auftrag\tArbeitsgang\tMaschine\tBeginn\tEnde", "Auftrag"),
        ("case_id|operation|work center|START|END", "case_id"),
    ],
)
def test_headers_and_separators_are_known(tmp_path, head, role):
    """Chinese, German and English headers, with any usual separator and a byte order mark."""
    mark = next(mark for mark in ";\t|," if mark in head)
    text = "\n".join([head, *(row.replace(",", mark) for row in GOOD)])
    (tmp_path / "log.csv").write_bytes(b"\xef\xbb\xbf" + text.encode())
    log = read_log(tmp_path / "log.csv", ZONE)
    assert (log.columns["case"], len(log.events)) == (role, len(GOOD))


@pytest.mark.parametrize("encoding", ["gb18030", "utf-16"])
def test_other_encodings_are_read_when_named(tmp_path, encoding):
    """GB 18030 needs its name; UTF-16 is known by its mark."""
    file = tmp_path / "log.csv"
    file.write_bytes("\r\n".join(["工单,工序,设备,开始,结束", *GOOD]).encode(encoding))
    if encoding == "gb18030":
        assert refused(read_log, file, ZONE).code == "log.not_text"
    assert len(read_log(file, ZONE, encoding=encoding).events) == len(GOOD)
    assert refused(read_log, file, ZONE, encoding="rot13").code in (
        "log.encoding_unknown",
        "log.not_text",
    )


def test_columns_can_be_told(tmp_path):
    """What is told wins over a guess; a role nobody knows and a column nobody has are refused."""
    head = "nr,what,resource,where,from,to"
    rows = [f"{i},mill,R,M1,2026-03-02 07:00,2026-03-02 08:00" for i in range(3)]
    told = {"case": "nr", "activity": "what", "resource": "where", "start": "from"}
    file = csv_file(tmp_path, *rows, head=head)
    log = read_log(file, ZONE, columns=told | {"complete": "to"})
    assert {event.resource for event in log.events} == {"M1"}
    assert refused(read_log, file, ZONE).params["role"] == "case"
    assert refused(read_log, file, ZONE, columns=told).code == "log.times_missing"
    wrong = refused(read_log, file, ZONE, columns={"case": "nrr"})
    assert (wrong.code, wrong.params["nearest"]) == ("log.column_unknown", "nr")
    assert refused(read_log, file, ZONE, columns={"colour": "nr"}).code == "log.role_unknown"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "log.empty"),
        (HEAD, "log.empty"),
        ("case id,case id,resource,start,complete\na,b,c,d,e", "log.header_twice"),
        ("case id,,resource,start,complete\na,b,c,d,e", "log.header_twice"),
        (f'{HEAD}\na,"b,c,d,e\n', "log.csv_malformed"),
        (f"{HEAD}\na,\x00b,c,d,e\n", "log.not_text"),
        (",".join(f"c{i}" for i in range(500)) + "\nx", "log.too_many_columns"),
        ("activity,resource,start,complete\na,b,c,d", "log.column_missing"),
        ("case id,activity,resource,time\na,b,c,d", "log.times_missing"),
    ],
)
def test_what_is_no_log_is_refused(tmp_path, text, code):
    """A file that cannot be a log is refused as a whole, by name."""
    (tmp_path / "log.csv").write_text(text, encoding="utf-8")
    assert refused(read_log, tmp_path / "log.csv", ZONE).code == code


def test_files_that_cannot_be_read_are_refused(tmp_path):
    """Missing, a folder, torn gzip, an unknown zone."""
    assert refused(read_log, tmp_path / "no.csv", ZONE).code == "log.file_missing"
    assert refused(read_log, tmp_path, ZONE).code == "log.file_missing"
    (tmp_path / "torn.gz").write_bytes(gzip.compress(b"x" * 1000)[:20])
    assert refused(read_log, tmp_path / "torn.gz", ZONE).code == "log.file_unreadable"
    file = csv_file(tmp_path, *GOOD)
    assert refused(read_log, file, "Mars/Olympus").code == "calendar.zone_unknown"


def test_a_packed_log_is_read_and_a_bomb_is_not_unpacked(tmp_path, monkeypatch):
    """Gzip is fine; what unpacks beyond the limit is refused at the limit, not after the bomb."""
    file = csv_file(tmp_path, *GOOD)
    (tmp_path / "log.csv.gz").write_bytes(gzip.compress(file.read_bytes()))
    assert len(read_log(tmp_path / "log.csv.gz", ZONE).events) == len(GOOD)
    monkeypatch.setattr(log_files, "LARGEST_LOG_BYTES", 1 << 20)
    bomb = io.BytesIO()
    with gzip.GzipFile(fileobj=bomb, mode="wb") as packed:
        for _ in range(64):
            packed.write(b"0" * (1 << 20))
    (tmp_path / "bomb.gz").write_bytes(bomb.getvalue())
    assert len(bomb.getvalue()) < 100_000
    assert refused(read_log, tmp_path / "bomb.gz", ZONE).code == "log.file_too_large"


def test_too_many_rows_are_refused(tmp_path, monkeypatch):
    """The limit counts rows that are torn, too."""
    monkeypatch.setattr(log_rows, "MOST_ROWS", 10)
    assert refused(read, tmp_path, *GOOD).code == "log.too_many_rows"
    assert refused(read, tmp_path, *["torn"] * 11).code == "log.too_many_rows"


def test_a_log_of_many_years_is_refused(tmp_path):
    """One date a decade off would make a shop that never was."""
    row = "x,mill,M1,2036-03-02 07:00,2036-03-02 08:00"
    assert refused(read, tmp_path, *GOOD, row).code == "log.spans_too_long"


def test_kinds_durations_and_quantities(tmp_path):
    """Set-up and breakdown are known by their words; a duration of nothing says not clocked."""
    head = f"{HEAD},report type,span,qty,due"
    rows = [
        "a,mill,M1,2026-03-02 07:00,2026-03-02 08:00,S,1:00,10,2026-03-05",
        "a,mill,M1,2026-03-02 08:00,2026-03-02 09:00,D,0:30,10.0,2026-03-05",
        "a,mill,M1,2026-03-03 00:00,2026-03-03 01:15,D,0:00,10,2026-03-05 12:00",
        "a,mill,M1,2026-03-03 08:00,2026-03-03 08:00,B,0:00,10,",
        "a,mill,M1,2026-03-03 09:00,2026-03-03 09:30,whatever,000:30,0,",
    ]
    log = read(tmp_path, *rows, head=head)
    assert left_out(log) == []
    assert [e.kind for e in log.events] == ["setup", "run", "run", "down", "run"]
    assert [e.clocked for e in log.events] == [True, True, False, True, True]
    assert [e.quantity for e in log.events] == [10, 10, 10, 10, None]
    day_end = from_rfc3339("2026-03-05T23:59:59+01:00")
    assert [e.due_s for e in log.events[:3]] == [day_end, day_end, day_end - 43_199]
    assert log.events[2].order_s - log.events[2].start_s == 86_399
    counts = {r.code: r.params["count"] for r in log.assumptions if "count" in r.params}
    assert counts == {
        "log.not_clocked": 1,
        "log.duration_differs": 1,
        "log.no_length": 1,
        "log.kind_unknown": 1,
    }
    bad = ["x,mill,M1,2026-03-02 07:00,2026-03-02 08:00,D,1h,1,", rows[0].replace(",10,", ",ten,")]
    many = [row.replace("a,", f"a{i},") for i in range(8) for row in rows]
    assert [code for _, code in left_out(read(tmp_path, *many, *bad, head=head))] == [
        "log.span_malformed",
        "log.number_malformed",
    ]
