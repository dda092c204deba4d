"""Luck: every draw has a stream of its own, named by its subject and its purpose.

`random.Random` is seeded by the text `seed/subject/purpose`, so that what befalls one job order
does not depend on which others there are, nor on the order in which anything is drawn.
"""

from decimal import Decimal
from hashlib import sha256
from math import ceil, floor, log, log10, sqrt
from random import Random

from manufold.model.ids import id_text
from manufold.model.process_plan import Characteristic, Operation
from manufold.twin.settings import TwinSettings

__all__ = ["Luck"]


class Luck:
    """The draws of one seed."""

    def __init__(self, seed: int | str, settings: TwinSettings) -> None:
        self._seed = seed
        self._settings = settings

    def stream(self, subject: str, purpose: str) -> Random:
        """Return the stream of a subject for a purpose, from its beginning."""
        return Random(f"{self._seed}/{subject}/{purpose}")

    def setup_factor(self, job_order_id: str) -> float:
        """Return true over standard set-up time; lognormal, mean 1."""
        spread = self._settings.setup_cv_fraction
        return stretched(self.stream(job_order_id, "setup"), spread)

    def run_factor(self, job_order_id: str) -> float:
        """Return true over standard run time; lognormal, mean 1, one draw for all pieces."""
        return stretched(self.stream(job_order_id, "run"), self._settings.run_cv_fraction)

    def lane_s(self, subject: str, standard_s: int) -> int:
        """Return the true seconds of a lane for one shipment."""
        factor = stretched(self.stream(subject, "lane"), self._settings.lane_cv_fraction)
        return round(standard_s * factor)

    def energy_wh(self, job_order_id: str, exact_wh: float) -> int:
        """Return what the meter says, in whole watt-hours."""
        noise = self.stream(job_order_id, "energy").gauss(1, self._settings.energy_cv_fraction)
        return max(0, round(exact_wh * noise))

    def scrapped(self, job_order_id: str, operation: Operation, quantity: int) -> set[int]:
        """Return the pieces (1 ..) that fail, each with the chance the plan's yield leaves."""
        chance = float(1 - operation.yield_fraction)
        if chance <= 0:
            return set()
        random = self.stream(job_order_id, "scrap")
        return {piece for piece in range(1, quantity + 1) if random.random() < chance}

    def measured(
        self, job_order_id: str, wanted: Characteristic, quantity: int
    ) -> list[tuple[int, Decimal]]:
        """Return (piece, value) of the pieces sampled, spread evenly over the lot."""
        sampled = max(1, min(quantity, ceil(wanted.sample_fraction * quantity)))
        random = self.stream(job_order_id, f"measure/{wanted.characteristic_id}")
        lower, upper = float(wanted.lower), float(wanted.upper)
        if lower == upper:
            return [(1 + at * quantity // sampled, wanted.nominal) for at in range(sampled)]
        sigma = (upper - lower) / self._settings.limits_per_sigma_factor
        inside = min(self._settings.aim_sigma_factor * sigma, (upper - lower) / 2)
        aim = min(max(float(wanted.nominal), lower + inside), upper - inside)
        digits = max(0, 3 - floor(log10(upper - lower)))
        return [
            (1 + at * quantity // sampled, Decimal(f"{random.gauss(aim, sigma):.{digits}f}"))
            for at in range(sampled)
        ]

    def lot_id(self, site_id: str, material_id: str, at_s: int) -> str:
        """Return the lot of a material that a site takes from in that period."""
        period_s = max(1, self._settings.lot_period_s)
        number = at_s // period_s
        text = f"lot/{site_id}/{material_id}/{number}"
        return id_text("lot", max(0, number * period_s * 1000), self._bits(text))

    def command_id(self, text: str, at_s: int) -> str:
        """Return the id of a command; the same command of the same seed has the same id."""
        return id_text("evt", max(0, at_s * 1000), self._bits(f"command/{at_s}/{text}"))

    def _bits(self, text: str) -> int:
        return int.from_bytes(sha256(f"{self._seed}/{text}".encode()).digest()[:10], "big")


def stretched(random: Random, spread_fraction: float) -> float:
    """Return a lognormal draw of mean 1 with a coefficient of variation."""
    variance = log(1 + spread_fraction * spread_fraction)
    return random.lognormvariate(-variance / 2, sqrt(variance))
