from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from policies.active import PolicySet
from policies.changes import Change, classify
from policies.diff.semantic import changed_rows
from policies.load import load_policies
from tests.policies.declarations import DATASET, PROJECT, changed, load, write_policies
from tests.policies.test_approvals import APPROVALS, write

Edit = Callable[[str], str]


def after(root: Path, dataset: str = DATASET, project: str = PROJECT) -> Change:
    before = load(root / "before")
    return classify(before, load(root / "after", dataset, project))


def test_where_nothing_was_everything_is_more(tmp_path: Path) -> None:
    assert classify(None, load(tmp_path)) is Change.WIDENS


def test_the_same_files_change_nothing(tmp_path: Path) -> None:
    assert after(tmp_path) is Change.NEUTRAL


def test_a_member_or_a_project_less_narrows(tmp_path: Path) -> None:
    line = '    - {user: "uni|bob", role: principal_investigator, until: 2026-03-31}\n'
    assert after(tmp_path, project=changed(PROJECT, line, "")) is Change.NARROWS
    (tmp_path / "after" / "projects" / "sugar.yaml").unlink()
    gone = load_policies(tmp_path / "after")

    assert classify(load(tmp_path / "before"), gone) is Change.NARROWS
    assert classify(gone, load(tmp_path / "before")) is Change.WIDENS


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("until: 2027-03-31", "until: 2027-04-30"),
        ("expires_at: 2027-06-30", "expires_at: 2027-07-01"),
        ('epsilon: "2"', 'epsilon: "3"'),
        ('{user: "uni|ann"', '{user: "uni|eve"'),
        ("purposes: [epidemiology]", "purposes: [planning]"),
    ],
)
def test_whatever_is_not_plainly_less_widens(tmp_path: Path, old: str, new: str) -> None:
    assert after(tmp_path, project=changed(PROJECT, old, new)) is Change.WIDENS


def test_a_changed_dataset_widens(tmp_path: Path) -> None:
    assert after(tmp_path, changed(DATASET, "suppress_below: 5", "suppress_below: 4")) is (
        Change.WIDENS
    )


def test_a_title_alone_changes_nothing_that_is_allowed(tmp_path: Path) -> None:
    assert after(tmp_path, project=changed(PROJECT, "title: Sugar", "title: Sweet")) is (
        Change.NEUTRAL
    )


def test_other_rules_or_keys_of_approvals_widen_and_another_author_does_not(
    tmp_path: Path,
) -> None:
    def ruled(name: str, text: str, people: str = "bea cid") -> PolicySet:
        return load_policies(write(tmp_path / name, text, people))

    before = ruled("before", APPROVALS)
    assert classify(before, ruled("rules", APPROVALS.replace("}", ", widen: {min: 2}}"))) is (
        Change.NEUTRAL
    )
    more = APPROVALS.replace("}", ", narrow: {roles: [auditor, data_steward]}}")
    assert classify(before, ruled("more", more)) is Change.WIDENS
    assert classify(before, ruled("keys", APPROVALS, "bea cid dan")) is Change.WIDENS
    other = APPROVALS.replace("author: ada", "author: eve")
    assert classify(before, ruled("author", other)) is Change.NEUTRAL
    plain = load_policies(write_policies(tmp_path / "plain"))
    assert classify(before, plain) is Change.WIDENS
    assert classify(plain, before) is Change.WIDENS


def test_rules_of_approval_that_come_or_go_are_told_in_words(tmp_path: Path) -> None:
    asked = load_policies(write(tmp_path / "asked", APPROVALS, "bea cid"))
    plain = load_policies(write_policies(tmp_path / "plain"))
    rows = {row.subject: row for row in changed_rows(asked, plain)}

    assert rows["approvals"].after == "nothing"
    assert rows["approvals"].before.startswith("required, author ada; widen: 2 of data_steward or")
    assert " of bea (" in rows["keys"].before
    assert rows["keys"].after == "none"
    for row in rows.values():
        assert "=" not in row.before + row.after


@pytest.mark.parametrize("demand", ["widen", "narrow", "suspend", "release"])
def test_who_may_approve_anything_is_never_for_one_to_change(tmp_path: Path, demand: str) -> None:
    def ruled(name: str, spec: str) -> PolicySet:
        root = write_policies(tmp_path / name)
        write(root, spec)
        return load_policies(root)

    fewest = {"widen": 2, "release": 2}.get(demand, 1)
    stricter = f", {demand}: {{min: {fewest}, roles: [data_steward]}}}}"
    before = ruled("before", APPROVALS)

    assert classify(before, ruled("after", APPROVALS.replace("}", stricter))) is Change.WIDENS
