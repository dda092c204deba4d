"""Every golden document of `contracts/examples`, built from the nouns themselves.

After a wanted change of a shape: `python tests/contracts/golden.py` writes the files anew; read the
difference before it is committed.
"""

import json
import sys
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

EXAMPLES = Path(__file__).parents[2] / "contracts" / "examples"
if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.contracts.golden_making import commands, event_data, order, passport  # noqa: E402
from tests.contracts.golden_nouns import (  # noqa: E402
    MATERIAL_BASIS,
    at,
    design,
    golden_id,
    offer,
    plan,
)
from tests.services.world import ANNA, HUB, quoted, two_plants, world  # noqa: E402
from tests.shop import shop_plan  # noqa: E402

from manufold.api.promise_wire import promise_answer  # noqa: E402
from manufold.api.repair_wire import repair_answer  # noqa: E402
from manufold.api.wire import error_answer, offer_answer  # noqa: E402
from manufold.model.codec import stamped  # noqa: E402
from manufold.model.errors import (  # noqa: E402
    CannotMake,
    Conflict,
    Fault,
    InputFault,
    ManufoldError,
    Reason,
)
from manufold.model.execution import EVENTS  # noqa: E402
from manufold.model.ledger import NOTHING_HASH, export_line, sealed  # noqa: E402
from manufold.model.network import DeliveryZone, Network  # noqa: E402
from manufold.model.ports import NewEvent  # noqa: E402
from manufold.model.units import DAY_S  # noqa: E402
from manufold.scheduling.outages import Outage  # noqa: E402
from manufold.services.order import accept  # noqa: E402
from manufold.services.promises import PlanAsk, promises  # noqa: E402
from manufold.services.repair_schedule import RepairAsk, repair_schedule  # noqa: E402
from manufold.services.weights import weights_of  # noqa: E402


def text_of(document: Any) -> str:
    """Return a document as its file shows it: indented, fields in the order of the noun."""

    def number(value: object) -> int | float:
        assert isinstance(value, Decimal), value
        return int(value) if value == value.to_integral_value() else float(value)

    return json.dumps(document, indent=2, ensure_ascii=False, default=number) + "\n"


def golden() -> Mapping[str, Any]:
    """Return every golden document by its path under `contracts/examples`."""
    found: dict[str, Any] = {
        "design/bracket.json": stamped("design", 1, design()),
        "process_plan/bracket_milled.json": stamped("process_plan", 1, plan()),
        "offer/bracket.json": stamped("offer", 1, offer()),
        "offer_answer/bracket.json": answered_offer(),
        "promise_answer/block.json": answered_promise(),
        "repair_answer/second_mill.json": answered_repair(),
        "order/bracket_in_production.json": stamped("order", 1, order()),
        "passport/bracket_sim.json": stamped("passport", 1, passport()),
        "reason/carbon_material.json": stamped("reason", 1, MATERIAL_BASIS),
    }
    for name, error in errors().items():
        found[f"error/{name}.json"] = error_answer(error, "en")
    for kind, command in commands().items():
        found[f"command/{kind}.json"] = stamped("command", 1, command)
    for event in events():
        found[f"event/{event['kind']}.json"] = event
    return found


def errors() -> dict[str, ManufoldError]:
    """Return one refusal of each branch a user meets often."""
    dangling = Reason(
        "network.unknown_reference",
        {"noun": "work unit vmc1", "name": "two-shifts", "kind": "calendar"},
    )
    return {
        "no_site": CannotMake("offer.no_lane", start="brno", end="mars"),
        "not_yours": Conflict("access.no_such_offer", offer=golden_id("ofr", 9), party="bob"),
        "two_faults": InputFault(
            "offer.quantity",
            faults=(Fault("network.toml:42", dangling), Fault("network.toml:97", dangling)),
            quantity=0,
        ),
    }


def events() -> list[dict[str, Any]]:
    """Return one event of each kind, chained as a store chains them and as it exports them."""
    found: list[dict[str, Any]] = []
    versions: dict[str, int] = {}
    previous = NOTHING_HASH
    for seq, (kind, data) in enumerate(event_data().items(), start=1):
        stream = _stream(kind)
        versions[stream] = versions.get(stream, 0) + 1
        by = "manufold" if kind in ("NetworkLoaded", "SlotsMoved") else "ruhr-parts/operator"
        new = NewEvent(stream, kind, EVENTS[kind], data, at("03-05 07:00") + 600 * seq, by)
        event, text = sealed(new, seq, versions[stream], previous)
        previous = event.hash
        found.append(json.loads(export_line(event, text)))
    return found


def _stream(kind: str) -> str:
    if kind == "NetworkLoaded":
        return "network"
    if kind in ("OfferMade", "OfferExtended", "OfferReleased"):
        return f"offer:{golden_id('ofr', 1)}"
    if kind in ("BrokeDown", "Repaired", "OutageTold"):
        return "unit:brno-blast1"
    return f"order:{golden_id('ord', 1)}"


def answered_offer() -> dict[str, Any]:
    """Return the offer as the command line answers it."""
    zone = DeliveryZone("eu-home", "EU homes", "DE", "Europe/Berlin", Decimal("0.19"))
    nothing = dict.fromkeys(
        ("parties", "sites", "work_centers", "work_units", "calendars", "operators"), ()
    ) | dict.fromkeys(("setup_matrices", "lanes", "materials", "stock", "exchange_rates"), ())
    network = Network(name="zones", currency="EUR", delivery_zones=(zone,), **nothing)
    return offer_answer(offer(), network, "en", 0.412)


def answered_promise() -> dict[str, Any]:
    """Return what a plan could be promised for in the world of the tests, as it is answered."""
    ctx = world()
    plan = stamped("process_plan", 1, shop_plan())
    by_s = ctx.clock.now_s() + DAY_S
    wanted = PlanAsk(plan, 10, "door", by_s, weights_of("day=3,price=2,carbon=1"))
    return promise_answer(promises(ctx, ANNA, wanted), ctx.network, "en", "sim", 0.004)


def answered_repair() -> dict[str, Any]:
    """Return what a repair did in the world of the tests: one mill is down, another is free."""
    mill, *others = two_plants().work_units
    olga, *rest = two_plants().operators
    second = replace(mill, work_unit_id="mill-1b", name="Mill 1b")
    oleg = replace(olga, operator_id="oleg")
    ctx = world(
        replace(two_plants(), work_units=(mill, second, *others), operators=(olga, oleg, *rest))
    )
    made = accept(ctx, ANNA, quoted(ctx).offer.offer_id, "cheap")
    (job,) = made.jobs.values()
    down = Outage(job.resource_id, job.start_s, job.end_s + 9 * DAY_S)
    done = repair_schedule(ctx, HUB, RepairAsk((down,)))
    return repair_answer(done, ctx.network, "en", "sim")


if __name__ == "__main__":
    for path, document in golden().items():
        target = EXAMPLES / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text_of(document), encoding="utf-8")
