"""Late and at risk beside the chart, and the panel of one order: what waits, and for what."""

from collections.abc import Callable
from html import escape

from nicegui import ui

from manufold.model.network import Network
from manufold.services.board import Board, BoardOrder
from manufold.services.board_bars import Bar
from manufold.ui.board.saying import Saying, short_id

__all__ = ["LISTED_MOST", "show_cases", "show_link", "show_order"]

#: orders listed of each kind; the worst come first, the chart shows the rest
LISTED_MOST = 40


def show_link(text: str, href: str) -> None:
    """Build a link to another page of this host; the framework's own would stay below `/board`."""
    ui.html(escape(text), sanitize=False, tag="a").props(f'href="{escape(href)}"')


def show_cases(board: Board, say: Saying, picked: str, pick: Callable[[str], None]) -> None:
    """Build the lists of late orders and orders at risk, worst first, each with its cause."""
    _cases(board, say, board.late, "late", picked, pick)
    _cases(board, say, board.at_risk, "risk", picked, pick)


def _cases(
    board: Board,
    say: Saying,
    order_ids: tuple[str, ...],
    kind: str,
    picked: str,
    pick: Callable[[str], None],
) -> None:
    count = len(order_ids)
    heading = (
        say("late_heading", count=count) if kind == "late" else say("risk_heading", count=count)
    )
    ui.label(heading).classes(f"mf-list-head mf-{kind}").props('role="heading" aria-level="2"')
    if not order_ids:
        ui.label(say(f"no_{kind}")).classes("mf-empty")
    for order_id in order_ids[:LISTED_MOST]:
        _case(board.orders[order_id], say, kind, order_id == picked, pick)
    if count > LISTED_MOST:
        ui.label(say("more", count=count - LISTED_MOST)).classes("mf-empty")


def _case(
    order: BoardOrder, say: Saying, kind: str, picked: bool, pick: Callable[[str], None]
) -> None:
    classes = f"mf-case mf-is-{kind}" + (" mf-picked" if picked else "")
    with (
        ui.element("button")
        .classes(classes)
        .props('type="button"')
        .on("click", lambda: pick(order.order_id))
    ):
        with ui.element("div").classes("mf-top"):
            ui.label(f"{say('order')} {short_id(order.order_id)}")
            ui.label(say.standing(order.expected)).classes("mf-by")
        for number, reason in enumerate(order.reasons[:2]):
            ui.label(say.reason(reason)).classes("mf-more" if number else "mf-cause")


def show_order(
    board: Board, say: Saying, network: Network, order: BoardOrder, picked_job: str
) -> None:
    """Build the panel of an order: four dates, why it is late, its job orders in the window."""
    one, zone = order.expected, order.zone
    ui.label(f"{say('order')} {short_id(order.order_id)}").classes("mf-title").props(
        'role="heading" aria-level="2"'
    )
    ui.label(f"{say.named('order_state', order.state)} · {say('pieces', count=order.quantity)}")
    kind = {"late": "mf-why", "at_risk": "mf-why mf-risk"}.get(one.standing, "")
    with ui.element("div").classes(kind):
        ui.label(say.standing(one)).style("font-weight: 650")
        for reason in order.reasons:
            ui.label(say.reason(reason))
    dates = [("requested", order.requested_s)] if one.where == "door" else []
    dates += [("promised", one.promised_s), ("forecast", one.forecast_s)]
    dates += [("nine_of_ten", one.p90_s), ("arrived", one.actual_s)]
    with ui.element("dl").classes("mf-dates"):
        for name, at_s in dates:
            with ui.element("dt"):
                ui.label(say(name))
            with ui.element("dd"):
                ui.label(say.at(at_s, zone))
    place = say("at_door", zone=zone) if one.where == "door" else say("at_gate", zone=zone)
    ui.label(place).classes("mf-who")
    ui.label(say("steps")).style("font-weight: 650")
    bars = sorted((b for b in board.bars if b.order_id == order.order_id), key=lambda b: b.from_s)
    with ui.element("div").classes("mf-steps"):
        for bar in bars:
            _step(bar, say, network, bar.job_order_id == picked_job)
        if not bars:
            ui.label(say("no_steps")).classes("mf-who")
    show_link(say("whole_order"), f"/orders/{order.order_id}")


def _step(bar: Bar, say: Saying, network: Network, picked: bool) -> None:
    unit, site = network.work_unit[bar.work_unit_id], network.site_of(bar.work_unit_id)
    with ui.element("div").classes("mf-step" + (" mf-picked" if picked else "")):
        ui.label(f"{bar.operation} · {unit.name}, {site.name}")
        span = f"{say.at(bar.from_s, site.zone)} – {say.at(bar.to_s, site.zone)}"
        ui.label(f"{say(f'state_{bar.state}')} · {span}").classes("mf-who")
