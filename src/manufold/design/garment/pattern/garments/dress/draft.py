"""A dress in one with its skirt: a front, two backs with a slide fastener, darts to the bust.

The front is longer over the bust than at its side; a dart in each side seam takes the difference
and points to the bust. Waist darts are long diamonds inside the pieces. Both sides are drafted
apart and joined at the centre of the front.
"""

from manufold.design.garment.pattern.block import Ask
from manufold.design.garment.pattern.garments.dress.parts import Parts
from manufold.design.garment.pattern.geometry import (
    length_mm,
)
from manufold.design.garment.pattern.person import SIDES
from manufold.design.garment.pattern.piece import (
    Level,
    Pattern,
    Run,
    Slice,
)

__all__ = ["draft"]


def draft(ask: Ask) -> Pattern:
    """Return the dress asked for."""
    return _Dress(ask).drawn()


class _Dress(Parts):
    def drawn(self) -> Pattern:
        self._front()
        for side in SIDES:
            self._back(side)
        self._facings()
        for side in SIDES:
            if self.sleeved:
                self._sleeve(side)
            else:
                self._binding(side)
        self._sew()
        self._levels()
        return self.out.done()

    def _sew(self) -> None:
        sew = self.out.sew
        sew("centre-back", [Run("back_left", "centre")], [Run("back_right", "centre", False)])
        for side in SIDES:
            sew(
                f"shoulder-{side}",
                [Run("front", f"shoulder_{side}")],
                [Run(f"back_{side}", "shoulder", forward=False)],
            )
            sew(
                f"facing-shoulder-{side}",
                [Run("facing_front", f"shoulder_{side}")],
                [Run(f"facing_back_{side}", "shoulder", forward=False)],
            )
        sew("facing-neck", [Run("facing_front", "neck")], [Run("front", "neck")], "faced")
        for side in SIDES:
            piece = f"facing_back_{side}"
            sew(f"facing-{side}", [Run(piece, "neck")], [Run(f"back_{side}", "neck")], "faced")
        for side in SIDES:
            self._sew_side(side)
        for side in SIDES:
            self._sew_armhole(side)

    def _sew_side(self, side: str) -> None:
        right, sew = side == "right", self.out.sew
        # upwards: the front's left side and the right back are as drawn
        dart = [("dart", length_mm(self._side(side, front=False)) - self._split_mm(side), 0.0)]
        sew(
            f"side-{side}",
            [Run("front", f"side_{side}", forward=not right)],
            [Run(f"back_{side}", "side", forward=right)],
            "plain",
            0.0,
            [("hip-side", self._hip_mm(side), 0.0), *dart],
        )

    def _hip_mm(self, side: str) -> float:
        """Return how far above the hem the hip lies on the side seam."""
        path = self._side(side, front=False)
        return length_mm(path[2:])

    def _sew_armhole(self, side: str) -> None:
        right = side == "right"
        hole = [
            Run("front", f"armhole_{side}", forward=not right),
            Run(f"back_{side}", "armhole", forward=not right),
        ]
        front, whole = self.out.sewn_mm(hole[0]), self.out.sewn_mm(*hole)
        if not self.sleeved:
            self.out.sew(
                f"armhole-{side}",
                [Run(f"binding_{side}", "armhole")],
                hole,
                "banded",
                0.0,
                [("shoulder", front, 0.0)],
            )
            return
        name, ease = f"sleeve_{side}", self.d["cap_ease_mm"]
        cap = [Run(name, "cap_front", forward=right), Run(name, "cap_back", forward=right)]
        meets = [
            ("pitch-front", 0.4 * front, 0.0),
            ("crown", front, 0.5 * ease),
            ("pitch-back", front + 0.55 * (whole - front), ease),
        ]
        self.out.sew(
            f"underarm-{side}",
            [Run(name, "underarm_front", forward=right)],
            [Run(name, "underarm_back", forward=not right)],
        )
        self.out.sew(f"armhole-{side}", cap, hole, "set", ease, meets)

    def _levels(self) -> None:
        rows = (
            ("chest", None, 0.0, "bust_girth_mm"),
            ("waist", 0.0, self.dart, "waist_girth_mm"),
            ("hip", self.t.hip_mm, self.dart, "hip_girth_mm"),
        )
        for name, y, lower, measure in rows:
            slices = []
            for side in SIDES:
                level = self.t.halves[side].back.underarm.imag if y is None else y
                out = (0.0, 1e6) if side == "left" else (-1e6, 0.0)
                slices.append(Slice("front", level - lower, *out))
                slices.append(Slice(f"back_{side}", level))
            self.out.levels.append(Level(name, self.body[measure], tuple(slices)))
        s, half = self.shape, self.t.half_bust_mm
        taken = 2 * s.side_mm + s.centre_mm + s.front_dart_mm + s.back_dart_mm
        self.out.sizes_mm |= {
            "chest": self.body["bust_girth_mm"] + self.ease["bust_mm"],
            "waist": 2 * (half - taken),
            "hip": 2 * (half - 2 * s.hip_in_mm - 0.3 * s.centre_mm),
            "back_length": self.t.nape_mm - self.hem,
        }
