"""A lined jacket: backs, side panels, fronts with notch lapels, facings, collar, two-piece sleeves.

Each side is drafted apart from its own slope and arm. Side panels, backs and sleeves are cut in
shell and in lining from the same lines; the front's lining ends at the facing.
"""

from manufold.design.garment.pattern.block import Ask
from manufold.design.garment.pattern.garments.jacket.parts import Parts
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
    """Return the jacket asked for."""
    return _Jacket(ask).drawn()


class _Jacket(Parts):
    def drawn(self) -> Pattern:
        for side in SIDES:
            self._front(side)
        for side in SIDES:
            self._side_panel(side)
        for side in SIDES:
            self._back(side)
        for side in SIDES:
            self._sleeve(side)
        self._collar()
        self._loose()
        self._sew()
        self._levels()
        return self.out.done()

    def _sew(self) -> None:
        sew = self.out.sew
        for side in SIDES:
            self._sew_front_side(side)
        for side in SIDES:
            self._sew_facing(side)
        for side in SIDES:
            for edge in ("lapel_top", "edge"):
                one, two = Run(f"facing_{side}", edge), Run(f"front_{side}", edge)
                sew(f"{edge}-{side}", [one], [two], "faced")
        sew("centre-back", [Run("back_left", "centre")], [Run("back_right", "centre", False)])
        for side in SIDES:
            self._sew_back_side(side)
        for side in SIDES:
            self._sew_shoulders(side)
        for edge in ("front_right", "outer", "front_left"):
            sew(f"collar-{edge}", [Run("collar_top", edge)], [Run("collar_under", edge)])
        self._sew_collar()
        for side in SIDES:
            self._sew_sleeve(side)
        for side in SIDES:
            self._sew_armhole(side)

    def _sew_collar(self) -> None:
        """Sew both layers of the collar on, from the left notch around the nape to the right."""
        for layer, piece in (("under", "front"), ("top", "facing")):
            around = [
                Run(f"{piece}_left", "neck", forward=False),
                Run("back_left", "neck", forward=False),
                Run("back_right", "neck", forward=False),
                Run(f"{piece}_right", "neck", forward=False),
            ]
            front, back = (self.out.sewn_mm(run) for run in around[:2])
            meets = [("neck-left", front, 0.0), ("nape", front + back, 0.0)]
            meets.append(("neck-right", front + back + self.out.sewn_mm(around[2]), 0.0))
            if layer == "top":  # its notches on the backs are there already
                meets = [("notch-left", front, 0.0)]
            self.out.sew(
                f"collar-{layer}", [Run(f"collar_{layer}", "neck")], around, "plain", 0.0, meets
            )

    def _sew_front_side(self, side: str) -> None:
        right = side == "right"
        p = self.panels[side]
        waist_f = length_mm(p.front_side) - length_mm(p.front_side[-1:])
        self.out.sew(
            f"front-side-{side}",
            [Run(f"front_{side}", "side", forward=not right)],
            [Run(f"side_{side}", "front", forward=right)],
            "plain",
            0.0,
            [("waist-front", waist_f, 0.0)],
        )

    def _sew_back_side(self, side: str) -> None:
        right = side == "right"
        p = self.panels[side]
        waist_b = length_mm(p.back_side) - length_mm(p.back_side[-1:])
        self.out.sew(
            f"back-side-{side}",
            [Run(f"back_{side}", "side", forward=right)],
            [Run(f"side_{side}", "back", forward=not right)],
            "plain",
            0.0,
            [("waist-back", waist_b, 0.0)],
        )

    def _sew_shoulders(self, side: str) -> None:
        right, ease_mm = side == "right", self.d["shoulder_ease_mm"]
        lining, facing = f"lining_front_{side}", f"facing_{side}"
        self.out.sew(
            f"shoulder-{side}",
            [Run(f"back_{side}", "shoulder", forward=not right)],
            [Run(f"front_{side}", "shoulder", forward=right)],
            "plain",
            ease_mm,
        )
        self.out.sew(
            f"lining-shoulder-{side}",
            [Run(facing, "shoulder"), Run(lining, "shoulder")][:: -1 if not right else 1],
            [Run(f"back_{side}", "shoulder", forward=False)],
            "plain",
            -ease_mm,
        )

    def _sew_sleeve(self, side: str) -> None:
        top, under = f"sleeve_top_{side}", f"sleeve_under_{side}"
        for edge in ("front", "hind"):
            self.out.sew(
                f"sleeve-{edge}-{side}",
                [Run(top, edge)],
                [Run(under, edge)],
            )

    def _sew_armhole(self, side: str) -> None:
        right, ease = side == "right", self.d["cap_ease_mm"]
        top, under = f"sleeve_top_{side}", f"sleeve_under_{side}"
        # from the shoulder down the front, under the arm, up the back
        hole = [
            Run(f"front_{side}", "armhole", forward=right),
            Run(f"side_{side}", "armhole", forward=right),
            Run(f"back_{side}", "armhole", forward=right),
        ]
        cap = [
            Run(top, "cap_front", forward=not right),
            Run(under, "cap", forward=right),
            Run(top, "cap_back", forward=not right),
        ]
        front, below = self.out.sewn_mm(cap[0]), self.out.sewn_mm(cap[1])
        # the fullness lies over the shoulder: half before it, half behind; none under the arm
        meets = [
            ("pitch-front", front - ease / 2, ease / 2),
            ("pitch-back", front - ease / 2 + below, ease / 2),
        ]
        self.out.sew(f"armhole-{side}", cap, hole, "set", ease, meets)
        lining = [Run(f"lining_front_{side}", "armhole")]
        self.out.sew(
            f"lining-armhole-{side}", lining, [Run(f"front_{side}", "armhole")], "enclosed"
        )

    def _sew_facing(self, side: str) -> None:
        right, sew = side == "right", self.out.sew
        lining, facing = f"lining_front_{side}", f"facing_{side}"
        sew(
            f"facing-lining-{side}",
            [Run(lining, "facing", forward=not right)],
            [Run(facing, "inner", forward=right)],
        )
        sew(
            f"lining-side-{side}",
            [Run(lining, "side", forward=not right)],
            [Run(f"side_{side}", "front", forward=right)],
        )

    def _levels(self) -> None:
        rows = (
            ("chest", None, "bust_girth_mm"),
            ("waist", 0.0, "waist_girth_mm"),
            ("hip", self.t.hip_mm, "hip_girth_mm"),
        )
        for name, y, measure in rows:
            slices = []
            into = 0.5 * self.take.centre_mm if name == "hip" else 0.0  # a vent does not count
            for side in SIDES:
                level = self.t.halves[side].back.underarm.imag if y is None else y
                out = (0.0, 1e6) if side == "left" else (-1e6, 0.0)
                centre = (into, 1e6) if side == "right" else (-1e6, -into)
                slices.append(Slice(f"front_{side}", level, *out))
                slices.append(Slice(f"side_{side}", level))
                slices.append(Slice(f"back_{side}", level, *centre))
            self.out.levels.append(Level(name, self.body[measure], tuple(slices)))
        half, take = self.t.half_bust_mm, self.take
        at_waist = take.centre_mm + take.back_mm + take.front_mm + take.dart_mm
        self.out.sizes_mm |= {
            "chest": self.body["bust_girth_mm"] + self.ease["bust_mm"],
            "waist": 2 * (half - at_waist),
            "hip": 2 * (half - take.hip_mm - 0.5 * take.centre_mm),
            "back_length": self.t.nape_mm - self.hem,
            "upper_arm": self.wide_mm,
        }
