"""The standard minutes of an operation: handling, the way under the machine, bursts, notches.

    minutes = handling + metres x hardness x minutes of a metre + bursts x minutes of a burst
              + notches x minutes of a notch + count x minutes of each

A burst is what is sewn between two regraspings; a hard line, curved or eased, shortens it. Metres
and hardness count in whole steps, so that a plan tells no one's measures.

Source  the form is GSD's: T = (theoretical time x factors x length) + stopping + start and stop;
        its constants by machine lie in `machines.toml` with what is known of them.
"""

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from math import ceil

from manufold.design.garment.sewing.bulletin import Row
from manufold.design.garment.sewing.machines import machines, pace
from manufold.design.garment.sewing.ways import Way

__all__ = ["standard"]

_METRE_MM = 1000
_EXACT = Decimal("0.001")
_ONE = Decimal(1)


def standard(row: Row, ways: Sequence[Way], marks: int) -> tuple[Decimal, str]:
    """Return the minutes of a row, and how they are made, for people.

    Args:
        ways: what is gone along, once; the row's passes are counted here.
        marks: how many marks of the row's there are.
    """
    machine, one = machines()[row.machine], pace()
    parts = [(row.handling, f"{row.handling} handling")]
    long_mm = sum(way.long_mm for way in ways)
    metres = _steps(long_mm / _METRE_MM * row.passes, one.step_m)
    if metres and machine.minute_m:
        mean = sum(way.long_mm * way.hard for way in ways) / long_mm
        hard = max(_steps(mean, one.hard_step), _ONE)
        harder = f" x {hard}" if hard != _ONE else ""
        along = metres * hard * machine.minute_m
        parts.append((along, f"{metres} m{harder} x {machine.minute_m}"))
    if machine.burst_mm is not None and ways:
        bursts = row.passes * sum(ceil(way.long_mm * way.hard / machine.burst_mm) for way in ways)
        parts.append((bursts * one.burst_min, f"{_counted(bursts, 'burst')} x {one.burst_min}"))
    notches = sum(way.notches for way in ways)
    if notches:
        parts.append(
            (notches * one.notch_min, f"{_counted(notches, 'notch', 'es')} x {one.notch_min}")
        )
    if row.each:
        count = marks + row.count
        parts.append((count * row.each, f"{count} x {row.each}"))
    minutes = sum((part for part, _ in parts), Decimal(0)).quantize(_EXACT, ROUND_HALF_UP)
    return minutes, " + ".join(told for _, told in parts) + " min"


def _counted(count: int, noun: str, many: str = "s") -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}{many}"


def _steps(value: float, step: Decimal) -> Decimal:
    return (Decimal(f"{value:.6f}") / step).to_integral_value(ROUND_HALF_UP) * step
