from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.sources import PACKAGES, ROOT, modules, named, tree, versioned

MAX_LINES = 300
MAX_FUNCTION_LINES = 40
BANNED_NAMES = {"utils", "util", "helpers", "common", "manager", "handler", "data", "info"}
TOP_LEVEL = {
    *(".ci", ".gitignore", "CHANGELOG.md", "LICENSE", "README.md", "pyproject.toml"),
    *("anonymizers", "benchmarks", "docs", "gateway", "policies", "query", "tests"),
}
Function = ast.FunctionDef | ast.AsyncFunctionDef


def functions(path: Path) -> Iterator[Function]:
    return (node for node in ast.walk(tree(path)) if isinstance(node, Function))


def body_lines(function: Function) -> int:
    """Count a function's lines from ``def`` to its end, its docstring left out."""
    lines = (function.end_lineno or function.lineno) - function.lineno + 1
    first = function.body[0]
    if ast.get_docstring(function) is not None and first.end_lineno is not None:
        lines -= first.end_lineno - first.lineno + 1
    return lines


def test_there_is_something_to_check() -> None:
    for package in PACKAGES:
        assert modules(package)
    assert len(modules(*PACKAGES)) >= 30


def test_modules_have_at_most_300_lines() -> None:
    long = {
        named(path): lines
        for path in modules(*PACKAGES, "tests", "benchmarks")
        if (lines := len(path.read_text(encoding="utf-8").splitlines())) > MAX_LINES
        and not (path.is_relative_to(ROOT / "tests") and path.name.startswith("test_"))
    }
    assert not long


def test_functions_have_at_most_40_lines() -> None:
    long = {
        f"{named(path)}:{function.name}": lines
        for path in modules(*PACKAGES)
        for function in functions(path)
        if (lines := body_lines(function)) > MAX_FUNCTION_LINES
    }
    assert not long


def test_a_docstring_does_not_count_as_length() -> None:
    text = 'def f():\n    """One.\n\n    Two.\n    """\n    return 1\n'
    (function,) = ast.parse(text).body
    assert isinstance(function, ast.FunctionDef)
    assert body_lines(function) == 2


def allowed_in_init(node: ast.stmt) -> bool:
    match node:
        case ast.Expr(value=ast.Constant(value=str())) | ast.Import() | ast.ImportFrom():
            return True
        case ast.Assign(targets=[ast.Name(id="__all__")]):
            return True
        case _:
            return False


def test_an_init_is_a_docstring_imports_and_names() -> None:
    more = [
        f"{named(path)}:{node.lineno}"
        for path in modules(*PACKAGES)
        if path.name == "__init__.py"
        for node in tree(path).body
        if not allowed_in_init(node)
    ]
    assert not more


def test_every_module_and_package_says_what_it_is() -> None:
    silent = [named(path) for path in modules(*PACKAGES) if not ast.get_docstring(tree(path))]
    assert not silent


def test_no_module_has_a_name_that_says_nothing() -> None:
    vague = [
        named(path)
        for path in modules(*PACKAGES, "tests", "benchmarks")
        if BANNED_NAMES & {path.stem, path.stem.removeprefix("test_"), path.parent.name}
    ]
    assert not vague


def test_no_name_in_a_module_says_nothing() -> None:
    vague = [
        f"{named(path)}:{node.lineno} {node.name}"
        for path in modules(*PACKAGES)
        for node in ast.walk(tree(path))
        if isinstance(node, ast.ClassDef)
        and re.search(r"(Manager|Handler|Helper|Utils?|Info|Data)$", node.name)
    ]
    assert not vague


def test_the_top_level_is_fixed() -> None:
    assert {path.parts[0] for path in versioned()} <= TOP_LEVEL


def test_no_file_is_empty_but_those_that_must_be() -> None:
    empty = [
        path
        for path in versioned()
        if (ROOT / path).stat().st_size == 0 and path.name not in {"__init__.py", "py.typed"}
    ]
    assert not empty


@pytest.mark.parametrize("package", PACKAGES)
def test_each_package_is_typed(package: str) -> None:
    assert (ROOT / package / "py.typed").is_file()
