"""Several releases of one table to one project or person: counted together before they leave."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from anonymizers.tables.plan import TablePlan
from anonymizers.tables.release import TableRelease, release_table
from gateway.errors import OperatorError
from gateway.records import RecordDoor, record_door
from gateway.releases import making, requests
from gateway.releases.earlier import Scope, earlier_releases, joint, read_classes
from gateway.releases.folder import ReleaseFolder
from gateway.releases.writing import write_release
from gateway.settings import load_settings
from policies.record_facts import Joint
from tests.gateway.cli.conftest import Clinic
from tests.gateway.cli.test_release import during_export
from tests.gateway.clinic import PLAN
from tests.gateway.record_site import entries

BANDS = "{kind: number, widths: [10, 20]}"
# From 9 on, so that 49 is the only age that is in the fifth of these and the fourth of those.
SHIFTED = PLAN.replace(BANDS, "{kind: number, widths: [10, 20], start: 9}")
STRICT = PLAN.replace("k: 5", "k: 6")
COARSER = PLAN.replace(BANDS, "{kind: number, widths: [20]}").replace(
    "  cost: {role: measure}\n", ""
)


def units_of(together: Joint | None) -> int | None:
    return None if together is None else together.units


def manifest_of(clinic: Clinic, release: str) -> dict[str, Any]:
    file = clinic.site / "releases" / release / "manifest.json"
    return dict(json.loads(file.read_text("utf-8")))


def test_codings_that_meet_in_one_patient_do_not_both_leave(clinic: Clinic) -> None:
    alone = clinic.requested(plan=SHIFTED)
    clinic.run("release", "destroy", alone, clinic.site)
    first = clinic.requested()
    second = clinic.request(plan=SHIFTED)

    assert manifest_of(clinic, first)["coding"] == {"sex": "value", "age": "bands of 10"}
    assert manifest_of(clinic, alone)["coding"] == {"sex": "value", "age": "bands of 10"}
    assert second.code == 1
    assert "gateway: datasets/clinic.yaml:" in second.err
    assert ": REL-JOINT together with" in second.err
    assert {path.name for path in (clinic.site / "releases").iterdir()} == {alone, first}
    assert entries(clinic.site, "record.deny") == []


def diverse(clinic: Clinic) -> None:
    """Ages of which those from 25 to 29 have one diagnosis, and those from 30 to 34 another."""
    told = [("D2", "D3")] * 5 + [("D1", "D1")] * 5 + [("D2", "D2")] * 5 + [("D1", "D3")] * 5
    ages = [(age, told[age - 20][n % 2]) for age in range(20, 40) for n in range(4)]
    rows = [f"P{n},New,F,{age},{dx},1.50,x," for n, (age, dx) in enumerate(ages)]
    source = clinic.folder / "sources" / "patients.csv"
    header = source.read_text("utf-8").partition("\n")[0]
    source.write_text("\n".join([header, *rows]) + "\n", "utf-8")
    ingest(clinic)


HALVES = PLAN.replace(BANDS, "{kind: number, widths: [10, 20], start: 5}")
CLOSE = "k: 5, l: 2, t: 0.4"


@pytest.mark.parametrize("criteria", ["k: 5, l: 2", CLOSE])
def test_diagnoses_that_only_both_releases_tell_do_not_both_leave(
    clinic: Clinic, criteria: str
) -> None:
    diverse(clinic)
    first = clinic.approved(plan=PLAN.replace("k: 5, l: 2", criteria))
    clinic.export(first, "a")
    refused = clinic.request(plan=HALVES)
    same = clinic.request(plan=PLAN.replace("k: 5, l: 2", criteria))
    clinic.run("release", "destroy", first, clinic.site)
    for release in (path.name for path in (clinic.site / "releases").iterdir()):
        clinic.run("release", "destroy", release, clinic.site)
    alone = clinic.request(plan=HALVES)

    assert "REL-JOINT" in refused.err
    assert "a sensitive value that more of their units have" in refused.err
    assert same.code == 0, same.err
    assert alone.code == 0, alone.err


def test_what_earlier_releases_promised_holds_for_them(clinic: Clinic) -> None:
    """The next one tells of no diagnosis, and lets those of the first one be guessed."""
    diverse(clinic)
    clinic.edit("datasets/clinic.yaml", "    l_diversity: {column: patients.dx, l: 2}\n", "")
    clinic.requested(plan=PLAN.replace("k: 5, l: 2", CLOSE))
    silent = HALVES.replace("  dx: {role: sensitive}\n", "").replace("k: 5, l: 2", "k: 5")
    refused = clinic.request(plan=silent)

    assert "REL-JOINT" in refused.err


@pytest.mark.parametrize("remedy", ["same plan", "destroyed"])
def test_what_the_refusal_says_to_do_works(clinic: Clinic, remedy: str) -> None:
    first = clinic.approved()
    clinic.export(first, "a")
    refused = clinic.request(plan=SHIFTED)
    if remedy == "same plan":
        plan = (clinic.site / "releases" / first / "review" / "plan.yaml").read_text("utf-8")
        again = clinic.request(plan=plan)
    else:
        clinic.run("release", "destroy", first, clinic.site)
        again = clinic.request(plan=SHIFTED)

    assert "REL-JOINT" in refused.err
    assert again.code == 0, again.err
    assert clinic.verify().code == 0


def test_who_approves_is_shown_what_was_given_before(clinic: Clinic) -> None:
    first = clinic.approved()
    clinic.export(first, "a")
    outcome = clinic.request(plan=COARSER)
    second = str(entries(clinic.site, "record.request")[1]["release"])
    (shown,) = manifest_of(clinic, second)["earlier"]

    assert manifest_of(clinic, first)["earlier"] == []
    assert f"before: {first} of patients to uni|ann, exported; age: bands of 10" in outcome.out
    assert shown["release"] == first
    assert (shown["state"], shown["table"]) == ("exported", "patients")
    assert (shown["project"], shown["recipient"]) == ("cohort", "uni|ann")
    assert shown["coding"] == {"sex": "value", "age": "bands of 10"}


@pytest.mark.parametrize("kept", [True, False])
def test_what_left_and_was_destroyed_is_shown_too(clinic: Clinic, kept: bool) -> None:  # noqa: FBT001  a case
    """Whoever approves judges whether to believe that no copy is left."""
    first, never = clinic.approved(), clinic.requested()
    clinic.export(first, "a")
    for release in (first, never):
        assert clinic.run("release", "destroy", release, clinic.site).code == 0
    if not kept:
        shutil.rmtree(clinic.site / "releases" / first)
    outcome = clinic.request(plan=SHIFTED)
    made = str(entries(clinic.site, "record.request")[-1]["release"])
    (shown,) = manifest_of(clinic, made)["earlier"]

    coding = {"sex": "value", "age": "bands of 10"} if kept else {}
    assert outcome.code == 0, outcome.err
    assert f"before: {first} of patients to uni|ann, destroyed; " in outcome.out
    assert (shown["release"], shown["state"], shown["coding"]) == (first, "destroyed", coding)
    assert (shown["table"], shown["recipient"]) == ("patients", "uni|ann")


@pytest.mark.parametrize(("more", "code"), [
    (("--recipient", "uni|pat"), 1),
    (("--project", "other"), 1),
    (("--project", "other", "--as", "uni|pat"), 0),
])  # fmt: skip
def test_a_person_and_a_project_are_each_counted_for_themselves(
    clinic: Clinic, more: tuple[str, ...], code: int
) -> None:
    projects = clinic.site / "policies" / "projects"
    text = (projects / "cohort.yaml").read_text("utf-8").replace("id: cohort", "id: other")
    (projects / "other.yaml").write_text(text, "utf-8")
    clinic.requested()
    outcome = clinic.request(*more, plan=SHIFTED)

    assert outcome.code == code
    assert ("REL-JOINT" in outcome.err) is bool(code)


def test_what_was_asked_for_and_did_not_leave_is_counted_too(clinic: Clinic) -> None:
    clinic.requested()

    assert "REL-JOINT" in clinic.request(plan=SHIFTED).err


def test_a_release_in_between_is_noticed(clinic: Clinic, monkeypatch: pytest.MonkeyPatch) -> None:
    def other_meanwhile(*given: Any) -> Any:  # noqa: ANN401  as it is
        monkeypatch.undo()
        clinic.requested()
        return write_release(*given)

    monkeypatch.setattr(requests, "write_release", other_meanwhile)
    outcome = clinic.request(plan=SHIFTED)

    assert "REL-MEANWHILE" in outcome.err
    assert len(entries(clinic.site, "record.request")) == 1
    assert "REL-JOINT" in clinic.request(plan=SHIFTED).err


@pytest.mark.parametrize("exported", [False, True])
def test_the_largest_k_that_was_promised_holds_for_all(clinic: Clinic, exported: bool) -> None:  # noqa: FBT001  a case
    strict = clinic.approved(plan=STRICT)
    if exported:
        clinic.export(strict, "a")
    looser = clinic.request()
    same = clinic.request(plan=STRICT)

    assert "REL-JOINT" in looser.err
    assert "fewer than 6 privacy units" in looser.err
    assert same.code == 0, same.err


def approved_by_an_earlier_version(clinic: Clinic, monkeypatch: pytest.MonkeyPatch) -> str:
    """It asked for the k of the newest plan alone."""

    def lenient(*given: Any) -> Joint | None:  # noqa: ANN401  as it is
        found = joint(*given)
        return None if found is None else replace(found, least_k=5)

    with monkeypatch.context() as patched:
        patched.setattr(requests, "joint", lenient)
        return clinic.approved()


def test_what_left_with_less_is_counted_again_at_the_export(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    strict = clinic.approved(plan=STRICT)
    clinic.export(approved_by_an_earlier_version(clinic, monkeypatch), "a")
    outcome = clinic.export(strict, "b")

    assert (clinic.folder / "a" / "records.csv").exists()
    assert "REL-JOINT" in outcome.err
    assert not (clinic.folder / "b").exists()
    assert entries(clinic.site, "record.deny") == []


def test_what_was_made_by_a_weaker_l_is_counted_again_at_the_export(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An earlier version counted the different values in the rows of a class."""

    def lenient(source: Any, plan: TablePlan, keys: Any) -> TableRelease:  # noqa: ANN401  as it is
        criteria = replace(plan.criteria, l=1)
        return release_table(source, replace(plan, criteria=criteria), keys)

    table = (clinic.folder / "sources" / "patients.csv").read_text("utf-8")
    often = table.replace(",D2,", ",D1,").replace(",D0,", ",D1,").replace(",D1,", ",D2,", 4)
    (clinic.folder / "sources" / "patients.csv").write_text(often, "utf-8")
    ingest(clinic)
    with monkeypatch.context() as patched:
        patched.setattr(making, "release_table", lenient)
        patched.setattr(RecordDoor, "allow_measured", lambda *_given: None)
        release = clinic.approved()
    outcome = clinic.export(release)

    assert "REL-CRITERIA" in outcome.err
    assert not (clinic.folder / "out").exists()


def test_a_release_of_an_earlier_version_is_not_compared(clinic: Clinic) -> None:
    """Which row was in which of its classes was not kept."""
    release = clinic.requested()
    scope = Scope(dataset="clinic", project="cohort", recipient="uni|pat")
    with record_door(load_settings(clinic.site)) as door:
        (one,) = earlier_releases(door, scope)
        folder = ReleaseFolder(door.settings.releases, release)
    old = replace(one, classes=None)

    assert read_classes(folder, replace(one.manifest, classes=None)) is None
    assert units_of(joint(one.classes, one.manifest, [one])) == 5
    assert joint(None, replace(one.manifest, table="visits"), [one]) is None
    for this, other in ((None, one), (one.classes, old), (None, old)):
        with pytest.raises(OperatorError) as caught:
            joint(this, one.manifest, [other])
        assert caught.value.code == "REL-EARLIER"


def test_classes_without_what_they_tell_are_those_of_an_earlier_version(clinic: Clinic) -> None:
    clinic.requested()
    scope = Scope(dataset="clinic", project="cohort", recipient="uni|pat")
    with record_door(load_settings(clinic.site)) as door:
        (one,) = earlier_releases(door, scope)
    assert one.classes is not None
    assert one.classes.sensitive is not None
    assert one.classes.sensitive.name == "dx"
    untold = replace(one.classes, sensitive=None)
    silent = replace(one, classes=untold)

    for this, other in ((one.classes, silent), (untold, one)):  # either may have waited
        with pytest.raises(OperatorError) as caught:
            joint(this, one.manifest, [other])
        assert caught.value.code == "REL-EARLIER"


def test_what_leaves_during_an_export_is_noticed(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    strict = clinic.approved(plan=STRICT)
    other = approved_by_an_earlier_version(clinic, monkeypatch)
    during_export(monkeypatch, lambda: clinic.export(other, "a"))
    outcome = clinic.export(strict, "b")

    assert "REL-MEANWHILE" in outcome.err
    assert len(entries(clinic.site, "record.export")) == 1
    assert not (clinic.folder / "b").exists()
    assert "REL-JOINT" in clinic.export(strict, "b").err


def ingest(clinic: Clinic) -> None:
    outcome = clinic.run("ingest", clinic.site, "--dataset", "clinic", "--workers", 0,
                         "--source", clinic.folder / "sources")  # fmt: skip
    assert outcome.code == 0, outcome.err


def test_rows_of_two_states_of_the_data_cannot_be_told_to_be_the_same(clinic: Clinic) -> None:
    clinic.edit("datasets/clinic.yaml", "max_rows_per_unit: 1", "max_rows_per_unit: 2")
    ingest(clinic)
    counted, shifted = (one.replace("privacy_unit", "counted_unit") for one in (PLAN, SHIFTED))
    first = clinic.requested(plan=counted)
    same, split = clinic.request(plan=counted), clinic.request(plan=shifted)
    ingest(clinic)
    later = clinic.request(plan=counted)

    assert same.code == 0, same.err
    assert "REL-JOINT" in split.err
    assert "REL-EARLIER" in later.err
    for release in (first, *(path.name for path in (clinic.site / "releases").iterdir())):
        clinic.run("release", "destroy", release, clinic.site)
    assert clinic.request(plan=counted).code == 0


def test_classes_that_were_changed_do_not_count(clinic: Clinic) -> None:
    first = clinic.requested()
    file = clinic.site / "releases" / first / "classes.parquet"
    file.write_bytes(file.read_bytes()[:-1] + b"2")

    assert "REL-CHANGED" in clinic.request(plan=COARSER).err


@pytest.mark.parametrize("more", ["", "P99,New,F,30,D1,1.50,x,\n"])
def test_patients_are_not_looked_for_in_another_state_of_the_data(
    clinic: Clinic, more: str
) -> None:
    """The stored number of a patient is a place in the order of one snapshot."""
    first = clinic.requested()
    source: Path = clinic.folder / "sources" / "patients.csv"
    source.write_text(source.read_text("utf-8") + more, "utf-8")
    ingest(clinic)
    same, split = clinic.request(), clinic.request(plan=SHIFTED)

    assert "REL-EARLIER" in same.err
    assert "REL-EARLIER" in split.err
    assert {path.name for path in (clinic.site / "releases").iterdir()} == {first}
    clinic.run("release", "destroy", first, clinic.site)
    assert clinic.request().code == 0


def test_numbers_of_two_states_of_the_data_are_not_compared(clinic: Clinic) -> None:
    """Not even where each row has the name of its unit, and all agree."""
    clinic.requested()
    scope = Scope(dataset="clinic", project="cohort", recipient="uni|pat")
    with record_door(load_settings(clinic.site)) as door:
        (one,) = earlier_releases(door, scope)
    assert units_of(joint(one.classes, one.manifest, [one])) == 5
    layout = "sha256:" + "0" * 64
    for other in (replace(one.manifest, snapshot="x"), replace(one.manifest, layout=layout)):
        with pytest.raises(OperatorError) as caught:
            joint(one.classes, other, [one])
        assert caught.value.code == "REL-EARLIER"


def test_classes_do_not_leave_and_go_with_the_release(clinic: Clinic) -> None:
    release = clinic.approved()
    folder = clinic.site / "releases" / release
    clinic.export(release)

    assert (folder / "classes.parquet").stat().st_mode & 0o77 == 0
    assert not (clinic.folder / "out" / "classes.parquet").exists()
    clinic.run("release", "destroy", release, clinic.site)
    assert not (folder / "classes.parquet").exists()


def test_a_release_whose_files_are_gone_is_in_the_way_until_it_is_destroyed(clinic: Clinic) -> None:
    first = clinic.requested()
    shutil.rmtree(clinic.site / "releases" / first)

    assert "REL-CHANGED" in clinic.request().err
    assert clinic.run("release", "destroy", first, clinic.site).code == 0
    assert clinic.request().code == 0
