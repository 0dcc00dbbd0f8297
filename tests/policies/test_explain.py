from __future__ import annotations

from pathlib import Path

import pytest

from policies.active import PolicySet
from policies.decide import SEAT_RULES, STANDING_RULES, USE_RULES, decide_access, decide_use
from policies.decisions import Access, Deny
from policies.explain import Node, explain_access, explain_use
from policies.places import Places
from tests.policies.declarations import DATASET, changed, load, make_access, make_facts


def explained(active: PolicySet, access: Access) -> tuple[Node, ...]:
    return explain_access(access, active, Places(active))[0]


def test_every_rule_says_something_and_names_a_line(tmp_path: Path) -> None:
    active = load(tmp_path)
    nodes, standing = explain_access(make_access(), active, Places(active))
    assert standing is not None
    facts = make_facts(
        ("patients", "sex", "group"), ("visits", "cost", "sum"), tables=("patients",)
    )
    nodes += explain_use(standing, facts, Places(active))

    rules = (*SEAT_RULES, *STANDING_RULES, *USE_RULES)
    names = {rule.__module__.rpartition(".")[2] for rule in rules}
    assert {node.rule for node in nodes} == names | {"project_member", "dataset_granted"}
    assert all(node.outcome == "allow" and node.place is not None for node in nodes)
    parts = [part for node in nodes for part in node.parts]
    assert {part.about for part in parts} == {"patients.sex as group", "visits.cost as sum"}
    assert all(part.place is not None for part in parts)


@pytest.mark.parametrize(
    ("access", "code", "line"),
    [
        (make_access(principal="uni|eve"), "PRJ-NOT-MEMBER", None),
        (make_access(project="other"), "PRJ-NOT-MEMBER", None),
        (make_access(principal="uni|bob"), "PRJ-MEMBER-EXPIRED", "sugar.yaml:17"),
        (make_access(dataset="other"), "PRJ-DATASET", "sugar.yaml:11"),
        (make_access(day="2026-01-02"), "PRJ-NOT-YET", "sugar.yaml:8"),
        (make_access(purpose="planning"), "POL-PURPOSE", "sugar.yaml:14"),
    ],
)
def test_a_denial_of_who_asks_is_the_last_node_and_the_decision(
    tmp_path: Path, access: Access, code: str, line: str | None
) -> None:
    active = load(tmp_path)
    nodes = explained(active, access)
    decision = decide_access(access, active)
    assert isinstance(decision, Deny)

    assert [node.outcome for node in nodes] == ["allow"] * (len(nodes) - 1) + ["deny"]
    assert (nodes[-1].code, nodes[-1].rule, nodes[-1].reason) == (
        code,
        decision.rule,
        decision.reason,
    )
    assert decision.code == code
    if line is None:
        assert nodes[-1].place is None
    else:
        assert str(nodes[-1].place).startswith(f"projects/{line}:")


def test_a_denied_use_names_the_column_and_its_line(tmp_path: Path) -> None:
    active = load(tmp_path)
    _, standing = explain_access(make_access(), active, Places(active))
    assert standing is not None
    facts = make_facts(("patients", "sex", "filter"), ("patients", "ssn", "filter"))
    nodes = {node.rule: node for node in explain_use(standing, facts, Places(active))}
    role = nodes["column_role"]
    sex, ssn = sorted(role.parts, key=lambda part: part.about)

    assert (role.outcome, role.code, sex.outcome, ssn.outcome) == (
        "deny",
        "POL-COLUMN-ROLE",
        "allow",
        "deny",
    )
    assert str(ssn.place) == str(role.place)
    number = next(n for n, one in enumerate(DATASET.splitlines(), 1) if "ssn:" in one)
    assert str(ssn.place).startswith(f"datasets/ward.yaml:{number}:")
    assert nodes["columns_granted"].code == "PRJ-COLUMN"
    first = decide_use(make_access(), facts, active)
    denials = [node.code for node in nodes.values() if node.outcome == "deny"]
    assert isinstance(first, Deny)
    assert denials[0] == first.code


def test_a_set_without_files_is_explained_without_lines(tmp_path: Path) -> None:
    whole = load(tmp_path, changed(DATASET, "suppress_below: 5", "suppress_below: 0"))
    bare = PolicySet(datasets=whole.datasets, projects=whole.projects)

    assert all(node.place is None for node in explained(bare, make_access()))
