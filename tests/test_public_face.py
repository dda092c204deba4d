"""`import manufold` is small, says what it is, and loads nothing heavy."""

import json
import subprocess
import sys
from importlib.metadata import version

import manufold

HEAVY = {
    *("OCP", "fastapi", "jinja2", "lxml", "manifold3d", "networkx", "nicegui", "numba", "numpy"),
    *("ortools", "pydantic", "rich", "scipy", "sqlalchemy", "trimesh", "typer"),
}


def python(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run this Python with arguments."""
    return subprocess.run(
        [sys.executable, *arguments], capture_output=True, text=True, timeout=60, check=False
    )


def test_the_public_names():
    """Sorted, each of them there and documented, nothing else promised."""
    assert manufold.__all__ == ["Manufold", "open_home"]
    assert sorted(manufold.__all__) == manufold.__all__
    for name in manufold.__all__:
        assert getattr(manufold, name).__doc__
    assert dir(manufold) == ["Manufold", "__version__", "open_home"]


def test_versions_agree():
    """The package, its metadata and its command say the same."""
    assert manufold.__version__ == version("manufold")
    done = python("-m", "manufold", "--version")
    assert (done.returncode, done.stdout) == (0, f"manufold {manufold.__version__}\n")


def test_import_is_light():
    """Importing the package loads no solver, no web and no CAD, and few modules of its own."""
    asked = (
        "import sys; before = set(sys.modules); import manufold, json; "
        "print(json.dumps(sorted(set(sys.modules) - before)))"
    )
    done = python("-c", asked)
    loaded = json.loads(done.stdout)
    assert {name.split(".")[0] for name in loaded} & HEAVY == set()
    assert [name for name in loaded if name.startswith("manufold")] == ["manufold"]


def test_help_is_light():
    """The command line asks for its heavy parts only when a command needs them."""
    asked = (
        "import sys; from manufold.cli import main; code = main(['--help']); "
        "print(code, *sorted({name.split('.')[0] for name in sys.modules}), file=sys.stderr)"
    )
    done = python("-c", asked)
    code, *loaded = done.stderr.split()
    assert code == "0" and "Usage: manufold" in done.stdout
    assert set(loaded) & (HEAVY - {"typer", "pydantic"}) == set()


def test_an_unknown_name_is_refused():
    """A misspelt name is an AttributeError, as for any module."""
    assert not hasattr(manufold, "open_hme")
