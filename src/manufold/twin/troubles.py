"""Breakdowns of one work unit: working hours to the next failure, working hours to repair it.

The sequence of a unit depends on the seed and on where it begins only, not on what the unit does:
failures of a unit nobody wants pass unseen.

Source: times between failures exponential, repairs lognormal, the usual assumptions of
maintenance models, e.g. R. E. Barlow, F. Proschan, Mathematical Theory of Reliability (1965).
"""

from collections.abc import Iterator

from manufold.model.units import HOUR_S
from manufold.twin.floor import Unit
from manufold.twin.luck import Luck, stretched
from manufold.twin.settings import TwinSettings

__all__ = ["failures"]


def failures(
    unit: Unit, luck: Luck, settings: TwinSettings, origin_s: int
) -> Iterator[tuple[int, int]]:
    """Yield (down_s, repaired_s) from `origin_s` on; none without a known mtbf and mttr."""
    if not unit.noun.mtbf_h or not unit.noun.mttr_h:
        return
    random = luck.stream(unit.noun.work_unit_id, "breakdown")
    at_s = origin_s
    while True:
        gap_s = max(1, round(random.expovariate(1 / (unit.noun.mtbf_h * HOUR_S))))
        factor = stretched(random, settings.repair_cv_fraction)
        repair_s = max(1, round(unit.noun.mttr_h * HOUR_S * factor))
        down_s = unit.time.advance(at_s, gap_s)
        repaired_s = None if down_s is None else unit.time.advance(down_s, repair_s)
        if down_s is None or repaired_s is None:
            return
        yield down_s, repaired_s
        at_s = repaired_s
