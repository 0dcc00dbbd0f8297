"""A question that somebody asked, and what a process keeps of it until it has ended."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

from gateway.jobs.claims import Claim
from gateway.jobs.records import Asking, JobRecord
from gateway.jobs.watch import Watch
from query.answers import Request

__all__ = ["Asked", "UnderWay"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A question, and who is to have its answer.

    Attributes:
        request: The question.
        key_id: The API key that was shown.
        claim: Which other requests are the same; None for none.
    """

    request: Request
    key_id: str
    claim: Claim | None = None

    @property
    def asking(self) -> Asking:
        """Whose it is."""
        access = self.request.access
        return Asking(user=access.principal, project=access.project, dataset=access.dataset)


@dataclass(slots=True, kw_only=True)
class UnderWay:
    """A question of this process that has not ended yet."""

    record: JobRecord
    asked: Asked
    watch: Watch
    is_job: bool
    taken: bool = False
    ended: threading.Event = field(default_factory=threading.Event)
