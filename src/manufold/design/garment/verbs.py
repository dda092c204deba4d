"""The garment's own verbs; what they need is imported when they run."""

from manufold.design.verbs import Answered, Asked, Option, Verb

__all__ = ["NEST"]

SECONDS_MOST = 86_400.0
SEED_MOST = 2**31 - 1
FILE_BYTES_MOST = 100_000_000


def _nest(asked: Asked) -> Answered:
    import json

    from manufold.design.garment.marker.nest import nested
    from manufold.design.garment.marker.strip import document
    from manufold.design.garment.marker.strip_file import read_strip
    from manufold.model.errors import Reason

    strip = read_strip(asked.file.content)
    seconds, seed = float(asked.values["seconds"]), int(asked.values["seed"])
    hands = int(asked.values["workers"]) or asked.cores
    together = seconds >= TOGETHER_S and strip.matching is None
    # writing and ending take their part of the time, too
    found = nested(
        strip,
        lambda: seconds - asked.spent_s() - ENDING_S,
        seed,
        asked.executor,
        searches=1 if together else hands,
        threads=hands if together else 1,
    )
    width = found.layout.width_mm
    density = strip.density(width)
    told = {
        "pieces": len(found.layout.placements),
        "height": strip.height_mm,
        "width": width,
        "density": density,
        "searches": found.searches,
        "seed": seed,
    }
    line = Reason(
        "garment.nested",
        {
            "pieces": len(found.layout.placements),
            "width": f"{width:.4g}",
            "height": f"{strip.height_mm:.4g}",
            "percent": f"{100 * density:.2f}",
        },
    )
    written = json.dumps(document(strip, found.layout)).encode()
    return Answered(told, (line,), {"out": written}, found.lost)


#: from here on one search with all cores finds more than a search for each
TOGETHER_S = 10.0
#: kept for judging, writing and ending
ENDING_S = 0.15

NEST = Verb(
    "nest",
    "Lay pieces on a strip of cloth, close together and never over each other.",
    "A strip and its pieces, as JSON; .gz is unpacked.",
    FILE_BYTES_MOST,
    (
        Option("out", "out", "Where the layout goes, as JSON."),
        Option("seconds", "number", "For everything.", 30.0, 0.05, SECONDS_MOST),
        Option("seed", "whole", "Of all dice.", 1, 0, SEED_MOST),
        Option("workers", "whole", "Cores to search with; default: all.", 0, 0, 256),
    ),
    _nest,
    processes=0,
)
