"""From a body scan to the 22 data a made-to-measure garment needs.

Read in this order: `clouds` (bytes to points), `standing` (up, unit, floor), `shape` (the
statistical body), `fitting`, `following` (the scan's own surface), `standard` (the pose),
`definitions` and `lengths` (the data), `trust` (intervals and flags), `body_scan` (all of it).
"""

from manufold.design.garment.measure.body_scan import BodyScan, measured
from manufold.design.garment.measure.clouds import recognised_scan
from manufold.design.garment.measure.definitions import NAMES
from manufold.design.garment.measure.trust import LIMITS, Measure

__all__ = ["LIMITS", "NAMES", "BodyScan", "Measure", "measured", "recognised_scan"]
