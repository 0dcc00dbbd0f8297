from __future__ import annotations

import re
from pathlib import Path

import pytest

from gateway.drafting.projects import (
    DraftedProject,
    MemberRow,
    members_of,
    project_file,
    project_id_of,
    with_members,
)
from gateway.errors import RequestError
from policies.documents import parse_document

DEMO = Path("policies/examples/demo/projects/demo-diabetes-care.yaml").read_text(encoding="utf-8")
BEA = MemberRow(user="uni|bea", role="researcher", until="2030-01-31")


def test_new_members_change_nothing_else_not_even_a_comment() -> None:
    before = members_of(DEMO)
    changed = with_members(DEMO, (*before, BEA), version=2)
    gone = set(DEMO.splitlines()) - set(changed.splitlines())

    assert members_of(changed) == (*before, BEA)
    assert {line.strip() for line in gone} == {
        "version: 1",
        "- {user: demo|researcher, role: researcher, until: 2036-06-30}",
    }
    assert "# This project has no use for them" in changed
    assert "  version: 2\n" in changed


def test_a_training_stays_with_its_member() -> None:
    text = DEMO.replace(
        "until: 2036-06-30}",
        "until: 2036-06-30, training: {course: five safes, valid_until: 2030-01-31}}",
        1,
    )
    changed = parse_document(with_members(text, (*members_of(text), BEA), version=2).encode(), "x")

    assert changed.tree["spec"]["members"] == [  # type: ignore[call-overload,index]  # a tree
        {
            "user": "demo|researcher",
            "role": "researcher",
            "until": "2036-06-30",
            "training": {"course": "five safes", "valid_until": "2030-01-31"},
        },
        {"user": BEA.user, "role": BEA.role, "until": BEA.until},
    ]


def test_a_version_does_not_fall_and_nobody_may_be_left() -> None:
    changed = with_members(DEMO.replace("version: 1", "version: 12"), (), version=2)

    assert "  version: 12\n" in changed
    assert "  members: []\n" in changed
    assert members_of(changed) == ()


@pytest.mark.parametrize(
    "block",
    [
        "  members:\n    - user: demo|ann\n      role: researcher\n      until: 2030-01-01\n",
        "  members:\n  - {user: demo|researcher, role: researcher, until: 2036-06-30}\n",
        "  members: [{user: demo|researcher, role: researcher, until: 2036-06-30}]\n",
        "  members:\n    - {user: demo|researcher, role: researcher, until: 2036-06-30}\n\n",
    ],
)
def test_members_are_found_however_they_are_written(block: str) -> None:
    text = re.sub(r"  members:\n.*\n", lambda _: block, DEMO)
    changed = with_members(text, (BEA,), version=1)

    assert members_of(changed) == (BEA,)
    assert changed.rstrip().endswith('budget: {epsilon: "8", per_researcher: "4"}')


def test_what_else_is_said_of_a_member_stays_with_them() -> None:
    text = DEMO.replace("until: 2036-06-30}\n", 'until: 2036-06-30, trained: "2026-02-01"}\n')
    changed = with_members(text, (*members_of(text), BEA), version=1)

    assert changed.count('"trained": "2026-02-01"') == 1
    assert re.search(r'"demo\|researcher".*trained', changed)


@pytest.mark.parametrize(
    "text",
    [
        DEMO.replace("  members:\n", "  members:  # checked in May\n"),
        DEMO.replace("  members:\n", "  members:\n    # checked in May\n"),
        DEMO.replace("kind: ProjectPolicy", "kind: DatasetPolicy"),
        DEMO.replace("version: 1", "version: one"),
        DEMO.replace("  members:\n", "  people:\n"),
        re.sub(r"  members:\n.*\n", "  members: nobody\n", DEMO),
        re.sub(r"  members:\n.*\n", "  members: [{role: researcher}]\n", DEMO),
        re.sub(r"(?s)spec:.*", "spec: {members: [], purposes: [x]}\n", DEMO),
        "a: [",
    ],
)
def test_what_would_be_lost_is_left_to_the_editor(text: str) -> None:
    with pytest.raises(RequestError, match="losing something"):
        with_members(text, (BEA,), version=2)


def test_texts_of_a_form_stay_texts() -> None:
    drafted = DraftedProject(
        id="no",
        title='A "title": # 1',
        owner="steward:x\nkind: evil",
        effective_from="2026-01-01",
        expires_at="soon",
        permit={"ethics": "1e3"},
        dataset="yes",
        tables={"null": ["on", "a: b"]},
        private_keys="denied",
        releases="allowed",
        purposes=["- x"],
        members=(BEA,),
        budget={"epsilon": "2", "per_researcher": ""},
    )
    tree = parse_document(project_file(drafted).encode(), "x.yaml").tree

    assert tree["kind"] == "ProjectPolicy"
    assert tree["metadata"] == {
        "id": "no",
        "version": 1,
        "title": 'A "title": # 1',
        "owner": "steward:x\nkind: evil",
        "effective_from": "2026-01-01",
        "expires_at": "soon",
    }
    assert tree["spec"] == {
        "permit": {"ethics": "1e3"},
        "datasets": [
            {
                "id": "yes",
                "tables": {"null": ["on", "a: b"]},
                "private_keys": "denied",
                "releases": "allowed",
            }
        ],
        "purposes": ["- x"],
        "members": [{"user": "uni|bea", "role": "researcher", "until": "2030-01-31"}],
        "budget": {"epsilon": "2"},
    }


@pytest.mark.parametrize(
    ("text", "known"),
    [(DEMO, "demo-diabetes-care"), ("a: [", None), ("kind: DatasetPolicy", None)],
)
def test_a_project_is_known_by_its_id(text: str, known: str | None) -> None:
    assert project_id_of(text) == known
