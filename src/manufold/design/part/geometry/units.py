"""Units of length a file may mean, and which sizes make one doubt them."""

__all__ = ["IMPLAUSIBLE_ABOVE_MM", "IMPLAUSIBLE_BELOW_MM", "UNIT_MM"]

#: millimetres in one unit; spelled as the buyer spells it
UNIT_MM = {"mm": 1.0, "cm": 10.0, "m": 1000.0, "inch": 25.4, "ft": 304.8, "micron": 0.001}

#: no work unit here or at the peers takes more; real files of 60 m were metres taken for mm
IMPLAUSIBLE_ABOVE_MM = 10_000.0
#: smaller than any feature a shop holds: metres or inches taken for mm the other way
IMPLAUSIBLE_BELOW_MM = 0.5
