"""What waitress says by itself: refusals as problem documents, and its log in our form.

A request that is no HTTP, too large or coded in a way that is not read never reaches the
application. Waitress would answer in its own words, which may repeat what was sent, and write
tracebacks to standard error, which may hold a value.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from waitress.channel import HTTPChannel
from waitress.task import ErrorTask

from gateway.operations_log import place_of
from gateway.problems import Problem, http_problem, new_incident, problem_of
from gateway.security_headers import SECURITY_HEADERS
from policies.errors import InternalError
from query.fields import document_bytes

__all__ = ["ProblemChannel", "server_log"]

_OWN_FAULT: Final = 500


class _ProblemTask(ErrorTask):  # type: ignore[misc]  # waitress has no types
    """Answers what waitress refuses, in our words."""

    def execute(self) -> None:
        """Write the reply; the connection ends with it."""
        problem = _problem(int(self.request.error.code))
        body = document_bytes(problem.document)
        self.status = f"{problem.status} {self.request.error.reason}"
        headers = {"Content-Type": "application/problem+json", **SECURITY_HEADERS}
        self.response_headers.extend({**headers, **problem.headers}.items())
        self.set_close_on_finish()
        self.content_length = len(body)
        self.write(body)


class ProblemChannel(HTTPChannel):  # type: ignore[misc]  # the same
    """A connection whose errors are problem documents."""

    error_task_class = _ProblemTask


def _problem(status: int) -> Problem:
    if status == _OWN_FAULT:
        return problem_of(InternalError(new_incident()))
    return http_problem(status)


class _ServerLog(logging.Handler):
    """Passes on that something failed, and where in the code; not what was said of it."""

    def __init__(self, log: Any) -> None:  # noqa: ANN401  structlog's logger has no type
        super().__init__(logging.WARNING)
        self._log = log

    def emit(self, record: logging.LogRecord) -> None:
        """Write one line."""
        failure = record.exc_info[1] if record.exc_info else None
        if failure is None:
            self._log.warning("server", place=f"{record.filename}:{record.lineno}")
        else:
            self._log.error("server", error=type(failure).__name__, place=place_of(failure))


@contextmanager
def server_log(log: Any = None) -> Iterator[None]:  # noqa: ANN401  the same
    """Have waitress write to the operator's log while the block runs; nowhere if it is None."""
    theirs = logging.getLogger("waitress")
    ours = logging.NullHandler() if log is None else _ServerLog(log)
    propagated = theirs.propagate
    theirs.addHandler(ours)
    theirs.propagate = False
    try:
        yield
    finally:
        theirs.removeHandler(ours)
        theirs.propagate = propagated
