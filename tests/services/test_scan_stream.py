"""A body scan to a binding offer, and nothing of the scan anywhere but where it was agreed."""

import base64
import gzip
import json
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest
from tests.services.world import world

from manufold.connect.network_file import read_network
from manufold.demo import demo_network_path
from manufold.design.contract import InputFile, chosen, verticals
from manufold.design.garment.drawings import unpacked
from manufold.model.errors import ExecutorFault, InputFault
from manufold.model.fakes import MemoryBlobs
from manufold.model.party import Actor
from manufold.services.context import Context
from manufold.services.documents import asked_files, design_of
from manufold.services.forget import forget_offer
from manufold.services.quote import Ask, Quoted, offer
from manufold.words import LANGUAGES, word
from manufold.workers.inline import InlineExecutor

BUYER = Actor("demo-buyer", "buyer")
NAME = "karolina-scan.ply.gz"


class Once(InlineExecutor):
    """Measures the same scan once, since that takes a second."""

    kept: ClassVar[dict[tuple[str, bytes], object]] = {}

    def run(self, entry: str, request: object, *, limit_s: float, memory_mb: int) -> object:
        """Return what the entry answers, as it did before."""
        if not isinstance(request, tuple):
            return super().run(entry, request, limit_s=limit_s, memory_mb=memory_mb)
        if request not in self.kept:
            self.kept[request] = super().run(entry, request, limit_s=limit_s, memory_mb=memory_mb)
        return self.kept[request]


@pytest.fixture
def scan(test_data: Path) -> InputFile:
    """A scan of a person."""
    content = (test_data / "garment" / "scans" / "scan_02.ply.gz").read_bytes()
    return InputFile(NAME, content)


@pytest.fixture
def ctx() -> Context:
    """A world with the demo's plants and verticals."""
    made = world(read_network(demo_network_path()))
    return replace(made, verticals=verticals(), secret=b"of this home", executor=Once())


def quoted(ctx: Context, *files: InputFile, **parameters: str) -> Quoted:
    """Return an offer for one garment."""
    return offer(ctx, BUYER, Ask(list(files), 1, "EU-DE", parameters=parameters))


def tape(**values: int) -> InputFile:
    """Return a file of measures taken by tape."""
    return InputFile("tape.json", json.dumps({"type": "garment", **values}).encode())


def blob(ctx: Context, made: Quoted) -> dict[str, str]:
    """Return the files in a design's blob, by digest."""
    content = json.loads(ctx.blobs.get(made.offer.design_blob)[0])["content"]
    assert isinstance(content, dict)
    return content


def test_a_scan_becomes_an_offer(ctx: Context, scan: InputFile):
    """Three options, 22 data measured, the pieces drawn, and every sentence worded."""
    made = quoted(ctx, scan)
    assert [option.name for option in made.offer.options] == ["fast", "cheap", "green"]
    assert made.design.facts["measures_given"] == 22
    assert abs(float(made.design.personal["given"]["stature_mm"]) - 1600) < 400
    assert set(made.design.personal["scan_half"]) == set(made.design.personal["given"])
    drawn = made.design.personal["pictures"]
    assert set(drawn) == {"body", "fit", "pattern", "marker"}
    for picture in drawn.values():
        assert unpacked(picture).startswith(b"<svg ")
        assert unpacked(picture).rstrip().endswith(b"</svg>")
    said = [*made.offer.assumptions, *(f.reason for f in made.design.findings)]
    assert {"garment.scan_read", "garment.scan_not_kept"} <= {one.code for one in said}
    assert "garment.scan_unsure" in {one.code for one in said}  # its crown is a hole
    for language in LANGUAGES:
        assert not [one.code for one in said if word(one, language).startswith(one.code)]


def test_the_scan_is_kept_only_where_the_buyer_agrees(ctx: Context, scan: InputFile):
    """Without, the measures stand in its place, wherever one looks; with, it is there again."""
    without, agreed = quoted(ctx, scan), quoted(ctx, scan, keep_scan="yes")
    packed = base64.b64encode(scan.content).decode()
    assert isinstance(ctx.blobs, MemoryBlobs)
    for one in (packed[:200], packed[-200:], packed[4000:4200]):
        assert one not in json.dumps(blob(ctx, without))
        assert one in json.dumps(blob(ctx, agreed))
    (again,) = asked_files(ctx, without.offer.design_blob)
    measures = json.loads(again.content)
    assert measures["stature_mm"] == int(without.design.personal["given"]["stature_mm"])
    (kept,) = asked_files(ctx, agreed.offer.design_blob)
    assert kept.content == scan.content
    text = b"\n".join(ctx.store.export()).decode()
    for secret in (NAME, "karolina", packed[:80], *(f.sha256 for f in without.design.files)):
        assert secret not in text


def test_what_was_measured_can_be_asked_for_again(ctx: Context, scan: InputFile):
    """The measures of a scan that was not kept make the same garment without it."""
    made = quoted(ctx, scan)
    again = quoted(ctx, *asked_files(ctx, made.offer.design_blob))
    assert again.design.personal["sheet"] == made.design.personal["sheet"]
    assert again.design.personal["marker"] == made.design.personal["marker"]


def test_forgetting_leaves_nothing(ctx: Context, scan: InputFile):
    """With the offer's design go measures, pictures, marker and the scan that was kept."""
    made = quoted(ctx, scan, keep_scan="yes")
    assert forget_offer(ctx, BUYER, made.offer.offer_id)
    with pytest.raises(InputFault, match="blobs.gone"):
        design_of(ctx, made.offer.design_blob)


def test_a_tape_beside_a_scan(ctx: Context, scan: InputFile):
    """It fills what the scan does not know well; where it contradicts the scan, one is asked."""
    made = quoted(ctx, scan)
    given = {name: int(value) for name, value in made.design.personal["given"].items()}
    near = tape(stature_mm=given["stature_mm"] + 6, waist_girth_mm=given["waist_girth_mm"] + 4)
    both = quoted(ctx, scan, near).design
    assert both.personal["given"]["stature_mm"] == given["stature_mm"] + 6  # flagged in the scan
    assert both.personal["given"]["waist_girth_mm"] == given["waist_girth_mm"]
    far = tape(waist_girth_mm=given["waist_girth_mm"] + 60)
    with pytest.raises(InputFault, match="garment.tape_against_scan") as caught:
        quoted(ctx, scan, far)
    assert caught.value.params["measure"] == "waist_girth_mm"
    for language in LANGUAGES:
        assert str(given["waist_girth_mm"] + 60) in word(caught.value.reason, language)
    checked = quoted(ctx, scan, far, measures="checked").design
    assert checked.personal["given"]["waist_girth_mm"] == given["waist_girth_mm"] + 60


def test_bad_scans_are_refused_in_words(ctx: Context, scan: InputFile):
    """What the reader refuses reaches the buyer; a worker that dies is the file's fault."""
    plain = gzip.decompress(scan.content)
    rows = np.zeros((300, 3), "<f4")
    few = b"ply\nformat binary_little_endian 1.0\nelement vertex 300\n"
    few += b"property float x\nproperty float y\nproperty float z\nend_header\n" + rows.tobytes()
    for content, code in (
        (plain[: len(plain) // 5], "garment.scan_unreadable"),
        (few, "garment.scan_few_points"),
        (scan.content[:1000], "garment.scan_unreadable"),
        (b"hello", "garment.scan_format"),
    ):
        name = "me.ply.gz" if content.startswith(b"\x1f\x8b") else "me.ply"
        with pytest.raises(InputFault, match=code) as caught:
            quoted(ctx, InputFile(name, content))
        for language in LANGUAGES:
            assert not word(caught.value.reason, language).startswith("garment.")
    with pytest.raises(InputFault, match="garment.one_file"):
        offer(ctx, BUYER, Ask([scan, scan], 1, "EU-DE", vertical="garment"))

    class Lost(InlineExecutor):
        def run(self, entry, request, *, limit_s, memory_mb):
            raise ExecutorFault("executor.too_large", entry=entry, limit_mb=memory_mb)

    with pytest.raises(InputFault, match="garment.scan_too_heavy"):
        quoted(replace(ctx, executor=Lost()), scan)


def stl(extents: tuple[float, float, float], faces: int) -> InputFile:
    """Return a binary STL of triangles spread over a box."""
    row = np.dtype([("normal", "<f4", 3), ("corners", "<f4", (3, 3)), ("attribute", "<u2")])
    rows = np.zeros(faces, row)
    rng = np.random.default_rng(5)
    rows["corners"] = rng.uniform(0, 1, (faces, 3, 3)) * extents
    content = bytes(80) + faces.to_bytes(4, "little") + rows.tobytes()
    return InputFile("thing.stl", content)


@pytest.mark.parametrize(
    ("extents", "faces", "whose"),
    [
        ((0.5, 0.3, 1.78), 20_000, "garment"),
        ((500, 300, 1780), 20_000, "garment"),
        ((50, 30, 178), 20_000, ""),
        ((50, 30, 178), 400, "part"),
        ((90, 80, 100), 20_000, "part"),
        ((178, 0.3, 0.4), 20_000, "part"),
        ((5000, 3000, 17800), 20_000, "part"),
    ],
)
def test_a_mesh_goes_to_whom_it_looks_like(extents, faces, whose):
    """As tall as a person and as fine as a scan it is a body; where unclear, one is asked."""
    file = stl(extents, faces)
    found = verticals()
    if whose:
        assert chosen(found, [file]).name == whose
    else:
        with pytest.raises(InputFault, match="design.vertical_ambiguous"):
            chosen(found, [file])
        assert chosen(found, [file], "garment").name == "garment"
