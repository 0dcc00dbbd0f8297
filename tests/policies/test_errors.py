from __future__ import annotations

import pytest

from policies.errors import (
    BudgetExceededError,
    CombinedDeclarationError,
    DeclarationError,
    GatewayError,
    InternalError,
    PolicyDeniedError,
    Position,
    SourceError,
    UnsupportedQueryError,
)


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (GatewayError("found"), "found"),
        (GatewayError("found", code="SYS-OTHER", remedy="do"), "found; do"),
        (DeclarationError("found"), "KEY-INVALID found"),
        (DeclarationError("found", remedy="do", file="a.yaml"), "a.yaml KEY-INVALID found; do"),
        (
            DeclarationError("found", code="YAML-DUP", file="a.yaml", position=Position(2, 5)),
            "a.yaml:2:5 YAML-DUP found",
        ),
        (SourceError("found"), "SRC-INVALID found"),
        (SourceError("found", file="a.csv", line=7, remedy="do"), "a.csv:7 SRC-INVALID found; do"),
        (UnsupportedQueryError("found", position=Position(1, 2)), "found"),
        (PolicyDeniedError("found", rule="cells", remedy="do"), "found; do"),
        (BudgetExceededError("found"), "found"),
        (
            InternalError("ab12"),
            "internal error, incident ab12; give the incident id to whoever runs this gateway",
        ),
    ],
)
def test_an_error_is_one_line_with_its_place_and_remedy(error: GatewayError, text: str) -> None:
    assert str(error) == text


def test_an_error_keeps_its_own_code_or_that_of_its_class() -> None:
    assert GatewayError("x").code == "SYS-ERROR"
    assert GatewayError("x", code="SYS-OTHER").code == "SYS-OTHER"
    assert InternalError("ab12").incident == "ab12"


def test_several_problems_are_one_error_with_a_line_for_each() -> None:
    first, second = DeclarationError("one", file="a"), DeclarationError("two", code="YAML-DUP")
    error = CombinedDeclarationError((first, second))

    assert str(error) == f"{first}\n{second}"
    assert error.problems == (first, second)
    assert (error.code, error.file) == (first.code, "a")
    assert first.problems == (first,)
