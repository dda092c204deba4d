"""Set-up: locks that agree with pyproject.toml, an installation that looks like any other."""

import json
import re
import subprocess
import sys
import tomllib
from fnmatch import fnmatch
from importlib import metadata
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
LOCKS = sorted((ROOT / "locks").glob("*.txt"))
PYTHONS = sorted(path.stem.removeprefix("demo-") for path in LOCKS if path.stem.startswith("demo"))


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> ModuleType:
    """The module run.py, with an empty .venv of its own."""
    monkeypatch.syspath_prepend(str(ROOT))
    import run

    monkeypatch.setattr(run, "VENV", tmp_path)
    monkeypatch.setattr(run, "STAMP", tmp_path / ".stamp")
    monkeypatch.setattr(run, "PYTHON", tmp_path / "python")
    return run


def pinned(lock: Path) -> dict[str, str]:
    """Return name -> version of a lock."""
    return dict(re.findall(r"^([\w.-]+)==(\S+)", lock.read_text(encoding="utf-8"), re.MULTILINE))


def names(requirements: list[str]) -> set[str]:
    """Return the packages that requirements ask for."""
    return {re.split(r"[\[<>=~! ;]", need)[0].lower() for need in requirements}


@pytest.mark.parametrize("python", PYTHONS)
def test_the_lock_for_tests_holds_the_lock_for_the_demo(python: str) -> None:
    """Same versions in both, so that `demo` may use what `test` set up."""
    demo = pinned(ROOT / "locks" / f"demo-{python}.txt")
    test = pinned(ROOT / "locks" / f"test-{python}.txt")
    assert demo.items() <= test.items()
    assert names(PROJECT["project"]["dependencies"]) <= demo.keys()
    extras = PROJECT["project"]["optional-dependencies"]
    assert names(extras["dev"]) <= test.keys()
    assert not (names(extras["dev"]) - names(PROJECT["project"]["dependencies"])) & demo.keys()


def test_there_is_a_lock_for_the_oldest_python() -> None:
    """Python 3.11 is locked always; the others where every package has a wheel."""
    assert "py311" in PYTHONS


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.name)
def test_locks_carry_hashes_and_no_address(lock: Path) -> None:
    """Each package is bound by its content, not by where it comes from."""
    text = lock.read_text(encoding="utf-8")
    assert "://" not in text
    blocks = re.split(r"\n(?=\S)", text.strip())
    assert len(blocks) == len(pinned(lock)) > 0
    assert all("--hash=sha256:" in block for block in blocks)


def test_the_installed_package_is_found() -> None:
    """importlib.metadata sees the version and the entry points of pyproject.toml."""
    import manufold

    project = PROJECT["project"]
    assert metadata.version("manufold") == project["version"] == manufold.__version__
    scripts = metadata.entry_points(group="console_scripts", name="manufold")
    assert [one.value for one in scripts] == [project["scripts"]["manufold"]]
    verticals = metadata.entry_points(group="manufold.verticals")
    found = {one.name: one.value for one in verticals}
    assert project["entry-points"]["manufold.verticals"].items() <= found.items()


def test_every_data_file_is_packaged() -> None:
    """A wheel would hold every file that lies beside the code."""
    patterns = PROJECT["tool"]["setuptools"]["package-data"]["manufold"]
    patterns = [pattern.removeprefix("**/") for pattern in patterns]
    files = [path for path in (ROOT / "src/manufold").rglob("*") if path.is_file()]
    files = [path for path in files if path.suffix != ".py" and "__pycache__" not in path.parts]
    lost = [path for path in files if not any(fnmatch(path.name, one) for one in patterns)]
    assert not lost, "name their suffix in pyproject.toml under package-data"


def test_an_environment_for_tests_serves_the_demo_but_not_the_reverse(run: ModuleType) -> None:
    """A finished .venv is used again only for what it holds, and only while nothing changed."""

    def ready_after(kind: str, key: str) -> tuple[bool, bool]:
        run.STAMP.write_text(json.dumps({"kind": kind, "key": key}), encoding="utf-8")
        return run.is_ready("demo"), run.is_ready("test")

    run.PYTHON.touch()
    assert not run.is_ready("demo")
    assert ready_after("test", run.stamp_key("test")) == (True, True)
    assert ready_after("demo", run.stamp_key("demo")) == (True, False)
    assert ready_after("test", "another lock") == (False, False)
    run.STAMP.write_text("cut sho", encoding="utf-8")
    assert not run.is_ready("demo")


def test_metadata_are_what_an_installer_reads(
    run: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """link_project leaves an installed distribution whose every recorded file exists."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", tmp_path], check=True)
    monkeypatch.setattr(run, "PYTHON", tmp_path / "bin" / "python")
    run.link_project()
    run.link_project()  # a second set-up replaces the first
    (site,) = (tmp_path / "lib").glob("python*/site-packages")
    (found,) = metadata.distributions(path=[str(site)])
    assert (found.name, found.version) == ("manufold", PROJECT["project"]["version"])
    assert set(found.metadata.get_all("Provides-Extra") or []) == {
        "bench",
        "dev",
        "postgres",
        "scale",
    }
    assert all(Path(str(file.locate())).exists() for file in found.files or [])
    asked = "import manufold; print(manufold.__file__)"
    answer = subprocess.check_output([run.PYTHON, "-c", asked], text=True)
    assert Path(answer.strip()) == ROOT / "src/manufold/__init__.py"


@pytest.mark.parametrize(("arguments", "code"), [([], 0), (["--help"], 0), (["dmeo"], 2)])
def test_run_py_tells_its_commands(
    run: ModuleType, capsys: pytest.CaptureFixture[str], arguments: list[str], code: int
) -> None:
    """Help is an answer; an unknown command is an error that shows the known ones."""
    assert run.main(arguments) == code
    told = capsys.readouterr()
    shown, silent = (told.out, told.err) if code == 0 else (told.err, told.out)
    assert not silent
    assert all(f"run.py {word}" in shown for word in ["demo", "test", "manufold", "bench", "lock"])


def test_an_older_python_is_refused_in_words(
    run: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A Python that is too old, or Windows, gets a sentence and no traceback."""
    monkeypatch.setattr(run.sys, "version_info", (3, 10, 4, "final", 0))
    with pytest.raises(SystemExit, match=r"manufold needs Python 3\.11 to 3\.14"):
        run.set_up("demo")
    monkeypatch.setattr(run.os, "name", "nt")
    with pytest.raises(SystemExit, match="WSL"):
        run.set_up("demo")
