"""Arrays whose references nobody counts are used only where that is sound."""

import ast
from pathlib import Path

import numba
import numpy as np
import pytest

import manufold.scheduling
from manufold.scheduling.kernel import unowned

FILES = sorted(Path(manufold.scheduling.__path__[0]).rglob("*.py"))
CLOSURES = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp, ast.Lambda, ast.FunctionDef)


def test_what_is_written_through_them_arrives():
    """A kernel writes to arrays in nested tuples; the caller's arrays hold it afterwards."""

    @numba.njit
    def written(both):
        (whole, halves), count = unowned(both)
        whole[1] += 7
        halves[0, 1] = 0.5
        return count

    whole, halves = np.zeros(3, dtype=np.int32), np.zeros((2, 2))
    assert written(((whole, halves), 4)) == 4
    assert whole.tolist() == [0, 7, 0] and halves.tolist() == [[0, 0.5], [0, 0]]


def _users() -> list[tuple[str, ast.FunctionDef]]:
    found = []
    for file in FILES:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef) and any(
                isinstance(call, ast.Call) and getattr(call.func, "id", "") == "unowned"
                for call in ast.walk(node)
            ):
                found.append((f"{file.name}:{node.name}", node))
    return found


@pytest.mark.parametrize(
    ("name", "kernel"), _users(), ids=lambda one: one if str(one) == one else ""
)
def test_no_kernel_that_uses_them_has_closures(name, kernel):
    """Numba drops writes in such a kernel; and only arguments are made unowned there."""
    inner = [node for node in ast.walk(kernel) if node is not kernel and isinstance(node, CLOSURES)]
    assert not inner, f"a closure in line {inner[0].lineno}"
    given = {argument.arg for argument in kernel.args.args}
    for call in ast.walk(kernel):
        if isinstance(call, ast.Call) and getattr(call.func, "id", "") == "unowned":
            assert {
                node.id for node in ast.walk(call.args[0]) if isinstance(node, ast.Name)
            } <= given
