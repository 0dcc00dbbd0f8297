"""A release of records as people make it: asked for, approved by two, exported, destroyed."""

from __future__ import annotations

import base64
import csv
import errno
import io
import json
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from gateway.audit.events import RecordsApproved, RecordsExported
from gateway.clock import SystemClock
from gateway.deployment import Deployment
from gateway.governing.signing_keys import create_key, open_key
from gateway.ledger.errors import LedgerFaultError
from gateway.ledger.sqlite import SqliteLedger
from gateway.records import RecordDoor, record_door
from gateway.releases import leaving, requests
from gateway.releases.folder import ReleaseFolder
from gateway.releases.leaving import release_statement
from gateway.releases.writing import write_release
from gateway.settings import load_settings
from policies.signatures import signed
from query.ports import Receipt
from tests.gateway.approving import REQUIRED
from tests.gateway.cli.conftest import Clinic, Outcome
from tests.gateway.clinic import DAYS, GOLD, PLAN, name_of
from tests.gateway.record_site import entries


def rows_of(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def test_records_leave_once_two_have_approved_them(clinic: Clinic) -> None:
    release = clinic.approved()
    exported = clinic.export(release)
    out = clinic.folder / "out"
    rows = rows_of(out / "records.csv")
    manifest = json.loads((out / "manifest.json").read_text("utf-8"))
    text = (out / "records.csv").read_text("utf-8")

    assert exported.code == 0, exported.err
    assert {path.name for path in out.iterdir()} == {"records.csv", "manifest.json"}
    signed = [json.loads(path.read_bytes()) for path in
              (clinic.site / "releases" / release / "approvals").iterdir()]  # fmt: skip
    (request,) = entries(clinic.site, "record.request")
    statements = [json.loads(base64.b64decode(one["payload"])) for one in signed]
    assert {one["subject"][0]["name"] for one in statements} == {"release"}
    assert {one["predicate"]["about"] for one in statements} == {str(request["seq"])}
    assert {f"sha256:{one['subject'][0]['digest']['sha256']}" for one in statements} == {
        request["manifest"]
    }
    assert {path.stat().st_mode & 0o77 for path in (out, *out.iterdir())} == {0}
    assert set(rows[0]) == {"id", "sex", "age", "dx", "cost"}
    assert all(re.fullmatch(r"[a-z2-7]{26}", row["id"]) for row in rows)
    assert {row["cost"] for row in rows} <= {f"{number}.50" for number in range(60)}
    assert not [number for number in range(60) if name_of(number) in text]
    assert "secret" not in text
    assert (manifest["recipient"], manifest["requester"]) == ("uni|ann", "uni|ann")
    assert manifest["determination"] == "ED-7"
    assert manifest["obligations"] == ["no_reidentification"]
    assert clinic.state(release)["state"] == "exported"
    assert clinic.verify().code == 0


def test_each_step_is_an_entry_without_anything_of_rows(clinic: Clinic) -> None:
    release = clinic.approved()
    clinic.export(release)
    clinic.run("release", "destroy", release, clinic.site)
    kinds = ("record.request", "record.approve", "record.export", "record.destroy")
    logged = {kind: entries(clinic.site, kind) for kind in kinds}
    said = json.dumps(logged)
    (request,) = logged["record.request"]

    assert [len(one) for one in logged.values()] == [1, 2, 1, 1]
    assert {one["manifest"] for each in logged.values() for one in each} == {request["manifest"]}
    assert (request["actor"], request["recipient"]) == ("uni|ann", "uni|ann")
    assert (request["min_k"], request["min_l"], request["max_left_out"]) == (5, 2, "0.2")
    assert "rows" not in said
    assert "60" not in {str(value) for each in logged.values() for one in each for value in one}
    assert clinic.verify().code == 0


def test_nothing_leaves_with_fewer_than_two(clinic: Clinic) -> None:
    release = clinic.requested()
    none = clinic.export(release)
    clinic.approve(release, "bea")
    clinic.approve(release, "bea")
    one = clinic.export(release)

    assert (none.code, one.code) == (1, 1)
    assert "APP-MISSING" in none.err
    assert "APP-MISSING" in one.err
    assert "gateway release approve" in one.err
    assert not (clinic.folder / "out").exists()
    assert entries(clinic.site, "record.export") == []


@pytest.mark.parametrize(("person", "code"), [("ann", "APP-REQUESTER"), ("dan", "APP-ROLE")])
def test_who_asked_and_who_has_no_role_cannot_approve(
    clinic: Clinic, person: str, code: str
) -> None:
    release = clinic.requested()
    outcome = clinic.approve(release, person)

    assert outcome.code == 1
    assert code in outcome.err
    assert entries(clinic.site, "record.approve") == []


def test_who_gets_it_cannot_approve(clinic: Clinic) -> None:
    release = clinic.requested("--recipient", "uni|pat")

    assert "APP-REQUESTER" in clinic.approve(release, "pat").err
    assert clinic.approve(clinic.requested(), "pat").code == 0


@pytest.mark.parametrize("name", ["records.csv", "manifest.json"])
def test_what_was_changed_after_the_review_does_not_leave(clinic: Clinic, name: str) -> None:
    release = clinic.approved()
    file = clinic.site / "releases" / release / name
    file.write_bytes(file.read_bytes() + b"\n")
    outcome = clinic.export(release)

    assert outcome.code == 1
    assert "REL-CHANGED" in outcome.err
    assert not (clinic.folder / "out").exists()
    assert "REL-CHANGED" in clinic.approve(release, "pat").err


def test_another_release_with_the_same_approvals_does_not_leave(clinic: Clinic) -> None:
    first, second = clinic.approved(), clinic.requested()
    releases = clinic.site / "releases"
    shutil.copytree(releases / first / "approvals", releases / second / "approvals")
    outcome = clinic.export(second)

    assert outcome.code == 1
    assert "APP-STALE" in outcome.err


EDITS = (
    ("datasets/clinic.yaml", "    allowed: allowed\n", "    allowed: denied\n", "REL-CLOSED"),
    ("projects/cohort.yaml", ", releases: allowed", "", "REL-CLOSED"),
    ("datasets/clinic.yaml", "k: 5", "k: 6", "REL-CRITERIA"),
    ("projects/cohort.yaml", "[sex, age, dx, cost, note]", "[sex, age]", "REL-COLUMN"),
    (
        "projects/cohort.yaml",
        '"uni|ann", role: researcher, until: 2036-12-31',
        '"uni|ann", role: researcher, until: 2026-02-01',
        "PRJ-MEMBER-EXPIRED",
    ),
)


@pytest.mark.parametrize(("file", "old", "new", "code"), EDITS)
def test_what_the_policy_no_longer_allows_does_not_leave(
    clinic: Clinic, file: str, old: str, new: str, code: str
) -> None:
    release = clinic.approved()
    clinic.edit(file, old, new)
    outcome = clinic.export(release)

    assert outcome.code == 1
    assert code in outcome.err
    assert entries(clinic.site, "record.deny")[-1]["code"] == code
    assert not (clinic.folder / "out").exists()


def test_too_many_rows_for_the_policy_of_today_do_not_leave(clinic: Clinic) -> None:
    release = clinic.approved()
    clinic.edit("datasets/clinic.yaml", "max_rows: 100", "max_rows: 59")
    outcome = clinic.export(release)
    clinic.edit("datasets/clinic.yaml", "max_rows: 59", "max_rows: 60")

    assert outcome.code == 1
    assert "REL-ROWS" in outcome.err
    assert entries(clinic.site, "record.deny") == []
    assert not (clinic.folder / "out").exists()
    assert clinic.export(release).code == 0


def test_what_is_transformed_otherwise_by_now_does_not_leave(clinic: Clinic) -> None:
    release = clinic.approved()
    old = "age: {role: quasi_identifier, type: integer, release: keep}"
    clinic.edit("datasets/clinic.yaml", old,
                old.replace("release", "transform: {kind: top_code, at: 30}, release"))  # fmt: skip
    outcome = clinic.export(release)
    again = clinic.request()
    ingested = clinic.run("ingest", clinic.site, "--dataset", "clinic", "--workers", 0,
                          "--source", clinic.folder / "sources")  # fmt: skip

    assert outcome.code == 1
    assert "REL-LAYOUT" in outcome.err
    assert not (clinic.folder / "out").exists()
    assert "STO-LAYOUT" in again.err
    assert ingested.code == 0, ingested.err
    assert clinic.run("release", "destroy", release, clinic.site).code == 0
    assert clinic.export(clinic.approved()).code == 0


NOT_MADE: tuple[tuple[dict[str, str], tuple[str, ...], str], ...] = (
    ({"k: 5": "k: 4"}, (), "REL-CRITERIA"),
    ({"age: {role: quasi_identifier, hierarchy: {kind: number, widths: [10, 20]}}":
      "age: {role: measure}"}, (), "REL-ROLE"),
    ({"cost: {role: measure}": "closed: {role: category}"}, (), "REL-COLUMN"),
    ({"cost: {role: measure}": "note: {role: free_text}"}, (), "REL-TEXT-EVIDENCE"),
    ({}, ("--as", "eve"), "PRJ-NOT-MEMBER"),
    ({}, ("--recipient", "eve"), "REL-RECIPIENT"),
    ({}, ("--dataset", "none"), "PRJ-DATASET"),
    ({}, ("--purpose", "marketing"), "POL-PURPOSE"),
    ({}, ("--table", "staff"), "REL-TABLE"),
)  # fmt: skip


@pytest.mark.parametrize(("changes", "more", "code"), NOT_MADE)
def test_what_the_policy_does_not_allow_is_not_made(
    clinic: Clinic, changes: dict[str, str], more: tuple[str, ...], code: str
) -> None:
    plan = PLAN
    for old, new in changes.items():
        assert plan.count(old) == 1
        plan = plan.replace(old, new)
    outcome = clinic.request(*more, plan=plan)

    assert outcome.code == 1
    assert code in outcome.err
    assert entries(clinic.site, "record.deny")[-1]["code"] == code
    assert not (clinic.site / "releases").exists()


def test_a_refusal_that_looks_at_rows_is_not_logged(clinic: Clinic) -> None:
    clinic.edit("datasets/clinic.yaml", "max_rows: 100", "max_rows: 5")
    outcome = clinic.request()

    assert outcome.code == 1
    assert "REL-ROWS" in outcome.err
    assert "more than 5 rows" in outcome.err
    assert entries(clinic.site, "record.deny") == []
    assert not (clinic.site / "releases").exists()


def test_dates_move_once(clinic: Clinic) -> None:
    outcome = clinic.request(plan=PLAN.replace("{role: measure}", "{role: date}"))

    assert outcome.code == 1
    assert "DEID-PLAN" in outcome.err


def test_what_could_not_be_logged_is_not_kept_and_does_not_leave(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_arguments: object) -> None:
        raise LedgerFaultError("the disk is full")

    release = clinic.approved()
    monkeypatch.setattr(SqliteLedger, "record", fail)

    assert clinic.request().code == 3
    assert clinic.export(release).code == 3
    assert [path.name for path in (clinic.site / "releases").iterdir()] == [release]
    assert not (clinic.folder / "out").exists()
    assert not [path for path in clinic.folder.iterdir() if path.name.startswith(".")]


def erase(clinic: Clinic, monkeypatch: pytest.MonkeyPatch, *units: str) -> None:
    lines = io.TextIOWrapper(io.BytesIO("\n".join(units).encode()), "utf-8")
    monkeypatch.setattr(sys, "stdin", lines)
    outcome = clinic.run("erase", clinic.site, "--dataset", "clinic")
    assert outcome.code == 0, outcome.err


def test_who_was_erased_since_does_not_leave(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    release, waiting = clinic.approved(), clinic.requested()
    erase(clinic, monkeypatch, "P1", "P2")
    exported, signed = clinic.export(release), clinic.approve(waiting, "bea")
    for earlier in (release, waiting):  # of another state of the data
        assert clinic.run("release", "destroy", earlier, clinic.site).code == 0
    again = clinic.approved()

    assert (exported.code, signed.code) == (1, 1)
    assert "REL-ERASED" in exported.err
    assert "REL-ERASED" in signed.err
    assert not (clinic.folder / "out").exists()
    assert entries(clinic.site, "record.export") == []
    assert [one.get("erased") for one in entries(clinic.site, "record.request")] == [None, None, 1]
    assert clinic.export(again).code == 0
    assert clinic.verify().code == 0


def test_an_old_store_does_not_bring_back_who_was_erased(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = load_settings(clinic.site).store
    shutil.copytree(store, clinic.folder / "old")
    erase(clinic, monkeypatch, "P1", "P2")
    shutil.rmtree(store)
    shutil.rmtree(clinic.site / "erased")
    shutil.copytree(clinic.folder / "old", store)
    outcome = clinic.request()

    assert "STO-LIST" in outcome.err
    assert entries(clinic.site, "record.request") == []


def test_who_is_erased_while_records_are_made_is_not_kept(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    def erased_meanwhile(*given: Any) -> Any:  # noqa: ANN401  as it is
        erase(clinic, monkeypatch, "P1")
        return write_release(*given)

    monkeypatch.setattr(requests, "write_release", erased_meanwhile)
    outcome = clinic.request()

    assert "REL-ERASED" in outcome.err
    assert list((clinic.site / "releases").iterdir()) == []
    assert entries(clinic.site, "record.request") == []


def test_no_file_is_outside_before_the_log_says_so(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    release = clinic.approved()

    def fail(file: Path, _content: bytes) -> None:
        left.append((file.name, len(entries(clinic.site, "record.export"))))
        raise OSError(errno.ENOSPC, "secret words")

    left: list[tuple[str, int]] = []
    with monkeypatch.context() as patch:
        patch.setattr(leaving, "write_private", fail)
        refused = clinic.export(release)
    assert refused.code == 1
    assert "REL-WRITE" in refused.err
    assert "No space left" in refused.err
    assert "secret words" not in refused.err
    assert left == [("manifest.json", 1)]
    assert not (clinic.folder / "out").exists()
    assert clinic.export(release).code == 0
    assert len(entries(clinic.site, "record.export")) == 2
    assert clinic.verify().code == 0


def test_drafts_of_killed_processes_are_swept(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    release = clinic.requested()
    releases = clinic.site / "releases"
    kept = []
    left = releases / f".{release}.0123abcd"
    left.mkdir()
    (left / "records.csv").write_text("id\n", "utf-8")

    def other_meanwhile(draft: Path, *given: Any) -> Any:  # noqa: ANN401  as it is
        clinic.approve(release, "bea")
        kept.append(draft.exists())
        return write_release(draft, *given)

    with monkeypatch.context() as patch:
        patch.setattr(requests, "write_release", other_meanwhile)
        second = clinic.requested()

    assert kept == [True]
    assert {path.name for path in releases.iterdir()} == {release, second}


def during_export(monkeypatch: pytest.MonkeyPatch, do: Callable[[], Outcome]) -> None:
    """Let something happen after all was decided, before the entry is appended."""

    def meanwhile(door: RecordDoor, *given: Any) -> Receipt:  # noqa: ANN401  as it is
        monkeypatch.undo()
        assert do().code == 0
        return door.record(*given)

    monkeypatch.setattr(RecordDoor, "record", meanwhile)


def in_force(clinic: Clinic) -> None:
    """Put the declarations in force, as the first question does."""
    with Deployment.open(clinic.site):
        pass


def test_what_is_suspended_during_the_export_does_not_leave(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_force(clinic)
    release = clinic.approved()
    stop = ("policy", "suspend", "clinic", clinic.site, "--reason-code", "breach")
    during_export(monkeypatch, lambda: clinic.run(*stop))
    outcome = clinic.export(release)

    assert outcome.code == 1
    assert "POL-SUSPENDED" in outcome.err
    assert not (clinic.folder / "out").exists()
    assert entries(clinic.site, "record.export") == []
    assert entries(clinic.site, "record.deny")[-1]["code"] == "POL-SUSPENDED"
    assert clinic.verify().code == 0


def test_what_is_suspended_during_an_approval_is_not_approved(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_force(clinic)
    release = clinic.requested()
    stop = ("policy", "suspend", "cohort", clinic.site, "--reason-code", "breach")
    during_export(monkeypatch, lambda: clinic.run(*stop))
    first, later = clinic.approve(release, "bea"), clinic.approve(release, "cid")

    assert (first.code, later.code) == (1, 1)
    assert "POL-SUSPENDED" in first.err
    assert "POL-SUSPENDED" in later.err
    assert entries(clinic.site, "record.approve") == []
    assert clinic.state(release)["approvals"] == 0


def test_persons_are_counted_and_not_keys(clinic: Clinic) -> None:
    second = clinic.folder / "drawer" / "bea2.pem"
    create_key(clinic.site / "policies", second, "bea", ["privacy_officer"], DAYS)
    release = clinic.requested()
    for person in ("bea", "bea2"):
        assert clinic.approve(release, person).code == 0
    alone = clinic.state(release)
    clinic.approve(release, "cid")
    both = clinic.state(release)

    assert (alone["approvals"], alone["approved_by"]) == (1, ["bea"])
    assert len(set(alone["approved_by_keys"])) == 2
    assert (both["approvals"], both["approved_by"]) == (2, ["bea", "cid"])


KILLED = """\
import os, signal, sys
from gateway.cli import main
from gateway.releases import leaving

def killed(file, content):
    file.write_bytes(content[:9])
    os.kill(os.getpid(), signal.SIGKILL)

leaving.write_private = killed
main(sys.argv[1:])
"""


def test_what_a_killed_export_has_left_is_swept(clinic: Clinic) -> None:
    release, out = clinic.approved(), clinic.folder / "out"
    command = ("release", "export", release, str(clinic.site), "--out", str(out))
    done = subprocess.run([sys.executable, "-c", KILLED, *command], check=False)
    left = [path for path in clinic.folder.iterdir() if path.name.startswith(".out.")]
    written = [path.name for one in left for path in one.iterdir()]
    other = clinic.folder / ".mine.0123abcd"
    other.mkdir()
    (other / "thesis.txt").write_text("mine", "utf-8")
    note = clinic.site / "releases" / f".out.{'0' * 16}"
    note.write_text(str(other), "utf-8")
    again = clinic.export(release)

    assert done.returncode == -signal.SIGKILL
    assert written == ["manifest.json"]
    assert again.code == 0, again.err
    assert not [path for path in clinic.folder.iterdir() if path.name.startswith(".out.")]
    assert {path.name for path in out.iterdir()} == {"records.csv", "manifest.json"}
    assert {path.name for path in (clinic.site / "releases").iterdir()} == {release}
    assert (other / "thesis.txt").exists()
    clinic.approve(release, "pat")
    assert (out / "records.csv").exists()


def test_stewards_and_auditors_export_what_left(clinic: Clinic) -> None:
    release = clinic.approved()
    clinic.export(release)
    file = clinic.folder / "left.csv"
    export = ("audit", "export", clinic.site, "--format", "releases", "--out", file)
    none, one = clinic.run(*export, "--project", "none"), clinic.run(*export)
    (row,) = rows_of(file)

    assert [outcome.out.split()[0] for outcome in (none, one)] == ["0", "1"]
    assert (row["release"], row["state"], row["table"]) == (release, "exported", "patients")
    assert (row["project"], row["recipient"], row["k"]) == ("cohort", "uni|ann", "5")
    assert datetime.fromisoformat(row["exported"]) <= datetime.now(UTC)
    assert row["approved_by"] == "bea cid"
    assert "60" not in set(row.values())
    assert " patients " in clinic.run("release", "list", clinic.site).out


def test_what_is_destroyed_during_the_export_does_not_leave(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    release = clinic.approved()
    during_export(monkeypatch, lambda: clinic.run("release", "destroy", release, clinic.site))
    outcome = clinic.export(release)

    assert "REL-DESTROYED" in outcome.err
    assert not (clinic.folder / "out").exists()
    assert entries(clinic.site, "record.export") == []
    assert clinic.verify().code == 0


def test_a_policy_that_comes_in_force_during_the_export_is_asked(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    release = clinic.approved()

    def narrowed() -> Outcome:
        clinic.edit("datasets/clinic.yaml", "    allowed: allowed\n", "    allowed: denied\n")
        in_force(clinic)
        return clinic.run("release", "list", clinic.site)

    during_export(monkeypatch, narrowed)
    outcome = clinic.export(release)

    assert "POL-CHANGED" in outcome.err
    assert "REL-CLOSED" in clinic.export(release).err
    assert not (clinic.folder / "out").exists()


def unlogged(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_arguments: object) -> None:
        raise LedgerFaultError("the disk is full")

    monkeypatch.setattr(SqliteLedger, "record", fail)


def test_an_approval_that_was_not_logged_does_not_count(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    release = clinic.requested()
    clinic.approve(release, "bea")
    with monkeypatch.context() as patch:
        unlogged(patch)
        assert clinic.approve(release, "cid").code == 3
    early = clinic.export(release)
    clinic.approve(release, "cid")

    assert "APP-MISSING" in early.err
    assert clinic.export(release).code == 0
    assert clinic.verify().code == 0


def test_an_envelope_that_was_put_there_does_not_count(clinic: Clinic) -> None:
    release = clinic.requested()
    clinic.approve(release, "bea")
    (request,) = entries(clinic.site, "record.request")
    statement = release_statement(request["manifest"], request["seq"])
    key = open_key(clinic.folder / "drawer" / "cid.pem")
    folder = ReleaseFolder(clinic.site / "releases", release)
    folder.keep_approval("f" * 16, signed(statement, key, datetime.now(UTC)).to_bytes())
    outcome = clinic.export(release)

    assert outcome.code == 1
    assert "APP-NOT-LOGGED" in outcome.err
    assert not (clinic.folder / "out").exists()
    assert clinic.approve(release, "cid").code == 0
    assert clinic.export(release).code == 0
    assert clinic.verify().code == 0


def scorecard(clinic: Clinic, *more: object) -> Path:
    file = clinic.folder / "card.json"
    outcome = clinic.run(
        "deidentify", "score", clinic.folder / "gold.jsonl", "--folder", clinic.site,
        "--scorecard", file, "--set", "notes", *more,
    )  # fmt: skip
    assert outcome.code == 0, outcome.err
    return file


WITH_TEXT = PLAN + "  note: {role: free_text}\n"


def test_text_leaves_with_a_scorecard(clinic: Clinic) -> None:
    card = scorecard(clinic)
    release = clinic.requested("--evidence", card, plan=WITH_TEXT)
    for person in ("bea", "cid"):
        clinic.approve(release, person)
    outcome = clinic.export(release)
    rows = rows_of(clinic.folder / "out" / "records.csv")
    manifest = json.loads((clinic.folder / "out" / "manifest.json").read_text("utf-8"))
    (logged,) = entries(clinic.site, "record.request")

    assert outcome.code == 0, outcome.err
    assert {row["note"] for row in rows} == {"'=1+1 as before.", "[NAME] was seen on [DATE]."}
    assert manifest["text"]["on"] == "notes"
    assert logged["scorecard"] == manifest["text"]["scorecard"]
    assert logged["text_engine"].startswith("builtin@")
    assert clinic.verify().code == 0


@pytest.mark.parametrize("change", [('"found": ', '"found": 1'), ("notes", "other"), ("{", "[")])
def test_a_scorecard_that_nobody_made_here_does_not_count(
    clinic: Clinic, change: tuple[str, str]
) -> None:
    card = scorecard(clinic)
    card.write_text(card.read_text().replace(*change), "utf-8")
    outcome = clinic.request("--evidence", card, plan=WITH_TEXT)

    assert outcome.code == 1
    assert "REL-SCORECARD" in outcome.err


def test_a_scorecard_of_an_easier_set_does_not_count(clinic: Clinic) -> None:
    (clinic.folder / "gold.jsonl").write_text(GOLD.split("\n")[0] + "\n", "utf-8")
    outcome = clinic.request("--evidence", scorecard(clinic), plan=WITH_TEXT)

    assert "REL-TEXT-EVIDENCE" in outcome.err
    assert "another gold set" in outcome.err


def test_a_scorecard_is_of_this_deployments_own_reading(clinic: Clinic) -> None:
    gold, card = clinic.folder / "gold.jsonl", clinic.folder / "card.json"
    without_name = clinic.run("deidentify", "score", gold, "--folder", clinic.site,
                              "--scorecard", card)  # fmt: skip
    replayed = clinic.run("deidentify", "score", gold, "--folder", clinic.site, "--scorecard",
                          card, "--set", "notes", "--predictions", gold)  # fmt: skip
    nowhere = clinic.run("deidentify", "score", gold, "--scorecard", card, "--set", "notes")

    assert [one.code for one in (without_name, replayed, nowhere)] == [2, 2, 2]
    assert not card.exists()


def test_a_file_that_is_found_tells_whose_it_was(clinic: Clinic) -> None:
    ours, theirs = clinic.approved(), clinic.approved("--recipient", "uni|pat")
    for release, name in ((ours, "a"), (theirs, "b")):
        assert clinic.export(release, name).code == 0
    clinic.run("release", "destroy", theirs, clinic.site)
    lines = (clinic.folder / "b" / "records.csv").read_text("utf-8").splitlines()
    leak = clinic.folder / "leak.csv"
    leak.write_text("\n".join((lines[0], lines[7])) + "\n", "utf-8")
    traced = clinic.run("release", "trace", leak, clinic.site)
    leak.write_text("a,b\nx,abcdefghijklmnopqrstuvwxyz\ny,aaaaaaaaaaaaaaaaaaaaaaaaaa\n", "utf-8")
    other = clinic.run("release", "trace", leak, clinic.site)
    first = {row["id"] for row in rows_of(clinic.folder / "a" / "records.csv")}
    second = {row["id"] for row in rows_of(clinic.folder / "b" / "records.csv")}

    assert theirs in traced.out
    assert "to uni|pat of cohort" in traced.out
    assert ours not in traced.out
    assert "proves nothing" in other.out
    assert not first & second


def test_what_is_destroyed_is_gone_and_stays_verified(clinic: Clinic) -> None:
    release = clinic.approved()
    clinic.export(release)
    destroyed = clinic.run("release", "destroy", release[:8], clinic.site)
    again = clinic.run("release", "destroy", release, clinic.site)
    folder = clinic.site / "releases" / release

    assert destroyed.code == 0, destroyed.err
    assert {path.name for path in folder.iterdir()} == {"manifest.json", "approvals"}
    assert "REL-DESTROYED" in again.err
    assert "REL-DESTROYED" in clinic.export(release, "more").err
    assert clinic.state(release)["state"] == "destroyed"
    assert clinic.verify().code == 0


def test_what_should_be_gone_is_told_and_does_not_leave(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    release = clinic.approved()
    in_time = clinic.run("release", "list", clinic.site)
    later = datetime.now(UTC) + timedelta(days=31)
    monkeypatch.setattr(SystemClock, "now", lambda _self: later)
    overdue = clinic.run("release", "list", clinic.site)
    exported = clinic.export(release)

    assert in_time.code == 0
    assert "OVERDUE" not in in_time.out
    assert overdue.code == 1
    assert "OVERDUE" in overdue.out
    assert "REL-EXPIRED" in exported.err
    clinic.run("release", "destroy", release, clinic.site)
    assert clinic.run("release", "list", clinic.site).code == 0


def test_a_release_that_is_not_there_is_told(clinic: Clinic) -> None:
    empty = clinic.run("release", "list", clinic.site)
    unknown = clinic.export("ffff")
    release = clinic.approved()
    (clinic.folder / "out").mkdir()

    assert empty.code == 0
    assert "REL-UNKNOWN" in unknown.err
    assert "REL-EXISTS" in clinic.export(release).err


def test_a_plan_to_start_from_is_one_that_the_policy_allows(clinic: Clinic) -> None:
    where = ("--project", "cohort", "--dataset", "clinic", "--table")
    plan = clinic.run("release", "plan", clinic.site, *where, "patients")
    none = clinic.run("release", "plan", clinic.site, *where, "staff")
    text = plan.out.replace('  "note": {role: free_text}\n', "")

    assert plan.code == 0, plan.err
    assert "criteria: {k: 5, l: 2, suppression: 0.2}" in plan.out
    assert '"note": {role: free_text}' in plan.out
    assert clinic.request(plan=text).code == 0
    assert "CFG-DATASET" in none.err


def test_parquet_leaves_too(clinic: Clinic) -> None:
    release = clinic.approved("--format", "parquet")

    assert clinic.export(release).code == 0
    assert (clinic.folder / "out" / "records.parquet").read_bytes()[:4] == b"PAR1"


def test_what_is_suspended_gives_no_records(clinic: Clinic) -> None:
    clinic.run("policy", "activate", clinic.site)
    release = clinic.approved()
    stop = ("project/cohort", clinic.site, "--reason-code", "breach")
    assert clinic.run("policy", "suspend", *stop).code == 0

    assert "POL-SUSPENDED" in clinic.export(release).err
    assert "POL-SUSPENDED" in clinic.request().err
    assert clinic.verify().code == 0


def test_an_auditor_misses_envelopes_that_are_gone(clinic: Clinic) -> None:
    release = clinic.approved()
    clinic.export(release)
    approvals = clinic.site / "releases" / release / "approvals"
    next(approvals.iterdir()).unlink()
    outcome = clinic.verify()

    assert outcome.code == 23
    assert "the approvals that are kept are not enough: APP-MISSING" in outcome.out
    shutil.rmtree(clinic.site / "activated")
    assert "no copy is kept" in clinic.verify().out


def forged(clinic: Clinic, release: str, signers: tuple[str, ...], **about: Any) -> None:  # noqa: ANN401  any field
    """Write entries as somebody does who has the log and its key, and no approver's key."""
    (request,) = entries(clinic.site, "record.request")
    with record_door(load_settings(clinic.site)) as door:
        door.keep_policies()
        said = {"actor": "operator", "policy": door.policies.digest, "release": release,
                "manifest": request["manifest"], "ref": request["seq"], **about}  # fmt: skip
        for signer in signers:
            door.ledger.record(RecordsApproved(**said, signers=signer))
        door.ledger.record(RecordsExported(**said, signers=" ".join(signers)))


def test_whoever_writes_the_log_without_keys_is_found_out(clinic: Clinic) -> None:
    forged(clinic, clinic.requested(), ("a" * 16, "b" * 16))
    outcome = clinic.verify()

    assert outcome.code == 23
    assert "the approvals that are kept are not enough: APP-MISSING" in outcome.out


def test_other_signers_than_those_who_signed_are_found_out(clinic: Clinic) -> None:
    release = clinic.requested()
    clinic.approve(release, "bea")
    clinic.approve(release, "cid")
    forged(clinic, release, ("a" * 16, "b" * 16))
    outcome = clinic.verify()

    assert outcome.code == 23
    assert "it names other signers" in outcome.out


def test_an_entry_of_no_release_hides_none(clinic: Clinic) -> None:
    release = clinic.requested()
    forged(clinic, "f" * 32, ("a" * 16,))

    assert clinic.state(release)["state"] == "requested"
    assert clinic.verify().code == 18


def test_nothing_says_who_approves(clinic: Clinic) -> None:
    release = clinic.requested()
    (clinic.site / "policies" / "approvals.yaml").unlink()

    assert "APP-NOT-DECLARED" in clinic.approve(release, "bea").err


def test_a_site_without_a_log_has_no_releases(clinic: Clinic) -> None:
    shutil.move(clinic.site / "ledger.sqlite", clinic.folder / "elsewhere")

    assert json.loads(clinic.run("release", "list", clinic.site, "--json").out) == []


def test_a_release_does_not_outlive_the_membership_of_who_gets_it(clinic: Clinic) -> None:
    soon = (datetime.now(UTC) + timedelta(days=5)).date().isoformat()
    clinic.edit(
        "projects/cohort.yaml",
        '"uni|pat", role: principal_investigator, until: 2036-12-31',
        f'"uni|pat", role: principal_investigator, until: {soon}',
    )

    assert clinic.state(clinic.requested("--recipient", "uni|pat"))["until"] == soon
    assert str(clinic.state(clinic.requested())["until"]) > soon


def test_where_changes_need_approval_only_keys_in_force_count(clinic: Clinic) -> None:
    policies, drawer = clinic.site / "policies", clinic.folder / "drawer"
    (policies / "approvals.yaml").write_text(REQUIRED, "utf-8")
    for person in ("bea", "pat"):
        key = drawer / f"{person}.pem"
        assert clinic.run("policy", "sign", clinic.site, "--key", key).code == 0
    activated = clinic.run("policy", "activate", clinic.site)
    create_key(policies, drawer / "eve.pem", "eve", ["output_checker"], DAYS)
    release = clinic.requested()
    outsider = clinic.approve(release, "eve")
    for person in ("bea", "cid"):
        clinic.approve(release, person)

    assert activated.code == 0, activated.err
    assert "APP-SIGNATURE" in outsider.err
    assert clinic.export(release).code == 0
    assert clinic.verify().code == 0


def test_records_are_not_made_from_a_store_and_a_list_that_were_put_back(clinic: Clinic) -> None:
    settings = load_settings(clinic.site)
    for unit in ("P1", "P2"):
        erased = clinic.run("erase", clinic.site, "--dataset", "clinic", stdin=unit)
        assert erased.code == 0, erased.err
        if unit == "P1":
            shutil.copytree(settings.store, clinic.folder / "store.old")
            shutil.copytree(settings.erased, clinic.folder / "erased.old")
    sound = clinic.request()
    for folder in (settings.store, settings.erased):
        shutil.rmtree(folder)
        shutil.copytree(clinic.folder / f"{folder.name}.old", folder)
    outcome = clinic.request()

    assert sound.code == 0, sound.err
    assert outcome.code == 1
    assert "STO-LIST" in outcome.err
