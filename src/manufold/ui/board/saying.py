"""What the board's page says, in one language: its own words, instants, standings."""

from datetime import timedelta
from zoneinfo import ZoneInfo

from manufold.model.errors import Param, Reason
from manufold.model.units import EPOCH
from manufold.services.standing import Expected
from manufold.words import term, word

__all__ = ["Saying", "short_id"]

_ENDING = 6


def short_id(order_id: str) -> str:
    """Return the ending by which people tell orders apart."""
    return f"…{order_id[-_ENDING:]}"


class Saying:
    """The words of one page."""

    def __init__(self, language: str) -> None:
        self.language = language

    def __call__(self, name: str, **params: Param) -> str:
        """Return a sentence of the board."""
        if params:
            return word(Reason(f"board.{name}", params), self.language)
        return term("board", name, self.language)

    def reason(self, reason: Reason) -> str:
        """Return the sentence of a reason."""
        return word(reason, self.language)

    def named(self, family: str, value: str) -> str:
        """Return the word of a value of a closed list."""
        return term(family, value, self.language)

    def at(self, instant_s: int | None, zone: str) -> str:
        """Return an instant in a zone, e.g. "Mon 23 Nov 2026, 14:05"."""
        if instant_s is None:
            return "–"
        local = (EPOCH + timedelta(seconds=instant_s)).astimezone(ZoneInfo(zone))
        params: dict[str, Param] = {
            "weekday": self.named("web", "weekdays").split()[local.weekday()],
            "day": local.day,
            "month": self.named("web", "months").split()[local.month - 1],
            "year": local.year,
            "clock": f"{local:%H:%M}",
        }
        return word(Reason("web.moment", params), self.language)

    def standing(self, one: Expected) -> str:
        """Return how an order stands, and by how much it misses its date."""
        late_s = one.late_s // 60 * 60
        if one.standing == "done":
            return self("done_late", span=late_s) if late_s else self("done_in_time")
        if one.standing == "late":
            return self("late_by", span=max(60, late_s))
        if one.standing == "at_risk" and one.p90_s is not None and one.p90_s > one.promised_s:
            return self("at_risk_by", span=max(60, (one.p90_s - one.promised_s) // 60 * 60))
        return self(f"is_{one.standing}")

    def chart(self) -> dict[str, object]:
        """Return the words of the chart, which speaks for itself in the browser."""
        plain = (
            "chart days_1 days_3 days_7 earlier now later closer wider as_table hint summary "
            "table_caption key_on_time key_at_risk key_late key_done key_offer key_set_up "
            "key_begun key_overdue "
            "key_closed key_frozen key_down local_time times_in order planned setup_until actual "
            "pieces"
        )
        states = ("planned", "set_up", "running", "paused", "held", "finished")
        return {
            **{name: self(name) for name in plain.split()},
            "states": [self(f"state_{name}") for name in states],
            "table_heads": self("table_heads").split("|"),
        }
