"""Which codes the source raises or gives as a reason, and with which parameters."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

SOURCE = Path(__file__).parents[2] / "src" / "manufold"
CODE = re.compile(r"[a-z][a-z0-9_]*(\.[a-z0-9_]+)+")
ROOTS = ("InputFault", "CannotMake", "Conflict", "StoreFault", "OurFault", "ExecutorFault")


@dataclass(frozen=True)
class Use:
    """A literal code at a place; `params` is None where they are not literal."""

    code: str
    place: str
    params: frozenset[str] | None


@cache
def _trees() -> tuple[tuple[str, ast.Module], ...]:
    return tuple(
        (str(path.relative_to(SOURCE)), ast.parse(path.read_text(encoding="utf-8")))
        for path in sorted(SOURCE.rglob("*.py"))
    )


@cache
def _refusals() -> frozenset[str]:
    """Return the names of the error classes and of every class that derives from them."""
    found = set(ROOTS)
    bases = {
        node.name: {base.id for base in node.bases if isinstance(base, ast.Name)}
        for _, tree in _trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef)
    }
    while more := {name for name, above in bases.items() if above & found} - found:
        found |= more
    return frozenset(found)


@cache
def uses() -> tuple[Use, ...]:
    """Return every literal code given to a Reason, to a refusal or to event data."""
    return tuple(_uses())


def _uses() -> Iterator[Use]:
    for path, tree in _trees():
        for node in ast.walk(tree):
            for code, given in _said(node):
                yield Use(code, f"{path}:{node.lineno}", _dict_keys(given))
            if not isinstance(node, ast.Call) or not node.args:
                continue
            name = (
                node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
            )
            if name == "Reason":
                given = node.args[1] if len(node.args) > 1 else None
                params = _dict_keys(given)
            elif name in _refusals():
                params = _keywords(node)
            else:
                continue
            for code in _codes(node.args[0]):
                yield Use(code, f"{path}:{node.lineno}", params)


def _said(node: ast.AST) -> Iterator[tuple[str, ast.expr | None]]:
    """Yield codes that event data carry: {"code": ..., "params": ...}, or as keywords."""
    named: dict[object, ast.expr] = {}
    if isinstance(node, ast.Dict):
        named = {
            key.value: value
            for key, value in zip(node.keys, node.values, strict=True)
            if isinstance(key, ast.Constant)
        }
    elif isinstance(node, ast.Call):
        named = {keyword.arg: keyword.value for keyword in node.keywords}
    if "code" in named and "params" in named:
        for code in _codes(named["code"]):
            yield code, named["params"]


def _codes(node: ast.expr) -> Iterator[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.IfExp):
        yield from _codes(node.body)
        yield from _codes(node.orelse)


def _dict_keys(node: ast.expr | None) -> frozenset[str] | None:
    if not isinstance(node, ast.Dict):
        return None
    keys = [key.value if isinstance(key, ast.Constant) else None for key in node.keys]
    return None if None in keys else frozenset(str(key) for key in keys)


def _keywords(node: ast.Call) -> frozenset[str] | None:
    names = [keyword.arg for keyword in node.keywords]
    return None if None in names else frozenset(str(n) for n in names if n != "faults")


@cache
def mentioned() -> frozenset[str]:
    """Return every string of the source that has the shape of a code, wherever it stands."""
    return frozenset(
        node.value
        for _, tree in _trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and CODE.fullmatch(node.value)
    )
