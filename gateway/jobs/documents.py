"""A job as its owner is told of it."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from gateway.jobs.records import JobRecord
from gateway.jobs.watch import State, Watch
from query.fields import Document
from query.losses import loss_document

__all__ = ["job_document", "job_path"]


def job_path(record: JobRecord) -> str:
    """Return the address of a job."""
    return f"/v1/projects/{record.asking.project}/jobs/{record.id}"


def job_document(record: JobRecord, watch: Watch | None) -> Document:
    """Return whose a job is, how far it is, what it cost, and where its answer is.

    Args:
        record: The job.
        watch: How far it is; None where it has ended.
    """
    outcome = record.outcome
    charged = None if watch is None or watch.charged is None else loss_document(watch.charged)
    state = State.RUNNING if watch is None else watch.state
    problem = None
    if outcome is not None:
        state = outcome.state
        charged = None if outcome.charged is None else json.loads(outcome.charged)
        problem = None if outcome.problem is None else dict(outcome.told_problem().document)
    return {
        "id": record.id,
        "project": record.asking.project,
        "dataset": record.asking.dataset,
        "state": state.value,
        "cancelling": watch is not None and watch.cancelled,
        "created": _time(record.created),
        "ended": None if record.ended is None else _time(record.ended),
        "charged": charged,
        "problem": problem,
        "result": f"{job_path(record)}/result" if state is State.DONE else None,
    }


def _time(time: datetime) -> str:
    return time.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
