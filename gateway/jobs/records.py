"""What is kept of a job: whose it is, and what became of it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime

from gateway.jobs.watch import State
from gateway.problems import Problem, problem_of
from policies.errors import GatewayError, RefusalError
from policies.privacy import PrivacyLoss
from query.answers import Answer
from query.documents import answer_bytes, parse_answer_bytes
from query.fields import json_bytes
from query.losses import loss_document

__all__ = ["Asking", "JobRecord", "Outcome"]

_TRANSIENT = frozenset({409, 429, 503})
"""Statuses of refusals that may be otherwise the next time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """Whose a question is.

    Attributes:
        user: Who asks.
        project: In which project.
        dataset: What is asked.
    """

    user: str
    project: str
    dataset: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of a question.

    Attributes:
        state: ``done``, ``failed`` or ``cancelled``.
        charged: What it cost, as JSON; None for nothing.
        answer: The answer, as it was told; None if there is none.
        problem: The problem document and its status, as JSON; None if there is none.
    """

    state: State
    charged: bytes | None = None
    answer: bytes | None = None
    problem: bytes | None = None

    @classmethod
    def of_answer(cls, answer: Answer) -> Outcome:
        """Return the outcome of a question that was answered."""
        charged = json_bytes(loss_document(answer.charged)) if answer.charged.amount else None
        return cls(state=State.DONE, charged=charged, answer=answer_bytes(answer))

    @classmethod
    def of_error(cls, state: State, error: GatewayError, charged: PrivacyLoss | None) -> Outcome:
        """Return the outcome of a question that was not answered."""
        problem = problem_of(error)
        return cls(
            state=state,
            charged=None if charged is None else json_bytes(loss_document(charged)),
            problem=json_bytes({"status": problem.status, "document": problem.document}),
        )

    def told_answer(self) -> Answer:
        """Return the answer; only of one that is ``done``."""
        return parse_answer_bytes(self.answer or b"")

    def told_problem(self) -> Problem:
        """Return the problem; only of one that has no answer."""
        kept = json.loads(self.problem or b"{}")
        return Problem(status=kept["status"], document=kept["document"])

    @staticmethod
    def is_final(error: GatewayError, charged: PrivacyLoss | None) -> bool:
        """Say whether the same request would be told the same again.

        What was charged is; so is a refusal, unless it is one of the moment.
        """
        told = isinstance(error, RefusalError) and problem_of(error).status not in _TRANSIENT
        return charged is not None or told


@dataclass(frozen=True, slots=True, kw_only=True)
class JobRecord:
    """One job, or one request with an Idempotency-Key.

    Attributes:
        id: 32 hex digits; the id of its query too, if it is charged.
        asking: Whose it is.
        fingerprint: Of its body; None where it has no Idempotency-Key.
        created: When it came, UTC.
        ended: When it ended, UTC; None while it is open.
        outcome: What became of it; None while it is open.
        sql: The question of one that is answered in the background; None of all others.
    """

    id: str
    asking: Asking
    fingerprint: bytes | None
    created: datetime
    ended: datetime | None
    outcome: Outcome | None
    sql: str | None = None
