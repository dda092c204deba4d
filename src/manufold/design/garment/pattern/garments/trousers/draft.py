"""Trousers: two fronts, two backs, waistband, fly, slant pockets.

Legs are drafted apart: each side's upper edge stands at the height of its own outside leg. The
seams that join left to right, through the crotch, are the same on both.
"""

from manufold.design.garment.pattern.block import Ask
from manufold.design.garment.pattern.building import Meeting
from manufold.design.garment.pattern.garments.trousers.parts import Parts
from manufold.design.garment.pattern.geometry import (
    length_mm,
    point,
)
from manufold.design.garment.pattern.person import SIDES
from manufold.design.garment.pattern.piece import (
    Level,
    Pattern,
    Run,
    Slice,
)

__all__ = ["draft"]

_OVER_HIP_MM = 8.0  # a taut tape over the hip is that much longer than the height (ours)
_THIGH_MM = 25.0  # below the crotch, where the thigh is measured


def draft(ask: Ask) -> Pattern:
    """Return the trousers asked for."""
    return _Trousers(ask).drawn()


class _Trousers(Parts):
    def drawn(self) -> Pattern:
        for side in SIDES:
            self._front(side)
        for side in SIDES:
            self._back(side)
        self._fly()
        for side in SIDES:
            self._band(side)
        self._loose()
        self._sew()
        self._fit()
        return self.out.done()

    def _sew(self) -> None:
        sew = self.out.sew
        for side in SIDES:
            if self.slant:
                bag, facing = f"pocket_bag_{side}", f"pocket_facing_{side}"
                left = side == "left"
                sew(
                    f"pocket-{side}",
                    [Run(bag, "opening", forward=left)],
                    [Run(f"front_{side}", "pocket", forward=left)],
                    "faced",
                )
                for edge in ("inner", "bottom"):
                    sew(f"bag-{edge}-{side}", [Run(bag, edge)], [Run(facing, edge)])
        sew("fly-facing", [Run("fly_facing", "fly")], [Run("front_left", "fly")], "faced")
        sew("fly-shield", [Run("fly_shield", "fly")], [Run("front_right", "fly")])
        for side in SIDES:
            self._sew_side(side)
        for side in SIDES:
            self._sew_band(side)
        for side in SIDES:
            self._sew_inseam(side)
        sew("crotch-front", [Run("front_left", "crotch")], [Run("front_right", "crotch", False)])
        sew(
            "seat",
            [Run("back_left", "seat")],
            [Run("back_right", "seat", forward=False)],
            "plain",
            0.0,
            [("seat", length_mm(self.legs["right"][1].crotch), 0.0)],
        )
        for layer in ("outer", "inner"):
            one, other = f"band_{layer}_left", f"band_{layer}_right"
            sew(f"band-{layer}-centre", [Run(one, "centre")], [Run(other, "centre", False)])
        for side in SIDES:
            inner, outer = Run(f"band_inner_{side}", "waist"), Run(f"band_outer_{side}", "waist")
            sew(f"band-closed-{side}", [inner], [outer], "lapped")

    def _sew_side(self, side: str) -> None:
        left = side == "left"
        front, back = f"front_{side}", f"back_{side}"
        # upwards: the left front is as drawn, the right back too
        one = [Run(front, "side", forward=left)]
        if self.slant:
            one.append(Run(f"pocket_facing_{side}", "side", forward=left))
        two = [Run(back, "side", forward=not left)]
        leg = self.legs[side][0]
        whole = length_mm(leg.side)
        knee = length_mm(leg.side[:1])
        hip = length_mm(leg.side[:2])
        meets: list[Meeting] = [("knee-side", knee, 0.0)]
        if hip < whole - 5:
            meets.append(("hip-side", hip, 0.0))
        self.out.sew(f"side-{side}", one, two, "plain", 0.0, meets)

    def _sew_inseam(self, side: str) -> None:
        left = side == "left"
        front, back = f"front_{side}", f"back_{side}"
        leg = self.legs[side][0]
        # the back's inseam is the shorter one; all of it is stretched above the knee
        stretch = self.d["stretch_mm"]
        below = length_mm(self.legs[side][1].inseam[-1:])
        mine = [Run(front, "inseam", forward=not left)]
        other = [Run(back, "inseam", forward=left)]
        less = length_mm(leg.inseam[-1:]) - below
        knees: list[Meeting] = [("knee-in", below, less)]
        self.out.sew(f"inseam-{side}", mine, other, "plain", stretch, knees)

    def _sew_band(self, side: str) -> None:
        left = side == "left"
        outer, inner = f"band_outer_{side}", f"band_inner_{side}"
        runs = self._waist_runs(side)
        front = self.out.sewn_mm(*runs[:-1])
        meets: list[Meeting] = [("side-seam", front, 0.0)]
        self.out.sew(f"band-top-{side}", [Run(inner, "top")], [Run(outer, "top")], "enclosed")
        self.out.sew(
            f"waist-{side}", [Run(outer, "waist", forward=not left)], runs, "plain", 0.0, meets
        )
        self.out.sew(f"band-end-{side}", [Run(inner, "end")], [Run(outer, "end")], "enclosed")

    def _fit(self) -> None:
        body = self.body
        thigh, knee = self.at.crotch_mm - _THIGH_MM, self.at.knee_mm
        for name, y, measure, sides in (
            ("hip", self.at.hip_mm, "hip_girth_mm", SIDES),
            ("thigh-left", thigh, "thigh_girth_mm", ("left",)),
            ("thigh-right", thigh, "thigh_girth_mm", ("right",)),
            ("knee", knee, "knee_girth_mm", ("left",)),
        ):
            slices = [Slice(f"{panel}_{side}", y) for side in sides for panel in ("front", "back")]
            slices += [one for side in sides for one in self._behind_slant(side, y)]
            self.out.levels.append(Level(name, body[measure], tuple(slices)))
        bands = [Slice(f"band_outer_{side}", self.d["band_mm"] / 2) for side in SIDES]
        bands = [
            Slice(one.piece, one.y_mm, *((-1e6, w) if w > 0 else (w, 1e6)))
            for one, w in zip(
                bands,
                (
                    self.out.sewn_mm(Run("band_outer_left", "waist")),
                    -self.out.sewn_mm(Run("band_outer_right", "waist")),
                ),
                strict=True,
            )
        ]
        self.out.levels.append(Level("waist", body["waist_girth_mm"], tuple(bands)))
        self.out.sizes_mm |= {
            "waist": self.waist,
            "hip": self.hip,
            "inside_leg": length_mm(self.legs["left"][0].inseam),
            "outside_leg_left": length_mm(self.legs["left"][0].side) + self.d["band_mm"],
            "outside_leg_right": length_mm(self.legs["right"][0].side) + self.d["band_mm"],
            "hem": self.front.hem_mm + self.back.hem_mm,
        }

    def _behind_slant(self, side: str, y: float) -> list[Slice]:
        """Return what shows of the piece behind a slant pocket at a height."""
        if not self.slant:
            return []
        leg = self.legs[side][0]
        low = point(leg.side, length_mm(leg.side) - self.d["pocket_side_mm"])
        high = point(leg.waist, self.d["pocket_waist_mm"])
        if y <= low.imag:
            return []
        x = low.real + (high.real - low.real) * (y - low.imag) / (high.imag - low.imag)
        out = (x, 1e6) if side == "left" else (-1e6, -x)
        return [Slice(f"pocket_facing_{side}", y, *out)]
