"""The pieces of trousers: what is cut, before anything is said of how it is sewn."""

from dataclasses import replace

from manufold.design.garment.pattern.block import Ask
from manufold.design.garment.pattern.building import Draft
from manufold.design.garment.pattern.collar import strip
from manufold.design.garment.pattern.garments.trousers.legs import (
    Leg,
    Levels,
    Widths,
    back_leg,
    crease_mm,
    front_leg,
    wide_at_mm,
)
from manufold.design.garment.pattern.geometry import (
    Path,
    along,
    direction,
    left_of,
    length_mm,
    line,
    point,
    split,
)
from manufold.design.garment.pattern.person import SIDES
from manufold.design.garment.pattern.piece import (
    Edge,
    Mark,
    Run,
    Side,
    Taken,
)
from manufold.model.errors import CannotMake, Reason

__all__ = ["Parts"]

_LONG = "garment.pattern_crotch_long"
_OVER_HIP_MM = 8.0  # a taut tape over the hip is that much longer than the height (ours)
_THIGH_MM = 25.0  # below the crotch, where the thigh is measured


class Parts:
    """A pair of trousers while its pieces are drawn."""

    def __init__(self, ask: Ask):
        self.ask, self.body, self.d, self.ease = ask, ask.body, ask.table["draft"], ask.ease
        self.out = Draft("trousers", ask.options)
        self.seam = self.d["seam_mm"]
        self.slant = ask.options["pocket"] == "slant"
        self.waist = self.body["waist_girth_mm"] + self.ease["waist_mm"]
        # a stout body's trousers hang from the waist: the seat is not much narrower
        seat = self.body["hip_girth_mm"] + self.ease["hip_mm"]
        self.hip = max(seat, self.waist - self.d["stout_mm"])
        self.tops = {
            side: self.body[f"outside_leg_length_{side}_mm"] - _OVER_HIP_MM - self.d["band_mm"]
            for side in SIDES
        }
        self.drop, self.lacks = 0.0, 0.0
        self._shape()
        if self.lacks > 2:  # a lower crotch is a longer seam, twice
            self.drop = min(self.lacks / 2, self.d["drop_most_mm"])
            self._shape()
        if abs(self.lacks) > 5:
            code = "garment.pattern_crotch_short" if self.lacks > 0 else _LONG
            self.out.notes.append(Reason(code, {"off_mm": f"{abs(self.lacks):.0f}"}))

    def _shape(self) -> None:
        self.at = self._levels()
        self.front, self.back = self._widths()
        for share in (1.0, 0.6, 0.2):  # both sides' centres rise alike, or they would not meet
            raise_mm = share * min(self.d["raise_most_mm"], 0.09 * self.waist)
            found = {side: self._legs(side, raise_mm) for side in SIDES}
            self.legs = {side: one for side, one in found.items() if one is not None}
            if len(self.legs) == len(SIDES):
                return
        side = next(side for side in SIDES if found[side] is None)
        measure = f"outside_leg_length_{side}_mm"
        raise CannotMake("garment.pattern_no_room", where="back", measure=measure)

    def _levels(self) -> Levels:
        crotch = self.body["inside_leg_height_mm"] - self.ease["rise_mm"] - self.drop
        top = sum(self.tops.values()) / 2 - 6
        rise = top - crotch
        if rise < 70:
            measure = "inside_leg_height_mm"
            raise CannotMake("garment.pattern_no_room", where="rise", measure=measure)
        seat = top + self.d["band_mm"] - self.body["hip_depth_mm"]
        hip = min(max(seat, crotch + 0.30 * rise), crotch + 0.52 * rise)
        hem = self.d["above_floor_mm"] - self.d["length"][self.ask.options["length"]]
        knee = min(max(self.body["knee_height_mm"] + 15, hem + 120), crotch - 150)
        return Levels(hem, knee, crotch, hip, top)

    def _widths(self) -> tuple[Widths, Widths]:
        """Return the widths of front and back; forks as wide as the thigh wants."""
        knee = self.body["knee_girth_mm"] + self.ease["knee_mm"]
        knee = max(knee, self.body["calf_girth_mm"] + 0.6 * self.ease["knee_mm"])
        hem = knee * self.ease["hem_share"]
        less, forks = self.d["leg_less_mm"], self.d["fork_share"] * self.hip
        quarter, share = self.hip / 4, self.d["front_fork"]
        thigh = self.body["thigh_girth_mm"] + self.ease["thigh_mm"]

        def both(forks: float) -> tuple[Widths, Widths]:
            narrow = self.d["front_less_mm"]
            return (
                Widths(quarter - narrow, share * forks, (knee - less) / 2, (hem - less) / 2),
                Widths(quarter + narrow, (1 - share) * forks, (knee + less) / 2, (hem + less) / 2),
            )

        for _ in range(4):  # each pass gives the forks what the thigh still lacks
            found = both(forks)
            lacks = thigh - sum(
                wide_at_mm(
                    front_leg(self.at, one, self.at.centre_mm, 0, 0), self.at.crotch_mm - _THIGH_MM
                )
                for one in found
            )
            if lacks < 0.05:
                break
            forks += 1.08 * lacks
        return found

    def _legs(self, side: str, raise_mm: float) -> tuple[Leg, Leg, float, tuple[float, ...]] | None:
        """Return front and back, the front's dart and the back's darts; None if they do not meet.

        Args:
            raise_mm: the most that the centre back may stand above the centre front.
        """
        wants = self.waist / 4
        over = self.front.hip_mm - wants - 3
        centre_in = min(max(0.25 * over, -30.0), self.d["front_most_mm"])
        dart = min(max(over - centre_in - self.d["side_most_mm"], 0.0), self.d["dart_most_mm"])
        dart = dart if dart >= 8 else 0.0
        front = self._front_leg(side, centre_in, over - centre_in - dart)
        back_wants = self.waist / 2 - length_mm(front.waist) + dart
        lean = self.d["lean"] * (self.at.centre_mm + 30 - self.at.hip_mm)
        spare = self.back.hip_mm - lean - back_wants - max(over - centre_in - dart, 0.0)
        darts: tuple[float, ...] = ()
        most = self.d["dart_most_mm"]
        if spare >= 10:
            count = 1 if spare <= 26 else 2
            darts = (min(spare / count, most),) * count
        seam = self.body["total_crotch_length_mm"] + self.ease["crotch_mm"] - 2 * self.d["band_mm"]
        wide = back_wants + sum(darts)
        made = back_leg(self.at, self.back, front, wide, seam, raise_mm, self.d)
        if made is None:
            return None
        self.lacks = made[1]
        return front, made[0], dart, darts

    def _front_leg(self, side: str, centre_in: float, side_in: float) -> Leg:
        """Return the front whose upper edge, bent as it is, has its length exactly."""
        wanted = self.front.hip_mm - centre_in - side_in
        found = front_leg(self.at, self.front, self.tops[side], centre_in, side_in)
        for _ in range(6):
            off = length_mm(found.waist) - wanted
            if abs(off) < 1e-4:
                break
            side_in += off
            found = front_leg(self.at, self.front, self.tops[side], centre_in, side_in)
        return found

    def _hem_mm(self) -> float:
        return float(self.d["turn_up_mm" if self.ask.options["hem"] == "turn-up" else "hem_mm"])

    def _front(self, side: str) -> None:
        """Draft the left front; the right one is flipped over."""
        leg, _back, dart, _darts = self.legs[side]
        up, waist = leg.side, leg.waist
        pocket: list[Edge] = []
        if self.slant:
            at = length_mm(up) - self.d["pocket_side_mm"]
            up, clipped = split(up, at)
            corner, waist = split(waist, self.d["pocket_waist_mm"])
            slant = line(up[-1].d, waist[0].a)
            pocket = [Edge("pocket", slant, self.seam)]
            self._pocket(side, leg, clipped, corner, waist)
        taken, marks = _darts_on(waist, (dart,) if dart else (), 85.0)
        crease = crease_mm(self.front)
        low, high = complex(crease, self.at.hem_mm), complex(crease, self.at.hip_mm)
        marks.append(Mark("line", (low, high), "crease"))
        self.out.piece(
            f"front_{side}",
            _side(side),
            [
                Edge("hem", leg.hem, self._hem_mm(), sewn=False),
                Edge("side", up, self.seam),
                *pocket,
                Edge("waist", waist, self.seam, taken),
                Edge("fly", leg.centre, self.seam),
                Edge("crotch", leg.crotch, self.seam),
                Edge("inseam", leg.inseam, self.seam),
            ],
            (low + 40j, high - 20j),
            {"shell": 1},
            marks,
            flip=side == "right",
        )

    def _pocket(self, side: str, leg: Leg, clipped: Path, corner: Path, waist: Path) -> None:
        """Draft the piece behind the slant, and its bag, of the left; the right ones flip."""
        low, under = clipped[0].a, 75.0
        below = along(
            leg.side,
            length_mm(leg.side) - self.d["pocket_side_mm"] - under,
            length_mm(leg.side) - self.d["pocket_side_mm"],
        )
        inner = along(waist, 0, 72.0)
        corner_low = complex(inner[-1].d.real - 18, below[0].a.imag - 15)
        down, bottom = line(inner[-1].d, corner_low), line(corner_low, below[0].a)
        grain = low - 60 + 20j, low - 60 + 120j
        flip = side == "right"
        self.out.piece(
            f"pocket_facing_{side}",
            _side(side),
            [
                Edge("bottom", bottom, self.seam),
                Edge("side_under", below, self.seam, sewn=False),
                Edge("side", clipped, self.seam),
                Edge("waist", corner, self.seam),
                Edge("waist_under", inner, self.seam, sewn=False),
                Edge("inner", down, self.seam),
            ],
            grain,
            {"shell": 1},
            flip=flip,
        )
        self.out.piece(
            f"pocket_bag_{side}",
            _side(side),
            [
                Edge("bottom", bottom, self.seam),
                Edge("side_under", below, self.seam, sewn=False),
                Edge("opening", line(low, waist[0].a), self.seam),
                Edge("waist_under", inner, self.seam, sewn=False),
                Edge("inner", down, self.seam),
            ],
            grain,
            {"pocketing": 1},
            flip=flip,
        )

    def _back(self, side: str) -> None:
        """Draft the right back; the left one is flipped over."""
        _front, leg, _dart, darts = self.legs[side]
        taken, marks = _darts_on(leg.waist, darts, 105.0)
        crease = crease_mm(self.back)
        low, high = complex(crease, self.at.hem_mm), complex(crease, self.at.hip_mm)
        marks.append(Mark("line", (low, high), "crease"))
        if self.ask.options["back_pocket"] in (side, "both"):
            marks.append(self._welt_line(leg))
        self.out.piece(
            f"back_{side}",
            _side(side),
            [
                Edge("hem", leg.hem, self._hem_mm(), sewn=False),
                Edge("side", leg.side, self.seam),
                Edge("waist", leg.waist, self.seam, taken),
                Edge("seat", (*leg.centre, *leg.crotch), self.d["seat_seam_mm"]),
                Edge("inseam", leg.inseam, self.seam),
            ],
            (low + 40j, high - 20j),
            {"shell": 1},
            marks,
            flip=side == "left",
        )

    def _welt_line(self, leg: Leg) -> Mark:
        middle = length_mm(leg.waist) / 2
        way = direction(leg.waist, middle)
        centre = point(leg.waist, middle) + left_of(way) * 90
        half = way * self.d["welt_mm"] / 2
        return Mark("line", (centre - half, centre + half), "welt-pocket")

    def _fly(self) -> None:
        """Draft the fly's facing, left, and its shield, right; both along the centre line."""
        wide = self.d["fly_mm"]
        for name, side, more in (("fly_facing", "left", 0.0), ("fly_shield", "right", 8.0)):
            leg = self.legs[side][0]
            top, low = leg.centre[0].a, leg.centre[-1].d
            out = wide + more
            edges = [
                Edge("fly", line(top, low), self.seam),
                Edge("bottom", line(low, low + complex(0.5 * out, 6)), self.seam, sewn=False),
                Edge(
                    "edge",
                    line(low + complex(0.5 * out, 6), low + complex(out, 45), top + out),
                    self.seam,
                    sewn=False,
                ),
                Edge("waist", line(top + out, top), self.seam, sewn=False),
            ]
            grain = top + complex(out / 2, -30), low + complex(out / 2, 40)
            cut = {"shell": 1 if side == "left" else 2, "interlining": 1}
            self.out.piece(name, _side(side), edges, grain, cut, flip=side == "right")

    def _waist_runs(self, side: str) -> list[Run]:
        """Return the upper edges from centre front to centre back."""
        left = side == "left"
        found = [Run(f"front_{side}", "waist", forward=not left)]
        if self.slant:
            found.append(Run(f"pocket_facing_{side}", "waist", forward=not left))
        return [*found, Run(f"back_{side}", "waist", forward=not left)]

    def _band(self, side: str) -> None:
        """Draft the left band from behind: centre back at nought, its end under the button."""
        whole = self.out.sewn_mm(*self._waist_runs(side))
        wide, over, high = whole + self.d["over_mm"], self.d["over_mm"], self.d["band_mm"]
        edges = strip(("waist", "end", "top", "centre"), wide, high, self.seam)
        low = edges[0].path[0]
        cut = low.a + whole
        parts = [
            Edge("waist", line(low.a, cut), self.seam),
            Edge("extension", line(cut, cut + over), self.seam, sewn=False),
            *edges[1:3],
            Edge("centre", edges[3].path, self.d["seat_seam_mm"]),
        ]
        for layer in ("outer", "inner"):
            self.out.piece(
                f"band_{layer}_{side}",
                _side(side),
                parts,
                (complex(40, high / 2), complex(wide - 40, high / 2)),
                {"shell": 1, "interlining": 1} if layer == "outer" else {"shell": 1},
                flip=side == "right",
            )

    def _loose(self) -> None:
        """Draft what is laid on or set in: belt loops, welts and the back pockets' bags."""
        rows = [("belt_loops", 10.0, 560.0, {"shell": 1})]
        pockets = {"right": 1, "both": 2, "none": 0}[self.ask.options["back_pocket"]]
        if pockets:
            wide = self.d["welt_mm"] + 30
            rows.append(("welt", wide, 50.0, {"shell": pockets}))
            rows.append(("back_bags", wide, self.d["back_bag_mm"], {"pocketing": pockets}))
        for name, wide, high, cut in rows:
            edges = strip(("low", "right", "high", "left"), wide, high, 8.0)
            self.out.piece(
                name,
                "both",
                [replace(edge, sewn=False) for edge in edges],
                (complex(wide / 2, 0.2 * high), complex(wide / 2, 0.8 * high)),
                cut,
            )


def _darts_on(
    waist: Path, darts: tuple[float, ...], deep_mm: float
) -> tuple[tuple[Taken, ...], list[Mark]]:
    """Return darts spaced evenly on an edge, square to it."""
    whole = length_mm(waist)
    taken, marks = [], []
    for n, wide in enumerate(darts, 1):
        middle = whole * n / (len(darts) + 1)
        taken.append(Taken("dart", middle - wide / 2, middle + wide / 2))
        way = direction(waist, middle)
        tip = point(waist, middle) + left_of(way) * (deep_mm + 12 * (n - 1))
        mouth = [point(waist, middle + sign * wide / 2) for sign in (-1, 1)]
        marks.append(Mark("dart", (mouth[0], tip, mouth[1]), f"dart-{n}"))
    return tuple(taken), marks


def _side(side: str) -> Side:
    return "left" if side == "left" else "right"
