"""What only shows when tables are seen together: twins, dangling names, a network that cannot work.

Faults are gathered, never raised, so that one reading names them all.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any
from zoneinfo import available_timezones

from manufold.connect.network_file.faults import Faults, Place, nearest
from manufold.connect.network_file.hours import check_hours
from manufold.connect.network_file.shape import SECTIONS, Key
from manufold.connect.network_file.tables import Record
from manufold.model.calendar import checked_zone
from manufold.model.errors import InputFault
from manufold.model.units import CURRENCIES

__all__ = ["USUAL_SKILLS", "check_links"]

Sections = dict[str, list[Record]]

#: the skill that the plans which ship with manufold ask for, by capability
USUAL_SKILLS = {
    "saw": "sawing",
    "mill.3axis": "milling",
    "turn": "turning",
    "deburr": "deburring",
    "inspect.cmm": "inspection",
    "print.fdm": "printing",
    "print.sls": "printing",
    "finish.print": "finishing",
    "laser": "laser",
    "bend": "bending",
    "cut.fabric": "cutting",
    "sew": "sewing",
    "press": "pressing",
    "inspect.garment": "inspection",
    "pack": "packing",
}
#: sections whose ids share one space
_SPACES = {"site": "site or delivery zone", "delivery_zone": "site or delivery zone"}
_SPACES |= dict.fromkeys(("work_unit", "operator", "tool"), "work unit, operator or tool")


def check_links(root: Record, sections: Sections, faults: Faults) -> None:
    """Add every fault that stands between tables."""
    _twins(sections, faults)
    _references(sections, faults)
    _zones(sections, faults)
    _currencies(root, sections, faults)
    _emptiness(root, sections, faults)
    _sites(sections, faults)
    _lanes(sections, faults)
    _machines(sections, faults)
    _families(sections, faults)
    check_hours(sections, USUAL_SKILLS, faults)
    _skills(sections, faults)


def _ids(records: Iterable[Record], key: str = "id") -> list[str]:
    return [record[key] for record in records if record.get(key) is not None]


def _twins(sections: Sections, faults: Faults) -> None:
    first: dict[tuple[Any, ...], Place] = {}
    for section in SECTIONS:
        space = _SPACES.get(section.name, section.name)
        for record in sections[section.name]:
            identity = tuple(record.get(key) for key in section.identity)
            if None in identity:
                continue
            place = record.place(section.identity[0])
            before = first.setdefault((space, *identity), place)
            if before is not place:
                faults.error(
                    place,
                    "network.twice_in_file",
                    section=section.name,
                    name=" + ".join(identity),
                    first=str(before),
                )


def _references(sections: Sections, faults: Faults) -> None:
    known = {name: _ids(records) for name, records in sections.items()}
    known["holiday"] = sorted(set(_ids(sections["holiday"], "set")))
    known["site or delivery_zone"] = known["site"] + known["delivery_zone"]
    names = {kind: set(listed) for kind, listed in known.items()}
    for section in SECTIONS:
        for record in sections[section.name]:
            if faults.full:
                return
            for key, name, place in _named(record, section.keys, record.values, ()):
                if key.refers is None or name in names[key.refers]:
                    continue
                kind = key.refers.replace(" or ", "]] or [[")
                if known[key.refers]:
                    faults.error(
                        place,
                        "network.reference_unknown",
                        key=key.name,
                        name=name,
                        kind=kind,
                        nearest=nearest(name, known[key.refers]),
                    )
                else:
                    faults.error(
                        place, "network.reference_to_none", key=key.name, name=name, kind=kind
                    )


def _named(
    record: Record, keys: Iterable[Key], values: Any, path: tuple[str | int, ...]
) -> Iterator[tuple[Key, str, Place]]:
    """Yield every name that must exist elsewhere, in the table and the tables inside it."""
    for key in keys:
        value = values.get(key.name)
        if value is None:
            continue
        if key.shape == "tables":
            for i, item in enumerate(value):
                yield from _named(record, key.items, item, (*path, key.name, i))
        elif key.refers is not None and key.shape == "list":
            for i, name in enumerate(value):
                yield key, name, record.place(*path, key.name, i)
        elif key.refers is not None:
            yield key, value, record.place(*path, key.name)


@cache
def _all_zones() -> list[str]:
    return sorted(available_timezones())


def _zones(sections: Sections, faults: Faults) -> None:
    for section in ("calendar", "site", "delivery_zone"):
        for record in sections[section]:
            zone = record.get("zone")
            if zone is None:
                continue
            try:
                checked_zone(zone)
            except InputFault:
                close = nearest(zone, _all_zones())
                faults.error(record.place("zone"), "network.zone_unknown", zone=zone, nearest=close)


def _currencies(root: Record, sections: Sections, faults: Faults) -> None:
    own = root.get("currency")
    rated = {own, *_ids(sections["exchange_rate"], "currency")}
    users = ("site", "lane", "material", "setup_matrix")
    for record in [root, *(r for name in ("exchange_rate", *users) for r in sections[name])]:
        currency = record.get("currency")
        if currency is None:
            continue
        place = record.place("currency")
        if currency not in CURRENCIES:
            faults.error(
                place,
                "network.currency_unknown",
                currency=currency,
                nearest=nearest(currency, list(CURRENCIES)),
                known=", ".join(CURRENCIES),
            )
        elif own in CURRENCIES and currency not in rated:
            faults.error(place, "network.exchange_rate_missing", currency=currency, own=str(own))
    for record in sections["exchange_rate"]:
        if record.get("currency") == own and record.get("rate") not in (None, 1):
            faults.error(record.place("rate"), "network.exchange_rate_own", currency=str(own))


def _emptiness(root: Record, sections: Sections, faults: Faults) -> None:
    if not sections["site"] and not sections["work_unit"]:
        faults.error(root.place(), "network.empty", file=root.row.file)
        return
    for section in SECTIONS:
        if section.needed and not sections[section.name]:
            faults.error(root.place(), "network.section_missing", section=section.name)


def _sites(sections: Sections, faults: Faults) -> None:
    centers = {r["id"]: r.get("site") for r in sections["work_center"] if r.get("id")}
    staffed = {r.get("site") for r in sections["operator"]}
    equipped = {centers.get(unit.get("work_center")) for unit in sections["work_unit"]}
    zones = set(_ids(sections["delivery_zone"]))
    shipping = {r.get("from") for r in sections["lane"] if r.get("to") in zones}
    suppliers = {r.get("id") for r in sections["party"] if "supplier" in (r.get("roles") or ())}
    for site in sections["site"]:
        name = site.get("id")
        if name is None:
            continue
        if name not in equipped:
            faults.error(site.place(), "network.site_without_work_unit", site=name)
        if zones and name not in shipping:
            faults.error(site.place(), "network.site_without_way", site=name)
        if name in equipped and name not in staffed:
            faults.warning(site.place(), "network.site_without_operator", site=name)
        if site.get("party") in _ids(sections["party"]) and site["party"] not in suppliers:
            faults.warning(
                site.place("party"), "network.owner_not_supplier", site=name, party=site["party"]
            )
    if not any("network_operator" in (r.get("roles") or ()) for r in sections["party"]):
        for party in sections["party"][:1]:
            faults.warning(party.place("roles"), "network.no_operator")
    used = {unit.get("work_center") for unit in sections["work_unit"]}
    for center in sections["work_center"]:
        if center.get("id") is not None and center["id"] not in used:
            faults.warning(center.place(), "network.work_center_empty", work_center=center["id"])


def _lanes(sections: Sections, faults: Faults) -> None:
    reached = {lane.get("to") for lane in sections["lane"]}
    for lane in sections["lane"]:
        if lane.get("from") is not None and lane.get("from") == lane.get("to"):
            faults.error(lane.place("to"), "network.lane_to_itself", site=lane["from"])
    for zone in sections["delivery_zone"]:
        if zone.get("id") is not None and zone["id"] not in reached:
            faults.warning(zone.place(), "network.zone_unreached", zone=zone["id"])
        for country in zone.get("duty_percent") or ():
            if not (len(country) == 2 and country.isascii() and country.isupper()):
                faults.error(
                    zone.place("duty_percent", country),
                    "network.value_wrong",
                    key="duty_percent",
                    found=country,
                    wanted="country",
                )


def _machines(sections: Sections, faults: Faults) -> None:
    able: dict[str, list[Record]] = defaultdict(list)
    for unit in sections["work_unit"]:
        unit_id = str(unit.get("id"))
        named = [c["name"] for c in unit.get("capabilities") or ()]
        for i, name in enumerate(named):
            if name in named[:i]:
                place = unit.place("capabilities", i)
                faults.error(
                    place,
                    "network.capability_twice",
                    capability=name,
                    work_unit=unit_id,
                )
            else:
                able[name].append(unit)
        if unit.get("mtbf_h") and not unit.get("mttr_h"):
            faults.warning(unit.place("mtbf_h"), "network.repair_time_missing", work_unit=unit_id)
    if len(sections["site"]) > 1:
        for name, units in sorted(able.items()):
            if len(units) == 1:
                faults.warning(
                    units[0].place("capabilities"),
                    "network.capability_single",
                    capability=name,
                    work_unit=str(units[0].get("id")),
                )
    used = {r.get("calendar") for name in ("work_unit", "operator") for r in sections[name]}
    for calendar in sections["calendar"]:
        if calendar.get("id") is not None and calendar["id"] not in used:
            faults.warning(calendar.place(), "network.calendar_unused", calendar=calendar["id"])


def _families(sections: Sections, faults: Faults) -> None:
    """Name changeovers between families that their setup matrix, which lists all, does not know."""
    known = {str(r.get("id")): list(r.get("families") or ()) for r in sections["setup_matrix"]}
    for change in sections["changeover"]:
        families = known.get(str(change.get("matrix")), [])
        for key in ("from", "to") if families else ():
            name = change.get(key)
            if name is not None and name not in families:
                faults.error(
                    change.place(key),
                    "network.setup_family_unknown",
                    key=key,
                    family=name,
                    matrix=str(change.get("matrix")),
                    nearest=nearest(name, families),
                )


def _skills(sections: Sections, faults: Faults) -> None:
    skills: dict[str, set[str]] = defaultdict(set)
    for operator in sections["operator"]:
        skills[str(operator.get("site"))] |= set(operator.get("skills") or ())
    centers = {r["id"]: r.get("site") for r in sections["work_center"] if r.get("id")}
    said: set[tuple[str, str]] = set()
    for unit in sections["work_unit"]:
        site = centers.get(unit.get("work_center"))
        if site not in skills:
            continue  # nobody works there: a warning of its own
        for i, capability in enumerate(unit.get("capabilities") or ()):
            name = capability["name"]
            skill = USUAL_SKILLS.get(name)
            if skill is None or skill in skills[site] or (site, skill) in said:
                continue
            said.add((site, skill))
            faults.warning(
                unit.place("capabilities", i),
                "network.skill_missing",
                site=site,
                capability=name,
                skill=skill,
            )
