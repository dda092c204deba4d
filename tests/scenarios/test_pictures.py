"""The pictures of the constraints show what the functions answer today."""

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest

from scenarios.stories import told

DOCS = Path(__file__).parents[2] / "docs"
DRAWN = DOCS / "pictures" / "constraints"


def script() -> ModuleType:
    """Return the script that draws them."""
    spec = importlib.util.spec_from_file_location("pictures", DOCS / "pictures" / "constraints.py")
    assert spec is not None
    assert spec.loader is not None
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    return made


SCRIPT = script()


@pytest.mark.parametrize("page", sorted(SCRIPT.PICTURES))
def test_a_picture_is_what_is_answered_now(page: str) -> None:
    """What is committed is what the story's answer draws, to the letter."""
    now = SCRIPT.Picture(told(SCRIPT.PICTURES[page])).drawn()
    assert (DRAWN / f"{page}.svg").read_text(encoding="utf-8") == now, (
        "an answer has changed: run `python docs/pictures/constraints.py`, look, and commit"
    )


def test_every_page_has_its_picture() -> None:
    """Pages, pictures and rows of the table are the same; each page shows its own picture."""
    pages = {path.stem for path in (DOCS / "constraints").glob("*.md")} - {"README"}
    assert pages == set(SCRIPT.PICTURES) == {path.stem for path in DRAWN.glob("*.svg")}
    for page in pages:
        text = (DOCS / "constraints" / f"{page}.md").read_text(encoding="utf-8")
        assert re.findall(r"!\[[^\]]+\]\(([^)]+)\)", text) == [
            f"../pictures/constraints/{page}.svg"
        ]
    rows = (DOCS / "constraints" / "README.md").read_text(encoding="utf-8")
    assert set(re.findall(r"\]\(([a-z]+)\.md\)", rows)) == pages


def test_every_story_stands_in_the_table() -> None:
    """The table names every story's folder, and no other one."""
    rows = (DOCS / "constraints" / "README.md").read_text(encoding="utf-8")
    named = set(re.findall(r"\]\(\.\./\.\./tests/scenarios/([a-z_]+)/input\.json\)", rows))
    assert named == {folder.parent.name for folder in Path(__file__).parent.glob("*/input.json")}
