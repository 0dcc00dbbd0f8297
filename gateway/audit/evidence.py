"""Checking what others hold against a log: receipts, answers, and cosignatures of witnesses."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from gateway.audit.checkpoint import VerifierKey
from gateway.audit.errors import LogError
from gateway.audit.findings import Failure, Finding
from gateway.audit.heads import KnownHeads, grown_from
from gateway.audit.proofs import parse_proof
from gateway.audit.quorum import WitnessPolicy
from gateway.audit.receipts import CheckedReceipt, check_receipt
from gateway.audit.reports import receipt_lines

__all__ = ["Evidence", "check_evidence", "check_witnesses"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What is checked beside the log.

    Attributes:
        key: The log's key in force.
        receipts: Texts of receipts.
        contained: Texts of heads of earlier keys that the log was found to contain.
        growth: Texts of proofs that the log has grown from the heads of receipts.
        answer: An answer as JSON that one of the receipts is about.
        witnessed: The last head with cosignatures; None if there is none.
        policy: Who must have cosigned; None where that is not asked.
    """

    key: VerifierKey
    receipts: tuple[str, ...] = ()
    contained: frozenset[str] = frozenset()
    growth: tuple[str, ...] = ()
    answer: bytes | None = None
    witnessed: str | None = None
    policy: WitnessPolicy | None = None


def check_evidence(evidence: Evidence) -> tuple[tuple[Finding, ...], tuple[str, ...]]:
    """Check receipts, an answer and witnesses.

    Returns:
        What is wrong, and what is proved, a sentence each.
    """
    findings: list[Finding] = []
    notes: list[str] = []
    fits: list[bool | None] = []
    for text in evidence.receipts:
        try:
            checked = check_receipt(text, _heads(evidence, text), evidence.answer)
        except LogError as error:
            unsigned = error.code == "LOG-CHECKPOINT"
            failure = Failure.SIGNATURE if unsigned else Failure.RECEIPT
            findings.append(Finding(None, failure, error.message))
            continue
        fits.append(checked.answer_fits)
        notes.extend(receipt_lines(checked))
        findings.extend(_unwitnessed(checked, evidence.policy))
    if evidence.answer is not None and True not in fits:
        detail = "the answer is not the one that an entry of the log is about"
        findings.append(Finding(None, Failure.RECEIPT, detail))
    if evidence.policy is not None and not evidence.receipts:
        more, said = check_witnesses(evidence.witnessed, evidence.policy)
        findings.extend(more)
        notes.extend(said)
    return tuple(findings), tuple(notes)


def _heads(evidence: Evidence, receipt: str) -> KnownHeads:
    """Which heads count for a receipt; raises LogError where that is malformed."""
    note = parse_proof(receipt).checkpoint
    grown = grown_from((note,), evidence.growth, evidence.key)
    return KnownHeads(evidence.key, evidence.contained | grown)


def check_witnesses(
    note: str | None, policy: WitnessPolicy
) -> tuple[Sequence[Finding], Sequence[str]]:
    """Check whether enough witnesses have cosigned a head; say who did, and when.

    Args:
        note: The head with its cosignatures; None if there is none.
        policy: Who must have cosigned.
    """
    if note is None:
        if policy.quorum == "none":
            return (), ()
        return (Finding(None, Failure.WITNESS, "no head was cosigned by enough witnesses"),), ()
    try:
        found = policy.judge(note)
    except LogError as error:
        return (Finding(None, Failure.WITNESS, error.message),), ()
    size = note.split("\n")[1]
    notes = [
        f"Witness {name} has seen {size} entries, {datetime.fromtimestamp(time, UTC).isoformat()}."
        for name, time in sorted(found.cosigned.items())
    ]
    if found.met:
        return (), notes
    return (Finding(None, Failure.WITNESS, "too few witnesses have cosigned the head"),), notes


def _unwitnessed(checked: CheckedReceipt, policy: WitnessPolicy | None) -> Iterator[Finding]:
    if policy is not None:
        yield from check_witnesses(checked.note, policy)[0]
