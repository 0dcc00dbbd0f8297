"""The threads that answer what was left to be answered later."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from time import monotonic
from typing import Any

from gateway.jobs.asked import UnderWay
from gateway.operations_log import log_incident

__all__ = ["Workers"]


class Workers:
    """Threads that each carry out one job after the other, whatever befalls one of them.

    Args:
        most: How many threads; they start with the first job.
        work: Carries out a job.
        log: The operator's log.
    """

    def __init__(
        self,
        most: int,
        work: Callable[[UnderWay], object],
        log: Any,  # noqa: ANN401  structlog's logger has no type
    ) -> None:
        self._most = most
        self._work = work
        self._log = log
        self._queue: queue.SimpleQueue[UnderWay | None] = queue.SimpleQueue()
        self._threads: list[threading.Thread] = []

    def put(self, one: UnderWay) -> None:
        """Leave a job to the next thread that is free; by one thread at a time."""
        while len(self._threads) < self._most:
            thread = threading.Thread(target=self._run, name="gateway-job", daemon=True)
            self._threads.append(thread)
            thread.start()
        self._queue.put(one)

    def close(self) -> None:
        """Let each thread end once all jobs so far were carried out."""
        for _ in self._threads:
            self._queue.put(None)

    def join(self, seconds: float) -> None:
        """Wait for all threads to end, for so long together."""
        latest = monotonic() + seconds
        for thread in self._threads:
            thread.join(max(0.0, latest - monotonic()))

    def _run(self) -> None:
        while (one := self._queue.get()) is not None:
            try:
                self._work(one)
            except Exception as error:  # noqa: BLE001  the next job waits for this thread
                log_incident(self._log, one.record.id, error)
