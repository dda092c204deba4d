"""Plan a day's cutting; needs no home."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from manufold.answering import answering, print_json
from manufold.cli.bounded import cores, spending
from manufold.cli.root import AsJson, Language, app
from manufold.model.errors import InputFault

if TYPE_CHECKING:
    from manufold.services.cut_orders import Room

__all__: list[str] = []

TABLE_BYTES_MOST = 20_000_000
SECONDS_MOST = 86_400.0
SEED_MOST = 2**31 - 1
WORKERS_MOST = 256


@app.command()
def cut(
    file: Annotated[Path, typer.Argument(help="Orders, a row per piece of work, as CSV.")],
    rolls: Annotated[Path, typer.Option("--rolls", help="Rolls of cloth, a row each, as CSV.")],
    out: Annotated[Path, typer.Option("--out", help="Folder for the markers and the plan.")],
    seconds: Annotated[float, typer.Option("--seconds", help="For planning and laying.")] = 60.0,
    seed: Annotated[int, typer.Option("--seed", help="Of all dice.")] = 1,
    workers: Annotated[
        int, typer.Option("--workers", help="Markers laid at once; default: one per core.")
    ] = 0,
    compare: Annotated[
        bool, typer.Option("--compare", help="Lay all one by one, too, for as long; else estimate.")
    ] = False,
    tables: Annotated[int, typer.Option("--tables", help="Cutting tables.")] = 1,
    table_m: Annotated[float, typer.Option("--table-length", help="Of each table, m.")] = 8.0,
    hours: Annotated[
        str, typer.Option("--hours", help="Of every day.")
    ] = "08:00-12:00,13:00-17:00",
    gap_mm: Annotated[float, typer.Option("--gap", help="Between pieces, mm.")] = 2.0,
    ends_mm: Annotated[float, typer.Option("--ends", help="Lost at a marker's ends, mm.")] = 20.0,
    usable_m: Annotated[
        float, typer.Option("--usable", help="Shorter remnants are worth nothing, m.")
    ] = 1.5,
    setup_min: Annotated[float, typer.Option("--setup", help="Before a marker, min.")] = 3.0,
    spread_s: Annotated[float, typer.Option("--spread", help="To spread a metre, s.")] = 20.0,
    knife_s: Annotated[float, typer.Option("--knife", help="To cut a metre of outline, s.")] = 5.0,
    as_json: AsJson = False,
    language: Language = None,
) -> None:
    """Plan whose work is cut together, of which roll, when; draw the markers."""
    spent_s = spending()
    with answering(as_json, language):
        from manufold.model.cut_plan import CutRules
        from manufold.services.cut_orders import Room
        from manufold.services.cut_tables import read_hours

        _within("--seconds", seconds, 1.0, SECONDS_MOST)
        _within("--seed", seed, 0, SEED_MOST)
        _within("--workers", workers, 0, WORKERS_MOST)
        _within("--tables", tables, 1, 100)
        _within("--table-length", table_m, 0.1, 1000.0)
        for name, value in (("--gap", gap_mm), ("--ends", ends_mm), ("--usable", usable_m)):
            _within(name, value, 0.0, 1000.0)
        for name, value in (("--setup", setup_min), ("--spread", spread_s), ("--knife", knife_s)):
            _within(name, value, 0.0, 1000.0)
        rules = CutRules(ends_mm, round(setup_min * 60), spread_s, knife_s, usable_m * 1000)
        room = Room(tables, table_m * 1000, read_hours(hours), rules, gap_mm)
        search = {
            "seconds": seconds,
            "seed": seed,
            "workers": workers or cores(),
            "compare": compare,
        }
        answer = _planned((file, rolls, out), room, search, spent_s, language or "en")
        _tell(answer, as_json, language or "en")


def _planned(
    places: tuple[Path, Path, Path],
    room: "Room",
    search: dict[str, Any],
    spent_s: Callable[[], float],
    language: str,
) -> dict[str, Any]:
    """Plan, write the folder, and return the answer.

    Args:
        places: orders, rolls and the folder.
    """
    from manufold.api.cut_wire import cut_answer, plan_bytes
    from manufold.connect.plain_file import read_file
    from manufold.connect.plan_folder import check_folder, write_folder
    from manufold.design.lays import lays_together
    from manufold.services.cut_orders import Told, planned_cut, read_cut
    from manufold.workers.pool import KillablePool

    *tables, out = places
    told = [Told(one.name, read_file(one, TABLE_BYTES_MOST)) for one in tables]
    check_folder(out)
    lays = lays_together()
    asked = read_cut(told[0], told[1], room, lays)
    pool = KillablePool(search["workers"])
    try:
        found = planned_cut(asked, lays, pool, spent_s=spent_s, **search)
    finally:
        pool.close()
    answer = cut_answer(
        found,
        out=str(out),
        seed=search["seed"],
        workers=search["workers"],
        seconds=spent_s(),
        language=language,
    )
    files = {
        f"marker-{number:02d}.{suffix}": content
        for number, drawn in enumerate(found.drawn(lays), 1)
        for suffix, content in drawn.items()
    }
    write_folder(out, {**files, "plan.json": plan_bytes(answer)})
    return answer


def _tell(answer: dict[str, Any], as_json: bool, language: str) -> None:
    from manufold.ui.console.cutting import print_cut

    for note in answer["notes"]:
        typer.echo(f"manufold: {note['text']}", err=True)
    if as_json:
        print_json(answer)
    else:
        print_cut(answer, language)


def _within(option: str, value: float, least: float, most: float) -> None:
    if not least <= value <= most:
        raise InputFault(
            "cli.option_outside",
            option=option,
            value=f"{value:g}",
            least=f"{least:g}",
            most=f"{most:.10g}",
        )
