"""What a date hangs on: the longest wait, wherever it stands in the routing."""

from manufold.model.schedule import Job
from manufold.model.units import HOUR_S as H
from manufold.scheduling.load import Load
from manufold.scheduling.promise import promise
from scheduling.shops import booking, chain, network, unit


def test_the_longest_wait_binds_not_the_last_one() -> None:
    """Eight hours for the saw bind more than one hour for the press behind it."""
    net = network([unit("saw", "cut"), unit("press", "bend")])
    job = Job("j", chain(("cut", H), ("bend", H)), 1)
    booked = [booking("saw", 0, 8 * H), booking("press", 9 * H, 10 * H)]
    found = promise(Load.of(net, booked), net, job)
    assert (found.binding.code, found.binding.params) == (
        "schedule.binding_busy",
        {"at": "saw", "span_s": 8 * H, "until": "2020-01-01T08:00:00+00:00"},
    )
