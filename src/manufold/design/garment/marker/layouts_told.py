"""A program of its own: take a strip, tell every layout the solver finds, until nobody listens.

The solver cannot be stopped and knows whole seconds only, so whoever wants its first layouts runs
it apart, hears as many as he wants, and ends it: `python -m <this module> CHANNEL`, the number of
an open channel. It ends by itself after some seconds of its processor.
"""

import json
import resource
import sys
import threading
from contextlib import suppress
from multiprocessing.connection import Connection

import spyrrow

__all__ = ["main"]

#: longer than anybody listens, and of the processor, which is spent on any machine alike
_SECONDS, _PROCESSOR_S = 60, 8
_LOOK_S = 0.002


def main(channel_fd: int) -> None:
    """Answer the one request of a channel with `[width, [[item, degrees, x, y], ...]]` each."""
    resource.setrlimit(resource.RLIMIT_CPU, (_PROCESSOR_S, _PROCESSOR_S))
    channel = Connection(channel_fd)
    asked = json.loads(channel.recv_bytes())
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
    with suppress(BrokenPipeError, ConnectionResetError):
        while True:
            for kind, found in queue.drain():
                if kind == spyrrow.ReportType.ExplFeas:
                    placed = [[int(p.id), p.rotation, *p.translation] for p in found.placed_items]
                    channel.send_bytes(json.dumps([found.width, placed]).encode())
            pause.wait(_LOOK_S)


if __name__ == "__main__":
    main(int(sys.argv[1]))
