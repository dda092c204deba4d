"""Working seconds are rounded up once, and changeover is the machine's own."""

from decimal import Decimal

from manufold.model.network import Capability, SetupMatrix
from manufold.model.work_content import (
    WorkContent,
    changeover_s,
    setup_family,
    work_content,
    worst_changeover_s,
)
from scheduling.shops import network, operation, plan, unit

MATRIX = SetupMatrix("m", (("a", "b", 300, 0, 0), ("c", "b", 60, 0, 0), ("b", "b", 5, 0, 0)), 100)
NET = network([unit("saw", "cut", matrix="m"), unit("plain", "cut")], matrices=(MATRIX,))


def test_rounding_happens_once() -> None:
    """1,000 x 0.3334 s at factor 1.1 are 367 s, not a thousand times one."""
    able = Capability("cut", time_factor=Decimal("1.1"))
    work = operation("op1", "cut", "0.3334", "0.05")
    assert work_content(work, able, 1000) == WorkContent(1, 367)
    assert work_content(work, able, 1000, 60) == WorkContent(61, 427)


def test_work_of_no_time_takes_a_second() -> None:
    """A slot cannot be empty."""
    assert work_content(operation("op1", "cut", 0), Capability("cut"), 5).total_s == 1


def test_the_worst_changeover_covers_every_other() -> None:
    """Listed, unlisted or unknown before: nothing is longer than the worst into a family."""
    saw, plain = NET.work_unit["saw"], NET.work_unit["plain"]
    assert worst_changeover_s(NET, saw, "b") == 300
    assert worst_changeover_s(NET, saw, "z") == 100
    for before in ("a", "b", "c", "z", None):
        for family in ("a", "b", "c", "z"):
            real_s = changeover_s(NET, saw, before, family)
            assert real_s <= worst_changeover_s(NET, saw, family)
    assert changeover_s(NET, saw, "b", "b") == 5
    assert changeover_s(NET, plain, "a", "b") == worst_changeover_s(NET, plain, "b") == 0


def test_a_plan_is_a_family_of_its_own() -> None:
    """Without a family, operations of one plan change over for nothing, of two plans not."""
    free, named = operation("op1", "cut", 1), operation("op2", "cut", 1, setup_family="red")
    one, two = plan(free, named, name="one"), plan(free, name="two")
    assert setup_family(one, free) == "rev/one" != setup_family(two, free)
    assert setup_family(one, named) == "red"
