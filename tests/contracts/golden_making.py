"""The bracket's order as it was made: order, job orders, passport, and every event and command."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

from tests.contracts.golden_nouns import (
    MILL_CLAIMS,
    QUANTITY,
    REVISION,
    STARTED,
    at,
    carbon_lines,
    design,
    digest,
    golden_id,
    offer,
    plan,
)

from manufold.model.codec import encoded, stamped
from manufold.model.errors import Reason
from manufold.model.evidence import (
    LotUse,
    Measurement,
    Nonconformance,
    OperationRecord,
    Passport,
    SignedHead,
)
from manufold.model.execution import Command, JobOrder, OrderState

ORDER = golden_id("ord", 1)
PRODUCTION = golden_id("pro", 1)
MILL, FINISH = golden_id("job", 1), golden_id("job", 2)
LOT = golden_id("lot", 1)
CLAIM = golden_id("clm", 1)
PASSPORT = golden_id("psp", 1)


def jobs() -> tuple[JobOrder, ...]:
    """Return the two job orders as planned when the offer was accepted."""
    return (
        JobOrder(
            MILL,
            PRODUCTION,
            "op10",
            (),
            "hagen-vmc1",
            0,
            "hagen",
            at("03-05 07:00"),
            1800,
            at("03-05 08:23"),
            STARTED,
            also=MILL_CLAIMS,
        ),
        JobOrder(
            FINISH,
            PRODUCTION,
            "op20",
            (MILL,),
            "brno-blast1",
            0,
            "brno",
            at("03-10 14:42"),
            300,
            at("03-10 15:00"),
            STARTED,
        ),
    )


def order() -> OrderState:
    """Return the order while its second job order runs."""
    mill, finish = jobs()
    option = offer().options[0]
    return OrderState(
        order_id=ORDER,
        offer_id=golden_id("ofr", 1),
        option_id=option.option_id,
        party_id="ada",
        plan_digest=digest("milled"),
        design_revision=REVISION,
        quantity=QUANTITY,
        zone_id="eu-home",
        price_minor=option.price_minor,
        currency="EUR",
        state="in_production",
        production_orders={PRODUCTION: STARTED},
        jobs={
            MILL: replace(
                mill,
                state="finished",
                actual_start_s=at("03-05 07:02"),
                actual_end_s=at("03-05 08:31"),
                good=10,
                scrap=1,
            ),
            FINISH: replace(
                finish, quantity_in=10, state="running", actual_start_s=at("03-10 14:45")
            ),
        },
        promised_at_s=option.promised_at_s,
        requested_at_s=at("03-16 12:00"),
        forecast_at_s=at("03-12 11:00"),
        due_s=at("03-10 15:00"),
        under_tolerance=1,
        accepted_at_s=at("03-04 09:41"),
        stream_version=9,
    )


def measurements() -> tuple[Measurement, ...]:
    """Return the bores of five pieces and one length; the third bore is too wide."""
    bores = ("12.018", "12.022", "12.047", "12.019", "12.024")
    return (
        *(
            Measurement(
                MILL,
                "d1",
                "Bore 12 H9",
                "mm",
                piece,
                Decimal(value),
                Decimal(12),
                Decimal("12.043"),
                at("03-05 08:00") + 60 * piece,
            )
            for piece, value in enumerate(bores, start=1)
        ),
        Measurement(
            MILL,
            "l1",
            "Length",
            "mm",
            1,
            Decimal("80.05"),
            Decimal("79.7"),
            Decimal("80.3"),
            at("03-05 08:09"),
        ),
    )


def passport() -> Passport:
    """Return the passport of the ten brackets, made in the twin."""
    return Passport(
        passport_id=PASSPORT,
        world="sim",
        order_id=ORDER,
        design_revision=REVISION,
        vertical="part",
        process="mill",
        material_id="al-6061",
        quantity=QUANTITY,
        serials=tuple(f"{ORDER[-8:]}-{number:04d}" for number in range(1, QUANTITY + 1)),
        made_at=("hagen", "brno"),
        promised_at_s=at("03-12 16:00"),
        delivered_at_s=at("03-12 10:20"),
        operations=(
            OperationRecord(
                "op10",
                "Mill in two settings",
                "hagen",
                "hagen-vmc1",
                at("03-05 07:02"),
                at("03-05 08:31"),
                10,
                1,
            ),
            OperationRecord(
                "op20",
                "Deburr and blast",
                "brno",
                "brno-blast1",
                at("03-10 14:45"),
                at("03-10 15:04"),
                10,
                0,
            ),
        ),
        lots=(LotUse(MILL, LOT, "al-6061", Decimal("2.495"), "kg"),),
        measurements=measurements(),
        nonconformances=(Nonconformance(MILL, 3, out_of_limits(), "scrap"),),
        energy_wh=7_130,
        carbon_lines=carbon_lines(24_451, 2_512, 361),
        offered_carbon_g=offer().options[0].carbon_g,
        facts=design().facts,
        issued_at_s=at("03-12 10:21"),
        head=SignedHead(41, digest("head"), at("03-12 10:21"), digest("s") * 2, digest("key")),
        assumptions=(Reason("prove.boundary", {}),),
    )


def out_of_limits() -> Reason:
    """Return why the third piece was scrapped."""
    return Reason(
        "execution.out_of_limits",
        {
            "characteristic": "d1",
            "name": "Bore 12 H9",
            "piece": 3,
            "value": "12.047",
            "lower": "12",
            "upper": "12.043",
            "unit": "mm",
        },
    )


def event_data() -> dict[str, dict[str, Any]]:
    """Return what each kind of event carries, in the order of the bracket's story."""
    return {**_said_before(), **_said_on_the_floor(), **_said_after()}


def _said_before() -> dict[str, dict[str, Any]]:
    """Return what is remembered up to the accepted order."""
    option = offer().options[0]
    stamped_plan = stamped("process_plan", 1, plan())
    return {
        "NetworkLoaded": {"name": "demo", "revision": digest("demo network")},
        "OfferMade": {"offer": stamped("offer", 1, offer()), "plans": {"milled": stamped_plan}},
        "OfferExtended": {
            "offer_id": golden_id("ofr", 1),
            "before_s": offer().reservation.expires_s,
            "expires_s": offer().reservation.expires_s + 1800,
        },
        "OfferReleased": {"offer_id": golden_id("ofr", 2), "reason": "hold.released"},
        "OrderAccepted": {
            "order_id": ORDER,
            "offer_id": golden_id("ofr", 1),
            "option_id": option.option_id,
            "party_id": "ada",
            "design_revision": REVISION,
            "design_blob": golden_id("blb", 1),
            "vertical": "part",
            "plan_digest": digest("milled"),
            "plan": stamped_plan,
            "quantity": QUANTITY,
            "zone_id": "eu-home",
            "price_minor": option.price_minor,
            "currency": "EUR",
            "carbon_g": option.carbon_g,
            "promised_at_s": option.promised_at_s,
            "p50_at_s": option.p50_at_s,
            "requested_at_s": at("03-16 12:00"),
            "due_s": at("03-10 15:00"),
            "under_tolerance": 0,
            "over_tolerance": 0,
            "ready_s": {"op10": at("03-04 18:00")},
            "production_orders": {PRODUCTION: STARTED},
            "jobs": [encoded(job) for job in jobs()],
        },
    }


def _said_on_the_floor() -> dict[str, dict[str, Any]]:
    """Return what is remembered while the first operation is done."""
    mill = {"job_order_id": MILL, "resource_id": "hagen-vmc1", "seat": 0}
    bore = measurements()[2]
    moved = jobs()[1]
    return {
        "OrderAmended": {"under_tolerance": 1, "requested_at_s": None},
        "SlotsMoved": {
            "moves": [
                {
                    "job_order_id": FINISH,
                    "resource_id": moved.resource_id,
                    "seat": moved.seat,
                    "site_id": moved.site_id,
                    "start_s": moved.start_s,
                    "setup_s": moved.setup_s,
                    "end_s": moved.end_s,
                    "also": encoded(moved.also),
                }
            ],
            "code": "schedule.caught_up",
            "params": {"at": "2026-03-09T08:10:00+00:00"},
        },
        "SetupStarted": mill,
        "SetupEnded": mill,
        "RunStarted": mill,
        "Paused": {**mill, "reason": "break"},
        "Resumed": mill,
        "Finished": {**mill, "good": 10, "scrap": 1, "rework": 0, "complete": True},
        "Measured": {
            **{name: value for name, value in encoded(bore).items() if name != "at_s"},
            "within": bore.within,
        },
        "NonconformanceRaised": {
            "job_order_id": MILL,
            "piece": 3,
            "code": out_of_limits().code,
            "params": dict(out_of_limits().params),
            "disposition": "open",
        },
        "EnergyRead": {"job_order_id": MILL, "energy_wh": 6_420},
        "MaterialIssued": encoded(passport().lots[0]),
    }


def _said_after() -> dict[str, dict[str, Any]]:
    """Return what is remembered from the way to the next site on, troubles included."""
    remade = JobOrder(
        golden_id("job", 3),
        golden_id("pro", 2),
        "op10",
        (),
        "hagen-vmc1",
        0,
        "hagen",
        at("03-06 07:00"),
        1800,
        at("03-06 07:35"),
        1,
    )
    return {
        "Moved": {"job_order_id": MILL, "from_id": "hagen", "to_id": "brno", "quantity": 10},
        "Shipped": {"site_id": "brno", "zone_id": "eu-home", "quantity": 10, "mass_g": 848},
        "Received": {"zone_id": "eu-home", "quantity": 10},
        "BrokeDown": {"resource_id": "brno-blast1", "reason": "nozzle blocked"},
        "Repaired": {"resource_id": "brno-blast1"},
        "OutageTold": {
            "resource_id": "brno-blast1",
            "from_s": at("03-16 05:00"),
            "to_s": at("03-17 05:00"),
        },
        "Held": {"job_order_id": FINISH, "reason": "waiting for the buyer's answer"},
        "Released": {"job_order_id": FINISH},
        "JobCancelled": {"job_order_id": FINISH, "reason": "order cancelled"},
        "OrderCancelled": {"reason": "no longer needed", "stage": "before_start"},
        "RemakePlanned": {
            "production_order_id": golden_id("pro", 2),
            "quantity": 1,
            "jobs": [encoded(remade)],
            "code": "make.short",
            "params": {"pieces": 1},
        },
        "PromiseRevised": {
            "promised_at_s": at("03-13 16:00"),
            "was_s": at("03-12 16:00"),
            "due_s": at("03-11 15:00"),
            "code": "schedule.caught_up",
            "params": {"at": "2026-03-09T08:10:00+00:00"},
        },
        "PassportIssued": {
            "passport_id": PASSPORT,
            "passport": stamped("passport", 1, passport()),
        },
        "ClaimMade": {"claim_id": CLAIM, "quantity": 1, "reason": "bore scratched"},
        "GoodsReturned": {"claim_id": CLAIM, "quantity": 1},
        "PersonalDataDeleted": {"blob_id": golden_id("blb", 1)},
    }


def commands() -> dict[str, Command]:
    """Return one command of each kind; all but the last are one story, in its order."""
    job = {"order_id": ORDER, "job_order_id": MILL}
    unit = {**job, "resource_id": "hagen-vmc1"}
    blast = {"resource_id": "brno-blast1"}
    waiting = {"order_id": ORDER, "job_order_id": FINISH}
    of_order = {"order_id": ORDER}
    said = event_data()

    def without(kind: str, *names: str) -> dict[str, Any]:
        return {name: value for name, value in said[kind].items() if name not in names}

    at_unit = ("job_order_id", "resource_id", "seat")
    issued = without("MaterialIssued", "job_order_id")
    bore = {"characteristic_id": "d1", "piece": 3, "value": Decimal("12.047")}
    spoken: tuple[tuple[str, str, dict[str, str], dict[str, Any]], ...] = (
        ("setup_start", "03-05 07:02", unit, {}),
        ("setup_end", "03-05 07:31", unit, {}),
        ("issue_material", "03-05 07:32", job, issued),
        ("start", "03-05 07:33", unit, {}),
        ("pause", "03-05 07:50", unit, without("Paused", *at_unit)),
        ("resume", "03-05 07:58", unit, {}),
        ("measure", "03-05 08:03", unit, bore),
        ("finish", "03-05 08:31", unit, without("Finished", *at_unit)),
        ("energy", "03-05 08:32", job, without("EnergyRead", "job_order_id")),
        ("move", "03-06 15:10", job, without("Moved", "job_order_id")),
        ("amend", "03-06 15:30", of_order, said["OrderAmended"]),
        ("breakdown", "03-09 08:00", blast, without("BrokeDown", "resource_id")),
        ("revise_promise", "03-09 08:20", of_order, without("PromiseRevised", "was_s")),
        ("hold", "03-09 08:30", waiting, without("Held", "job_order_id")),
        ("repaired", "03-09 16:00", blast, {}),
        ("release", "03-10 09:00", waiting, {}),
        ("ship", "03-10 16:00", of_order, without("Shipped", "mass_g")),
        ("receive", "03-12 10:20", of_order, said["Received"]),
        ("claim", "03-13 09:00", of_order, said["ClaimMade"]),
        ("return", "03-16 09:00", of_order, said["GoodsReturned"]),
        ("cancel", "03-04 10:00", of_order, {"reason": "no longer needed"}),
    )
    return {
        kind: Command(f"hagen-{n:04d}", kind, at(when), "ruhr-parts/operator", **who, data=data)
        for n, (kind, when, who, data) in enumerate(spoken, start=1)
    }
