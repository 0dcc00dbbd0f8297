from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from gateway.audit.events import PolicyActivated, PolicyResumed, PolicySuspended
from gateway.audit.findings import Failure
from gateway.deployment import Deployment
from gateway.governing.activated import ActivatedSets
from gateway.governing.signing_keys import open_key
from gateway.ledger.activation import Grounds
from gateway.ledger.scopes import budget_plan
from gateway.ledger.sqlite import SqliteLedger
from gateway.opening import OPERATOR, cap_of
from gateway.verifying.approvals import check_kept_approvals
from policies.load import load_policies
from policies.signatures import Statement, signed
from tests.gateway.approving import Office
from tests.gateway.cli.conftest import Run, run
from tests.gateway.deployments import make_full
from tests.gateway.governing.test_activation import active, office, verified

__all__ = ["active", "office", "run"]


def found(office: Office) -> list[str]:
    findings = check_kept_approvals(
        office.settings.ledger, ActivatedSets(office.settings.activated)
    )
    assert all(one.failure is Failure.APPROVAL for one in findings)
    return [one.detail for one in findings]


def envelopes(office: Office) -> list[Path]:
    return sorted(office.settings.activated.glob("*/approvals/*.dsse.json"))


def forge(office: Office, grounds: Callable[[str], Grounds]) -> None:
    """Put the folder in force as an operator can who writes the log without asking anybody."""
    declared = load_policies(office.settings.policies)
    ledger = office.ledger()
    state = ledger.standing().state
    ActivatedSets(office.settings.activated).keep(declared, ())
    ledger.open_pools(budget_plan(declared, cap_of), actor=OPERATOR, grounds=grounds(state))
    ledger.close()


def key_ids(office: Office, *people: str) -> tuple[str, ...]:
    keys = load_policies(office.settings.policies).keys.values()
    return tuple(sorted(key.id for key in keys if key.spec.person in people))


def test_whatever_was_approved_has_its_signatures(active: Office, run: Run) -> None:
    where, key = ("example", active.site), ("--key", active.key("cid"))
    run("policy", "suspend", *where, "--reason-code", "error", *key)
    for person in ("bea", "cid"):
        run("policy", "resume", *where, "--key", active.key(person))
    for old, new, people in (
        ('epsilon: "2"', 'epsilon: "1"', ("bea", "cid")),
        ('epsilon: "1"', 'epsilon: "2"', ("bea", "cid")),
        ("purposes: [example research]", "purposes: [example research]  # the same", ("bea",)),
    ):
        active.edit(old, new)
        active.sign(*people)
        active.activate()
    outcome = run("audit", "verify", active.site)

    assert outcome.code == 0, outcome.out
    assert len(envelopes(active)) == 2 + 1 + 2 + 2 + 2 + 1


def test_a_deployment_without_approvals_has_none_to_verify(tmp_path: Path, run: Run) -> None:
    site = make_full(tmp_path)
    Deployment.open(site).close()

    assert run("audit", "verify", site).code == 0


def test_an_envelope_that_is_gone_is_missed(active: Office, run: Run) -> None:
    envelopes(active)[0].unlink()
    outcome = run("audit", "verify", active.site)

    assert outcome.code == Failure.APPROVAL.value
    assert "APP-MISSING" in outcome.out


def test_a_copy_that_was_changed_is_missed(active: Office) -> None:
    path = next(active.settings.activated.glob("*/projects/example.yaml"))
    path.write_text(path.read_text().replace('epsilon: "2"', 'epsilon: "9"'))

    assert found(active) == [
        "no copy is kept of the declarations, so their approvals cannot be verified"
    ]


def test_signatures_that_nobody_gave_are_found(active: Office) -> None:
    active.edit('epsilon: "2"', 'epsilon: "3"')
    signers = key_ids(active, "bea", "cid")
    forge(
        active,
        lambda state: Grounds(
            approvals="required", change="widens", signers=signers, replaces=state
        ),
    )

    assert verified(active.site).is_sound  # the log alone cannot tell
    assert found(active) == ["the approvals that are kept are not enough: APP-MISSING"]


@pytest.mark.parametrize("approvals", ["required", "none"])
def test_the_log_alone_tells_that_nobody_signed(active: Office, approvals: str) -> None:
    active.edit('epsilon: "2"', 'epsilon: "3"')
    forge(active, lambda state: Grounds(approvals=approvals, change="widens", replaces=state))

    assert verified(active.site).findings[0].failure is Failure.APPROVAL


def test_a_widening_that_is_logged_as_narrowing_is_found(active: Office) -> None:
    active.edit('epsilon: "2"', 'epsilon: "3"')
    active.sign("bea")
    forge(
        active,
        lambda state: Grounds(
            approvals="required",
            change="narrows",
            signers=key_ids(active, "bea"),
            replaces=state,
        ),
    )

    assert "it says that the change narrows, but it widens" in found(active)


def test_other_signers_than_those_who_signed_are_found(active: Office) -> None:
    active.edit('epsilon: "2"', 'epsilon: "3"')
    active.sign("bea", "cid")
    forge(
        active,
        lambda state: Grounds(
            approvals="required",
            change="widens",
            signers=key_ids(active, "ada", "dan"),
            replaces=state,
        ),
    )
    sets = ActivatedSets(active.settings.activated)
    digest = active.in_force()
    for path in (active.settings.policies / "approvals").glob("*.bea.*"):
        sets.keep_approvals(digest, [path.read_bytes()])
    for path in (active.settings.policies / "approvals").glob("*.cid.*"):
        sets.keep_approvals(digest, [path.read_bytes()])

    assert found(active) == ["it names other signers than those whose approvals are kept"]


def test_a_stop_and_a_resumption_that_nobody_signed_are_found(active: Office) -> None:
    ledger: SqliteLedger = active.ledger()
    digest = ledger.standing().policy
    one, two = key_ids(active, "bea"), key_ids(active, "bea", "cid")
    stop = ledger.suspend(
        PolicySuspended(
            actor=OPERATOR,
            policy=digest,
            suspended="dataset/example",
            because="error",
            signers=" ".join(one),
        )
    )
    ledger.resume(
        PolicyResumed(
            actor=OPERATOR,
            policy=digest,
            suspended="dataset/example",
            ref=stop.index,
            signers=" ".join(two),
        )
    )
    ledger.close()

    assert verified(active.site).is_sound
    assert found(active) == ["the approvals that are kept are not enough: APP-STALE"] * 2


def stop(office: Office, run: Run, person: str) -> None:
    where = ("example", office.site, "--reason-code", "incident")
    assert run("policy", "suspend", *where, "--key", office.key(person)).code == 0


def go_on(office: Office, run: Run) -> None:
    for person in ("bea", "cid"):
        outcome = run("policy", "resume", "example", office.site, "--key", office.key(person))
    assert outcome.code == 0


def test_two_stops_for_one_reason_by_two_persons_are_sound(active: Office, run: Run) -> None:
    stop(active, run, "cid")
    go_on(active, run)
    stop(active, run, "bea")

    assert run("audit", "verify", active.site).code == 0


class CutShortError(BaseException):
    """In the place of a crash."""


@pytest.mark.parametrize("logged", [False, True])
@pytest.mark.parametrize("action", ["suspend", "resume"])
def test_a_crash_beside_the_entry_of_a_turn_leaves_a_sound_log(
    active: Office, run: Run, monkeypatch: pytest.MonkeyPatch, action: str, *, logged: bool
) -> None:
    def cut_short(ledger: SqliteLedger, *given: object) -> None:
        if logged:
            turn(ledger, *given)
        raise CutShortError

    stop(active, run, "bea")
    if action == "resume":
        run("policy", "resume", "example", active.site, "--key", active.key("bea"))
    else:
        go_on(active, run)
    turn, before = getattr(SqliteLedger, action), len(envelopes(active))
    with monkeypatch.context() as patched:
        patched.setattr(SqliteLedger, action, cut_short)
        reason = ("--reason-code", "incident") if action == "suspend" else ()
        with pytest.raises(CutShortError):
            run("policy", action, "example", active.site, *reason, "--key", active.key("cid"))
    kept = len(envelopes(active)) - before

    assert kept == (1 if action == "suspend" else 2)
    if not logged and action == "suspend":
        stop(active, run, "dan")
    elif not logged:
        key = active.key("cid")
        assert run("policy", "resume", "example", active.site, "--key", key).code == 0
    assert run("audit", "verify", active.site).code == 0


def suspended(
    office: Office, about: str, signer: str, named: str, time: datetime | None = None
) -> None:
    """Keep the approval of a stop, and log that a person signed it, without asking anybody."""
    digest = office.in_force()
    statement = Statement(action="suspend", digest=digest, about=about)
    envelope = signed(statement, open_key(office.key(signer)), time or datetime.now(UTC))
    ActivatedSets(office.settings.activated).keep_approvals(digest, [envelope.to_bytes()])
    logged(office, named)


def logged(office: Office, named: str) -> None:
    """Log that a person signed a stop, without asking anybody."""
    ledger = office.ledger()
    digest = ledger.standing().policy
    (key,) = key_ids(office, named)
    ledger.suspend(
        PolicySuspended(
            actor=OPERATOR,
            policy=digest,
            suspended="dataset/example",
            because="incident",
            signers=key,
        )
    )
    ledger.close()


def test_stops_of_earlier_versions_are_sound(active: Office, run: Run) -> None:
    for person in ("cid", "bea"):
        suspended(active, "dataset/example incident", person, person)
        go_on(active, run)
    stop(active, run, "dan")

    assert run("audit", "verify", active.site).code == 0


def test_an_approval_of_earlier_versions_counts_for_one_stop(active: Office, run: Run) -> None:
    for before in (timedelta(minutes=2), timedelta(minutes=1)):
        time = datetime.now(UTC) - before
        suspended(active, "dataset/example incident", "cid", "cid", time)
        go_on(active, run)
    assert found(active) == []
    logged(active, "cid")

    assert verified(active.site).is_sound  # the log alone cannot tell
    assert found(active) == ["the approvals that are kept are not enough: APP-STALE"]


def test_a_copy_of_a_spent_approval_is_spent_too(active: Office, run: Run) -> None:
    suspended(active, "dataset/example incident", "cid", "cid")
    go_on(active, run)
    for one in envelopes(active):
        one.with_name(f"again-{one.name}").write_bytes(one.read_bytes() + b" ")
    logged(active, "cid")

    assert found(active) == ["the approvals that are kept are not enough: APP-STALE"]


def test_no_approval_of_earlier_versions_counts_after_one_for_a_turn(
    active: Office, run: Run
) -> None:
    stop(active, run, "dan")
    go_on(active, run)
    suspended(active, "dataset/example incident", "cid", "cid")

    assert found(active) == ["the approvals that are kept are not enough: APP-STALE"]


def test_an_approval_of_an_earlier_stop_is_none_of_the_next(active: Office, run: Run) -> None:
    since = active.last_turn("dataset/example")
    suspended(active, f"dataset/example incident {since}", "cid", "cid")
    assert found(active) == []
    go_on(active, run)
    suspended(active, f"dataset/example incident {since}", "cid", "cid")

    assert found(active) == ["the approvals that are kept are not enough: APP-STALE"]


def test_a_stop_that_names_another_than_who_signed_is_found(active: Office) -> None:
    since = active.last_turn("dataset/example")
    suspended(active, f"dataset/example incident {since}", "cid", "bea")

    assert found(active) == ["it names other signers than those whose approvals are kept"]


def test_an_unsigned_stop_is_found_in_the_log_alone(active: Office) -> None:
    ledger: SqliteLedger = active.ledger()
    ledger.suspend(
        PolicySuspended(
            actor=OPERATOR,
            policy=ledger.standing().policy,
            suspended="dataset/example",
            because="error",
        )
    )
    ledger.close()

    assert verified(active.site).findings[0].failure is Failure.APPROVAL


def test_entries_of_the_first_version_say_nothing_of_approvals() -> None:
    event = PolicyActivated(actor="steward", policy="sha256:" + "0" * 64)

    assert (event.approvals, event.signers, event.replaces) == ("", "", "")


def test_sets_of_the_past_that_listed_a_session_are_still_read(active: Office) -> None:
    """The way of ADR 35: a set that lists keys alone took the place of one that did not."""
    for old, new in (("[key]", "[key, session]"), ("[key, session]", "[key]")):
        active.edit(f"signatures: {old}", f"signatures: {new}", "gateway.yaml")
        active.sign("bea", "cid")
        active.activate()

    assert found(active) == []
