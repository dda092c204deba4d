"""The pieces of a dress: what is cut, before anything is said of how it is sewn."""

from manufold.design.garment.pattern.block import Ask, flattest, sleeves_fit
from manufold.design.garment.pattern.building import Draft
from manufold.design.garment.pattern.collar import strip
from manufold.design.garment.pattern.garments.dress.skirt import (
    Shape,
    bust_dart,
    diamond,
    facing_line,
    shape,
)
from manufold.design.garment.pattern.geometry import (
    Path,
    Stroke,
    arc,
    backwards,
    crossing_mm,
    length_mm,
    line,
    mirrored,
    moved,
    split,
)
from manufold.design.garment.pattern.person import SIDES
from manufold.design.garment.pattern.piece import (
    Edge,
    Mark,
    Side,
    Taken,
)
from manufold.design.garment.pattern.sleeve import Cap, cap
from manufold.design.garment.pattern.torso import Torso, TorsoEase, side_line, torso

__all__ = ["Parts"]


class Parts:
    """A dress while its pieces are drawn."""

    def __init__(self, ask: Ask):
        self.ask, self.body, self.d, self.ease = ask, ask.body, ask.table["draft"], ask.ease
        self.out = Draft("dress", ask.options)
        self.seam, d = self.d["seam_mm"], self.d
        self.wide_mm = self.body["upper_arm_girth_mm"] + self.ease["upper_arm_mm"]
        self.sleeved = ask.options["sleeve"] != "none"
        bust = self.body["bust_girth_mm"]
        grown = d["bust_dart_mm"] + d["bust_dart_share"] * (bust - 850)
        self.dart = min(max(grown, d["dart_least_mm"] + 2), d["bust_dart_most_mm"])
        nape = self.body["back_waist_length_mm"]
        neck = (self.body["neck_girth_mm"] + d["neck_mm"]) / 5.4
        balance = self.body["front_waist_length_mm"] - nape - 0.3 * neck - self.dart
        balance = min(max(balance, -48.0), 15.0)

        def block(deeper_mm: float) -> Torso:
            ease = TorsoEase(
                bust_mm=self.ease["bust_mm"],
                scye_mm=self.ease["scye_mm"] + deeper_mm,
                neck_mm=d["neck_mm"],
                neck_drop=d["neck_drop"],
                balance_mm=(balance, balance),
            )
            return torso(self.body, ease)

        self.caps: dict[str, Cap] = {}
        if self.sleeved:
            most = d["armhole_most_deeper_mm"]
            self.t, self.caps = sleeves_fit(
                block,
                lambda hole_mm, flatter: cap(
                    self.wide_mm, hole_mm + d["cap_ease_mm"], flattest(0.20, flatter)
                ),
                most,
                self.out,
            )
        else:
            self.t = block(0.0)
        self.shape: Shape = shape(ask, self.t.half_bust_mm)
        self.hem = self._hem_y()

    def _hem_y(self) -> float:
        legs = sum(self.body[f"outside_leg_length_{side}_mm"] for side in SIDES) / 2 - 8
        knee = self.body["knee_height_mm"]
        length = self.ask.options["length"]
        above_floor = {"knee": knee, "midi": 0.62 * knee, "mini": knee + 0.30 * (legs - knee)}
        return min(above_floor[length] - legs, self.t.hip_mm - 60)

    def _side(self, side: str, *, front: bool) -> Path:
        half = self.t.halves[side]
        under = (half.front if front else half.back).underarm
        s = self.shape
        out = self.d["a_line_mm"] if self.ask.options["skirt"] == "a-line" else 0.0
        return side_line(under, s.side_mm, s.hip_in_mm, self.t.hip_mm, self.hem, out)

    def _split_mm(self, side: str) -> float:
        """Return how far below the underarm point the bust dart opens, along the side."""
        path = self._side(side, front=False)
        scye = path[0].a.imag
        level = min(self.t.bust_mm + self.dart / 2, scye - 24)
        at = crossing_mm(path, complex(0, level), 1)
        assert at is not None
        return at

    def _neck(self, side: str) -> Path:
        """Return the front neckline, centre to neck point."""
        neck = self.t.halves[side].front.neck
        if self.ask.options["neck"] == "round":
            return neck
        top = neck[-1].d
        pit = neck[0].a - 1j * self.d["v_mm"]
        return (Stroke(pit, pit + 0.3 * (top - pit) + 3, top - 0.3 * (top - pit) + 5, top),)

    def _front_half(self, side: str) -> tuple[Path, Taken, list[Mark]]:
        """Return the side upwards from the hem, what its dart takes, and the darts."""
        path, at = self._side(side, front=True), self._split_mm(side)
        upper, lower = split(path, at)
        lower = moved(lower, 1, -1j * self.dart)
        reach = self.d["bust_point_share"] * self.body["bust_girth_mm"]
        tip = complex(
            min(reach + self.d["short_of_point_mm"], upper[-1].d.real - 40),
            (upper[-1].d.imag + lower[0].a.imag) / 2,
        )
        mouth = bust_dart(upper, lower, tip)
        whole = (*upper, *mouth, *lower)
        total = length_mm(whole)
        low = total - at - length_mm(mouth)
        marks = [Mark("dart", (upper[-1].d, tip, lower[0].a), f"bust-dart-{side}")]
        if self.shape.front_dart_mm:
            top = tip.imag - self.dart / 2 - self.d["short_of_point_mm"]
            waist = -self.dart
            shape = diamond(
                complex(0.97 * reach, waist),
                self.shape.front_dart_mm,
                max(top, waist + 50),
                waist + 0.6 * self.t.hip_mm,
            )
            marks.append(Mark("dart", shape, f"waist-dart-{side}"))
        return backwards(whole), Taken("dart", low, low + length_mm(mouth)), marks

    def _front(self) -> None:
        right, left = self._front_half("left"), self._front_half("right")  # as looked at
        halves = self.t.halves
        low = complex(0, self.hem - self.dart)
        hem = (*backwards(mirrored(line(low, left[0][0].a))), *line(low, right[0][0].a))
        other = left[1]
        total = length_mm(left[0])
        marks = list(right[2])
        for mark in left[2]:
            over = tuple(complex(-z.real, z.imag) for z in mark.points)
            marks.append(Mark(mark.kind, over, mark.label))
        a, b = halves["left"].front, halves["right"].front
        self.out.piece(
            "front",
            "both",
            (
                Edge("hem", hem, self.d["hem_mm"], sewn=False),
                Edge("side_left", right[0], self.seam, (right[1],)),
                Edge("armhole_left", backwards(a.armhole), self.seam),
                Edge("shoulder_left", backwards(a.shoulder), self.seam),
                Edge(
                    "neck",
                    (*backwards(self._neck("left")), *mirrored(self._neck("right"))),
                    self.d["neck_seam_mm"],
                ),
                Edge("shoulder_right", mirrored(b.shoulder), self.seam),
                Edge("armhole_right", mirrored(b.armhole), self.seam),
                Edge(
                    "side_right",
                    backwards(mirrored(left[0])),
                    self.seam,
                    (Taken("dart", total - other.to_mm, total - other.from_mm),),
                ),
            ),
            (complex(0, self.hem + 120), complex(0, 0)),
            {"shell": 1},
            marks,
        )

    def _back(self, side: str) -> None:
        """Draft the right back; the left one is flipped over."""
        half = self.t.halves[side].back
        seam = backwards(self._side(side, front=False))
        centre_in, hip = self.shape.centre_mm, self.t.hip_mm
        below = self.t.scye_mm - 6
        top, waist = complex(0, self.t.nape_mm), complex(centre_in, 0)
        at_hip = complex(centre_in * 0.3, hip)
        zip_y = self.d["zip_below_waist_share"] * hip
        middle = (
            *line(top, complex(0, below)),
            *arc(complex(0, below), -1j, waist, -1j, 0.4),
            *arc(waist, -1j, at_hip, -1j, 0.4),
        )
        at = crossing_mm(middle, complex(0, zip_y), 1)
        assert at is not None
        zip_, rest = split(middle, at)
        edges = [Edge("zip", zip_, 16.0, sewn=False)]
        low = complex(at_hip.real, self.hem)
        wide, high = self.d["vent_wide_mm"], self.d["vent_high_mm"]
        if self.ask.options["vent"] == "back" and hip - self.hem > high + 40:
            open_ = complex(at_hip.real, self.hem + high)
            corner = open_ - wide - 0.5j * wide
            low = complex(corner.real, self.hem)
            edges += [
                Edge("centre", (*rest, *line(at_hip, open_)), 16.0),
                Edge("vent_top", line(open_, corner), self.seam, sewn=False),
                Edge("vent", line(corner, low), self.seam, sewn=False),
            ]
        else:
            edges.append(Edge("centre", (*rest, *line(at_hip, low)), 16.0))
        marks = []
        if self.shape.back_dart_mm:
            x = centre_in + 0.47 * (half.wide_mm - centre_in)
            diamond_ = diamond(
                complex(x, 0), self.shape.back_dart_mm, self.t.scye_mm - 14, 0.86 * hip
            )
            marks.append(Mark("dart", diamond_, f"waist-dart-{side}"))
        self.out.piece(
            f"back_{side}",
            _side(side),
            [
                Edge("hem", line(low, seam[0].a), self.d["hem_mm"], sewn=False),
                Edge("side", seam, self.seam),
                Edge("armhole", backwards(half.armhole), self.seam),
                Edge("shoulder", backwards(half.shoulder), self.seam),
                Edge("neck", backwards(half.neck), self.d["neck_seam_mm"]),
                *edges,
            ],
            (complex(60, self.hem + 120), complex(60, 0)),
            {"shell": 1},
            marks,
            flip=side == "left",
        )

    def _facings(self) -> None:
        wide = self.d["facing_mm"]
        cut = {"shell": 1, "interlining": 1}
        lines = {s: facing_line(self._neck(s), self.t.halves[s].front, wide) for s in SIDES}
        right, left = lines["left"], lines["right"]  # as looked at
        self.out.piece(
            "facing_front",
            "both",
            (
                Edge("inner", (*backwards(mirrored(left[0])), *right[0]), 6.0, sewn=False),
                Edge("shoulder_left", right[1], self.seam),
                Edge(
                    "neck",
                    (*backwards(self._neck("left")), *mirrored(self._neck("right"))),
                    self.d["neck_seam_mm"],
                ),
                Edge("shoulder_right", backwards(mirrored(left[1])), self.seam),
            ),
            _upright(lines["left"][0][0].a, wide),
            cut,
        )
        for side in SIDES:
            panel = self.t.halves[side].back
            inner, shoulder = facing_line(panel.neck, panel, wide)
            self.out.piece(
                f"facing_back_{side}",
                _side(side),
                (
                    Edge("inner", inner, 6.0, sewn=False),
                    Edge("shoulder", shoulder, self.seam),
                    Edge("neck", backwards(panel.neck), self.d["neck_seam_mm"]),
                    Edge("zip", line(panel.neck[0].a, inner[0].a), 16.0, sewn=False),
                ),
                _upright(inner[0].a + 20, wide),
                cut,
                flip=side == "left",
            )

    def _binding(self, side: str) -> None:
        whole = self.t.halves[side].armhole_mm
        edges = strip(("armhole", "end", "fold", "begin"), whole, self.d["binding_mm"], 6.0)
        parts = [edges[0], *(Edge(e.name, e.path, 6.0, sewn=False) for e in edges[1:])]
        middle = complex(whole / 2, self.d["binding_mm"] / 2)
        grain = middle - 10 - 10j, middle + 10 + 10j  # on the bias
        self.out.piece(f"binding_{side}", _side(side), parts, grain, {"shell": 1})

    def _sleeve(self, side: str) -> None:
        """Draft the right sleeve; the left one is flipped over."""
        head = self.caps[side]
        whole = self.body[f"arm_length_{side}_mm"]
        if self.ask.options["sleeve"] == "long":
            down = whole + 8 - head.high_mm
            hem = min(self.body["wrist_girth_mm"] + self.ease["wrist_mm"], 0.9 * head.wide_mm)
        else:
            down = max(self.d["short_sleeve_share"] * whole + 10 - head.high_mm, 55.0)
            hem = 0.93 * head.wide_mm
        right, left = complex(hem / 2, -down), complex(-hem / 2, -down)
        self.out.piece(
            f"sleeve_{side}",
            _side(side),
            (
                Edge("hem", line(left, right), self.d["sleeve_hem_mm"], sewn=False),
                Edge("underarm_front", line(right, head.path[0].a), self.seam),
                Edge("cap_front", head.path[:2], self.seam),
                Edge("cap_back", head.path[2:], self.seam),
                Edge("underarm_back", line(head.path[-1].d, left), self.seam),
            ),
            (complex(0, -down + 20), complex(0, head.high_mm - 20)),
            {"shell": 1},
            flip=side == "left",
        )


def _upright(low: complex, high_mm: float) -> tuple[complex, complex]:
    return low + 8j, low + 1j * (high_mm - 8)


def _side(side: str) -> Side:
    return "left" if side == "left" else "right"
