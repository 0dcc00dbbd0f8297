from __future__ import annotations

from pathlib import Path

from policies.active import PolicySet
from policies.impact import Impact, Touched, impact_of
from tests.policies.declarations import DATASET, PROJECT, changed, load


def impact(root: Path, dataset: str = DATASET, project: str = PROJECT) -> dict[str, Impact]:
    before, after = load(root / "before"), load(root / "after", dataset, project)
    return {one.subject: one for one in impact_of(before, after)}


def test_the_same_touches_nobody(tmp_path: Path) -> None:
    assert impact(tmp_path) == {}


def test_a_change_of_a_dataset_touches_all_who_may_ask_it(tmp_path: Path) -> None:
    text = changed(DATASET, "aggregates: [mean, sum]", "aggregates: [mean]")
    found = impact(tmp_path, changed(text, "suppress_below: 5", "suppress_below: 6"))

    assert found["dataset/ward"] == Impact(
        subject="dataset/ward",
        state="changed",
        members=("uni|ann", "uni|bob"),
        touched=(
            Touched(what="columns", changed=("patients.age",)),
            Touched(what="queries", changed=("suppress_below 5 -> 6",)),
        ),
    )
    assert found["project/sugar"].touched == (
        Touched(what="columns", changed=("ward.patients.age",)),
    )


def test_tables_and_budgets_are_told(tmp_path: Path) -> None:
    text = changed(DATASET, "max_rows_per_unit: 20", "max_rows_per_unit: 30")
    found = impact(tmp_path, changed(text, 'epsilon: "10"', 'epsilon: "12"'))

    assert set(found) == {"dataset/ward"}
    assert found["dataset/ward"].touched == (
        Touched(what="tables", changed=("visits",)),
        Touched(what="budget", changed=("epsilon 10 -> 12",)),
    )


def test_a_change_of_a_project_touches_its_members_of_before_and_after(tmp_path: Path) -> None:
    text = changed(PROJECT, "patients: [sex, age]", "patients: [sex, county]")
    text = changed(text, '{user: "uni|bob"', '{user: "uni|eve"')
    text = changed(text, "until: 2027-03-31", "until: 2027-04-30")
    text = changed(text, "expires_at: 2027-06-30", "expires_at: 2027-05-31")
    text = changed(text, "purposes: [epidemiology]", "purposes: [planning]")
    (one,) = impact(tmp_path, project=changed(text, 'epsilon: "2"', 'epsilon: "1.5"')).values()

    assert one.members == ("uni|ann", "uni|bob", "uni|eve")
    assert one.touched == (
        Touched(what="columns", lost=("ward.patients.age",)),
        Touched(what="members", gained=("uni|eve",), lost=("uni|bob",), changed=("uni|ann",)),
        Touched(what="purposes", gained=("planning",), lost=("epidemiology",)),
        Touched(what="budget", changed=("epsilon 2 -> 1.5",)),
        Touched(what="days", changed=("expires_at 2027-06-30 -> 2027-05-31",)),
    )


def test_what_is_new_and_what_is_gone(tmp_path: Path) -> None:
    active = load(tmp_path)

    assert {(one.subject, one.state) for one in impact_of(PolicySet(), active)} == {
        ("dataset/ward", "new"),
        ("project/sugar", "new"),
    }
    assert {(one.subject, one.state) for one in impact_of(active, PolicySet())} == {
        ("dataset/ward", "gone"),
        ("project/sugar", "gone"),
    }


def test_a_project_that_is_given_records_is_told_of_which_columns(tmp_path: Path) -> None:
    door = "  releases: {allowed: allowed, k_anonymity: {k: 11}, standard: hipaa_safe_harbor}\n"
    text = changed(DATASET, "  budget: {pool", f"{door}  budget: {{pool")
    text = changed(text, "code: {role: sensitive,", "code: {role: sensitive, release: keep,")
    project = changed(PROJECT, "    - id: ward\n", "    - id: ward\n      releases: allowed\n")
    before, after = load(tmp_path / "before", text), load(tmp_path / "after", text, project)
    (one,) = impact_of(before, after)
    opened = impact(tmp_path / "opened", text)["dataset/ward"]

    assert one.touched == (
        Touched(what="records", gained=("ward.visits.code", "ward.visits.patient")),
    )
    assert {each.what for each in opened.touched} == {"columns", "releases"}
