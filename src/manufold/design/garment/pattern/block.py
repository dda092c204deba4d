"""What every draft of an upper garment asks for: choices, ease, an armhole the arm fits into."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from manufold.design.garment.pattern.building import Draft
from manufold.design.garment.pattern.person import SIDES, Person
from manufold.design.garment.pattern.torso import Torso
from manufold.model.errors import CannotMake, Reason

__all__ = ["Ask", "flattest", "sleeves_fit", "waist_taken"]

_STEP_MM = 6.0
#: how much flatter than wished a cap may be, at most, where the armhole is deepest
_FLATTER = 0.35
Head = TypeVar("Head")


@dataclass(frozen=True, slots=True)
class Ask:
    """A body, and everything chosen of a garment.

    Args:
        ease: the row of the chosen fit, with the stretch of the cloth taken off girths.
        table: the garment's `options.toml`.
    """

    body: Person
    options: Mapping[str, str]
    ease: Mapping[str, Any]
    table: Mapping[str, Any]


def sleeves_fit(
    block: Callable[[float], Torso],
    sleeve: Callable[[float, float], Head | None],
    most_deeper_mm: float,
    out: Draft,
) -> tuple[Torso, dict[str, Head]]:
    """Return the torso and its sleeves; an armhole too small for the arm is cut deeper, and said.

    Args:
        block: the torso, its armhole so many mm deeper than the fit has it.
        sleeve: what is set into an armhole of a length, its cap flatter by a share of 0 to 1 of
            what it may be; None when the arm leaves no cap.

    Raises:
        CannotMake: `garment.pattern_no_room` when even the deepest armhole holds no cap.
    """
    deeper_mm = 0.0
    while deeper_mm <= most_deeper_mm:
        found = block(deeper_mm)
        flatter = deeper_mm / most_deeper_mm
        heads = {side: sleeve(found.halves[side].armhole_mm, flatter) for side in SIDES}
        whole = {side: one for side, one in heads.items() if one is not None}
        if len(whole) == len(SIDES):
            if deeper_mm:
                params = {"deeper_mm": f"{deeper_mm:.0f}"}
                out.notes.append(Reason("garment.pattern_armhole_deeper", params))
            return found, whole
        deeper_mm += _STEP_MM
    raise CannotMake("garment.pattern_no_room", where="armhole", measure="upper_arm_girth_mm")


def flattest(least: float, flatter: float) -> float:
    """Return the least height of a cap, as a share of its width, when it may be flatter."""
    return least * (1 - _FLATTER * flatter)


def waist_taken(ask: Ask, half_bust_mm: float) -> tuple[float, float, float]:
    """Return what each side seam takes in at waist and hip, and each back dart, in mm.

    Below nought a seam stands out. Side seams and darts share what the waist wants, within what
    the fit allows; a waist or hip wider than the chest is always given its ease.
    """
    waist_mm = ask.body["waist_girth_mm"] + ask.ease["waist_mm"]
    hip_mm = ask.body["hip_girth_mm"] + ask.ease["hip_mm"]
    want = half_bust_mm - waist_mm / 2
    take = min(want, ask.ease["waist_in_mm"])
    dart = min(max(take - 40, 0.0), 26.0) if ask.ease["darts"] else 0.0
    dart = dart if dart >= 6 else 0.0
    return (take - dart) / 2, min((half_bust_mm - hip_mm / 2) / 2, 12.0), dart
