"""XES logs: stamps are paired into stretches, and hostile XML does no harm."""

import io
import random
from time import perf_counter

import pytest
from lxml import etree

from connect.event_logs import ZONE, xes_text
from manufold.connect.event_log import read_log
from manufold.connect.event_log import rows as log_rows
from manufold.connect.event_log import xes as log_xes
from manufold.model.errors import InputFault
from manufold.model.units import from_rfc3339


def stamp(at: str, transition: str, **more: str) -> dict[str, str]:
    """Return an event of milling on M1."""
    return {
        "concept:name": "mill",
        "org:resource": "M1",
        "time:timestamp": f"2026-03-02T{at}:00.000+01:00",
        "lifecycle:transition": transition,
    } | more


def written(folder, text):
    """Write a log; return its path."""
    file = folder / "log.xes"
    file.write_text(text, encoding="utf-8")
    return file


def spans(log):
    """Return (order, from, to) in hours of 2 March 2026, by wall clock."""
    zero = from_rfc3339("2026-03-02T00:00:00+01:00")
    return [(e.case, (e.start_s - zero) / 3600, (e.end_s - zero) / 3600) for e in log.events]


def test_stamps_become_stretches(tmp_path):
    """Start and suspend, resume and complete: two stretches with a pause between."""
    events = [stamp("07:00", "start"), stamp("12:00", "suspend")]
    events += [stamp("13:00", "resume"), stamp("15:00", "complete")]
    log = read_log(written(tmp_path, xes_text([("o1", events)])), ZONE)
    assert spans(log) == [("o1", 7.0, 12.0), ("o1", 13.0, 15.0)]
    assert (log.row_count, log.used_count, log.left_out) == (4, 4, ())


def test_two_at_once_are_paired_by_instance_or_by_age(tmp_path):
    """An instance says which start an end ends; without one the oldest start is taken."""
    one, two = {"concept:instance": "1"}, {"concept:instance": "2"}
    events = [stamp("07:00", "start", **one), stamp("08:00", "start", **two)]
    ends = [stamp("09:00", "complete", **two), stamp("11:00", "complete", **one)]
    log = read_log(written(tmp_path, xes_text([("o1", events + ends)])), ZONE)
    assert spans(log) == [("o1", 7.0, 11.0), ("o1", 8.0, 9.0)]
    bare = [{k: v for k, v in e.items() if k != "concept:instance"} for e in events + ends]
    assert spans(read_log(written(tmp_path, xes_text([("o1", bare)])), ZONE)) == [
        ("o1", 7.0, 9.0),
        ("o1", 8.0, 11.0),
    ]


def test_what_has_no_counterpart_is_left_out_and_said(tmp_path):
    """A start that never ends, an end that never began, and a stamp that is no work."""
    good = [(f"o{i}", [stamp("07:00", "start"), stamp("08:00", "complete")]) for i in range(20)]
    odd = [
        ("x", [stamp("07:00", "start")]),
        ("y", [stamp("07:00", "COMPLETE")]),
        ("z", [stamp("07:00", "schedule")]),
    ]
    log = read_log(written(tmp_path, xes_text(good + odd)), ZONE)
    assert {(f.where, f.reason.code) for f in log.left_out} == {
        ("trace 21, event 1", "log.start_without_end"),
        ("trace 22, event 1", "log.end_without_start"),
        ("trace 23, event 1", "log.transition_no_work"),
    }
    assert log.row_count == log.used_count + 3 == 43


def test_ends_alone_are_no_log_of_work(tmp_path):
    """Most public logs stamp only completions: they do not say how long anything took."""
    traces = [(f"o{i}", [stamp("07:00", "complete")]) for i in range(5)]
    with pytest.raises(InputFault) as refused:
        read_log(written(tmp_path, xes_text(traces)), ZONE)
    assert refused.value.code == "log.too_much_left_out"
    assert {f.reason.code for f in refused.value.faults} == {"log.end_without_start"}


def test_pairs_are_the_same_in_any_order(tmp_path):
    """Stamps are sorted before they are paired, and a start goes before an end at one instant."""
    events = [stamp("07:00", "start"), stamp("08:00", "complete")]
    events += [stamp("08:00", "start"), stamp("08:00", "complete", note="no time at all")]
    want = None
    for seed in range(6):
        mixed = events[:]
        random.Random(seed).shuffle(mixed)
        found = spans(read_log(written(tmp_path, xes_text([("o1", mixed)])), ZONE))
        assert sum(end - start for _, start, end in found) == 1.0
        want = want or sorted(found)
        assert sorted(found) == want


def test_a_start_beside_the_stamp_is_used(tmp_path):
    """Some tools write one event with both; a column that is told names the machine."""
    event = {
        "concept:name": "mill",
        "org:resource": "Anna",
        "station nr": "M1",
        "start_timestamp": "2026-03-02T07:00:00",
        "time:timestamp": "2026-03-02T08:30:00",
    }
    file = written(tmp_path, xes_text([("o1", [event])]))
    columns = {"resource": "station nr", "worker": "org:resource"}
    log = read_log(file, ZONE, columns=columns)
    assert spans(log) == [("o1", 7.0, 8.5)]
    assert (log.events[0].resource, log.events[0].worker) == ("M1", "Anna")


LAUGHS = "".join(f'<!ENTITY l{i + 1} "{f"&l{i};" * 10}">' for i in range(9))
HOSTILE = [
    (f'<!DOCTYPE log [<!ENTITY l0 "ha">{LAUGHS}]><log><trace>&l9;</trace></log>', "xml_doctype"),
    ('<!DOCTYPE log SYSTEM "http://127.0.0.1:9/x.dtd"><log/>', "xml_doctype"),
    ('<!doctype log [<!ENTITY x SYSTEM "file:///etc/passwd">]><log>&x;</log>', "xml_doctype"),
    ("<log>&undefined;</log>", "xml_malformed"),
    ("<log><trace>", "xml_malformed"),
    ("<html><body/></html>", "not_xes"),
    ("<log/>", "empty"),
    ("<log>" + "<a>" * 100_000, "xml_malformed"),
    ("<log><trace><event>" + "<list>" * 300, "xml_malformed"),
    ('<?xml version="1.0" encoding="UTF-7"?>+ADwAIQ-DOCTYPE log+AD4-<log/>', "xml_malformed"),
]


@pytest.mark.parametrize(("text", "code"), HOSTILE)
def test_hostile_xml_is_refused_at_once(tmp_path, text, code):
    """Entity bombs, files and addresses to fetch, depth, and DOCTYPEs hidden by an encoding."""
    begun = perf_counter()
    with pytest.raises(InputFault) as refused:
        read_log(written(tmp_path, text), ZONE)
    assert refused.value.code == f"log.{code}"
    assert perf_counter() - begun < 5


def test_a_doctype_in_another_encoding_is_not_read(tmp_path):
    """UTF-16 is decoded before it is searched, whatever the file claims."""
    text = '<?xml version="1.0"?><!DOCTYPE log [<!ENTITY a "b">]><log/>'
    (tmp_path / "log.xes").write_bytes(text.encode("utf-16-le"))
    with pytest.raises(InputFault) as refused:
        read_log(tmp_path / "log.xes", ZONE)
    assert refused.value.code == "log.not_text"


def test_limits_of_size_hold(tmp_path, monkeypatch):
    """Too many events, too many keys; a cell too long is one event left out."""
    monkeypatch.setattr(log_xes, "MOST_ROWS", 30)
    events = [stamp("07:00", "start", n=str(i)) for i in range(31)]
    with pytest.raises(InputFault) as refused:
        read_log(written(tmp_path, xes_text([("o1", events)])), ZONE)
    assert refused.value.code == "log.too_many_rows"
    keys = {f"k{i}": "v" for i in range(log_rows.MOST_COLUMNS)}
    with pytest.raises(InputFault) as refused:
        read_log(written(tmp_path, xes_text([("o1", [stamp("07:00", "start", **keys)])])), ZONE)
    assert refused.value.code == "log.too_many_columns"
    good = [(f"o{i}", [stamp("07:00", "start"), stamp("08:00", "complete")]) for i in range(12)]
    long = ("x", [stamp("07:00", "start", note="n" * 3000)])
    log = read_log(written(tmp_path, xes_text([*good, long])), ZONE)
    assert [(f.where, f.reason.code) for f in log.left_out] == [
        ("trace 13, event 1", "log.cell_too_long")
    ]


def test_an_event_outside_a_trace_is_counted(tmp_path):
    """XES allows it; it belongs to no order."""
    good = [(f"o{i}", [stamp("07:00", "start"), stamp("08:00", "complete")]) for i in range(6)]
    text = xes_text(good).replace("</log>", '<event><string key="a" value="b"/></event></log>')
    log = read_log(written(tmp_path, text), ZONE)
    assert [f.reason.code for f in log.left_out] == ["log.event_outside_trace"]
    assert log.row_count == 13


def test_memory_stays_small_over_many_traces():
    """Traces are freed as they are read: the tree never holds more than the parser reads ahead."""
    pair = [stamp("07:00", "start"), stamp("08:00", "complete")]
    text = xes_text([(f"o{i}", pair) for i in range(3000)])
    reading = log_xes._Reading("log.xes")
    largest = 0
    for step, element in etree.iterparse(io.BytesIO(text.encode()), events=("start", "end")):
        reading.take(step, element)
        largest = max(largest, len(element.getroottree().getroot()))
    assert len(reading.rows) == 6000
    assert largest < 200
