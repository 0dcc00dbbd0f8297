"""An application that is served on this machine while a test runs."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from wsgiref.types import WSGIApplication

from waitress.server import create_server


@contextmanager
def served(app: WSGIApplication) -> Iterator[str]:
    """Serve it on a free port; yield its address."""
    sockets: dict[int, Any] = {}
    server = create_server(app, map=sockets, host="127.0.0.1", port=0, threads=2, ident=None)

    def close() -> None:
        for one in list(sockets.values()):
            one.close()

    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.effective_port}"
    finally:
        # First who works: the end of a reply wakes the server through a pipe, whose number may by
        # then be that of another file.
        server.task_dispatcher.shutdown()
        server.trigger.pull_trigger(close)  # in its own thread, which else waits for a second
        thread.join()
