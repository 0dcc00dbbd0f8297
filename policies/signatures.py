"""What a signer says, and whether enough of the right people have said it.

A statement names the set of declarations by its digest and the state that it replaces, so that an
approval that was given once cannot be used again after the set has changed.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final, cast

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from policies.active import PolicySet
from policies.approvals import ApprovalKey, Demand
from policies.dsse import Envelope, parse_envelope, sign
from policies.errors import ApprovalError

__all__ = [
    "PAYLOAD_TYPE",
    "Electorate",
    "Statement",
    "Verdict",
    "check_approvals",
    "judge_approval",
    "signed",
]

PAYLOAD_TYPE: Final = "application/vnd.in-toto+json"
_STATEMENT: Final = "https://in-toto.io/Statement/v1"
_PREDICATE: Final = "urn:gateway:policy-approval:v1"
_OF_RECORDS: Final = " and neither asked for it nor get it: 'gateway release approve'"
_SIGNING: Final = {
    "activate": " and not the author: 'gateway policy sign'",
    "suspend": ": 'gateway policy suspend' with --key",
    "resume": ": 'gateway policy resume' with --key",
    "release": _OF_RECORDS,
    "check": _OF_RECORDS,
}
"""Who else does not count, and how the others sign, by the action that is signed."""
_SKEW: Final = timedelta(minutes=5)
"""By how much a signer's clock may be ahead of the gateway's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """What is approved.

    Attributes:
        action: ``activate``, ``suspend``, ``resume``, ``release`` or ``check``.
        digest: Digest of the set to put in force; of the set in force to suspend or resume; of the
            manifest of records that are to leave.
        about: To activate, the digest of the set that is replaced and the entry of the log that put
            it in force, or ``none``; to suspend, which dataset or project, why, and the last entry
            that stopped it, let it go on, or put declarations in force; to resume, which dataset or
            project, and the entry that suspended it; of records, the entry that asked for them,
            and to check their texts, in how many of how many somebody could be told.
    """

    action: str
    digest: str
    about: str

    @property
    def subject(self) -> str:
        """What the digest is of."""
        return "release" if self.action in {"release", "check"} else "policies"

    def payload(self, time: datetime) -> bytes:
        """Return the statement as signed at a time: in-toto Statement v1, as JSON."""
        document = {
            "_type": _STATEMENT,
            "subject": [
                {"name": self.subject, "digest": {"sha256": self.digest.removeprefix("sha256:")}}
            ],
            "predicateType": _PREDICATE,
            "predicate": {
                "action": self.action,
                "about": self.about,
                "signed_at": time.astimezone(UTC).replace(microsecond=0).isoformat(),
            },
        }
        return json.dumps(document, sort_keys=True, separators=(",", ":")).encode()


@dataclass(frozen=True, slots=True, kw_only=True)
class Electorate:
    """Who may approve.

    Attributes:
        keys: Those of the declarations in force, by id.
        author: Who wrote what is to be approved; None where nobody did.
        others: Who else does not count: whoever asked for records, or gets them.
    """

    keys: Mapping[str, ApprovalKey]
    author: str | None
    others: frozenset[str] = frozenset()

    @classmethod
    def of(cls, deciding: PolicySet, author: str | None) -> Electorate:
        """Return who may approve under the declarations that decide."""
        return cls(keys=deciding.keys, author=author)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """Whether one approval counts.

    Attributes:
        key: Which known key signed; None where none did.
        problem: Why it does not count; None where it does.
    """

    key: ApprovalKey | None = None
    problem: ApprovalError | None = None


def signed(statement: Statement, key: Ed25519PrivateKey, time: datetime) -> Envelope:
    """Return a statement in an envelope, signed at a time."""
    return sign(PAYLOAD_TYPE, statement.payload(time), key)


def check_approvals(
    raw: Sequence[bytes],
    statement: Statement,
    demand: Demand,
    electorate: Electorate,
    now: datetime,
) -> tuple[str, ...]:
    """Return the ids of the keys that approve a statement, one for each person, sorted.

    Args:
        raw: Files of approvals; what does not count is passed over.
        statement: What is to be approved.
        demand: How many persons, in which roles.
        electorate: Whose signatures count.
        now: Signatures and keys must hold at this time, UTC.

    Raises:
        ApprovalError: If too few approve; says why each of the others does not count.
    """
    approving: dict[str, str] = {}
    counted, ignored = 0, []
    for one in raw:
        match judge_approval(one, statement, demand, electorate, now):
            case Verdict(key=ApprovalKey() as key, problem=None):
                counted += 1
                # the least of a person's keys, so that the order of files makes no difference
                approving[key.spec.person] = min(key.id, approving.get(key.spec.person, key.id))
            case verdict:
                ignored.append(cast("ApprovalError", verdict.problem))
    if len(approving) >= demand.min:
        return tuple(sorted(approving.values()))
    raise _too_few(sorted(approving), counted, ignored, demand, statement.action)


def judge_approval(
    raw: bytes, statement: Statement, demand: Demand, electorate: Electorate, now: datetime
) -> Verdict:
    """Return whose approval one file is, and whether it counts; as for ``check_approvals``."""
    key = None
    try:
        envelope = parse_envelope(raw)
        key = _signing_key(envelope, electorate)
        _check_time(_signing_time(envelope, statement, key), key, now)
        _check_elector(key, demand, electorate)
    except ApprovalError as error:
        return Verdict(key=key, problem=error)
    return Verdict(key=key)


def _too_few(
    persons: Sequence[str],
    counted: int,
    ignored: Sequence[ApprovalError],
    demand: Demand,
    action: str,
) -> ApprovalError:
    code = "APP-MISSING"
    if counted > len(persons):
        code = "APP-ONE-PERSON"
    elif ignored:
        code = ignored[0].code
    reasons = [f"{error.code} {error.message}" for error in ignored]
    who = "different persons sign who are" if demand.min > 1 else "one person sign who is"
    roles = " or ".join(role.value for role in demand.roles)
    return ApprovalError(
        f"{len(persons)} of {demand.min} persons approve"
        f" ({', '.join(persons) or 'nobody'}){''.join(f'; not counted: {one}' for one in reasons)}",
        code=code,
        remedy=f"let {who} {roles}{_SIGNING[action]}",
    )


def _signing_key(envelope: Envelope, electorate: Electorate) -> ApprovalKey:
    key = next((one for one in electorate.keys.values() if envelope.signed_by(one.verifier)), None)
    if key is None:
        raise _not_counted("APP-SIGNATURE", "no key of the declarations in force made a signature")
    return key


def _check_time(time: datetime, key: ApprovalKey, now: datetime) -> None:
    if time > now + _SKEW:
        raise _not_counted("APP-TIME", f"{key.id} signed at a time that is yet to come")
    _check_days(key, time.date())
    _check_days(key, now.date())


def _check_elector(key: ApprovalKey, demand: Demand, electorate: Electorate) -> None:
    if not set(key.spec.roles) & set(demand.roles):
        raise _not_counted("APP-ROLE", f"{key.spec.person} has none of the roles")
    if key.spec.person == electorate.author:
        raise _not_counted("APP-AUTHOR", f"{key.spec.person} is the author")
    if key.spec.person in electorate.others:
        raise _not_counted("APP-REQUESTER", f"{key.spec.person} asked for it, or gets it")


def _signing_time(envelope: Envelope, statement: Statement, key: ApprovalKey) -> datetime:
    """Return when exactly this statement was signed."""
    try:
        predicate: Any = json.loads(envelope.payload)["predicate"]
        time = datetime.fromisoformat(predicate["signed_at"]).astimezone(UTC)
        same = envelope.payload == statement.payload(time)
    except (ValueError, TypeError, KeyError, OverflowError, RecursionError):
        same = False
    if not same or envelope.payload_type != PAYLOAD_TYPE:
        raise _not_counted("APP-STALE", f"{key.id} approves something else")
    return time


def _check_days(key: ApprovalKey, day: date) -> None:
    if day > key.spec.not_after:
        raise _not_counted("APP-KEY-EXPIRED", f"{key.id} ended on {key.spec.not_after}")
    if day < key.spec.not_before:
        raise _not_counted("APP-KEY-NOT-YET", f"{key.id} begins on {key.spec.not_before}")


def _not_counted(code: str, reason: str) -> ApprovalError:
    return ApprovalError(reason, code=code)
