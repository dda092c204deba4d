"""docs/verticals.md, followed literally: its files, written as they stand, are a vertical that
quotes."""

import json
import os
import re
import subprocess
import sys
import tomllib
from fnmatch import fnmatch
from pathlib import Path

import pytest

from manufold.app import use_network
from manufold.demo import demo_network_path

PAGE = Path(__file__).parents[2] / "docs" / "verticals.md"
FILE = re.compile(r"\*\*`([^`]+)`\*\*\n\n```[a-z]+\n(.*?)```\n", re.DOTALL)


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with every file of the page, made known as an installer would."""
    folder = tmp_path_factory.mktemp("page")
    for name, content in FILE.findall(PAGE.read_text(encoding="utf-8")):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
    table = tomllib.loads((folder / "plates" / "pyproject.toml").read_text(encoding="utf-8"))
    info = folder / "plates" / "manufold_plates-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: manufold-plates\nVersion: 1\n")
    points = table["project"]["entry-points"]["manufold.verticals"]
    lines = "".join(f"{name} = {where}\n" for name, where in points.items())
    (info / "entry_points.txt").write_text(f"[manufold.verticals]\n{lines}")
    return folder


def said(folder: Path, *command: str) -> str:
    """Return what the command line prints with the page's package on the path; it succeeds."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("MANUFOLD_")}
    environment |= {"MANUFOLD_HOME": str(folder / "home"), "PYTHONPATH": str(folder / "plates")}
    done = subprocess.run(
        [sys.executable, "-m", "manufold", *command],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_page_shows_every_file_it_promises(written: Path) -> None:
    """The six files of the drawing stand in the page, and an installer would take them all."""
    text = PAGE.read_text(encoding="utf-8")
    package = written / "plates" / "manufold_plates"
    shown = {path.relative_to(package).as_posix() for path in package.rglob("*") if path.is_file()}
    assert shown == {
        "__init__.py", "vertical.toml", "words/en.toml", "words/zh.toml", "demo/shelf.json",
    }  # fmt: skip
    for name in shown:
        assert name.split("/")[-1] in text.split("## 1.")[0], name
    table = tomllib.loads((written / "plates" / "pyproject.toml").read_text(encoding="utf-8"))
    patterns = table["tool"]["setuptools"]["package-data"]["manufold_plates"]
    for name in shown - {"__init__.py"}:
        assert any(fnmatch(name, pattern) for pattern in patterns), name
    lines = (package / "__init__.py").read_text(encoding="utf-8").splitlines()
    assert 60 <= len(lines) <= 130
    assert max(map(len, lines)) <= 100


def test_the_check_says_what_the_page_says(written: Path) -> None:
    """`manufold vertical check plate` prints what stands in the page, and lists three trades."""
    (told,) = re.findall(r"```text\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert said(written, "vertical", "check", "plate") == told
    found = json.loads(said(written, "vertical", "list", "--json"))["verticals"]
    assert found == {"garment": "silver", "part": "bronze", "plate": "bronze"}


def test_it_quotes(written: Path) -> None:
    """The page's last command makes an offer of three options, in words of the page's own."""
    shelf = "plates/manufold_plates/demo/shelf.json"
    assert f"manufold offer {shelf} --quantity 5" in PAGE.read_text(encoding="utf-8")
    use_network(written / "home", demo_network_path(), world="sim")
    found = json.loads(said(written, "offer", shelf, "--quantity", "5", "--json"))
    options = found["options"]
    assert [option["name"] for option in options] == ["fast", "cheap", "green"]
    assert all(option["sites"] == ["wroclaw"] for option in options)
    shown = said(written, "offer", shelf, "--quantity", "5", "--language", "zh")
    assert "唯一的合金" in shown
    assert "plate." not in shown.replace("plates/", "")
