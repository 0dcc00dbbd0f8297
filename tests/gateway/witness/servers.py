"""A witness that is asked over HTTP, and may be stopped or told to refuse."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from wsgiref.types import StartResponse, WSGIEnvironment

from gateway.audit.checkpoint import VerifierKey
from gateway.witness.cosigning import Witness
from gateway.witness.heads import Heads
from gateway.witness.server import create_witness_app
from tests.gateway.served import served
from tests.gateway.witness.logs import BOARD
from tests.limits import PATIENCE


class RunningWitness:
    """One that counts what it is asked."""

    def __init__(self, state: Path, log: VerifierKey) -> None:
        self._app = create_witness_app(
            Witness([log], [BOARD], Heads(state), lambda: int(time.time()))
        )
        self._asked = 0
        self._status: int | None = None
        self._changed = threading.Condition()
        self.url = ""

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        with self._changed:
            self._asked += 1
            self._changed.notify_all()
        if self._status is not None:
            start_response(f"{self._status} No", [("Content-Length", "0")])
            return []
        return self._app(environ, start_response)

    def asked(self) -> int:
        """How often it was."""
        return self._asked

    def wait_for(self, times: int) -> bool:
        """Wait until it was asked so often."""
        with self._changed:
            return self._changed.wait_for(lambda: self._asked >= times, timeout=PATIENCE)

    def refuses(self, status: int) -> None:
        """Answer everything with a status from now on."""
        self._status = status

    def stop(self) -> None:
        """Answer nothing of use from now on."""
        self.refuses(503)


@contextmanager
def running_witness(state: Path, log: VerifierKey) -> Iterator[RunningWitness]:
    witness = RunningWitness(state, log)
    with served(witness) as witness.url:
        yield witness
