"""Readers give the shop that a file of the literature says, and refuse a broken one by line."""

import gzip

import numpy as np
import pytest

from manufold.model.errors import InputFault
from manufold.scheduling.shop.read import FORMATS, fits, read

FJSP = "2 2\n2 1 0 5 2 0 3 1 4\n1 1 1 7\n"
JSP = "3 2\n0 3 1 2\n1 2 0 4 1 1 -1 -1\n\n1 6\n"
LATE = "2 2\n1 9 3 1 2 0 3 1 4\n0 5 1 2 1 0 2 1 1 2\n"
WORKERS = "1 2 3\n2 1 2 2 1 40 3 30 2 1 1 2 10 2 2 2 20 3 25\n"
SETUPS = "1 2 2\n2 1 1 25 2 1 1 2 9\n\n0 4\n3 0\n\n0 8\n7 0\n"
GRAPH = "# a comment\n3 2 2\n0 2\n1 2\n1 0 5\n2 0 2 1 3\n1 1 4\n"


def refusal(text, form):
    """Return the refusal of a text."""
    with pytest.raises(InputFault) as refused:
        read(text, form)
    return refused.value.code, refused.value.params


def test_a_flexible_job_shop_is_read():
    """Jobs, operations and alternatives stand where the worked example says."""
    shop = read(FJSP, "fjsp")
    assert shop.job_ptr.tolist() == [0, 2, 3] and shop.job_of.tolist() == [0, 0, 1]
    assert shop.alt_ptr.tolist() == [0, 1, 3, 4]
    assert shop.alt_machine.tolist() == [0, 0, 1, 1]
    assert shop.alt_span_s.tolist() == [5, 3, 4, 7]
    assert shop.before_ptr.tolist() == [0, 0, 1, 1] and shop.before_op.tolist() == [0]
    assert shop.after_ptr.tolist() == [0, 1, 1, 1] and shop.after_op.tolist() == [1]
    assert (shop.machine_count, shop.worker_count, shop.setup_s.shape) == (2, 0, (0, 0, 0))
    assert read(FJSP.replace("2 2\n", "2 2 1.5\n", 1).encode(), "fjsp").job_ptr.tolist() == [
        0,
        2,
        3,
    ]
    windows = read("\ufeff" + FJSP.replace("\n", "\r\n"), "fjsp")
    assert all(np.array_equal(a, b) for a, b in zip(windows, shop, strict=True))


def test_a_job_shop_is_read_with_unequal_jobs_revisits_and_endings():
    """Rows may differ in length, come back to a machine, and end with -1 -1."""
    shop = read(JSP, "jsp")
    assert shop.job_ptr.tolist() == [0, 2, 5, 6]
    assert shop.alt_machine.tolist() == [0, 1, 1, 0, 1, 1]
    assert shop.alt_span_s.tolist() == [3, 2, 2, 4, 1, 6]
    assert shop.before_op.tolist() == [0, 2, 3]


def test_dates_and_weights_are_read():
    """A row begins with release, due date and weight."""
    shop = read(LATE, "fjsp-tardiness")
    assert shop.release_s.tolist() == [1, 0] and shop.due_s.tolist() == [9, 5]
    assert shop.weight.tolist() == [3, 1] and shop.job_ptr.tolist() == [0, 1, 3]


def test_workers_are_read_from_one():
    """Each pair of machine and worker is an alternative; both count from 1 in the file."""
    shop = read(WORKERS, "fjsp-w")
    assert shop.alt_ptr.tolist() == [0, 2, 5] and shop.worker_count == 3
    assert shop.alt_machine.tolist() == [1, 1, 0, 1, 1]
    assert shop.alt_worker.tolist() == [0, 2, 1, 1, 2]
    assert shop.alt_span_s.tolist() == [40, 30, 10, 20, 25]


def test_setups_are_read():
    """A matrix per machine, row by the operation before, column by the one that follows."""
    shop = read(SETUPS, "fjsp-sdst")
    assert shop.alt_machine.tolist() == [0, 0, 1]
    assert shop.setup_s.tolist() == [[[0, 4], [3, 0]], [[0, 8], [7, 0]]]
    assert shop.setup_s.dtype == np.int32


def test_a_graph_is_read_as_one_job():
    """Operations keep their number; comments are passed over."""
    shop = read(GRAPH, "fajsp")
    assert shop.job_ptr.tolist() == [0, 3] and shop.before_op.tolist() == [0, 1]
    assert shop.before_ptr.tolist() == [0, 0, 0, 2] and shop.after_op.tolist() == [2, 2]
    assert shop.alt_ptr.tolist() == [0, 1, 3, 4]


@pytest.mark.parametrize(
    ("form", "text", "code", "shown"),
    [
        ("fjsp", "", "shop.empty", {}),
        ("fjsp", " \n# nothing\n", "shop.empty", {}),
        ("fjsp", "2\n", "shop.header", {"line": 1, "found": "2"}),
        ("fjsp", "two 2\n", "shop.header", {"line": 1}),
        ("fjsp", "1.5 2\n1 1 0 5\n", "shop.counts", {"line": 1}),
        ("fjsp", "99999999999 2\n1 1 0 5\n", "shop.counts", {"line": 1}),
        ("fjsp", "0 2\n", "shop.no_jobs", {"line": 1}),
        ("jsp", "0 2\n", "shop.no_jobs", {"line": 1}),
        ("fjsp", FJSP.replace("7", "x7"), "shop.not_a_number", {"line": 3, "found": "x7"}),
        ("fjsp", FJSP.replace("7", "7.5"), "shop.not_a_number", {"line": 3, "found": "7.5"}),
        ("fjsp", FJSP.replace("7", "9" * 30), "shop.not_a_number", {"line": 3}),
        ("fjsp", FJSP.replace("7", "-"), "shop.not_a_number", {"line": 3, "found": "-"}),
        ("fjsp", "2 2\n2 1 0 5 2 0 3\n1 1 1 7\n", "shop.row_short", {"line": 2, "operation": 1}),
        ("fjsp", "2 2\n2 1 0 5\n1 1 1 7\n", "shop.row_short", {"line": 2, "operation": 1}),
        ("fjsp", "2 2\n1 1 0 5 4 4\n1 1 1 7\n", "shop.row_long", {"line": 2, "extra": 2}),
        ("fjsp", FJSP[:-9], "shop.rows_missing", {"found": 1, "wanted": 2}),
        ("fjsp", FJSP + "\n\n1 1 1 7", "shop.rows_extra", {"line": 6, "wanted": 2}),
        ("fjsp", FJSP.replace("1 1 1 7", "0"), "shop.no_operation", {"line": 3}),
        ("fjsp", FJSP.replace("1 1 1 7", "1 0"), "shop.no_alternative", {"line": 3}),
        (
            "fjsp",
            FJSP.replace("1 1 7", "1 2 7"),
            "shop.machine_outside",
            {"line": 3, "operation": 0, "found": 2, "first": 0, "last": 1},
        ),
        ("fjsp", FJSP.replace("7", "-7"), "shop.negative", {"line": 3, "found": -7}),
        ("fjsp", f"1 1\n1 1 0 {10**15 - 1}\n" * 1, None, {}),
        ("fjsp", f"1 1\n2 1 0 {10**15 - 1} 1 0 {10**15 - 1}\n", "shop.too_long", {}),
        ("jsp", "1 2\n0 3 1\n", "shop.row_odd", {"line": 2, "found": 3}),
        ("jsp", "1 2\n-1 -1\n", "shop.no_operation", {"line": 2}),
        ("jsp", "1 2\n0 3 2 5\n", "shop.machine_outside", {"line": 2, "operation": 1, "found": 2}),
        ("jsp", "2 2\n0 3 1 5\n1 1 0 -5\n", "shop.negative", {"line": 3, "found": -5}),
        ("jsp", "1 2\n0 3 -1 -1 1 4\n", "shop.machine_outside", {"line": 2, "found": -1}),
        ("jsp", "2 2\n0 3 1 5\n", "shop.rows_missing", {"found": 1, "wanted": 2}),
        ("fjsp-tardiness", LATE.replace("1 9 3", "-1 9 3"), "shop.negative", {"line": 2}),
        ("fjsp-tardiness", "1 1\n1 9\n", "shop.row_short", {"line": 2}),
        ("fjsp-tardiness", "1 1\n1 9 1\n", "shop.row_short", {"line": 2}),
        ("fjsp-w", "1 2 0\n1 1 1 0\n", "shop.no_workers", {"line": 1}),
        ("fjsp-w", WORKERS.replace("3 30", "4 30"), "shop.worker_outside", {"found": 4, "last": 3}),
        ("fjsp-w", "1 2 3\n1 1 0 1 1 5\n", "shop.machine_outside", {"found": 0, "first": 1}),
        ("fjsp-w", "1 2 3\n1 1 1 0 1 5\n", "shop.no_worker", {"line": 2, "operation": 0}),
        ("fjsp-w", "1 2 3\n1 1 1 2 1 5 2\n", "shop.row_short", {"line": 2}),
        ("fjsp-sdst", SETUPS.replace("3 0", "3 0 1"), "shop.setup_row", {"line": 5, "found": 3}),
        ("fjsp-sdst", SETUPS.replace("8", "-8"), "shop.setup_outside", {"line": 7, "found": -8}),
        ("fjsp-sdst", SETUPS.replace("8", f"{2**31}"), "shop.setup_outside", {"line": 7}),
        ("fjsp-sdst", SETUPS[:-4], "shop.rows_missing", {"found": 4, "wanted": 5}),
        ("fajsp", GRAPH.replace("0 2", "0 2 1", 1), "shop.arc_row", {"line": 3, "found": 3}),
        ("fajsp", GRAPH.replace("1 2", "1 3", 1), "shop.arc_outside", {"line": 4, "found": "1 3"}),
        ("fajsp", GRAPH.replace("1 2", "2 0", 1), "shop.cyclic", {}),
        ("fajsp", GRAPH.replace("1 2", "1 1", 1), "shop.cyclic", {"operation": 1}),
        ("fajsp", "0 0 2\n", "shop.no_jobs", {"line": 1}),
        ("xml", FJSP, "shop.format_unknown", {"form": "xml"}),
    ],
)
def test_bad_files_are_refused_by_line(form, text, code, shown):
    """A broken file names its line, what stands there and what should."""
    if code is None:
        assert len(read(text, form).job_of) == 1
        return
    found, params = refusal(text, form)
    assert found == code
    assert {name: params[name] for name in shown} == shown


@pytest.mark.parametrize(
    ("form", "text"),
    [
        ("fjsp", FJSP),
        ("jsp", JSP),
        ("fjsp-tardiness", LATE),
        ("fjsp-w", WORKERS),
        ("fjsp-sdst", SETUPS),
        ("fajsp", GRAPH),
    ],
)
def test_any_cut_or_changed_file_is_read_or_refused(form, text):
    """Whatever is cut off or overwritten, a reader answers or refuses; it never crashes."""
    dice = np.random.default_rng(7)
    assert form in fits(text)
    for cut in range(len(text)):
        for changed in (text[:cut], text[:cut] + "9" + text[cut:], text[:cut] + "-" + text[cut:]):
            try:
                shop = read(changed, form)
            except InputFault:
                continue
            assert shop.alt_machine.max() < shop.machine_count
            assert (np.diff(shop.alt_ptr) > 0).all()
    for _ in range(100):
        noise = dice.integers(0, 256, 60).astype(np.uint8).tobytes()
        assert fits(noise) == ()


def test_only_one_format_is_a_guess():
    """A text that is of one format says so; one that could be two names both."""
    assert fits(JSP) == ("jsp",) and fits(WORKERS) == ("fjsp-w",) and fits(GRAPH) == ("fajsp",)
    assert fits("1 2\n1 1 0 5\n") == ("fjsp", "jsp")


def test_a_million_operations_are_read(test_data):
    """The published million parses whole: each job visits each machine once."""
    path = test_data / "scheduling" / "jsp_large" / "tai_j1000_m1000_1.data.gz"
    shop = read(gzip.decompress(path.read_bytes()), "jsp")
    assert len(shop.job_of) == 1_000_000 and shop.machine_count == 1000
    visits = np.sort(shop.alt_machine.reshape(1000, 1000), axis=1)
    assert (visits == np.arange(1000)).all()


def test_all_public_instances_are_read(test_data):
    """Each folder of the public data is of the format its note says."""
    forms = {"fjsp": "fjsp/*/*.txt", "fjsp-tardiness": "fjsp_tardiness/*", "fajsp": "fajsp/*"}
    forms |= {"fjsp-w": "fjsp_w/*", "fjsp-sdst": "fjsp_sdst/*", "jsp": "jsp_*/*10000*"}
    counts = {}
    for form, pattern in forms.items():
        for path in sorted((test_data / "scheduling").glob(pattern)):
            raw = path.read_bytes()
            raw = gzip.decompress(raw) if path.suffix == ".gz" else raw
            shop = FORMATS[form](raw)
            counts[form] = counts.get(form, 0) + 1
            assert shop.job_ptr[-1] == len(shop.job_of) > 0
    assert counts["fjsp"] > 200 and counts["fajsp"] == 50 and counts["fjsp-w"] == 22
