"""The demo: the whole stream in a minute, on a simulated network that is busy already.

Three real parts (a milled bracket and a turned shaft in STEP, a printed cover in STL) and a shirt
to somebody's measures are offered, accepted, made, measured and proven. Nothing is staged: the
same services, the embedded store, the twin's own luck.
"""

import json
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from time import perf_counter
from typing import Any

from rich.console import Console

from manufold.api.wire import offer_answer, order_answer, passport_answer
from manufold.app import Manufold, open_home, use_network
from manufold.demo import demo_network_path
from manufold.design.conformance import demos
from manufold.design.contract import verticals
from manufold.model.errors import InputFault, Reason
from manufold.model.evidence import Passport
from manufold.model.execution import OrderState
from manufold.settings import default_home
from manufold.ui.console.offers import offer_table
from manufold.ui.console.passports import print_passport
from manufold.ui.console.progress import ran_on
from manufold.ui.console.when import day_and_hour
from manufold.ui.passport_page import render
from manufold.words import word
from manufold.workers.pool import KillablePool

__all__ = ["play"]

#: trade, its demo, the option taken
SHOWN = (
    ("part", "bracket", "fast"),
    ("part", "shaft", "cheap"),
    ("part", "cover", "green"),
    ("garment", "shirt", "cheap"),
)
_MARK = ".demo.lock"  # a name that a home tolerates while it is being made


def play(
    home: Path | None = None,
    *,
    seed: int = 1,
    language: str = "en",
    quiet: bool = False,
    console: Console | None = None,
    served: Callable[[Manufold], None] | None = None,
) -> dict[str, Any]:
    """Play the demo and return what happened.

    Args:
        served: given the world at the end, still open, to go on with.
        home: where its world is made; default a folder beside the default home. A world that
            an earlier demo made there is kept beside it, in the place of one kept before;
            anything else there is left alone.

    Raises:
        InputFault: `demo.home_taken`.
    """
    began = perf_counter()
    out = console or Console(quiet=quiet, highlight=False)
    path = home or beside(default_home())
    kept = _set_aside(path)
    out.print("[bold]A network of factories, simulated, with work on every machine[/bold]")
    out.print(f"[dim]state in {path}[/dim]")
    if kept is not None:
        moved = word(Reason("demo.earlier_kept", {"kept": str(kept)}), language)
        out.print(moved, style="yellow", markup=False)
    workers = KillablePool()
    for vertical in verticals().values():
        vertical.warm(workers)  # the CAD kernel loads while the network is made
    with ran_on(quiet=quiet, console=out) as told:
        told(0, 0.1, "making the network and its backlog")
        path.mkdir(parents=True, exist_ok=True)
        (path / _MARK).write_text("the next demo sets this folder aside\n", encoding="utf-8")
        (path / "settings.toml").write_text(f"twin_seed = {seed}\n", encoding="utf-8")
        use_network(path, demo_network_path(), world="sim", backlog=True)
    with open_home(path, language=language, executor=workers) as m:
        backlog = m.orders()
        operations = sum(len(order.jobs) for order in backlog)
        _print_network(out, m, len(backlog), operations)
        offered = [_offered(out, m, *one) for one in SHOWN]
        orders = [order for _offer, order in offered]
        ran = _made(out, m, orders, quiet)
        passports = [_proven(out, m, path, order) for order in orders]
        proof = m.verify()
        out.print(
            f"[bold green]verified[/bold green] {proof['events']} events in one chain, "
            f"{proof['heads']} signed heads, {proof['passports']} passports"
        )
        seconds = round(perf_counter() - began, 1)
        out.print(f"[dim]{seconds} s in all · look around: --home {path}[/dim]")
        answer = {
            "schema": "manufold/demo_answer/1",
            "home": str(path),
            "world": m.world,
            "backlog": {"orders": len(backlog), "operations": operations},
            "offers": [answer for answer, _order in offered],
            "orders": [order_answer(m.order(o.order_id), m.network) for o in orders],
            "run": ran,
            "passports": [passport_answer(passport) for passport in passports],
            "verify": proof,
            "seconds": seconds,
        }
        if served is not None:
            served(m)
        return answer


def beside(home: Path) -> Path:
    """Return the demo's folder: beside a home, never in it."""
    return home.with_name(f"{home.name}-demo")


def _set_aside(path: Path) -> Path | None:
    """Make room; return where the world of an earlier demo is kept, orders by hand included."""
    kept = path.parent / f"{path.name}.before"
    if (path / _MARK).exists():
        if (kept / _MARK).exists():
            shutil.rmtree(kept)
        elif kept.exists():
            raise InputFault("demo.home_taken", home=str(kept))
        path.rename(kept)
        return kept
    if path.exists() and any(path.iterdir()):
        raise InputFault("demo.home_taken", home=str(path))
    return None


def _print_network(out: Console, m: Manufold, orders: int, operations: int) -> None:
    owners = {site.party_id for site in m.network.sites}
    countries = {site.country for site in m.network.sites}
    out.print(
        f"{len(m.network.sites)} sites of {len(owners)} owners in {len(countries)} countries, "
        f"{len(m.network.work_units)} work units, {orders} orders with {operations} operations "
        "booked already"
    )


def _offered(
    out: Console, m: Manufold, trade: str, name: str, option: str
) -> tuple[dict[str, Any], OrderState]:
    """Offer a design that a trade shows, show the offer, accept one of its options."""
    demo = next(one for one in demos(m.ctx.verticals[trade]) if one["name"] == name)
    pieces = demo["quantity"]
    quoted = m.offer(*demo["files"], quantity=pieces, **demo["parameters"])
    seconds = quoted.stages_s["total"]
    out.print()
    out.print(
        f"[bold]{demo['files'][0].name}[/bold], {pieces} of {quoted.design.material_id}: "
        f"offered in {seconds:.2f} s"
    )
    out.print(offer_table(quoted.offer, m.network, m.language))
    taken = quoted.offer.option(option)
    for reason in taken.reasons[:4]:
        out.print(f"  · {word(reason, m.language)}", markup=False)
    order = m.accept(quoted.offer.offer_id, option, key=f"demo/{trade}/{name}")
    zone = m.network.delivery_zone[order.zone_id].zone
    promised = day_and_hour(order.promised_at_s, zone)
    out.print(f"  accepted [bold]{option}[/bold]: promised {promised}, {order.order_id}")
    return offer_answer(quoted.offer, m.network, m.language, seconds), order


def _made(out: Console, m: Manufold, orders: list[OrderState], quiet: bool) -> Mapping[str, Any]:
    """Let the simulated world run on until the orders are at the door."""
    out.print()
    began = perf_counter()
    with ran_on(quiet=quiet, console=out) as told:
        ran = m.run(orders=[order.order_id for order in orders], told=told)
    out.print(
        f"[bold]made[/bold]: {ran['commands']} commands, {ran['events']} events, "
        f"from {ran['from'][:16]} to {ran['to'][:16]} simulated in {perf_counter() - began:.1f} s"
    )
    for order in orders:
        found = m.order(order.order_id)
        zone = m.network.delivery_zone[found.zone_id].zone
        late = found.actual_at_s is None or found.actual_at_s > found.promised_at_s
        verdict = "[red]late[/red]" if late else "[green]the date held[/green]"
        out.print(
            f"  {found.order_id} {found.state}: promised "
            f"{day_and_hour(found.promised_at_s, zone)}, arrived "
            f"{day_and_hour(found.actual_at_s, zone)}: {verdict}"
        )
    return ran


def _proven(out: Console, m: Manufold, path: Path, order: OrderState) -> Passport:
    """Issue the passport of an order and write it as JSON and as a page."""
    buyer = order.party_id
    passport = m.passport(order.order_id, party=buyer)
    folder = path / "passports"
    folder.mkdir(exist_ok=True)
    stem = folder / passport.passport_id
    document = json.dumps(passport_answer(passport), ensure_ascii=False, indent=1, default=float)
    stem.with_suffix(".json").write_text(document, encoding="utf-8")
    stem.with_suffix(".html").write_text(render(passport, m.language, m.network), encoding="utf-8")
    out.print()
    print_passport(passport, m.network, m.language, out)
    out.print(f"[dim]{stem}.html[/dim]")
    return passport
