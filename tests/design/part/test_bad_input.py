"""Bad files: every one ends in a result or a named refusal, soon, and nobody dies of it."""

import io
import struct
import time
import zipfile
from pathlib import Path

import numpy as np
import pytest
import trimesh

from design.part.conftest import Measure
from design.part.mutations import damaged_files
from design.part.shapes import box, step_bytes
from manufold.design.contract import InputFile
from manufold.design.part.geometry.sniff import MAX_BYTES, checked_format, sniffed_format
from manufold.design.part.vertical import vertical
from manufold.model.errors import ExecutorFault, InputFault
from manufold.words import word
from manufold.workers import KillablePool

LIMIT_S = 20.0


def refusal(pool: KillablePool, name: str, content: bytes) -> InputFault:
    with pytest.raises(InputFault) as caught:
        vertical.design([InputFile(name, content)], {}, pool)
    assert "(" not in word(caught.value.reason).split(".")[0], "no sentence in the catalogue"
    return caught.value


def survived(pool: KillablePool, folder: Path, count: int, seed: int) -> dict[str, int]:
    """Measure damaged files; return how they ended, code -> number."""
    ends: dict[str, int] = {}
    for what, content in damaged_files(folder, count, seed):
        name = what.rpartition("/")[2]
        began = time.monotonic()
        try:
            design = vertical.design([InputFile(name, content)], {}, pool)
            end = "blocked" if design.blocked else "made"
            vertical.plans(design, 1)
        except InputFault as fault:  # any other class fails the test, as it should
            end = fault.code
        assert time.monotonic() - began < LIMIT_S + 5, what
        ends[end] = ends.get(end, 0) + 1
    return ends


def test_forty_damaged_files(parts: Path, pool: KillablePool) -> None:
    """Forty seeded damages: results, refusals, crashed workers, and a living process."""
    ends = survived(pool, parts, 40, seed=11)
    assert sum(ends.values()) == 40
    assert len(ends) >= 4, ends


@pytest.mark.slow
def test_three_hundred_damaged_files(parts: Path, pool: KillablePool) -> None:
    """Three hundred seeded damages, of which some kill the CAD kernel; this process lives."""
    ends = survived(pool, parts, 300, seed=7)
    assert sum(ends.values()) == 300
    assert ends.get("part.file_breaks_kernel", 0) >= 5, ends


def test_work_goes_on_after_a_crash(parts: Path, pool: KillablePool, measure: Measure) -> None:
    """After a worker died of one file, the next file is measured as if nothing was."""
    for what, content in damaged_files(parts, 60, seed=7):
        if not content.lstrip().startswith(b"ISO-10303-21"):
            continue
        try:
            measure(what.rpartition("/")[2], content, limit_s=LIMIT_S)
        except ExecutorFault:
            break
        except InputFault:
            continue
    else:
        pytest.fail("none of the damages killed a worker: choose another seed")
    good = measure("a.step", (parts / "generated_cc0/tslot.step").read_bytes())
    assert good.volume_mm3 == pytest.approx(153_600)


@pytest.mark.parametrize(
    ("name", "content", "code", "seems"),
    [
        ("a.step", b"", "part.file_empty", None),
        ("a.step", b"remember the milk\n", "part.file_not_a_part", "text"),
        ("a.stl", b"<!DOCTYPE html><html><body>404</body></html>", "part.file_not_a_part", "HTML"),
        ("a.stl", b"<html>" + b" " * 500, "part.file_not_a_part", "HTML"),
        ("a.stp", b"%PDF-1.7 ...", "part.file_not_a_part", "PDF"),
        ("a.3mf", b"PK\x03\x04 no archive", "part.file_not_a_part", "ZIP"),
        ("a.step", b"\x00\x01\x02" * 100, "part.file_not_a_part", "binary data"),
        ("a.step", b"ISO-10303-21;\nHEADER;\n", "part.step_unreadable", None),
    ],
)
def test_not_a_part(
    name: str, content: bytes, code: str, seems: str | None, pool: KillablePool
) -> None:
    """Files that are no part are refused by name, with what they seem to be."""
    fault = refusal(pool, name, content)
    assert fault.code == code
    assert fault.params["file"] == name
    assert fault.exit_code == 2
    if seems is not None:
        assert fault.params["seems"] == seems


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.999])
def test_truncated_step(share: float, parts: Path, pool: KillablePool) -> None:
    """A STEP file cut anywhere is refused, never half measured without a word."""
    content = (parts / "generated_cc0/milled_bracket.step").read_bytes()
    fault = refusal(pool, "cut.step", content[: int(len(content) * share)])
    assert fault.code in ("part.step_unreadable", "part.step_without_shape", "part.no_solid")


def test_truncated_stl(parts: Path, pool: KillablePool) -> None:
    """A binary STL that ends before its last triangle says so."""
    content = (parts / "generated_cc0/turned_shaft.stl").read_bytes()
    assert refusal(pool, "cut.stl", content[:-1000]).code == "part.file_truncated"


def test_content_counts_not_the_suffix(parts: Path) -> None:
    """A STEP file called .stl is a STEP file, and an STL called .step an STL."""
    step = (parts / "generated_cc0/tslot.step").read_bytes()
    stl = (parts / "generated_cc0/thin_box.stl").read_bytes()
    assert checked_format("wrong.stl", step) == "step"
    assert checked_format("wrong.step", stl) == "stl"
    assert vertical.accepts([InputFile("wrong.stl", step)]) == pytest.approx(0.9)


def test_accepts_is_zero_for_others() -> None:
    """What is no part is not claimed; a damaged part file is claimed a little, to be explained."""
    assert vertical.accepts([InputFile("notes.txt", b"milk")]) == 0
    assert vertical.accepts([]) == 0
    assert 0 < vertical.accepts([InputFile("a.step", b"milk")]) < 0.5


def flat_stl() -> bytes:
    """Return two triangles back to back: closed, with no volume."""
    points = [(0.0, 0.0, 0.0), (10.0, 0.0, 0.0), (0.0, 10.0, 0.0)]
    facets = b""
    for order in ((0, 1, 2), (0, 2, 1)):
        corners = [value for i in order for value in points[i]]
        facets += struct.pack("<12fH", 0, 0, 1, *corners, 0)
    return b"\0" * 80 + struct.pack("<I", 2) + facets


def test_mesh_without_volume(pool: KillablePool) -> None:
    """A flat mesh has no volume and is refused."""
    assert refusal(pool, "flat.stl", flat_stl()).code == "part.mesh_without_volume"


def test_mesh_of_nothing(pool: KillablePool) -> None:
    """An STL in text without a facet that counts is refused."""
    content = b"solid none\nfacet\nendsolid none\n"
    assert refusal(pool, "none.stl", content).code in ("part.mesh_unreadable", "part.mesh_empty")


def test_mesh_of_wild_numbers(pool: KillablePool) -> None:
    """A mesh with infinite corners is refused."""
    mesh = trimesh.creation.box((1, 1, 1))
    content = bytearray(mesh.export(file_type="stl"))
    content[96:100] = struct.pack("<f", np.inf)
    assert refusal(pool, "wild.stl", bytes(content)).code == "part.not_measurable"


def test_open_mesh_blocks(pool: KillablePool) -> None:
    """A box without its lid is measured, found open, and not planned."""
    mesh = trimesh.creation.icosphere(subdivisions=2, radius=10)
    keep = mesh.triangles_center[:, 2] < 3
    mesh.update_faces(keep)
    content = bytes(mesh.export(file_type="stl"))
    design = vertical.design([InputFile("open.stl", content)], {}, pool)
    assert ("asks", "part.mesh_open") in [(f.severity, f.reason.code) for f in design.findings]
    assert vertical.plans(design, 1) == ()


def test_inside_out_mesh_is_turned(pool: KillablePool, measure: Measure) -> None:
    """A mesh inside out is turned, says so, and has its volume."""
    mesh = trimesh.creation.box((10, 20, 30))
    mesh.invert()
    facts = measure("out.stl", bytes(mesh.export(file_type="stl")))
    assert facts.repaired
    assert facts.volume_mm3 == pytest.approx(6000)


def test_cavity_is_not_a_second_body(measure: Measure) -> None:
    """A hollow box is one body, its cavity taken off the volume; two boxes are two bodies."""
    outer, inner = trimesh.creation.box((10, 10, 10)), trimesh.creation.box((4, 4, 4))
    inner.invert()
    hollow = trimesh.util.concatenate([outer, inner])
    facts = measure("hollow.stl", bytes(hollow.export(file_type="stl")))
    assert (facts.solids, facts.volume_mm3) == (1, pytest.approx(936))
    inner.invert()
    inner.apply_translation((20, 0, 0))
    two = trimesh.util.concatenate([outer, inner])
    assert measure("two.stl", bytes(two.export(file_type="stl"))).solids == 2


def test_surface_step_has_no_solid(pool: KillablePool, tmp_path: Path) -> None:
    """A STEP file of surfaces is refused and says how many it holds."""
    from OCP.BRepBuilderAPI import BRepBuilderAPI_MakeFace
    from OCP.gp import gp_Pln

    face = BRepBuilderAPI_MakeFace(gp_Pln(), 0, 10, 0, 10).Face()
    fault = refusal(pool, "face.step", step_bytes(face, tmp_path))
    assert (fault.code, fault.params["surfaces"]) == ("part.no_solid", 1)


def test_assembly_is_not_priced_as_a_part(parts: Path, pool: KillablePool) -> None:
    """Eighteen solids are an assembly; it is said, and no plan is made."""
    content = (parts / "stepcode_bsd/as1-oc-214.stp").read_bytes()
    design = vertical.design([InputFile("as1.stp", content)], {}, pool)
    assert design.findings[0].reason.params == {"solids": 18}
    assert design.blocked
    assert vertical.plans(design, 1) == ()


def test_archive_bomb_is_not_opened(pool: KillablePool) -> None:
    """A 3MF that unpacks to far more than it weighs is refused unopened."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("3D/3dmodel.model", b"\0" * (401 * 2**20))
    assert len(held.getvalue()) < 2**20
    assert refusal(pool, "bomb.3mf", held.getvalue()).code == "part.archive_too_large"


def test_too_large_a_file(pool: KillablePool) -> None:
    """A file beyond the limit is refused before it is looked into."""
    fault = refusal(pool, "huge.step", b"ISO-10303-21;" + b" " * MAX_BYTES)
    assert (fault.code, fault.params["limit_mb"]) == ("part.file_too_large", 100)


def test_several_files_are_refused(pool: KillablePool, tmp_path: Path) -> None:
    """Two files are not one part."""
    file = InputFile("a.step", step_bytes(box((0, 0, 0), (1, 1, 1)), tmp_path))
    with pytest.raises(InputFault) as caught:
        vertical.design([file, file], {}, pool)
    assert caught.value.code == "part.one_file"


def test_sniffing_never_raises() -> None:
    """Random bytes with familiar beginnings are nothing, without an exception."""
    chance = np.random.default_rng(5)
    for head in (b"", b"PK\x03\x04", b"solid ", b"ISO-", b"\xef\xbb\xbf"):
        for size in (0, 1, 83, 84, 85, 500):
            content = head + chance.bytes(size)
            assert sniffed_format(content) is None
