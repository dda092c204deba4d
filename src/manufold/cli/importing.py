"""Read the event log of another system into a network file."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, get_args

import typer

from manufold.answering import answering, print_json
from manufold.cli.describing import network_app
from manufold.cli.root import AsJson, Language
from manufold.model.errors import InputFault

if TYPE_CHECKING:
    from manufold.connect.event_log import Imported

__all__: list[str] = []


@network_app.command("import")
def network_import(
    log: Annotated[Path, typer.Argument(help="An event log (CSV or XES, also with gzip).")],
    out: Annotated[Path, typer.Option("--out", help="The network file to write.")],
    zone: Annotated[str, typer.Option("--zone", help="Time zone of the shop, as Europe/Berlin.")],
    column: Annotated[
        list[str] | None, typer.Option("--column", help="ROLE=COLUMN where a guess is wrong.")
    ] = None,
    alternatives: Annotated[
        str, typer.Option("--alternatives", help="machine, activity or work: who may do it.")
    ] = "activity",
    encoding: Annotated[
        str | None, typer.Option("--encoding", help="Of a CSV that is not UTF-8.")
    ] = None,
    date_order: Annotated[
        str, typer.Option("--date-order", help="dmy or mdy where dates end in the year.")
    ] = "ymd",
    name: Annotated[str, typer.Option("--name", help="Of the shop.")] = "Our shop",
    country: Annotated[str, typer.Option("--country", help="ISO 3166-1 code of it.")] = "ZZ",
    currency: Annotated[str, typer.Option("--currency", help="Of its rates.")] = "EUR",
    as_json: AsJson = False,
    language: Language = None,
) -> None:
    """Make a network file of what an event log shows of a shop, and say what was assumed."""
    with answering(as_json, language):
        from manufold.connect.event_log import Alternatives, Estimates, imported, read_log
        from manufold.connect.network_file.kinds import KINDS

        _free(out)
        chosen = next((one for one in get_args(Alternatives) if one == alternatives), None)
        if chosen is None:
            known = ", ".join(get_args(Alternatives))
            raise InputFault("log.alternatives_unknown", found=alternatives[:40], known=known)
        for kind, text in (("text", name), ("country", country)):
            try:
                KINDS[kind].read(text)
            except ValueError:
                raise InputFault("log.option_wrong", option=kind, found=text[:80]) from None
        read = read_log(log, zone, columns=_told(column), encoding=encoding, date_order=date_order)
        estimates = Estimates(name=name, country=country, currency=currency)
        seen = imported(read, alternatives=chosen, estimates=estimates)
        _write(out, seen, language or "en")
        answer = _answer(log, out, seen, language or "en")
        if as_json:
            print_json(answer)
            return
        for reason in answer["assumptions"]:
            typer.echo(f"  {reason['text']}", err=True)
        for left in answer["left_out"]:
            typer.echo(f"  {left['rows']} x {left['where']}: {left['text']}", err=True)
        counted = ("rows", "used", "orders", "operations", "work_units", "operators")
        told = ", ".join(f"{answer[key]} {key.replace('_', ' ')}" for key in counted)
        typer.echo(f"{out}: {told}")


def _told(column: list[str] | None) -> dict[str, str]:
    told: dict[str, str] = {}
    for pair in column or ():
        role, mark, name = pair.partition("=")
        if not mark:
            raise InputFault("log.option_wrong", option="--column", found=pair[:80])
        told[role.strip()] = name.strip()
    return told


def _free(out: Path) -> None:
    if out.exists():
        raise InputFault("log.out_exists", file=str(out))


def _write(out: Path, seen: "Imported", language: str) -> None:
    from manufold.connect.event_log import network_text

    text = network_text(seen.plant.network, seen.assumptions, language)
    try:
        with out.open("x", encoding="utf-8") as opened:
            opened.write(text)
    except OSError as refused:
        what = refused.strerror or str(refused)
        raise InputFault("log.not_written", file=str(out), what=what) from None


def _answer(log: Path, out: Path, seen: "Imported", language: str) -> dict[str, Any]:
    from manufold.api.wire import worded

    first = {fault.reason.code: fault for fault in reversed(seen.log.left_out)}
    return {
        "schema": "manufold/network_import_answer/1",
        "log": str(log),
        "file": str(out),
        "rows": seen.log.row_count,
        "used": seen.log.used_count,
        "orders": len(seen.orders),
        "operations": sum(len(order.done.operations) for order in seen.orders),
        "work_units": len(seen.plant.network.work_units),
        "operators": len(seen.plant.network.operators),
        "left_out": [
            {"rows": rows, "where": first[code].where} | worded([first[code].reason], language)[0]
            for code, rows in seen.log.counts.items()
        ],
        "assumptions": worded(seen.assumptions, language),
    }
