"""Lint: all that is wrong or doubtful in a folder of declarations, and in its tests."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import TypeAlias

from policies.active import PolicySet
from policies.cases import load_tests
from policies.datasets import DatasetPolicy
from policies.declared import Declarations
from policies.errors import DeclarationError
from policies.lint.report import LintReport
from policies.lint.source import SourceColumns, find_equal_categories, find_other_columns
from policies.lint.succession import find_broken_succession
from policies.lint.warnings import WARNINGS
from policies.load import read_declarations

__all__ = ["ReadSource", "lint"]

ReadSource: TypeAlias = Callable[[DatasetPolicy], Mapping[str, SourceColumns]]
"""Reads what a dataset's files hold, by table."""


def lint(
    folder: Path,
    today: date,
    *,
    read_source: ReadSource | None = None,
    before: PolicySet | None = None,
) -> LintReport:
    """Check a folder of declarations, and tell all that was found.

    Args:
        folder: As for ``policies.load.load_policies``.
        today: The day on which it is checked.
        read_source: Reads the data that is declared; None leaves the data out.
        before: The declarations in force, whose place these are to take; None leaves them out.

    Returns:
        The report. Warnings are looked for only where no declaration is wrong.
    """
    errors = _unreadable_tests(folder)
    try:
        declarations = read_declarations(folder)
    except DeclarationError as error:
        return LintReport(errors=tuple(sorted((*error.problems, *errors), key=_place)))
    if before is not None:
        errors += find_broken_succession(declarations, before)
    warnings = [found for find in WARNINGS for found in find(declarations, today)]
    if read_source is not None:
        for dataset in declarations.datasets:
            source = read_source(dataset.policy)
            errors += find_other_columns(dataset, source)
            warnings += find_equal_categories(dataset, source)
    return _report(declarations, errors, warnings)


def _unreadable_tests(folder: Path) -> list[DeclarationError]:
    """Return what is wrong with the files of tests; whether they pass is another question."""
    try:
        load_tests(folder)
    except DeclarationError as error:
        return list(error.problems)
    return []


def _report(
    declarations: Declarations, errors: list[DeclarationError], warnings: list[DeclarationError]
) -> LintReport:
    return LintReport(
        errors=tuple(sorted(errors, key=_place)),
        warnings=tuple(sorted(warnings, key=_place)),
        digest="" if errors else declarations.digest,
        datasets=len(declarations.datasets),
        projects=len(declarations.projects),
    )


def _place(problem: DeclarationError) -> tuple[str, int, int]:
    where = problem.position
    return (problem.file, *((0, 0) if where is None else (where.line, where.column)))
