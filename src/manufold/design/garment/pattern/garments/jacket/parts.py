"""The pieces of a jacket: what is cut, before anything is said of how it is sewn."""

from manufold.design.garment.pattern.block import Ask, flattest, sleeves_fit
from manufold.design.garment.pattern.building import Draft
from manufold.design.garment.pattern.collar import fall, strip
from manufold.design.garment.pattern.garments.jacket.lapel import Lapel, lapel
from manufold.design.garment.pattern.garments.jacket.panels import Taken, panels, taken
from manufold.design.garment.pattern.geometry import (
    along,
    backwards,
    crossing_mm,
    length_mm,
    line,
    split,
)
from manufold.design.garment.pattern.person import SIDES
from manufold.design.garment.pattern.piece import (
    Edge,
    Mark,
    Side,
)
from manufold.design.garment.pattern.sleeve import TwoPiece, too_flat, two_piece
from manufold.design.garment.pattern.torso import Torso, TorsoEase, torso

__all__ = ["Parts"]


class Parts:
    """A jacket while its pieces are drawn."""

    def __init__(self, ask: Ask):
        self.ask, self.body, self.d, self.ease = ask, ask.body, ask.table["draft"], ask.ease
        self.out = Draft("jacket", ask.options)
        self.seam = self.d["seam_mm"]
        self.wide_mm = self.body["upper_arm_girth_mm"] + self.ease["upper_arm_mm"]
        self.take, self.lost = Taken(0, 0, 0, 0, 0, 0), 0.0
        self.t, self.sleeves = sleeves_fit(
            self._block, self._sleeve_in, self.d["armhole_most_deeper_mm"], self.out
        )
        self.hem = self._hem_mm(self.t)
        self.panels = {
            side: panels(ask, self.t, self.t.halves[side], self.take, self.hem) for side in SIDES
        }
        rise = self.d["break_mm"][ask.options["buttons"]]
        most = self.t.scye_mm - 30
        self.lapels: dict[str, Lapel] = {
            side: lapel(self.t.halves[side].front, self.hem, min(rise, most), self.d)
            for side in SIDES
        }

    def _hem_mm(self, block: Torso) -> float:
        share = self.d["length_share"] + self.d["length"][self.ask.options["length"]]
        hem_mm = block.nape_mm - share * self.body["stature_mm"]
        return float(min(hem_mm, block.hip_mm - 30))

    def _block(self, deeper_mm: float) -> Torso:
        """Return the torso, wide enough that its seams may take in at the chest."""
        lost, before = self.lost, []
        flatter = deeper_mm / self.d["armhole_most_deeper_mm"]
        for _ in range(16):
            ease = TorsoEase(
                bust_mm=self.ease["bust_mm"] + 2 * lost,
                scye_mm=self.ease["scye_mm"] + deeper_mm,
                neck_mm=self.d["neck_mm"],
                shoulder_mm=self.d["shoulder_mm"],
                raise_mm=self.d["raise_mm"],
                shoulder_ease_mm=self.d["shoulder_ease_mm"],
                balance_mm=(-40.0, 12.0),
            )
            found = torso(self.body, ease)
            holes = [half.armhole_mm + self.d["cap_ease_mm"] for half in found.halves.values()]
            if too_flat(self.wide_mm, min(holes), flattest(self.d["cap_least"], flatter)):
                break  # no sleeve fits: an armhole deeper will be asked for
            self.take = taken(self.ask, found.half_bust_mm, lost)
            hem = self._hem_mm(found)
            now = 0.0
            for half in found.halves.values():
                made = panels(self.ask, found, half, self.take, hem)
                now += made.lost_mm(half.back.underarm.imag) / 2
            self.lost = lost
            if abs(now - lost) < 1e-4:
                break
            before.append((lost, now))
            lost = now
            if len(before) > 1:  # nearly a straight line: where it meets its own argument
                (x, f), (y, g) = before[-2:]
                slope = (g - f) / (y - x) if y != x else 0.0
                lost = g + (g - y) * slope / (1 - slope) if slope < 0.9 else g
        return found

    def _sleeve_in(self, hole_mm: float, flatter: float) -> TwoPiece | None:
        hem = self.body["wrist_girth_mm"] + self.ease["wrist_mm"]
        return two_piece(
            self.wide_mm,
            hole_mm + self.d["cap_ease_mm"],
            self.body["arm_length_right_mm"],
            min(hem, 0.9 * self.wide_mm),
            flattest(self.d["cap_least"], flatter),
        )

    def _front(self, side: str) -> None:
        """Draft the left front, its facing and its lining; the right ones are flipped over."""
        p, lap, panel = self.panels[side], self.lapels[side], self.t.halves[side].front
        flip, hem = side == "right", self.d["hem_mm"]
        neck = self.d["neck_seam_mm"]
        front = [
            Edge("hem", line(lap.edge[-1].d, p.front_side[0].a), hem, sewn=False),
            Edge("side", p.front_side, self.seam),
            Edge("armhole", p.front_hole, self.seam),
            Edge("shoulder", backwards(panel.shoulder), self.seam),
            Edge("neck", lap.neck, neck),
            Edge("lapel_top", lap.top, neck),
            Edge("edge", lap.edge, neck),
        ]
        grain = complex(120, self.hem + 120), complex(120, 0.7 * self.t.scye_mm)
        cut = {"shell": 1, "interlining": 1}
        self.out.piece(
            f"front_{side}", _side(side), front, grain, cut, self._marks(side), flip=flip
        )
        facing = [
            Edge("hem", lap.foot, hem, sewn=False),
            Edge("inner", lap.inner, self.seam),
            Edge("shoulder", lap.shoulder, self.seam),
            *front[4:],
        ]
        grain = complex(30, 0.3 * self.hem), complex(30, 0.3 * self.hem + 220)
        self.out.piece(f"facing_{side}", _side(side), facing, grain, cut, flip=flip)
        rest = along(panel.shoulder, length_mm(lap.shoulder), length_mm(panel.shoulder))
        lining = [
            Edge("hem", line(lap.inner[0].a, p.front_side[0].a), 15.0, sewn=False),
            Edge("side", p.front_side, self.seam),
            Edge("armhole", p.front_hole, self.seam),
            Edge("shoulder", backwards(rest), self.seam),
            Edge("facing", backwards(lap.inner), self.seam),
        ]
        grain = complex(140, self.hem + 100), complex(140, 0)
        self.out.piece(f"lining_front_{side}", _side(side), lining, grain, {"lining": 1}, flip=flip)

    def _marks(self, side: str) -> list[Mark]:
        lap, wide = self.lapels[side], self.t.halves[side].front.wide_mm
        d, pocket = self.d, -self.d["pocket_below_mm"]
        middle = 0.56 * wide
        half = d["pocket_wide_mm"] / 2
        found = [Mark("fold", lap.roll, "roll-line")]
        line_ = (complex(middle + 22 - half, pocket), complex(middle + 22 + half, pocket - 8))
        found.append(Mark("line", line_, "pocket"))
        if self.take.dart_mm:
            top, dart = self.t.scye_mm - 55, self.take.dart_mm / 2
            shape = (
                complex(middle, max(top, 40)),
                middle - dart + 0j,
                complex(middle, pocket + 2),
                middle + dart + 0j,
            )
            found.append(Mark("dart", shape, "waist-dart"))
        if side == "left" and self.ask.options["breast_pocket"] == "welt":
            y, x = self.t.scye_mm - 4, 0.45 * wide
            ends = complex(x, y), complex(x + d["breast_wide_mm"], y + 14)
            found.append(Mark("line", ends, "breast-pocket"))
        count = 2 if self.ask.options["buttons"] == "two" else 3
        first = lap.roll[0].imag - 8
        kind = "hole" if side == "left" else "button"
        for n in range(count):
            found.append(Mark("drill", (complex(0, first - 100 * n),), f"{kind}-{n + 1}"))
        return found

    def _side_panel(self, side: str) -> None:
        """Draft the right side panel; the left one is flipped over."""
        p = self.panels[side]
        low = p.side_back[-1].d, p.side_front[0].a
        edges = [
            Edge("hem", line(*low), self.d["hem_mm"], sewn=False),
            Edge("front", p.side_front, self.seam),
            Edge("armhole", p.side_hole, self.seam),
            Edge("back", p.side_back, self.seam),
        ]
        middle = (low[0].real + low[1].real) / 2
        grain = complex(middle, self.hem + 60), complex(middle, 0.5 * self.t.scye_mm)
        cut = {"shell": 1, "lining": 1}
        self.out.piece(f"side_{side}", _side(side), edges, grain, cut, flip=side == "left")

    def _back(self, side: str) -> None:
        """Draft the right back; the left one is flipped over."""
        p, panel, d = self.panels[side], self.t.halves[side].back, self.d
        at_hip = p.centre[-1].d
        high = min(d["vent_high_mm"], -0.8 * self.hem)  # it ends below the waist
        low = complex(at_hip.real, self.hem)
        centre, more = (*p.centre, *line(at_hip, low)), []
        if self.ask.options["vent"] == "centre" and high > 100:
            at = crossing_mm(centre, complex(0, self.hem + high), 1)
            assert at is not None
            centre = split(centre, at)[0]
            open_ = centre[-1].d
            corner = open_ - d["vent_wide_mm"] - 22j
            low = complex(corner.real, self.hem)
            more = [
                Edge("vent_top", line(open_, corner), self.seam, sewn=False),
                Edge("vent", line(corner, low), self.seam, sewn=False),
            ]
        edges = [
            Edge("hem", line(low, p.back_side[0].a), d["hem_mm"], sewn=False),
            Edge("side", p.back_side, self.seam),
            Edge("armhole", p.back_hole, self.seam),
            Edge("shoulder", backwards(panel.shoulder), self.seam),
            Edge("neck", backwards(panel.neck), d["neck_seam_mm"]),
            Edge("centre", centre, d["centre_seam_mm"]),
            *more,
        ]
        grain = complex(90, self.hem + 100), complex(90, self.t.scye_mm)
        cut = {"shell": 1, "lining": 1}
        self.out.piece(f"back_{side}", _side(side), edges, grain, cut, flip=side == "left")

    def _sleeve(self, side: str) -> None:
        """Draft the right sleeve to its own arm; the left one is flipped over."""
        hem = self.body["wrist_girth_mm"] + self.ease["wrist_mm"]
        hole = self.t.halves[side].armhole_mm + self.d["cap_ease_mm"]
        long = self.body[f"arm_length_{side}_mm"] + self.d["sleeve_extra_mm"]
        wide = self.wide_mm
        s = two_piece(wide, hole, long, min(hem, 0.9 * wide), flattest(self.d["cap_least"], 1))
        assert s is not None
        self.sleeves[side] = s
        crown, back = split(s.top_cap, s.crown_mm)
        cut, flip = {"shell": 1, "lining": 1}, side == "left"
        middle = wide / 4
        grain = complex(middle, s.high_mm - long + 70), complex(middle, s.high_mm - 60)
        rows = (
            ("top", s.top_front, s.top_hind, [("cap_front", crown), ("cap_back", back)]),
            ("under", s.under_front, s.under_hind, [("cap", s.under_cap)]),
        )
        for name, front, hind, caps in rows:
            low = line(hind[-1].d, front[-1].d)
            if name == "under":
                grain = grain[0], complex(middle, -40)
            edges = [
                Edge("hem", low, self.d["sleeve_hem_mm"], sewn=False),
                Edge("front", backwards(front), self.seam),
                *(Edge(cap, path, self.seam) for cap, path in caps),
                Edge("hind", hind, self.seam),
            ]
            self.out.piece(f"sleeve_{name}_{side}", _side(side), edges, grain, cut, flip=flip)

    def _collar(self) -> None:
        d = self.d
        neck = {
            side: length_mm(self.t.halves[side].back.neck) + length_mm(self.lapels[side].neck)
            for side in SIDES
        }
        edges = fall(
            neck,
            d["collar_mm"],
            d["collar_point_mm"],
            d["collar_spread_mm"],
            d["collar_rise_mm"],
            d["neck_seam_mm"],
        )
        grain = complex(0, 8), complex(0, d["collar_mm"] - 8)
        self.out.piece("collar_top", "both", edges, grain, {"shell": 1})
        grain = complex(-20, 16), complex(20, 56)  # on the bias
        self.out.piece("collar_under", "both", edges, grain, {"melton": 1, "interlining": 1})

    def _loose(self) -> None:
        """Draft what is laid on or set in: flaps, jets, welt, and the bags of all pockets."""
        d = self.d
        wide = d["pocket_wide_mm"]
        rows: list[tuple[str, Side, float, float, dict[str, int]]] = [
            ("jets", "both", wide + 40, 60.0, {"shell": 4}),
            ("pocket_bags", "both", wide + 40, d["bag_high_mm"], {"pocketing": 4}),
            ("inside_jets", "both", d["inside_wide_mm"] + 30, 60.0, {"lining": 4}),
            ("inside_bags", "both", d["inside_wide_mm"] + 30, d["bag_high_mm"], {"pocketing": 4}),
        ]
        if self.ask.options["pocket"] == "flap":
            rows.append(("flaps", "both", wide, d["flap_high_mm"], {"shell": 2, "lining": 2}))
        if self.ask.options["breast_pocket"] == "welt":
            wide, high = d["breast_wide_mm"], d["breast_high_mm"]
            rows.append(("breast_welt", "left", wide, 2 * high, {"shell": 1}))
            rows.append(("breast_bags", "left", wide + 40, d["breast_bag_mm"], {"pocketing": 2}))
        for name, side, wide, high, cut in rows:
            edges = strip(("low", "right", "high", "left"), wide, high, 8.0)
            self.out.piece(
                name,
                side,
                [Edge(e.name, e.path, e.allowance_mm, sewn=False) for e in edges],
                (complex(wide / 2, 0.2 * high), complex(wide / 2, 0.8 * high)),
                cut,
            )


def _side(side: str) -> Side:
    return "left" if side == "left" else "right"
