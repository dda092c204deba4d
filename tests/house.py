"""The house, read by a machine: what may import what, how large, how pure, how named, how told.

Every check takes the root of a project (the folder that holds src/) and returns its breaches, so
the tests can plant one in a small tree and see it found. Only `ast`: nothing is imported, and as
every direct import points down, every indirect one does.
"""

import ast
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

TOP = 4.0
RANKS = {
    "model": 0.0,
    "settings": 0.5,
    **dict.fromkeys(["judge", "design", "offer", "scheduling", "execution"], 1.0),
    **dict.fromkeys(["quality", "carbon", "twin", "improvement"], 1.0),
    "services": 2.0,
    "words": 2.5,
    **dict.fromkeys(["store", "connect", "api", "ui", "workers"], 3.0),
    **dict.fromkeys(["acting", "answering", "app", "asking", "checking", "cli"], TOP),
    **dict.fromkeys(["demo", "serving", "world", "world_planning"], TOP),
    **dict.fromkeys(["__main__", "__init__"], TOP),
}
ENGINES = {room for room, rank in RANKS.items() if rank == 1.0}
#: rooms that may import only some of the rooms below them
ONLY = {room: {"model"} for room in ["settings", "judge", "twin", "words"]}
#: rooms that may import only some packages beside the standard library
LIBRARIES = {"model": set(), "settings": set(), "words": set(), "judge": {"numpy"}}
LIBRARIES |= {"twin": {"numpy"}, "execution": set()}
EDGE_LIBRARIES = {"fastapi", "httpx", "nicegui", "pydantic", "requests", "rich", "sqlalchemy"}
EDGE_LIBRARIES |= {"multipart", "starlette", "typer", "uvicorn"}

BANNED_MODULES = {"utils", "core", "common", "manager", "helpers", "misc", "base"}
SIZES = {"file": 400, "function": 70, "line": 100}

CLOCKS = {"time", "monotonic", "perf_counter", "process_time", "thread_time"}
BANNED_CALLS = {
    **{f"time.{clock}{ns}": "a clock" for clock in CLOCKS for ns in ["", "_ns"]},
    **{f"datetime.datetime.{verb}": "a clock" for verb in ["now", "today", "utcnow"]},
    **dict.fromkeys(["datetime.date.today", "time.sleep"], "a clock"),
    **dict.fromkeys(["open", "io.open", "os.open", "input"], "input or output"),
    **dict.fromkeys(["print", "sys.stdout", "sys.stderr"], "input or output"),
    **dict.fromkeys(["uuid.uuid1", "uuid.uuid4", "os.urandom"], "global randomness"),
    **dict.fromkeys(["numpy.empty", "numpy.empty_like"], "memory nobody has written"),
}
#: sources of randomness that are fine with a seed, and types that are fine to name
SEEDED = {"Random", "default_rng", "SeedSequence", "PCG64", "Philox", "MT19937", "Generator"}

#: last words of a name that cannot stand without a unit; a weight is what a rule weighs by, our
#: word for what scales say is mass
QUANTITIES = {
    *["time", "duration", "delay", "lag", "latency", "timeout", "age", "interval", "period"],
    *["deadline", "due", "horizon", "makespan", "lateness", "tardiness", "now"],
    *["start", "end", "begin", "finish", "release", "arrival"],
    *["length", "width", "height", "depth", "thickness", "distance", "radius", "diameter"],
    *["perimeter", "area", "volume", "mass", "density", "temperature", "pressure", "force"],
    *["price", "cost", "amount", "fee", "wage", "budget", "energy", "power", "carbon"],
    *["emissions", "speed", "feed", "torque", "angle", "voltage", "frequency"],
}
NUMBERS = {"int", "float", "Decimal", "Fraction", "int64", "float64"}


@dataclass(frozen=True, slots=True)
class Breach:
    """One place where the house is not kept."""

    where: str
    what: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what}"


@dataclass(frozen=True, slots=True)
class Source:
    """A file of Python: its path under the root, its dotted name's parts and its syntax tree."""

    path: str
    parts: tuple[str, ...]
    tree: ast.Module

    @property
    def room(self) -> str:
        """The folder or module right under manufold; `__init__` is the public face."""
        return self.parts[0]

    def breach(self, node: ast.AST, what: str) -> Breach:
        """Return a breach at a node."""
        return Breach(f"{self.path}:{getattr(node, 'lineno', 1)}", what)


@cache
def sources(root: Path) -> tuple[Source, ...]:
    """Return every module of the package, sorted by path."""
    package = root / "src" / "manufold"
    found = []
    for path in sorted(package.rglob("*.py")):
        parts = path.relative_to(package).with_suffix("").parts
        tree = ast.parse(path.read_text(encoding="utf-8"), str(path))
        found.append(Source(path.relative_to(root).as_posix(), parts, tree))
    return tuple(found)


def rank_breaches(root: Path) -> list[Breach]:
    """Find rooms without a rank, imports that point up or sideways, and packages out of place."""
    found = [
        Breach(source.path, f"{source.room} has no rank; list it in tests/house.py")
        for source in sources(root)
        if source.room not in RANKS
    ]
    for source in sources(root):
        for node, target in _imports(root, source):
            refusal = _refusal(root, source, target.split("."))
            if refusal:
                found.append(source.breach(node, f"imports {target}: {refusal}"))
    return found


def _imports(root: Path, source: Source) -> Iterator[tuple[ast.AST, str]]:
    """Yield every import anywhere in a module, inside functions too, as an absolute dotted name."""
    package = ("manufold", *source.parts)[:-1]
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Import):
            yield from ((node, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else ()
            start = ".".join([*above, *([node.module] if node.module else [])])
            for alias in node.names:
                inner = root / "src" / Path(*start.split("."), alias.name)
                is_module = inner.is_dir() or inner.with_suffix(".py").is_file()
                yield node, f"{start}.{alias.name}" if is_module else start
        elif isinstance(node, ast.Call) and _last_name(node.func) in {
            "import_module",
            "__import__",
        }:
            name = node.args[0] if node.args else None
            if isinstance(name, ast.Constant) and isinstance(name.value, str):
                yield node, name.value


def _refusal(root: Path, source: Source, target: list[str]) -> str:
    """Say why a module may not import a target; empty when it may."""
    here = source.room
    if here not in RANKS:
        return ""
    if target[0] != "manufold":
        return _library_refusal(here, target[0])
    there = target[1] if len(target) > 1 else "__init__"
    vertical = _vertical(root, target[1:])
    if vertical and vertical != _vertical(root, list(source.parts)) and RANKS[here] < TOP:
        return f"the vertical {vertical} is reached through its entry point only"
    if here == there or RANKS[here] == RANKS.get(there) == TOP:
        return ""
    if there not in RANKS:
        return f"{there} has no rank"
    if RANKS[there] > RANKS[here]:
        return f"points up, from {here} to {there}"
    if RANKS[there] == RANKS[here]:
        return f"{here} and {there} stand side by side and never import each other"
    if there not in ONLY.get(here, {there}):
        return f"{here} may import only {', '.join(sorted(ONLY[here]))}"
    if there == "settings" and here in ENGINES:
        return "an engine is handed its numbers, it reads no settings"
    return ""


def _library_refusal(room: str, library: str) -> str:
    if library in sys.stdlib_module_names:
        return ""
    if library not in LIBRARIES.get(room, {library}):
        allowed = ["the standard library", *sorted(LIBRARIES[room])]
        return f"{room} stands on {' and '.join(allowed)}"
    if RANKS[room] <= RANKS["services"] and library in EDGE_LIBRARIES:
        return f"{library} belongs to the edges"
    return ""


def _vertical(root: Path, parts: list[str]) -> str:
    """Return the vertical's folder in which a module lies, or nothing."""
    inside = len(parts) > 1 and parts[0] == "design"
    return parts[1] if inside and (root / "src/manufold/design" / parts[1]).is_dir() else ""


def name_breaches(root: Path) -> list[Breach]:
    """Find modules and folders whose name says nothing."""
    return [
        Breach(source.path, f"a module named {part} says nothing; name what it holds")
        for source in sources(root)
        for part in source.parts
        if part in BANNED_MODULES
    ]


def sizes(root: Path) -> dict[tuple[str, str], int]:
    """Return what exceeds SIZES: (path, kind) -> the largest of that kind in the file."""
    found = {}
    folders = [root / name for name in ["src", "tests", "benchmarks", "examples"]]
    paths = [*root.glob("*.py"), *(path for folder in folders for path in folder.rglob("*.py"))]
    for path in sorted(paths):
        text = path.read_text(encoding="utf-8")
        lines = text.splitlines()
        functions = [
            (node.end_lineno or node.lineno) - node.lineno + 1
            for node in ast.walk(ast.parse(text, str(path)))
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        ]
        largest = {"file": len(lines), "function": max(functions, default=0)}
        largest["line"] = max(map(len, lines), default=0)
        name = path.relative_to(root).as_posix()
        found |= {(name, kind): n for kind, n in largest.items() if n > SIZES[kind]}
    return found


def size_breaches(root: Path, exceptions: str) -> list[Breach]:
    """Compare sizes with the exceptions (a line is `path: kind: value`), which only shrink."""
    found = []
    allowed: dict[tuple[str, str], int] = {}
    for line in exceptions.splitlines():
        if line.strip() and not line.startswith("#"):
            path, kind, value = (part.strip() for part in line.split(":"))
            allowed[path, kind] = int(value)
    now = sizes(root)
    for (path, kind), value in now.items():
        limit = allowed.get((path, kind), SIZES[kind])
        if value > limit:
            found.append(Breach(path, f"a {kind} of {value}; the limit is {limit}"))
    for (path, kind), limit in allowed.items():
        value = now.get((path, kind), 0)
        if value < limit:
            mend = f"lower it to {value}" if value else "delete it"
            found.append(
                Breach("house_exceptions.txt", f"{path}: {kind}: {limit} is stale; {mend}")
            )
    return found


def purity_breaches(root: Path) -> list[Breach]:
    """Find clocks, input and output, and unseeded randomness in the model and the engines."""
    found = []
    for source in sources(root):
        if source.room in ENGINES | {"model"}:
            for node, what in _impurities(source.tree):
                found.append(source.breach(node, f"{what} in {source.room}; take it by a port"))
    return found


def _impurities(tree: ast.Module) -> Iterator[tuple[ast.AST, str]]:
    origins = _origins(tree)
    bare_calls = {
        id(node.func): not (node.args or node.keywords)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
    }
    for node in ast.walk(tree):
        if not isinstance(node, ast.Attribute | ast.Name) or not isinstance(node.ctx, ast.Load):
            continue
        name = _origin(node, origins)
        if name in BANNED_CALLS:
            yield node, f"{name} ({BANNED_CALLS[name]})"
        library, _, member = name.rpartition(".")
        if library == "secrets" or name == "random.SystemRandom":
            yield node, f"{name} (global randomness)"
        elif library in {"random", "numpy.random"} and member:
            if member not in SEEDED and not member.endswith("Error"):
                yield node, f"{name} (global randomness)"
            elif bare_calls.get(id(node)):
                yield node, f"{name}() without a seed"


def _origins(tree: ast.Module) -> dict[str, str]:
    """Return what each name of a module stands for; names it makes itself stand for themselves."""
    own = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
    origins = {name: name for name in ["open", "print", "input"] if name not in own}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                top = alias.name.partition(".")[0]
                origins[alias.asname or top] = alias.name if alias.asname else top
        elif isinstance(node, ast.ImportFrom) and not node.level:
            origins |= {a.asname or a.name: f"{node.module}.{a.name}" for a in node.names}
    return origins


def _origin(node: ast.expr, origins: dict[str, str]) -> str:
    """Return the dotted name an expression stands for, or nothing."""
    if isinstance(node, ast.Name):
        return origins.get(node.id, "")
    if isinstance(node, ast.Attribute):
        start = _origin(node.value, origins)
        return f"{start}.{node.attr}" if start else ""
    return ""


def quantity_breaches(root: Path) -> list[Breach]:
    """Find parameters and fields that carry a quantity and do not end in its unit."""
    found = []
    for source in sources(root):
        for node, name, annotation in _annotated(source.tree):
            last = name.lower().rpartition("_")[2]
            if last in QUANTITIES and _is_number(annotation):
                found.append(source.breach(node, f"{name} is a quantity; end it in its unit"))
    return found


def _annotated(tree: ast.Module) -> Iterator[tuple[ast.AST, str, ast.expr]]:
    """Yield parameters and class fields that have an annotation."""
    for node in ast.walk(tree):
        if isinstance(node, ast.arg) and node.annotation is not None:
            yield node, node.arg, node.annotation
        elif isinstance(node, ast.ClassDef):
            for field in node.body:
                if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name):
                    yield field, field.target.id, field.annotation


def _is_number(annotation: ast.expr) -> bool:
    """Say whether an annotation is a number, or a number or None."""
    if isinstance(annotation, ast.Constant) and isinstance(annotation.value, str):
        return _is_number(ast.parse(annotation.value, mode="eval").body)
    if isinstance(annotation, ast.BinOp):
        sides = [annotation.left, annotation.right]
        sides = [s for s in sides if not (isinstance(s, ast.Constant) and s.value is None)]
        return all(map(_is_number, sides))
    if isinstance(annotation, ast.Subscript) and _last_name(annotation.value) == "Optional":
        return _is_number(annotation.slice)
    return _last_name(annotation) in NUMBERS


def _last_name(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def docstring_breaches(root: Path) -> list[Breach]:
    """Find public modules, classes and functions of the inner rooms that tell nothing."""
    found = []
    told = ENGINES | {"model", "services"}
    for source in sources(root):
        if source.room in told and not any(p.startswith("_") for p in source.parts[:-1]):
            places = [source.tree, *source.tree.body]
            for node in places:
                if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef):
                    name = getattr(node, "name", source.parts[-1])
                    private = name.startswith("_") and not isinstance(node, ast.Module)
                    if not private and not ast.get_docstring(node):
                        found.append(source.breach(node, f"{name} has no docstring"))
    return found
