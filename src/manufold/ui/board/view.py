"""One open page of the board: what it shows, what its buttons do, how it follows the world."""

from collections.abc import Mapping
from typing import Any

from nicegui import run, ui

from manufold.model.errors import ManufoldError
from manufold.model.network import Network
from manufold.model.units import DAY_S, HOUR_S
from manufold.services.access import may_run
from manufold.services.board import Board, board
from manufold.services.schedule import Bettered, Search, improve_schedule
from manufold.ui.board.chart import Chart
from manufold.ui.board.chart_data import chart_zone
from manufold.ui.board.lists import show_cases, show_link, show_order
from manufold.ui.board.looking import BACK_S, Desk, Looking
from manufold.ui.board.saying import Saying
from manufold.words import LANGUAGES

__all__ = ["BoardView"]

#: how often a page that somebody can see asks whether the world has moved
_LOOK_EVERY_S = 2.0
#: window of the panel; late orders are listed wherever they stand
_DAYS = 32
_RUN_S = 8 * HOUR_S
_IMPROVE_S = 5.0
#: how a search ends that needs no word
_ENDS_WELL = ("improve.played_out", "improve.settled", "improve.stopped", "improve.nothing_moves")


class BoardView:
    """The page of one browser.

    Args:
        cookies: of the request; the key in them is asked for again whenever the world has moved.
        data_path: where the chart fetches its bars.
    """

    def __init__(
        self, desk: Desk, cookies: Mapping[str, str], language: str, data_path: str
    ) -> None:
        self.desk, self.cookies, self.data_path = desk, cookies, data_path
        self.say = Saying(language)
        self.site = ""
        self.board: Board | None = None
        self.picked = self.picked_job = ""
        self.visible = True
        self.busy = False
        self.shown: tuple[object, ...] = ()

    @property
    def network(self) -> Network:
        """The network of this world."""
        return self.desk.ctx.network

    async def open(self, site: str) -> None:
        """Build the page."""
        looking = self.desk.looking(self.cookies)
        if looking is None:
            self._closed(self.say("sign_in"))
            return
        self.site = site if site in self.network.site else ""
        try:
            found = await run.io_bound(self._read, looking)
        except ManufoldError as fault:
            self._closed(self.say.reason(fault.reason), looking)
            return
        if found is None:  # the server shuts down
            return
        ui.colors(primary="#24507f")
        with ui.element("div").classes("mf-page"):
            self._strip()
            self._head(looking, found)
            self.note = ui.element("div").classes("mf-note").props('role="alert"')
            with self.note:
                self.note_text = ui.label()
                ui.button(icon="close", on_click=lambda: self.note.set_visibility(False)).props(
                    f'flat dense round size=sm aria-label="{self.say("close")}"'
                )
            self.note.set_visibility(False)
            self._tiles()
            with ui.element("div").classes("mf-body"):
                self.lists = ui.element("div").classes("mf-lists")
                self.chart = Chart(
                    self.data_path,
                    self.say.chart(),
                    self.say.language,
                    picked=self._pick,
                    seen=self._seen,
                )
        self.drawer = ui.right_drawer(value=False, elevated=True).props(
            'overlay width=380 behavior="desktop"'
        )
        self._show(found)
        self.figures["busy"].set_text("…")
        ui.timer(_LOOK_EVERY_S, self._look)
        ui.timer(0.1, self._measure, once=True)

    def _closed(self, why: str, looking: Looking | None = None) -> None:
        """Show that this board is not for whoever asks, and where to go.

        Args:
            looking: who asks, when it is known: then signing in is no remedy.
        """
        with ui.element("div").classes("mf-page"):
            self._strip()
            with ui.element("div").classes("mf-note").props('role="alert"'):
                ui.label(why)
                if looking is None:
                    show_link(self.say("to_sign_in"), "/sign-in?next=/board/")
                    return
                party, role = self._who(looking)
                ui.label(self.say("signed_in_as", party=party, role=role))
                show_link(self.say("to_start"), "/")

    def _who(self, looking: Looking) -> tuple[str, str]:
        party = self.network.party.get(looking.actor.party_id)
        name = looking.actor.party_id if party is None else party.name
        return name, self.say.named("role", looking.actor.role)

    def _strip(self) -> None:
        simulated = self.desk.ctx.store.world == "sim"
        with ui.element("div").classes("mf-strip" if simulated else "mf-strip mf-live"):
            ui.html(f"<b>{self.say('sim' if simulated else 'live')}</b>", sanitize=False)
            if simulated:
                ui.label(self.say("sim_text"))
            self.clock = ui.label()
            ui.element("div").classes("mf-grow")
            show_link(self.say("to_order"), "/")
            show_link(self.say("to_orders"), "/orders")
            for one in LANGUAGES:
                if one != self.say.language:
                    show_link(self.say.named("web", f"tongue_{one}"), f"/board/?lang={one}")

    def _head(self, looking: Looking, found: Board) -> None:
        say, (who, role) = self.say, self._who(looking)
        with ui.element("div").classes("mf-head"):
            ui.label(say("title")).classes("mf-title").props('role="heading" aria-level="1"')
            as_guest = say("as_guest", party=who, role=role)
            ui.label(as_guest if looking.guest else f"{who} · {role}").classes("mf-who")
            ui.element("div").classes("mf-grow")
            if len(found.sites) > 1 or self.site:
                options = {"": say("all_sites")} | {
                    one.site_id: one.name
                    for one in self.network.sites
                    if looking.actor.role == "network_operator"
                    or one.party_id == looking.actor.party_id
                }
                ui.select(
                    options, value=self.site, label=say("site"), on_change=self._choose_site
                ).props("dense outlined options-dense").classes("w-52")
            if self.desk.ctx.store.world == "sim":
                self.run_button = ui.button(say("run"), on_click=self._run).props(
                    "no-caps unelevated dense padding='4px 12px' icon=play_arrow"
                )
                self.stop_button = ui.button(say("stop"), on_click=self._stop, color=None).props(
                    "no-caps outline dense padding='4px 12px' icon=stop"
                )
            if looking.actor.role == "network_operator":
                self.improve_button = ui.button(
                    say("improve"), on_click=self._improve, color=None
                ).props("no-caps outline dense padding='4px 12px' icon=auto_fix_high")
            dark = ui.dark_mode(None)
            ui.button(
                icon="contrast",
                on_click=lambda: dark.set_value(dark.value is not True),
                color=None,
            ).props(f'flat round dense aria-label="{say("dark")}"')

    def _tiles(self) -> None:
        self.figures: dict[str, ui.label] = {}
        with ui.element("div").classes("mf-tiles"):
            for name in ("late", "risk", "in_time", "busy", "in_production", "open", "down"):
                with ui.element("div").classes(f"mf-tile mf-is-{name}"):
                    self.figures[name] = ui.label().classes("mf-number")
                    ui.label(self.say(f"tile_{name}")).classes("mf-name")

    def _read(self, looking: Looking) -> Board:
        now_s = self.desk.ctx.clock.now_s()
        from_s = now_s - now_s % DAY_S - BACK_S
        return board(
            self.desk.ctx, looking.actor, from_s=from_s, days=_DAYS, site=self.site or None
        )

    def _show(self, found: Board) -> None:
        """Show a board; lists are built anew only when they say something else."""
        self.board, say = found, self.say
        zone = chart_zone(found)
        self.clock.set_text(f"{say('clock')} {say.at(found.now_s, zone)} ({zone})")
        share = f"{100 * found.done_kept // found.done} %" if found.done else "–"
        down = len({row.work_unit_id for row in found.rows if row.down_since_s is not None})
        figures = {
            "late": len(found.late),
            "risk": len(found.at_risk),
            "in_time": share,
            "in_production": found.in_production,
            "open": found.open_orders,
            "down": down,
        }
        for name, figure in figures.items():
            self.figures[name].set_text(str(figure))
        cases = [found.orders[one] for one in (*found.late, *found.at_risk)]
        lists = (*(self._said(one) for one in cases), self.picked)
        if lists != self.shown:
            self.shown = lists
            self.lists.clear()
            with self.lists:
                show_cases(found, say, self.picked, self._pick)
        self.chart.look_at(site=self.site, stamp=f"{found.seq}-{found.now_s}")
        self._show_running()

    def _said(self, order: Any) -> tuple[str, ...]:
        return (
            order.order_id,
            self.say.standing(order.expected),
            *(self.say.reason(reason) for reason in order.reasons[:2]),
        )

    def _show_running(self) -> None:
        if self.desk.ctx.store.world == "sim":
            running = self.desk.runner.status().running
            self.run_button.set_visibility(not running)
            self.stop_button.set_visibility(running)

    def _seen(self, visible: bool) -> None:
        self.visible = visible

    async def _look(self) -> None:
        """Keep up with the world, as long as somebody can see the page."""
        if not self.visible or self.busy or self.board is None:
            return
        self._show_running()
        if self.desk.stamp() != (self.board.seq, self.board.now_s):
            await self._refresh()

    async def _refresh(self) -> None:
        self.busy = True
        try:
            looking = self.desk.looking(self.cookies)
            if looking is None:
                self._say_note(self.say("sign_in"))
                return
            found = await run.io_bound(self._read, looking)
            if found is not None:  # the server is not shutting down
                self._show(found)
                if not self.desk.runner.status().running:  # then it would be old at once
                    await self._measure()
        except ManufoldError as fault:
            self._say_note(self.say.reason(fault.reason))
        finally:
            self.busy = False

    async def _measure(self) -> None:
        """Show how busy machines were; it takes longer than all the rest, so it comes after."""
        looking = self.desk.looking(self.cookies)
        if looking is not None:
            share = await run.io_bound(self.desk.busy_share, looking.actor, self.site or None)
            self.figures["busy"].set_text(share or "–")

    async def _choose_site(self, event: Any) -> None:
        self.site = str(event.value or "")
        await self._refresh()

    def _pick(self, order_id: str, job_order_id: str = "") -> None:
        """Bring an order to the fore in the lists, the chart and the panel; "" lets go of it."""
        found = self.board
        if found is None:
            return
        order = found.orders.get(order_id)
        self.picked, self.picked_job = (order_id, job_order_id) if order else ("", "")
        self.drawer.clear()
        with self.drawer, ui.element("div").classes("mf-panel"):
            ui.button(icon="close", on_click=lambda: self._pick("")).props(
                f'flat dense round aria-label="{self.say("close")}"'
            ).style("align-self: flex-end")
            if order is not None:
                show_order(found, self.say, self.network, order, job_order_id)
            elif job_order_id:
                ui.label(self.say("key_offer"))
        self.drawer.set_value(order is not None or bool(job_order_id))
        self.chart.pick(self.picked)
        self._show(found)

    def _say_note(self, text: str) -> None:
        self.note_text.set_text(text)
        self.note.set_visibility(True)

    def _may_run(self) -> bool:
        """Return whether whoever looks may move the world, and say so where not: asked anew."""
        looking = self.desk.looking(self.cookies)
        if looking is None:
            self._say_note(self.say("sign_in"))
            return False
        try:
            may_run(self.network, looking.actor)
        except ManufoldError as fault:
            self._say_note(self.say.reason(fault.reason))
            return False
        return True

    def _run(self) -> None:
        if not self._may_run():
            return
        try:
            self.desk.runner.start(until_s=self.desk.ctx.clock.now_s() + _RUN_S)
        except ManufoldError as fault:
            self._say_note(self.say.reason(fault.reason))
        self._show_running()

    async def _stop(self) -> None:
        if not self._may_run():
            return
        await run.io_bound(self.desk.runner.stop)
        await self._refresh()

    async def _improve(self) -> None:
        looking = self.desk.looking(self.cookies)
        if looking is None:
            self._say_note(self.say("sign_in"))
            return
        self.improve_button.disable()
        self._say_note(self.say("improving"))
        try:
            gained = await run.io_bound(
                improve_schedule, self.desk.ctx, looking.actor, Search(_IMPROVE_S)
            )
        except ManufoldError as fault:
            self._say_note(self.say.reason(fault.reason))
        else:
            if gained is not None:
                self._say_note(gains(self.say, gained))
            await self._refresh()
        finally:
            self.improve_button.enable()


def gains(say: Saying, gained: Bettered) -> str:
    """Return in words what bettering the schedule gained."""
    if gained.refused is not None:
        return say("improve_refused")
    found = gained.found
    ended = "" if found.why.code in _ENDS_WELL else " " + say.reason(found.why)
    if not gained.moved_orders:
        if not found.rounds:  # nothing was looked for, so nothing is said of what there is
            return say.reason(found.why)
        return say("improve_nothing", rounds=found.rounds) + ended
    before, after = found.before, found.after
    return ended.lstrip() + say(
        "improve_done",
        orders=gained.moved_orders,
        slots=gained.moved_slots,
        late=before.tardiness_s - after.tardiness_s,
        flow=before.flow_s - after.flow_s,
        setup=before.setup_s - after.setup_s,
    )
