"""A shirt: two fronts, a back under a yoke, sleeves with cuffs, a collar on a stand.

The torso block is cut by the yoke's two seams: one level across the back, one parallel to the
shoulder on the front; both halves of every piece that crosses the middle keep their own slope.
"""

from manufold.design.garment.pattern.block import Ask
from manufold.design.garment.pattern.garments.shirt.parts import Parts
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
    """Return the shirt asked for."""
    return _Shirt(ask).drawn()


class _Shirt(Parts):
    def drawn(self) -> Pattern:
        self._back()
        self._yoke()
        for side in SIDES:
            self._front(side)
        self._collar()
        for side in SIDES:
            self._sleeve(side)
        if self.ask.options["pocket"] == "one":
            self._pocket()
        self._sew()
        self._levels()
        return self.out.done()

    def _sew(self) -> None:
        sew = self.out.sew
        if self._banded("left"):
            sew(
                "band",
                [Run("band_left", "opening")],
                [Run("front_left", "opening", forward=False)],
                "banded",
            )
        middle = abs(self.out.path("yoke_outer", "bottom")[0].a.real)
        for name in ("yoke_outer", "yoke_inner"):
            meets = [("yoke-centre", middle, 0.0)] if name == "yoke_outer" else []
            sew(
                f"{name}-back",
                [Run(name, "bottom")],
                [Run("back", "yoke", forward=False)],
                "enclosed",
                0.0,
                meets,
            )
        for name in ("yoke_outer", "yoke_inner"):
            for side in SIDES:
                # a front's edge and the yoke's run against each other, faces up
                sew(
                    f"{name}-front-{side}",
                    [Run(name, f"front_{side}")],
                    [Run(f"front_{side}", "yoke", forward=False)],
                    "enclosed",
                )
        sew(
            "yokes-neck",
            [Run("yoke_inner", "neck")],
            [Run("yoke_outer", "neck")],
            "enclosed",
        )
        for side in SIDES:
            sew(
                f"yokes-armhole-{side}",
                [Run("yoke_inner", f"armhole_{side}")],
                [Run("yoke_outer", f"armhole_{side}")],
                "enclosed",
            )
        self._sew_collar()
        for side in SIDES:
            self._sew_armhole(side)
        for side in SIDES:
            self._sew_side(side)
        if self.ask.options["sleeve"] == "long":
            for side in SIDES:
                self._sew_cuff(side)

    def _sew_collar(self) -> None:
        sew = self.out.sew
        fronts = [Run("front_left", "neck", forward=False)]
        if self._banded("left"):
            fronts.insert(0, Run("band_left", "neck", forward=False))
        # from the left fold around the nape to the right fold
        around = [*fronts, Run("yoke_outer", "neck", forward=False)]
        around.append(Run("front_right", "neck", forward=False))
        before = self.out.sewn_mm(*fronts)
        nape = (
            before
            + length_mm(self.out.path("yoke_outer", "neck"))
            - length_mm(self._yoke_half("right")[3])
        )
        ends = self.out.sewn_mm(*around)
        meets = [
            ("neck-left", before, 0.0),
            ("nape", nape, 0.0),
            ("neck-right", ends - self.out.sewn_mm(around[-1]), 0.0),
        ]
        if self.ask.options["collar"] == "turn-down":
            for edge in ("front_right", "outer", "front_left"):
                sew(f"collar-{edge}", [Run("collar_top", edge)], [Run("collar_under", edge)])
            sew(
                "fall-outer",
                [Run("collar_under", "neck")],
                [Run("stand_outer", "top", forward=False)],
            )
            sew(
                "fall-inner",
                [Run("collar_top", "neck")],
                [Run("stand_inner", "top", forward=False)],
            )
        else:
            sew("stand-top", [Run("stand_inner", "top")], [Run("stand_outer", "top")])
        for edge in ("front_right", "front_left"):
            sew(f"stand-{edge}", [Run("stand_inner", edge)], [Run("stand_outer", edge)])
        sew("stand-neck", [Run("stand_outer", "neck")], around, "plain", 0.0, meets)
        sew("stand-closed", [Run("stand_inner", "neck")], [Run("stand_outer", "neck")], "lapped")

    def _sew_armhole(self, side: str) -> None:
        sew, drawn = self.out.sew, side == "right"
        name = f"sleeve_{side}"
        # from the front underarm point over the shoulder; the left front is as drawn, the right
        # one flipped; the back's left half is flipped, the right one as drawn
        hole = [
            Run(f"front_{side}", "armhole", forward=side == "left"),
            Run("yoke_outer", f"armhole_{side}", forward=side == "left"),
            Run("back", f"armhole_{side}", forward=side == "left"),
        ]
        front_mm = self.out.sewn_mm(hole[0])
        crown = front_mm + self.d["forward_mm"]
        whole = self.out.sewn_mm(*hole)
        back_mm = self.out.sewn_mm(hole[2])
        ease = self.d["cap_ease_mm"]
        meets = [
            ("pitch-front", 0.45 * front_mm, 0.0),
            ("crown", crown, ease / 2),
            ("pitch-back", whole - 0.5 * back_mm, ease),
        ]
        cap = [Run(name, "cap_front", forward=drawn), Run(name, "cap_back", forward=drawn)]
        sew(f"armhole-{side}", cap, hole, "set", ease, meets)

    def _sew_side(self, side: str) -> None:
        sew, drawn = self.out.sew, side == "right"
        name = f"sleeve_{side}"
        sew(
            f"side-{side}",
            [Run(f"front_{side}", "side", forward=side == "left")],
            [Run("back", f"side_{side}", forward=side == "right")],
            "plain",
            0.0,
            [("waist", self._waist_mm(side), 0.0)],
        )
        sew(
            f"underarm-{side}",
            [Run(name, "underarm_front", forward=drawn)],
            [Run(name, "underarm_back", forward=not drawn)],
        )

    def _sew_cuff(self, side: str) -> None:
        """Sew the two layers of a cuff, put the outer one on, close the inner one over it."""
        sew = self.out.sew
        inner, outer = f"cuff_inner_{side}", f"cuff_outer_{side}"
        for edge in ("end_front", "outer", "end_back"):
            sew(f"cuff-{edge}-{side}", [Run(inner, edge)], [Run(outer, edge)], "enclosed")
        sew(f"cuff-{side}", [Run(outer, "top")], [Run(f"sleeve_{side}", "hem")])
        sew(f"cuff-closed-{side}", [Run(inner, "top")], [Run(outer, "top")], "lapped")

    def _waist_mm(self, side: str) -> float:
        """Return how far above the hem the waist lies on the side seam."""
        seam = self._side(self.t.halves[side], front=False)
        return length_mm(seam) - length_mm(seam[:1])

    def _levels(self) -> None:
        body = self.body
        hip = min(max(self.t.hip_mm, self.hem_mm + self.tail_mm + 1), -1.0)
        for name, y, measure in (
            ("chest", None, "bust_girth_mm"),
            ("waist", 0.0, "waist_girth_mm"),
            ("hip", hip, "hip_girth_mm"),
        ):
            slices = []
            for side in SIDES:
                level = self.t.halves[side].back.underarm.imag if y is None else y
                out = (0.0, 1e6) if side == "left" else (-1e6, 0.0)
                on_back = (-1e6, 0.0) if side == "left" else (0.0, 1e6)
                slices.append(Slice(f"front_{side}", level, *out))
                slices.append(Slice("back", level, *on_back))
                if self._banded(side):
                    slices.append(Slice(f"band_{side}", level, *out))
            self.out.levels.append(Level(name, body[measure], tuple(slices)))
        self.out.sizes_mm |= {
            "chest": body["bust_girth_mm"] + self.ease["bust_mm"],
            "waist": 2 * (self.t.half_bust_mm - 2 * self.waist - self.darts),
            "hip": 2 * (self.t.half_bust_mm - 2 * self.hip),
            "collar": body["neck_girth_mm"] + self.d["neck_mm"],
            "back_length": self.t.nape_mm - self.hem_mm,
            "upper_arm": self.wide_mm,
        }
