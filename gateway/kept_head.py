"""Following the log's head while nobody asks: what other hosts wrote is signed here, too.

A host knows of a rollback by the last head that it signed itself. One that is idle would have an
old one, and take a database that lost what other hosts wrote since for the newest.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

__all__ = ["head_kept"]

_EVERY_SECONDS: Final = 30.0


@contextmanager
def head_kept(
    checkpoint: Callable[[], str],
    log: Any,  # noqa: ANN401  structlog's logger has no type
    every: float = _EVERY_SECONDS,
) -> Iterator[None]:
    """Sign the newest head again and again while the block runs, in a thread of its own.

    Args:
        checkpoint: Signs the newest head; raises where the log was rolled back.
        log: The operator's log; is told the code of what fails.
        every: Seconds between two rounds.
    """
    stop = threading.Event()

    def rounds() -> None:
        while not stop.wait(every):
            code = ""
            try:
                checkpoint()
            except Exception as error:  # noqa: BLE001  the next round may go well; no traceback
                code = getattr(error, "code", "SYS-INTERNAL")
            if code:
                log.error("head", code=code)

    thread = threading.Thread(target=rounds, name="gateway-head", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()
