"""A bracket, milled in Hagen, deburred and blasted in Brno: its design, plan and offer, by hand."""

from decimal import Decimal
from hashlib import sha256

from manufold.model.design import Design, DesignFile, Finding, design_revision
from manufold.model.errors import Reason
from manufold.model.material import BillOfMaterialsLine, Source
from manufold.model.offer import CarbonLine, Offer, Option, PriceLine, Reservation
from manufold.model.process_plan import Characteristic, Operation, ProcessPlan, StandardTime
from manufold.model.schedule import Claim, Slot
from manufold.model.units import from_rfc3339

QUANTITY = 10
STARTED = 11


def golden_id(prefix: str, number: int) -> str:
    """Return an id of the right shape that a reader of an example can tell apart."""
    return f"{prefix}_01GZ7Q4V0K_{number:016d}"


def digest(text: str) -> str:
    """Return the digest of a text that stands for a file's bytes."""
    return sha256(text.encode()).hexdigest()


def at(text: str) -> int:
    """Return the instant of "MM-DD HH:MM" in March 2026, UTC."""
    return from_rfc3339(f"2026-{text.replace(' ', 'T')}:00+00:00")


HANDBOOK = Source("Groover, Fundamentals of Modern Manufacturing, chapter 21", 2020)
MEASURED = Source("Time study at the demo shop, 30 cycles", 2025, "own", True)
ALUMINIUM = Source("World average of wrought aluminium, cradle to gate", 2023, "facts", False)
GRID_DE = Source("Germany's electricity mix, consumption", 2024, "CC-BY-4.0")
GRID_CZ = Source("Czech electricity mix, consumption", 2024, "CC-BY-4.0")
ROAD = Source("Lorry over 20 t, per tonne-kilometre", 2023, "facts")

FILE = DesignFile("bracket.step", "model/step", 48_213, digest("bracket.step"))
PARAMETERS = {"units": "mm", "surface": "blasted", "deburr": True}
REVISION = design_revision("part", (FILE,), "al-6061", PARAMETERS)


def design() -> Design:
    """Return the bracket as it was read from its file."""
    return Design(
        vertical="part",
        revision=REVISION,
        files=(FILE,),
        material_id="al-6061",
        parameters=PARAMETERS,
        facts={
            "volume_mm3": Decimal("31416.5"),
            "area_mm2": Decimal("14120.25"),
            "box_mm": [80, 50, 20],
            "solids": 1,
        },
        findings=(
            Finding(
                "warns",
                Reason("part.internal_radius_small", {"radius_mm": "0.80", "limit_mm": "1.5"}),
                ("F12", "F13"),
            ),
        ),
        assumptions=(Reason("part.tolerance_assumed", {"standard": "ISO 2768-m"}),),
    )


def plan() -> ProcessPlan:
    """Return the bracket's process plan: mill at one site, finish at another."""
    mill = Operation(
        operation_id="op10",
        name="Mill in two settings",
        capability="mill.3axis",
        setup_terms=(StandardTime("fixture", Decimal(1800), "2 settings x 900 s", HANDBOOK),),
        run_terms=(
            StandardTime("load", Decimal(90), "2 settings x 45 s", MEASURED),
            StandardTime(
                "roughing",
                Decimal("52.6"),
                "V/MRR = 52.6 cm3 / 60 cm3/min x 60 s/min",
                HANDBOOK,
            ),
            StandardTime("finishing", Decimal("141.2"), "A/(f x w) = 14120 mm2 / 100", HANDBOOK),
        ),
        needs={"x_mm": Decimal(80), "y_mm": Decimal(50), "z_mm": Decimal(20)},
        material_id="al-6061",
        skill="milling",
        attendance="setup",
        setup_family="vice-100",
        tools={"vice-100": 1},
        yield_fraction=Decimal("0.97"),
        energy_wh=Decimal("85.5"),
        characteristics=(
            Characteristic(
                "d1", "Bore 12 H9", "mm", Decimal("12.02"), Decimal(12), Decimal("12.043")
            ),
            Characteristic(
                "l1", "Length", "mm", Decimal(80), Decimal("79.7"), Decimal("80.3"), Decimal("0.2")
            ),
        ),
        faces=("F1", "F2", "F12", "F13"),
    )
    finish = Operation(
        operation_id="op20",
        name="Deburr and blast",
        capability="finish.blast",
        setup_terms=(StandardTime("set-up", Decimal(300), "standard", HANDBOOK),),
        run_terms=(StandardTime("deburr", Decimal("64.8"), "L/v = 648 mm / 10 mm/s", HANDBOOK),),
        after=("op10",),
        skill="finishing",
        attendance="all",
        energy_wh=Decimal(12),
    )
    return ProcessPlan(
        process_plan_id="milled",
        design_revision=REVISION,
        process="mill",
        operations=(mill, finish),
        bill_of_materials=(BillOfMaterialsLine("al-6061", Decimal("0.2268"), "kg", "op10"),),
        piece_mass_g=Decimal("84.8"),
        reasons=(Reason("part.milled_because", {"set_ups": 2, "holes": 1}),),
        assumptions=(Reason("part.tolerance_assumed", {"standard": "ISO 2768-m"}),),
    )


MATERIAL_BASIS = Reason(
    "carbon.material",
    {"material": "Aluminium 6061", "quantity": "2.495", "unit": "kg", "factor": "9.8"},
)


TO_HOME = {"start": "Brno", "start_id": "brno", "end": "EU homes", "end_id": "eu-home"}


def carbon_lines(material_g: int, mill_g: int, finish_g: int) -> tuple[CarbonLine, ...]:
    """Return a footprint's lines; their sum is the footprint."""
    road = {"kg": "0.848", "factor": "0.072"}
    to_brno = {"start": "Hagen", "start_id": "hagen", "end": "Brno", "end_id": "brno"}
    return (
        CarbonLine("material", material_g, MATERIAL_BASIS, ALUMINIUM),
        CarbonLine(
            "energy",
            mill_g,
            Reason("carbon.energy", {"site": "Hagen", "kwh": "6.42", "factor": "381"}),
            GRID_DE,
        ),
        CarbonLine(
            "energy",
            finish_g,
            Reason("carbon.energy", {"site": "Brno", "kwh": "0.71", "factor": "496"}),
            GRID_CZ,
        ),
        CarbonLine(
            "transport",
            61,
            Reason("carbon.transport", {**to_brno, **road}),
            ROAD,
        ),
        CarbonLine(
            "transport",
            48,
            Reason("carbon.transport", {**TO_HOME, **road}),
            ROAD,
        ),
    )


def _price_lines() -> tuple[PriceLine, ...]:
    mill = {"operation": "Mill in two settings", "work_unit": "VMC 1", "site": "Hagen"}
    finish = {"operation": "Deburr and blast", "work_unit": "Blast 1", "site": "Brno"}
    road = {**TO_HOME, "kg": "0.848"}
    return (
        PriceLine(
            "material",
            1497,
            "ruhr-parts",
            Reason(
                "offer.material",
                {
                    "material": "Aluminium 6061",
                    "quantity": "2.495",
                    "unit": "kg",
                    "pieces": STARTED,
                    "rate": "6.00 EUR",
                },
            ),
        ),
        PriceLine(
            "setup",
            3250,
            "ruhr-parts",
            Reason("offer.setup", {**mill, "rate": "65.00 EUR", "seconds": 1800}),
        ),
        PriceLine(
            "run",
            5638,
            "ruhr-parts",
            Reason("offer.run", {**mill, "rate": "65.00 EUR", "seconds": 3123, "pieces": STARTED}),
        ),
        PriceLine(
            "run",
            871,
            "brno-finish",
            Reason(
                "offer.run", {**finish, "rate": "1100.00 CZK", "seconds": 713, "pieces": STARTED}
            ),
        ),
        PriceLine(
            "energy",
            193,
            "ruhr-parts",
            Reason("offer.energy", {**mill, "rate": "65.00 EUR", "kwh": "6.42"}),
        ),
        PriceLine(
            "margin", 1587, "ruhr-parts", Reason("offer.margin", {"site": "Hagen", "percent": "15"})
        ),
        PriceLine("platform_fee", 652, "platform", Reason("offer.platform_fee", {"percent": "5"})),
        PriceLine(
            "transport",
            1240,
            "carrier:brno-eu-home",
            Reason("offer.transport", {**road, "shipment": "12.00 EUR", "rate": "0.47 EUR"}),
        ),
        PriceLine(
            "tax", 2836, "state:DE", Reason("offer.tax", {"percent": "19", "zone": "EU homes"})
        ),
    )


#: who sets the mill up, and the vice that it needs
MILL_CLAIMS = (
    Claim("hagen-lena", 0, at("03-05 07:00"), at("03-05 07:30")),
    Claim("hagen-vice-100", 1, at("03-05 07:00"), at("03-05 08:23")),
)


def offer() -> Offer:
    """Return an offer of ten brackets with its one option that stands on two sites."""
    option_id = golden_id("opt", 1)
    option = Option(
        option_id=option_id,
        name="cheap",
        process_plan_id="milled",
        quantity_started=STARTED,
        price_lines=_price_lines(),
        carbon_lines=carbon_lines(24_451, 2_446, 352),
        p50_at_s=at("03-10 14:00"),
        promised_at_s=at("03-12 16:00"),
        ships_at_s=at("03-10 16:00"),
        finish_s=at("03-10 15:00"),
        sites=("hagen", "brno"),
        slots=(
            Slot(
                "hagen-vmc1",
                0,
                at("03-05 07:00"),
                1800,
                at("03-05 08:23"),
                option_id,
                "op10",
                STARTED,
                "vice-100",
                0,
                MILL_CLAIMS,
            ),
            Slot(
                "brno-blast1",
                0,
                at("03-10 14:42"),
                300,
                at("03-10 15:00"),
                option_id,
                "op20",
                STARTED,
            ),
        ),
        reasons=(Reason("offer.started_more", {"pieces": STARTED, "percent": "97"}),),
    )
    return Offer(
        offer_id=golden_id("ofr", 1),
        party_id="ada",
        vertical="part",
        design_revision=REVISION,
        design_blob=golden_id("blb", 1),
        quantity=QUANTITY,
        zone_id="eu-home",
        currency="EUR",
        made_at_s=at("03-04 09:30"),
        requested_at_s=at("03-16 12:00"),
        reservation=Reservation(golden_id("rsv", 1), at("03-04 10:00")),
        options=(option,),
        assumptions=(Reason("prove.boundary", {}),),
        pins={
            "design": REVISION,
            "network": digest("demo network"),
            "plan:milled": digest("milled"),
            "tables": digest("part tables"),
        },
    )
