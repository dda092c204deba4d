"""One folder: nothing of garments is said anywhere else, and its demos are made by its script."""

import importlib.util
import re
from pathlib import Path

import manufold
import manufold.design.garment

SOURCE = Path(manufold.__file__).parent
FOLDER = Path(manufold.design.garment.__file__).parent
#: what networks say of garments: a capability, a material; and where a published figure comes from
NETWORK_WORDS = re.compile(r"inspect\.garment|garment-bag")
TOLD = {
    "demo/": "plants, goods and sources of the demo network, and a demo that orders a shirt",
    "api/wanted.py": "the example that the API's own documentation shows",
    "twin/trades.py": "the synthetic backlog's source",
}


def test_nothing_of_garments_outside_its_folder():
    """A second vertical needed no word in any other module, table or sentence."""
    found = []
    for path in sorted(SOURCE.rglob("*")):
        place = path.relative_to(SOURCE).as_posix()
        if path.suffix not in (".py", ".toml", ".html", ".js", ".css", ".csv", ".sql"):
            continue
        if path.is_relative_to(FOLDER) or any(place.startswith(told) for told in TOLD):
            continue
        text = NETWORK_WORDS.sub("", path.read_text(encoding="utf-8"))
        if "garment" in text.lower():
            found.append(place)
    assert found == []


def test_demo_files_are_what_the_script_makes():
    """The invented people lie there as the script writes them, and so do their plans."""
    place = FOLDER / "demo" / "make_demo_people.py"
    spec = importlib.util.spec_from_file_location("make_demo_people", place)
    assert spec is not None
    assert spec.loader is not None
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    for name, content in (made.people() | made.plans()).items():
        assert (FOLDER / "demo" / name).read_bytes() == content, name
