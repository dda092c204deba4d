"""Solve a shop of the literature; needs no home."""

import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Annotated, Any

import typer

from manufold.answering import answering, print_json
from manufold.cli.bounded import cores, spending
from manufold.cli.root import AsJson, Language, app
from manufold.model.errors import InputFault

if TYPE_CHECKING:
    from manufold.scheduling.shop.team import Progress

__all__: list[str] = []

#: the longest run, a week
SECONDS_MOST = 604_800.0
WORKERS_MOST = 256
SEED_MOST = 2**31 - 1
#: between two lines of progress
TOLD_EVERY_S = 5.0


@app.command()
def solve(
    file: Annotated[Path, typer.Argument(help="An instance; .gz is unpacked.")],
    out: Annotated[Path, typer.Option("--out", help="Where the schedule goes, as JSON.")],
    form: Annotated[
        str,
        typer.Option(
            "--format", help="fjsp, jsp, fjsp-tardiness, fjsp-w, fjsp-sdst or fajsp; else guessed."
        ),
    ] = "",
    limit_s: Annotated[
        float, typer.Option("--seconds", help="For everything, reading and writing included.")
    ] = 60.0,
    seed: Annotated[int, typer.Option("--seed", help="Of all dice.")] = 1,
    workers: Annotated[
        int, typer.Option("--workers", help="Processes that search; default: one per core.")
    ] = 0,
    moves: Annotated[
        int, typer.Option("--moves", help="End after so many; the same answer for the same seed.")
    ] = 0,
    as_json: AsJson = False,
    language: Language = None,
) -> None:
    """Solve a published shop: the best schedule that is found in time, judged before it is written.

    Ctrl-C ends the search; what was found by then is judged and written.
    """
    spent_s = spending()
    with answering(as_json, language):
        from manufold.api.solve_wire import solve_answer
        from manufold.connect.plain_file import check_place, read_file, write_file
        from manufold.scheduling.shop.read import FORMATS
        from manufold.services.solve_shop import Plan, solved
        from manufold.ui.console.solving import print_solved, progress_line
        from manufold.workers.crew import ProcessCrew

        _checked(limit_s, seed, workers, moves)
        if form and form not in FORMATS:
            raise InputFault("shop.format_unknown", form=form[:80], known=", ".join(FORMATS))
        check_place(out, file)
        members = 1 if moves else workers or cores()
        tongue = language or "en"
        crew = None if moves else ProcessCrew(members)
        try:
            text = read_file(file)

            with _until_asked(limit_s, spent_s) as left_s:
                tell = _teller(
                    lambda progress: typer.echo(progress_line(progress, tongue), err=True)
                )
                found = solved(
                    text,
                    Plan(form, seed, moves),
                    left_s=left_s,
                    spent_s=spent_s,
                    crew=crew,
                    told=tell,
                )
            write_file(out, found.text)
        finally:
            if crew is not None:
                crew.end()
        answer = solve_answer(found, str(file), str(out), seed, members, tongue)
        if as_json:
            print_json(answer)
        else:
            print_solved(answer, tongue)
        _note(answer)


def _note(answer: dict[str, Any]) -> None:
    for note in answer["notes"]:
        typer.echo(f"manufold: {note['text']}", err=True)


def _checked(limit_s: float, seed: int, workers: int, moves: int) -> None:
    if not 0 < limit_s <= SECONDS_MOST:
        raise InputFault("shop.seconds_outside", limit_s=f"{limit_s:g}", most_s=int(SECONDS_MOST))
    if not 0 <= seed <= SEED_MOST:
        raise InputFault("shop.seed_outside", seed=seed, most=SEED_MOST)
    if not 0 <= workers <= WORKERS_MOST:
        raise InputFault("shop.workers_outside", workers=workers, most=WORKERS_MOST)
    if moves < 0 or (moves and workers > 1):
        raise InputFault("shop.moves_alone", moves=moves, workers=workers)


@contextmanager
def _until_asked(limit_s: float, spent_s: Callable[[], float]) -> Iterator[Callable[[], float]]:
    """Give a clock of the seconds left: none any more once the user or the system asks to end.

    Asked twice, the command ends as if it had never begun.
    """
    asked: list[int] = []

    def ask(number: int, frame: FrameType | None) -> None:
        if asked:
            raise KeyboardInterrupt
        asked.append(number)

    kept = {number: signal.signal(number, ask) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield lambda: 0.0 if asked else limit_s - spent_s()
    finally:
        for number, handler in kept.items():
            signal.signal(number, handler)


def _teller(show: Callable[["Progress"], None]) -> Callable[["Progress"], None]:
    """Return a listener that shows the first progress, and then one every few seconds."""
    told_s = [0.0]

    def tell(progress: "Progress") -> None:
        now_s = time.monotonic()
        if now_s - told_s[0] >= TOLD_EVERY_S:
            told_s[0] = now_s
            show(progress)

    return tell
