"""Putting declarations in force, and stopping them: who may, what is checked, what is logged.

Where approvals are required, nothing but ``activate`` changes what is in force. Where they are not,
whoever opens the deployment puts its folder in force, and the log says so.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from gateway.audit.durable import make_folder, put_file
from gateway.governing.activated import ActivatedSets
from gateway.governing.gates import check_gates, check_tests
from gateway.ledger.activation import Grounds, standing_of
from gateway.ledger.records import PolicyStanding
from gateway.ledger.scopes import budget_plan
from gateway.ledger.sqlite import SqliteLedger
from gateway.opening import OPERATOR, cap_of
from gateway.settings import Settings
from policies.active import PolicySet
from policies.approvals import ApprovalSpec, Demand
from policies.changes import Change, classify
from policies.dsse import Envelope
from policies.errors import ApprovalError
from policies.load import load_policies, policy_set, read_declarations
from policies.signatures import Electorate, Statement, check_approvals
from query.ports import Receipt

__all__ = [
    "APPROVALS",
    "Activation",
    "activate",
    "active_set",
    "approvals_in",
    "author_of",
    "deciding_set",
    "demand_of",
    "governing_declarations",
    "governing_set",
    "keep_signature",
    "put_in_force",
    "statement_of",
]

APPROVALS = "approvals"
"""Folder of the signed envelopes, in that of the declarations; no part of their digest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Activation:
    """What was put in force.

    Attributes:
        policies: The set.
        grounds: Why that might be done.
        receipt: Where it stands in the log; None where it was in force already.
        warnings: What is allowed and mostly not meant, in words.
    """

    policies: PolicySet
    grounds: Grounds
    receipt: Receipt | None
    warnings: tuple[str, ...] = ()


def put_in_force(settings: Settings, ledger: SqliteLedger) -> PolicySet:
    """Return what is in force when a deployment is opened.

    The folder of the declarations is put in force where neither it nor what is in force asks for
    approvals; else it is not looked at.

    Raises:
        ApprovalError: If approvals are asked for and nothing was activated yet, or nothing says
            whether they are.
        DeclarationError: If a declaration of the folder is wrong, or a changed folder is not what
            its tests expect.
        OperatorError: If the copy of what is in force is gone.
    """
    before = active_set(settings, ledger)
    if before is not None and before.needs_approval:
        return before
    declared = load_policies(settings.policies)
    if not declared.needs_approval:
        _check_declared(declared)
        standing = ledger.standing()
        if declared.digest != standing.policy:
            check_tests(settings.policies, declared)
        grounds = _grounds(declared, before, standing.state)
        return _install((settings, ledger), declared, grounds, (), OPERATOR).policies
    if before is None:
        raise ApprovalError(
            "these declarations ask for approvals, and none were activated yet",
            code="APP-NOT-ACTIVATED",
            remedy="let them be signed with 'gateway policy sign', then run"
            " 'gateway policy activate'",
        )
    return before


def activate(
    settings: Settings, ledger: SqliteLedger, now: datetime, *, actor: str = OPERATOR
) -> Activation:
    """Put the folder of the declarations in force, if it is sound and those approve who have to.

    Args:
        settings: Of the deployment.
        ledger: Open.
        now: Signatures must be valid at this time.
        actor: Opaque id of who puts it in force.

    Raises:
        ApprovalError: If approvals are missing.
        DeclarationError: If a declaration is wrong, does not follow on the one in force, would
            give budget back, or is not what its tests expect.
        OperatorError: If another set came in force in the meantime.
    """
    declarations = read_declarations(settings.policies)
    declared = policy_set(declarations)
    before, standing = active_set(settings, ledger), ledger.standing()
    deciding = deciding_set(before, declared)
    _check_declared(deciding)
    grounds = _grounds(declared, before, standing.state)
    if declared.digest == standing.policy:
        return Activation(policies=declared, grounds=grounds, receipt=None)
    warnings = check_gates(settings.policies, declarations, before)
    envelopes: tuple[bytes, ...] = ()
    if deciding.approvals is not None and deciding.needs_approval:
        name = declared.digest.removeprefix("sha256:")
        envelopes = approvals_in(settings.policies, name)
        signers = check_approvals(
            envelopes,
            statement_of(declared.digest, standing.state),
            demand_of(deciding.approvals.spec, grounds.change),
            Electorate.of(deciding, author_of(declared)),
            now,
        )
        grounds = replace(grounds, signers=signers)
    done = _install((settings, ledger), declared, grounds, envelopes, actor)
    return replace(done, warnings=warnings)


def active_set(settings: Settings, ledger: SqliteLedger) -> PolicySet | None:
    """Return what is in force; None where nothing is, or no copy was kept and none was needed.

    Raises:
        OperatorError: If what is in force came there by approvals, and its copy is gone.
    """
    standing, sets = ledger.standing(), ActivatedSets(settings.activated)
    if not standing.policy:
        return None
    if standing.approvals == "required":
        return sets.load(standing.policy)
    return sets.find(standing.policy)


def governing_set(settings: Settings, ledger: SqliteLedger) -> PolicySet:
    """Return what decides on this machine: an approved set, or else the folder as it is.

    What is suspended is stopped in it. Nothing is put in force.

    Raises:
        DeclarationError: If the folder decides, and a declaration is wrong.
        OperatorError: If the copy of what was approved is gone.
    """
    standing = ledger.standing()
    return _governing(settings, standing).with_suspended(standing.suspended)


def governing_declarations(settings: Settings) -> PolicySet:
    """Return what decides on this machine, for whoever only reads declarations.

    The ledger is only read, and nothing is logged; what is suspended is not looked at.

    Raises:
        DeclarationError: If the folder decides, and a declaration is wrong.
        OperatorError: If the copy of what was approved is gone.
    """
    if not settings.ledger.exists():
        return load_policies(settings.policies)
    return _governing(settings, standing_of(settings.ledger))


def _governing(settings: Settings, standing: PolicyStanding) -> PolicySet:
    if standing.approvals == "required":
        return ActivatedSets(settings.activated).load(standing.policy)
    return load_policies(settings.policies)


def statement_of(digest: str, replaces: str) -> Statement:
    """Return what is signed to put a set in force in the place of another.

    Args:
        digest: Of the set.
        replaces: What is in force, as ``PolicyStanding.state`` names it.
    """
    return Statement(action="activate", digest=digest, about=replaces)


def deciding_set(before: PolicySet | None, declared: PolicySet) -> PolicySet:
    """Return whose rules and keys decide on a change: those in force, if they ask for approvals."""
    return before if before is not None and before.needs_approval else declared


def demand_of(spec: ApprovalSpec, change: str) -> Demand:
    """Return who has to approve a change of that kind."""
    return spec.widen if change == Change.WIDENS.value else spec.narrow


def author_of(declared: PolicySet) -> str | None:
    """Return who wrote a set, if that is said."""
    return None if declared.approvals is None else declared.approvals.spec.author


def approvals_in(policies: Path, name: str) -> tuple[bytes, ...]:
    """Return the signed envelopes of a folder of declarations whose files begin with a name."""
    files = sorted((policies / APPROVALS).glob(f"{name}.*.dsse.json"))
    return tuple(path.read_bytes() for path in files)


def keep_signature(policies: Path, name: str, key: str, envelope: Envelope) -> Path:
    """Keep a signed envelope, durable, in a folder of declarations; return its file.

    Args:
        policies: The folder.
        name: What ``approvals_in`` finds it by.
        key: Id of the key that signed; another envelope of the same is replaced.
        envelope: To be kept.
    """
    path = policies / APPROVALS / f"{name}.{key}.dsse.json"
    make_folder(path.parent, 0o755)
    put_file(path, envelope.to_bytes(), 0o644)
    return path


def _check_declared(policies: PolicySet) -> None:
    if policies.approvals is None:
        raise ApprovalError(
            "nothing says whether a change of these declarations needs approval",
            code="APP-NOT-DECLARED",
            remedy="write approvals.yaml beside datasets/; docs/approvals.md shows one",
        )


def _grounds(declared: PolicySet, before: PolicySet | None, replaces: str) -> Grounds:
    return Grounds(
        approvals="required" if declared.needs_approval else "none",
        change=classify(before, declared).value,
        replaces=replaces,
    )


def _install(
    parts: tuple[Settings, SqliteLedger],
    declared: PolicySet,
    grounds: Grounds,
    envelopes: tuple[bytes, ...],
    actor: str,
) -> Activation:
    """Keep a copy, then put the set in force: a crash between leaves a copy that is not used."""
    settings, ledger = parts
    ActivatedSets(settings.activated).keep(declared, envelopes)
    receipt = ledger.open_pools(budget_plan(declared, cap_of), actor=actor, grounds=grounds)
    return Activation(policies=declared, grounds=grounds, receipt=receipt)
