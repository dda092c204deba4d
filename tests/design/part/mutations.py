"""Damage done to good files, seeded: what a bad line, disk or exporter does to a STEP or STL."""

import random
import re
from collections.abc import Iterator
from pathlib import Path

#: small files of several origins, so that thousands of damages take minutes
SEEDS = (
    "generated_cc0/milled_bracket.step",
    "generated_cc0/turned_shaft.step",
    "aagnet_mit/test.step",
    "nist_ctc_ftc/nist_ftc_11_asme1_rb.stp",
    "prusa_i3_gpl2/fs-lever.stp",
    "kicad_ccbysa4/BatteryHolder_Keystone_2993.step",
    "generated_cc0/thin_box.stl",
    "prusa_i3_gpl2/endstop-block.stl",
    "odri_bsd3/structure_bottom_plate.STL",
)


def truncated(content: bytes, chance: random.Random) -> bytes:
    return content[: chance.randrange(1, len(content))]


def lines_dropped(content: bytes, chance: random.Random) -> bytes:
    lines = content.splitlines(keepends=True)
    share = chance.choice((0.001, 0.01, 0.1))
    return b"".join(line for line in lines if chance.random() > share)


def references_bent(content: bytes, chance: random.Random) -> bytes:
    share = chance.choice((0.002, 0.02, 0.2))

    def bent(match: re.Match[bytes]) -> bytes:
        if chance.random() > share:
            return match[0]
        return b"#%d" % chance.choice((0, 1, 7, 10**9, int(match[1]) + 1, chance.randrange(4000)))

    return re.sub(rb"(?<=[(,])#(\d+)", bent, content)


def bytes_flipped(content: bytes, chance: random.Random) -> bytes:
    damaged = bytearray(content)
    for _ in range(chance.choice((1, 10, 200))):
        damaged[chance.randrange(len(damaged))] = chance.randrange(256)
    return bytes(damaged)


def numbers_grown(content: bytes, chance: random.Random) -> bytes:
    share = chance.choice((0.002, 0.02, 0.2))
    wild = (b"1.E300", b"-1.E300", b"1.E-300", b"0.", b"1.E18", b"-99999999999.", b"NAN")

    def grown(match: re.Match[bytes]) -> bytes:
        return chance.choice(wild) if chance.random() < share else match[0]

    return re.sub(rb"-?\d+\.\d*(?:[eE][-+]?\d+)?", grown, content)


DAMAGES = (truncated, lines_dropped, references_bent, bytes_flipped, numbers_grown)


def damaged_files(folder: Path, count: int, seed: int) -> Iterator[tuple[str, bytes]]:
    """Yield (what was done to what, bytes): every damage on every file in turn."""
    chance = random.Random(seed)
    originals = [(name, (folder / name).read_bytes()) for name in SEEDS]
    for i in range(count):
        name, content = originals[i % len(originals)]
        damage = DAMAGES[(i // len(originals) + i) % len(DAMAGES)]
        yield f"{i}: {damage.__name__} {name}", damage(content, chance)
