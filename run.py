"""Set manufold up and run it, with nothing but a CPython 3.11 to 3.14 and pip.

    python3 run.py demo [ARGS...]          the main job, from a STEP file to a proven delivery
    python3 run.py test [--all] [ARGS...]  lint, types, tests; --all adds slow ones; ARGS to pytest
    python3 run.py manufold ARGS...        the command line: run.py manufold offer part.step
    python3 run.py bench NAME [ARGS...]    benchmarks/NAME.py beside the peers it is measured with
    python3 run.py lock [ARGS...]          compute locks/ anew; ARGS to uv, for example --upgrade

Everything it installs lies in .venv beside this file; delete that folder to be rid of it. Packages
come hash-locked from locks/ through uv, or through plain pip where uv cannot be had or where
MF_NO_UV=1 says so. `demo` is content with the environment that `test` needs, which holds it, and
both are with that of `bench`.
"""

from __future__ import annotations  # so that an older Python gets as far as being refused

import contextlib
import hashlib
import importlib.util
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
MANUFOLD = [str(PYTHON), str(VENV / "bin" / "manufold")]
UV_HOME = VENV / "uv-tool"  # apart from site-packages: `uv pip sync` removes what no lock names
STAMP = VENV / ".stamp"
WARMED = VENV / ".warmed"
KERNELS = VENV / "numba-cache"
LOCKED_PYTHONS = ("3.11", "3.12", "3.13", "3.14")
# kind of environment -> the extras it needs; each holds the ones before it
KINDS = {"demo": (), "test": ("dev", "scale"), "bench": ("dev", "scale", "bench")}

# what is compiled, and how; the first two are what a demo needs
WARM_UPS = {
    "compiling what promises": "from manufold.scheduling.warm import warm; warm()",
    "compiling what solves shops": "from manufold.scheduling.shop.warm import warm; warm()",
    "compiling what betters": "from manufold.scheduling.warm import warm_search; warm_search()",
    "compiling what runs lines": "from manufold.scheduling.line.warm import warm; warm()",
}

# /bin/sh starts Python, since a path with a space or over 127 bytes cannot stand behind `#!`
SCRIPT = """#!/bin/sh
'''exec' "{python}" "$0" "$@"
' '''
import os, sys
os.environ.setdefault("NUMBA_CACHE_DIR", {cache!r})  # where run.py compiles to

from manufold.cli import main

sys.exit(main())
"""


def main(arguments: list[str]) -> int:
    """Run one command; return its exit code."""
    command, rest = (arguments[0], arguments[1:]) if arguments else ("--help", [])
    if command in {"-h", "--help", "help"}:
        print(__doc__)
        return 0
    if command in {"demo", "manufold"}:
        set_up("demo")
        if rest[:1] == ["solve"]:
            warm_up()
        return execute([*MANUFOLD, *(arguments if command == "demo" else rest)])
    if command == "test":
        set_up("test")
        return test(rest)
    if command == "bench":
        return bench(rest)
    if command == "lock":
        return lock(rest)
    print(__doc__, file=sys.stderr)
    print(f"run.py has no command {command!r}; the five above are all.", file=sys.stderr)
    return 2


def test(arguments: list[str]) -> int:
    """Lint, check types, compile kernels, run the tests; pytest speaks last."""
    marks = "not bench" if "--all" in arguments else "not slow and not bench"
    python = [str(PYTHON), "-m"]
    # compiled beforehand, or every test worker compiles the same; the longest beside the next two
    first, *more = [(name, [str(PYTHON), "-c", code]) for name, code in WARM_UPS.items()]
    steps = {
        "ruff check": [*python, "ruff", "check", "."],
        "ruff format": [*python, "ruff", "format", "--check", "."],
        **dict([first, ("mypy", [*python, "mypy"]), *more]),
    }
    with ThreadPoolExecutor(2) as pool:  # most take a minute or more, on one core
        codes = pool.map(lambda name: execute(steps[name], announce=name, where=ROOT), steps)
        failed = [name for name, code in zip(steps, codes, strict=True) if code != 0]
    if failed:
        say(f"FAILED: {', '.join(failed)}. The tests run all the same; the exit code will be 1.")
    rest = [argument for argument in arguments if argument != "--all"]
    code = execute(
        [*python, "pytest", "-n", "2", "-m", marks, *rest], announce="pytest", where=ROOT
    )
    return code or int(bool(failed))


def bench(arguments: list[str]) -> int:
    """Run a benchmark with the peers that it compares us with."""
    names = sorted(path.stem for path in (ROOT / "benchmarks").glob("*.py"))
    if not arguments or arguments[0] not in names:
        raise SystemExit(f"run.py bench NAME: one of {', '.join(names)}")
    set_up("bench")
    warm_up()
    return execute([str(PYTHON), str(ROOT / "benchmarks" / f"{arguments[0]}.py"), *arguments[1:]])


def lock(arguments: list[str]) -> int:
    """Write locks/: per Python a lock for `demo`, and for `test` and `bench` with its versions."""
    check_python()
    with alone():
        make_venv()
        uv = find_uv()
    if uv is None:
        raise SystemExit("run.py lock needs uv; unset MF_NO_UV, or see why it cannot be installed.")
    flags = ["--no-header", "--no-annotate", "--generate-hashes", "--only-binary", ":all:", "-q"]
    freeze = [uv, "pip", "compile", *flags, *arguments]
    code = 0
    for python in LOCKED_PYTHONS:
        every = [*freeze, "pyproject.toml", "--python-version", python]
        steps, above = [], []
        for kind, extras in KINDS.items():
            file = lock_file(kind, python)
            wanted = [word for extra in extras for word in ("--extra", extra)]
            steps.append([*every, "-o", str(file), *wanted, *above])
            above = ["-c", str(file)]
        say(f"locking for Python {python}")
        if any(execute(step, where=ROOT) != 0 for step in steps):
            say(f"Python {python} is not locked anew (see above); an older lock of it stays")
            code = 1
    uv_lock = [*freeze, "-", "-o", str(lock_file("uv"))]
    return execute(uv_lock, text="uv>=0.9\n", announce="locking uv") or code


def set_up(kind: str) -> None:
    """Make .venv hold what `kind` needs; at once when it already does.

    Args:
        kind: a key of KINDS.
    """
    check_python()
    with alone() if not is_ready(kind) else contextlib.nullcontext():
        if not is_ready(kind):  # another run.py may have done it while this one waited
            make_venv()
            STAMP.unlink(missing_ok=True)
            install(kind)
            link_project()
            STAMP.write_text(json.dumps({"kind": kind, "key": stamp_key(kind)}), encoding="utf-8")
            say("set up.")


def warm_up() -> None:
    """Compile all kernels, a minute or two, unless that was done since any of them changed."""
    files = sorted((ROOT / "src" / "manufold" / "scheduling").rglob("*.py"))
    key = hashlib.sha256(b"".join(map(Path.read_bytes, files))).hexdigest()
    if WARMED.exists() and WARMED.read_text(encoding="utf-8") == key:
        return
    say("compiling the searches, once")
    with ThreadPoolExecutor(2) as pool:
        codes = pool.map(
            lambda code: execute([str(PYTHON), "-c", code]), list(WARM_UPS.values())[:2]
        )
        if set(codes) == {0}:
            WARMED.write_text(key, encoding="utf-8")


def check_python() -> None:
    """Refuse, with a remedy, a system or a Python on which this cannot work."""
    if os.name != "posix":
        raise SystemExit("run.py needs Linux or macOS; on Windows run it inside WSL.")
    if sys.version_info < (3, 11):  # noqa: UP036 - this is where it is checked
        raise SystemExit(f"manufold needs Python 3.11 to 3.14; {sys.executable} is {sys.version}.")


def is_ready(kind: str) -> bool:
    """Say whether .venv was finished for `kind`, or for a kind that holds it, by this Python."""
    try:
        stamp = json.loads(STAMP.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    holds = list(KINDS)[list(KINDS).index(kind) :]
    return stamp["kind"] in holds and stamp["key"] == stamp_key(stamp["kind"]) and PYTHON.exists()


def stamp_key(kind: str) -> str:
    """Return a digest of all that decides what .venv holds."""
    locked = lock_file(kind).read_bytes() if lock_file(kind).exists() else b""
    parts = [json.dumps(project(), sort_keys=True), python_name(), str(ROOT)]
    return hashlib.sha256(locked + "\0".join(parts).encode()).hexdigest()


def python_name() -> str:
    """Return `3.12`, say; 3.12.1 and 3.12.9 share their packages and may share a .venv."""
    return f"{sys.version_info.major}.{sys.version_info.minor}"


def lock_file(kind: str, python: str = "") -> Path:
    """Return where the lock of a kind lies, for `python` (this one, unless told); `uv` fits all."""
    if kind == "uv":
        return ROOT / "locks" / "uv.txt"
    return ROOT / "locks" / f"{kind}-py{(python or python_name()).replace('.', '')}.txt"


def project() -> dict[str, Any]:
    """Return the table [project] of pyproject.toml."""
    import tomllib  # not before check_python: older Pythons lack it

    with (ROOT / "pyproject.toml").open("rb") as file:
        table: dict[str, Any] = tomllib.load(file)["project"]
    return table


@contextlib.contextmanager
def alone() -> Iterator[None]:
    """Hold .venv.lock, so that of several run.py only one sets up; exit frees it."""
    import fcntl  # not before check_python: Windows lacks it

    with (ROOT / ".venv.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("waiting for another run.py to finish setting up ...")
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def make_venv() -> None:
    """Make .venv with this Python, unless it is there already and runs the same Python."""
    asked = "import sys; print('%d.%d' % sys.version_info[:2])"
    if PYTHON.exists():
        answer = subprocess.run([PYTHON, "-c", asked], capture_output=True, text=True, check=False)
        if answer.stdout.strip() == python_name():
            return
        say(f"replacing .venv, which is not of Python {python_name()}")
    if VENV.exists():
        shutil.rmtree(VENV)
    # an activated .venv may be what runs this file: build with the Python it was made from
    base = getattr(sys, "_base_executable", "") or sys.executable
    say(f"making .venv with {base} ({python_name()})")
    if execute([base, "-m", "venv", "--without-pip", str(VENV)]) != 0:
        raise SystemExit("This Python cannot make a venv. On Debian: apt install python3-venv")


def install(kind: str) -> None:
    """Bring what `kind` needs into .venv: locked if there is a lock, through uv if there is uv."""
    locked = lock_file(kind)
    if locked.exists():
        what = ["--require-hashes", "-r", str(locked)]
        through_uv = ["sync", "--require-hashes", str(locked)]
    else:
        say(f"there is no lock for Python {python_name()}: resolving anew, WITHOUT hashes")
        what = requirements(kind)
        through_uv = ["install", *what]
    uv = find_uv()
    if uv is not None:
        flags = ["--python", str(PYTHON), "--compile-bytecode", "--quiet"]
        if execute([uv, "pip", *through_uv, *flags], announce=f"uv: packages for {kind}") == 0:
            return
        say("uv failed (see above); trying pip")
    pip = find_pip(into_venv=True)
    if pip is None:
        raise SystemExit(
            "This Python has no pip and no ensurepip, and there is no uv on the PATH.\n"
            "On Debian or Ubuntu: apt install python3-pip; elsewhere install pip or uv."
        )
    if execute([*pip, "install", "--quiet", *what], announce=f"pip: packages for {kind}") != 0:
        raise SystemExit("The packages could not be installed; the lines above say why.")


def requirements(kind: str) -> list[str]:
    """Return the requirements of `kind` as pyproject.toml words them."""
    table = project()
    extras = [need for extra in KINDS[kind] for need in table["optional-dependencies"][extra]]
    return [*table["dependencies"], *extras]


def find_uv() -> str | None:
    """Return our hash-locked uv, installed on first need, or else one on the PATH, or None."""
    if os.environ.get("MF_NO_UV"):
        return None
    own = UV_HOME / "bin" / "uv"
    if own.exists():
        return str(own)
    pip = find_pip()
    what = ["--target", str(UV_HOME), "--require-hashes", "-r", str(lock_file("uv"))]
    if pip is not None and execute([*pip, "install", "--quiet", *what], announce="pip: uv") == 0:
        return str(own)
    elsewhere = shutil.which("uv")
    if elsewhere is None:
        say("uv cannot be had here; going on with pip, which is slower")
    return elsewhere


def find_pip(*, into_venv: bool = False) -> list[str] | None:
    """Return the command of a pip: this Python's, or else one that ensurepip puts into .venv.

    A pip from outside may install into a venv, or a folder of its own, even where a distribution
    guards its Python (PEP 668).
    """
    if importlib.util.find_spec("pip"):
        return [sys.executable, "-m", "pip", *(["--python", str(PYTHON)] if into_venv else [])]
    inside = [str(PYTHON), "-m", "pip"]
    probe = subprocess.run([*inside, "--version"], capture_output=True, check=False)
    if probe.returncode == 0 or execute([str(PYTHON), "-m", "ensurepip"]) == 0:
        return inside
    return None


def link_project() -> None:
    """Let .venv find src/, its version, its entry points and its command, without a build.

    A `.pth` file and the metadata that an installer would write: `importlib.metadata` and `uv pip`
    see an ordinary installed package.
    """
    table = project()
    name, version = str(table["name"]), str(table["version"])
    asked = "import sysconfig; print(sysconfig.get_path('purelib'))"
    site = Path(subprocess.check_output([PYTHON, "-c", asked], text=True).strip())
    for old in site.glob(f"{name}-*.dist-info"):
        shutil.rmtree(old)
    info = f"{name}-{version}.dist-info"
    script = VENV / "bin" / name
    files = {
        f"{name}.pth": f"{ROOT / 'src'}\n",
        f"{info}/METADATA": metadata(table),
        f"{info}/entry_points.txt": entry_points(table),
        f"{info}/INSTALLER": "run.py\n",
        os.path.relpath(script, site): SCRIPT.format(python=PYTHON, cache=str(KERNELS)),
    }
    record = "".join(f"{file},,\n" for file in [*files, f"{info}/RECORD"])
    (site / info).mkdir()
    for file, text in (files | {f"{info}/RECORD": record}).items():
        (site / file).write_text(text, encoding="utf-8")
    script.chmod(0o755)


def metadata(table: dict[str, Any]) -> str:
    """Return the METADATA of a [project] table."""
    lines = [
        "Metadata-Version: 2.1",
        f"Name: {table['name']}",
        f"Version: {table['version']}",
        f"Summary: {table['description']}",
        f"License: {table['license']}",
        f"Requires-Python: {table['requires-python']}",
        *(f"Requires-Dist: {need}" for need in table["dependencies"]),
    ]
    for extra, needs in table["optional-dependencies"].items():
        lines.append(f"Provides-Extra: {extra}")
        lines += [f'Requires-Dist: {need} ; extra == "{extra}"' for need in needs]
    return "\n".join(lines) + "\n"


def entry_points(table: dict[str, Any]) -> str:
    """Return the entry_points.txt of a [project] table: its commands and its verticals."""
    groups = {"console_scripts": table["scripts"], **table["entry-points"]}
    text = ""
    for group, entries in groups.items():
        text += f"[{group}]\n"
        text += "".join(f"{key} = {value}\n" for key, value in entries.items())
    return text


def execute(
    command: list[str], *, announce: str = "", where: Path | None = None, text: str | None = None
) -> int:
    """Run a command where and with the standard input given, ours unless; return its exit code."""
    if announce:
        say(announce)
    environment = dict(os.environ)
    environment.setdefault("PIP_ROOT_USER_ACTION", "ignore")
    environment.setdefault("NUMBA_CACHE_DIR", str(KERNELS))
    data = ROOT.parent / "shared" / "data"
    if data.is_dir():
        environment.setdefault("MANUFOLD_TEST_DATA", str(data))
    done = subprocess.run(command, cwd=where, env=environment, input=text, text=True, check=False)
    return done.returncode


def say(line: str) -> None:
    """Tell what is going on, beside the output proper."""
    print(f"run.py: {line}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
