"""What is made of a log: machines, shifts, seats, orders; and it can be planned and read again."""

import random
from dataclasses import replace

import pytest

from connect.event_logs import HEAD, ZONE, plain_week, read
from manufold.connect.event_log import Estimates, imported, network_text
from manufold.connect.event_log.names import ids_of, shown_name, work_name
from manufold.connect.event_log.shifts import BINS, shifts_of, weekly_s
from manufold.connect.event_log.stretches import busy_s, seats_of
from manufold.connect.network_file import check_network, read_network
from manufold.judge.violations import violations
from manufold.model.calendar import WorkCalendar
from manufold.model.errors import InputFault
from manufold.model.units import HOUR_S, from_rfc3339
from manufold.model.work_content import work_content
from manufold.scheduling.dispatch import best_dispatch
from manufold.scheduling.load import Load
from manufold.scheduling.promise import promise
from manufold.words import LANGUAGES, word


def at(text: str) -> int:
    """Return the instant of a wall time of March 2026 in Berlin, winter time."""
    return from_rfc3339(f"2026-03-{text}:00+01:00")


def again(folder, network):
    """Return the network that its own file gives, after checking that the file has no fault."""
    file = folder / "plant.toml"
    file.write_text(network_text(network), encoding="utf-8")
    assert [fault for fault in check_network(file) if fault.severity == "error"] == []
    return replace(read_network(file), revision="")


def test_a_plain_week_gives_its_shifts_back(tmp_path):
    """Work from 7 to 15:30 on weekdays is mined as just that, the noon break closed over."""
    seen = imported(read(tmp_path, *plain_week(3)))
    (calendar,) = seen.plant.network.calendars
    (shift,) = calendar.shifts
    assert (shift.start, shift.end, shift.days) == (
        "07:00", "15:30", ("mon", "tue", "wed", "thu", "fri"),
    )  # fmt: skip
    assert len(seen.orders) == 15
    assert again(tmp_path, seen.plant.network) == seen.plant.network


def test_a_night_shift_and_a_rare_machine(tmp_path):
    """A night is mined across midnight; a machine seen twice gets the shifts of the shop."""
    nights = [
        f"n{day},grind,M2,2026-03-{2 + day:02} 22:00,2026-03-{3 + day:02} 06:00"
        for day in range(21)
        if day % 7 < 4
    ]
    rare = ["r1,saw,M3,2026-03-03 09:00,2026-03-03 10:00"]
    seen = imported(read(tmp_path, *plain_week(3), *nights, *rare))
    network = seen.plant.network
    found = {unit.work_unit_id: unit.calendar_id for unit in network.work_units}
    night = network.calendar[found["m2"]].intervals(at("09T12:00"), at("10T12:00"))
    assert night == ((at("09T22:00"), at("10T06:00")),)
    assert found["m3"] == "shop" != found["m1"]
    told = {reason.code: reason.params for reason in seen.assumptions}
    assert told["log.shop_shifts"]["units"] == "M3"
    assert again(tmp_path, network) == network


@pytest.mark.parametrize("seed", range(5))
def test_mined_shifts_hold_what_was_worked(seed):
    """Whatever the log, what is open holds at least nine tenths of the work mined from it."""
    rng = random.Random(seed)
    stretches = []
    for _ in range(60):
        start_s = 200_000_000 + rng.randrange(60 * 24 * HOUR_S)
        stretches.append((start_s, start_s + rng.randrange(60, 30 * HOUR_S)))
    worked = weekly_s(stretches, ZONE)
    assert sum(worked) == busy_s(stretches)
    calendar = WorkCalendar("c", ZONE, shifts_of(worked))
    open_to = calendar.intervals(200_000_000, 200_000_000 + 70 * 24 * HOUR_S)
    held_s = 0
    for start, end in stretches:
        held_s += sum(max(0, min(end, b) - max(start, a)) for a, b in open_to)
    assert held_s >= 0.9 * sum(end - start for start, end in stretches)


def test_a_stretch_of_weeks_counts_every_week():
    """Three weeks and an hour without a pause is three times the week and that hour."""
    worked = weekly_s([(at("02T00:00"), at("23T01:00"))], "Etc/GMT-1")
    assert sum(worked) == 21 * 24 * HOUR_S + HOUR_S
    assert (len(worked), min(worked)) == (BINS, 3 * 1800)


def test_days_nobody_worked_can_be_closed(tmp_path):
    """A Wednesday without a report, in the middle of the log, is a closure when asked for."""
    rows = [row for row in plain_week(3) if "2026-03-11" not in row]
    open_shop = imported(read(tmp_path, *rows)).plant.network
    assert open_shop.calendars[0].closures == ()
    seen = imported(read(tmp_path, *rows), closures=True)
    assert seen.plant.network.calendars[0].closures == ((at("11T00:00"), at("12T00:00")),)
    assert "log.days_closed" in {reason.code for reason in seen.assumptions}


@pytest.mark.parametrize(
    ("stretches", "want"),
    [
        ([], (1, 0)),
        ([(0, 10), (10, 20)], (1, 0)),
        ([(0, 100), (95, 200)], (1, 2)),  # a hand-over is no second seat
        ([(0, 100), (0, 100)], (2, 0)),
        ([(0, 100), (0, 100), (0, 50)], (3, 0)),
        ([(5, 5), (0, 10)], (1, 0)),
    ],
)
def test_seats_are_what_was_seen_at_once(stretches, want):
    """The fewest seats above which at most a tenth of the busy time lies."""
    assert seats_of(stretches) == want


def test_operations_are_what_each_order_went_through(tmp_path):
    """Reports of one activity on one machine are one operation, people at once counted once,
    unless another order had the machine in between."""
    rows = [
        "a,mill,M1,2026-03-02 07:00,2026-03-02 09:00",
        "a,mill,M1,2026-03-02 08:00,2026-03-02 10:00",
        "a,mill,M1,2026-03-02 11:00,2026-03-02 12:00",
        "b,mill,M1,2026-03-02 12:00,2026-03-02 13:00",
        "a,mill,M1,2026-03-02 13:00,2026-03-02 14:00",
        "a,check,Q,2026-03-02 13:30,2026-03-02 15:00",
    ]
    a, b = imported(read(tmp_path, *rows)).orders
    assert [(d.activity, (d.setup_s + d.run_s) // 60) for d in a.done.operations] == [
        ("mill", 240), ("mill", 60), ("check", 90),
    ]  # fmt: skip
    assert (a.done.overlaps, len(b.done.operations)) == (1, 1)
    operations = a.job.plan.operations
    assert [o.after for o in operations] == [(), ("op10",), ("op20",)]
    assert (a.job.release_s, a.done.finish_s) == (at("02T07:00"), at("02T15:00"))


@pytest.mark.parametrize("quantity", [1, 3, 7, 999, 1_000_003])
def test_times_come_back_to_the_second(tmp_path, quantity):
    """However many pieces the time was spread over, the operation takes what it took."""
    rows = [
        f"a,mill,M1,2026-03-02 07:00:00,2026-03-02 07:20:00,S,{quantity}",
        f"a,mill,M1,2026-03-02 07:20:00,2026-03-02 09:03:11,D,{quantity}",
    ]
    seen = imported(read(tmp_path, *rows, head=f"{HEAD},report type,qty"))
    (order,), (unit,) = seen.orders, seen.plant.network.work_units
    (operation,) = order.job.plan.operations
    content = work_content(operation, unit.capabilities[0], order.job.quantity)
    assert (content.setup_s, content.total_s) == (1200, 2 * HOUR_S + 191)


def test_alternatives_are_what_the_log_shows(tmp_path):
    """The machine itself, every machine of the activity, or every machine of the work."""
    rows = [
        "a,Turning - Machine 4,Machine 4 - Turning,2026-03-02 07:00,2026-03-02 08:00",
        "b,Turning - Machine 5,Machine 5 - Turning,2026-03-02 07:00,2026-03-02 08:00",
        "c,Turning - Machine 5,Machine 4 - Turning,2026-03-02 08:00,2026-03-02 09:00",
    ]
    log = read(tmp_path, *rows)
    able = {}
    for way in ("machine", "activity", "work"):
        seen = imported(log, alternatives=way)
        units = seen.plant.network.work_units
        able[way] = [
            sum(u.capability(o.job.plan.operations[0].capability) is not None for u in units)
            for o in seen.orders
        ]
    assert able == {"machine": [1, 1, 1], "activity": [1, 2, 2], "work": [2, 2, 2]}
    with pytest.raises(InputFault) as refused:
        imported(log, alternatives="any")
    assert refused.value.code == "log.alternatives_unknown"


def test_people_are_numbered_and_never_named(tmp_path):
    """Skills are what the log shows; the names of people stay in the log."""
    rows = [f"{row},Otto Normal" for row in plain_week(1)]
    rows.append("z,saw,M2,2026-03-02 09:00,2026-03-02 10:00,Erika Muster")
    seen = imported(read(tmp_path, *rows, head=f"{HEAD},worker"))
    people = seen.plant.network.operators
    assert [(p.operator_id, p.skills) for p in people] == [
        ("person-1", ("mill",)), ("person-2", ("saw",)),
    ]  # fmt: skip
    text = network_text(seen.plant.network, seen.assumptions)
    assert "Otto" not in text and "Erika" not in text
    assert again(tmp_path, seen.plant.network) == seen.plant.network


def test_breakdowns_are_no_work(tmp_path):
    """They give a machine its failures and repair time, and no operation."""
    rows = [f"{row},D" for row in plain_week(2)]
    rows += ["o3,mill,M1,2026-03-07 09:00,2026-03-07 13:00,B"]
    seen = imported(read(tmp_path, *rows, head=f"{HEAD},type"))
    (unit,) = seen.plant.network.work_units
    assert (unit.mtbf_h, unit.mttr_h) == (80, 4)
    assert all(len(order.job.plan.operations) == 1 for order in seen.orders)


NASTY = [
    'M"1',
    "M\\1",
    "机床一",
    "机床二",
    "M 1",
    "m-1",
    "𝔐",
    "x" * 300,
    "M\t1",
    "']]\n[[site",
    "é",
]


def test_any_name_makes_a_sound_file(tmp_path):
    """Quotes, backslashes, Chinese, look-alikes and attempts to write TOML stay names."""
    ids = ids_of(NASTY, "unit")
    assert len(set(ids.values())) == len(NASTY)
    assert all(one.isascii() and len(one) <= 64 for one in ids.values())
    rows = []
    for number, name in enumerate(NASTY):
        cells = [f"o{number}", f"do {name}", name]
        quoted = ",".join('"' + cell.replace('"', '""') + '"' for cell in cells)
        rows.append(f"{quoted},2026-03-02 07:00,2026-03-02 08:00")
    seen = imported(read(tmp_path, *rows), estimates=Estimates(currency="JPY", country="JP"))
    assert len(seen.plant.network.work_units) == len(NASTY)
    found = again(tmp_path, seen.plant.network)
    assert found == seen.plant.network
    assert {unit.name for unit in found.work_units} == {shown_name(name) for name in NASTY}


def test_names_of_machines_are_taken_off_activities():
    """Only what names a machine goes; a number of the work itself stays."""
    assert work_name("Turning - Machine 4", "Machine 4 - Turning") == "Turning"
    assert work_name("Turning - Machine 8", "Machine 15") == "Turning"
    assert work_name("Drill (M12)", "Press") == "Drill - M12"
    assert work_name("Drill (CNC-2)", "CNC 2") == "Drill"
    assert work_name("Quality Check 1", "Quality Check 1") == "Quality Check 1"
    assert work_name("铣削 - 设备 3", "设备 3") == "铣削"


@pytest.mark.parametrize("seed", range(4))
def test_a_log_can_be_planned_again(tmp_path, seed):
    """Orders of a random log are promised and dispatched on its own network, and the judge finds
    nothing; planned with nothing else to do, none ends later than it could have."""
    rng = random.Random(seed)
    rows = []
    for order in range(25):
        minute = rng.randrange(20 * 1440)
        for _ in range(rng.randrange(1, 6)):
            span, machine = rng.randrange(5, 600), rng.randrange(4)
            cells = [_wall(minute), _wall(minute + span)]
            rows.append(f"o{order},work {machine % 3},M{machine},{cells[0]},{cells[1]},{order + 1}")
            minute += span + rng.randrange(-3, 900)
    log = read(tmp_path, *rows, head=f"{HEAD},qty")
    for way in ("machine", "activity"):
        seen = imported(log, alternatives=way)
        network = seen.plant.network
        jobs = {order.job.holder: order.job for order in seen.orders}
        load = Load.of(network, from_s=min(job.release_s for job in jobs.values()))
        schedule = list(best_dispatch(network, list(jobs.values()), load))
        assert violations(schedule, network, jobs) == ()
        placed = []
        for job in jobs.values():
            promised = promise(load, network, job)
            load = load.with_slots(promised.slots)
            placed += promised.slots
        assert violations(placed, network, jobs) == ()
        assert len(schedule) == len(placed) == sum(len(o.done.operations) for o in seen.orders)
        for reason in seen.assumptions:
            for language in LANGUAGES:
                assert not word(reason, language).startswith(reason.code)


def _wall(minute: int) -> str:
    day, rest = divmod(minute, 1440)
    return f"2026-03-{2 + day:02} {rest // 60:02}:{rest % 60:02}"


def test_a_log_in_which_nothing_takes_time_is_refused(tmp_path):
    """Stamps without length make no shifts."""
    with pytest.raises(InputFault) as refused:
        imported(read(tmp_path, "a,b,c,2026-03-02 07:00,2026-03-02 07:00"))
    assert refused.value.code == "log.nothing_worked"
