from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from policies.active import PolicySet
from policies.decide import decide_release, decide_reveal
from policies.decisions import Access, Allow, Decision, Deny, RevealFacts
from policies.errors import DeclarationError
from policies.records import RecordCriteria
from policies.text_operators import Label
from tests.policies.declarations import DATASET, PROJECT, changed, load, make_access

NOTE = "note: {role: free_text, stored: true}"
REVERSIBLE = (
    "note: {role: free_text, stored: true, transform: {kind: deidentify_text, "
    "operators: {NAME: encrypt}, reversible: true, reversible_reason: safety letters}}"
)
BUDGET = '  budget: {pool: ward, epsilon: "10", per_project: "4"}\n'
RECORDS = BUDGET + '  records: {criteria: {k: 11, l: 2, t: "0.4", suppression: "0.1"}}\n'


@pytest.fixture
def active(tmp_path: Path) -> PolicySet:
    dataset = changed(changed(DATASET, NOTE, REVERSIBLE), BUDGET, RECORDS)
    project = changed(PROJECT, "visits: [code, cost]", "visits: [code, cost, note]")
    return load(tmp_path, dataset, project)


def facts(*labels: Label, column: str = "note") -> RevealFacts:
    return RevealFacts(table="visits", column=column, labels=labels)


def denied(decision: Decision) -> Deny:
    assert isinstance(decision, Deny)
    assert decision.reason
    assert decision.remedy
    return decision


def test_a_member_of_a_granted_project_may_reveal_what_is_declared_reversible(
    active: PolicySet,
) -> None:
    assert decide_reveal(make_access(), facts(Label.NAME), active) == Allow()


def test_other_labels_and_columns_are_not_revealed(active: PolicySet) -> None:
    label = denied(decide_reveal(make_access(), facts(Label.NAME, Label.ID), active))
    column = denied(decide_reveal(make_access(), facts(Label.NAME, column="code"), active))
    absent = denied(decide_reveal(make_access(), facts(Label.NAME, column="none"), active))

    assert label.code == column.code == "POL-NOT-REVERSIBLE"
    assert label.at == "/spec/tables/visits/columns/note/transform"
    assert absent.code == "PRJ-COLUMN"


def test_a_column_that_the_project_was_not_granted_is_not_revealed(tmp_path: Path) -> None:
    active = load(tmp_path, changed(DATASET, NOTE, REVERSIBLE))

    assert denied(decide_reveal(make_access(), facts(Label.NAME), active)).code == "PRJ-COLUMN"


OTHERS = (
    (make_access(principal="uni|eve"), "PRJ-NOT-MEMBER"),
    (make_access(principal="uni|bob"), "PRJ-MEMBER-EXPIRED"),
    (make_access(purpose="marketing"), "POL-PURPOSE"),
    (make_access(dataset="other"), "PRJ-DATASET"),
    (make_access(day="2028-01-01"), "PRJ-MEMBER-EXPIRED"),
)


@pytest.mark.parametrize(("access", "code"), OTHERS)
def test_who_may_not_ask_may_neither_reveal_nor_release(
    active: PolicySet, access: Access, code: str
) -> None:
    criteria = RecordCriteria(k=50, l=3, t=Decimal("0.1"), suppression=Decimal(0))

    assert denied(decide_reveal(access, facts(Label.NAME), active)).code == code
    assert denied(decide_release(access, criteria, active)).code == code


def test_records_are_given_by_criteria_as_strict_as_declared(active: PolicySet) -> None:
    least = RecordCriteria(k=11, l=2, t=Decimal("0.4"), suppression=Decimal("0.1"))
    stricter = RecordCriteria(k=12, l=3, t=Decimal("0.2"), suppression=Decimal(0))

    assert decide_release(make_access(), least, active) == Allow()
    assert decide_release(make_access(), stricter, active) == Allow()


@pytest.mark.parametrize(
    "criteria",
    [
        RecordCriteria(k=10, l=2, t=Decimal("0.4"), suppression=Decimal("0.1")),
        RecordCriteria(k=11, l=1, t=Decimal("0.4"), suppression=Decimal("0.1")),
        RecordCriteria(k=11, l=2, t=Decimal("0.5"), suppression=Decimal("0.1")),
        RecordCriteria(k=11, l=2, suppression=Decimal("0.1")),
        RecordCriteria(k=11, l=2, t=Decimal("0.4"), suppression=Decimal("0.2")),
    ],
)
def test_weaker_criteria_are_denied_with_those_that_do(
    active: PolicySet, criteria: RecordCriteria
) -> None:
    denial = denied(decide_release(make_access(), criteria, active))

    assert denial.code == "REL-CRITERIA"
    assert "k 11 or more, l 2 or more, t 0.4 or less, suppression 0.1 or less" in denial.remedy
    assert denial.at == "/spec/records/criteria"


def test_the_record_door_is_closed_where_nothing_is_said(tmp_path: Path) -> None:
    criteria = RecordCriteria(k=1000)

    assert denied(decide_release(make_access(), criteria, load(tmp_path))).code == "REL-CLOSED"


def test_classes_of_fewer_than_five_cannot_be_declared(tmp_path: Path) -> None:
    dataset = changed(DATASET, BUDGET, BUDGET + "  records: {criteria: {k: 4}}\n")

    with pytest.raises(DeclarationError, match=r"ward\.yaml:\d+:\d+ REL-K-LOW"):
        load(tmp_path, dataset)


def test_criteria_without_t_say_nothing_of_it() -> None:
    assert " t " not in str(RecordCriteria(k=5))
