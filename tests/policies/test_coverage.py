from __future__ import annotations

from pathlib import Path

import pytest

from policies.coverage import Target, hits, targets
from policies.decide import decide_access, decide_use
from policies.decisions import Deny
from policies.query_use import Aggregate
from tests.policies.declarations import PROJECT, changed, load, make_access, make_facts


def columns(found: frozenset[Target]) -> set[str]:
    return {one.name for one in found if one.kind == "column"}


def test_everything_but_directories_can_be_looked_at(tmp_path: Path) -> None:
    found = targets(load(tmp_path))

    assert {"patients.ssn", "visits.note", "calendar.day"} <= columns(found)
    assert "staff.name" not in columns(found)
    assert Target("ward", "purpose", "planning") in found
    assert Target("ward", "aggregate", "mean") in found
    assert str(Target("ward", "column", "patients.age")) == "ward: column patients.age"
    assert len(found) == 5 + 5 + 2 + 4 + 2


def test_an_allowed_question_hits_all_that_it_uses(tmp_path: Path) -> None:
    active, access = load(tmp_path), make_access()
    facts = make_facts(
        ("patients", "age", "mean"), ("patients", "sex", "group"), aggregates=(Aggregate.MEAN,)
    )

    assert hits(access, facts, None, active) == {
        Target("ward", "column", "patients.age"),
        Target("ward", "column", "patients.sex"),
        Target("ward", "aggregate", "mean"),
        Target("ward", "purpose", "epidemiology"),
    }


def test_a_denial_hits_the_columns_that_it_is_about(tmp_path: Path) -> None:
    project = changed(PROJECT, "patients: [sex, age]", "patients: [sex]")
    active, access = load(tmp_path, project=project), make_access()
    facts = make_facts(("patients", "age", "filter"), ("patients", "sex", "filter"))
    denied = decide_use(access, facts, active)
    assert isinstance(denied, Deny)

    assert columns(hits(access, facts, denied, active)) == {"patients.age"}


def test_a_denied_aggregate_is_hit_with_its_column(tmp_path: Path) -> None:
    active, access = load(tmp_path), make_access()
    facts = make_facts(("patients", "age", "count"))
    denied = decide_use(access, facts, active)
    assert isinstance(denied, Deny)

    assert hits(access, facts, denied, active) == {
        Target("ward", "column", "patients.age"),
        Target("ward", "aggregate", "count"),
    }


def test_a_denied_purpose_is_hit_and_a_stranger_hits_nothing(tmp_path: Path) -> None:
    active = load(tmp_path)
    access, stranger = make_access(purpose="planning"), make_access(principal="uni|eve")
    purpose, member = decide_access(access, active), decide_access(stranger, active)
    assert isinstance(purpose, Deny)
    assert isinstance(member, Deny)

    assert hits(access, make_facts(), purpose, active) == {Target("ward", "purpose", "planning")}
    assert not hits(stranger, make_facts(), member, active) & targets(active)
    assert not hits(stranger, None, member, active)


@pytest.mark.parametrize("kind", ["project", "dataset"])
def test_what_is_suspended_is_denied_whatever_else_is_asked(tmp_path: Path, kind: str) -> None:
    active = load(tmp_path)
    name = {"project": "sugar", "dataset": "ward"}[kind]
    stopped = active.with_suspended({f"{kind}/{name}"})
    decision = decide_access(make_access(), stopped)
    assert isinstance(decision, Deny)

    assert (decision.code, decision.policy) == ("POL-SUSPENDED", name)
    assert decide_access(make_access(), active.with_suspended({"dataset/other"})) == (
        decide_access(make_access(), active)
    )
    assert active.with_suspended(()) is active
    assert stopped.digest == active.digest
