from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from policies.errors import PolicyDeniedError, UnsupportedQueryError
from query.answers import Request
from query.trials import try_question
from tests.factories import make_access, make_policies, make_request

POLICIES = make_policies()


def test_an_allowed_question_has_its_facts_and_its_price() -> None:
    trial = try_question(
        make_request(
            "OPTIONS (epsilon = 0.3) SELECT sex, AVG(age) AS a FROM patients GROUP BY sex"
        ),
        POLICIES,
    )

    assert trial.refusal is None
    assert trial.facts is not None
    assert trial.quote is not None
    assert {(use.column, use.way) for use in trial.facts.uses} == {
        ("age", "mean"),
        ("sex", "group"),
    }
    assert trial.quote.loss.parameter == Decimal("0.3")
    assert [one.column for one in trial.quote.aggregates] == ["a"]


def test_a_denied_question_still_has_its_facts() -> None:
    trial = try_question(make_request("SELECT COUNT(*) FROM patients WHERE ssn = 'x'"), POLICIES)

    assert isinstance(trial.refusal, PolicyDeniedError)
    assert trial.quote is None
    assert trial.facts is not None
    assert {use.column for use in trial.facts.uses} == {"ssn"}


def test_a_stranger_is_denied_and_what_was_asked_is_known() -> None:
    request = replace(
        make_request("SELECT COUNT(*) FROM patients"), access=make_access(principal="u|eve")
    )
    trial = try_question(request, POLICIES)

    assert isinstance(trial.refusal, PolicyDeniedError)
    assert trial.facts is not None
    assert trial.facts.tables == ("patients",)


@pytest.mark.parametrize(
    "sql", ["SELECT FROM", "SELECT COUNT(*) FROM nothing", "SELECT sex FROM patients"]
)
def test_what_cannot_be_read_has_no_facts(sql: str) -> None:
    trial = try_question(make_request(sql), POLICIES)

    assert isinstance(trial.refusal, UnsupportedQueryError)
    assert trial.facts is None


def test_of_an_unknown_dataset_nothing_is_known() -> None:
    request: Request = replace(
        make_request("SELECT COUNT(*) FROM patients"), access=make_access(dataset="other")
    )
    trial = try_question(request, POLICIES)

    assert (trial.facts, trial.quote) == (None, None)
    assert trial.refusal is not None
    assert trial.refusal.code == "PRJ-DATASET"
