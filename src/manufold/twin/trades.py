"""The trades of the synthetic backlog: which steps, how long, from which materials.

Ranges are of ordinary job shops and shirt makers and meant to load a network plausibly, not to
quote from; real plans come from `design`.

Source  sewing minutes of a shirt: 22.32 standard minutes (published garment bulletin); the rest
        assumed, wide on purpose.
"""

from dataclasses import dataclass

from manufold.model.process_plan import Attendance

__all__ = ["DENSITY_G_PER_CM3", "TRADES", "Step", "Trade"]

#: of what a backlog job may be made of; anything else counts as 2
DENSITY_G_PER_CM3 = {
    "al-6061": 2.70,
    "al-7075": 2.81,
    "al-5754": 2.66,
    "steel-1045": 7.85,
    "steel-4140": 7.85,
    "steel-dc01": 7.85,
    "ss-304": 7.93,
    "brass-cw614n": 8.50,
    "pom-c": 1.41,
    "pa12": 1.01,
    "petg": 1.27,
    "pla": 1.24,
    "abs": 1.04,
}


@dataclass(frozen=True, slots=True)
class Step:
    """An operation of a trade.

    Args:
        setup_min: range of its standard set-up.
        run_s: range of its standard time per piece.
        family: what changeovers depend on: the "material", the "style", or nothing.
        sized: whether the piece must fit into the work unit.
        pausable: may pause over a break or a night.
        lag_h: least wait after the step before (cooling).
    """

    capability: str
    name: str
    skill: str
    attendance: Attendance
    setup_min: tuple[int, int]
    run_s: tuple[int, int]
    family: str | None = None
    sized: bool = False
    pausable: bool = True
    lag_h: int = 0


@dataclass(frozen=True, slots=True)
class Trade:
    """A kind of work: its steps and what loads them.

    Args:
        main: the capability whose work units it loads.
        materials: what it prefers to be made of, commonest first, of unit `unit`.
        share: its orders per work unit, against other trades.
        longest_mm: range of the longest side of a piece.
        styles: garments: name -> (sewing minutes, metres of cloth, buttons).
    """

    plan_id: str
    process: str
    main: str
    steps: tuple[Step, ...]
    materials: tuple[str, ...]
    unit: str = "kg"
    share: float = 1.0
    longest_mm: tuple[int, int] = (30, 180)
    styles: tuple[tuple[str, float, float, int], ...] = ()


_METALS = ("al-6061", "steel-1045", "ss-304", "al-7075", "steel-4140", "brass-cw614n", "pom-c")
_SAW = Step("saw", "Saw blanks", "sawing", "setup", (5, 10), (30, 150), sized=True)
_DEBURR = Step("deburr", "Deburr", "deburring", "all", (2, 5), (20, 180))
_INSPECT = Step("inspect.cmm", "Inspect", "inspection", "setup", (6, 15), (20, 90), sized=True)
_PACK = Step("pack", "Pack", "packing", "all", (2, 4), (10, 45))
_FINISH = Step("finish.print", "Remove supports", "finishing", "all", (3, 8), (90, 420))

TRADES = (
    Trade(
        "milled",
        "mill",
        "mill.3axis",
        (
            _SAW,
            Step(
                "mill.3axis",
                "Mill",
                "milling",
                "setup",
                (20, 50),
                (240, 2400),
                "material",
                sized=True,
            ),
            _DEBURR,
            _INSPECT,
            _PACK,
        ),
        _METALS,
    ),
    Trade(
        "turned",
        "turn",
        "turn",
        (
            _SAW,
            Step("turn", "Turn", "turning", "setup", (15, 35), (90, 1200), "material", sized=True),
            _DEBURR,
            _INSPECT,
            _PACK,
        ),
        _METALS,
        longest_mm=(20, 140),
    ),
    Trade(
        "printed",
        "print.fdm",
        "print.fdm",
        (
            Step(
                "print.fdm",
                "Print",
                "printing",
                "setup",
                (8, 15),
                (3600, 28800),
                "material",
                sized=True,
                pausable=False,
            ),
            _FINISH,
            _INSPECT,
            _PACK,
        ),
        ("petg", "pla", "abs"),
    ),
    Trade(
        "sintered",
        "print.sls",
        "print.sls",
        (
            Step(
                "print.sls",
                "Sinter",
                "printing",
                "setup",
                (45, 60),
                (600, 3000),
                "material",
                sized=True,
                pausable=False,
            ),
            Step(
                "finish.print",
                "Depowder and blast",
                "finishing",
                "all",
                (5, 10),
                (60, 240),
                lag_h=8,
            ),
            _INSPECT,
            _PACK,
        ),
        ("pa12",),
        longest_mm=(20, 160),
    ),
    Trade(
        "sheet",
        "laser",
        "laser",
        (
            Step(
                "laser", "Cut blanks", "laser", "setup", (8, 15), (40, 400), "material", sized=True
            ),
            Step("bend", "Bend", "bending", "all", (10, 20), (25, 120), "material", sized=True),
            _DEBURR,
            _INSPECT,
            _PACK,
        ),
        ("steel-dc01", "ss-304", "al-5754"),
        share=2.0,
        longest_mm=(80, 600),
    ),
    Trade(
        "sewn",
        "sew",
        "sew",
        (
            Step("cut.fabric", "Cut", "cutting", "setup", (6, 12), (40, 90), "material"),
            Step("sew", "Sew", "sewing", "all", (5, 10), (900, 4200), "style"),
            Step("press", "Press", "pressing", "all", (3, 6), (60, 160)),
            Step("inspect.garment", "Inspect", "inspection", "all", (2, 4), (40, 110)),
            _PACK,
        ),
        ("cotton-poplin", "cotton-poplin-blue", "cotton-twill", "wool-suiting"),
        unit="m",
        styles=(
            ("shirt", 22.32, 1.6, 9),
            ("blouse", 20, 1.5, 7),
            ("trousers", 18, 1.35, 1),
            ("jacket", 64, 1.9, 6),
        ),
    ),
)
