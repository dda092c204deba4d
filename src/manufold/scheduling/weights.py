"""Weights: what a second, a changeover, a kilowatt-hour and a gram count for beside dates.

Dates come first and weigh against nothing. All else is summed up in the network's money, exactly:
weights are rounded once, to whole millionths of a minor unit for each second, thousandth of a minor
unit or milligram that they weigh.
"""

from dataclasses import dataclass

import numpy as np

from manufold.model.units import HOUR_S
from manufold.scheduling.crowd import CARBON, CHANGE_COST, ENERGY, FLOW, SET_UP, WORTHS
from manufold.scheduling.kernel import Seconds

__all__ = ["Weights"]


@dataclass(frozen=True, slots=True)
class Weights:
    """What counts once dates are equal, in minor units of the network's money.

    Args:
        flow_minor_per_h: an hour of an order between its release and its last operation's end.
        setup_minor_per_h: a working hour of set-up.
        changeover_factor: of what setup matrices say that a changeover costs.
        energy_factor: of what electricity costs in the hours it is drawn in.
        carbon_minor_per_kg: a kilogram of CO2e from electricity.
    """

    flow_minor_per_h: int = 100
    setup_minor_per_h: int = 2000
    changeover_factor: float = 1.0
    energy_factor: float = 1.0
    carbon_minor_per_kg: int = 10

    def rates(self) -> Seconds:
        """Return millionths of a minor unit for one of each column of a job's value, int64."""
        rates = np.zeros(WORTHS, dtype=np.int64)
        rates[FLOW] = round(self.flow_minor_per_h * 1_000_000 / HOUR_S)
        rates[SET_UP] = round(self.setup_minor_per_h * 1_000_000 / HOUR_S)
        rates[CHANGE_COST] = round(self.changeover_factor * 1000)
        rates[ENERGY] = round(self.energy_factor * 1000)
        rates[CARBON] = self.carbon_minor_per_kg
        return rates
