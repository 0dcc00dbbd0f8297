"""The questions that a project has paid for, the newest first."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from gateway.audit.database import Connection
from gateway.audit.entries import parse_entry
from gateway.audit.events import QueryReserved
from policies.privacy import Measure, PrivacyLoss

__all__ = ["PastQuestion", "past_questions"]

_ROWS: Final = (
    "SELECT query.id, query.state, query.close, query.wording, entry.leaf FROM query"
    " JOIN entry ON entry.idx = query.reserve WHERE query.project = ?"
    " ORDER BY query.reserve DESC LIMIT ?"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PastQuestion:
    """One question that was charged.

    Attributes:
        query_id: Under which its answer is kept.
        sql: As it was asked; in canonical form, as the log has it, where another asked.
        actor: Opaque id of who asked.
        dataset: What was asked.
        purpose: Why.
        asked: When, UTC.
        charged: What it cost.
        released: Whether there is an answer that is given.
        entry: Number of the entry of its release; None where there is none.
    """

    query_id: str
    sql: str
    actor: str
    dataset: str
    purpose: str
    asked: datetime
    charged: PrivacyLoss
    released: bool
    entry: int | None


def past_questions(
    connection: Connection, project: str, user: str, limit: int
) -> tuple[PastQuestion, ...]:
    """Return the last questions of a project that were charged.

    Args:
        connection: To the ledger.
        project: Its id.
        user: Whose questions are given as they were asked; others' have the log's masks.
        limit: How many at most, 1 or more.
    """
    rows = connection.execute(_ROWS, (project, limit)).fetchall()
    return tuple(_past(user, row) for row in rows)


def _past(user: str, row: tuple[str, str, int | None, bytes | None, bytes]) -> PastQuestion:
    query_id, state, close, wording, leaf = row
    entry = parse_entry(leaf)
    event = entry.event
    assert isinstance(event, QueryReserved)  # noqa: S101  what reserves a query is a reservation
    released = state == "released"
    return PastQuestion(
        query_id=query_id,
        sql=str(json.loads(wording)["sql"]) if wording and event.actor == user else event.request,
        actor=event.actor,
        dataset=event.dataset,
        purpose=event.purpose,
        asked=datetime.fromisoformat(event.asked),
        charged=PrivacyLoss(
            measure=Measure(event.measure), amount=event.amount, delta=int(event.delta)
        ),
        released=released,
        entry=close if released else None,
    )
