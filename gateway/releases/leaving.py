"""A release that was asked for: approved, exported, destroyed; each step is logged first."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gateway.audit.database import Connection
from gateway.audit.record_events import RecordsApproved, RecordsDestroyed, RecordsExported
from gateway.errors import OperatorError
from gateway.opening import OPERATOR
from gateway.records import Asked, RecordDoor
from gateway.releases.checking import asked_of, electorate_of, require_check
from gateway.releases.earlier import (
    Scope,
    check_none_between,
    earlier_releases,
    joint,
    reached,
    read_classes,
)
from gateway.releases.folder import ReleaseFolder, drafting, write_folder, write_private
from gateway.releases.manifest import Manifest
from gateway.releases.standing import check_approved, check_erased, check_texts, check_there
from gateway.releases.states import ReleaseState, state_of
from gateway.storage import layout_digest
from policies.active import PolicySet
from policies.approvals import Demand
from policies.errors import ApprovalError
from policies.record_facts import Measured
from policies.signatures import Statement, check_approvals, signed
from query.ports import Receipt

__all__ = [
    "Approval",
    "approve_release",
    "destroy_release",
    "export_release",
    "release_demand",
    "release_statement",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """An approval that counts.

    Attributes:
        receipt: Its entry in the log.
        given: How many different persons have approved by now.
        needed: How many have to.
    """

    receipt: Receipt
    given: int
    needed: int


def release_statement(manifest: str, entry: int) -> Statement:
    """Return what is signed so that records may leave.

    Args:
        manifest: Digest of the manifest, and so of every file.
        entry: Of the log, by which they were asked for.
    """
    return Statement(action="release", digest=manifest, about=str(entry))


def release_demand(policies: PolicySet) -> Demand:
    """Return who has to approve that records leave.

    Raises:
        ApprovalError: ``APP-NOT-DECLARED`` if nothing says it.
    """
    if policies.approvals is None:
        raise ApprovalError(
            "nothing says who approves that records leave",
            code="APP-NOT-DECLARED",
            remedy="write approvals.yaml beside datasets/; docs/approvals.md shows one",
        )
    return policies.approvals.spec.release


def approve_release(door: RecordDoor, release: str, key: Ed25519PrivateKey) -> Approval:
    """Sign that a release may leave, if who signs may.

    Raises:
        ApprovalError: If the signature would not count.
        PolicyDeniedError: If project or dataset are suspended; logged.
        OperatorError: If there is no such release, or its files are not those that were made.
    """
    state, manifest = _found(door, release)
    folder = _folder(door, state)
    require_check(door, state, manifest, folder)
    demand, now = release_demand(door.policies), door.clock.now()
    statement = release_statement(state.request.manifest, state.entry)
    electorate = electorate_of(door.policies, manifest.requester, manifest.recipient)
    envelope = signed(statement, key, now).to_bytes()
    # One alone counts, or says why it does not; whether enough have signed is asked at the export.
    (signer,) = check_approvals([envelope], statement, replace(demand, min=1), electorate, now)
    door.keep_policies()
    receipt = door.record(
        asked_of(manifest),
        RecordsApproved(
            actor=OPERATOR,
            policy=door.policies.digest,
            release=state.request.release,
            manifest=state.request.manifest,
            ref=state.entry,
            signers=signer,
        ),
        partial(check_there, state.request.release),
        partial(check_erased, door, state.request),
        partial(check_texts, state.request),
    )
    folder.keep_approval(signer, envelope)  # once logged, so that none counts that the log lacks
    given = check_approvals(folder.approvals(), statement, replace(demand, min=1), electorate, now)
    return Approval(receipt=receipt, given=len(given), needed=demand.min)


def export_release(door: RecordDoor, release: str, out: Path) -> Receipt:
    """Write a release into a new folder, once it is approved, and the log says that it leaves.

    The policy is asked again: what it no longer allows does not leave, whoever approved it.

    Raises:
        ApprovalError: If too few approve.
        PolicyDeniedError: If the policy says no today; logged, but for the number of rows.
        OperatorError: If there is no such release, its last day has passed, its files are not
            those that were made, or its dataset is declared otherwise by now.
    """
    state, manifest = _found(door, release)
    _check_day(door, manifest)
    asked, folder = asked_of(manifest), _folder(door, state)
    none_between = _allow_again(door, asked, folder, manifest)
    require_check(door, state, manifest, folder)
    signers = check_approvals(
        folder.approvals(),
        release_statement(state.request.manifest, state.entry),
        release_demand(door.policies),
        electorate_of(door.policies, manifest.requester, manifest.recipient),
        door.clock.now(),
    )
    door.keep_policies()
    _, files = folder.leaving(state.request.manifest)
    event = _exported(door, state, signers)
    checks = (
        partial(check_erased, door, state.request),
        partial(check_texts, state.request),
        partial(check_approved, event),
        none_between,
    )
    notes = door.settings.releases
    with drafting(notes), write_folder(out, notes) as draft:
        # Nothing is outside before the log says so. Where writing fails, it said too much, and the
        # release can be exported again.
        receipt = door.record(asked, event, *checks)
        try:
            for name, content in files.items():
                write_private(draft / name, content)
        except OSError as error:
            raise _unwritten(out, error) from None
    return receipt


def _exported(door: RecordDoor, state: ReleaseState, signers: tuple[str, ...]) -> RecordsExported:
    return RecordsExported(
        actor=OPERATOR,
        policy=door.policies.digest,
        release=state.request.release,
        manifest=state.request.manifest,
        ref=state.entry,
        signers=" ".join(signers),
    )


def _unwritten(out: Path, error: OSError) -> OperatorError:
    return OperatorError(
        "the release could not be written, though the log says that it leaves:"
        f" {os.strerror(error.errno or 0)}",
        code="REL-WRITE",
        remedy="see to the disk, and export it again; nothing of it is in the folder",
        file=str(out),
    )


def destroy_release(door: RecordDoor, release: str) -> Receipt:
    """Remove the records of a release, and log that all copies are gone.

    That of the recipient is out of the gateway's reach: whoever runs this says that it is gone.

    Raises:
        OperatorError: If there is no such release, or it is destroyed already.
    """
    state = state_of(door.settings.ledger, release)
    _folder(door, state).remove_records()
    return door.ledger.record(
        RecordsDestroyed(
            actor=OPERATOR,
            policy=door.policies.digest,
            release=state.request.release,
            manifest=state.request.manifest,
            ref=state.entry,
        ),
        partial(check_there, state.request.release),
    )


def _found(door: RecordDoor, release: str) -> tuple[ReleaseState, Manifest]:
    state = state_of(door.settings.ledger, release)
    return state, _folder(door, state).manifest(state.request.manifest)


def _folder(door: RecordDoor, state: ReleaseState) -> ReleaseFolder:
    return ReleaseFolder(door.settings.releases, state.request.release)


def _allow_again(
    door: RecordDoor, asked: Asked, folder: ReleaseFolder, manifest: Manifest
) -> Callable[[Connection], None]:
    """Decide as when the records were made; whether they tell too much is counted again.

    What has left by now is counted together with them. Returns the check that nothing else leaves
    in between.
    """
    facts = manifest.facts
    door.allow(asked, facts)
    scope = Scope(
        dataset=manifest.dataset,
        project=manifest.project,
        recipient=manifest.recipient,
        exported=True,
        but=manifest.release,
    )
    left = earlier_releases(door, scope)
    classes = read_classes(folder, manifest)
    measured = Measured(
        rows=manifest.rows,
        reached=reached(classes, facts.criteria),
        joint=joint(classes, manifest, left),
    )
    door.allow_measured(asked, facts, measured)
    if layout_digest(door.policies.datasets[asked.dataset]) != manifest.layout:
        raise OperatorError(
            "what is stored of the dataset was declared otherwise when the records were made",
            code="REL-LAYOUT",
            remedy="run gateway ingest, destroy the release, and request it again",
        )
    return partial(check_none_between, scope, left)


def _check_day(door: RecordDoor, manifest: Manifest) -> None:
    if door.clock.now().date() > manifest.until:
        raise OperatorError(
            f"the release was to be destroyed by {manifest.until}",
            code="REL-EXPIRED",
            remedy="destroy it, and request it again",
        )
