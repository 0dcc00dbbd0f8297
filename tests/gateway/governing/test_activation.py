from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from gateway.audit.verify import VerificationReport, verify_log
from gateway.deployment import Deployment
from gateway.errors import OperatorError
from gateway.governing import activation
from gateway.governing.activation import governing_declarations
from gateway.governing.gates import UNTESTED
from gateway.governing.signing_keys import create_key
from gateway.intake import ingest_dataset
from gateway.keyring import KeyRing
from gateway.ledger.errors import LedgerFaultError
from gateway.local import LocalGateway
from gateway.opening import checkpoint_path
from gateway.settings import load_settings
from policies.errors import ApprovalError, DeclarationError, PolicyDeniedError, Position
from policies.load import load_policies
from tests.gateway.approving import DAYS, PEOPLE, Office
from tests.gateway.cli.conftest import Run, run
from tests.gateway.deployments import COUNTS, PROJECT, USER, make_empty, make_full, make_sources
from tests.gateway.ledger.worlds import ledger_file

__all__ = ["run"]

OTHER = "SELECT COUNT(*) AS n FROM visits"
PURPOSES = "  purposes: [example research]"
COMMENTED = f"{PURPOSES}  # the same"
"""Another set that says the same, and so has the same version."""


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office.of(make_empty(tmp_path))


@pytest.fixture
def active(office: Office) -> Office:
    """Approved, activated, with data."""
    office.sign("bea", "cid")
    office.activate()
    ingest_dataset(office.settings, "example", make_sources(office.site.parent / "sources"))
    return office


def verified(site: Path) -> VerificationReport:
    settings = load_settings(site)
    key = KeyRing.open(settings.keys).signer(settings.id).verifier
    return verify_log(settings.ledger, key=key, checkpoint=checkpoint_path(settings))


def entries(site: Path, kind: str) -> list[dict[str, Any]]:
    with closing(sqlite3.connect(ledger_file(load_settings(site)))) as connection:
        leaves = connection.execute("SELECT leaf FROM entry ORDER BY idx").fetchall()
    found = [json.loads(leaf) for (leaf,) in leaves]
    return [one for one in found if one["kind"] == kind]


def test_nothing_is_served_before_two_others_than_the_author_have_signed(office: Office) -> None:
    def code() -> str:
        with pytest.raises(ApprovalError) as caught:
            office.activate()
        return caught.value.code

    with pytest.raises(ApprovalError) as closed:
        Deployment.open(office.site)
    assert closed.value.code == "APP-NOT-ACTIVATED"
    assert code() == "APP-MISSING"
    office.sign("ada", "bea")
    assert code() == "APP-AUTHOR"
    office.sign("dan")
    assert code() == "APP-AUTHOR"
    office.sign("cid")
    office.activate()
    with Deployment.open(office.site) as deployment:
        assert list(deployment.policies.datasets) == ["example"]

    (entry,) = entries(office.site, "policy.activate")
    assert (entry["approvals"], entry["change"]) == ("required", "widens")
    assert len(entry["signers"].split()) == 2
    assert "replaces" not in entry
    assert verified(office.site).is_sound


def test_a_changed_folder_does_nothing_until_it_is_approved(active: Office) -> None:
    before = active.in_force()
    active.edit('epsilon: "2"', 'epsilon: "3"')
    with Deployment.open(active.site, paced=False) as deployment:
        gateway = LocalGateway(deployment, USER)
        assert deployment.policies.digest == before
        assert gateway.budget(PROJECT)["example"][1].cap.parameter == 2
        gateway.query(PROJECT, COUNTS)
        with pytest.raises(ApprovalError):
            active.activate()
        active.sign("bea", "cid")
        done = active.activate()

        assert deployment.policies.digest == done.policies.digest != before
        assert gateway.budget(PROJECT)["example"][1].cap.parameter == 3
        assert gateway.query(PROJECT, OTHER).answer.policy_digest == done.policies.digest
    assert active.activate().receipt is None
    assert verified(active.site).is_sound


def test_one_person_may_narrow(active: Office) -> None:
    active.edit('    - {user: "researcher:change.me"', '    # - {user: "researcher:change.me"')
    active.edit("  members:", "  members: []")
    active.sign("bea")
    done = active.activate()

    assert done.grounds.change == "narrows"
    with Deployment.open(active.site, paced=False) as deployment, pytest.raises(PolicyDeniedError):
        LocalGateway(deployment, USER).query(PROJECT, COUNTS)
    assert verified(active.site).is_sound


def test_an_approval_holds_for_one_change_only(active: Office) -> None:
    first = active.in_force()
    active.edit(PURPOSES, COMMENTED)
    active.sign("bea")
    active.activate()
    active.edit(COMMENTED, PURPOSES)
    with pytest.raises(ApprovalError) as caught:
        active.activate()

    assert caught.value.code == "APP-STALE"
    assert active.in_force() != first


def test_an_approval_is_used_up_when_an_old_set_comes_back(active: Office) -> None:
    for old, new in ((PURPOSES, COMMENTED), (COMMENTED, PURPOSES)):
        active.edit(old, new)  # to another set and back, each approved
        active.sign("bea", "cid")
        active.activate()
    active.edit(PURPOSES, COMMENTED)  # its signatures still lie in the folder
    with pytest.raises(ApprovalError) as caught:
        active.activate()

    assert caught.value.code == "APP-STALE"


def test_keys_of_the_set_in_force_decide_and_not_those_that_a_change_brings(
    active: Office,
) -> None:
    own = Office(active.site, active.site.parent / "own")
    own.drawer.mkdir()
    for path in (active.site / "policies" / "keys").iterdir():
        path.unlink()
    for person, roles in PEOPLE.items():
        create_key(active.site / "policies", own.key(person), person, roles, DAYS)
    own.sign("bea", "cid")
    with pytest.raises(ApprovalError) as caught:
        active.activate()

    assert caught.value.code == "APP-SIGNATURE"


def test_who_stops_asking_for_approvals_needs_them_once_more(active: Office) -> None:
    active.edit("approvals: required", "approvals: none", "approvals.yaml")
    with Deployment.open(active.site) as deployment:
        assert deployment.policies.needs_approval
    with pytest.raises(ApprovalError):
        active.activate()
    active.sign("bea", "cid")
    active.activate()
    active.edit('epsilon: "2"', 'epsilon: "1"')
    with Deployment.open(active.site) as deployment:
        assert not deployment.policies.needs_approval
        assert str(deployment.policies.projects[PROJECT].spec.budget.epsilon) == "1"

    last = entries(active.site, "policy.activate")[-1]
    assert (last["approvals"], "signers" in last) == ("none", False)
    assert verified(active.site).is_sound


def test_a_deployment_without_approvals_says_so_in_the_log(tmp_path: Path) -> None:
    site = make_full(tmp_path)
    with Deployment.open(site) as deployment:
        digest = deployment.policies.digest
    (entry,) = entries(site, "policy.activate")

    assert (entry["approvals"], entry["policy"]) == ("none", digest)
    assert verified(site).is_sound


def test_what_says_nothing_of_approvals_is_not_served(tmp_path: Path) -> None:
    site = make_empty(tmp_path)
    (site / "policies" / "approvals.yaml").unlink()
    with pytest.raises(ApprovalError) as caught:
        Deployment.open(site)

    assert caught.value.code == "APP-NOT-DECLARED"


def test_a_copy_of_the_set_in_force_that_was_changed_is_found_out(active: Office) -> None:
    digest = active.in_force().removeprefix("sha256:")
    copy = active.site / "activated" / digest / "projects" / "example.yaml"
    copy.write_text(copy.read_text().replace('epsilon: "2"', 'epsilon: "9"'))
    with pytest.raises(OperatorError) as caught:
        Deployment.open(active.site)

    assert caught.value.code == "SYS-POLICY-GONE"


def test_ingest_stores_what_the_approved_set_says(active: Office) -> None:
    active.edit("\n  budget:", "\n  obligations: [x]\n  budget:", "datasets/example.yaml")
    sources = active.site.parent / "sources"
    ingest_dataset(active.settings, "example", sources)

    assert entries(active.site, "ingest.done")[-1]["policy"] == active.in_force()


def test_another_set_in_the_meantime_makes_an_approval_stale(
    active: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    install = activation._install

    def slow(*arguments: Any) -> Any:  # noqa: ANN401  passed on
        monkeypatch.setattr(activation, "_install", install)
        active.edit('epsilon: "1"', 'epsilon: "1.5"')
        active.sign("bea", "cid")
        active.activate()
        return install(*arguments)

    active.edit('epsilon: "2"', 'epsilon: "1"')
    active.sign("bea", "cid")
    monkeypatch.setattr(activation, "_install", slow)
    with pytest.raises(OperatorError) as caught:
        active.activate()

    assert caught.value.code == "APP-STALE"
    assert verified(active.site).is_sound


TESTS = """\
apiVersion: gateway.policy/v1
kind: PolicyTest
metadata: {id: example-tests}
cases:
  - name: women and men are counted
    as: {user: "researcher:change.me", project: example-project}
    at: TODAY
    query: SELECT sex, COUNT(*) AS n FROM patients GROUP BY sex
    expect: {decision: allow, charge_at_most: "0.1"}
"""


def put_tests(office: Office, text: str = TESTS) -> None:
    folder = office.site / "policies" / "tests"
    folder.mkdir(exist_ok=True)
    today = str(datetime.now(UTC).date())
    (folder / "example.yaml").write_text(text.replace("TODAY", today))


def test_what_is_not_as_its_tests_expect_is_not_put_in_force(office: Office) -> None:
    put_tests(office)
    office.edit("patients: [age, sex]", "patients: [age]")
    office.sign("bea", "cid")
    with pytest.raises(DeclarationError) as caught:
        office.activate()
    told = caught.value
    office.edit("patients: [age]", "patients: [age, sex]")
    office.sign("bea", "cid")
    done = office.activate()

    assert (told.code, told.position) == ("TST-FAILED", Position(5, 5))
    assert told.file.endswith("tests/example.yaml")
    assert "PRJ-COLUMN" in told.message
    assert told.remedy
    assert done.warnings == ()


def test_where_nobody_approves_tests_are_asked_too(tmp_path: Path) -> None:
    """The folder is put in force by whoever opens the deployment."""
    site = make_empty(tmp_path)
    office = Office(site, tmp_path)
    with Deployment.open(site) as deployment:
        before = deployment.policies.digest
    put_tests(office)
    office.edit("patients: [age, sex]", "patients: [age]")
    with pytest.raises(DeclarationError) as caught:
        Deployment.open(site)
    held = office.in_force()
    office.edit("patients: [age]", "patients: [sex]")
    with Deployment.open(site) as deployment:
        after = deployment.policies.digest

    assert caught.value.code == "TST-FAILED"
    assert held == before != after == office.in_force()


def test_a_set_without_tests_is_put_in_force_with_a_warning(office: Office) -> None:
    office.sign("bea", "cid")

    assert office.activate().warnings == (UNTESTED,)


def test_tests_that_cannot_be_read_keep_a_set_from_being_in_force(office: Office) -> None:
    put_tests(office, TESTS.replace("decision: allow", "decision: maybe"))
    office.sign("bea", "cid")
    with pytest.raises(DeclarationError) as caught:
        office.activate()

    assert caught.value.file.endswith("tests/example.yaml")
    assert office.in_force() == ""


def test_a_version_that_does_not_follow_is_not_put_in_force(active: Office) -> None:
    path = active.site / "policies" / "projects" / "example.yaml"
    path.write_text(path.read_text().replace('epsilon: "2"', 'epsilon: "1"'))
    active.sign("bea", "cid")
    with pytest.raises(DeclarationError) as caught:
        active.activate()

    assert caught.value.code == "META-VERSION"
    assert caught.value.remedy == "write version: 2"


def test_what_only_reads_declarations_reads_those_in_force(active: Office, run: Run) -> None:
    made, edited = active.site.parent / "made", active.site.parent / "edited"
    where = ("--folder", active.site, "--out")
    before = len(entries(active.site, "system.start"))
    run("practice", "example", *where, made)
    active.edit("categories: [F, M]", "categories: [X, Y]", "datasets/example.yaml")
    outcome = run("practice", "example", *where, edited)
    decided = governing_declarations(active.settings).digest

    assert outcome.code == 0
    assert (made / "patients.csv").read_bytes() == (edited / "patients.csv").read_bytes()
    assert decided == active.in_force() != load_policies(active.settings.policies).digest
    assert len(entries(active.site, "system.start")) == before + 2  # of this test's own looks


def test_a_ledger_that_cannot_be_read_decides_nothing(active: Office) -> None:
    ledger_file(active.settings).write_bytes(b"no database" * 100)
    with pytest.raises(LedgerFaultError):
        governing_declarations(active.settings)
