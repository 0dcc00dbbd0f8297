"""Declarations tried out: what is wrong with them, and what they would change; nothing is kept."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from gateway.governing.policy_tests import PolicyTestReport, run_policy_tests
from gateway.governing.simulation import Simulation
from policies.active import PolicySet
from policies.changes import Change, classify
from policies.diff.semantic import Row, changed_rows
from policies.errors import DeclarationError
from policies.impact import Impact, impact_of
from policies.lint.report import LintReport
from policies.lint.run import lint
from policies.load import load_policies

__all__ = ["Trial", "tried_out"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """What would come of declarations; nothing is put in force by it.

    Attributes:
        lint: What is wrong or doubtful.
        policies: The set; None where it cannot be read; it may not follow on the one in force.
        change: What it does to what is in force, as a whole; None where it cannot be read.
        rows: Each thing of which more or less would be allowed.
        impacts: Whom it would touch.
        tests: How its tests went; None where it cannot be read.
        simulation: The questions of the last days asked again; None where that was not wanted.
    """

    lint: LintReport
    policies: PolicySet | None = None
    change: Change | None = None
    rows: tuple[Row, ...] = ()
    impacts: tuple[Impact, ...] = ()
    tests: PolicyTestReport | None = None
    simulation: Simulation | None = None


def tried_out(folder: Path, active: PolicySet | None, now: datetime) -> Trial:
    """Return what a folder of declarations would change.

    Args:
        folder: As for ``policies.load.load_policies``.
        active: What is in force; None where nothing is.
        now: Declarations are judged at this time.
    """
    report = _within(lint(folder, now.date(), before=active), folder)
    try:
        policies = load_policies(folder)
        tests = run_policy_tests(folder)
    except DeclarationError as error:
        found = _within(LintReport(errors=tuple(error.problems)), folder)
        return Trial(lint=report if report.errors else found)
    return Trial(
        lint=report,
        policies=policies,
        change=classify(active, policies),
        rows=() if active is None else changed_rows(active, policies),
        impacts=() if active is None else impact_of(active, policies),
        tests=_tested_within(tests, folder),
    )


def _within(report: LintReport, folder: Path) -> LintReport:
    """Return a report whose files are named as in the folder, wherever that is for the moment."""

    def named(one: DeclarationError) -> DeclarationError:
        return DeclarationError(
            one.message,
            code=one.code,
            remedy=one.remedy,
            file=_file_within(one.file, folder),
            position=one.position,
        )

    return replace(
        report,
        errors=tuple(map(named, report.errors)),
        warnings=tuple(map(named, report.warnings)),
    )


def _tested_within(report: PolicyTestReport, folder: Path) -> PolicyTestReport:
    """Return a report of tests whose files are named in the same way."""
    return replace(
        report,
        failures=tuple(
            replace(one, scene=replace(one.scene, file=_file_within(one.scene.file, folder)))
            for one in report.failures
        ),
    )


def _file_within(file: str, folder: Path) -> str:
    return file.removeprefix(f"{folder}/")
