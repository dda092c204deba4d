"""The pieces of a shirt: what is cut, before anything is said of how it is sewn."""

from manufold.design.garment.pattern.block import Ask, flattest, sleeves_fit, waist_taken
from manufold.design.garment.pattern.building import Draft
from manufold.design.garment.pattern.collar import fall, stand, strip
from manufold.design.garment.pattern.geometry import (
    Path,
    Stroke,
    along,
    backwards,
    crossing_mm,
    length_mm,
    line,
    mirrored,
    moved,
    split,
    unit,
)
from manufold.design.garment.pattern.person import SIDES
from manufold.design.garment.pattern.piece import (
    Edge,
    Mark,
    Side,
    Taken,
)
from manufold.design.garment.pattern.sleeve import Cap, cap
from manufold.design.garment.pattern.torso import Half, Torso, TorsoEase, side_line, torso

__all__ = ["Parts"]


class Parts:
    """A shirt while its pieces are drawn."""

    def __init__(self, ask: Ask):
        self.ask, self.body = ask, ask.body
        self.d, self.ease = ask.table["draft"], ask.ease
        self.out = Draft("shirt", ask.options)
        self.wide_mm = self.body["upper_arm_girth_mm"] + self.ease["upper_arm_mm"]

        def block(deeper_mm: float) -> Torso:
            ease = TorsoEase(
                bust_mm=self.ease["bust_mm"],
                scye_mm=self.ease["scye_mm"] + deeper_mm,
                neck_mm=self.d["neck_mm"],
                shoulder_mm=4,
            )
            return torso(self.body, ease)

        self.t, self.caps = sleeves_fit(
            block,
            lambda hole_mm, flatter: cap(
                self.wide_mm, hole_mm + self.d["cap_ease_mm"], flattest(0.16, flatter)
            ),
            self.d["armhole_most_deeper_mm"],
            self.out,
        )
        self.waist, self.hip, self.darts = waist_taken(ask, self.t.half_bust_mm)
        share = self.d["below_waist_share"] + self.d["below_waist"][ask.options["length"]]
        self.hem_mm = -share * self.body["stature_mm"]
        self.tail_mm = self.d["tail_mm"] if ask.options["hem"] == "curved" else 0.0
        self.pleat_mm = self.d["pleat_mm"] if ask.options["back"] == "box-pleat" else 0.0
        self.yoke_mm = self.t.nape_mm - self.d["yoke_share"] * (self.t.nape_mm - self.t.scye_mm)
        self.seam = self.d["seam_mm"]

    def _side(self, half: Half, *, front: bool) -> Path:
        under = (half.front if front else half.back).underarm
        return side_line(under, self.waist, self.hip, self.t.hip_mm, self.hem_mm + self.tail_mm)

    def _hem(self, from_: complex, to_: complex) -> Path:
        """Return the tail from the middle outwards: level at both ends."""
        reach = to_.real - from_.real
        if not self.tail_mm:
            return line(from_, to_)
        return (Stroke(from_, from_ + 0.58 * reach, to_ - 0.40 * reach, to_),)

    def _back(self) -> None:
        half_pleat = self.pleat_mm / 2
        parts = {}
        for side in SIDES:
            panel = self.t.halves[side].back
            at = crossing_mm(panel.armhole, complex(0, self.yoke_mm), 1)
            assert at is not None
            hole = backwards(split(panel.armhole, at)[1])
            seam = backwards(self._side(self.t.halves[side], front=False))
            shift = complex(half_pleat, 0)
            parts[side] = moved(hole, 1, shift), moved(seam, 1, shift)
        (hole_r, side_r), (hole_l, side_l) = parts["right"], parts["left"]
        low = complex(0, self.hem_mm)
        hem = (
            *backwards(mirrored(self._hem(low, side_l[0].a))),
            *self._hem(low, side_r[0].a),
        )
        ends = hole_r[-1].d, mirrored(hole_l)[-1].d
        taken: tuple[Taken, ...] = ()
        marks = self._back_darts()
        if self.pleat_mm:
            taken = (Taken("pleat", ends[0].real - half_pleat, ends[0].real + half_pleat),)
            x, top = half_pleat, self.yoke_mm
            box = (x + 1j * top, -x + 1j * top, -x + 1j * self.hem_mm, x + 1j * self.hem_mm)
            marks.append(Mark("pleat", box, "pleat"))
        self.out.piece(
            "back",
            "both",
            (
                Edge("hem", hem, self.d["hem_mm"], sewn=False),
                Edge("side_right", side_r, self.seam),
                Edge("armhole_right", hole_r, self.seam),
                Edge("yoke", line(*ends), self.seam, taken),
                Edge("armhole_left", backwards(mirrored(hole_l)), self.seam),
                Edge("side_left", backwards(mirrored(side_l)), self.seam),
            ),
            (complex(0, self.hem_mm + 90), complex(0, self.yoke_mm - 60)),
            {"shell": 1},
            marks,
        )

    def _back_darts(self) -> list[Mark]:
        found = []
        if self.darts > 0:
            for sign, side in ((1, "right"), (-1, "left")):
                x = sign * (0.5 * self.t.halves[side].back.wide_mm + self.pleat_mm / 2)
                tops = complex(x, 0.62 * self.t.scye_mm), complex(x, 0.75 * self.t.hip_mm)
                half = self.darts / 2
                shape = (tops[0], complex(x - half, 0), tops[1], complex(x + half, 0))
                found.append(Mark("dart", shape, f"waist-dart-{side}"))
        return found

    def _strip(self, side: str) -> tuple[float, float]:
        """Return where the front's yoke seam crosses neck and armhole, as arc lengths."""
        panel = self.t.halves[side].front
        way = unit(panel.tip - panel.shoulder[0].a)
        through = panel.shoulder[0].a - 1j * way * self.d["forward_mm"]
        neck = crossing_mm(panel.neck, through, way)
        hole = crossing_mm(panel.armhole, through, way)
        assert neck is not None
        assert hole is not None
        return neck, hole

    def _yoke_half(self, side: str) -> tuple[Path, Path, Path, Path]:
        """Return bottom, armhole, front and neck of half a yoke, from centre back around."""
        half = self.t.halves[side]
        back, front = half.back, half.front
        at = crossing_mm(back.armhole, complex(0, self.yoke_mm), 1)
        assert at is not None
        neck_mm, hole_mm = self._strip(side)
        over = mirrored(along(front.neck, neck_mm, length_mm(front.neck)))
        hole = mirrored(along(front.armhole, 0, hole_mm))
        from_, to_ = mirrored(front.shoulder)[0].a, mirrored(front.shoulder)[0].d
        turn = unit((back.tip - back.shoulder[0].a) / (to_ - from_))
        shift = back.shoulder[0].a - turn * from_
        neck, strip_hole = moved(over, turn, shift), moved(hole, turn, shift)
        armhole = (*backwards(along(back.armhole, 0, at)), *strip_hole)
        return (
            line(complex(0, self.yoke_mm), armhole[0].a),
            armhole,
            line(armhole[-1].d, neck[0].a),
            (*neck, *backwards(back.neck)),
        )

    def _yoke(self) -> None:
        right, left = self._yoke_half("right"), self._yoke_half("left")
        other = [backwards(mirrored(path)) for path in left]
        edges = (
            Edge("bottom", line(other[0][0].a, right[0][-1].d), self.seam),
            Edge("armhole_right", right[1], self.seam),
            Edge("front_right", right[2], self.seam),
            Edge("neck", (*right[3], *other[3]), self.d["neck_seam_mm"]),
            Edge("front_left", other[2], self.seam),
            Edge("armhole_left", other[1], self.seam),
        )
        grain = complex(-40, self.yoke_mm + 15), complex(-40, self.t.nape_mm - 20)
        for name in ("yoke_outer", "yoke_inner"):
            self.out.piece(name, "both", edges, grain, {"shell": 1})

    def _front(self, side: str) -> None:
        """Draft the left front; the right one is flipped over."""
        panel = self.t.halves[side].front
        neck_mm, hole_mm = self._strip(side)
        hole = backwards(split(panel.armhole, hole_mm)[1])
        seam = backwards(self._side(self.t.halves[side], front=True))
        over, banded = self.d["overlap_mm"], self._banded(side)
        top = panel.neck[0].a
        neck = backwards(along(panel.neck, 0, neck_mm))
        low = complex(0, self.hem_mm)
        marks = [Mark("line", (top, low), "centre-front"), *self._buttons(top, side)]
        if banded:
            at = crossing_mm(panel.neck, complex(over, 0), 1j)
            assert at is not None
            neck = backwards(along(panel.neck, at, neck_mm))
            low, end = complex(over, self.hem_mm), neck[-1].d
            edges = [Edge("opening", line(end, low), self.seam)]
            self._band(side, along(panel.neck, 0, at), marks)
            marks = []
        else:
            fold = complex(-over, top.imag)
            wide = self.d["facing_mm"]
            at = crossing_mm(panel.neck, complex(wide - over, 0), 1j)
            assert at is not None
            turned = mirrored(along(panel.neck, 0, at), -over)  # from twice over to the edge
            neck = (*neck, *line(top, fold))
            above = (*line(fold, fold - over), *turned)
            out = complex(-over - wide, self.hem_mm)
            edges = [
                Edge("facing_top", above, self.d["neck_seam_mm"], sewn=False),
                Edge("facing", line(above[-1].d, out), self.seam, sewn=False),
            ]
            marks.append(Mark("fold", (fold, complex(-over, self.hem_mm)), "fold"))
            low = out
        hem_from = complex(max(low.real, 0.0), self.hem_mm)
        hem = self._hem(hem_from, seam[0].a)
        if low.real < hem_from.real:
            hem = (*line(low, hem_from), *hem)
        self.out.piece(
            f"front_{side}",
            _side(side),
            [
                Edge("hem", hem, self.d["hem_mm"], sewn=False),
                Edge("side", seam, self.seam),
                Edge("armhole", hole, self.seam),
                Edge("yoke", line(hole[-1].d, neck[0].a), self.seam),
                Edge("neck", neck, self.d["neck_seam_mm"]),
                *edges,
            ],
            (complex(70, self.hem_mm + 120), complex(70, self.t.scye_mm)),
            {"shell": 1},
            marks,
            flip=side == "right",
        )

    def _banded(self, side: str) -> bool:
        return self.ask.options["placket"] == "band" and side == "left"

    def _band(self, side: str, inner_neck: Path, marks: list[Mark]) -> None:
        """Draft the button band: around the centre front, doubled along its outer fold."""
        over = self.d["overlap_mm"]
        top = inner_neck[0].a
        fold, low = complex(-over, top.imag), complex(-over, self.hem_mm)
        neck = (*backwards(inner_neck), *line(top, fold))
        end = complex(neck[0].a.real, self.hem_mm)
        self.out.piece(
            f"band_{side}",
            _side(side),
            (
                Edge("hem", line(low, end), self.d["hem_mm"], sewn=False),
                Edge("opening", line(end, neck[0].a), self.seam),
                Edge("neck", neck, self.d["neck_seam_mm"]),
                Edge("fold", line(fold, low), 2 * over + self.seam, sewn=False),
            ),
            (complex(0, self.hem_mm + 120), complex(0, 0)),
            {"shell": 1, "interlining": 1},
            marks,
        )

    def _buttons(self, top: complex, side: str) -> list[Mark]:
        """Return six buttons down the centre front, the first below the neck."""
        from_, to_ = top.imag - 65, self.hem_mm + 0.22 * (top.imag - self.hem_mm)
        kind = "hole" if side == "left" else "button"
        step = (from_ - to_) / 5
        return [Mark("drill", (complex(0, from_ - step * n),), f"{kind}-{n + 1}") for n in range(6)]

    def _collar(self) -> None:
        d = self.d
        neck = {
            side: length_mm(self.t.halves[side].back.neck)
            + length_mm(self.t.halves[side].front.neck)
            for side in SIDES
        }
        allowance = d["neck_seam_mm"]
        edges = stand(neck, d["overlap_mm"], d["stand_mm"], d["stand_rise_mm"], allowance)
        grain = complex(0, 6), complex(0, d["stand_mm"] - 6)
        for name in ("stand_outer", "stand_inner"):
            cut = {"shell": 1, "interlining": 1} if name == "stand_outer" else {"shell": 1}
            self.out.piece(name, "both", edges, grain, cut)
        if self.ask.options["collar"] == "turn-down":
            path = edges[2].path  # right end, centre back, left end: one stroke each
            lengths = {"right": length_mm(path[:1]), "left": length_mm(path[1:])}
            leaf = fall(lengths, d["fall_mm"], d["point_mm"], d["spread_mm"], 9.0, allowance)
            grain = complex(0, 8), complex(0, d["fall_mm"] - 6)
            for name in ("collar_top", "collar_under"):
                cut = {"shell": 1, "interlining": 1} if name == "collar_top" else {"shell": 1}
                self.out.piece(name, "both", leaf, grain, cut)

    def _sleeve(self, side: str) -> None:
        """Draft the right sleeve; the left one is flipped over."""
        head = self.caps[side]
        long = self.ask.options["sleeve"] == "long"
        whole = self.body[f"arm_length_{side}_mm"]
        wide = head.wide_mm
        if long:
            down = whole + self.d["sleeve_extra_mm"] - self.d["cuff_mm"] - head.high_mm
            cuff = self.body["wrist_girth_mm"] + self.ease["wrist_mm"]
            hem_wide = min(cuff + self.d["tuck_mm"], wide - 20)
        else:
            down = max(self.d["short_sleeve_share"] * whole + 20 - head.high_mm, 60.0)
            cuff, hem_wide = 0.0, 0.93 * wide
        right, left = complex(hem_wide / 2, -down), complex(-hem_wide / 2, -down)
        front, crown_back = _at_crown(head)
        hem = (Stroke(left, left + (hem_wide / 3 - 8j), right - (hem_wide / 3 - 4j), right),)
        taken: tuple[Taken, ...] = ()
        marks: list[Mark] = []
        if long:
            middle = 0.44 * length_mm(hem)
            net = length_mm(hem) - cuff
            taken = (
                Taken("pleat", middle, middle + net / 2),
                Taken("pleat", middle + net / 2 + 18, middle + net + 18),
            )
            slit = complex(-hem_wide / 4, -down)
            marks.append(Mark("line", (slit, slit + 1j * self.d["slit_mm"]), "slit"))
        allowance = self.seam if long else 30.0
        self.out.piece(
            f"sleeve_{side}",
            _side(side),
            (
                Edge("hem", hem, allowance, taken, sewn=long),
                Edge("underarm_front", _underarm(right, head.path[0].a), self.seam),
                Edge("cap_front", front, self.seam),
                Edge("cap_back", crown_back, self.seam),
                Edge("underarm_back", backwards(_underarm(left, head.path[-1].d)), self.seam),
            ),
            (complex(0, -down + 60), complex(0, head.high_mm - 30)),
            {"shell": 1},
            marks,
            flip=side == "left",
        )
        if long:
            self._cuff(side)

    def _cuff(self, side: str) -> None:
        cuff = self.body["wrist_girth_mm"] + self.ease["wrist_mm"]
        double = self.ask.options["cuff"] == "double"
        high = self.d["double_cuff_mm" if double else "cuff_mm"]
        edges = strip(("outer", "end_front", "top", "end_back"), cuff, high, self.seam)
        grain = complex(30, 12), complex(30, high - 12)
        for layer in ("outer", "inner"):
            cut = {"shell": 1, "interlining": 1} if layer == "outer" else {"shell": 1}
            name = f"cuff_{layer}_{side}"
            self.out.piece(name, _side(side), edges, grain, cut, flip=side == "left")
        wide, high = self.d["cuff_overlap_mm"], self.d["slit_mm"] + 30
        corners = (
            0j,
            wide + 0j,
            complex(wide, high - 14),
            complex(wide / 2, high),
            1j * (high - 14),
        )
        names = ("hem", "long", "peak_right", "peak_left", "short")
        ends = (*corners[1:], corners[0])
        self.out.piece(
            f"placket_{side}",
            _side(side),
            [
                Edge(name, line(a, b), 24.0 if name == "short" else 8.0, sewn=False)
                for name, a, b in zip(names, corners, ends, strict=True)
            ],
            (complex(wide / 2, 20), complex(wide / 2, high - 40)),
            {"shell": 1},
            flip=side == "left",
        )

    def _pocket(self) -> None:
        wide, high = self.d["pocket_wide_mm"], self.d["pocket_high_mm"]
        corners = (
            complex(wide / 2, 0),
            complex(wide, 20),
            complex(wide, high),
            complex(0, high),
            complex(0, 20),
        )
        names = ("bottom_right", "right", "opening", "left", "bottom_left")
        ends = (*corners[1:], corners[0])
        self.out.piece(
            "pocket",
            "left",
            [
                Edge(name, line(a, b), 34.0 if name == "opening" else 8.0, sewn=False)
                for name, a, b in zip(names, corners, ends, strict=True)
            ],
            (complex(wide / 2, 30), complex(wide / 2, high - 20)),
            {"shell": 1},
        )


def _at_crown(cap: Cap) -> tuple[Path, Path]:
    """Return the cap in front of and behind its highest point."""
    return cap.path[:2], cap.path[2:]


def _underarm(low: complex, top: complex) -> Path:
    """Return the sleeve's underarm seam upwards, a little hollow."""
    way = top - low
    inward = -1 if low.real > 0 else 1
    return (Stroke(low, low + way / 3 + inward * 3, top - way / 3 + inward * 6, top),)


def _side(side: str) -> Side:
    return "left" if side == "left" else "right"
