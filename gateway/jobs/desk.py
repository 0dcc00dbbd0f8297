"""Where questions are left to be answered later, and where the same request is answered once."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable, Container
from datetime import datetime
from time import monotonic
from typing import Any, Final

from gateway.errors import JobCancelledError
from gateway.jobs.asked import Asked, UnderWay
from gateway.jobs.claims import Claim
from gateway.jobs.errors import JobsFaultError
from gateway.jobs.failures import (
    key_busy,
    key_reused,
    no_room,
    not_charged,
    stopping,
    told_error,
)
from gateway.jobs.records import JobRecord, Outcome
from gateway.jobs.settings import JobSettings
from gateway.jobs.store import JobStore
from gateway.jobs.watch import State, Watch
from gateway.jobs.workers import Workers
from gateway.operations_log import ProcessEndedError, log_incident
from policies.errors import GatewayError, InternalError, RefusalError
from query.answers import Answer, Request

__all__ = ["Asked", "Jobs"]

_GRACE_SECONDS: Final = 10.0
_JOIN_SECONDS: Final = 5.0


class Jobs:
    """The questions of one process that are under way, and what became of all; safe among threads.

    Args:
        store: Keeps what became of them.
        settings: How many there may be.
        answer: Answers a question; tells the watch how far it is.
        now: The time, UTC.
        log: The operator's log.
    """

    def __init__(
        self,
        store: JobStore,
        settings: JobSettings,
        answer: Callable[[Request, Watch], Answer],
        now: Callable[[], datetime],
        log: Any,  # noqa: ANN401  structlog's logger has no type
    ) -> None:
        self._store = store
        self._settings = settings
        self._answer = answer
        self._now = now
        self._log = log
        self._under_way: dict[str, UnderWay] = {}
        self._workers = Workers(settings.workers, self._work, log)
        self._closing = False
        self._became: Callable[[JobRecord], Outcome | None] = lambda _: None
        self._lock = threading.RLock()

    def recover(
        self, became: Callable[[JobRecord], Outcome | None], logged: Container[str] = ()
    ) -> None:
        """Tell what became of the jobs of processes that have ended.

        Args:
            became: Returns what the ledger says of a job; None if it was never charged.
            logged: Ids of questions of which the operator's log has a line already.
        """
        self._became = became
        for record in self._store.start():
            outcome = became(record)
            self._store.end(record.id, outcome or _not_charged(), self._now())
            if outcome is None:
                self._store.release(record.id)
            elif outcome.answer is None and record.id not in logged:
                # told with the job's id as the incident
                log_incident(self._log, record.id, ProcessEndedError())

    def replayed(self, claim: Claim | None) -> JobRecord | None:
        """Return the job that has a claim already, or None.

        Raises:
            RequestError: ``REQ-KEY-REUSED`` if it came with another body.
        """
        found = None if claim is None else self._store.claimed(claim)
        if found is not None and claim is not None:
            _check_same(found, claim)
        return found

    def submit(self, asked: Asked) -> JobRecord:
        """Leave a question to be answered later, or return the job of the same request.

        Raises:
            TooManyRequestsError: If there are as many open jobs as there may be.
            RequestError: ``REQ-KEY-REUSED``.
            UnavailableError: If the service stops.
        """
        with self._lock:
            self._check_room(asked.key_id)
            one, record = self._begin(asked, is_job=True)
            if one is not None:
                self._workers.put(one)
        return record

    def answer_once(self, asked: Asked) -> Outcome:
        """Answer a question that has a claim, or return what the same request was told.

        Raises:
            GatewayError: If there is no answer for now; the same request may be sent again.
            RequestError: ``REQ-KEY-REUSED``; ``REQ-KEY-BUSY`` if another process answers it now.
        """
        while True:
            one, record = self._begin(asked, is_job=False)
            if one is not None:
                told = self._carry_out(one)
                if isinstance(told, GatewayError):
                    raise told
                return told
            outcome = self.outcome(record)
            if outcome is not None:
                return outcome

    def outcome(self, record: JobRecord) -> Outcome | None:
        """Wait for what becomes of a job; None if it was forgotten, to be tried again.

        Raises:
            RequestError: ``REQ-KEY-BUSY`` if another process answers it now.
        """
        if record.outcome is not None:
            return record.outcome
        with self._lock:
            one = self._under_way.get(record.id)
        if one is not None:
            one.ended.wait()
        found = self._store.find(record.id)
        if found is not None and found.outcome is None:
            raise key_busy()
        return None if found is None else found.outcome

    def find(self, job: str) -> JobRecord | None:
        """Return a job, or None."""
        return self._store.find(job)

    def of_user(self, project: str, user: str) -> tuple[JobRecord, ...]:
        """Return a user's last hundred jobs in a project, the newest first; without answers."""
        return self._store.of_user(project, user)

    def left_by(self, project: str, user: str, most: int) -> tuple[JobRecord, ...]:
        """Return a user's last questions in the background, the newest first; without answers."""
        return self._store.left_by(project, user, most)

    def watch(self, job: str) -> Watch | None:
        """Return how far a job of this process is; None where it has ended, or is another's."""
        with self._lock:
            one = self._under_way.get(job)
        return None if one is None else one.watch

    def cancel(self, job: str) -> None:
        """Cancel a job; of one that has ended, or is about to, nothing is changed."""
        with self._lock:
            one = self._under_way.get(job)
            if one is None or not one.watch.cancel() or one.taken or not one.is_job:
                return
            self._finish(one, Outcome.of_error(State.CANCELLED, JobCancelledError(), None))

    def close(self) -> None:
        """Let the jobs that are charged end, for a while; the others were never charged."""
        with self._lock:
            if self._closing:
                return
            self._closing = True
            for one in [one for one in self._under_way.values() if one.is_job and not one.taken]:
                self._give_back(one)
            left = list(self._under_way.values())
        self._workers.close()
        latest = monotonic() + _GRACE_SECONDS
        for one in left:
            one.ended.wait(max(0.0, latest - monotonic()))
        for one in left:
            if not one.ended.is_set():
                one.watch.cancel()
        # What a thread keeps of OpenDP's is freed as it ends, which needs a live interpreter.
        self._workers.join(_JOIN_SECONDS)
        self._store.close()

    def _begin(self, asked: Asked, *, is_job: bool) -> tuple[UnderWay | None, JobRecord]:
        """Keep a new job, known as under way from the moment that others can find it."""
        watch = Watch(secrets.token_hex(16))
        with self._lock:
            if self._closing:
                raise stopping()
            sql = asked.request.sql if is_job else None
            record = self._store.begin(watch.query_id, asked.asking, asked.claim, self._now(), sql)
            if record.id == watch.query_id:
                one = UnderWay(record=record, asked=asked, watch=watch, is_job=is_job)
                self._under_way[record.id] = one
                return one, record
        if asked.claim is not None:
            _check_same(record, asked.claim)
        return None, record

    def _check_room(self, key_id: str) -> None:
        keys = [one.asked.key_id for one in self._under_way.values() if one.is_job]
        if len(keys) >= self._settings.most or keys.count(key_id) >= self._settings.per_key:
            raise no_room(self._settings.per_key, self._settings.most)

    def _work(self, one: UnderWay) -> None:
        with self._lock:
            one.taken = one.record.id in self._under_way
        if one.taken:
            self._carry_out(one)

    def _carry_out(self, one: UnderWay) -> Outcome | GatewayError:
        """Answer one question, keep what became of it, and return that, or why not for now.

        Raises:
            JobsFaultError: If it cannot be kept; others find the job open until the next start.
        """
        final, failure = True, None
        try:
            one.watch.check()
            outcome = Outcome.of_answer(self._answer(one.asked.request, one.watch))
        except Exception as error:  # noqa: BLE001  whatever it is, the job has to end
            state, failure = State.FAILED, told_error(error)
            if one.watch.cancelled and not isinstance(failure, RefusalError):
                state, failure = State.CANCELLED, JobCancelledError(one.watch.kept)
            elif isinstance(failure, InternalError):
                log_incident(self._log, failure.incident, error)
            if one.watch.in_doubt:
                return self._settled(one, failure)
            outcome = Outcome.of_error(state, failure, one.watch.charged)
            final = state is State.CANCELLED or Outcome.is_final(failure, one.watch.charged)
        try:
            if not final:
                (self._store.release if one.is_job else self._store.forget)(one.record.id)
        finally:
            self._finish(one, outcome)
        return outcome if failure is None or final else failure

    def _settled(self, one: UnderWay, failure: GatewayError) -> Outcome | GatewayError:
        """End a question whose charge failed in a way that only the ledger can tell about.

        Where that cannot be asked, the job stays open, and nobody else is charged for it.

        Returns:
            What became of it; the failure itself if it was not charged, or that is not known.
        """
        outcome = None
        try:
            outcome = self._became(one.record)
            if outcome is None:
                (self._store.release if one.is_job else self._store.forget)(one.record.id)
            told = outcome or Outcome.of_error(State.FAILED, failure, None)
            self._store.end(one.record.id, told, self._now())
        except Exception as error:  # noqa: BLE001  the first failure is told
            log_incident(self._log, one.record.id, error)
        finally:
            self._gone(one)
        return failure if outcome is None else outcome

    def _give_back(self, one: UnderWay) -> None:
        """End a job that nobody came to; where that cannot be kept, the next start does so."""
        try:
            self._store.release(one.record.id)
            self._store.end(one.record.id, _not_charged(), self._now())
        except JobsFaultError as error:
            log_incident(self._log, error.incident, error)
        finally:
            self._gone(one)

    def _gone(self, one: UnderWay) -> None:
        with self._lock:
            self._under_way.pop(one.record.id, None)
        one.ended.set()

    def _finish(self, one: UnderWay, outcome: Outcome) -> None:
        try:
            self._store.end(one.record.id, outcome, self._now())
        finally:
            self._gone(one)


def _check_same(record: JobRecord, claim: Claim) -> None:
    if record.fingerprint != claim.fingerprint:
        raise key_reused()


def _not_charged() -> Outcome:
    return Outcome.of_error(State.FAILED, not_charged(), None)
