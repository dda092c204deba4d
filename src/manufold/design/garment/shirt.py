"""A shirt for one body: its finished sizes, its cloth and its trims, by stated formulas.

Finished size = body + ease of the fit. Cloth:
    area    = body + yoke's second ply + sleeves + collar + cuffs + pocket + plackets,
              body   = (widest girth + allowances)(length + allowances) x share of the outline
              sleeve = (upper arm + ease + seams)(sleeve without cuff + seams) x share
    marker  = area / (cloth width x efficiency) + ends / shirts in the marker, per shirt,
              rounded up to whole steps, so that a plan does not tell a person's size.
The efficiency rises from one shirt to four in a marker; both ends were measured.

Source  figures and their sources: `shirt.toml`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal

from manufold.design.garment.body import Body
from manufold.design.garment.tables import shirt

__all__ = ["Marker", "Style", "area_mm2", "buttons", "interlining_m", "marker", "sheet", "size"]


@dataclass(frozen=True, slots=True)
class Style:
    """What the buyer chose of a shirt; each changes what it takes or how it is made."""

    fit: str
    collar: str
    cuff: str
    sleeve: str
    pocket: str

    @property
    def long(self) -> bool:
        """Whether it has cuffs."""
        return self.sleeve == "long"

    @property
    def choices(self) -> Mapping[str, str]:
        """The choices that decide which operations are sewn."""
        return {
            "collar": self.collar,
            "cuff": self.cuff,
            "sleeve": self.sleeve,
            "pocket": self.pocket,
        }


@dataclass(frozen=True, slots=True)
class Marker:
    """How the cloth is cut.

    Args:
        shirts: laid side by side in one marker.
        efficiency_fraction: of the cloth that becomes shirt.
        each_mm: cloth of one shirt, in whole steps.
    """

    shirts: int
    efficiency_fraction: Decimal
    each_mm: Decimal

    @property
    def whole_mm(self) -> Decimal:
        """Length of the whole marker."""
        return self.each_mm * self.shirts


def sheet(body: Body, style: Style) -> dict[str, Decimal]:
    """Return the finished sizes in mm that the shirt is cut and inspected by."""
    draft, ease = shirt()["draft"], shirt()["ease"][style.fit]
    below_mm = draft["below_waist_fraction"] * body["stature_mm"]
    found = {
        "chest": body["bust_girth_mm"] + ease["bust_mm"],
        "waist": body["waist_girth_mm"] + ease["waist_mm"],
        "hem": body["hip_girth_mm"] + ease["hip_mm"],
        "upper_arm": body["upper_arm_girth_mm"] + ease["upper_arm_mm"],
        "collar": body["neck_girth_mm"] + draft["neck_ease_mm"],
        "shoulders": body["shoulder_width_mm"],
        "length": body["back_waist_length_mm"] + below_mm,
    }
    for side in ("left", "right"):
        arm_mm = body[f"arm_length_{side}_mm"]
        whole_mm = arm_mm + draft["sleeve_extra_mm"]
        found[f"sleeve_{side}"] = (
            whole_mm if style.long else draft["short_sleeve_fraction"] * arm_mm
        )
    if style.long:
        found["cuff"] = body["wrist_girth_mm"] + draft["wrist_ease_mm"]
    return {f"{name}_mm": value.quantize(Decimal(1)) for name, value in found.items()}


def area_mm2(sizes: Mapping[str, Decimal], style: Style) -> Decimal:
    """Return the cloth in all pieces of one shirt, seams included.

    Args:
        sizes: of `sheet`.
    """
    draft = shirt()["draft"]
    girth_mm = max(sizes["chest_mm"], sizes["waist_mm"], sizes["hem_mm"])
    body = (
        (girth_mm + draft["width_allowances_mm"])
        * (sizes["length_mm"] + draft["length_allowances_mm"])
        * draft["body_fraction"]
    )
    yoke = (sizes["shoulders_mm"] + draft["cuff_seams_mm"]) * draft["yoke_height_mm"]
    around_mm = sizes["collar_mm"] + draft["collar_overlap_mm"]
    leaf_mm = draft["collar_leaf_mm"] if style.collar == "turn-down" else 0
    collar = 2 * around_mm * (leaf_mm + draft["collar_band_mm"])
    cuff_mm = draft["cuff_height_mm"] if style.long else 0
    wide_mm = sizes["upper_arm_mm"] + draft["sleeve_width_allowances_mm"]
    sleeves = sum(
        wide_mm
        * (sizes[f"sleeve_{side}_mm"] - cuff_mm + draft["sleeve_length_allowances_mm"])
        * draft["sleeve_fraction"]
        for side in ("left", "right")
    )
    cuffs = Decimal(0)
    if style.long:
        high_mm = (cuff_mm + draft["cuff_seams_mm"]) * (2 if style.cuff == "double" else 1)
        cuffs = 4 * (sizes["cuff_mm"] + draft["cuff_overlap_mm"]) * high_mm
        cuffs += draft["sleeve_placket_mm2"]
    pocket = draft["pocket_mm2"] if style.pocket == "one" else 0
    return Decimal(body + yoke + collar + sleeves + cuffs + pocket)


def marker(piece_mm2: Decimal, quantity: int) -> Marker:
    """Return how so many shirts of one area are laid: as many at once as the table takes."""
    cloth = shirt()["cloth"]
    single = _laid(piece_mm2, 1)
    fit = int(cloth["marker_most_mm"] // single.each_mm)
    return _laid(piece_mm2, max(1, min(quantity, cloth["shirts_most"], fit)))


def _laid(piece_mm2: Decimal, shirts: int) -> Marker:
    cloth = shirt()["cloth"]
    rise = Decimal(shirts - 1) / (cloth["shirts_most"] - 1)
    efficiency = cloth["efficiency_one"] + rise * (
        cloth["efficiency_most"] - cloth["efficiency_one"]
    )
    exact_mm = piece_mm2 / (cloth["width_mm"] * efficiency) + Decimal(cloth["ends_mm"]) / shirts
    steps = (exact_mm / cloth["step_mm"]).to_integral_value(ROUND_CEILING)
    return Marker(shirts, efficiency.quantize(Decimal("0.001")), steps * cloth["step_mm"])


def buttons(style: Style) -> int:
    """Return how many buttons are sewn on or packed with one shirt."""
    row = shirt()["buttons"]
    return int(row["spare"]) + fastened(style)


def fastened(style: Style) -> int:
    """Return how many buttons are sewn on, each with its hole."""
    row = shirt()["buttons"]
    cuffs = row[f"{style.cuff}_cuffs"] if style.long else 0
    return int(row["front"] + row[f"{style.sleeve}_sleeves"] + cuffs)


def interlining_m(style: Style) -> Decimal:
    """Return the metres of interlining of one shirt."""
    row = shirt()["interlining"]
    cuffs = row["cuff_m"][style.cuff] if style.long else Decimal(0)
    return Decimal(row["front_m"] + row["collar_m"][style.collar] + cuffs)


def size(bust_girth_mm: Decimal) -> str:
    """Return the letter of the size class that a chest falls into."""
    rows = shirt()["size"]
    return str(next(row["letter"] for row in rows if bust_girth_mm <= row["chest_mm"]))
