"""What the ledger says of jobs whose process ended before it could tell."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import replace
from decimal import Decimal

from gateway.audit.entries import encode_entry
from gateway.audit.events import QueryReserved
from gateway.audit.tlog import leaf_hash
from gateway.errors import ChargedError, KeptCharge
from gateway.jobs.records import JobRecord, Outcome
from gateway.jobs.watch import State
from gateway.ledger.sqlite import SqliteLedger
from policies.errors import GatewayError
from policies.privacy import Measure, PrivacyLoss
from query.documents import parse_answer
from query.losses import loss_document
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
        return _failed(ledger, job, found.index)
    answer = parse_answer(json.loads(found.answer)["answer"])
    return Outcome.of_answer(replace(answer, receipt=_receipt(ledger, found.index)))


def _failed(ledger: SqliteLedger, job: JobRecord, index: int) -> Outcome:
    """Return the outcome of a question that was charged and has no answer; ``index`` its entry."""
    loss, proof = _charged(ledger, index), ""
    with suppress(GatewayError):  # where no head can be signed now, all else is told
        proof = ledger.log.proof(index) or ""
    price = Decimal(loss_document(loss)[loss.measure.symbol])
    charge = KeptCharge(query_id=job.id, charged=price, entry=index, proof=proof)
    return Outcome.of_error(State.FAILED, ChargedError(charge), loss)


def _charged(ledger: SqliteLedger, index: int) -> PrivacyLoss:
    """Return what the reservation charged to which an entry refers, or which it is."""
    events = (entry.event for entry in ledger.log.entries(index))
    reserved = next(event for event in events if isinstance(event, QueryReserved))
    return PrivacyLoss(
        measure=Measure(reserved.measure), amount=reserved.amount, delta=int(reserved.delta)
    )


def _receipt(ledger: SqliteLedger, index: int) -> Receipt:
    entry = ledger.log.entries(index)[0]
    checkpoint = ledger.checkpoint()
    return Receipt(
        index=index,
        leaf_hash=leaf_hash(encode_entry(entry)).hex(),
        checkpoint=checkpoint,
        proof=ledger.log.proof(index, checkpoint) or "",
    )
