"""Plan a line of one-piece orders; needs no home."""

from pathlib import Path
from typing import Annotated

import typer

from manufold.answering import answering, print_json
from manufold.cli.bounded import spending
from manufold.cli.root import AsJson, Language, app
from manufold.model.errors import InputFault

__all__: list[str] = []

FILE_BYTES_MOST = 20_000_000
SECONDS_MOST = 86_400.0
SEED_MOST = 2**31 - 1
PLANS_MOST = 10_000_000
LOT_MOST = 1_000


@app.command()
def line(
    file: Annotated[Path, typer.Argument(help="The line: stations, people, styles, as TOML.")],
    orders: Annotated[Path, typer.Option("--orders", help="Orders, a row each, as CSV.")],
    out: Annotated[Path, typer.Option("--out", help="Where the stations' lists go, as CSV.")],
    seconds: Annotated[float, typer.Option("--seconds", help="For planning.")] = 20.0,
    seed: Annotated[int, typer.Option("--seed", help="Of all dice.")] = 1,
    plans: Annotated[
        int, typer.Option("--plans", help="Try so many; the same answer for the same seed.")
    ] = 0,
    lots: Annotated[
        int, typer.Option("--lots", help="Compare with lots of so many of one style.")
    ] = 0,
    as_json: AsJson = False,
    language: Language = None,
) -> None:
    """Plan who works where on a line, which order enters when and why, and each station's list."""
    spent_s = spending()
    with answering(as_json, language):
        from manufold.api.line_wire import line_answer, station_lists
        from manufold.connect.plain_file import check_place, read_file, write_file
        from manufold.scheduling.line.warm import warm
        from manufold.services.line_day import planned_line
        from manufold.ui.console.lining import print_line

        for name, value, least, most in (
            ("--seconds", seconds, 0.1, SECONDS_MOST),
            ("--seed", seed, 0, SEED_MOST),
            ("--plans", plans, 0, PLANS_MOST),
            ("--lots", lots, 0, LOT_MOST),
        ):
            if not least <= value <= most:
                given = f"{value:g}"
                raise InputFault("line.option_outside", option=name, value=given, most=f"{most:g}")
        check_place(out, file)
        check_place(out, orders)
        texts = [read_file(one, FILE_BYTES_MOST) for one in (file, orders)]
        warm()  # what was never compiled does not take its time from planning
        until_s = spent_s() + seconds
        day = planned_line(
            *texts,
            seed=seed,
            plans_most=plans or None,
            lots=lots,
            left_s=lambda: until_s - spent_s(),
        )
        write_file(out, station_lists(day))
        tongue = language or "en"
        answer = line_answer(day, out=str(out), seed=seed, seconds=spent_s(), language=tongue)
        if as_json:
            print_json(answer)
        else:
            print_line(answer, tongue)
