"""Makes the demo people beside it, all invented, and the plans expected for them.

Run `python make_demo_people.py` to write the files anew; `--plans` writes the plans, after someone
has looked at the difference.
"""

import csv
import io
import json
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

from manufold.design.conformance import demos
from manufold.design.contract import filled
from manufold.design.garment.vertical import vertical
from manufold.model.codec import canonical, encoded


class Here:
    """An executor that lays markers in this process: nothing here is a stranger's."""

    def run(self, entry: str, request: Any, *, limit_s: float, memory_mb: int | None = None) -> Any:
        """Return what the entry answers."""
        module, _colon, name = entry.partition(":")
        return getattr(import_module(module), name)(request)

    def warm(self, entry: str) -> None:
        """Load nothing."""

    def close(self) -> None:
        """Nothing runs."""


HERE = Path(__file__).parent

#: three sides of one's body differ: arms by 11 mm, shoulders by 4 degrees
SHIRT = {
    "stature_mm": 1786,
    "neck_girth_mm": 392,
    "bust_girth_mm": 1013,
    "waist_girth_mm": 887,
    "hip_girth_mm": 1007,
    "shoulder_width_mm": 441,
    "back_waist_length_mm": 477,
    "arm_length_left_mm": 617,
    "arm_length_right_mm": 628,
    "upper_arm_girth_mm": 337,
    "wrist_girth_mm": 172,
    "shoulder_slope_left_deg": 19,
    "shoulder_slope_right_deg": 23,
}
#: the least that a shirt can be made from
SUMMER = {
    "stature_mm": 1658,
    "neck_girth_mm": 338,
    "bust_girth_mm": 943,
    "waist_girth_mm": 797,
}
#: nobody of the survey; a few columns that are not read stand there as in its tables
ANSUR = {
    "SubjectId": 99999,
    "stature": 1831,
    "neckcircumference": 407,
    "neckcircumferencebase": 433,
    "chestcircumference": 1087,
    "waistcircumference": 961,
    "buttockcircumference": 1053,
    "shoulderlength": 151,
    "waistbacklength": 497,
    "acromionradialelength": 346,
    "radialestylionlength": 281,
    "bicepscircumferenceflexed": 363,
    "wristcircumference": 179,
    "interscyeii": 433,
    "thighcircumference": 629,
    "weightkg": 873,
    "Gender": "Male",
}


def people() -> dict[str, bytes]:
    """Return each file's name and bytes."""
    meta = {"taken_on": "2026-11-02", "note": "an invented person"}
    shirt = json.loads(filled(vertical.name, SHIRT).content) | meta
    table = io.StringIO()
    writer = csv.writer(table, lineterminator="\n")
    writer.writerows([list(ANSUR), list(ANSUR.values())])
    semicolons = "\n".join(";".join(map(str, row)) for row in (SUMMER, SUMMER.values())) + "\n"
    return {
        "shirt.json": (json.dumps(shirt, indent=1) + "\n").encode(),
        "summer.csv": semicolons.encode(),
        "ansur_row.csv": table.getvalue().encode(),
    }


def plans() -> dict[str, bytes]:
    """Return the plans expected of each demo."""
    found = {}
    for demo in demos(vertical):
        design = vertical.design(demo["files"], demo["parameters"], Here())
        made = [encoded(plan) for plan in vertical.plans(design, demo["quantity"])]
        text = json.dumps(json.loads(canonical(made)), indent=1, ensure_ascii=False)
        found[f"{demo['name']}.plans.json"] = (text + "\n").encode()
    return found


if __name__ == "__main__":
    for name, content in people().items():
        (HERE / name).write_bytes(content)
    if "--plans" in sys.argv:
        for name in ("shirt", "summer", "from-ansur", "trousers", "jacket", "dress"):
            if not (HERE / f"{name}.plans.json").exists():
                (HERE / f"{name}.plans.json").write_text("[]\n")
        for name, content in plans().items():
            (HERE / name).write_bytes(content)
