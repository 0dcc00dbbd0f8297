"""Serving an application by waitress, until the process is told to stop."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from types import FrameType
from typing import Any, Final, Protocol
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from waitress.server import BaseWSGIServer, create_server

from gateway.bodies import MAX_BODY_BYTES
from gateway.settings import ServiceSettings
from gateway.wire import ProblemChannel, server_log

__all__ = ["Drain", "serve"]

GRACE_SECONDS: Final = 30.0
_FLUSH_SECONDS: Final = 0.2
_JOIN_SECONDS: Final = 2.0
_MAX_READ_BYTES: Final = 2 * MAX_BODY_BYTES
"""What is read of a body; one between the two limits is refused by the application."""
_MAX_HEADER_BYTES: Final = 64 * 1024


class _Server(Protocol):
    effective_port: int | str

    def run(self) -> None: ...


class _Closable(Protocol):
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


def serve(
    app: WSGIApplication,
    settings: ServiceSettings,
    started: Callable[[int], None],
    *,
    trusted_proxy: str = "",
    log: Any = None,  # noqa: ANN401  structlog's logger has no type
) -> None:
    """Serve until SIGTERM or SIGINT; then let the requests under way end, and return.

    A second signal stops at once. A charge is durable before rows are read, so no stop can give
    an answer away.

    Args:
        app: The application.
        settings: Where and how to listen.
        started: Is told the port, once connections are accepted.
        trusted_proxy: Address of the proxy that says who calls; empty for none.
        log: The operator's log; what the server says is dropped if None.
    """
    with server_log(log):
        _serve(app, settings, started, _proxied(trusted_proxy))


def _proxied(address: str) -> dict[str, Any]:
    if not address:
        return {}
    return {
        "trusted_proxy": address,
        "trusted_proxy_headers": {"x-forwarded-for", "x-forwarded-proto"},
    }


def _serve(
    app: WSGIApplication,
    settings: ServiceSettings,
    started: Callable[[int], None],
    proxied: dict[str, Any],
) -> None:
    drain = Drain(app)
    sockets: dict[int, _Closable] = {}
    others = set(threading.enumerate())
    server = _listening(drain, settings, sockets, proxied)
    workers = set(threading.enumerate()) - others
    stop = _Stop(drain)
    previous = {number: signal.signal(number, stop) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        # Raised by the signal handler; most often while waitress waits, which ends its threads.
        with suppress(SystemExit):
            started(int(server.effective_port))
            server.run()
    finally:
        stop.finish()
        for one in list(sockets.values()):
            one.close()
        for worker in workers:
            # What a thread keeps of OpenDP's is freed as it ends, which needs a live interpreter.
            worker.join(_JOIN_SECONDS)
        for number, handler in previous.items():
            signal.signal(number, handler)


def _listening(
    app: WSGIApplication,
    settings: ServiceSettings,
    sockets: dict[int, _Closable],
    proxied: dict[str, Any],
) -> _Server:
    server: _Server = create_server(
        app,
        map=sockets,
        host=settings.host,
        port=settings.port,
        threads=settings.threads,
        ident=None,
        # waitress reads a whole body before anybody is authenticated, on disk where it is large.
        max_request_body_size=_MAX_READ_BYTES,
        inbuf_overflow=_MAX_READ_BYTES,
        max_request_header_size=_MAX_HEADER_BYTES,
        clear_untrusted_proxy_headers=True,
        **proxied,
    )
    for one in sockets.values():
        if isinstance(one, BaseWSGIServer):
            one.channel_class = ProblemChannel
    return server


class _Stop:
    """The signal handler: raises SystemExit in the main thread, once nothing is under way."""

    def __init__(self, drain: Drain) -> None:
        self._drain = drain
        self._main_thread = threading.get_ident()
        self._lock = threading.Lock()
        self._stopping = False
        self._finished = False

    def __call__(self, number: int, _frame: FrameType | None) -> None:
        if self._finished:
            return
        if self._stopping:
            raise SystemExit(0)
        self._stopping = True
        threading.Thread(
            target=self._stop_when_done, args=(number,), name="gateway-stop", daemon=True
        ).start()

    def finish(self) -> None:
        """Send no signal from now on, and heed none."""
        self._finished = True
        # Whoever is about to send one has done so when the lock is free.
        with self._lock:
            pass

    def _stop_when_done(self, number: int) -> None:
        self._drain.wait(GRACE_SECONDS)
        # The last replies still have to leave the sockets' buffers.
        time.sleep(_FLUSH_SECONDS)
        with self._lock:
            if not self._finished:
                # To the main thread itself, which it wakes from waiting for connections.
                signal.pthread_kill(self._main_thread, number)
