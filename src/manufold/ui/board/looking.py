"""Who looks at the board, and what the board's page and its chart both stand on."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from gzip import compress
from threading import Lock

from manufold.model.errors import InputFault
from manufold.model.party import Actor
from manufold.model.units import DAY_S, HOUR_S
from manufold.services.board import Board, board
from manufold.services.context import Context
from manufold.services.keys import caller
from manufold.services.kpis import kpis
from manufold.services.running import Guests, Runner
from manufold.ui.board.chart_data import chart_data
from manufold.ui.web.visit import KEY_COOKIE

__all__ = ["BACK_S", "Desk", "Looking"]

#: a board begins this long before midnight of today, so that what has just ended is there
BACK_S = 2 * DAY_S

#: answers to charts kept packed, so that many open pages cost one
_KEPT_MOST = 16
_PACKING = 5


@dataclass(frozen=True, slots=True)
class Looking:
    """Who looks: an actor, and whether it is a guest of a simulated world."""

    actor: Actor
    guest: bool


@dataclass(slots=True)
class Desk:
    """What every page of the board stands on.

    Args:
        language: for browsers that ask for none of ours.
        packed: answers to charts, by all that they hang on.
        busy: shares that were measured, by actor, site and hour; measuring reads a day of the log.
    """

    ctx: Context
    runner: Runner
    guests: Guests
    language: str
    packed: dict[tuple[object, ...], bytes] = field(default_factory=dict)
    lock: Lock = field(default_factory=Lock)
    busy: dict[tuple[object, ...], str] = field(default_factory=dict)
    measuring: Lock = field(default_factory=Lock)

    def looking(self, cookies: Mapping[str, str]) -> Looking | None:
        """Return who looks: whose key the cookie holds, else a guest; None where that is nobody.

        A key that is no longer valid makes nobody a guest: its holder shall know.
        """
        key = cookies.get(KEY_COOKIE, "")
        if key:
            try:
                return Looking(caller(self.ctx, key), guest=False)
            except InputFault:
                return None
        guest = self.guests.operator
        return None if guest is None else Looking(guest, guest=True)

    def stamp(self) -> tuple[int, int]:
        """Return what a board changes with: the place in the log and the world's clock."""
        return self.ctx.store.head().seq, self.ctx.clock.now_s()

    def chart(
        self, actor: Actor, language: str, from_s: int | None, days: int, site: str | None
    ) -> bytes:
        """Return what a chart draws, as packed JSON.

        Args:
            from_s: where its window begins; the day before yesterday when not given.

        Raises:
            InputFault: as `services.board.board` does.
        """
        seq, now_s = self.stamp()
        if from_s is None:
            from_s = now_s - now_s % DAY_S - BACK_S
        key = (seq, now_s, actor, language, from_s, days, site)
        with self.lock:  # one makes it, the others wait for it
            found = self.packed.get(key)
            if found is None:
                made: Board = board(self.ctx, actor, from_s=from_s, days=days, site=site)
                found = compress(chart_data(made, language), _PACKING, mtime=0)
                for old in list(self.packed)[: -_KEPT_MOST + 1]:
                    del self.packed[old]
                self.packed[key] = found
        return found

    def busy_share(self, actor: Actor, site: str | None) -> str:
        """Return how much of the planned time of the last day machines were busy, "–" for none.

        Measured anew once an hour of the world's clock: `allocation_efficiency` of docs/numbers.md.
        """
        now_s = self.ctx.clock.now_s()
        key = (actor, site, now_s // HOUR_S)
        with self.measuring:
            found = self.busy.get(key)
            if found is None:
                found = self._measured(actor, site, now_s)
                for old in list(self.busy)[: -_KEPT_MOST + 1]:
                    del self.busy[old]
                self.busy[key] = found
        return found

    def _measured(self, actor: Actor, site: str | None, now_s: int) -> str:
        try:
            report = kpis(self.ctx, actor, from_s=now_s - DAY_S, site=site)
        except InputFault:  # the world is younger than what is measured
            return "–"
        shares = [
            one.value
            for node in report.nodes[:1]
            for one in node.kpis
            if one.kpi_id == "allocation_efficiency" and one.value is not None
        ]
        return f"{round(100 * shares[0])} %" if shares else "–"
