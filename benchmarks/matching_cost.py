"""What stripes and checks cost in cloth: garments laid with and without, in the same time.

Run `MANUFOLD_TEST_DATA=... python benchmarks/matching_cost.py [--seconds S] [--garment NAME]`. One
shirt, two people's shirts in one marker, trousers, a jacket and a dress of people of the survey, on
cloth 1,450 mm wide with 2 mm between pieces, are laid once without a repeat and once on each:
stripes across the garment (a repeat along the cloth), stripes down it, checks, of 10, 25 and 60 mm.
One search on one core each, the same seconds; each layout is judged twice, for overlaps and for
lines that do not run on.
"""

import argparse
import os
import sys
import time
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "src"))
sys.path.insert(0, str(Path(__file__).parent))

from draft_all import rows

from manufold.design.garment.marker.from_patterns import strip_of
from manufold.design.garment.marker.match import Repeat
from manufold.design.garment.marker.match_points import matching_of
from manufold.design.garment.marker.match_search import off_repeat
from manufold.design.garment.marker.nest import nested
from manufold.design.garment.marker.overlaps import faults
from manufold.design.garment.marker.search import READY
from manufold.design.garment.pattern.person import from_ansur, person
from manufold.design.garment.pattern.publishing import drafted
from manufold.workers.pool import KillablePool

ASKED = (("shirt", 1), ("shirt", 2), ("trousers", 1), ("jacket", 1), ("dress", 1))
SIZES_MM = (10.0, 25.0, 60.0)
CLOTH_MM, GAP_MM = 1450.0, 2.0


def main() -> int:
    """Lay and judge; return 1 when any layout is unsound."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=15.0)
    parser.add_argument("--garment", choices=[name for name, _ in ASKED])
    chosen = parser.parse_args()
    everybody = rows(Path(os.environ["MANUFOLD_TEST_DATA"]) / "garment" / "ansur2")
    repeats = [Repeat(size, 0) for size in SIZES_MM]
    repeats += [Repeat(0, size) for size in SIZES_MM]
    repeats += [Repeat(size, size) for size in SIZES_MM]
    pool = KillablePool(1)
    pool.run(READY, "", limit_s=60, memory_mb=2000)
    wrong = 0
    for garment, count in ASKED:
        if chosen.garment not in (None, garment):
            continue
        people = [person(from_ansur(everybody[at])) for at in (1200, 4500)[:count]]
        patterns = [drafted(garment, one) for one in people]
        bare, names = strip_of(patterns, "shell", CLOTH_MM, GAP_MM, one_way=False)

        def laid(strip, pool=pool):
            until_s = time.monotonic() + chosen.seconds
            return nested(strip, lambda: until_s - time.monotonic(), 1, pool, searches=1).layout

        plain = laid(bare)
        pieces = sum(item.demand for item in bare.items)
        print(f"{count} {garment}: {pieces} pieces, {plain.width_mm:.0f} mm without a repeat")
        for repeat in repeats:
            strip = replace(bare, matching=matching_of(patterns, names, repeat))
            found = laid(strip)
            off, over = off_repeat(found, strip.matching), len(faults(strip, found))
            wrong += bool(off or over)
            more = 100 * (found.width_mm / plain.width_mm - 1)
            kind = f"{repeat.along_mm:.0f} along, {repeat.across_mm:.0f} across"
            print(f"   {kind:22} {found.width_mm:.0f} mm {more:+.1f} %  off {off}, overlaps {over}")
    pool.close()
    return int(wrong > 0)


if __name__ == "__main__":
    sys.exit(main())
