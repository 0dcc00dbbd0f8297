"""What the ledger says of jobs whose process ended before it could tell."""

from __future__ import annotations

import json
from dataclasses import replace

from gateway.audit.entries import encode_entry
from gateway.audit.events import QueryReserved
from gateway.audit.tlog import leaf_hash
from gateway.jobs.records import JobRecord, Outcome
from gateway.jobs.watch import State
from gateway.ledger.sqlite import SqliteLedger
from policies.errors import InternalError
from policies.privacy import Measure, PrivacyLoss
from query.documents import parse_answer
from query.ports import Receipt

__all__ = ["outcome_in"]


def outcome_in(ledger: SqliteLedger, job: JobRecord) -> Outcome | None:
    """Return what became of a job; None if it was never charged.

    Args:
        ledger: In which whatever ended processes left open was closed.
        job: One of theirs.
    """
    found = ledger.find_settled(job.asking.project, job.id)
    if found is None:
        return None
    if found.answer is None:
        charged = _charged(ledger, found.index)
        return Outcome.of_error(State.FAILED, InternalError(job.id), charged)
    answer = parse_answer(json.loads(found.answer)["answer"])
    return Outcome.of_answer(replace(answer, receipt=_receipt(ledger, found.index)))


def _charged(ledger: SqliteLedger, index: int) -> PrivacyLoss | None:
    for entry in ledger.log.entries(index):
        event = entry.event
        if isinstance(event, QueryReserved):
            return PrivacyLoss(
                measure=Measure(event.measure), amount=event.amount, delta=int(event.delta)
            )
    return None


def _receipt(ledger: SqliteLedger, index: int) -> Receipt:
    entry = ledger.log.entries(index)[0]
    checkpoint = ledger.checkpoint()
    return Receipt(
        index=index,
        leaf_hash=leaf_hash(encode_entry(entry)).hex(),
        checkpoint=checkpoint,
        proof=ledger.log.proof(index, checkpoint) or "",
    )
