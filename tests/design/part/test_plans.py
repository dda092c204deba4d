"""Process plans: valid, sourced, monotone where they must be, and as expected of the demos."""

import math
import runpy
from decimal import Decimal
from importlib.resources import files
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from design.part.conftest import Measure
from design.part.shapes import box, cut, cylinder, step_bytes
from manufold.design.conformance import demos, faults
from manufold.design.contract import InputFile, verticals
from manufold.design.part.geometry.facts import Hole
from manufold.design.part.planning.cutting import (
    drilling,
    finishing,
    roughing,
    turned_finishing,
    turned_roughing,
)
from manufold.design.part.tables import machining, materials, printing
from manufold.design.part.tolerances import CLASSES, tolerance_mm
from manufold.design.part.vertical import vertical
from manufold.model.design import Design
from manufold.model.process_plan import ProcessPlan
from manufold.workers import InlineExecutor, KillablePool

GROUPS = ("aluminium", "steel", "alloy-steel", "stainless", "brass", "plastic")


def planned(
    pool: KillablePool, name: str, content: bytes, quantity: int = 10, **parameters: str
) -> tuple[Design, tuple[ProcessPlan, ...]]:
    design = vertical.design([InputFile(name, content)], parameters, pool)
    return design, vertical.plans(design, quantity)


def test_conforms(pool: KillablePool) -> None:
    """The vertical passes the checks that outside verticals must pass, demo plans included."""
    assert [str(fault) for fault in faults("part", vertical, pool)] == []


def test_found_like_a_strangers() -> None:
    """The vertical is found through its entry point."""
    assert verticals()["part"] is vertical


def test_demo_plans_follow_their_parts(pool: KillablePool) -> None:
    """Bracket milled, shaft turned with milling after, cover printed: capabilities in order."""
    routes = {}
    for demo in demos(vertical):
        design = vertical.design(demo["files"], demo["parameters"], pool)
        (plan,) = vertical.plans(design, demo["quantity"])
        routes[demo["name"]] = [o.capability for o in plan.operations]
        assert all(len(file.content) < 200_000 for file in demo["files"])
    mill = "mill.3axis"
    assert routes["bracket"] == ["saw", mill, mill, mill, "deburr", "inspect.cmm", "pack"]
    assert routes["shaft"][:3] == ["saw", "turn", mill]
    assert routes["cover"] == ["print.sls", "finish.print", "inspect.cmm", "pack"]


def test_every_term_is_sourced_and_every_face_is_made(pool: KillablePool) -> None:
    """Each standard time has formula and source; each face of a STEP part is made somewhere."""
    for demo in demos(vertical):
        design = vertical.design(demo["files"], demo["parameters"], pool)
        for plan in vertical.plans(design, demo["quantity"]):
            for operation in plan.operations:
                for term in (*operation.setup_terms, *operation.run_terms):
                    assert term.formula
                    assert term.source.title
            made = {face for o in plan.operations for face in o.faces}
            assert made == {f"F{n}" for n in range(1, int(str(design.facts["faces"])) + 1)}


def test_material_is_conserved(pool: KillablePool) -> None:
    """A started piece consumes more than the piece weighs, and the piece weighs V x density."""
    for demo in demos(vertical):
        design = vertical.design(demo["files"], demo["parameters"], pool)
        (plan,) = vertical.plans(design, demo["quantity"])
        (line,) = plan.bill_of_materials
        assert line.quantity * 1000 > plan.piece_mass_g
        density = materials()[design.material_id].density_kg_m3
        mass_g = float(str(design.facts["volume_mm3"])) * density * 1e-6
        if plan.process != "print.fdm":
            assert float(plan.piece_mass_g) == pytest.approx(mass_g, abs=0.01)


def test_published_bracket_takes_about_a_quarter_of_an_hour(
    pool: KillablePool, tmp_path: Path
) -> None:
    """An aluminium bracket 100 x 50 x 20 with pocket and holes: published as about 15 min."""
    holes = [cylinder((x, y, 0), (0, 0, 1), 3.3, 20) for x in (10, 90) for y in (10, 40)]
    body = cut(box((0, 0, 0), (100, 50, 20)), box((25, 10, 8), (50, 30, 12)), *holes)
    _, (plan,) = planned(pool, "a.step", step_bytes(body, tmp_path), material="al-6061")
    machine_s = sum(o.run_s for o in plan.operations if o.capability == "mill.3axis")
    assert 8 * 60 < machine_s < 20 * 60


def test_harder_materials_take_longer(pool: KillablePool, tmp_path: Path) -> None:
    """The same part takes longer in steel than in aluminium, and longest in stainless."""
    content = step_bytes(box((0, 0, 0), (60, 40, 20)), tmp_path)
    times = []
    for material in ("al-6061", "steel-1045", "steel-4140", "ss-304"):
        _, (plan,) = planned(pool, "a.step", content, material=material)
        times.append(sum(o.run_s for o in plan.operations if o.capability == "mill.3axis"))
    assert times == sorted(times)
    assert times[-1] > 2 * times[0]


@pytest.mark.parametrize(
    ("material", "processes"),
    [
        ("al-6061", {"mill"}),
        ("pom-c", {"mill"}),
        ("pa12", {"print.sls"}),
        ("petg", {"print.fdm"}),
    ],
)
def test_material_decides_the_process(
    material: str, processes: set[str], pool: KillablePool, tmp_path: Path
) -> None:
    """Metal and rod plastics are cut, powder is sintered, filament is laid down."""
    content = step_bytes(box((0, 0, 0), (30, 20, 10)), tmp_path)
    design, plans = planned(pool, "a.step", content, material=material)
    assert {plan.process for plan in plans} == processes
    assert all(o.material_id in (material, None) for plan in plans for o in plan.operations)
    assert "part.material_assumed" not in {a.code for a in design.assumptions}


def test_assumed_material(pool: KillablePool, parts: Path) -> None:
    """Without a word, solids that can be milled are aluminium and meshes are PA12; it is said."""
    step = (parts / "generated_cc0/tslot.step").read_bytes()
    stl = (parts / "generated_cc0/thin_box.stl").read_bytes()
    for name, content, material in (("a.step", step, "al-6061"), ("a.stl", stl, "pa12")):
        design, plans = planned(pool, name, content)
        assert design.material_id == material
        assert plans
        assumed = [a for a in design.assumptions if a.code == "part.material_assumed"]
        assert [a.params["material"] for a in assumed] == [material]


def test_undercut_is_refused_in_metal_and_printed_in_plastic(
    pool: KillablePool, parts: Path
) -> None:
    """A printed part with undercuts has no milling plan, a reason, and a printing plan."""
    content = (parts / "prusa_i3_gpl2/y-belt-idler.stp").read_bytes()
    design, plans = planned(pool, "a.stp", content, material="al-6061")
    assert plans == ()
    assert ("blocks", "part.undercut") in {(f.severity, f.reason.code) for f in design.findings}
    _, plans = planned(pool, "a.stp", content, material="pa12")
    assert [plan.process for plan in plans] == ["print.sls"]


def test_deep_hole_is_warned_of_with_its_faces(pool: KillablePool, tmp_path: Path) -> None:
    """A hole twelve diameters deep warns, names its faces and its ratio; one of eight does not."""
    body = cut(
        box((0, 0, 0), (40, 40, 48)),
        cylinder((10, 10, 0), (0, 0, 1), 2, 48),
        cylinder((30, 30, 0), (0, 0, 1), 3, 48),
    )
    design, _ = planned(pool, "a.step", step_bytes(body, tmp_path), material="al-6061")
    warned = [f for f in design.findings if f.reason.code == "part.hole_deep"]
    assert [f.reason.params["ratio"] for f in warned] == ["12.0"]
    assert len(warned[0].faces) == 1


def test_revision_is_content_material_and_choices(pool: KillablePool, tmp_path: Path) -> None:
    """Equal content is one revision whatever the name; another material is another revision."""
    content = step_bytes(box((0, 0, 0), (30, 20, 10)), tmp_path)
    one, _ = planned(pool, "a.step", content, material="al-6061")
    same, _ = planned(pool, "b.stp", content, material="al-6061")
    other, _ = planned(pool, "a.step", content, material="ss-304")
    assert one.revision == same.revision != other.revision


def test_few_pieces_are_all_measured(pool: KillablePool, tmp_path: Path) -> None:
    """Up to five pieces every one is measured, of more a fifth; nothing else changes."""
    content = step_bytes(box((0, 0, 0), (30, 20, 10)), tmp_path)
    design, (few,) = planned(pool, "a.step", content, quantity=5, material="al-6061")
    (many,) = vertical.plans(design, 6)
    shares = [
        {c.sample_fraction for o in plan.operations for c in o.characteristics}
        for plan in (few, many)
    ]
    assert shares == [{Decimal(1)}, {Decimal("0.2")}]
    assert [o.run_s for o in few.operations[:3]] == [o.run_s for o in many.operations[:3]]


def test_large_section_is_bought_to_size(pool: KillablePool, tmp_path: Path) -> None:
    """A block too thick for the saw is bought cut to size, and the plan says so."""
    content = step_bytes(box((0, 0, 0), (400, 300, 280)), tmp_path)
    _, (plan,) = planned(pool, "a.step", content, material="al-6061")
    assert "saw" not in {o.capability for o in plan.operations}
    assert [a.code for a in plan.assumptions] == ["part.blank_bought_to_size"]
    assert plan.bill_of_materials[0].at_operation == plan.operations[0].operation_id


def test_inline_and_pool_give_one_design(pool: KillablePool, tmp_path: Path) -> None:
    """A design does not depend on where it was measured."""
    file = InputFile("a.step", step_bytes(box((0, 0, 0), (30, 20, 10)), tmp_path))
    assert vertical.design([file], {}, pool) == vertical.design([file], {}, InlineExecutor())


def test_drilling_formula() -> None:
    """Drilling is (L + 0.3 D) / (n f), by hand: 5 mm through 20 mm of steel."""
    hole = Hole(5.0, 20.0, ((5.0, 20.0),), (0, 0, 1), ((0, 0, 1), (0, 0, -1)), ("F1",))
    rpm = 1000 * 46 / (math.pi * 5)
    by_hand_s = 60 * (20 + 1.5) / (rpm * 0.10)
    assert float(drilling("steel", [hole]).span_s) == pytest.approx(by_hand_s, abs=0.05)
    deep = Hole(5.0, 21.0, ((5.0, 21.0),), (0, 0, 1), ((0, 0, 1),), ("F1",))
    pecked_s = 1.5 * 60 * (21 + 1.5) / (rpm * 0.10)
    assert float(drilling("steel", [deep]).span_s) == pytest.approx(pecked_s, abs=0.05)


def test_roughing_formula() -> None:
    """Roughing is V / MRR: 84.2 cm3 of aluminium at 60 cm3/min take 84.2 s."""
    assert roughing("aluminium", 84_200.0).span_s == Decimal("84.2")


@given(
    st.sampled_from(GROUPS),
    st.floats(1, 1e7),
    st.floats(1, 1e6),
    st.floats(1.001, 10),
)
def test_more_to_cut_takes_longer(
    group: str, volume_mm3: float, area_mm2: float, factor: float
) -> None:
    """Times never fall when volume or area grow, in any material, on mill and lathe."""
    assert roughing(group, volume_mm3 * factor).span_s >= roughing(group, volume_mm3).span_s
    assert finishing(group, area_mm2 * factor).span_s >= finishing(group, area_mm2).span_s
    for diameter_mm in (5.0, 50.0):
        more = turned_roughing(group, volume_mm3 * factor, diameter_mm).span_s
        assert more >= turned_roughing(group, volume_mm3, diameter_mm).span_s
        more = turned_finishing(group, area_mm2 * factor, diameter_mm).span_s
        assert more >= turned_finishing(group, area_mm2, diameter_mm).span_s


def test_thin_bars_turn_slower(measure: Measure) -> None:
    """A spindle has a highest speed, so the surface of a thin bar passes the tool more slowly."""
    thin = turned_finishing("aluminium", 1000.0, 4.0).span_s
    thick = turned_finishing("aluminium", 1000.0, 80.0).span_s
    assert thin > 2 * thick


def test_tables_are_whole() -> None:
    """Every material that is cut has a row in every cutting table; every source named exists."""
    table = machining()
    for material in materials().values():
        if material.group:
            for kind in ("mill", "drill", "turn", "power", "saw"):
                assert table.row(kind, material.group)
        assert material.source.title
    for each in (machining(), printing()):
        for key, name in _named(each.rows):
            source = each.source(name)
            assert 1980 <= source.year <= 2100, (key, name)


def _named(rows: object) -> list[tuple[str, str]]:
    """Return every (key, source) that a table names."""
    if isinstance(rows, dict):
        own = [(k, v) for k, v in rows.items() if isinstance(v, str) and k.endswith("source")]
        return own + [pair for k, v in rows.items() if k != "source" for pair in _named(v)]
    if isinstance(rows, list):
        return [pair for row in rows for pair in _named(row)]
    return []


@pytest.mark.parametrize(
    ("nominal_mm", "grade", "wanted"),
    [
        ("3", "m", "0.1"),
        ("6", "m", "0.1"),
        ("6.001", "m", "0.2"),
        ("30", "m", "0.2"),
        ("120", "m", "0.3"),
        ("120.5", "m", "0.5"),
        ("1500", "m", "1.2"),
        ("5000", "m", "2.0"),
        ("3", "c", "0.2"),
        ("29", "c", "0.5"),
        ("400", "c", "1.2"),
    ],
)
def test_general_tolerances(nominal_mm: str, grade: str, wanted: str) -> None:
    """ISO 2768-1 limits at the ends of their ranges."""
    assert tolerance_mm(Decimal(nominal_mm), grade) == Decimal(wanted)  # type: ignore[arg-type]


def test_tolerances_grow_with_size() -> None:
    """Within a class the permissible deviation never falls with size; coarse is no tighter."""
    for limits in CLASSES.values():
        assert [*map(Decimal, limits)] == sorted(map(Decimal, limits))
    pairs = zip(CLASSES["m"], CLASSES["c"], strict=True)
    assert all(Decimal(medium) <= Decimal(coarse) for medium, coarse in pairs)


def test_demo_parts_are_what_their_script_makes(tmp_path: Path) -> None:
    """The shipped demo parts are, byte for byte, what the script beside them writes."""
    folder = Path(str(files("manufold.design.part"))) / "demo"
    script = runpy.run_path(str(folder / "make_demo_parts.py"))
    script["write_parts"](tmp_path)
    for name in ("bracket.step", "shaft.step", "cover.stl"):
        assert (tmp_path / name).read_bytes() == (folder / name).read_bytes(), name
