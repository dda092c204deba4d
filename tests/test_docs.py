"""What is not documented does not exist: commands, options, settings, exit codes, events; and what
the documents promise is there."""

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
import typer.main

import manufold.model.errors as errors
from manufold.cli import app
from manufold.cli.trades import put_verbs
from manufold.improvement.kpi import DEFINITIONS
from manufold.model.execution import COMMANDS, EVENTS
from manufold.services import make
from manufold.settings import Settings

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
PAGES = sorted(
    path
    for path in (*ROOT.glob("*.md"), *DOCS.rglob("*.md"), *(ROOT / "contracts").rglob("*.md"))
    if ".venv" not in path.parts
)


def table(page: Path, heading: str) -> dict[str, list[str]]:
    """Return the rows of the first table below a heading, by the code in their first cell."""
    text = page.read_text(encoding="utf-8").split(f"## {heading}\n", 1)[1].split("\n## ")[0]
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in text.splitlines()
        if line.startswith("| ")
    ]
    return {cells[0].strip("`"): cells[1:] for cells in rows[1:]}


def commands() -> Iterator[tuple[str, Any]]:
    """Yield every command with its words, e.g. "network check"."""
    put_verbs()
    root = typer.main.get_command(app)
    for name, one in root.commands.items():  # type: ignore[attr-defined]
        inner = getattr(one, "commands", None)
        if inner is None:
            yield name, one
        else:
            yield from ((f"{name} {below}", two) for below, two in inner.items())


def options() -> set[str]:
    """Return every long option of every command."""
    return {
        text
        for _, command in commands()
        for parameter in command.params
        for text in (*parameter.opts, *parameter.secondary_opts)
        if text.startswith("--")
    } | {"--version"}


def test_every_command_and_option_is_documented():
    """docs/start.md has a row for each command; each option stands in it, and no other one."""
    rows = table(DOCS / "start.md", "The command line is a contract")
    text = (DOCS / "start.md").read_text(encoding="utf-8")
    for name, command in commands():
        row = next((k for k in rows if re.match(rf"{name}( [A-Z[]|`|$)", k)), None)
        assert row is not None, f"`{name}` has no row in docs/start.md"
        common = {"--json", "--home", "--party", "--language", "--help"}
        for parameter in command.params:
            for option in parameter.secondary_opts or parameter.opts:
                if option.startswith("--") and option not in common:
                    assert option in rows[row][0], f"{name} {option}"
    for option in {"--json", "--home", "--party", "--language", "--version"}:
        assert re.search(rf"`(manufold )?{option}`", text), option
    run_py = {"--all", "--upgrade"}
    told = set(re.findall(r"--[a-z]+(?:-[a-z]+)*", text))
    assert told - options() - run_py - {"--help"} == set()


def test_every_setting_is_documented():
    """docs/operate.md has each setting with its default, and no other."""
    rows = table(DOCS / "operate.md", "Settings")
    assert {name: cells[0] for name, cells in rows.items()} == {
        field.name: str(field.default) for field in fields(Settings)
    }
    for name in ("MANUFOLD_HOME", "MANUFOLD_DATABASE_URL", "MANUFOLD_DEBUG"):
        assert name in (DOCS / "operate.md").read_text(encoding="utf-8"), name


def test_every_exit_code_is_documented():
    """docs/start.md says what each exit code of the tree of errors, and 0, means."""
    text = " ".join((DOCS / "start.md").read_text(encoding="utf-8").split())
    codes = {getattr(errors, name).exit_code for name in errors.__all__ if _is_refusal(name)}
    assert codes == {1, 2, 3, 4, 5}
    for code in (0, *codes):
        assert re.search(rf"(Exit codes:|,) {code} [a-z]", text), code


def _is_refusal(name: str) -> bool:
    found = getattr(errors, name)
    return isinstance(found, type) and issubclass(found, errors.ManufoldError)


def test_every_event_and_command_is_documented():
    """docs/events.md lists both closed lists, who may say what, and the versions written today."""
    said = table(DOCS / "events.md", "Commands")
    assert tuple(said) == COMMANDS
    for kind, cells in said.items():
        known = {role for role, may in make._MAY.items() if kind in may} - {"network_operator"}
        told = {role.strip().replace(" ", "_") for role in cells[0].split(",")}
        assert (told - {"network_operator"} if known else told) == (known or {"network_operator"})
        for event in re.findall(r"`([A-Za-z]+)`", cells[2]):
            assert event in EVENTS, (kind, event)
    happened = table(DOCS / "events.md", "Events")
    assert {name: int(cells[0]) for name, cells in happened.items()} == dict(EVENTS)
    answered = {event for cells in said.values() for event in re.findall(r"`(\w+)`", cells[2])}
    for event, cells in happened.items():
        from_command = set(re.findall(r"`(\w+)`", cells[2])) & set(COMMANDS)
        assert (event in answered) == bool(from_command), event
        for kind in from_command:
            assert f"`{event}`" in said[kind][2], (event, kind)


def test_every_kpi_is_documented():
    """docs/numbers.md has each indicator with its unit, formula and source, and no other one."""
    rows = table(DOCS / "numbers.md", "KPIs")
    assert {name: tuple(cells[:3]) for name, cells in rows.items()} == {
        one.name: (one.unit, one.formula, one.source) for one in DEFINITIONS.values()
    }
    assert len(rows) == len(DEFINITIONS)  # no two of one name


def test_every_route_is_documented():
    """docs/api.md has a row for each route and no other, a row for each status of a refusal, and
    names every setting of the server."""
    document = json.loads((ROOT / "contracts" / "openapi.json").read_text(encoding="utf-8"))
    routes = {f"{m.upper()} {path}" for path, methods in document["paths"].items() for m in methods}
    assert set(table(DOCS / "api.md", "Routes")) == routes
    problem = json.loads((ROOT / "contracts" / "problem.schema.json").read_text(encoding="utf-8"))
    told = {int(status) for status in table(DOCS / "api.md", "Refusals")}
    assert told == set(problem["properties"]["status"]["enum"])
    text = (DOCS / "api.md").read_text(encoding="utf-8")
    served = [
        n for n, cells in table(DOCS / "operate.md", "Settings").items() if "served:" in cells[1]
    ]
    assert len(served) >= 9
    assert [name for name in served if f"`{name}`" not in text] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_link_leads_somewhere(page):
    """A relative link names a file of the project, and a heading that it has."""
    text = re.sub(r"```.*?```|`[^`]*`", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, heading = target.partition("#")
        found = page if not path else (page.parent / path).resolve()
        assert found.exists() and found.is_relative_to(ROOT), target
        if heading:
            heads = re.findall(r"^#+ (.*)$", found.read_text(encoding="utf-8"), re.MULTILINE)
            slugs = {re.sub(r"[^\w -]", "", h.lower()).replace(" ", "-") for h in heads}
            assert heading in slugs, target


def test_every_decision_is_listed():
    """docs/decisions/README.md lists each page once, in order."""
    listed = re.findall(r"\]\((\d{4}-[a-z0-9-]+\.md)\)", (DOCS / "decisions/README.md").read_text())
    assert listed == sorted(path.name for path in (DOCS / "decisions").glob("[0-9]*.md"))


def test_every_page_is_linked():
    """A page that nothing leads to is read by nobody."""
    text = "".join(page.read_text(encoding="utf-8") for page in PAGES)
    lost = [page.name for page in DOCS.glob("*.md") if f"{page.name})" not in text]
    assert lost == []


def blocks() -> list[tuple[str, str | None]]:
    """Return the Python blocks of README.md, each with the output block right below, if any."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    found = re.findall(r"```python\n(.*?)```\n(?:\s*```(?:text)?\n(.*?)```)?", text, re.DOTALL)
    return [(code, output or None) for code, output in found]


def test_the_readme_runs(tmp_path, monkeypatch):
    """The first page's code runs as it stands, and prints what stands below it."""
    demo = ROOT / "src" / "manufold" / "design" / "part" / "demo"
    for name in ("bracket.step", "shaft.step", "cover.stl"):
        shutil.copy(demo / name, tmp_path / name)
        shutil.copy(demo / name, tmp_path / f"part{Path(name).suffix}")
    shutil.copy(demo / "bracket.step", tmp_path / "part.step")
    monkeypatch.setenv("MANUFOLD_HOME", str(tmp_path / "home"))
    found = blocks()
    assert found
    for code, output in found:
        done = subprocess.run(
            [sys.executable, "-c", code],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=180,
            check=False,
        )
        assert done.returncode == 0, done.stderr[-2000:]
        if output is not None:
            assert done.stdout == output
