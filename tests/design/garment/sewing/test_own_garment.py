"""A designer's own garment: one folder of an installed package, drafted, sewn, checked as ours."""

import shutil
import sys
from collections.abc import Iterator
from importlib.metadata import EntryPoint, EntryPoints
from importlib.resources import files
from pathlib import Path

import pytest

from design.garment.pattern.bodies import body
from manufold.design.garment.pattern import conformance, publishing
from manufold.design.garment.pattern.conformance import published_faults
from manufold.design.garment.sewing import routed
from manufold.model.errors import InputFault

SHIPPED = "manufold.design.garment.pattern.garments.dress"


@pytest.fixture
def cape(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Install a package with one garment, a dress under another name; return its folder."""
    folder = tmp_path / "atelier" / "cape"
    shutil.copytree(str(files(SHIPPED)), folder, ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "atelier" / "__init__.py").write_text("")
    options = folder / "options.toml"
    options.write_text(options.read_text().replace('name = "dress"', 'name = "cape"'))
    monkeypatch.syspath_prepend(tmp_path)
    point = EntryPoint("cape", "atelier.cape", publishing.GROUP)
    monkeypatch.setattr(publishing, "entry_points", lambda group: EntryPoints([point]))
    publishing.published.cache_clear()
    # ours are held to it by their own tests
    monkeypatch.setattr(conformance, "published", lambda: {"cape": publishing.published()["cape"]})
    yield folder
    publishing.published.cache_clear()
    for name in [name for name in sys.modules if name.split(".")[0] == "atelier"]:
        del sys.modules[name]


def test_it_is_drafted_and_sewn(cape: Path):
    """Found by its entry point beside the four that ship, it is drafted and has its routing."""
    assert tuple(publishing.published()) == ("cape", "dress", "jacket", "shirt", "trousers")
    found = routed(publishing.drafted("cape", body()), publishing.published()["cape"])
    assert found.garment == "cape" and len(found.steps) > 30


def test_what_it_lacks_is_named_by_the_check(cape: Path):
    """A seam that nobody sews is named with its garment, and so is the press step after it."""
    bulletin = cape / "operations.toml"
    text = bulletin.read_text()
    assert 'seams = ["side-*"]' in text
    bulletin.write_text(text.replace('seams = ["side-*"]', 'seams = ["side-left"]'))
    found = published_faults()
    assert {fault.where for fault in found} == {"cape/side-right", "cape/side_press"}
    assert found[0].reason.code == "garment.routing_seam"


def test_a_garment_without_bulletin_or_reference_is_named(cape: Path):
    """Without operations nobody can sew it; without a body of reference nobody can check it."""
    bulletin = cape / "operations.toml"
    told = bulletin.read_text()
    for text, code in (
        (told.replace("[reference.body]", "[other.body]"), "garment.routing_no_reference"),
        ("", "garment.routing_missing"),
    ):
        bulletin.write_text(text)
        publishing.published.cache_clear()
        (fault,) = published_faults()
        assert (fault.where, fault.reason.code) == ("cape", code)


@pytest.mark.parametrize("broken", ["syntax", "name"])
def test_a_broken_package_is_named(cape: Path, broken: str):
    """A folder that cannot be read, or takes the name of ours, is refused by its own name."""
    if broken == "syntax":
        (cape / "words.toml").write_text("[en")
    else:
        options = cape / "options.toml"
        options.write_text(options.read_text().replace('name = "cape"', 'name = "dress"'))
    with pytest.raises(InputFault) as refused:
        publishing.published()
    assert refused.value.reason.code == "garment.package_broken"
    assert refused.value.params["module"] == "atelier.cape"
