"""Texts that a person has read before anybody approves that they leave; logged like approvals."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from functools import partial

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gateway.audit.record_events import RecordsChecked, RecordsRequested
from gateway.errors import OperatorError
from gateway.opening import OPERATOR
from gateway.records import Asked, RecordDoor
from gateway.releases.folder import REVIEW, ReleaseFolder
from gateway.releases.manifest import Manifest
from gateway.releases.sampling import SAMPLE
from gateway.releases.standing import check_erased, check_there
from gateway.releases.states import ReleaseState, state_of
from policies.active import PolicySet
from policies.approvals import Demand
from policies.errors import ApprovalError
from policies.releases import HumanCheck
from policies.signatures import Electorate, Statement, check_approvals, signed
from query.ports import Receipt

__all__ = [
    "asked_of",
    "check_release",
    "check_statement",
    "electorate_of",
    "readers",
    "require_check",
]


def electorate_of(policies: PolicySet, requester: str, recipient: str) -> Electorate:
    """Return whose signatures count: all but of who asked for records, and who gets them.

    Members of projects are named with their realm (``uni|ann``), persons who sign without it.
    """
    others = {name.rpartition("|")[2] for name in (requester, recipient)}
    return replace(Electorate.of(policies, author=None), others=frozenset(others))


def check_statement(manifest: str, entry: int, leaking: int) -> Statement:
    """Return what a person signs who has read the drawn texts.

    Args:
        manifest: Digest of the manifest, which has that of the texts.
        entry: Of the log, by which the records were asked for.
        leaking: Texts of them by which somebody could be told.
    """
    return Statement(action="check", digest=manifest, about=f"{entry} {leaking}")


def check_release(
    door: RecordDoor, release: str, key: Ed25519PrivateKey, leaking: int
) -> tuple[Receipt, bool]:
    """Sign what came of reading the drawn texts, and log whether it is little enough.

    Returns:
        The entry, and whether the texts passed.

    Raises:
        ApprovalError: If the signature would not count.
        PolicyDeniedError: If project or dataset are suspended; logged.
        OperatorError: ``REL-NO-CHECK`` if nobody has to read anything of this release;
            ``REL-CHANGED`` if its texts are not those that were drawn.
    """
    state = state_of(door.settings.ledger, release)
    folder = ReleaseFolder(door.settings.releases, state.request.release)
    manifest = folder.manifest(state.request.manifest)
    demanded = _demanded(door.policies, manifest)
    if demanded is None or manifest.text is None or manifest.text.sampled is None:
        raise OperatorError(
            "no texts of this release were drawn to be read",
            code="REL-NO-CHECK",
            remedy="let it be approved as it is; or destroy it, and request it again, if the "
            "dataset asks for a human check by now",
        )
    folder.proved(f"{REVIEW}/{SAMPLE}", manifest.text.sampled)
    statement = check_statement(state.request.manifest, state.entry, leaking)
    now, demand = door.clock.now(), Demand(min=1, roles=demanded.roles)
    electorate = electorate_of(door.policies, manifest.requester, manifest.recipient)
    envelope = signed(statement, key, now).to_bytes()
    (signer,) = check_approvals([envelope], statement, demand, electorate, now)
    passed = leaking <= demanded.most
    receipt = _logged(door, state, manifest, signer, passed=passed)
    folder.keep_check(signer, envelope)  # once logged, as approvals are
    return receipt, passed


def require_check(
    door: RecordDoor, state: ReleaseState, manifest: Manifest, folder: ReleaseFolder
) -> None:
    """Insist that a person has read the texts of a release, where the declarations say so.

    Raises:
        ApprovalError: ``REL-CHECK`` if nobody has; ``REL-CHECK-FAILED`` if too many of the texts
            could tell somebody.
    """
    demanded = _demanded(door.policies, manifest)
    if demanded is None:
        return
    if state.has_failed:
        raise ApprovalError(
            "a person who read the drawn texts found too many that could tell somebody",
            code="REL-CHECK-FAILED",
            remedy="destroy the release; declare a stricter profile, run gateway ingest, and "
            "request it again",
        )
    drawn = 0 if manifest.text is None else manifest.text.sample
    read = readers(door.policies, (state.entry, state.request), folder, door.clock.now())
    if drawn >= demanded.sample and read & {one.signers for one in state.checks}:
        return
    roles = " or ".join(role.value for role in demanded.roles)
    raise ApprovalError(
        f"no {roles} has read the texts of this release",
        code="REL-CHECK",
        remedy="let one read review/texts.jsonl in its folder and give 'gateway release check'",
    )


def readers(
    policies: PolicySet, asked: tuple[int, RecordsRequested], folder: ReleaseFolder, now: datetime
) -> frozenset[str]:
    """Return the keys whose kept verdict lets the texts of a release leave.

    Args:
        policies: Say who reads, and how many texts may tell somebody.
        asked: The entry that asked for the release, and its number.
        folder: Has the signed verdicts.
        now: Signatures and keys must hold at this time, UTC.
    """
    entry, request = asked
    demanded = _declared(policies, request.dataset, request.sample)
    if demanded is None:
        return frozenset()
    electorate = electorate_of(policies, request.actor, request.recipient)
    demand, found = Demand(min=1, roles=demanded.roles), set[str]()
    for leaking in range(demanded.most + 1):
        statement = check_statement(request.manifest, entry, leaking)
        try:
            found |= {*check_approvals(folder.checks(), statement, demand, electorate, now)}
        except ApprovalError:
            continue
    return frozenset(found)


def _demanded(policies: PolicySet, manifest: Manifest) -> HumanCheck | None:
    text = manifest.text
    return None if text is None else _declared(policies, manifest.dataset, text.sample)


def _declared(policies: PolicySet, dataset: str, drawn: int) -> HumanCheck | None:
    """Return what has to be read: as declared today, or else as when the release was made."""
    evidence = policies.datasets[dataset].spec.releases.text_evidence
    if evidence is not None and evidence.human_check is not None:
        return evidence.human_check
    return HumanCheck(sample=drawn) if drawn else None


def _logged(
    door: RecordDoor, state: ReleaseState, manifest: Manifest, signer: str, *, passed: bool
) -> Receipt:
    event = RecordsChecked(
        actor=OPERATOR,
        policy=door.policies.digest,
        release=state.request.release,
        manifest=state.request.manifest,
        ref=state.entry,
        signers=signer,
        verdict="passed" if passed else "failed",
    )
    door.keep_policies()
    checks = (
        partial(check_there, state.request.release),
        partial(check_erased, door, state.request),
    )
    return door.record(asked_of(manifest), event, *checks)


def asked_of(manifest: Manifest) -> Asked:
    """Return who asked for a release, and why."""
    return Asked(
        user=manifest.requester,
        project=manifest.project,
        dataset=manifest.dataset,
        purpose=manifest.purpose,
    )
