"""Small lines with orders of several styles, drawn by a seed."""

from random import Random

from manufold.model.calendar import DAYS, Shift, WorkCalendar
from manufold.model.line import Line, LineOperator, LineOrder, Station, Step
from manufold.model.units import DAY_S, HOUR_S

__all__ = ["MONDAY_S", "PERIODS_S", "TO_S", "day_line", "some_orders"]

#: Monday, 6 January 2020
MONDAY_S = 5 * DAY_S
MACHINES = ("bench", "bench", "bench", "drill", "drill", "glue", "glue")
SKILLS = ("bench", "drill", "glue")


def calendar(name: str, end: str = "16:00") -> WorkCalendar:
    """Return a week of shifts with a break."""
    return WorkCalendar(name, "UTC", (Shift(DAYS, "08:00", end, (("12:00", "12:30"),)),))


def day_line(seed: int, *, orders_most: int = 12, places: int = 3) -> Line:
    """Return seven stations and five operators; one works half days, one lacks a skill."""
    dice = Random(seed)
    stations = tuple(
        Station(f"s{at}", machine, 10 * at, places, ("jig",) if at in (1, 4) else ())
        for at, machine in enumerate(MACHINES)
    )
    people = []
    for at in range(5):
        paces = {skill: dice.randint(700, 1200) for skill in SKILLS}
        if at == 4:
            del paces["glue"]
        people.append(
            LineOperator(f"o{at}", paces, calendar(f"c{at}", "13:00" if at == 3 else "16:00"))
        )
    loss = (216, 108, 54, 27)
    return Line(stations, tuple(people), calendar("line"), 80, 5, 4, orders_most, loss)


def some_orders(seed: int, count: int, *, hours: int = 6) -> tuple[LineOrder, ...]:
    """Return orders of eight styles: two branches that meet, a jig for some, over some hours."""
    dice = Random(seed)
    found = []
    for number in range(count):
        red, wide, long = (dice.random() < 0.5 for _ in range(3))
        steps = [
            Step("cut", "bench", "bench", 30_000, f"{red}"),
            Step("bore", "drill", "drill", 45_000, f"{wide}", (), "jig"),
            Step("join", "glue", "glue", 40_500, f"{red}{wide}", ("cut", "bore")),
            Step("check", "bench", "bench", 20_000, "", ("join",)),
        ]
        if long:
            steps.insert(1, Step("plane", "bench", "bench", 25_000, f"{red}", ("cut",)))
            steps[3] = Step("join", "glue", "glue", 40_500, f"{red}{wide}", ("plane", "bore"))
        release_s = MONDAY_S + 8 * HOUR_S + dice.randrange(hours) * HOUR_S
        due_s = release_s + dice.randint(1, 20) * HOUR_S
        style = f"{red}-{wide}-{long}"
        found.append(LineOrder(f"ord{number}", style, tuple(steps), release_s, due_s))
    return tuple(found)


#: mornings and afternoons of four days, and the end of the time that is planned
PERIODS_S = tuple(MONDAY_S + day * DAY_S + hour * HOUR_S for day in range(4) for hour in (0, 13))
TO_S = MONDAY_S + 14 * DAY_S
