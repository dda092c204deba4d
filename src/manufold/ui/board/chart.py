"""The chart as an element of the page; what it draws it fetches by itself."""

from collections.abc import Callable
from typing import Any

from nicegui.element import Element
from nicegui.events import GenericEventArguments

__all__ = ["Chart"]


class Chart(Element, component="gantt.js"):
    """Work units over time.

    Args:
        url: where the chart fetches what it draws.
        words: of `Saying.chart`.
        picked: told the order and the job order of a bar that was clicked, "" for none.
        seen: told whether anybody can see the page.
    """

    def __init__(
        self,
        url: str,
        words: dict[str, object],
        language: str,
        *,
        picked: Callable[[str, str], None],
        seen: Callable[[bool], None],
    ) -> None:
        super().__init__()
        self._props |= {"url": url, "words": words, "language": language}
        self._props |= {"site": "", "stamp": "", "picked": ""}

        def was_picked(event: GenericEventArguments) -> None:
            told: dict[str, Any] = event.args if isinstance(event.args, dict) else {}
            picked(str(told.get("order", ""))[:80], str(told.get("job", ""))[:80])

        self.on("pick", was_picked)
        self.on("seen", lambda event: seen(event.args is True))

    def look_at(self, *, site: str, stamp: str) -> None:
        """Show a site ("" for all) as of a stamp; the browser fetches only when one changed."""
        if (self._props["site"], self._props["stamp"]) != (site, stamp):
            self._props |= {"site": site, "stamp": stamp}
            self.update()

    def pick(self, order_id: str) -> None:
        """Bring an order to the fore, "" for none."""
        if self._props["picked"] != order_id:
            self._props["picked"] = order_id
            self.update()
