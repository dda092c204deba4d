"""Every setting: its unit, its default, and why. From `settings.toml` in the home, then MANUFOLD_*.

`MANUFOLD_HOLD_S=600` sets `hold_s`; the environment wins over the file. An unknown key in the file
is an error, because a setting that silently does nothing is worse than none.
"""

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path

from manufold.model.errors import InputFault

__all__ = ["Settings", "default_home"]


#: beyond these a value is a slip of the hand, and arithmetic on instants would fail
_MOST: Mapping[str, float] = {
    "horizon_days": 3660,
    "start_confidence_fraction": 0.9999,
    "lane_p90_factor": 100,
    "promise_tries_max": 100,
    "weigh_flow_minor_per_h": 1_000_000,
    "weigh_setup_minor_per_h": 1_000_000,
    "weigh_changeover_factor": 1000,
    "weigh_energy_factor": 1000,
    "weigh_carbon_minor_per_kg": 100_000,
    "improve_workers": 256,
}
_MOST_ELSE = 2_000_000_000


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings with their defaults.

    Args:
        hold_s: how long an offer holds its slots; long enough to decide, short enough not to
            starve other buyers.
        hold_extensions_max: how often a buyer may have an offer held for another `hold_s`.
        holds_per_party: most open offers of one party; far more than anybody compares, few enough
            that nobody fills every machine by asking.
        held_hours_per_party: machine hours in open offers of one party above which no further
            offer is held; one that is larger by itself is.
        quantity_max: largest quantity of one offer; above it, people talk.
        file_bytes_max: largest file of a design; the largest public test part has 3.3 MB.
        files_max: most files of one design.
        promise_tries_max: how often an offer or an acceptance is tried again when the store says
            that a slot went to somebody else in between.
        horizon_days: how far ahead calendars are compiled at first.
        start_confidence_fraction: how sure it must be that enough pieces come out good.
        lane_p90_factor: the P90 of a lane's time over its standard, >= 1; log-normal, 15 % spread.
        handover_s: from the last operation's end to the carrier, packing paper included.
        twin_seed: of the simulated world's luck.
        catch_up_s: how often a simulated planner brings slots in line with what happened; once a
            shift, as in a real shop.
        language: of sentences for people, "en" or "zh".
        party: who acts when nobody is named on the command line of a simulated world.
        to: delivery zone when none is named; empty = the first of the network.
        body_bytes_max: largest body of one request to the server, all files of a design together.
        body_idle_s: how long a sender may say nothing in the middle of a body.
        body_whole_s: how long a whole body may take.
        uploads_at_once_max: bodies above a few kilobytes that are taken in at the same time.
        offers_at_once_max: offers worked out at the same time; others are asked to come back.
        requests_per_minute: of one key, or of one address without a key, in the long run.
        requests_burst: of the same at once, before the rate counts.
        streams_max: orders that one party may follow live at the same time.
        answers_kept_s: how long an answer is kept for an idempotency key.
        webhook_hosts: names or addresses inside your own network, separated by commas, to which
            webhooks may go, by plain http too; all else must be on the public internet.
        design_kept_days: how long the files of an offer are kept after it expired unaccepted; a
            served live world then deletes them.
        weigh_flow_minor_per_h: what an hour counts that an order is in the house, in minor units of
            the network's money, as all weights: beside dates, which come first whatever it costs.
        weigh_setup_minor_per_h: a working hour of set-up; about what a machine's hour costs.
        weigh_changeover_factor: of what setup matrices say that changeovers cost; 1 as they say.
        weigh_energy_factor: of what electricity costs in the hours it is drawn; 1 as it costs.
        weigh_carbon_minor_per_kg: a kilogram of CO2e from electricity; 100 euros a ton.
        improve_workers: that better the schedule at once; one searches in the process that was
            asked, more in processes of their own, each taking a core as long as it lasts.
        improve_ray: where they are: "local" starts Ray on this machine, `host:port` or "auto" joins
            a running cluster, empty = processes of this machine.
        hosts: names, separated by commas, by which a server on loopback may be called as well:
            those of the proxy before it.
    """

    hold_s: int = 1800
    hold_extensions_max: int = 2
    holds_per_party: int = 200
    held_hours_per_party: int = 50_000
    quantity_max: int = 100_000
    file_bytes_max: int = 50_000_000
    files_max: int = 20
    promise_tries_max: int = 3
    horizon_days: int = 180
    start_confidence_fraction: float = 0.95
    lane_p90_factor: float = 1.22
    handover_s: int = 3600
    twin_seed: int = 1
    catch_up_s: int = 28800
    language: str = "en"
    party: str = ""
    to: str = ""
    body_bytes_max: int = 64_000_000
    body_idle_s: float = 10.0
    body_whole_s: float = 120.0
    uploads_at_once_max: int = 8
    offers_at_once_max: int = 8
    requests_per_minute: int = 1200
    requests_burst: int = 300
    streams_max: int = 20
    answers_kept_s: int = 86_400
    webhook_hosts: str = ""
    hosts: str = ""
    design_kept_days: int = 30
    weigh_flow_minor_per_h: int = 100
    weigh_setup_minor_per_h: int = 2000
    weigh_changeover_factor: float = 1.0
    weigh_energy_factor: float = 1.0
    weigh_carbon_minor_per_kg: int = 10
    improve_workers: int = 1
    improve_ray: str = ""

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if not isinstance(value, (int, float)) or field.name == "twin_seed":
                continue
            if value < 0 or (value == 0 and not field.name.startswith("weigh_")):
                raise InputFault("settings.not_positive", setting=field.name, value=str(value))
            most = _MOST.get(field.name, _MOST_ELSE)
            if not value <= most:  # nan is not
                raise InputFault(
                    "settings.too_large", setting=field.name, value=str(value), most=str(most)
                )
        if self.language not in ("en", "zh"):
            raise InputFault("settings.language_unknown", language=self.language[:20])

    @classmethod
    def read(cls, home: Path, environment: Mapping[str, str] | None = None) -> "Settings":
        """Return the settings of a home.

        Raises:
            InputFault: `settings.unknown`, `settings.malformed`, `settings.not_positive`,
                `settings.too_large`, `settings.language_unknown`.
        """
        env = os.environ if environment is None else environment
        known = {field.name: type(field.default) for field in fields(cls)}
        found: dict[str, str | int | float] = {}
        path = home / "settings.toml"
        if path.exists():
            try:
                table = tomllib.loads(path.read_text(encoding="utf-8"))
            except (OSError, ValueError) as fault:
                raise InputFault(
                    "settings.malformed", setting="settings.toml", value=str(fault)[:200]
                ) from None
            for name, value in table.items():
                if name not in known:
                    raise InputFault("settings.unknown", setting=name, known=", ".join(known))
                found[name] = _typed(name, str(value), known[name])
        for name, kind in known.items():
            text = env.get(f"MANUFOLD_{name.upper()}")
            if text is not None:
                found[name] = _typed(name, text, kind)
        return cls(**found)  # type: ignore[arg-type]


def default_home(environment: Mapping[str, str] | None = None) -> Path:
    """Return MANUFOLD_HOME, or `.manufold` in the user's home folder."""
    env = os.environ if environment is None else environment
    return Path(env.get("MANUFOLD_HOME") or Path.home() / ".manufold")


def _typed(name: str, text: str, kind: type) -> str | int | float:
    try:
        return text if kind is str else int(text) if kind is int else float(text)
    except ValueError:
        raise InputFault("settings.malformed", setting=name, value=text[:80]) from None
