"""Serving an application by waitress, until the process is told to stop."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable, Iterable
from types import FrameType
from typing import Any, Final, Protocol
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from waitress.server import create_server

from gateway.settings import ServiceSettings

__all__ = ["Drain", "serve"]

GRACE_SECONDS: Final = 30.0
_FLUSH_SECONDS: Final = 0.2


class _Server(Protocol):
    effective_port: int | str

    def run(self) -> None: ...

    def close(self) -> None: ...


class Drain:
    """A WSGI layer that counts requests under way, so that a stop can wait for them.

    Args:
        app: The application.
    """

    def __init__(self, app: WSGIApplication) -> None:
        self._app = app
        self._under_way = 0
        self._changed = threading.Condition()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request; the whole body is made before it counts as done."""
        with self._changed:
            self._under_way += 1
        try:
            body = self._app(environ, start_response)
            try:
                return list(body)
            finally:
                close = getattr(body, "close", None)
                if close is not None:
                    close()
        finally:
            with self._changed:
                self._under_way -= 1
                self._changed.notify_all()

    def wait(self, seconds: float) -> bool:
        """Wait until nothing is under way; say whether that came within so many seconds."""
        with self._changed:
            return self._changed.wait_for(lambda: self._under_way == 0, timeout=seconds)


def serve(app: WSGIApplication, settings: ServiceSettings, started: Callable[[int], None]) -> None:
    """Serve until SIGTERM or SIGINT; then let the requests under way end, and return.

    A second signal stops at once. A charge is durable before rows are read, so no stop can give
    an answer away.

    Args:
        app: The application.
        settings: Where and how to listen.
        started: Is told the port, once connections are accepted.
    """
    drain = Drain(app)
    server: _Server = create_server(
        drain,
        host=settings.host,
        port=settings.port,
        threads=settings.threads,
        ident=None,
        clear_untrusted_proxy_headers=True,
    )
    previous = {
        number: signal.signal(number, _stopper(drain)) for number in (signal.SIGTERM, signal.SIGINT)
    }
    try:
        started(int(server.effective_port))
        server.run()  # returns on SystemExit, which the signal handler raises
    finally:
        server.close()
        for number, handler in previous.items():
            signal.signal(number, handler)


def _stopper(drain: Drain) -> Callable[[int, FrameType | None], Any]:
    stopping = threading.Event()

    def stop(number: int, _frame: FrameType | None) -> None:
        if stopping.is_set():
            raise SystemExit(0)
        stopping.set()
        arguments = (drain, number, threading.get_ident())
        threading.Thread(target=_stop_when_done, args=arguments, daemon=True).start()

    return stop


def _stop_when_done(drain: Drain, number: int, main_thread: int) -> None:
    drain.wait(GRACE_SECONDS)
    # The last replies still have to leave the sockets' buffers.
    time.sleep(_FLUSH_SECONDS)
    # To the main thread itself, which it wakes from waiting for connections.
    signal.pthread_kill(main_thread, number)
