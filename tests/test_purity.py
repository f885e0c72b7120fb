"""Core and engine do no I/O: the import contracts hold modules off, this holds the builtins off."""

import ast
from collections.abc import Iterator
from pathlib import Path

import nubem_jupyter

PACKAGE = Path(nubem_jupyter.__file__).parent
IMPURE = {"open", "input", "print", "exec", "eval", "compile", "breakpoint", "__import__"}


def impure_calls(source: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in IMPURE:
            yield f"{node.func.id}() in line {node.lineno}"


def test_the_search_finds_what_it_looks_for():
    assert list(impure_calls("x = 1\nopen('f')")) == ["open() in line 2"]
    assert not list(impure_calls("import re\nre.compile('x')\nsorted([])"))


def test_core_and_engine_call_no_builtin_that_touches_the_world():
    found = {
        str(path.relative_to(PACKAGE)): calls
        for room in ("core", "engine")
        for path in (PACKAGE / room).rglob("*.py")
        if (calls := list(impure_calls(path.read_text("utf-8"))))
    }
    assert not found
