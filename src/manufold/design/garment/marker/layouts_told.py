"""A program of its own: read a strip, print every layout the solver finds, one JSON object a line.

The solver cannot be stopped and knows whole seconds only, so whoever wants its first layouts runs
it apart, reads as many lines as he wants, and ends it. Run as `python -m <this module>`.
"""

import json
import sys
import threading

import spyrrow

__all__ = ["main"]

#: longer than anybody listens
_SECONDS = 30
_LOOK_S = 0.002


def main() -> None:
    """Answer the one request of standard input, until the reader closes the pipe."""
    asked = json.load(sys.stdin)
    items = [
        spyrrow.Item(str(at), [(x, y) for x, y in one["outline"]], one["demand"], one["angles"])
        for at, one in enumerate(asked["items"])
    ]
    instance = spyrrow.StripPackingInstance("strip", asked["height"], items)
    settings = spyrrow.StripPackingConfig(
        early_termination=False,
        total_computation_time=None,
        exploration_time=_SECONDS,
        compression_time=1,
        num_workers=1,
        seed=asked["seed"],
    )
    queue = spyrrow.ProgressQueue()
    threading.Thread(target=instance.solve, args=(settings, queue), daemon=True).start()
    pause = threading.Event()
    while True:
        for kind, found in queue.drain():
            if kind == spyrrow.ReportType.ExplFeas:
                placed = [[int(p.id), p.rotation, *p.translation] for p in found.placed_items]
                sys.stdout.write(json.dumps([found.width, placed]) + "\n")
        sys.stdout.flush()
        pause.wait(_LOOK_S)


if __name__ == "__main__":
    main()
