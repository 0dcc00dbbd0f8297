"""What a set of declarations must stand before it is put in force, whoever approves it."""

from __future__ import annotations

from pathlib import Path

from gateway.governing.policy_tests import run_policy_tests
from policies.active import PolicySet
from policies.declared import Declarations
from policies.lint.succession import find_broken_succession
from policies.load import policy_set
from policies.validation import combined

__all__ = ["UNTESTED", "check_gates", "check_tests"]

UNTESTED = (
    "no tests lie beside the declarations, so nothing says what they are to allow; "
    "write policies/tests/*.yaml"
)
"""Told where a set goes through without a test."""


def check_gates(
    folder: Path, declarations: Declarations, before: PolicySet | None
) -> tuple[str, ...]:
    """Check that a set follows on the one in force, and does what its tests expect.

    What is wrong with it by itself was found when it was read.

    Args:
        folder: In which its tests lie.
        declarations: The set.
        before: What is in force; None for nothing.

    Returns:
        What is allowed and mostly not meant, in words.

    Raises:
        DeclarationError: ``TST-FAILED``, or as ``policies.lint.succession`` says; its ``problems``
            are all that were found.
    """
    problems = [] if before is None else list(find_broken_succession(declarations, before))
    report = run_policy_tests(folder, policy_set(declarations))
    problems += [failure.error() for failure in report.failures]
    if problems:
        raise combined(problems)
    return () if report.run else (UNTESTED,)


def check_tests(folder: Path, policies: PolicySet) -> None:
    """Check that a set does what the tests beside it expect, where there are any.

    Raises:
        DeclarationError: ``TST-FAILED``; its ``problems`` are all that were found.
    """
    failures = run_policy_tests(folder, policies).failures
    if failures:
        raise combined([failure.error() for failure in failures])
