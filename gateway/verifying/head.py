"""Watching over the log while nobody asks: what others wrote is signed, and what is old read again.

A host knows of a rollback by the last head that it signed itself. One that is idle would have an
old one, and take a database that lost what other hosts wrote since for the newest. And a service
reads only what is new of the log; so it would not notice that an older entry was changed.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

__all__ = ["head_kept", "log_rechecked"]

_EVERY_SECONDS: Final = 30.0
_PAUSE_SECONDS: Final = 0.01


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
    with _in_rounds("head", lambda _: checkpoint(), log, every):
        yield


@contextmanager
def log_rechecked(
    recheck: Callable[[Callable[[], bool]], None],
    log: Any,  # noqa: ANN401  structlog's logger has no type
    every: float,
) -> Iterator[None]:
    """Read the whole log again and again while the block runs, in a thread of its own.

    Args:
        recheck: Reads it slice by slice, calls what it is given after each, and ends early if that
            returns true; raises where an entry was changed.
        log: The operator's log; is told the code of what fails.
        every: Seconds between two rounds.
    """

    def slowly(stop: threading.Event) -> None:
        recheck(lambda: stop.wait(_PAUSE_SECONDS))  # questions come first

    with _in_rounds("log", slowly, log, every):
        yield


@contextmanager
def _in_rounds(
    event: str,
    work: Callable[[threading.Event], object],
    log: Any,  # noqa: ANN401  structlog's logger has no type
    every: float,
) -> Iterator[None]:
    stop = threading.Event()

    def rounds() -> None:
        while not stop.wait(every):
            code = ""
            try:
                work(stop)
            except Exception as error:  # noqa: BLE001  the next round may go well; no traceback
                code = getattr(error, "code", "SYS-INTERNAL")
            if code:
                log.error(event, code=code)

    thread = threading.Thread(target=rounds, name=f"gateway-{event}", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()
