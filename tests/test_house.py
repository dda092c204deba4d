"""The house is kept, and the checks that say so can tell when it is not."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import house

ROOT = Path(__file__).parent.parent
EXCEPTIONS = Path(__file__).with_name("house_exceptions.txt")


def kept_sizes(root: Path) -> list[house.Breach]:
    """Check sizes against the committed exceptions."""
    return house.size_breaches(root, EXCEPTIONS.read_text(encoding="utf-8"))


CHECKS = [
    house.rank_breaches,
    house.name_breaches,
    kept_sizes,
    house.purity_breaches,
    house.quantity_breaches,
    house.docstring_breaches,
]


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_house_is_kept(check: Callable[[Path], list[house.Breach]]) -> None:
    """No file of this project breaks a rule of the house."""
    breaches = check(ROOT)
    assert not breaches, "\n" + "\n".join(map(str, breaches))


#: (check, file under src/manufold, its text, what the breach must say)
PLANTED = [
    ("rank", "attic/a.py", "", "attic has no rank"),
    ("rank", "model/a.py", "import manufold.offer.price", "points up"),
    ("rank", "model/a.py", "from manufold import services", "points up"),
    ("rank", "model/a.py", "from manufold import Manufold", "points up"),
    ("rank", "model/a.py", "from ..offer import price", "points up"),
    ("rank", "offer/a.py", "def f():\n    from manufold.carbon import footprint", "side by side"),
    ("rank", "offer/a.py", "from .. import judge", "side by side"),
    ("rank", "api/a.py", "from manufold.store import log", "side by side"),
    (
        "rank",
        "services/a.py",
        "import importlib\nimportlib.import_module('manufold.api')",
        "points",
    ),
    ("rank", "services/a.py", "from manufold.words import shown", "points up"),
    ("rank", "design/part/a.py", "from manufold.design.garment import marker", "entry point"),
    ("rank", "design/part/a.py", "from ..garment.marker import x", "entry point"),
    ("rank", "design/contract.py", "from manufold.design.part import step", "entry point"),
    ("rank", "services/a.py", "from manufold.design.part.step import read", "entry point"),
    ("rank", "words/a.py", "from manufold.offer import price", "only model"),
    ("rank", "words/a.py", "from manufold.services import quote", "only model"),
    ("rank", "offer/a.py", "from manufold.settings import Settings", "reads no settings"),
    ("rank", "model/a.py", "import numpy", "standard library"),
    ("rank", "judge/a.py", "from ortools.sat import cp_model", "standard library and numpy"),
    ("rank", "offer/a.py", "import sqlalchemy as sa", "belongs to the edges"),
    ("rank", "model/a.py", "if TYPE_CHECKING:\n    from manufold.app import x", "points up"),
    ("name", "api/utils.py", "", "utils says nothing"),
    ("name", "offer/core/price.py", "", "core says nothing"),
    ("size", "offer/a.py", "x = 1\n" * 401, "a file of 401"),
    ("size", "offer/a.py", "def f():\n" + "    x = 1\n" * 70, "a function of 71"),
    ("size", "offer/a.py", "class A:\n    async def f(self):\n" + "        1\n" * 70, "of 71"),
    ("size", "offer/a.py", "#" * 101, "a line of 101"),
    ("purity", "model/a.py", "open('x')", "open"),
    ("purity", "offer/a.py", "def f():\n    print('x')", "print"),
    ("purity", "offer/a.py", "import time as t\nt.monotonic()", "time.monotonic"),
    ("purity", "offer/a.py", "from time import perf_counter as now\nnow()", "perf_counter"),
    ("purity", "offer/a.py", "import time\ndef f(clock=time.time): ...", "time.time"),
    ("purity", "judge/a.py", "from datetime import datetime\ndatetime.now()", "datetime.now"),
    ("purity", "judge/a.py", "import datetime as d\nd.datetime.utcnow()", "utcnow"),
    ("purity", "judge/a.py", "from datetime import date\ndate.today()", "today"),
    ("purity", "twin/a.py", "import random\nrandom.shuffle([])", "random.shuffle"),
    ("purity", "twin/a.py", "from random import random\nrandom()", "global randomness"),
    ("purity", "twin/a.py", "import random\nrandom.Random()", "without a seed"),
    ("purity", "twin/a.py", "import random\nrandom.SystemRandom(1)", "global randomness"),
    ("purity", "twin/a.py", "import numpy as np\nnp.random.normal(1)", "numpy.random.normal"),
    ("purity", "twin/a.py", "import numpy as np\nnp.random.default_rng()", "without a seed"),
    ("purity", "model/a.py", "import secrets\nsecrets.token_hex(4)", "global randomness"),
    ("purity", "model/a.py", "import uuid\nuuid.uuid4()", "global randomness"),
    ("purity", "carbon/a.py", "import numpy as np\nnp.empty(3)", "numpy.empty"),
    ("quantity", "offer/a.py", "def f(price: int): ...", "price is a quantity"),
    ("quantity", "store/a.py", "def f(*, lead_time: float | None = None): ...", "lead_time"),
    ("quantity", "model/a.py", "class A:\n    width: 'Decimal'", "width is a quantity"),
    ("quantity", "model/a.py", "class A:\n    mass: Optional[float] = None", "mass is a"),
    ("docstring", "offer/a.py", "x = 1", "a has no docstring"),
    ("docstring", "offer/a.py", "'''A.'''\ndef f(): ...", "f has no docstring"),
    ("docstring", "services/a.py", "'''A.'''\nclass C: ...", "C has no docstring"),
]


def planted(root: Path, file: str, text: str) -> Path:
    """Write a small project with one module; return its root."""
    for room in ["offer", "carbon", "judge", "store", "api", "services", "words", "design/garment"]:
        (root / "src/manufold" / room).mkdir(parents=True)
    (root / "src/manufold/design/part").mkdir()
    path = root / "src/manufold" / file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return root


@pytest.mark.parametrize(("check", "file", "text", "says"), PLANTED)
def test_a_planted_breach_is_found(
    tmp_path: Path, check: str, file: str, text: str, says: str
) -> None:
    """Each rule, broken once in an otherwise empty project, is reported at that file."""
    checks = {one.__name__.removesuffix("_breaches"): one for one in CHECKS}
    checks["size"] = lambda root: house.size_breaches(root, "")
    (breach,) = checks[check](planted(tmp_path, file, text))
    assert breach.where.startswith(f"src/manufold/{file}")
    assert says in breach.what


ALLOWED = [
    ("services/a.py", '"""A."""\nfrom manufold.offer import price\nfrom manufold import judge'),
    ("api/a.py", "from manufold.services import quote\nfrom manufold.words import shown"),
    ("cli.py", "from manufold.app import x\nfrom manufold.design.part import vertical"),
    ("judge/a.py", '"""A."""\nimport numpy as np\nfrom manufold.model import schedule'),
    ("design/part/a.py", '"""A."""\nfrom .step import read\nfrom manufold.design import contract'),
    ("twin/a.py", '"""A."""\nimport random\nfrom manufold.model import ports\nrandom.Random(7)'),
    ("offer/a.py", '"""A."""\nimport numpy as np\nnp.random.default_rng(7).normal()\nnp.zeros(1)'),
    ("offer/a.py", '"""A."""\nfrom importlib.resources import files\nfiles("x").open()'),
    (
        "offer/a.py",
        '"""A."""\ndef f(start_s: int, time_zone: str, end: str, count: int):\n  """F."""',
    ),
    ("offer/a.py", '"""A."""\nclass A:\n  """A."""\n  def now(self): ...\n  def open(self): ...'),
    ("offer/a.py", '"""A."""\ndef f(clock):\n  """F."""\n  return clock.now()\ndef _g(): ...'),
    ("store/a.py", "import time\ntime.time()\nopen('x')\nimport sqlalchemy"),
]


@pytest.mark.parametrize(("file", "text"), ALLOWED)
def test_what_is_allowed_is_not_reported(tmp_path: Path, file: str, text: str) -> None:
    """The checks do not cry wolf over what the house allows."""
    root = planted(tmp_path, file, text)
    assert [str(breach) for check in CHECKS[:2] + CHECKS[3:] for breach in check(root)] == []
    assert house.size_breaches(root, "") == []


@pytest.mark.parametrize(
    ("exceptions", "says"),
    [
        ("src/manufold/offer/a.py: line: 120", None),
        ("# a comment\n\nsrc/manufold/offer/a.py: line: 119", "a line of 120; the limit is 119"),
        ("src/manufold/offer/a.py: line: 130", "lower it to 120"),
        ("src/manufold/offer/a.py: line: 120\nsrc/manufold/b.py: file: 500", "delete it"),
    ],
)
def test_the_list_of_exceptions_only_shrinks(
    tmp_path: Path, exceptions: str, says: str | None
) -> None:
    """An exception holds at its exact value only; a larger or an idle one fails."""
    root = planted(tmp_path, "offer/a.py", "#" * 120)
    breaches = house.size_breaches(root, exceptions)
    assert (says is None) == (not breaches)
    assert all(str(says) in breach.what for breach in breaches)


HEAVY = ["ortools", "numba", "numpy", "scipy", "sqlalchemy", "fastapi", "nicegui", "OCP", "trimesh"]
LIGHT = f"""
import logging, sys
before = set(logging.root.manager.loggerDict)
import manufold
assert not (heavy := set(sys.modules) & set({HEAVY})), heavy
assert not logging.root.handlers
assert not [n for n in logging.root.manager.loggerDict if logging.getLogger(n).handlers]
face = manufold.__all__
assert face == sorted(face), face
shown = [n for n in dir(manufold) if not n.startswith("_")]
assert shown == face, (shown, face)
"""


def test_importing_manufold_is_light_and_silent() -> None:
    """A bare import loads no heavy package, adds no log handler, says nothing, shows __all__."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", LIGHT], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
