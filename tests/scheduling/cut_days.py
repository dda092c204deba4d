"""Days of cutting made up for tests: seeded, with a yield that is known exactly."""

from collections.abc import Iterator, Sequence
from random import Random

from manufold.model.cut_plan import CutDay, CutOrder, CutRules, CutTable, Roll
from manufold.scheduling.cut_orders.placing import Group, Lengths

__all__ = ["RULES", "made_day", "partitions", "yields"]

RULES = CutRules(ends_mm=20.0, setup_s=300, metre_spread_s=60.0, metre_cut_s=15.0, usable_mm=1200.0)


def made_day(
    seed: int, orders: int, *, tables: int = 1, tight: float = 1.0, lots: int = 1
) -> CutDay:
    """Return a day of two cloths; `tight` under 1 leaves less time than it takes."""
    dice = Random(seed)
    found = []
    for number in range(orders):
        cloth = dice.choice(("white", "blue"))
        shade = "" if dice.random() < 0.7 or lots < 2 else f"{cloth[0]}{dice.randrange(lots)}"
        due_s = round((1200 + 600 * dice.randrange(1, orders + 2)) * tight)
        found.append(CutOrder(f"o{number}", cloth, 0, due_s, dice.uniform(15_000, 40_000), shade))
    rolls = tuple(
        Roll(
            f"{cloth}{lot}",
            cloth,
            1500.0,
            dice.uniform(6_000, 12_000),
            f"{cloth[0]}{lot}",
            ((3_000.0, 3_200.0),) if dice.random() < 0.5 else (),
            900.0,
        )
        for cloth in ("white", "blue")
        for lot in range(lots + 1)
    )
    hours = ((0, 14_400), (18_000, 43_200))
    benches = tuple(CutTable(f"t{n}", 4_500.0, hours) for n in range(tables))
    return CutDay(tuple(found), rolls, benches, RULES)


def yields(day: CutDay, seed: int) -> Lengths:
    """Return lengths of which every pair of orders saves a little more or less."""
    dice = Random(seed)
    names = [one.order_id for one in day.orders]
    alone_mm = {name: dice.uniform(900, 1400) for name in names}
    pair_mm = {(a, b): dice.uniform(-10, 60) for a in names for b in names if a < b}

    def length_mm(group: Group, width_mm: float) -> float:
        saved_mm = sum(pair_mm[a, b] for a in group for b in group if a < b)
        return (sum(alone_mm[name] for name in group) - saved_mm / len(group)) * 1500 / width_mm

    return length_mm


def partitions(names: Sequence[str]) -> Iterator[list[list[str]]]:
    """Yield every way to part names into groups."""
    if not names:
        yield []
        return
    first, rest = names[0], names[1:]
    for parted in partitions(rest):
        yield [[first], *parted]
        for at in range(len(parted)):
            yield [*parted[:at], [first, *parted[at]], *parted[at + 1 :]]
