"""Verbs that measure: KPIs."""

from typing import Annotated

import typer

from manufold.answering import opened, print_json
from manufold.cli.root import AsJson, Home, Language, Party, app

__all__: list[str] = []


@app.command()
def kpi(
    since: Annotated[
        str | None, typer.Option("--from", help="A day (its begin) or an instant.")
    ] = None,
    until: Annotated[
        str | None, typer.Option("--to", help="A day (its end) or an instant; default now.")
    ] = None,
    site: Annotated[str | None, typer.Option("--site", help="Only this site.")] = None,
    work_unit: Annotated[str | None, typer.Option("--work-unit", help="Only this one.")] = None,
    party: Party = None,
    home: Home = None,
    as_json: AsJson = False,
    language: Language = None,
) -> None:
    """Measure work units, sites and orders: OEE and its factors, dates, energy, carbon.

    The last 30 days up to the world's clock, unless told otherwise.
    """
    with opened(home, as_json, language) as m:
        from manufold.api.kpi_wire import kpi_answer
        from manufold.ui.console.kpis import print_kpis

        report = m.kpis(since=since, until=until, site=site, work_unit=work_unit, party=party)
        if as_json:
            print_json(kpi_answer(report, m.network, m.language))
        else:
            full = site is not None or work_unit is not None
            print_kpis(report, m.network, m.language, full=full)
