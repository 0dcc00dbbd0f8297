"""A job in a researcher's hands: how far it is, its answer, and its end."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, Final

from gateway.answers.results import Result
from gateway.client.connection import Connection, project_path
from gateway.errors import UnavailableError
from gateway.problem_parsing import parse_problem
from query.documents import parse_answer
from query.fields import Document

__all__ = ["Job"]

_FIRST_PAUSE_SECONDS: Final = 0.05
_LONGEST_PAUSE_SECONDS: Final = 2.0
_GROWTH: Final = 1.5


class Job:
    """One question that is answered later.

    Args:
        connection: To the gateway.
        document: The job, as the gateway told it.
    """

    def __init__(self, connection: Connection, document: Document) -> None:
        self._connection = connection
        self._document = document

    def __repr__(self) -> str:
        return f"<Job {self.id}: {self.state}>"

    @property
    def id(self) -> str:
        """32 hex digits; the id of its query too, if it is charged."""
        return str(self._document.get("id", ""))

    @property
    def state(self) -> str:
        """How far it was when last asked, such as ``running``; docs/api.md has all."""
        return str(self._document.get("state", ""))

    @property
    def has_ended(self) -> bool:
        """Whether nothing more comes."""
        return self._document.get("ended") is not None

    @property
    def document(self) -> Document:
        """All that the gateway told of it last."""
        return self._document

    def refresh(self) -> Job:
        """Ask how far it is; return this job."""
        self._document = self._connection.document("GET", self._path)
        return self

    def cancel(self) -> Job:
        """Cancel it, which is done soon after; what was charged stays charged. Return this job."""
        self._document = self._connection.document("DELETE", self._path)
        return self

    def wait(
        self, timeout: float | None = None, progress: Callable[[Job], Any] = lambda _: None
    ) -> Result:
        """Wait for its answer.

        Args:
            timeout: Longest wait in seconds; None for as long as it takes. The job goes on.
            progress: Is told the job each time that its state changes.

        Raises:
            RefusalError: If the question was refused; nothing was charged.
            ChargedError: If it failed after it was charged; ``charge`` says what stays charged.
            InternalError: If it failed inside before that, or that cannot be told.
            JobCancelledError: If it was cancelled; ``charge`` says the same.
            UnavailableError: If it takes longer than ``timeout``.
        """
        end = None if timeout is None else time.monotonic() + timeout
        pause, state = _FIRST_PAUSE_SECONDS, self.state
        progress(self)
        while not self.has_ended:
            if end is not None and time.monotonic() >= end:
                raise UnavailableError(
                    "the job has not ended in time; it goes on",
                    remedy=f"wait for it again: its id is {self.id}",
                )
            time.sleep(pause)
            pause = min(pause * _GROWTH, _LONGEST_PAUSE_SECONDS)
            if self.refresh().state != state:
                state = self.state
                progress(self)
        return self.result()

    def result(self) -> Result:
        """Return its answer.

        Raises:
            GatewayError: As for ``wait``; ``JOB-NOT-DONE`` if it has not ended.
        """
        return Result(parse_answer(self._connection.document("GET", f"{self._path}/result")))

    @property
    def _path(self) -> str:
        project, job_id = self._document.get("project"), self.id
        if not isinstance(project, str) or not job_id.isalnum():
            raise parse_problem({}, 200)
        return project_path(project, f"/jobs/{job_id}")
