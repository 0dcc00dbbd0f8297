"""Records of a table in which a patient has several rows: nothing links them, and k is of each."""

from __future__ import annotations

import csv
import json
import re

import pytest

from policies import decide
from policies.rules.record_links import decide_record_links
from tests.gateway.cli.conftest import Clinic
from tests.gateway.cli.test_release import rows_of
from tests.gateway.clinic import PATIENTS, PLAN
from tests.gateway.record_site import entries

COUNTED = PLAN.replace("id: {role: privacy_unit}", "id: {role: counted_unit}")
RULES_BEFORE = tuple(one for one in decide.RELEASE_RULES if one is not decide_record_links)


@pytest.fixture
def visits(clinic: Clinic) -> Clinic:
    """A clinic in which each patient was seen twice, at another age."""
    clinic.edit("datasets/clinic.yaml", "max_rows_per_unit: 1", "max_rows_per_unit: 2")
    source = clinic.folder / "sources" / "patients.csv"
    rows = rows_of(source)
    again = [{**row, "age": str(20 + (int(row["age"]) * 7) % 40)} for row in rows]
    with source.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows([*rows, *again])
    outcome = clinic.run("ingest", clinic.site, "--dataset", "clinic", "--workers", 0,
                         "--source", clinic.folder / "sources")  # fmt: skip
    assert outcome.code == 0, outcome.err
    clinic.edit("datasets/clinic.yaml", "max_rows: 100", "max_rows: 200")
    return clinic


def test_a_stand_in_of_a_patient_with_several_rows_does_not_leave(visits: Clinic) -> None:
    refused = visits.request()

    assert "REL-LINK" in refused.err
    assert "give id the role counted_unit" in refused.err
    assert entries(visits.site, "record.deny")[-1]["code"] == "REL-LINK"


def test_rows_leave_that_nothing_links_and_that_can_be_traced(visits: Clinic) -> None:
    release = visits.approved(plan=COUNTED)
    exported = visits.export(release)
    rows = rows_of(visits.folder / "out" / "records.csv")
    manifest = json.loads((visits.folder / "out" / "manifest.json").read_text("utf-8"))
    leak = visits.folder / "leak.csv"
    leak.write_text(f"row\n{rows[7]['row']}\n", "utf-8")
    traced = visits.run("release", "trace", leak, visits.site)

    assert exported.code == 0, exported.err
    assert set(rows[0]) == {"sex", "age", "dx", "cost", "row"}
    assert len({row["row"] for row in rows}) == len(rows) > PATIENTS
    assert all(re.fullmatch(r"[a-z2-7]{26}", row["row"]) for row in rows)
    assert manifest["columns"]["id"] == "counted_unit"
    assert "rows of one unit cannot be linked" in manifest["notice"]
    assert release in traced.out


def test_the_plan_to_start_from_says_that_rows_are_not_linked(visits: Clinic) -> None:
    what = ("--project", "cohort", "--dataset", "clinic", "--table", "patients")
    plan = visits.run("release", "plan", visits.site, *what).out
    visits.edit("datasets/clinic.yaml", "max_rows_per_unit: 2", "max_rows_per_unit: 1")
    alone = visits.run("release", "plan", visits.site, *what).out

    assert '"id": {role: counted_unit}' in plan
    assert "# Rows of one unit are counted as one, and cannot be linked" in plan
    assert '"id": {role: privacy_unit}' in alone
    assert "linked" not in alone


def test_linked_rows_that_an_earlier_version_made_do_not_leave(
    visits: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(decide, "RELEASE_RULES", RULES_BEFORE)
        release = visits.approved()
    outcome = visits.export(release)

    assert "REL-LINK" in outcome.err
    assert not (visits.folder / "out").exists()


def test_linked_rows_that_have_left_would_link_those_of_the_next_release(
    visits: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever has both finds each row of one in the other, by its cost and age."""
    with monkeypatch.context() as patched:
        patched.setattr(decide, "RELEASE_RULES", RULES_BEFORE)
        linked = visits.approved()
        assert visits.export(linked).code == 0
    refused = visits.request(plan=COUNTED)
    visits.run("release", "destroy", linked, visits.site)
    first, second = visits.request(plan=COUNTED), visits.request(plan=COUNTED)

    assert "REL-EARLIER" in refused.err
    assert (first.code, second.code) == (0, 0), first.err + second.err
