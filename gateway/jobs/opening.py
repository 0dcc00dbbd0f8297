"""Opening the jobs of a deployment; they lie beside its ledger."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from gateway.jobs.desk import Jobs
from gateway.jobs.store import JobStore
from gateway.jobs.watch import Watch
from gateway.operations_log import operations_log
from gateway.settings import Settings
from query.answers import Answer, Request

__all__ = ["open_jobs"]


def open_jobs(
    settings: Settings,
    answer: Callable[[Request, Watch], Answer],
    now: Callable[[], datetime],
) -> Jobs:
    """Open the jobs of a deployment; their threads start with the first one.

    Args:
        settings: Of the deployment.
        answer: Answers a question.
        now: The time, UTC.

    Raises:
        OperatorError: If their file cannot be opened.
    """
    rules = settings.service.jobs
    store = JobStore(settings.ledger.with_name("jobs.sqlite"), timedelta(hours=rules.keep_hours))
    return Jobs(store, rules, answer, now, operations_log())
