"""docs/patterns.md: its code runs, its pictures are what the script draws, its layers are ours."""

import importlib.util
import re
from pathlib import Path

from manufold.design.garment.pattern import dxf
from manufold.design.garment.pattern.publishing import published

DOCS = Path(__file__).parents[4] / "docs"
PAGE = DOCS / "patterns.md"


def test_the_example_runs():
    """The lines of Python on the page make a pattern and its files."""
    code = re.search(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert code is not None
    names: dict[str, object] = {}
    exec(compile(code[1], str(PAGE), "exec"), names)
    assert len(names["pattern"].pieces) > 15  # type: ignore[attr-defined]


def test_pictures_are_what_the_script_draws():
    """Nobody touched a picture, and no draft changed without a new one."""
    place = DOCS / "pictures" / "patterns.py"
    spec = importlib.util.spec_from_file_location("patterns_pictures", place)
    assert spec is not None
    assert spec.loader is not None
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    drawn = made.pictures()
    assert set(drawn) == {path.name for path in (DOCS / "pictures" / "patterns").iterdir()}
    for name, content in drawn.items():
        assert (DOCS / "pictures" / "patterns" / name).read_bytes() == content, name


def test_the_page_names_every_garment_option_and_layer():
    """What is published and not on the page does not exist."""
    text = PAGE.read_text(encoding="utf-8")
    for name, garment in published().items():
        (row,) = re.findall(rf"^\| {name} \| (.*?) \|", text, re.MULTILINE)
        assert row.split(", ") == [option.replace("_", " ") for option in garment.options]
        assert f"pictures/patterns/{name}.svg" in text
    (layers,) = re.findall(r"layers (.*?);", text)
    assert set(re.findall(r"\d+", layers)) == set(dxf.LAYERS.values())
